//! Keycloak's part of a seed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::failure::Failure;
use crate::model::world::{Realm, World};
use crate::model::{GroupId, GroupName, Reading};
use crate::sandbox::{Credentials, keycloak};

pub(super) fn seed(world: &World) -> Result<keycloak::Seed, Failure> {
    let realms: Vec<Value> =
        world.realms.iter().map(|(place, realm)| self::realm(place.realm.as_str(), realm)).collect();
    super::read(json!({ "realms": realms }))
}

fn realm(name: &str, realm: &Realm) -> Value {
    let mut users: BTreeMap<String, Value> = BTreeMap::new();
    let mut user = |id: &str, username: &str, disabled: bool| {
        users
            .entry(id.to_owned())
            .or_insert_with(|| json!({ "id": id, "username": username, "enabled": !disabled }));
    };
    for account in realm.accounts.values().filter_map(|answer| answer.known()?.as_ref()) {
        user(account.id.as_str(), account.username.as_str(), account.disabled);
    }
    for (id, member) in realm.members.values().filter_map(Reading::known).flatten() {
        user(id.as_str(), member.username.as_str(), member.disabled);
    }
    let mut groups: BTreeMap<GroupId, Value> = realm
        .groups
        .known()
        .into_iter()
        .flatten()
        .map(|(id, group)| {
            let members = realm.members.get(id).and_then(Reading::known);
            let members: Vec<_> = members.into_iter().flat_map(BTreeMap::keys).collect();
            let value = json!({
                "id": id, "name": group.name, "parent_id": group.parent, "attributes": group.attributes, "members": members,
            });
            (id.clone(), value)
        })
        .collect();
    strangers(realm, &mut groups);
    json!({
        "realm": name,
        "clients": [{
            "client_id": Credentials::SANDBOX.keycloak_client_id, "secret": Credentials::SANDBOX.keycloak_client_secret,
            "service_account": true, "roles": ["manage-users"],
        }],
        "users": users.into_values().collect::<Vec<_>>(),
        "groups": groups.into_values().collect::<Vec<_>>(),
    })
}

/// Groups of others are known by name only.
fn strangers(realm: &Realm, groups: &mut BTreeMap<GroupId, Value>) {
    for (name, found) in &realm.namesakes {
        let found: Option<&BTreeSet<GroupId>> = found.known();
        for id in found.into_iter().flatten() {
            groups.entry(id.clone()).or_insert_with(|| stranger(id, name));
        }
    }
}

fn stranger(id: &GroupId, name: &GroupName) -> Value {
    json!({ "id": id, "name": name })
}
