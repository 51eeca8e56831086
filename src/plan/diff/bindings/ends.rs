//! Which bindings of ours end, and why: another group takes their place, or nobody should come in through them any more.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bindings, Wanted, group_called};
use crate::model::marks::{self, Mark};
use crate::model::reading::Complete;
use crate::model::world::{Binding, Member, Subject};
use crate::model::{BindingName, Evidence, GroupId, KeycloakUserId, Principal};
use crate::plan::action::{GroupTarget, Holder, Unbind};
use crate::plan::diff::groups::{GroupState, Joins};
use crate::plan::diff::projects::Served;
use crate::plan::diff::{Draft, Site};
use crate::plan::facts::Fact;
use crate::plan::note::NoteKind;
use crate::plan::{Action, Reason};

/// Which bindings of ours end, and why.
pub(super) struct Ends<'a, 'w> {
    pub(super) site: Site<'w>,
    pub(super) served: &'a Served<'a>,
    pub(super) states: &'a [GroupState],
    /// What became of the binding of each state that should have one.
    pub(super) wanted: &'a [Option<Wanted>],
}

/// The end of a binding of ours.
pub(super) struct End {
    pub(super) reason: Reason,
    pub(super) after: BTreeSet<Fact>,
    pub(super) replaced_by: Option<BindingName>,
    /// What else it rests on.
    pub(super) evidence: Option<Evidence>,
}

impl End {
    const fn because(reason: Reason) -> Self {
        Self { reason, after: BTreeSet::new(), replaced_by: None, evidence: None }
    }
}

impl<'w> Ends<'_, 'w> {
    /// Returns how a binding of ours ends, if it does.
    pub(super) fn of(&self, draft: &mut Draft<'w>, binding: &Binding) -> Option<End> {
        let Subject::Group(principal) = &binding.subject else { return None };
        let own = self.states.iter().zip(self.wanted).find(|(state, _)| state.principal() == Some(principal));
        match own {
            Some((state, wanted)) => self.of_the_teams_own(state, wanted.as_ref(), binding),
            None => self.of_anothers(draft, principal),
        }
    }

    /// The binding names one of the team's groups: it stays as long as that has people, with the role that it has.
    fn of_the_teams_own(
        &self,
        state: &GroupState,
        wanted: Option<&Wanted>,
        binding: &Binding,
    ) -> Option<End> {
        match (state, wanted) {
            (GroupState::Present { role, .. }, _)
                if wanted.is_some() && binding.role == *self.served.role_as(self.site, role) =>
            {
                None
            }
            // A role of the same group can go at once.
            (GroupState::Present { .. }, Some(Wanted::There)) => Some(End::because(Reason::BindingReplaced)),
            (GroupState::Present { .. }, Some(Wanted::Planned(name))) => {
                Some(End { replaced_by: Some(name.clone()), ..End::because(Reason::BindingReplaced) })
            }
            (GroupState::Present { .. }, None) => Some(End::because(Reason::AccessRestricted)),
            (GroupState::Leaving { principal: _, since, emptied, evidence }, _) => Some(End {
                after: emptied.clone(),
                evidence: Some(*evidence),
                ..End::because(Reason::TeamEmpty { since: *since })
            }),
            // Where nothing takes its place, what is there stays.
            (GroupState::Present { .. }, Some(Wanted::Impossible))
            | (
                GroupState::Empty { .. }
                | GroupState::Kept { .. }
                | GroupState::Adopting { .. }
                | GroupState::Absent { .. }
                | GroupState::Nobody
                | GroupState::Unknown,
                _,
            ) => None,
        }
    }

    /// The binding names a group that is none of the team's, or none that it needs any more.
    fn of_anothers(&self, draft: &mut Draft<'w>, principal: &Principal) -> Option<End> {
        let old = group_called(draft, self.site, principal).map(|(id, _)| id);
        let impossible = self.wanted.iter().flatten().any(|wanted| matches!(wanted, Wanted::Impossible));
        if impossible || self.states.iter().any(GroupState::is_unknown) {
            return None;
        }
        if self.states.iter().any(|state| state.role().is_some()) {
            return self.replaced(draft, old);
        }
        self.states.iter().find_map(|state| match state {
            GroupState::Leaving { principal: _, since, emptied: _, evidence } => {
                Some(End { evidence: Some(*evidence), ..End::because(Reason::TeamEmpty { since: *since }) })
            }
            GroupState::Empty { principal: _, evidence } => {
                Some(End { evidence: Some(*evidence), ..End::because(Reason::AnotherTeam) })
            }
            GroupState::Absent { evidence } => {
                let reason = if old.is_some() { Reason::AnotherTeam } else { Reason::GroupMissing };
                Some(End { evidence: Some(*evidence), ..End::because(reason) })
            }
            GroupState::Present { .. }
            | GroupState::Kept { .. }
            | GroupState::Adopting { .. }
            | GroupState::Nobody
            | GroupState::Unknown => None,
        })
    }

    /// The team's own groups take its place: it goes when nobody is left behind.
    fn replaced(&self, draft: &mut Draft<'w>, old: Option<&GroupId>) -> Option<End> {
        if self.wanted.iter().all(Option::is_none) {
            return Some(End::because(Reason::AccessRestricted));
        }
        let mut end = End::because(Reason::BindingReplaced);
        for (state, wanted) in self.states.iter().zip(self.wanted) {
            let GroupState::Present { target, name: _, principal: _, role: _, joins } = state else {
                continue;
            };
            let Joins::All(joins) = joins else {
                let what = "the binding of its former team stays until everybody in the team is looked up";
                draft.note(&self.served.about, NoteKind::Waiting, what, "");
                return None;
            };
            end.after.extend(joining(draft, self.site, target, joins, old));
            let Some(Wanted::Planned(name)) = wanted else { continue };
            if end.replaced_by.is_none() {
                end.replaced_by = Some(name.clone());
            } else {
                let cluster = self.site.policy.cluster.clone();
                end.after.insert(Fact::Bound { cluster, binding: name.clone() });
            }
        }
        Some(end)
    }
}

