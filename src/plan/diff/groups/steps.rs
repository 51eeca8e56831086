//! The steps on a team's group: who joins, who leaves, and the group's own end.

use std::collections::BTreeSet;

use super::checks::bound_to;
use super::{GroupState, Joins, Members, TeamSite};
use crate::model::{
    BindingId, ClusterRef, Evidence, GroupId, GroupName, KeycloakUserId, Principal, Username,
};
use crate::plan::action::{AddMember, DeleteGroup, GroupTarget, RemoveMember};
use crate::plan::diff::Draft;
use crate::plan::diff::members::MemberDiff;
use crate::plan::diff::parents::Roofs;
use crate::plan::facts::Fact;
use crate::plan::note::NoteKind;
use crate::plan::{Action, Reason};

impl TeamSite<'_, '_> {
    /// Puts people in; returns who they are.
    pub(super) fn join(
        &self,
        draft: &mut Draft<'_>,
        target: &GroupTarget,
        name: &GroupName,
        diff: MemberDiff,
    ) -> Joins {
        let joins = if diff.is_looked_up() {
            Joins::All(diff.joins.keys().cloned().collect())
        } else {
            Joins::NotKnown
        };
        for (_, (user, account)) in diff.joins {
            let add = AddMember {
                realm: self.keycloak.realm.clone(),
                group: target.clone(),
                group_name: name.clone(),
                account,
                user,
            };
            draft.step(self.about, Action::AddMember(add), Reason::JoinedTeam);
        }
        joins
    }

    pub(super) fn leave(
        &self,
        draft: &mut Draft<'_>,
        (id, name): (&GroupId, &GroupName),
        principal: &Principal,
        diff: &MemberDiff,
        evidence: Option<Evidence>,
    ) {
        let Some(evidence) = evidence else { return };
        if diff.leavers.is_empty() && diff.strays.is_empty() {
            return;
        }
        let moved = self.moved(draft, principal);
        let remove = |draft: &Draft<'_>, person: &KeycloakUserId, username: &Username| {
            Action::RemoveMember(RemoveMember {
                realm: self.keycloak.realm.clone(),
                group: id.clone(),
                group_name: name.clone(),
                person: person.clone(),
                username: username.clone(),
                after: self.last(draft, &moved, person, username),
                evidence,
            })
        };
        for (person, username) in &diff.leavers {
            let action = remove(draft, person, username);
            draft.step(self.about, action, Reason::LeftTeam);
        }
        if diff.unknown.is_empty() {
            for (person, username) in &diff.strays {
                let action = remove(draft, person, username);
                draft.step(self.about, action, Reason::Stray);
            }
        } else if !diff.strays.is_empty() {
            let names: Vec<&str> = diff.strays.values().map(Username::as_str).collect();
            let what = format!(
                "nobody of the offering is called {}; they stay in {name} while {} of the team {} unknown",
                names.join(", "),
                diff.unknown.len(),
                if diff.unknown.len() == 1 { "is" } else { "are" },
            );
            draft.note(self.about, NoteKind::Held, what, "settles once everybody in the team is known");
        }
    }

    pub(super) fn delete(
        &self,
        draft: &mut Draft<'_>,
        roofs: &mut Roofs<'_>,
        (id, name): (&GroupId, &GroupName),
        principal: &Principal,
        members: Members<'_>,
        (since, evidence): (jiff::Timestamp, Evidence),
    ) -> GroupState {
        let bindings: BTreeSet<(ClusterRef, BindingId)> = bound_to(draft, self.keycloak, principal)
            .map(|(place, id, _)| (place.clone(), id.clone()))
            .collect();
        let emptied = members.get().keys().map(|person| Fact::NotMember {
            realm: self.keycloak.realm.clone(),
            group: id.clone(),
            person: person.clone(),
        });
        let emptied = emptied.collect();
        let delete = DeleteGroup {
            realm: self.keycloak.realm.clone(),
            group: id.clone(),
            name: name.clone(),
            members: members.get().keys().cloned().collect(),
            bindings,
            evidence,
        };
        roofs.leaves(&delete.realm, id);
        draft.step(self.about, Action::DeleteGroup(delete), Reason::TeamEmpty { since });
        GroupState::Leaving { principal: principal.clone(), since, emptied, evidence }
    }
}
