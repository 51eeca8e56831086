//! Project quotas: compared as numbers, written whole, with the keys of others as they are.

use std::collections::BTreeSet;

use super::{Draft, Site};
use crate::model::RancherProjectId;
use crate::model::desired::{self, Limits};
use crate::model::policy::QuotaMode;
use crate::model::world::{Project, Quota, Resource};
use crate::plan::action::{QuotaSpec, SetQuota};
use crate::plan::note::{About, NoteKind};
use crate::plan::{Action, Reason};

/// The keys that a component can become; all others belong to somebody else.
const OURS: [&str; 2] = ["limitsCpu", "limitsMemory"];

/// Limits that make no sense; that was noted.
pub(super) struct Senseless;

/// Returns the quota of a new project; none if it has none.
pub(super) fn wanted(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    resource: &Resource,
) -> Result<Option<QuotaSpec>, Senseless> {
    match desired::quota(site.policy, &resource.limits) {
        Ok(limits) => Ok(limits.map(|limit| QuotaSpec {
            namespace_default: desired::namespace_default(site.policy, &limit),
            limit,
        })),
        Err(problem) => {
            draft.note(about, NoteKind::Held, problem.to_string(), "correct the resource's limits in Waldur");
            Err(Senseless)
        }
    }
}

/// Compares the quota of a project that is there.
pub(super) fn diff(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    (id, project): (&RancherProjectId, &Project),
    resource: &Resource,
) {
    if site.policy.quota == QuotaMode::None {
        return;
    }
    let Ok(wanted) = wanted(draft, site, about, resource) else { return };
    let none = Quota::default();
    let Quota { limit, namespace_default, used } = project.quota.as_ref().unwrap_or(&none);
    let from = QuotaSpec { limit: limit.clone(), namespace_default: namespace_default.clone() };
    let to = merged(&from, wanted.as_ref());
    if from == to {
        return;
    }
    let removed: BTreeSet<String> =
        from.limit.keys().filter(|key| !to.limit.contains_key(*key)).cloned().collect();
    if let Some(conflict) = below_used(&to.limit, used) {
        draft.note(
            about,
            NoteKind::Waiting,
            format!("its quota cannot shrink yet: {conflict}"),
            "lower the quotas of the project's namespaces first; Rancher then lets the project follow",
        );
        return;
    }
    let action = SetQuota {
        cluster: site.policy.cluster.clone(),
        project: id.clone(),
        from,
        to: (!to.limit.is_empty()).then_some(to),
        removed,
    };
    draft.step(about, Action::SetQuota(action), Reason::QuotaDiffers);
}

/// Replaces our keys and keeps those of others. Rancher wants the same keys on both sides, so a foreign key that
/// has no namespace default gets its limit as one.
fn merged(from: &QuotaSpec, wanted: Option<&QuotaSpec>) -> QuotaSpec {
    let foreign = |key: &&String| !OURS.contains(&key.as_str());
    let mut limit: Limits = from
        .limit
        .iter()
        .filter(|(key, _)| foreign(key))
        .map(|(key, amount)| (key.clone(), *amount))
        .collect();
    let mut namespace_default: Limits = limit
        .iter()
        .map(|(key, amount)| (key.clone(), *from.namespace_default.get(key).unwrap_or(amount)))
        .collect();
    if let Some(wanted) = wanted {
        limit.extend(wanted.limit.clone());
        namespace_default.extend(wanted.namespace_default.clone());
    }
    QuotaSpec { limit, namespace_default }
}

/// Returns, in words with numbers, which limits would fall below what the namespaces' quotas add up to.
fn below_used(limit: &Limits, used: &Limits) -> Option<String> {
    let conflicts: Vec<String> = limit
        .iter()
        .filter_map(|(key, amount)| {
            let used = used.get(key).filter(|used| *used > amount)?;
            Some(format!("{key} would be {amount}, its namespaces have {used}"))
        })
        .collect();
    (!conflicts.is_empty()).then(|| conflicts.join(", "))
}
