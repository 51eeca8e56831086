//! The quota of a project itself: compared as numbers, written whole, with the keys of others as they are.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::follow::{Change, Obstacle, Share, follow};
use super::{asked, is_read, namespaces_of, unmentioned};
use crate::model::desired::{self, Limits};
use crate::model::policy::OfferingPolicy;
use crate::model::quota;
use crate::model::world::{Project, Quota, Resource};
use crate::model::{NamespaceName, RancherProjectId};
use crate::plan::action::{QuotaSpec, SetNamespaceQuota, SetQuota, Turn};
use crate::plan::diff::{Draft, Site};
use crate::plan::facts::Fact;
use crate::plan::note::{About, Detail, NoteKind};
use crate::plan::{Action, Reason};

/// Compares the quota of a project that is there, and lets its namespaces follow.
pub(super) fn diff(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    (id, project): (&RancherProjectId, &Project),
    resource: &Resource,
) {
    let Ok(mut wanted) = asked(draft, site, about, resource) else { return };
    let none = Quota::default();
    let Quota { limit, namespace_default, used } = project.quota.as_ref().unwrap_or(&none);
    let mut kept = unmentioned(draft, site, about, (limit, |key| key), &wanted);
    kept.extend(without_unknown(draft, site, about, &mut wanted, limit));
    let from = QuotaSpec { limit: limit.clone(), namespace_default: namespace_default.clone() };
    let goal = merged(site.policy, &from, &wanted, &kept);
    if from == goal || !is_read(draft, site, about, &[Detail::Namespaces]) {
        return;
    }
    let listed = site.cluster.and_then(|cluster| cluster.inside.namespaces.as_ref());
    if listed.is_none_or(|listed| listed.complete().is_none()) {
        return;
    }
    let change = follow(&from, &goal, used, &namespaces_of(draft, site, id));
    // One note for all keys that wait for the same.
    let mut waiting: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for obstacle in &change.obstacles {
        if let (Obstacle::InUse { .. }, About::Resource { offering, resource }) = (obstacle, about) {
            let shortfall = draft.shortfalls.entry((*offering, *resource)).or_default();
            *shortfall =
                if shortfall.is_empty() { obstacle.to_string() } else { format!("{shortfall}; {obstacle}") };
        }
        let same = waiting.entry((obstacle.opening(), obstacle.hint())).or_default();
        same.push(obstacle.to_string());
    }
    for ((opening, hint), details) in waiting {
        draft.note(about, NoteKind::Waiting, format!("{opening}: {}", details.join(", ")), &hint);
    }
    Steps { draft, site, about, id }.take(from, change);
}

/// Takes extended resources out of what is wanted where the server cannot hold them, or where nobody knows whether it
/// can. Returns those that stay as they are.
pub(super) fn without_unknown(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    wanted: &mut Limits,
    now: &Limits,
) -> BTreeSet<SmolStr> {
    // What it holds, it can hold.
    let new: BTreeSet<SmolStr> =
        wanted.keys().filter(|key| quota::is_extended(key) && !now.contains_key(*key)).cloned().collect();
    if new.is_empty() {
        return new;
    }
    let known = site.cluster.and_then(|cluster| cluster.inside.extended_quota.as_ref());
    match known.and_then(|reading| reading.known()) {
        Some(true) => return BTreeSet::new(),
        Some(false) => {
            let names = new.iter().map(SmolStr::as_str).collect::<Vec<_>>().join(", ");
            let what = format!("{names}: reported only, because projects cannot hold it before Rancher 2.14");
            let hint = "update Rancher, or set `quota_mode: namespace`: quotas of namespaces can";
            draft.note(&site.about(), NoteKind::Unmanaged, what, hint);
        }
        None => {
            is_read(draft, site, about, &[Detail::ExtendedQuota]);
        }
    }
    wanted.retain(|key, _| !new.contains(key));
    new
}

/// Replaces our keys and keeps those of others. Rancher wants the same keys on both sides, so a foreign key that
/// has no namespace default gets its limit as one.
fn merged(policy: &OfferingPolicy, from: &QuotaSpec, wanted: &Limits, kept: &BTreeSet<SmolStr>) -> QuotaSpec {
    let stays = |key: &SmolStr| kept.contains(key) || !quota::is_ours(policy, key);
    let mut limit: Limits =
        from.limit.iter().filter(|(key, _)| stays(key)).map(|(key, amount)| (key.clone(), *amount)).collect();
    let mut namespace_default: Limits = limit
        .iter()
        .map(|(key, amount)| (key.clone(), *from.namespace_default.get(key).unwrap_or(amount)))
        .collect();
    limit.extend(wanted.iter().map(|(key, amount)| (key.clone(), *amount)));
    namespace_default.extend(desired::namespace_default(policy, wanted));
    QuotaSpec { limit, namespace_default }
}

