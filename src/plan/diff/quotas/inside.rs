//! The quota of one namespace in a project, as the Python agent left it: a quota of Kubernetes' own.

use std::collections::BTreeSet;

use super::{Senseless, asked, is_read, namespaces_of, unmentioned, whole};
use crate::model::desired::Limits;
use crate::model::marks::{self, Mark};
use crate::model::quota::{self, kubernetes_name};
use crate::model::world::{Namespace, Project, Resource};
use crate::model::{NamespaceName, RancherProjectId, ResourceUuid};
use crate::plan::action::{CreateNamespace, NamespaceTarget, ProjectTarget, SetResourceQuota};
use crate::plan::diff::{Draft, Site};
use crate::plan::facts::Fact;
use crate::plan::note::{About, Detail, NoteKind};
use crate::plan::{Action, Reason};

/// A namespace that is to be made for a new project, and its quota.
pub(super) struct NewHome {
    name: NamespaceName,
    hard: Limits,
}

const MANAGED_HINT: &str =
    "make another namespace in the project and give it the annotation waldur/managed: \"true\"";

/// Returns the namespace of a new project of that name; none if the limits ask for nothing.
pub(super) fn new_home(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    name: &str,
    wanted: &Limits,
) -> Result<Option<NewHome>, Senseless> {
    if wanted.is_empty() {
        return Ok(None);
    }
    // A project without its quota would be one without any.
    if !is_read(draft, site, about, &[Detail::Namespaces]) {
        return Err(Senseless);
    }
    let name = free_name(draft, site, about, name).ok_or(Senseless)?;
    Ok(Some(NewHome { name, hard: in_kubernetes(wanted) }))
}

/// Makes the namespace of a new project, and its quota.
pub(super) fn settle_new(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    uuid: ResourceUuid,
    home: NewHome,
) {
    let NewHome { name, hard } = home;
    create(draft, site, about, uuid, (ProjectTarget::Planned(uuid), BTreeSet::new()), &name);
    own_quota(draft, site, about, uuid, NamespaceTarget::Planned(name), (None, hard));
}

/// Compares the quota of the namespace that holds a project's; makes what is missing.
pub(super) fn diff(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    (id, project): (&RancherProjectId, &Project),
    (uuid, resource): (ResourceUuid, &Resource),
) {
    if !is_read(draft, site, about, &[Detail::Namespaces, Detail::Quotas]) {
        return;
    }
    let Some(inside) = site.cluster.map(|cluster| &cluster.inside) else { return };
    let Some(quotas) = inside.quotas.as_ref().and_then(|reading| reading.known()) else { return };
    let mut namespaces = namespaces_of(draft, site, id);
    namespaces.retain(|(_, namespace)| !namespace.removing);
    // The one that is called as its project, else one that an agent made, is the one; an agent could miss it.
    namespaces.sort_by_key(|(name, namespace)| (name.as_str() != project.name, !namespace.managed, *name));
    let mut holders = namespaces.iter().filter_map(|(name, _)| Some((*name, quotas.get(*name)?)));
    let set = if let Some((name, hard)) = holders.next() {
        let others: Vec<&str> = holders.map(|(name, _)| name.as_str()).collect();
        if !others.is_empty() {
            let what = format!(
                "besides {name}, further namespaces have a quota of their own: {}",
                others.join(", ")
            );
            let hint = "together they allow more than was bought: delete the resource quota in them";
            draft.note(about, NoteKind::Unmanaged, what, hint);
        }
        if quota::is_met_inside(site.policy, &resource.limits, hard) {
            None
        } else {
            let Ok(goal) = goal(draft, site, about, resource, hard) else { return };
            let target = NamespaceTarget::Existing(name.clone());
            (goal != *hard).then(|| own_quota(draft, site, about, uuid, target, (Some(hard.clone()), goal)))
        }
    } else {
        let Ok(wanted) = asked(draft, site, about, resource) else { return };
        let is_complete = inside.quotas.as_ref().is_some_and(|reading| reading.complete().is_some())
            && inside.namespaces.as_ref().is_some_and(|reading| reading.complete().is_some());
        // What a lost page holds must not be made a second time.
        if wanted.is_empty() || !is_complete {
            return;
        }
        let hard = in_kubernetes(&wanted);
        let fits = |(name, one): &&(&NamespaceName, &Namespace)| one.managed || name.as_str() == project.name;
        let Some((name, _)) = namespaces.iter().find(fits) else {
            return move_in(draft, site, about, (id, project), uuid, hard);
        };
        Some(own_quota(draft, site, about, uuid, NamespaceTarget::Existing((*name).clone()), (None, hard)))
    };
    whole::lift(draft, site, about, (id, project), set.into_iter().collect());
}

