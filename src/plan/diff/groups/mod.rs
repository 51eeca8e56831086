//! Teams' groups: made when a team has somebody, kept under their first name, deleted when nobody is left.
//!
//! A team has one group, or one for each role that `role_map` maps its people to. Its groups are compared together:
//! whoever changes roles is in the new group before they are out of the old one.

use std::collections::{BTreeMap, BTreeSet};

mod adopted;
mod ahead;
mod checks;
mod closed;
mod guests;
mod homes;
mod moved;
mod place;
mod seats;
mod shared;
mod steps;
pub(super) mod unserved;

use self::adopted::Predecessors;
use self::homes::Home;
use self::place::Place;
use self::seats::Seats;
use self::shared::Joint;
use super::members::{self, Crowd, MemberDiff};
use super::parents::Roofs;
use super::projects::Served;
use super::team::TeamRef;
use super::{Draft, Site, unknown};
use crate::model::desired::{self, Basis, Team};
use crate::model::policy::KeycloakPolicy;
use crate::model::reading::Complete;
use crate::model::world::Member;
use crate::model::{Evidence, KeycloakUserId, Principal, ProjectUuid, Reading, RoleTemplateId};
use crate::plan::action::GroupTarget;
use crate::plan::facts::Fact;
use crate::plan::note::{About, NoteKind};

/// What the bindings of a team's resources follow from, for each of its groups.
#[derive(Debug)]
pub(super) enum GroupState {
    /// The group has people: it is bound.
    Present {
        target: GroupTarget,
        name: crate::model::GroupName,
        principal: Principal,
        role: RoleTemplateId,
        joins: Joins,
    },
    /// Nobody belongs in it any more, and it waits: what others have through other groups goes already.
    Empty { principal: Principal, evidence: Evidence },
    /// Nobody has belonged in it for long enough: it goes, and its bindings before it, once nobody is in it.
    Leaving { principal: Principal, since: jiff::Timestamp, emptied: BTreeSet<Fact>, evidence: Evidence },
    /// It is for a former role, and somebody in it has nowhere else to be yet: its binding stays.
    Kept { principal: Principal },
    /// The Python agent's group becomes the team's: this plan does nothing else with it.
    Adopting { principal: Principal },
    /// The team has no group and needs none: a binding to its name would let in whoever takes that name.
    Absent { evidence: Evidence },
    /// The team has no group, and nobody who could be in one yet: bindings stay as they are.
    Nobody,
    /// Too little is known: bindings stay as they are.
    Unknown,
}

impl GroupState {
    /// Returns as what Rancher knows the group.
    pub(super) const fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Present { target: _, name: _, principal, role: _, joins: _ }
            | Self::Empty { principal, evidence: _ }
            | Self::Leaving { principal, since: _, emptied: _, evidence: _ }
            | Self::Kept { principal }
            | Self::Adopting { principal } => Some(principal),
            Self::Absent { evidence: _ } | Self::Nobody | Self::Unknown => None,
        }
    }

    /// Returns whether bindings stay as they are, for want of a group that could take their place.
    pub(super) const fn is_unknown(&self) -> bool {
        matches!(self, Self::Nobody | Self::Unknown)
    }

    /// Returns whether this plan adopts the group.
    pub(super) const fn is_adopting(&self) -> bool {
        matches!(self, Self::Adopting { .. })
    }

    /// Returns as what the group is bound, if it is.
    pub(super) const fn role(&self) -> Option<&RoleTemplateId> {
        match self {
            Self::Present { target: _, name: _, principal: _, role, joins: _ } => Some(role),
            Self::Empty { .. }
            | Self::Leaving { .. }
            | Self::Kept { .. }
            | Self::Adopting { .. }
            | Self::Absent { .. }
            | Self::Nobody
            | Self::Unknown => None,
        }
    }
}

/// Who joins a group: what they have through another group stays until they are in.
#[derive(Debug)]
pub(super) enum Joins {
    /// Everybody who can be, and is not yet, in the group.
    All(BTreeSet<KeycloakUserId>),
    /// Somebody may be missing: the team is not confirmed, or not everybody could be looked up.
    NotKnown,
}

type Members<'w> = Complete<'w, BTreeMap<KeycloakUserId, Member>>;

