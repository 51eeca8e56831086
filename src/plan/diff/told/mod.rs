//! What Waldur is told of each resource, only where it does not say so already: what serves it, whether something is
//! wrong with it, and how far its people have access.

use std::collections::{BTreeMap, BTreeSet};

mod health;
mod memberships;
mod notes;

pub(super) use memberships::{Roster, Whom};

use super::bindings::Wanted;
use super::groups::GroupState;
use super::orders::Progress;
use super::projects::{Adoption, Served};
use super::team::TeamRef;
use super::{Draft, Site};
use crate::model::ResourceUuid;
use crate::model::world::Capability;
use crate::plan::action::RefreshLastSync;
use crate::plan::facts::{self, Fact};
use crate::plan::note::{About, NoteKind};
use crate::plan::{Action, Reason};

/// Tells Waldur what serves the resources of a team, and how far its people have access. `states` are those of the team's
/// groups, `wanted` says what became of their bindings, for each resource.
pub(super) fn diff<'w>(
    draft: &mut Draft<'w>,
    place: TeamRef<'_, 'w>,
    states: &[GroupState],
    wanted: &[Vec<Option<Wanted>>],
) {
    let TeamRef { site, about: _, project: _, served } = place;
    let scope = site.policy.scope;
    if !scope.projects && !scope.members {
        return;
    }
    for (index, one) in served.iter().enumerate().filter(|(_, one)| is_settled(one)) {
        let wanted = wanted.get(index).map_or(&[][..], Vec::as_slice);
        // What cannot be bound yet is not what serves it.
        if !wanted.iter().flatten().any(|one| matches!(one, Wanted::Impossible)) {
            notes::diff(draft, site, one, states);
        }
        memberships::diff(draft, site, one, (states, wanted));
    }
}

/// Tells Waldur whether something is wrong with the resources of an offering, and which of them it was told of. `first` is
/// the offering's first step.
pub(super) fn settle<'s, 'w: 's>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    served: impl Iterator<Item = &'s Served<'w>>,
    (progress, first): (&Progress, usize),
) {
    let open: Vec<&Served<'_>> = served.filter(|one| is_settled(one)).collect();
    if open.is_empty() {
        return;
    }
    let before = facts_by_resource(draft, first);
    health::diff(draft, site, &open, (progress, &before));
    let after = facts_by_resource(draft, first);
    for one in open.into_iter().filter(|one| one.resource.told.sync) {
        let Some(facts) = after.get(&one.uuid) else { continue };
        let is_told = facts.iter().any(|fact| matches!(fact, Fact::Told { .. }));
        if !is_told || !can_be_told(draft, site, Capability::RefreshLastSync) {
            continue;
        }
        let refresh = RefreshLastSync {
            offering: site.uuid,
            resource: one.uuid,
            after: facts.iter().cloned().collect(),
        };
        draft.step(&one.about, Action::RefreshLastSync(refresh), Reason::ToldAnew);
    }
}

/// Returns whether Waldur says anything of the resource that an agent tells it, and its project is ours: a plan that
/// adopts does nothing else.
fn is_settled(served: &Served<'_>) -> bool {
    !served.resource.told.is_silent()
        && matches!(served.adoption, Adoption::Ours { .. })
        && served.target.is_some()
}

/// Returns what the steps about each resource provide.
fn facts_by_resource(draft: &Draft<'_>, first: usize) -> BTreeMap<ResourceUuid, BTreeSet<Fact>> {
    let mut facts: BTreeMap<ResourceUuid, BTreeSet<Fact>> = BTreeMap::new();
    for step in &draft.steps[first..] {
        if let About::Resource { offering: _, resource } = step.about {
            facts.entry(resource).or_default().extend(facts::provides(&step.action));
        }
    }
    facts
}

/// Returns whether this Waldur can be told that, as far as was found out; says so if not.
fn can_be_told(draft: &mut Draft<'_>, site: Site<'_>, what: Capability) -> bool {
    let lacks = draft.world.memory.lacks(site.uuid, what);
    if lacks {
        let what = format!("Waldur does not take {} here: it is done without", what.as_str());
        draft.note(&site.about(), NoteKind::Unmanaged, what, "");
    }
    !lacks
}