/// Makes a namespace for the quota of a project that is there. The project's own quota goes afterwards, or before if it
/// is in the way: Rancher makes no namespace in a project whose quota has no room for one more.
fn move_in(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    project: (&RancherProjectId, &Project),
    uuid: ResourceUuid,
    hard: Limits,
) {
    let others = |key: &str| !quota::is_ours(site.policy, key);
    if let Some(full) = whole::without_room(draft, site, project, others) {
        let what = format!("its quota has no namespace, and Rancher would make none: {full}");
        draft.note(about, NoteKind::Waiting, what, "raise that quota of the project, or remove a namespace");
        return;
    }
    let Some(name) = free_name(draft, site, about, &project.1.name) else { return };
    let is_in_the_way = whole::without_room(draft, site, project, |_| true).is_some();
    let lifted = is_in_the_way.then(|| whole::lift(draft, site, about, project, BTreeSet::new()));
    let target = ProjectTarget::Existing(project.0.clone());
    create(draft, site, about, uuid, (target, lifted.flatten().into_iter().collect()), &name);
    let set = own_quota(draft, site, about, uuid, NamespaceTarget::Planned(name), (None, hard));
    if !is_in_the_way {
        whole::lift(draft, site, about, project, BTreeSet::from([set]));
    }
}

/// Returns what a namespace's quota should be, with the keys of others as they are.
fn goal(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    resource: &Resource,
    hard: &Limits,
) -> Result<Limits, Senseless> {
    let wanted = asked(draft, site, about, resource)?;
    let kept = unmentioned(draft, site, about, (hard, kubernetes_name), &wanted);
    let mut goal = hard.clone();
    goal.retain(|key, _| kept.contains(key) || !quota::is_ours_inside(site.policy, key));
    goal.extend(in_kubernetes(&wanted));
    // An older agent's quota holds storage, too, and goes on doing so.
    let storage = kubernetes_name(quota::STORAGE);
    if hard.contains_key(storage)
        && let Ok(Some(amount)) = quota::storage(site.policy, &resource.limits)
    {
        goal.insert(storage.into(), amount);
    }
    Ok(goal)
}

fn in_kubernetes(limits: &Limits) -> Limits {
    limits.iter().map(|(key, amount)| (kubernetes_name(key).into(), *amount)).collect()
}

/// Returns the name of a new namespace, which is its project's, if no other namespace of the cluster has it.
fn free_name(draft: &mut Draft<'_>, site: Site<'_>, about: &About, name: &str) -> Option<NamespaceName> {
    let name: NamespaceName = match name.parse() {
        Ok(name) => name,
        Err(problem) => {
            let what = format!("its quota has no namespace: \"{name}\" is {problem}");
            draft.note(about, NoteKind::Held, what, MANAGED_HINT);
            return None;
        }
    };
    // One that a lost page holds would be in the way, too.
    let listed = site.cluster?.inside.namespaces.as_ref()?.complete()?;
    let Some(other) = listed.get().get(&name) else { return Some(name) };
    let whose = match &other.project {
        Some(project) => format!("belongs to project {project}"),
        None => "belongs to no project".to_owned(),
    };
    let kind = if other.removing { NoteKind::Waiting } else { NoteKind::Held };
    let what = format!("its quota has no namespace: {name} is there and {whose}");
    draft.note(about, kind, what, MANAGED_HINT);
    None
}

fn create(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    uuid: ResourceUuid,
    (project, after): (ProjectTarget, BTreeSet<Fact>),
    name: &NamespaceName,
) {
    let action = CreateNamespace {
        cluster: site.policy.cluster.clone(),
        project,
        name: name.clone(),
        labels: site.policy.namespace_labels.clone(),
        annotations: marks::sign(Mark { offering: site.uuid, resource: uuid }),
        after,
    };
    draft.step(about, Action::CreateNamespace(action), Reason::NoNamespaceForQuota);
}

fn own_quota(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    uuid: ResourceUuid,
    namespace: NamespaceTarget,
    (from, to): (Option<Limits>, Limits),
) -> Fact {
    let set = Fact::OwnQuotaSet { cluster: site.policy.cluster.clone(), namespace: namespace.name().clone() };
    let reason = if from.is_some() { Reason::QuotaDiffers } else { Reason::NoNamespaceForQuota };
    let action = SetResourceQuota {
        cluster: site.policy.cluster.clone(),
        namespace,
        from,
        to,
        annotations: marks::sign(Mark { offering: site.uuid, resource: uuid }),
    };
    draft.step(about, Action::SetResourceQuota(action), reason);
    set
}