/// One team while it is compared.
struct TeamSite<'a, 'w> {
    site: Site<'w>,
    keycloak: &'w KeycloakPolicy,
    about: &'a About,
    project: ProjectUuid,
    served: &'a [Served<'w>],
    team: Team<'w>,
    homes: Vec<Home<'w>>,
    seats: Seats,
    crowd: Crowd<'w>,
    /// What it has in common with the teams that share its group, if any do.
    joint: Option<Joint>,
}

/// Compares a team with its groups.
pub(super) fn diff<'w>(
    draft: &mut Draft<'w>,
    roofs: &mut Roofs<'w>,
    whose: TeamRef<'_, 'w>,
) -> Vec<GroupState> {
    let TeamRef { site, about, project, served } = whose;
    let unknown = || vec![GroupState::Unknown];
    let Some(keycloak) = &site.policy.keycloak else { return unknown() };
    if !site.policy.scope.members {
        return unknown();
    }
    let Some(mut team) = whose.team(draft) else { return unknown() };
    let Some(homes) = homes::of_team(draft, site, keycloak, about, project) else { return unknown() };
    let joint = match homes.as_slice() {
        [Home { group: Some((_, group)), .. }] if site.policy.role_map.is_empty() => {
            shared::joint(draft, site, project, group, &mut team)
        }
        _ => None,
    };
    let seats = Seats::new(site.policy, &team, &homes);
    let crowd = Crowd::default();
    let mut one = TeamSite { site, keycloak, about, project, served, team, homes, seats, crowd, joint };
    if one.homes.iter().all(|home| home.group.is_none()) {
        match one.predecessors(draft) {
            Predecessors::Nothing => {
                if let Some(principal) = one.bound_already(draft) {
                    return vec![GroupState::Adopting { principal }];
                }
            }
            Predecessors::Group(id, group) => return vec![one.adopt(draft, id, group)],
            Predecessors::Several => return unknown(),
        }
    }
    let groups = draft.world.realms.get(&keycloak.realm).and_then(|realm| realm.groups.complete());
    // A group that is not there may be one that was not read.
    if groups.is_none() && one.homes.iter().any(|home| home.group.is_none()) {
        return unknown();
    }
    let Some(members) = members_of(draft, about, &one.homes) else { return unknown() };
    let needs = |user| one.seats.may_belong(user);
    one.crowd = members::recognise(draft, site, keycloak, &one.team, &members, needs);
    one.ask_ahead(draft);
    if site.offering.wants_statuses {
        draft.rosters.insert((site.uuid, project), one.crowd.roster(&one.team));
    }
    if one.joint.as_ref().is_some_and(|joint| joint.is_kept_elsewhere(site.uuid)) {
        // The offering that keeps the members plans their steps, and says who waits.
        let said = (draft.steps.len(), draft.notes.len());
        let states = one.diff(draft, roofs);
        draft.steps.truncate(said.0);
        draft.notes.truncate(said.1);
        return states;
    }
    unknown::note(draft, site, about, &one.crowd);
    one.seats.settle(&one.crowd, &one.homes);
    one.seats.note(draft, site, about, &one.team);
    one.diff(draft, roofs)
}

/// Returns the members of all groups that are there; says so if some could not be read.
fn members_of<'w>(
    draft: &mut Draft<'w>,
    about: &About,
    homes: &[Home<'w>],
) -> Option<Vec<&'w BTreeMap<KeycloakUserId, Member>>> {
    let mut all = Some(Vec::new());
    for home in homes {
        let Some((_, group)) = home.group else { continue };
        let Some(known) = home.known() else {
            let why = home.members.and_then(Reading::gap).unwrap_or_else(|| "nobody asked".to_owned());
            let what = format!("the members of {} could not be read: {why}", group.name);
            draft.note(about, NoteKind::Unreadable, what, "");
            all = None;
            continue;
        };
        if let Some(all) = &mut all {
            all.push(known);
        }
    }
    all
}

