//! What must be known before a team's group is touched: is the team confirmed, the name free, the group ours alone?

use std::collections::BTreeSet;

use super::{Members, TeamSite};
use crate::model::desired::{self, Basis};
use crate::model::marks::{self, Mark};
use crate::model::policy::KeycloakPolicy;
use crate::model::world::{Binding, GroupAttributes};
use crate::model::{BindingId, ClusterRef, Evidence, GroupName, Principal};
use crate::plan::action::ProjectTarget;
use crate::plan::diff::Draft;
use crate::plan::diff::members::MemberDiff;
use crate::plan::diff::team::Place;
use crate::plan::note::NoteKind;

impl TeamSite<'_, '_> {
    /// Returns whether Waldur's `team` was asked; if not, asks, and says what waits for the answer.
    pub(super) fn is_confirmed(&self, draft: &mut Draft<'_>, diff: &MemberDiff) -> bool {
        let Self { site, about, served, .. } = self;
        let place = Place { site: *site, about, project: self.key.project, served };
        place.is_confirmed(draft, &self.team, (diff.joins.len(), diff.leavers.len() + diff.strays.len()))
    }

    /// Returns whether a project of the team's resources has a binding of ours.
    pub(super) fn has_bindings(&self, draft: &Draft<'_>) -> bool {
        let Some(index) = draft.observed.clusters.get(&self.site.policy.cluster) else { return false };
        self.served.iter().any(|served| {
            let Some(ProjectTarget::Existing(project)) = &served.target else { return false };
            let bindings = index.bindings.get(project).into_iter().flatten();
            let ours = Some(Mark { offering: self.site.uuid, resource: served.uuid });
            bindings.into_iter().any(|(_, binding)| marks::mark(&binding.annotations) == ours)
        })
    }

    /// Returns the name of a new group and what Rancher calls it.
    pub(super) fn name(&self, draft: &mut Draft<'_>) -> Option<(GroupName, Principal)> {
        let first = self.served.first()?;
        let name = match self.site.naming(first.uuid, first.resource).child(self.keycloak) {
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

    /// Says that a group keeps the role in its name: it was chosen once, and another configuration orphans nobody.
    pub(super) fn note_other_role(
        &self,
        draft: &mut Draft<'_>,
        name: &GroupName,
        attributes: &GroupAttributes,
    ) {
        let role = attributes.get(marks::GROUP_ROLE).and_then(|roles| roles.first());
        if role.is_some_and(|role| *role != self.key.role) {
            let what = format!("{name} keeps its name, although keycloak_role_name is {} now", self.key.role);
            draft.note(self.about, NoteKind::Unmanaged, what, "");
        }
    }

    /// Returns evidence for taking people out; says what is missing.
    pub(super) fn evidence(
        &self,
        draft: &mut Draft<'_>,
        name: &GroupName,
        members: Option<Members<'_>>,
    ) -> Option<Evidence> {
        let Basis::Confirmed(team) = self.team.basis else { return None };
        let mut gaps = Vec::new();
        let mut evidence = Evidence::of(team);
        match members {
            Some(members) => evidence = evidence.and(members),
            None => gaps.push(format!("the members of {name}")),
        }
        match self.site.offering.people.complete() {
            Some(people) => evidence = evidence.and(people),
            None => gaps.push("the offering's users".to_owned()),
        }
        // Only its own cluster may bind the group, so another Rancher that is down holds nobody up here.
        match self.site.cluster.and_then(|cluster| cluster.bindings.complete()) {
            Some(bindings) => evidence = evidence.and(bindings),
            None => gaps.push(format!("the bindings of {}", self.site.policy.cluster.cluster)),
        }
        if gaps.is_empty() {
            return Some(evidence);
        }
        let what = format!("nobody is removed from {name}: not read completely: {}", gaps.join(", "));
        draft.note(self.about, NoteKind::Unreadable, what, "");
        None
    }

    /// Returns whether others bound the group to something of theirs: then nothing is removed from it (rule 11).
    pub(super) fn is_shared(&self, draft: &mut Draft<'_>, name: &GroupName, principal: &Principal) -> bool {
        let foreign: BTreeSet<String> = bound_to(draft, self.keycloak, principal)
            .filter(|(place, _, binding)| self.is_anothers(draft, place, binding))
            .map(|(_, _, binding)| binding.project.to_string())
            .collect();
        let Some(example) = foreign.first() else { return false };
        let what = format!(
            "{name} is bound to a project that is not this offering's ({example}): nobody is removed"
        );
        draft.note(self.about, NoteKind::Held, what, "remove that binding, or take them out by hand");
        true
    }

    /// Returns whether a binding is on the project of another offering, or of one that cannot be seen. A project that
    /// somebody made by hand is nobody's offering: it does not keep people in.
    fn is_anothers(&self, draft: &Draft<'_>, place: &ClusterRef, binding: &Binding) -> bool {
        let projects = draft.world.clusters.get(place).and_then(|cluster| cluster.projects.known());
        let Some(project) = projects.and_then(|projects| projects.get(&binding.project)) else { return true };
        match marks::mark(&project.annotations) {
            Some(mark) => mark.offering != self.site.uuid,
            None => project.annotations.contains_key(marks::MANAGED),
        }
    }
}

/// Returns the clusters whose projects may be bound to groups of the realm.
fn clusters_of<'w>(draft: &Draft<'w>, keycloak: &KeycloakPolicy) -> BTreeSet<&'w ClusterRef> {
    draft
        .policy
        .offerings
        .values()
        .filter(|policy| policy.keycloak.as_ref().is_some_and(|other| other.realm == keycloak.realm))
        .map(|policy| &policy.cluster)
        .collect()
}

pub(super) fn bound_to<'a, 'w>(
    draft: &'a Draft<'w>,
    keycloak: &KeycloakPolicy,
    principal: &'a Principal,
) -> impl Iterator<Item = (&'w ClusterRef, &'w BindingId, &'w Binding)> + 'a {
    let places = clusters_of(draft, keycloak);
    let served = draft.observed.clusters.iter().filter(move |(place, _)| places.contains(**place));
    served.flat_map(move |(place, index)| {
        index.bound.get(principal).into_iter().flatten().map(move |(id, binding)| (*place, *id, *binding))
    })
}
