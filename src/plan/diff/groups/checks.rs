//! What must be known before a team's group is touched: is the team confirmed, the name free, the group ours alone?

use std::collections::BTreeSet;

use super::{Members, TeamSite};
use crate::model::desired::{self, Basis};
use crate::model::marks;
use crate::model::policy::KeycloakPolicy;
use crate::model::reading::Complete;
use crate::model::world::{Binding, Cluster};
use crate::model::{BindingId, ClusterRef, Evidence, GroupName, Principal};
use crate::plan::diff::Draft;
use crate::plan::diff::members::MemberDiff;
use crate::plan::note::{NoteKind, Question};

impl TeamSite<'_, '_> {
    /// Returns whether Waldur's `team` was asked; if not, asks, and says what waits for the answer.
    pub(super) fn is_confirmed(&self, draft: &mut Draft<'_>, diff: &MemberDiff) -> bool {
        if let Basis::Confirmed(_) = self.team.basis {
            return true;
        }
        if let Some(first) = self.served.first() {
            draft.questions.insert(Question::Team {
                offering: self.key.offering,
                project: self.key.project,
                resource: first.uuid,
            });
        }
        let (joins, leaves) = (diff.joins.len(), diff.leavers.len() + diff.strays.len());
        let what =
            format!("not confirmed by Waldur's team of the resource: {joins} to add, {leaves} to remove");
        draft.note(
            self.about,
            NoteKind::Held,
            what,
            "capture the world again, or plan against the live systems",
        );
        false
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

    /// Returns evidence that no group has the name, at any depth: Rancher knows groups by name alone (rule 8).
    pub(super) fn is_free(&self, draft: &mut Draft<'_>, name: &GroupName) -> Option<Evidence> {
        let realm = draft.world.realms.get(&self.keycloak.realm)?;
        let Some(reading) = realm.namesakes.get(name) else {
            let realm = self.keycloak.realm.clone();
            draft.questions.insert(Question::Namesakes { realm, name: name.clone() });
            let what = format!("whether a group {name} is there already was not asked");
            draft.note(self.about, NoteKind::Held, what, "plan against the live systems");
            return None;
        };
        let Some(complete) = reading.complete() else {
            let why = reading.gap().unwrap_or_default();
            let what = format!("whether a group {name} is there already could not be read: {why}");
            draft.note(self.about, NoteKind::Unreadable, what, "");
            return None;
        };
        let taken = !draft.names.insert((self.keycloak.realm.clone(), name.clone()));
        if complete.get().is_empty() && !taken {
            return Some(Evidence::of(complete));
        }
        draft.note(
            self.about,
            NoteKind::Held,
            format!("a group of the name {name} is there and is not the group of this team"),
            "rename it, or put {cluster_id} or another part into group_name_template",
        );
        None
    }

    /// Returns evidence for taking people out; says what is missing if it would be needed.
    pub(super) fn evidence(
        &self,
        draft: &mut Draft<'_>,
        name: &GroupName,
        members: Option<Members<'_>>,
        diff: &MemberDiff,
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
        for (place, cluster) in clusters_of(draft, self.keycloak) {
            match cluster.bindings.complete() {
                Some(bindings) => evidence = evidence.and(bindings),
                None => gaps.push(format!("the bindings of {}", place.cluster)),
            }
        }
        if gaps.is_empty() {
            return Some(evidence);
        }
        if !(diff.leavers.is_empty() && diff.strays.is_empty()) {
            let what = format!("nobody is removed from {name}: not read completely: {}", gaps.join(", "));
            draft.note(self.about, NoteKind::Unreadable, what, "");
        }
        None
    }

    /// Returns evidence for taking a binding away because the resource forbids it or names another team. The team itself
    /// says nothing about that, so it need not be confirmed; who is in the group must be known, for the budget counts it.
    pub(super) fn evidence_for_bindings<T>(
        &self,
        groups: Complete<'_, T>,
        members: Evidence,
    ) -> Option<Evidence> {
        Some(members.and(groups).and(self.site.offering.resources.complete()?))
    }

    /// Returns whether others bound the group to something of theirs: then nothing is removed from it (rule 11).
    pub(super) fn is_shared(
        &self,
        draft: &mut Draft<'_>,
        name: &GroupName,
        principal: &Principal,
        diff: &MemberDiff,
    ) -> bool {
        let foreign: BTreeSet<String> = bound_to(draft, principal)
            .filter(|(_, _, binding)| !self.is_our_project(draft, binding))
            .map(|(_, _, binding)| binding.project.to_string())
            .collect();
        let Some(example) = foreign.first() else { return false };
        if !(diff.leavers.is_empty() && diff.strays.is_empty()) || self.team.people.is_empty() {
            let what = format!(
                "{name} is bound to a project that is not this offering's ({example}): nobody is removed"
            );
            draft.note(self.about, NoteKind::Held, what, "remove that binding, or take them out by hand");
        }
        true
    }

    pub(super) fn is_our_project(&self, draft: &Draft<'_>, binding: &Binding) -> bool {
        draft.world.clusters.values().any(|cluster| {
            let project = cluster.projects.known().and_then(|projects| projects.get(&binding.project));
            let mark = project.and_then(|project| marks::mark(&project.annotations));
            mark.is_some_and(|mark| mark.offering == self.site.uuid)
        })
    }
}

/// Returns the clusters whose projects may be bound to groups of the realm.
fn clusters_of<'w>(draft: &Draft<'w>, keycloak: &KeycloakPolicy) -> Vec<(&'w ClusterRef, &'w Cluster)> {
    let world = draft.world;
    let places: BTreeSet<&ClusterRef> = draft
        .policy
        .offerings
        .values()
        .filter(|policy| policy.keycloak.as_ref().is_some_and(|other| other.realm == keycloak.realm))
        .map(|policy| &policy.cluster)
        .collect();
    places.into_iter().filter_map(|place| world.clusters.get_key_value(place)).collect()
}

pub(super) fn bound_to<'a, 'w>(
    draft: &'a Draft<'w>,
    principal: &'a Principal,
) -> impl Iterator<Item = (&'w ClusterRef, &'w BindingId, &'w Binding)> + 'a {
    draft.observed.clusters.iter().flat_map(move |(place, index)| {
        index.bound.get(principal).into_iter().flatten().map(move |(id, binding)| (*place, *id, *binding))
    })
}
