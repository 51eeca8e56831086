//! The group that the Python agent bound for a team: it keeps its name and its place, and becomes the team's (rule 3).

use std::collections::BTreeMap;

use super::checks::bound_to;
use super::{GroupState, TeamSite};
use crate::model::desired;
use crate::model::marks::{self, GroupPurpose};
use crate::model::world::Group;
use crate::model::{Evidence, GroupId, Principal, Slug};
use crate::plan::action::{AdoptGroup, ProjectTarget};
use crate::plan::diff::Draft;
use crate::plan::diff::adopt::projects::claimants;
use crate::plan::diff::adopt::{Left, left_on, of_current_slug};
use crate::plan::diff::projects::Adoption;
use crate::plan::note::NoteKind;
use crate::plan::{Action, Reason};

/// What the Python agent left for a team.
pub(super) enum Predecessors<'w> {
    /// Nothing.
    Nothing,
    /// Its group.
    Group(&'w GroupId, &'w Group),
    /// More than one that it could be; that was noted.
    Several,
}

impl<'w> TeamSite<'_, 'w> {
    /// Returns the Python agent's group that is bound to projects of the team's resources.
    pub(super) fn predecessors(&self, draft: &mut Draft<'w>) -> Predecessors<'w> {
        let left: Vec<Left<'w>> = self
            .served
            .iter()
            .filter_map(|served| match &served.target {
                Some(ProjectTarget::Existing(id)) => Some(id),
                Some(ProjectTarget::Planned(_)) | None => None,
            })
            .flat_map(|id| left_on(draft, self.site, id))
            .collect();
        let distinct = |left: &[Left<'w>]| -> BTreeMap<&'w GroupId, &'w Group> {
            left.iter().map(|one| (one.group, one.called)).collect()
        };
        let slug = self.served.first().and_then(|served| served.resource.project.slug.as_ref());
        let (all, current) = (distinct(&left), distinct(&of_current_slug(&left, slug.map(Slug::as_str))));
        let meant = if all.len() > 1 { &current } else { &all };
        match (meant.iter().next(), meant.len()) {
            (Some((id, group)), 1) => Predecessors::Group(id, group),
            _ if all.is_empty() => Predecessors::Nothing,
            _ => {
                let names: Vec<&str> = all.values().map(|group| group.name.as_str()).collect();
                let what = format!(
                    "several groups of the Python agent's are bound for its team: {}",
                    names.join(", ")
                );
                draft.note(
                    self.about,
                    NoteKind::Held,
                    what,
                    "remove the bindings of those that are not the team's; what is bound keeps its access",
                );
                Predecessors::Several
            }
        }
    }

    /// Returns whether the group is another team's as well, or adopted for another offering first; says so.
    fn is_claimed_elsewhere(
        &self,
        draft: &mut Draft<'w>,
        id: &'w GroupId,
        group: &Group,
        principal: &Principal,
    ) -> bool {
        // Slugs are not unique: two Waldur projects of one slug share a group of the Python agent's.
        let bound: Vec<_> =
            bound_to(draft, self.keycloak, principal).map(|(place, _, one)| (place, one)).collect();
        let mut strangers = Vec::new();
        for (place, binding) in bound {
            let claimants = claimants(draft, place, binding.project.as_str());
            let others = claimants.into_iter().filter(|resource| resource.project.uuid != self.project);
            strangers.extend(others.map(|resource| resource.project.name.clone()));
        }
        if let Some(stranger) = strangers.first() {
            let what = format!(
                "the Python agent's group {} is also bound for the Waldur project {}: it cannot be either team's",
                group.name, stranger
            );
            let hint = "remove one of its bindings; that team gets a group of its own in the next cycle";
            draft.note(self.about, NoteKind::Held, what, hint);
            return true;
        }
        let key = (self.keycloak.realm.clone(), id);
        let taken = draft.adoptions.groups.get(&key).filter(|other| **other != self.site.uuid).copied();
        if let Some(other) = taken {
            let name = draft.policy.offerings.get(&other).map_or("another offering", |policy| &policy.name);
            let what = format!("the Python agent's group {} is adopted for {name} first", group.name);
            draft.note(self.about, NoteKind::Waiting, what, "");
            return true;
        }
        draft.adoptions.groups.insert(key, self.site.uuid);
        false
    }

    /// Makes the group the team's. Who is in it is compared once it is.
    pub(super) fn adopt(&self, draft: &mut Draft<'w>, id: &'w GroupId, group: &'w Group) -> GroupState {
        let Some(principal) = desired::principal(self.keycloak, &group.name) else {
            return GroupState::Unknown;
        };
        let realm = draft.world.realms.get(&self.keycloak.realm);
        let groups = realm.and_then(|realm| realm.groups.complete());
        let bindings = self.site.cluster.and_then(|cluster| cluster.bindings.complete());
        let waits = self.served.iter().any(|served| matches!(served.adoption, Adoption::Waits));
        let (Some(groups), Some(bindings), false) = (groups, bindings, waits) else {
            let what = format!(
                "the Python agent's group {} is adopted with the project that it is bound to",
                group.name
            );
            draft.note(self.about, NoteKind::Waiting, what, "");
            return GroupState::Unknown;
        };
        if self.is_claimed_elsewhere(draft, id, group, &principal) {
            return GroupState::Unknown;
        }
        let purpose = GroupPurpose::Team {
            offerings: [self.site.uuid].into(),
            project: self.project,
            // Where roles are mapped to others, the next plan moves its people into their groups.
            role: self.keycloak.role_name.clone(),
        };
        let action = AdoptGroup {
            realm: self.keycloak.realm.clone(),
            group: id.clone(),
            name: group.name.clone(),
            attributes: marks::group_attributes(&purpose),
            evidence: Evidence::of(groups).and(bindings),
        };
        draft.step(self.about, Action::AdoptGroup(action), Reason::LeftByThePythonAgent);
        let what = format!("who is in {} is compared with the team once it is adopted", group.name);
        draft.note(self.about, NoteKind::Waiting, what, "");
        GroupState::Adopting { principal }
    }
}
