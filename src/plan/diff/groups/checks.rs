//! What must be known before a team's group is touched: is the team confirmed, the name free, the group ours alone?

use std::collections::{BTreeMap, BTreeSet};

use super::place::Place;
use super::{MemberDiff, TeamSite};
use crate::model::desired::Basis;
use crate::model::marks::{self, Mark};
use crate::model::policy::KeycloakPolicy;
use crate::model::world::{Binding, Subject};
use crate::model::{BindingId, ClusterRef, Evidence, OfferingUuid, Principal, RancherProjectId, Reading};
use crate::plan::action::ProjectTarget;
use crate::plan::diff::Draft;
use crate::plan::diff::team::TeamRef;
use crate::plan::note::NoteKind;

impl TeamSite<'_, '_> {
    /// Returns whether Waldur's `team` was asked; if not, asks, and says what waits for the answer.
    pub(super) fn is_confirmed(&self, draft: &mut Draft<'_>, diffs: &[MemberDiff]) -> bool {
        let joins: usize = diffs.iter().map(|diff| diff.joins.len()).sum();
        let leaves: usize = diffs.iter().map(MemberDiff::leaving).sum();
        let whose =
            TeamRef { site: self.site, about: self.about, project: self.project, served: self.served };
        let is_confirmed = whose.is_confirmed(draft, &self.team, (joins, leaves));
        if let Some(joint) = self.joint.as_ref().filter(|_| !is_confirmed) {
            joint.ask(draft);
        }
        is_confirmed
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

    /// Returns evidence for taking people out of a group that is there; says what is in the way if it would be needed.
    pub(super) fn may_take(
        &self,
        draft: &mut Draft<'_>,
        (index, place): (usize, &Place),
        diff: &MemberDiff,
    ) -> Option<Evidence> {
        // What nothing would be taken by needs no proof.
        if diff.leaving() == 0 && !self.seats.is_empty(&self.team, index) {
            return None;
        }
        let name = &place.name;
        let evidence = match self.sight(draft, index) {
            Ok(evidence) => Some(evidence),
            Err(gaps) => {
                if !gaps.is_empty() {
                    let what =
                        format!("nobody is removed from {name}: not read completely: {}", gaps.join(", "));
                    draft.note(self.about, NoteKind::Unreadable, what, "");
                }
                None
            }
        };
        let foreign = self.foreign(draft, place);
        if let Some(project) = &foreign {
            let what = format!(
                "{name} is bound to a project that is not this offering's ({project}): nobody is removed"
            );
            draft.note(self.about, NoteKind::Held, what, "remove that binding, or take them out by hand");
        }
        evidence.filter(|_| foreign.is_none())
    }

    /// Returns evidence for taking people out of a group that is there, or what was not read completely.
    pub(super) fn sight(&self, draft: &Draft<'_>, index: usize) -> Result<Evidence, Vec<String>> {
        let Basis::Confirmed(team) = self.team.basis else { return Err(Vec::new()) };
        let home = &self.homes[index];
        let mut gaps = Vec::new();
        let mut evidence = Evidence::of(team);
        match home.members.and_then(Reading::complete) {
            Some(members) => evidence = evidence.and(members),
            None => gaps.extend(home.group.map(|(_, group)| format!("the members of {}", group.name))),
        }
        match self.site.offering.people.complete() {
            Some(people) => evidence = evidence.and(people),
            None => gaps.push("the offering's users".to_owned()),
        }
        match self.site.offering.accounts.complete() {
            Some(accounts) => evidence = evidence.and(accounts),
            None => gaps.push("the accounts of services and courses".to_owned()),
        }
        // Any cluster of the realm may know the group by its name, and share it (rule 11).
        for place in clusters_of(draft, self.keycloak) {
            let cluster = draft.world.clusters.get(place);
            match cluster.and_then(|cluster| cluster.bindings.complete()) {
                Some(bindings) => evidence = evidence.and(bindings),
                None => gaps.push(format!("the bindings of {}", place.cluster)),
            }
        }
        let Some(joint) = &self.joint else { return if gaps.is_empty() { Ok(evidence) } else { Err(gaps) } };
        match joint.witnessed(evidence) {
            Some(evidence) if gaps.is_empty() => Ok(evidence),
            Some(_) => Err(gaps),
            None => {
                gaps.push("the team of the offering that shares it".to_owned());
                Err(gaps)
            }
        }
    }

    /// Returns a project of others that the group is bound to: nothing is removed from it then (rule 11).
    pub(super) fn foreign(&self, draft: &Draft<'_>, place: &Place) -> Option<String> {
        let foreign: BTreeSet<String> = bound_to(draft, self.keycloak, &place.principal)
            .filter(|(cluster, _, binding)| self.is_anothers(draft, cluster, binding))
            .map(|(_, _, binding)| binding.project.to_string())
            .collect();
        foreign.into_iter().next()
    }

    /// Returns whether the group belongs to an offering.
    fn is_ours(&self, offering: OfferingUuid) -> bool {
        offering == self.site.uuid
            || self.joint.as_ref().is_some_and(|joint| joint.offerings.contains(&offering))
    }

    /// Returns whether a resource of ours names the project, whatever became of it: the Python agent made it for us.
    fn is_named(&self, draft: &Draft<'_>, place: &ClusterRef, project: &RancherProjectId) -> bool {
        let ours = draft.policy.offerings.iter();
        let ours = ours.filter(|(uuid, policy)| policy.cluster == *place && self.is_ours(**uuid));
        let resources = ours.filter_map(|(uuid, _)| draft.world.offerings.get(uuid)?.resources.known());
        let mut resources = resources.flat_map(BTreeMap::values);
        resources.any(|resource| resource.backend_id.as_deref() == Some(project.as_str()))
    }

    /// Returns whether a binding is on the project of another offering, or of one that cannot be seen. A project that
    /// somebody made by hand is nobody's offering: it does not keep people in.
    fn is_anothers(&self, draft: &Draft<'_>, place: &ClusterRef, binding: &Binding) -> bool {
        let projects = draft.world.clusters.get(place).and_then(|cluster| cluster.projects.known());
        let Some(project) = projects.and_then(|projects| projects.get(&binding.project)) else { return true };
        match marks::mark(&project.annotations) {
            Some(mark) => !self.is_ours(mark.offering),
            None => {
                project.annotations.contains_key(marks::MANAGED)
                    && !self.is_named(draft, place, &binding.project)
            }
        }
    }
}

/// Returns the group that a binding names.
pub(super) const fn group_of(binding: &Binding) -> Option<&Principal> {
    match &binding.subject {
        Subject::Group(principal) => Some(principal),
        Subject::User(_) | Subject::Other => None,
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

/// Returns evidence that the bindings of all clusters were read whose projects may be bound to groups of the realm.
pub(super) fn bindings_seen(draft: &Draft<'_>, keycloak: &KeycloakPolicy) -> Option<Evidence> {
    let mut places = clusters_of(draft, keycloak).into_iter();
    let bindings = |place| draft.world.clusters.get(place)?.bindings.complete();
    let first = Evidence::of(bindings(places.next()?)?);
    places.try_fold(first, |evidence, place| Some(evidence.and(bindings(place)?)))
}

pub(super) fn bound_to<'a, 'w>(
    draft: &'a Draft<'w>,
    keycloak: &KeycloakPolicy,
    principal: &'a Principal,
) -> impl Iterator<Item = (&'w ClusterRef, &'w BindingId, &'w Binding)> + 'a {
    let places = clusters_of(draft, keycloak);
    let served = draft.observed.clusters.iter().filter(move |(place, _)| places.contains(**place));
    served.flat_map(move |(place, index)| {
        index.bound().get(principal).into_iter().flatten().map(move |(id, binding)| (*place, *id, *binding))
    })
}
