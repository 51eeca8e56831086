//! Resources that moved to another team: whoever is in both teams leaves the old group last.

use std::collections::BTreeSet;

use super::TeamSite;
use super::checks::bound_to;
use crate::model::desired::Basis;
use crate::model::marks;
use crate::model::{KeycloakUserId, Principal, ProjectUuid, Reading, Username};
use crate::plan::diff::{Draft, projects};
use crate::plan::facts::Fact;

/// A binding of ours that names a team's group for a resource which that team no longer has.
#[derive(Debug)]
pub(super) struct Moved {
    /// That the binding is gone.
    unbound: Fact,
    /// The team that has the resource now; none if that could not be read.
    team: Option<ProjectUuid>,
}

impl TeamSite<'_, '_> {
    /// Returns the bindings of the group that other teams' resources have moved on with.
    pub(super) fn moved(&self, draft: &Draft<'_>, principal: &Principal) -> Vec<Moved> {
        let resources = &self.site.offering.resources;
        bound_to(draft, self.keycloak, principal)
            .filter_map(|(place, id, binding)| {
                let mark =
                    marks::mark(&binding.annotations).filter(|mark| mark.offering == self.site.uuid)?;
                let unbound = Fact::Unbound { cluster: place.clone(), binding: id.clone() };
                match resources.known().and_then(|resources| resources.get(&mark.resource)) {
                    Some(resource) => {
                        let team = resource.project.uuid;
                        let moved = team != self.project
                            && projects::is_wanted(draft, self.site, mark.resource, resource);
                        moved.then_some(Moved { unbound, team: Some(team) })
                    }
                    None if resources.complete().is_some() => None,
                    None => Some(Moved { unbound, team: None }),
                }
            })
            .collect()
    }

    /// Returns which bindings must be gone before a member may be taken out: those of resources that the member
    /// may keep through another team.
    pub(super) fn last(
        &self,
        draft: &Draft<'_>,
        moved: &[Moved],
        person: &KeycloakUserId,
        username: &Username,
    ) -> BTreeSet<Fact> {
        let keeps = |one: &&Moved| one.team.is_none_or(|team| self.may_be_in(draft, team, person, username));
        moved.iter().filter(keeps).map(|one| one.unbound.clone()).collect()
    }

    /// Returns whether a member may be one of another team, as far as is known.
    fn may_be_in(
        &self,
        draft: &Draft<'_>,
        project: ProjectUuid,
        person: &KeycloakUserId,
        username: &Username,
    ) -> bool {
        let team = self.site.team(draft, project);
        if let Basis::Unknown = team.basis {
            return true;
        }
        // Whoever is in the group of that team is known to be somebody else.
        let realm = draft.world.realms.get(&self.keycloak.realm);
        let index = draft.observed.realms.get(&self.keycloak.realm);
        let members: Vec<_> = index
            .into_iter()
            .flat_map(|index| index.of_team(self.site.uuid, project))
            .filter_map(|team| realm?.members.get(team.group.0)?.known())
            .flatten()
            .collect();
        let is_met = |mate: &Username| {
            let mut members = members.iter();
            members.any(|(id, one)| id.as_str() == mate.as_str() || one.username.is_alike(mate))
        };
        let accounts = realm.map(|realm| &realm.accounts);
        team.people.iter().any(|(_, mate)| {
            let Some(mate) = &mate.name else { return true };
            if mate.as_str() == person.as_str() || mate.is_alike(username) {
                return true;
            }
            if is_met(mate) {
                return false;
            }
            match accounts.and_then(|accounts| accounts.get(mate)) {
                Some(Reading::Complete(account)) => {
                    account.as_ref().is_some_and(|account| account.id == *person)
                }
                Some(Reading::Partial { .. } | Reading::Unavailable(_)) | None => true,
            }
        })
    }
}
