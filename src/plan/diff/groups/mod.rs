//! Teams' groups: made when a team has somebody, kept under their first name, deleted when nobody is left.

use std::collections::{BTreeMap, BTreeSet};

mod adopted;
mod checks;
mod moved;
mod steps;

use self::adopted::Predecessors;
use super::members;
use super::parents::Roofs;
use super::projects::Served;
use super::team::Place;
use super::{Draft, Site, names};
use crate::model::desired::{self, Basis, GroupKey, Team};
use crate::model::marks::{self, GroupPurpose};
use crate::model::policy::KeycloakPolicy;
use crate::model::reading::Complete;
use crate::model::world::{Group, Member};
use crate::model::{Evidence, GroupId, GroupName, KeycloakUserId, Principal, ProjectUuid, Reading};
use crate::plan::action::{ClearEmpty, CreateGroup, GroupTarget, MarkEmpty};
use crate::plan::facts::Fact;
use crate::plan::note::{About, NoteKind};
use crate::plan::{Action, Reason};

/// What the bindings of a team's resources follow from.
#[derive(Debug)]
pub(super) enum GroupState {
    /// The team has a group: it is bound.
    Present { target: GroupTarget, name: GroupName, principal: Principal, joins: Joins },
    /// The Python agent's group becomes the team's: this plan does nothing else with it.
    Adopting { principal: Principal },
    /// The team is empty, and its group waits: what others have through other groups goes already.
    Empty { principal: Principal, evidence: Evidence },
    /// The team has been empty long enough: its group goes, and its bindings before it, once nobody is in it.
    Leaving { principal: Principal, since: jiff::Timestamp, emptied: BTreeSet<Fact>, evidence: Evidence },
    /// The team has no group and needs none: a binding to its name would let in whoever takes that name.
    Absent { evidence: Evidence },
    /// Too little is known: bindings stay as they are.
    Unknown,
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
    key: GroupKey,
    served: &'a [Served<'w>],
    team: Team<'w>,
}

/// Compares a team with its group.
pub(super) fn diff<'w>(
    draft: &mut Draft<'w>,
    roofs: &mut Roofs<'w>,
    site: Site<'w>,
    about: &About,
    project: ProjectUuid,
    served: &[Served<'w>],
) -> GroupState {
    let Some(keycloak) = &site.policy.keycloak else { return GroupState::Unknown };
    if !site.policy.scope.members {
        return GroupState::Unknown;
    }
    let Some(team) = (Place { site, about, project, served }).team(draft) else { return GroupState::Unknown };
    let key = GroupKey {
        realm: keycloak.realm.clone(),
        offering: site.uuid,
        project,
        role: keycloak.role_name.clone(),
    };
    let Some(index) = draft.observed.realms.get(&keycloak.realm) else { return GroupState::Unknown };
    let existing = index.of_team(&key);
    let one = TeamSite { site, keycloak, about, key, served, team };
    match existing.as_slice() {
        [] => match one.predecessors(draft) {
            Predecessors::Nothing => one.absent(draft, roofs),
            Predecessors::Group(id, group) => one.adopt(draft, id, group),
            Predecessors::Several => GroupState::Unknown,
        },
        [(id, group)] => one.present(draft, roofs, id, group),
        several => {
            let names: Vec<String> =
                several.iter().map(|(id, group)| format!("{} ({id})", group.name)).collect();
            let what = format!("several groups carry the mark of its team: {}", names.join(", "));
            draft.note(about, NoteKind::Held, what, "delete all but one of them, or their attributes");
            GroupState::Unknown
        }
    }
}

