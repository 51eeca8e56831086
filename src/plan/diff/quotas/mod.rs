//! Quotas, in the mode of each project (rule 13): of the project itself, of one namespace, or none.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::{Draft, Site};
use crate::model::desired::{self, Limits};
use crate::model::policy::QuotaMode;
use crate::model::quota;
use crate::model::world::{Namespace, Project, Resource};
use crate::model::{NamespaceName, RancherProjectId, ResourceUuid};
use crate::plan::action::{QuotaSpec, SetContainerDefaults};
use crate::plan::note::{About, Detail, NoteKind, Question};
use crate::plan::{Action, Reason};

mod follow;
mod inside;
mod whole;

/// Limits that make no sense, or that have no place; that was noted.
pub(super) struct Senseless;

/// The quota of a project that is to be made.
pub(super) struct NewQuota {
    /// That of the project itself.
    pub(super) whole: Option<QuotaSpec>,
    /// That of a namespace in it.
    own: Option<inside::NewHome>,
}

/// Returns the quota of a new project of that name.
pub(super) fn of_new(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    name: &str,
    resource: &Resource,
) -> Result<NewQuota, Senseless> {
    if site.policy.quota == QuotaMode::None {
        return Ok(NewQuota { whole: None, own: None });
    }
    let mut wanted = asked(draft, site, about, resource)?;
    if site.policy.quota == QuotaMode::Namespace {
        return Ok(NewQuota { whole: None, own: inside::new_home(draft, site, about, name, &wanted)? });
    }
    whole::without_unknown(draft, site, about, &mut wanted, &Limits::new());
    let whole = (!wanted.is_empty()).then(|| QuotaSpec {
        namespace_default: desired::namespace_default(site.policy, &wanted),
        limit: wanted,
    });
    Ok(NewQuota { whole, own: None })
}

/// Puts the quota of a new project into it.
pub(super) fn settle_new(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    uuid: ResourceUuid,
    new: NewQuota,
) {
    if let Some(home) = new.own {
        inside::settle_new(draft, site, about, uuid, home);
    }
}

/// Compares the quota of a project that is there.
pub(super) fn diff(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    (id, project): (&RancherProjectId, &Project),
    (uuid, resource): (ResourceUuid, &Resource),
) {
    let policy = site.policy;
    if policy.quota == QuotaMode::None {
        return;
    }
    containers(draft, site, about, id, project);
    // What is as it should be costs neither a map nor a question.
    if policy.quota == QuotaMode::Project && quota::is_met(policy, &resource.limits, project.quota.as_ref()) {
        return;
    }
    let namespaces = namespaces_of(draft, site, id);
    let mode = site.cluster.and_then(|cluster| quota::mode(policy, project, &namespaces, &cluster.inside));
    match mode {
        Some(QuotaMode::Project) => whole::diff(draft, site, about, (id, project), resource),
        Some(QuotaMode::Namespace) => inside::diff(draft, site, about, (id, project), (uuid, resource)),
        Some(QuotaMode::None) => {}
        None => {
            is_read(draft, site, about, &[Detail::Namespaces, Detail::Quotas]);
        }
    }
}

/// Returns in which mode the quota of a project that is there is kept; nothing while too little was read to say.
pub(super) fn mode(
    draft: &Draft<'_>,
    site: Site<'_>,
    (id, project): (&RancherProjectId, &Project),
    resource: &Resource,
) -> Option<QuotaMode> {
    let policy = site.policy;
    let is_met =
        policy.quota == QuotaMode::Project && quota::is_met(policy, &resource.limits, project.quota.as_ref());
    if is_met {
        return Some(QuotaMode::Project);
    }
    quota::mode(policy, project, &namespaces_of(draft, site, id), &site.cluster?.inside)
}

/// Returns what containers of a new project have unless they say otherwise.
pub(super) fn container_defaults(site: Site<'_>) -> Limits {
    if site.policy.quota == QuotaMode::None { Limits::new() } else { site.policy.container_defaults.clone() }
}

/// Compares what containers have unless they say otherwise, where that is configured: without it, Kubernetes refuses
/// containers in a namespace with a quota that ask for nothing.
fn containers(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    id: &RancherProjectId,
    project: &Project,
) {
    let wanted = &site.policy.container_defaults;
    if wanted.is_empty() || project.container_defaults == *wanted {
        return;
    }
    let action = SetContainerDefaults {
        cluster: site.policy.cluster.clone(),
        project: id.clone(),
        from: project.container_defaults.clone(),
        to: wanted.clone(),
    };
    draft.step(about, Action::SetContainerDefaults(action), Reason::ContainerDefaultsDiffer);
}

/// Returns what the resource's limits ask for, in Rancher's keys.
fn asked(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    resource: &Resource,
) -> Result<Limits, Senseless> {
    let wanted: Result<Limits, _> = quota::wanted(site.policy, &resource.limits)
        .map(|one| one.map(|(key, amount)| (key.into(), amount)))
        .collect();
    wanted.map_err(|problem| {
        draft.refuse(about, format!("That cannot be had: {problem}. Please order other limits."));
        draft.note(about, NoteKind::Held, problem.to_string(), "correct the resource's limits in Waldur");
        Senseless
    })
}

/// Returns the keys of what is there that the offering sells and Waldur says nothing of for this resource: they stay,
/// because a limit that is missing is neither zero nor leave to use everything.
fn unmentioned(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    (now, name): (&Limits, fn(&str) -> &str),
    wanted: &Limits,
) -> BTreeSet<SmolStr> {
    let mut kept = BTreeSet::new();
    for key in quota::keys(site.policy).filter(|key| !wanted.contains_key(*key)) {
        let key = name(key);
        if let Some(amount) = now.get(key) {
            let what = format!("Waldur says no limit for {key} any more: {amount} stays");
            let hint =
                "give the resource a limit in Waldur, or write `quota: false` in the component to lift it";
            draft.note(about, NoteKind::Held, what, hint);
            kept.insert(key.into());
        }
    }
    kept
}

/// Returns the namespaces of a project, as far as they were read.
fn namespaces_of<'w>(
    draft: &Draft<'w>,
    site: Site<'_>,
    id: &RancherProjectId,
) -> Vec<(&'w NamespaceName, &'w Namespace)> {
    let index = draft.observed.clusters.get(&site.policy.cluster);
    index.and_then(|index| index.namespaces.get(id)).unwrap_or_default().to_vec()
}

/// Returns whether all of that was read at all, and asks for it where it was not. What was read incompletely is said
/// once for the whole offering.
fn is_read(draft: &mut Draft<'_>, site: Site<'_>, about: &About, details: &[Detail]) -> bool {
    let Some(inside) = site.cluster.map(|cluster| &cluster.inside) else { return false };
    let mut read = true;
    for what in details {
        let asked = match what {
            Detail::Namespaces => inside.namespaces.is_some(),
            Detail::Quotas => inside.quotas.is_some(),
            Detail::ExtendedQuota => inside.extended_quota.is_some(),
            Detail::Pods(namespace) => inside.pods.contains_key(namespace),
        };
        if !asked {
            read = false;
            draft
                .questions
                .insert(Question::Inside { cluster: site.policy.cluster.clone(), what: what.clone() });
        }
    }
    if !read {
        let what = "its quota waits: nobody looked into the cluster yet";
        draft.note(
            about,
            NoteKind::Waiting,
            what,
            "capture the world again, or plan against the live systems",
        );
    }
    read
}
