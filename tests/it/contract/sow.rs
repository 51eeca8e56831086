//! From Keycloak's words for a realm to the simulated Keycloak's seed, so that both hold the same.

use std::collections::BTreeMap;

use agent::sandbox::keycloak::Seed;
use agent::sandbox::keycloak::seed::{Client, Group, Realm, User};
use serde_json::Value;

use super::realm;

/// The administrator of a simulated server.
pub(super) const ADMIN: (&str, &str) = ("admin", "admin");

/// Returns the seed of a server that plays `version` below `prefix` and holds `realms`.
pub(super) fn seed(version: &str, prefix: &str, realms: &[realm::Realm]) -> Seed {
    let admin = User {
        username: ADMIN.0.into(),
        password: Some(ADMIN.1.into()),
        roles: vec!["admin".into()],
        email: "admin@example.org".into(),
        first_name: "Ad".into(),
        last_name: "Min".into(),
        ..User::default()
    };
    let master = Realm { realm: "master".into(), users: vec![admin], ..Realm::default() };
    let realms = [master].into_iter().chain(realms.iter().map(|realm| sow(&realm.body))).collect();
    Seed { version: version.into(), relative_path: prefix.into(), realms, ..Seed::default() }
}

fn sow(realm: &Value) -> Realm {
    let mut groups = Vec::new();
    plant(&realm["groups"], None, "", &mut groups);
    let mut users = Vec::new();
    let mut accounts = BTreeMap::new();
    for row in list(&realm["users"]) {
        if let Some(client) = row["serviceAccountClientId"].as_str() {
            accounts.insert(client, texts(&row["clientRoles"]["realm-management"]));
            continue;
        }
        for path in texts(&row["groups"]) {
            let group = groups.iter_mut().find(|(at, _)| *at == path);
            group.expect("a member's group is there").1.members.push(text(&row["id"]));
        }
        users.push(user(row));
    }
    Realm {
        realm: text(&realm["realm"]),
        enabled: realm["enabled"] != false,
        clients: list(&realm["clients"]).map(|row| client(row, &accounts)).collect(),
        users,
        groups: groups.into_iter().map(|(_, group)| group).collect(),
        ..Realm::default()
    }
}

/// Flattens a tree of groups, each with its path.
fn plant(rows: &Value, parent: Option<&str>, above: &str, groups: &mut Vec<(String, Group)>) {
    for row in list(rows) {
        let (id, name) = (text(&row["id"]), text(&row["name"]));
        let path = format!("{above}/{name}");
        let attributes =
            serde_json::from_value(row["attributes"].clone()).expect("attributes are lists of texts");
        let group = Group {
            id: id.clone(),
            name,
            parent_id: parent.map(str::to_owned),
            attributes,
            ..Group::default()
        };
        groups.push((path.clone(), group));
        plant(&row["subGroups"], Some(&id), &path, groups);
    }
}

fn user(row: &Value) -> User {
    User {
        id: text(&row["id"]),
        username: text(&row["username"]),
        email: text(&row["email"]),
        first_name: text(&row["firstName"]),
        last_name: text(&row["lastName"]),
        enabled: row["enabled"] != false,
        password: row["credentials"][0]["value"].as_str().map(str::to_owned),
        roles: texts(&row["clientRoles"]["realm-management"]),
        required_actions: texts(&row["requiredActions"]),
        ..User::default()
    }
}

fn client(row: &Value, accounts: &BTreeMap<&str, Vec<String>>) -> Client {
    let id = text(&row["clientId"]);
    Client {
        secret: row["secret"].as_str().map(str::to_owned),
        service_account: row["serviceAccountsEnabled"] == true,
        direct_access_grants: row["directAccessGrantsEnabled"] == true,
        full_scope_allowed: row["fullScopeAllowed"] != false,
        enabled: row["enabled"] != false,
        roles: accounts.get(id.as_str()).cloned().unwrap_or_default(),
        access_token_lifespan: row["attributes"]["access.token.lifespan"]
            .as_str()
            .and_then(|text| text.parse().ok()),
        client_id: id,
        ..Client::default()
    }
}

fn list(rows: &Value) -> impl Iterator<Item = &Value> {
    rows.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(rows: &Value) -> Vec<String> {
    list(rows).map(text).collect()
}
