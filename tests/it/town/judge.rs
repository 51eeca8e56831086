//! An onlooker who sees the three servers from inside, and says with no code of the agent's who can reach what.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A resource by its name, and somebody by their username in Keycloak.
pub(in super::super) type Access = (String, String);

/// What the onlooker says.
#[derive(Debug)]
pub(in super::super) struct Judgement {
    /// Who should reach what: in the team, agreed to the terms, known to Keycloak.
    pub(in super::super) wanted: BTreeSet<Access>,
    /// Who can.
    pub(in super::super) have: BTreeSet<Access>,
    /// What is there twice, dangles, or names the wrong thing.
    pub(in super::super) defects: Vec<String>,
}

/// Rows of a table in a snapshot.
fn rows<'a>(snapshot: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    snapshot.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}

/// UUIDs are written in two spellings.
fn bare(uuid: &str) -> String {
    uuid.replace('-', "").to_lowercase()
}

pub(in super::super) fn judge(snapshot: &Value, now: &str) -> Judgement {
    let keycloak = Keycloak::read(snapshot);
    let mut judgement =
        Judgement { wanted: wanted(snapshot, &keycloak, now), have: BTreeSet::new(), defects: Vec::new() };
    for resource in rows(snapshot, "/waldur/resources") {
        judgement.look_at(snapshot, &keycloak, resource);
    }
    let mut seen = BTreeSet::new();
    for group in &keycloak.ours {
        let purpose = group["attributes"].clone();
        let mut purpose = purpose.as_object().cloned().unwrap_or_default();
        purpose.remove("waldur_empty_since");
        if !seen.insert(Value::Object(purpose).to_string()) {
            judgement.defects.push(format!("a second group is there for the same: {}", text(group, "path")));
        }
    }
    judgement
}

/// What Keycloak's one realm holds.
struct Keycloak<'a> {
    /// Username by id.
    users: BTreeMap<&'a str, &'a str>,
    /// Members' usernames by a group's name, over all groups of that name.
    members: BTreeMap<&'a str, BTreeSet<&'a str>>,
    ours: Vec<&'a Value>,
}

impl<'a> Keycloak<'a> {
    fn read(snapshot: &'a Value) -> Self {
        let realm = "/keycloak/realms/waldur";
        let users = snapshot.pointer(&format!("{realm}/users")).and_then(Value::as_object);
        let mut all = Self { users: BTreeMap::new(), members: BTreeMap::new(), ours: Vec::new() };
        if let Some(users) = users {
            all.users = users.iter().map(|(name, user)| (text(user, "id"), name.as_str())).collect();
        }
        for group in rows(snapshot, &format!("{realm}/groups")) {
            let members = group["members"].as_array().into_iter().flatten().filter_map(Value::as_str);
            all.members.entry(text(group, "name")).or_default().extend(members);
            if group["attributes"]["managed_by"][0] == "waldur-rancher-agent" {
                all.ours.push(group);
            }
        }
        all
    }

    fn username(&self, name: &str) -> Option<&'a str> {
        self.users.iter().find(|(id, username)| **id == name || **username == name).map(|(_, name)| *name)
    }
}

fn wanted(snapshot: &Value, keycloak: &Keycloak<'_>, now: &str) -> BTreeSet<Access> {
    let mut wanted = BTreeSet::new();
    for resource in rows(snapshot, "/waldur/resources") {
        let served = matches!(text(resource, "state"), "OK" | "Updating");
        if !served || resource["restrict_member_access"] == true {
            continue;
        }
        let offering = &resource["offering_uuid"];
        let grants = rows(snapshot, "/waldur/projects")
            .filter(|project| project["uuid"] == resource["project_uuid"])
            .flat_map(|project| project["grants"].as_array().into_iter().flatten());
        let hidden: BTreeSet<&str> = rows(snapshot, "/waldur/offerings")
            .filter(|row| row["uuid"] == *offering)
            .flat_map(|row| row["consent_missing"].as_array().into_iter().flatten().filter_map(Value::as_str))
            .collect();
        let accounts = rows(snapshot, "/waldur/accounts")
            .filter(|row| row["project_uuid"] == resource["project_uuid"] && row["state"] == "OK")
            .filter_map(|row| keycloak.username(text(row, "username")));
        wanted.extend(accounts.map(|account| (text(resource, "name").to_owned(), account.to_owned())));
        for grant in grants {
            let gone = grant["expiration_time"].as_str().is_some_and(|end| end < now);
            if gone || hidden.contains(text(grant, "user_uuid")) {
                continue;
            }
            let names = rows(snapshot, "/waldur/offering_users")
                .filter(|row| row["offering_uuid"] == *offering && row["user_uuid"] == grant["user_uuid"])
                .filter_map(|row| keycloak.username(text(row, "username")));
            wanted.extend(names.map(|name| (text(resource, "name").to_owned(), name.to_owned())));
        }
    }
    wanted
}

/// Returns whom a binding names, as Keycloak knows them: whoever logs in to Rancher does so through it.
fn bound_person<'a>(snapshot: &'a Value, keycloak: &Keycloak<'a>, binding: &Value) -> Option<&'a str> {
    let user = rows(snapshot, "/rancher/users").find(|user| user["id"] == binding["userId"])?;
    let principals = user["principalIds"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut accounts = principals.filter_map(|principal| principal.strip_prefix("keycloakoidc_user://"));
    accounts.find_map(|account| keycloak.users.get(account).copied())
}

impl Judgement {
    /// Looks at the projects that serve one resource, and who is bound to them.
    fn look_at(&mut self, snapshot: &Value, keycloak: &Keycloak<'_>, resource: &Value) {
        let name = text(resource, "name");
        let uuid = bare(text(resource, "uuid"));
        let projects: Vec<&Value> = rows(snapshot, "/rancher/projects")
            .filter(|project| project["removed"].is_null())
            .filter(|project| bare(text(&project["annotations"], "waldur/resource_uuid")) == uuid)
            .collect();
        if projects.len() > 1 {
            self.defects.push(format!("{name} has {} projects", projects.len()));
        }
        let Some(project) = projects.first() else { return };
        if text(resource, "backend_id") != text(project, "id") {
            let (says, is) = (text(resource, "backend_id"), text(project, "id"));
            self.defects.push(format!("Waldur calls the project of {name} {says:?}, and it is {is:?}"));
        }
        let mut bound = BTreeSet::new();
        let bindings = rows(snapshot, "/rancher/bindings").filter(|binding| binding["removed"].is_null());
        for binding in bindings.filter(|binding| binding["projectId"] == project["id"]) {
            if let Some(person) = bound_person(snapshot, keycloak, binding) {
                if !bound.insert((person, text(binding, "roleTemplateId"))) {
                    self.defects.push(format!("{person} is bound twice to the project of {name}"));
                }
                self.have.insert((name.to_owned(), person.to_owned()));
            }
            let Some(group) = binding["groupPrincipalId"].as_str().and_then(|it| it.split_once("://")) else {
                continue;
            };
            if !bound.insert((group.1, text(binding, "roleTemplateId"))) {
                self.defects.push(format!("{} is bound twice to the project of {name}", group.1));
            }
            let Some(members) = keycloak.members.get(group.1) else {
                self.defects
                    .push(format!("{} is bound to the project of {name} and does not exist", group.1));
                continue;
            };
            self.have.extend(members.iter().map(|person| (name.to_owned(), (*person).to_owned())));
        }
    }
}
