//! Where people of a team come into: a group that is there or is made, and what must be so before it gives access.

use std::collections::BTreeSet;

use super::shared::Sharing;
use super::{GroupState, Joins, MemberDiff, TeamSite};
use crate::model::desired;
use crate::model::marks::{self, GroupPurpose};
use crate::model::role::GroupRole;
use crate::model::{GroupName, Principal, RoleTemplateId};
use crate::plan::action::{CreateGroup, GroupTarget, ProjectTarget};
use crate::plan::diff::parents::Roofs;
use crate::plan::diff::{Draft, bindings, names};
use crate::plan::facts::Fact;
use crate::plan::note::NoteKind;
use crate::plan::{Action, Reason};

/// One of a team's groups, ready for people.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) target: GroupTarget,
    pub(super) name: GroupName,
    pub(super) principal: Principal,
    pub(super) joins: Joins,
    /// The bindings that are still to be made: who comes here from another group of the team waits for them.
    pub(super) bound: BTreeSet<Fact>,
}

impl Place {
    /// Returns the group as one that is bound with a role.
    pub(super) fn bound_as(&self, role: &RoleTemplateId) -> GroupState {
        let joins = match &self.joins {
            Joins::All(people) => Joins::All(people.clone()),
            Joins::NotKnown => Joins::NotKnown,
        };
        GroupState::Present {
            target: self.target.clone(),
            name: self.name.clone(),
            principal: self.principal.clone(),
            role: role.clone(),
            joins,
        }
    }
}

impl<'w> TeamSite<'_, 'w> {
    /// Puts those who join into a home, making it if it is not there; nothing if nobody joins what is not there, or
    /// if it cannot be made.
    pub(super) fn place(
        &self,
        draft: &mut Draft<'w>,
        roofs: &mut Roofs<'w>,
        (index, moving): (usize, bool),
        diff: &MemberDiff,
    ) -> Option<Place> {
        let home = &self.homes[index];
        let (target, name, principal) = match (home.group, &home.role) {
            (Some((id, group)), _) => {
                let principal = desired::principal(self.keycloak, &group.name)?;
                (GroupTarget::Existing(id.clone()), group.name.clone(), principal)
            }
            (None, Some(role)) if !diff.joins.is_empty() => {
                let (name, principal) = self.name(draft, role)?;
                match self.share(draft, &name, &principal) {
                    Sharing::Alone => {
                        let target = self.create(draft, roofs, index, &name)?;
                        (target, name, principal)
                    }
                    // Who is in it is kept on the other offering's behalf.
                    Sharing::With(id) => {
                        let (target, joins) = (GroupTarget::Existing(id), Joins::NotKnown);
                        return Some(Place { target, name, principal, joins, bound: BTreeSet::new() });
                    }
                    Sharing::Not => return None,
                }
            }
            (None, _) => return None,
        };
        let joins = self.join(draft, &target, (&name, &principal), diff);
        let role = home.role.iter().filter(|_| moving);
        let bound = role.flat_map(|role| self.unbound(draft, &principal, &role.template)).collect();
        Some(Place { target, name, principal, joins, bound })
    }

    fn create(
        &self,
        draft: &mut Draft<'w>,
        roofs: &mut Roofs<'w>,
        index: usize,
        name: &GroupName,
    ) -> Option<GroupTarget> {
        let key = &self.homes[index].key;
        let groups = draft.world.realms.get(&self.keycloak.realm)?.groups.complete()?;
        let evidence = names::free(draft, self.about, &self.keycloak.realm, name)?;
        let first = self.served.first()?;
        let naming = self.site.naming(first.uuid, first.resource);
        let purpose = GroupPurpose::Team {
            offerings: [key.offering].into(),
            project: key.project,
            role: key.role.clone(),
        };
        let create = CreateGroup {
            key: key.clone(),
            name: name.clone(),
            parent: roofs.target(draft, self.site.uuid, self.keycloak, naming),
            attributes: marks::group_attributes(&purpose),
            evidence: evidence.and(groups),
        };
        draft.step(self.about, Action::CreateGroup(create), Reason::TeamWithoutGroup);
        Some(GroupTarget::Planned(key.clone()))
    }

    /// Returns the name of a new group and what Rancher calls it.
    fn name(&self, draft: &mut Draft<'_>, role: &GroupRole) -> Option<(GroupName, Principal)> {
        let first = self.served.first()?;
        let name = match self.site.naming(first.uuid, first.resource).child(self.keycloak, &role.name) {
            Ok(name) => name,
            Err(problem) => {
                let what = format!("the group of its team has no name: {problem}");
                draft.note(
                    self.about,
                    NoteKind::Held,
                    what,
                    "change group_name_template, or have Waldur name it",
                );
                return None;
            }
        };
        let principal = desired::principal(self.keycloak, &name);
        if principal.is_none() {
            let what = "principal_template makes no principal of a group's name";
            draft.note(self.about, NoteKind::Held, what, "use {child} in principal_template");
        }
        Some((name, principal?))
    }

    /// Returns that the group is bound wherever it should be and is not yet.
    fn unbound(&self, draft: &Draft<'_>, principal: &Principal, role: &RoleTemplateId) -> Vec<Fact> {
        let index = draft.observed.clusters.get(&self.site.policy.cluster);
        let open = |served: &&super::Served<'_>| desired::is_open(self.site.policy, served.resource.access);
        self.served
            .iter()
            .filter(open)
            .filter_map(|served| {
                let on_project = match served.target.as_ref()? {
                    ProjectTarget::Existing(id) => index.and_then(|index| index.bindings.get(id)),
                    ProjectTarget::Planned(_) => None,
                };
                let role = served.role_as(self.site, role);
                let mut bindings = on_project.into_iter().flatten();
                if bindings.any(|(_, binding)| bindings::is_ours_for(binding, principal, role)) {
                    return None;
                }
                let binding = bindings::name(served.uuid, role, principal.as_str())?;
                Some(Fact::Bound { cluster: self.site.policy.cluster.clone(), binding })
            })
            .collect()
    }
}
