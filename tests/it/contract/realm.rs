//! Realms to check the contract in, in Keycloak's own words: what `--import-realm` and `POST /admin/realms` take.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The roles that have a client of their own, called `with-ROLE`.
const ROLES: [&str; 6] =
    ["view-users", "query-users", "manage-users", "query-groups", "manage-realm", "realm-admin"];

/// How many groups and people the crowded realm has, and how many of them are in its largest group.
pub(super) const CROWD: (usize, usize) = (1_000, 3_000);

/// A realm, and the ids that its rows call by a name: people by username, groups by path without the first slash.
#[derive(Debug, Clone)]
pub(super) struct Realm {
    pub(super) name: String,
    /// The representation.
    pub(super) body: Value,
    pub(super) ids: BTreeMap<String, String>,
}

/// A realm in the making. Ids are unique on a whole server, so each realm has a number of its own in them.
struct Plot {
    number: u32,
    ids: BTreeMap<String, String>,
}

impl Plot {
    fn of(number: u32) -> Self {
        Self { number, ids: BTreeMap::new() }
    }

    /// Returns the id of what is called `name`.
    fn id(&mut self, name: &str) -> String {
        let serial = self.ids.len() + 1;
        let id = format!("{:08x}-0000-4000-8000-{serial:012x}", self.number);
        self.ids.entry(name.to_owned()).or_insert(id).clone()
    }

    fn group(&mut self, path: &str, attributes: &Value, below: &[Value]) -> Value {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        self.named_group(path, name, attributes, below)
    }

    fn named_group(&mut self, path: &str, name: &str, attributes: &Value, below: &[Value]) -> Value {
        json!({ "id": self.id(path), "name": name, "attributes": attributes, "subGroups": below })
    }

    /// Somebody with a whole profile: without names and an address nobody logs in with a password.
    fn person(&mut self, username: &str, groups: &[&str]) -> Value {
        json!({
            "id": self.id(username), "username": username, "enabled": true, "email": format!("{username}@example.org"),
            "firstName": username, "lastName": "Example", "groups": groups, "createdTimestamp": 1_700_000_000_000_u64,
        })
    }

    fn into_realm(self, name: &str, parts: Value) -> Realm {
        let mut body = json!({ "realm": name, "enabled": true, "sslRequired": "none" });
        if let (Some(body), Value::Object(parts)) = (body.as_object_mut(), parts) {
            body.extend(parts);
        }
        Realm { name: name.to_owned(), body, ids: self.ids }
    }
}

impl Realm {
    /// The realm of the rows: few groups, few people, and a client for each role.
    pub(super) fn contract(name: &str, number: u32) -> Self {
        let mut plot = Plot::of(number);
        let none = json!({});
        let ours = json!({ "managed_by": ["waldur-rancher-agent"], "waldur_role": ["member"] });
        let many: Vec<Value> = (0..12).map(|n| plot.group(&format!("c_many/n{n:02}"), &none, &[])).collect();
        let odd = ["a_b", "axb", "a%b", "a.b", "a b", "a+b", "käse", "a~b"];
        let odd = odd.map(|name| plot.group(&format!("c_odd/{name}"), &none, &[]));
        let slash = plot.named_group("c_slash/with-slash", "with/slash", &none, &[]);
        let groups = vec![
            {
                let below = vec![
                    plot.group("c_one/project_a", &ours, &[]),
                    plot.group("c_one/project-a", &none, &[]),
                ];
                plot.group("c_one", &ours, &below)
            },
            {
                let below = vec![plot.group("c_two/project_a", &none, &[])];
                plot.group("c_two", &none, &below)
            },
            plot.group("c_many", &none, &many),
            plot.group("c_odd", &none, &odd),
            plot.group("c_slash", &none, &[slash]),
            plot.group("c_gone", &none, &[]),
        ];
        let mut users = vec![
            with(plot.person("ann", &["/c_one/project_a", "/c_two/project_a"]), &password()),
            with(plot.person("bob", &["/c_one/project_a"]), &json!({ "lastName": "Builder" })),
            with(plot.person("cy_d", &["/c_one/project_a"]), &json!({ "enabled": false, "email": null })),
            with(
                with(plot.person("dee", &["/c_one"]), &password()),
                &json!({ "requiredActions": ["UPDATE_PASSWORD"] }),
            ),
            with(plot.person("eve+x", &[]), &password()),
            with(with(plot.person("fay", &[]), &password()), &json!({ "email": null, "lastName": null })),
            with(plot.person("gus", &[]), &with(password(), &json!({ "enabled": false }))),
        ];
        let mut clients: Vec<Value> = Vec::new();
        for role in ROLES {
            confidential(&mut clients, &mut users, &format!("with-{role}"), &[role], &none);
        }
        confidential(&mut clients, &mut users, "with-none", &[], &none);
        confidential(&mut clients, &mut users, "with-queries", &["query-users", "query-groups"], &none);
        confidential(
            &mut clients,
            &mut users,
            "narrow",
            &["realm-admin"],
            &json!({ "fullScopeAllowed": false }),
        );
        confidential(
            &mut clients,
            &mut users,
            "hasty",
            &["manage-users"],
            &json!({ "attributes": { "access.token.lifespan": "1" } }),
        );
        confidential(&mut clients, &mut users, "switched-off", &[], &json!({ "enabled": false }));
        clients
            .push(json!({ "clientId": "no-account", "secret": "s", "publicClient": false, "enabled": true }));
        clients.push(json!({ "clientId": "open", "publicClient": true, "directAccessGrantsEnabled": false, "enabled": true }));
        plot.into_realm(name, json!({ "groups": groups, "users": users, "clients": clients }))
    }