/// Takes our keys away from a project whose quota is elsewhere. Returns what is so then.
pub(super) fn lift(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    (id, project): (&RancherProjectId, &Project),
    after: BTreeSet<Fact>,
) -> Option<Fact> {
    let Quota { limit, namespace_default, used: _ } = project.quota.as_ref()?;
    if !limit.keys().any(|key| quota::is_ours(site.policy, key)) {
        return None;
    }
    let from = QuotaSpec { limit: limit.clone(), namespace_default: namespace_default.clone() };
    let to = merged(site.policy, &from, &Limits::new(), &BTreeSet::new());
    let action = set_quota(site, id, (from, to), Turn::First, after);
    draft.step(about, Action::SetQuota(action), Reason::QuotaElsewhere);
    Some(Fact::LimitSet { cluster: site.policy.cluster.clone(), project: id.clone() })
}

/// Says which key leaves no room for one more namespace in a project, among those of others or among all.
pub(super) fn without_room(
    draft: &Draft<'_>,
    site: Site<'_>,
    (id, project): (&RancherProjectId, &Project),
    counts: impl Fn(&str) -> bool,
) -> Option<String> {
    let Quota { limit, namespace_default, used: _ } = project.quota.as_ref()?;
    let namespaces = namespaces_of(draft, site, id);
    limit.iter().filter(|(key, _)| counts(key)).find_map(|(key, limit)| {
        let each = namespace_default.get(key).unwrap_or(limit);
        let have = namespaces.iter().filter(|(_, one)| one.is_counted());
        let mut have = have.filter_map(|(_, one)| one.quota.as_ref()?.get(key));
        let all = have.try_fold(*each, |all, one| all.plus(*one));
        let fits = all.is_some_and(|all| all <= *limit);
        (!fits).then(|| format!("with {each} more, {key} would be above its limit of {limit}"))
    })
}

fn set_quota(
    site: Site<'_>,
    id: &RancherProjectId,
    (from, to): (QuotaSpec, QuotaSpec),
    turn: Turn,
    after: BTreeSet<Fact>,
) -> SetQuota {
    let removed = from.limit.keys().filter(|key| !to.limit.contains_key(*key)).cloned().collect();
    SetQuota {
        cluster: site.policy.cluster.clone(),
        project: id.clone(),
        from,
        to: (!to.limit.is_empty()).then_some(to),
        removed,
        turn,
        after,
    }
}

/// Where the steps of a change go.
struct Steps<'d, 'w, 'a> {
    draft: &'d mut Draft<'w>,
    site: Site<'a>,
    about: &'a About,
    id: &'a RancherProjectId,
}

impl Steps<'_, '_, '_> {
    /// Namespaces shrink, the project's limit is set, namespaces grow, the default for new ones follows.
    fn take(mut self, from: QuotaSpec, change: Change) {
        let Change { shrink, first, grow, last, obstacles: _ } = change;
        let is_limit_set = first.is_some();
        let shrunk = self.shares(shrink, Turn::First, false);
        let middle = first.clone().unwrap_or_else(|| from.clone());
        if let Some(first) = first {
            self.project((from, first), Turn::First, shrunk);
        }
        let grown = self.shares(grow, Turn::Last, is_limit_set);
        if let Some(last) = last {
            self.project((middle, last), Turn::Last, grown);
        }
    }

    fn project(&mut self, change: (QuotaSpec, QuotaSpec), turn: Turn, after: BTreeSet<Fact>) {
        let action = set_quota(self.site, self.id, change, turn, after);
        self.draft.step(self.about, Action::SetQuota(action), Reason::QuotaDiffers);
    }

    fn shares(&mut self, shares: Vec<Share>, turn: Turn, after_project: bool) -> BTreeSet<Fact> {
        let mut facts = BTreeSet::new();
        for Share { namespace, from, to } in shares {
            facts.insert(self.share_set(&namespace, turn));
            let action = SetNamespaceQuota {
                cluster: self.site.policy.cluster.clone(),
                project: self.id.clone(),
                namespace,
                from,
                to,
                turn,
                after_project,
            };
            self.draft.step(self.about, Action::SetNamespaceQuota(action), Reason::ShareDiffers);
        }
        facts
    }

    fn share_set(&self, namespace: &NamespaceName, turn: Turn) -> Fact {
        Fact::ShareSet { cluster: self.site.policy.cluster.clone(), namespace: namespace.clone(), turn }
    }
}
