//! The steps on a team's group: who joins, who leaves, and the group's own end.

use std::collections::BTreeSet;

use super::checks::bound_to;
use super::homes::Home;
use super::moved::Moved;
use super::place::Place;
use super::{GroupState, Joins, MemberDiff, Members, TeamSite};
use crate::model::marks;
use crate::model::world::Group;
use crate::model::{
    BindingId, ClusterRef, Evidence, GroupId, GroupName, KeycloakUserId, Principal, Reading, Username,
};
use crate::plan::action::{AddMember, ClearEmpty, DeleteGroup, GroupTarget, MarkEmpty, RemoveMember};
use crate::plan::diff::Draft;
use crate::plan::diff::parents::Roofs;
use crate::plan::facts::Fact;
use crate::plan::note::NoteKind;
use crate::plan::{Action, Reason};

/// A group while people are taken out of it.
struct Leaving<'a> {
    id: &'a GroupId,
    name: &'a GroupName,
    moved: Vec<Moved>,
    evidence: Evidence,
}

impl<'w> TeamSite<'_, 'w> {
    /// Puts people in; returns who they are.
    pub(super) fn join(
        &self,
        draft: &mut Draft<'w>,
        target: &GroupTarget,
        (name, principal): (&GroupName, &Principal),
        diff: &MemberDiff,
    ) -> Joins {
        if diff.joins.is_empty() {
            return self.joins(diff);
        }
        let Ok(after) = self.closed(draft, principal) else {
            let what = format!(
                "nobody joins {name} while it cannot be seen whether it is bound to a project that is closed to its team"
            );
            draft.note(self.about, NoteKind::Unreadable, what, "");
            return Joins::NotKnown;
        };
        for (user, account) in diff.joins.values() {
            let add = AddMember {
                realm: self.keycloak.realm.clone(),
                group: target.clone(),
                group_name: name.clone(),
                account: account.clone(),
                user: *user,
                after: after.clone(),
            };
            draft.step(self.about, Action::AddMember(add), Reason::JoinedTeam);
        }
        self.joins(diff)
    }

    fn joins(&self, diff: &MemberDiff) -> Joins {
        if self.crowd.is_looked_up() {
            Joins::All(diff.joins.keys().cloned().collect())
        } else {
            Joins::NotKnown
        }
    }

    /// The group is there: people leave it, and if nobody belongs in it any more, it goes after a while. Returns what
    /// its bindings follow from; nothing if it is for a former role and gives nothing to anybody who should have it.
    pub(super) fn present(
        &self,
        draft: &mut Draft<'w>,
        roofs: &mut Roofs<'w>,
        (index, place): (usize, &Place),
        diff: &MemberDiff,
        places: &[Option<Place>],
    ) -> Option<GroupState> {
        let home = &self.homes[index];
        let (id, group) = home.group?;
        let empty = self.seats.is_empty(&self.team, index);
        let stay = self.leave(draft, home, (index, place), diff, places);
        let state = if empty {
            self.end(draft, roofs, (index, place), diff)
        } else {
            self.note_in_use(draft, id, group);
            None
        };
        match (&home.role, state) {
            (Some(_), Some(state)) | (None, Some(state @ GroupState::Leaving { .. })) => Some(state),
            (Some(role), None) => Some(place.bound_as(&role.template)),
            (None, Some(GroupState::Empty { .. })) if !stay => None,
            (None, _) => Some(GroupState::Kept { principal: place.principal.clone() }),
        }
    }

    fn note_in_use(&self, draft: &mut Draft<'_>, id: &GroupId, group: &Group) {
        if group.attributes.contains_key(marks::GROUP_EMPTY_SINCE) {
            let realm = self.keycloak.realm.clone();
            let clear = ClearEmpty { realm, group: id.clone(), group_name: group.name.clone() };
            draft.step(self.about, Action::ClearEmpty(clear), Reason::TeamBack);
        }
    }

    /// Takes out who does not belong in it; returns whether somebody stays who may have nowhere else to be.
    fn leave(
        &self,
        draft: &mut Draft<'w>,
        home: &Home<'w>,
        (index, place): (usize, &Place),
        diff: &MemberDiff,
        places: &[Option<Place>],
    ) -> bool {
        let Some((id, group)) = home.group else { return false };
        let evidence = self.may_take(draft, (index, place), diff);
        self.note_guests(draft, index, diff, evidence);
        let Some(evidence) = evidence else { return diff.leaving() > 0 };
        if diff.leaving() == 0 {
            return false;
        }
        let leaving = Leaving { id, name: &group.name, moved: self.moved(draft, &place.principal), evidence };
        for (person, username) in &diff.leavers {
            self.remove(draft, &leaving, (person, username), None, Reason::LeftTeam);
        }
        let mut stay = false;
        for (person, username) in &diff.movers {
            if let Some(first) = self.new_places(person, places) {
                self.remove(draft, &leaving, (person, username), Some(first), Reason::RoleChanged);
            } else {
                stay = true;
                let what =
                    format!("{username} stays in {} until the group of their role can be had", group.name);
                draft.note(self.about, NoteKind::Held, what, "");
            }
        }
        if self.crowd.unknown.is_empty() {
            for (person, username) in &diff.strays {
                self.remove(draft, &leaving, (person, username), None, Reason::Stray);
            }
        } else if !diff.strays.is_empty() {
            stay = true;
            self.note_strays(draft, &group.name, diff);
        }
        stay
    }

    fn note_strays(&self, draft: &mut Draft<'_>, name: &GroupName, diff: &MemberDiff) {
        let names: Vec<&str> = diff.strays.values().map(Username::as_str).collect();
        let unknown = self.crowd.unknown.len();
        let what = format!(
            "nobody of the offering is called {}; they stay in {name} while {unknown} of the team {} unknown",
            names.join(", "),
            if unknown == 1 { "is" } else { "are" },
        );
        draft.note(self.about, NoteKind::Held, what, "settles once everybody in the team is known");
    }

    /// Takes one person out; `first` is what gives them their new place, if they have one.
    fn remove(
        &self,
        draft: &mut Draft<'_>,
        leaving: &Leaving<'_>,
        (person, username): (&KeycloakUserId, &Username),
        first: Option<NewPlaces>,
        reason: Reason,
    ) {
        let mut after = self.last(draft, &leaving.moved, person, username);
        let moves = first.as_ref().is_some_and(|places| places.any);
        after.extend(first.into_iter().flat_map(|places| places.facts));
        let remove = RemoveMember {
            realm: self.keycloak.realm.clone(),
            group: leaving.id.clone(),
            group_name: leaving.name.clone(),
            person: person.clone(),
            username: username.clone(),
            moves,
            after,
            evidence: leaving.evidence,
        };
        draft.step(self.about, Action::RemoveMember(remove), reason);
    }

    /// Returns what must be so before somebody may leave a group for those of their roles; nothing if that cannot be.
    fn new_places(&self, person: &KeycloakUserId, places: &[Option<Place>]) -> Option<NewPlaces> {
        let mut new = NewPlaces { any: false, facts: BTreeSet::new() };
        let belongs = |index| self.crowd.users(person).any(|user| self.seats.belongs(user, index));
        for (index, home) in self.homes.iter().enumerate().filter(|(index, _)| belongs(*index)) {
            let place = places[index].as_ref()?;
            new.any = true;
            new.facts.extend(place.bound.iter().cloned());
            // Whoever was recognised and is not there yet is put in by this plan.
            if !home.has(person) {
                new.facts.insert(Fact::Member {
                    realm: self.keycloak.realm.clone(),
                    group: place.target.clone(),
                    person: person.clone(),
                });
            }
        }
        Some(new)
    }

    /// Nobody belongs in the group: notes it, waits, and then takes the group away.
    fn end(
        &self,
        draft: &mut Draft<'w>,
        roofs: &mut Roofs<'w>,
        (index, place): (usize, &Place),
        diff: &MemberDiff,
    ) -> Option<GroupState> {
        let home = &self.homes[index];
        let (id, group) = home.group?;
        let members = home.members.and_then(Reading::complete);
        let evidence = self.sight(draft, index).ok().filter(|_| self.foreign(draft, place).is_none());
        let (Some(evidence), Some(members)) = (evidence, members) else { return Some(GroupState::Unknown) };
        let principal = place.principal.clone();
        let name = &group.name;
        // A time that is still to come (a clock that was wrong) would keep the group for ever: it is written anew.
        let since = marks::empty_since(&group.attributes).filter(|since| *since <= draft.world.taken_at);
        let whole = self.team.people.is_empty();
        let reason = |since| if whole { Reason::TeamEmpty { since } } else { Reason::RoleEmpty { since } };
        let Some(since) = since else {
            let since = draft.world.taken_at;
            let realm = self.keycloak.realm.clone();
            let mark = MarkEmpty { realm, group: id.clone(), group_name: name.clone(), since };
            draft.step(self.about, Action::MarkEmpty(mark), reason(since));
            return Some(GroupState::Empty { principal, evidence });
        };
        if draft.world.taken_at.duration_since(since) < draft.policy.grace {
            let until = since.checked_add(draft.policy.grace).unwrap_or(since);
            let what = if whole {
                format!("its team has been empty since {since}: the group {name} goes at {until}")
            } else {
                format!("nobody in its team has belonged in {name} since {since}: the group goes at {until}")
            };
            draft.note(self.about, NoteKind::Waiting, what, "");
            return Some(GroupState::Empty { principal, evidence });
        }
        if !diff.strays.is_empty() && !self.crowd.unknown.is_empty() {
            // Somebody stays in it for the time being; a group goes when it is empty.
            return Some(GroupState::Empty { principal, evidence });
        }
        Some(self.delete(draft, roofs, (id, place), members, (reason(since), since, evidence)))
    }

    fn delete(
        &self,
        draft: &mut Draft<'_>,
        roofs: &mut Roofs<'_>,
        (id, place): (&GroupId, &Place),
        members: Members<'_>,
        (reason, since, evidence): (Reason, jiff::Timestamp, Evidence),
    ) -> GroupState {
        let bindings: BTreeSet<(ClusterRef, BindingId)> = bound_to(draft, self.keycloak, &place.principal)
            .map(|(cluster, id, _)| (cluster.clone(), id.clone()))
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
            name: place.name.clone(),
            members: members.get().keys().cloned().collect(),
            bindings,
            evidence,
        };
        roofs.leaves(&delete.realm, id);
        draft.step(self.about, Action::DeleteGroup(delete), reason);
        GroupState::Leaving { principal: place.principal.clone(), since, emptied, evidence }
    }
}

/// The groups of somebody's roles.
struct NewPlaces {
    /// Whether there are any: whoever has no mapped role loses access.
    any: bool,
    /// What must be so before the old group may be left.
    facts: BTreeSet<Fact>,
}