    /// A realm of another one's neighbour, with one administrator of its own.
    pub(super) fn neighbour(name: &str, number: u32) -> Self {
        let mut plot = Plot::of(number);
        let admin = with(
            with(plot.person("foreigner", &[]), &password()),
            &json!({ "clientRoles": { "realm-management": ["realm-admin"] } }),
        );
        plot.into_realm(name, json!({ "users": [admin] }))
    }

    /// A realm that is switched off.
    pub(super) fn closed(name: &str, number: u32) -> Self {
        with_body(Plot::of(number).into_realm(name, json!({})), &json!({ "enabled": false }))
    }

    /// A thousand groups of ours below one, and a group of three thousand people. Nobody has a password: hashing three
    /// thousand of them would take minutes.
    pub(super) fn crowd(name: &str, number: u32) -> Self {
        let mut plot = Plot::of(number);
        let ours = json!({ "managed_by": ["waldur-rancher-agent"] });
        let below: Vec<Value> =
            (0..CROWD.0 - 1).map(|n| plot.group(&format!("c_all/team_{n:04}"), &ours, &[])).collect();
        let groups = vec![plot.group("c_all", &ours, &below)];
        let mut users: Vec<Value> =
            (0..CROWD.1).map(|n| plot.person(&format!("person{n:04}"), &["/c_all/team_0000"])).collect();
        let mut clients = Vec::new();
        confidential(&mut clients, &mut users, "with-manage-users", &["manage-users"], &json!({}));
        plot.into_realm(name, json!({ "groups": groups, "users": users, "clients": clients }))
    }

    /// A realm with these people and no group, and clients that may manage them, or too little.
    pub(super) fn people(name: &str, number: u32, usernames: &[&str], service_user: (&str, &str)) -> Self {
        let mut plot = Plot::of(number);
        let mut users: Vec<Value> = usernames.iter().map(|username| plot.person(username, &[])).collect();
        let (username, secret) = service_user;
        users.push(with(
            plot.person(username, &[]),
            &json!({
                "credentials": [{ "type": "password", "value": secret }],
                "clientRoles": { "realm-management": ["manage-users"] },
            }),
        ));
        let bare =
            with(plot.person("bare", &[]), &json!({ "email": null, "firstName": null, "lastName": null }));
        users.push(with(bare, &password()));
        let mut clients = Vec::new();
        for role in ["manage-users", "view-users", "query-groups"] {
            confidential(&mut clients, &mut users, &format!("with-{role}"), &[role], &json!({}));
        }
        confidential(&mut clients, &mut users, "with-none", &[], &json!({}));
        confidential(
            &mut clients,
            &mut users,
            "hasty",
            &["manage-users"],
            &json!({ "attributes": { "access.token.lifespan": "1" } }),
        );
        plot.into_realm(name, json!({ "users": users, "clients": clients }))
    }
}

/// How many people go into one file. A file is one transaction, which in old versions takes time by the square of them.
const PEOPLE_PER_FILE: usize = 250;

impl Realm {
    /// Returns the files that an import reads, each with its name: the realm with its first people, then the others.
    pub(super) fn files(&self) -> Vec<(String, Value)> {
        let name = &self.name;
        let mut body = self.body.clone();
        let users = body["users"].as_array().cloned().unwrap_or_default();
        // Those of clients are made together with them.
        let (accounts, people): (Vec<Value>, Vec<Value>) =
            users.into_iter().partition(|user| user.get("serviceAccountClientId").is_some());
        let mut pages = people.chunks(PEOPLE_PER_FILE);
        body["users"] = pages.next().unwrap_or_default().iter().cloned().chain(accounts).collect();
        let more = pages.enumerate().map(|(number, page)| {
            (format!("{name}-users-{number}.json"), json!({ "realm": name, "users": page }))
        });
        [(format!("{name}-realm.json"), body)].into_iter().chain(more).collect()
    }
}

/// The password of whoever has one.
fn password() -> Value {
    json!({ "credentials": [{ "type": "password", "value": "pw" }] })
}

/// Adds a confidential client and, with its roles, the user that it is when it logs in as itself.
fn confidential(clients: &mut Vec<Value>, users: &mut Vec<Value>, id: &str, roles: &[&str], more: &Value) {
    let client = json!({
        "clientId": id, "enabled": true, "publicClient": false, "secret": "s", "serviceAccountsEnabled": true,
        "standardFlowEnabled": false, "directAccessGrantsEnabled": false,
    });
    clients.push(with(client, more));
    users.push(json!({
        "username": format!("service-account-{id}"), "enabled": true, "serviceAccountClientId": id,
        "createdTimestamp": 1_700_000_000_000_u64,
        "clientRoles": { "realm-management": roles },
    }));
}

/// Returns an object with other values, or without the keys whose value is nothing.
fn with(mut object: Value, more: &Value) -> Value {
    if let (Some(object), Some(more)) = (object.as_object_mut(), more.as_object()) {
        object.extend(more.clone());
        object.retain(|_, value| !value.is_null());
    }
    object
}

fn with_body(realm: Realm, more: &Value) -> Realm {
    Realm { body: with(realm.body, more), ..realm }
}