impl<'w> TeamSite<'_, 'w> {
    /// The team has no group yet.
    fn absent(&self, draft: &mut Draft<'w>, roofs: &mut Roofs<'w>) -> GroupState {
        let Some(realm) = draft.world.realms.get(&self.keycloak.realm) else { return GroupState::Unknown };
        let Some(groups) = realm.groups.complete() else { return GroupState::Unknown };
        let diff = members::compare(draft, self.site, self.keycloak, &self.team, &BTreeMap::new());
        members::note_unknown(draft, self.site, self.about, &diff);
        // The bulk list leaves out the projects of private offerings: only `team` says that nobody is there.
        let nobody = self.team.people.is_empty();
        if diff.joins.is_empty() && !nobody && !(diff.is_looked_up() && self.has_bindings(draft)) {
            return GroupState::Unknown;
        }
        if !self.is_confirmed(draft, &diff) {
            return GroupState::Unknown;
        }
        if diff.joins.is_empty() {
            // Nobody of the team can come in: whatever is bound lets in somebody else.
            return match self.team.basis {
                Basis::Confirmed(team) => GroupState::Absent { evidence: Evidence::of(groups).and(team) },
                Basis::Hint | Basis::Unknown => GroupState::Unknown,
            };
        }
        let Some((name, principal)) = self.name(draft) else { return GroupState::Unknown };
        let realm = &self.keycloak.realm;
        let Some(evidence) = names::free(draft, self.about, realm, &name) else { return GroupState::Unknown };
        let Some(first) = self.served.first() else { return GroupState::Unknown };
        let naming = self.site.naming(first.uuid, first.resource);
        let purpose = GroupPurpose::Team {
            offering: self.key.offering,
            project: self.key.project,
            role: self.key.role.clone(),
        };
        let create = CreateGroup {
            key: self.key.clone(),
            name: name.clone(),
            parent: roofs.target(draft, self.site.uuid, self.keycloak, naming),
            attributes: marks::group_attributes(&purpose),
            evidence: evidence.and(groups),
        };
        draft.step(self.about, Action::CreateGroup(create), Reason::TeamWithoutGroup);
        let target = GroupTarget::Planned(self.key.clone());
        let joins = self.join(draft, &target, &name, diff);
        GroupState::Present { target, name: name.clone(), principal, joins }
    }

    /// The team has a group.
    fn present(
        &self,
        draft: &mut Draft<'w>,
        roofs: &mut Roofs<'w>,
        id: &'w GroupId,
        group: &'w Group,
    ) -> GroupState {
        let Group { name, parent: _, attributes } = group;
        self.note_other_role(draft, name, attributes);
        let Some(principal) = desired::principal(self.keycloak, name) else { return GroupState::Unknown };
        let Some(realm) = draft.world.realms.get(&self.keycloak.realm) else { return GroupState::Unknown };
        let reading = realm.members.get(id);
        let Some(known) = reading.and_then(|reading| reading.known()) else {
            let why = reading.and_then(Reading::gap).unwrap_or_else(|| "nobody asked".to_owned());
            let what = format!("the members of {name} could not be read: {why}");
            draft.note(self.about, NoteKind::Unreadable, what, "");
            return GroupState::Unknown;
        };
        let members = reading.and_then(Reading::complete);
        let diff = members::compare(draft, self.site, self.keycloak, &self.team, known);
        members::note_unknown(draft, self.site, self.about, &diff);
        let target = GroupTarget::Existing(id.clone());
        let empty = self.team.people.is_empty();
        if (diff.changes() || empty) && !self.is_confirmed(draft, &diff) {
            return GroupState::Present { target, name: name.clone(), principal, joins: Joins::NotKnown };
        }
        // What nothing would be taken by needs no proof.
        let takes = empty || !(diff.leavers.is_empty() && diff.strays.is_empty());
        let evidence = if takes && !self.is_shared(draft, name, &principal) {
            self.evidence(draft, name, members)
        } else {
            None
        };
        self.leave(draft, (id, name), &principal, &diff, evidence);
        let joins = self.join(draft, &target, name, diff);
        // A time that is still to come (a clock that was wrong) would keep the group for ever: it is written anew.
        let since = marks::empty_since(attributes).filter(|since| *since <= draft.world.taken_at);
        if !empty {
            if attributes.contains_key(marks::GROUP_EMPTY_SINCE) {
                let realm = self.keycloak.realm.clone();
                let clear = ClearEmpty { realm, group: id.clone(), group_name: name.clone() };
                draft.step(self.about, Action::ClearEmpty(clear), Reason::TeamBack);
            }
            return GroupState::Present { target, name: name.clone(), principal, joins };
        }
        let (Some(evidence), Some(members)) = (evidence, members) else { return GroupState::Unknown };
        match since {
            Some(since) if draft.world.taken_at.duration_since(since) >= draft.policy.grace => {
                self.delete(draft, roofs, (id, name), &principal, members, (since, evidence))
            }
            Some(since) => {
                let until = since.checked_add(draft.policy.grace).unwrap_or(since);
                let what = format!("its team has been empty since {since}: the group {name} goes at {until}");
                draft.note(self.about, NoteKind::Waiting, what, "");
                GroupState::Empty { principal, evidence }
            }
            None => {
                let since = draft.world.taken_at;
                let realm = self.keycloak.realm.clone();
                let mark = MarkEmpty { realm, group: id.clone(), group_name: name.clone(), since };
                draft.step(self.about, Action::MarkEmpty(mark), Reason::TeamEmpty { since });
                GroupState::Empty { principal, evidence }
            }
        }
    }
}

/// Says which groups of ours serve no resource any more: without one, Waldur cannot be asked for their team.
pub(super) fn note_unwanted(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    teams: &BTreeMap<ProjectUuid, Vec<Served<'_>>>,
) {
    let Some(keycloak) = &site.policy.keycloak else { return };
    let Some(index) = draft.observed.realms.get(&keycloak.realm) else { return };
    let unwanted: Vec<String> = index
        .teams
        .iter()
        .filter(|(key, _)| key.offering == site.uuid)
        .filter(|(key, _)| {
            let wanted = GroupKey { role: keycloak.role_name.clone(), ..(*key).clone() };
            !teams.contains_key(&key.project) || (**key != wanted && index.teams.contains_key(&wanted))
        })
        .flat_map(|(_, groups)| groups.iter().map(|(_, group)| group.name.to_string()))
        .collect();
    for name in unwanted {
        let what = format!("the group {name} serves no resource that should have access");
        draft.note(&site.about(), NoteKind::Unmanaged, what, "");
    }
}