/// Returns what must be so before the binding of `old` goes: whoever is in both teams is in the new group.
fn joining(
    draft: &Draft<'_>,
    site: Site<'_>,
    group: &GroupTarget,
    joins: &BTreeSet<KeycloakUserId>,
    old: Option<&GroupId>,
) -> BTreeSet<Fact> {
    let Some(keycloak) = &site.policy.keycloak else { return BTreeSet::new() };
    let realm = draft.world.realms.get(&keycloak.realm);
    let members = realm.zip(old).and_then(|(realm, old)| realm.members.get(old)?.known());
    members
        .into_iter()
        .flat_map(BTreeMap::keys)
        .filter(|person| joins.contains(*person))
        .map(|person| Fact::Member {
            realm: keycloak.realm.clone(),
            group: group.clone(),
            person: person.clone(),
        })
        .collect()
}

/// Bindings of ours that may have to go.
pub(super) struct Unbinding<'w> {
    pub(super) on_project: Bindings<'w>,
    /// What the wish rests on, the realm's groups among it; without it nothing goes.
    pub(super) basis: Option<Evidence>,
}

impl<'w> Unbinding<'w> {
    /// Plans the end of our bindings that are `unwanted`.
    pub(super) fn plan(
        &self,
        draft: &mut Draft<'w>,
        site: Site<'w>,
        served: &Served<'_>,
        unwanted: impl Fn(&mut Draft<'w>, &Binding) -> Option<End>,
    ) {
        let complete = site.cluster.and_then(|cluster| cluster.bindings.complete());
        let (Some(basis), Some(complete)) = (self.basis, complete) else { return };
        for (id, binding) in self.on_project {
            let Subject::Group(principal) = &binding.subject else { continue };
            let ours = marks::mark(&binding.annotations)
                .is_some_and(|mark| mark == Mark { offering: site.uuid, resource: served.uuid });
            let end = if ours { unwanted(draft, binding) } else { None };
            let Some(End { reason, after, replaced_by, evidence }) = end else { continue };
            let mut evidence = evidence.unwrap_or(basis).and(complete);
            if let Some((group, name)) = group_called(draft, site, principal) {
                // Without its members the guard could not tell who loses access.
                let Some(members) = members_of(draft, site, group) else {
                    let what = format!("{name} stays bound: its members could not be read completely");
                    draft.note(&served.about, NoteKind::Unreadable, what, "");
                    continue;
                };
                evidence = evidence.and(members);
            }
            let unbind = Unbind {
                cluster: site.policy.cluster.clone(),
                binding: (*id).clone(),
                project: binding.project.clone(),
                role: binding.role.clone(),
                who: Holder::Group { principal: principal.clone() },
                replaced_by,
                after,
                evidence,
            };
            draft.step(&served.about, Action::Unbind(unbind), reason);
        }
    }
}

/// Returns whether the members of the group that Rancher knows as `principal` were read completely, if it is ours.
pub(in crate::plan::diff) fn are_members_known<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    principal: &Principal,
) -> bool {
    match group_called(draft, site, principal) {
        Some((group, _)) => members_of(draft, site, group).is_some(),
        None => true,
    }
}

fn members_of<'w>(
    draft: &Draft<'w>,
    site: Site<'_>,
    group: &GroupId,
) -> Option<Complete<'w, BTreeMap<KeycloakUserId, Member>>> {
    let keycloak = site.policy.keycloak.as_ref()?;
    draft.world.realms.get(&keycloak.realm)?.members.get(group)?.complete()
}
