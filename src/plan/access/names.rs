//! What people and resources are called: a change of access names both by their ids, which nobody knows by heart.

use std::collections::{BTreeMap, BTreeSet};

use super::Pair;
use crate::model::world::{Realm, World};
use crate::model::{KeycloakUserId, OfferingUuid, Person, Reading, ResourceUuid, Username};

/// What is called how, as far as it was read. Nothing decides by these.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// People, by what Keycloak or Rancher calls them.
    pub people: BTreeMap<Person, String>,
    /// Resources, by what Waldur calls them.
    pub resources: BTreeMap<(OfferingUuid, ResourceUuid), String>,
}

impl Names {
    /// Looks the names of everybody and everything in `pairs` up. With no pairs, nothing of the world is touched.
    pub(in crate::plan) fn of<'p>(world: &World, pairs: impl Iterator<Item = &'p Pair>) -> Self {
        let mut names = Self::default();
        let mut wanted: BTreeSet<&KeycloakUserId> = BTreeSet::new();
        for pair in pairs {
            let resources =
                world.offerings.get(&pair.offering).and_then(|offering| offering.resources.known());
            if let Some(resource) = resources.and_then(|resources| resources.get(&pair.resource)) {
                names.resources.insert((pair.offering, pair.resource), resource.name.clone());
            }
            match &pair.person {
                Person::Keycloak(id) => {
                    wanted.insert(id);
                }
                Person::Rancher(id) => {
                    let mut users =
                        world.clusters.values().filter_map(|cluster| cluster.users.as_ref()?.known());
                    let name = users.find_map(|users| users.get(id)?.username.as_ref());
                    names.people.extend(name.map(|name| (pair.person.clone(), name.as_str().to_owned())));
                }
            }
        }
        if !wanted.is_empty() {
            let known = world.realms.values().flat_map(people).filter(|(id, _)| wanted.contains(id));
            names
                .people
                .extend(known.map(|(id, name)| (Person::Keycloak(id.clone()), name.as_str().to_owned())));
        }
        names
    }
}

/// Returns everybody whom a realm named: members of groups, and who was looked up.
fn people(realm: &Realm) -> impl Iterator<Item = (&KeycloakUserId, &Username)> {
    let members = realm.members.values().filter_map(Reading::known).flatten();
    let accounts = realm.accounts.values().filter_map(Reading::known).flatten();
    members
        .map(|(id, member)| (id, &member.username))
        .chain(accounts.map(|account| (&account.id, &account.username)))
}
