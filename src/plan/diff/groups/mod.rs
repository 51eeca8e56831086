//! Teams' groups: made when a team has somebody, kept under their first name, deleted when nobody is left.

use std::collections::BTreeMap;

mod checks;
mod steps;

use super::members::{self, MemberDiff};
use super::parents::Roofs;
use super::projects::Served;
use super::{Draft, Site};
use crate::model::desired::{self, Basis, GroupKey, Team};
use crate::model::marks::{self, GroupPurpose};
use crate::model::policy::KeycloakPolicy;
use crate::model::reading::Complete;
use crate::model::world::{Group, Member};
use crate::model::{Evidence, GroupId, KeycloakUserId, Principal, ProjectUuid, Reading};
use crate::plan::action::{ClearEmpty, CreateGroup, GroupTarget, MarkEmpty};
use crate::plan::note::{About, NoteKind, Question};
use crate::plan::{Action, Reason};

/// What the bindings of a team's resources follow from.
#[derive(Debug)]
pub(super) enum GroupState {
    /// The team has a group: it is bound. Without evidence no binding is taken away.
    Present { target: GroupTarget, principal: Principal, evidence: Option<Evidence> },
    /// The team has been empty long enough: its group goes, and its bindings before it.
    Leaving { principal: Principal, since: jiff::Timestamp, evidence: Evidence },
    /// The team is empty and has no group: a binding to its name would let in whoever takes that name.
    Absent { evidence: Evidence },
    /// Too little is known: bindings stay as they are.
    Unknown,
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
    let team = desired::team(site.offering, project, draft.world.taken_at);
    draft.compared.teams += 1;
    draft.compared.people += team.people.len();
    if let Basis::Unknown = team.basis {
        if let (None, Some(first)) = (site.offering.teams.get(&project), served.first()) {
            let question = Question::Team { offering: site.uuid, project, resource: first.uuid };
            draft.questions.insert(question);
        }
        let asked = site.offering.teams.get(&project).and_then(Reading::gap);
        let why = asked.or_else(|| site.offering.grants.gap()).unwrap_or_default();
        draft.note(about, NoteKind::Unreadable, format!("who is in the team could not be read: {why}"), "");
        return GroupState::Unknown;
    }
    let key = GroupKey {
        realm: keycloak.realm.clone(),
        offering: site.uuid,
        project,
        role: keycloak.role_name.clone(),
    };
    let Some(index) = draft.observed.realms.get(&keycloak.realm) else { return GroupState::Unknown };
    let existing = index.teams.get(&key).cloned().unwrap_or_default();
    let one = TeamSite { site, keycloak, about, key, served, team };
    match existing.as_slice() {
        [] => one.absent(draft, roofs),
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
        if self.team.people.is_empty() {
            // The bulk list leaves out the projects of private offerings: only `team` says that nobody is there.
            self.is_confirmed(draft, &MemberDiff::default());
            return match self.team.basis {
                Basis::Confirmed(team) => GroupState::Absent { evidence: Evidence::of(groups).and(team) },
                Basis::Hint | Basis::Unknown => GroupState::Unknown,
            };
        }
        let diff = members::compare(draft, self.site, self.keycloak, &self.team, &BTreeMap::new());
        members::note_unknown(draft, self.site, self.about, &diff);
        if diff.joins.is_empty() || !self.is_confirmed(draft, &diff) {
            return GroupState::Unknown;
        }
        let Some((name, principal)) = self.name(draft) else { return GroupState::Unknown };
        let Some(evidence) = self.is_free(draft, &name) else { return GroupState::Unknown };
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
        self.join(draft, &target, &name, diff);
        // Nobody is in a group that is not there yet.
        GroupState::Present { target, principal, evidence: self.evidence_for_bindings(groups, evidence) }
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
            return GroupState::Present { target, principal, evidence: None };
        }
        let bindings = realm
            .groups
            .complete()
            .and_then(|groups| self.evidence_for_bindings(groups, Evidence::of(members?)));
        let evidence = self.evidence(draft, name, members, &diff);
        let shared = self.is_shared(draft, name, &principal, &diff);
        let evidence = evidence.filter(|_| !shared);
        self.leave(draft, id, name, &diff, evidence);
        self.join(draft, &target, name, diff);
        let since = marks::empty_since(attributes);
        if !empty {
            if attributes.contains_key(marks::GROUP_EMPTY_SINCE) {
                let realm = self.keycloak.realm.clone();
                let clear = ClearEmpty { realm, group: id.clone(), group_name: name.clone() };
                draft.step(self.about, Action::ClearEmpty(clear), Reason::TeamBack);
            }
            return GroupState::Present { target, principal, evidence: bindings };
        }
        let (Some(evidence), Some(members)) = (evidence, members) else { return GroupState::Unknown };
        match since {
            Some(since) if draft.world.taken_at.duration_since(since) >= draft.policy.grace => {
                self.delete(draft, roofs, (id, name), &principal, members, (since, evidence))
            }
            Some(since) => {
                let what =
                    format!("its team has been empty since {since}: the group {name} goes after a while");
                draft.note(self.about, NoteKind::Waiting, what, "");
                GroupState::Unknown
            }
            None => {
                let since = draft.world.taken_at;
                let realm = self.keycloak.realm.clone();
                let mark = MarkEmpty { realm, group: id.clone(), group_name: name.clone(), since };
                draft.step(self.about, Action::MarkEmpty(mark), Reason::TeamEmpty { since });
                GroupState::Unknown
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
        .filter(|(key, _)| !teams.contains_key(&key.project) || key.role != keycloak.role_name)
        .flat_map(|(_, groups)| groups.iter().map(|(_, group)| group.name.to_string()))
        .collect();
    for name in unwanted {
        let what = format!("the group {name} serves no resource that should have access, and is left alone");
        draft.note(&site.about(), NoteKind::Unmanaged, what, "");
    }
}