impl<'w> TeamSite<'_, 'w> {
    fn diff(&self, draft: &mut Draft<'w>, roofs: &mut Roofs<'w>) -> Vec<GroupState> {
        let diffs: Vec<MemberDiff> = (0..self.homes.len()).map(|index| self.compare(draft, index)).collect();
        if self.rests_on_the_team(draft, &diffs) && !self.is_confirmed(draft, &diffs) {
            for (index, diff) in diffs.iter().enumerate() {
                self.note_guests(draft, index, diff, None);
            }
            return self.homes.iter().map(|home| self.unconfirmed(home)).collect();
        }
        if self.is_idle(&diffs) {
            return vec![self.absent(draft)];
        }
        // First everybody's new place, then who leaves an old one: that waits for the new.
        let moving = diffs.iter().any(|diff| !diff.movers.is_empty());
        let place = |(index, diff)| self.place(draft, roofs, (index, moving), diff);
        let places: Vec<Option<Place>> = diffs.iter().enumerate().map(place).collect();
        let mut states = Vec::new();
        for (index, (home, diff)) in self.homes.iter().zip(&diffs).enumerate() {
            let state = match (home.group, &places[index]) {
                (Some(_), Some(place)) => self.present(draft, roofs, (index, place), diff, &places),
                (None, Some(place)) => home.role.as_ref().map(|role| place.bound_as(&role.template)),
                (None, None) if diff.joins.is_empty() => None,
                (_, None) => Some(GroupState::Unknown),
            };
            states.extend(state);
        }
        states
    }

    /// Compares those who belong into a home with its members.
    fn compare(&self, draft: &mut Draft<'w>, index: usize) -> MemberDiff {
        let none = BTreeMap::new();
        let members = self.homes[index].known().unwrap_or(&none);
        let belongs = |user| self.seats.belongs(user, index);
        let mut diff = members::compare(draft, self.site, &self.team, &self.crowd, members, belongs);
        self.agree(draft, &mut diff);
        diff
    }

    /// Returns whether there is no group and nobody who could be in one.
    fn is_idle(&self, diffs: &[MemberDiff]) -> bool {
        self.homes.iter().zip(diffs).all(|(home, diff)| home.group.is_none() && diff.joins.is_empty())
    }

    /// Returns whether anything would be done, for which Waldur's `team` has to be asked.
    fn rests_on_the_team(&self, draft: &Draft<'_>, diffs: &[MemberDiff]) -> bool {
        let is_empty = |index| self.seats.is_empty(&self.team, index);
        let homes = self.homes.iter().enumerate();
        // The bulk list leaves out the projects of private offerings: only `team` says that nobody is there.
        self.is_idle(diffs) && self.must_have_none(draft)
            || diffs.iter().any(MemberDiff::changes)
            || homes.into_iter().any(|(index, home)| home.group.is_some() && is_empty(index))
    }

    /// Returns whether it matters that the team has no group: nobody is there, or what is bound lets in others.
    fn must_have_none(&self, draft: &Draft<'_>) -> bool {
        self.team.people.is_empty() || self.crowd.is_looked_up() && self.has_bindings(draft)
    }

    /// Returns how a group stands while nobody asked Waldur's `team`.
    fn unconfirmed(&self, home: &Home<'w>) -> GroupState {
        let principal = home.group.and_then(|(_, group)| desired::principal(self.keycloak, &group.name));
        match (home.group, principal, &home.role) {
            (Some((id, group)), Some(principal), Some(role)) => GroupState::Present {
                target: GroupTarget::Existing(id.clone()),
                name: group.name.clone(),
                principal,
                role: role.template.clone(),
                joins: Joins::NotKnown,
            },
            (Some(_), Some(principal), None) => GroupState::Kept { principal },
            _ => GroupState::Unknown,
        }
    }

    /// The team has no group, and nobody of it can come in: whatever is bound lets in somebody else.
    fn absent(&self, draft: &Draft<'w>) -> GroupState {
        let groups = draft.world.realms.get(&self.keycloak.realm).and_then(|realm| realm.groups.complete());
        match (self.team.basis, groups) {
            (Basis::Confirmed(team), Some(groups)) if self.must_have_none(draft) => {
                GroupState::Absent { evidence: Evidence::of(groups).and(team) }
            }
            (_, Some(_)) if self.crowd.is_looked_up() => GroupState::Nobody,
            _ => GroupState::Unknown,
        }
    }
}
