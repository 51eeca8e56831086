//! What people do behind the agent's back, by the names that the story knows.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]
#![expect(clippy::needless_pass_by_value, reason = "values are written where they are used")]

use agent::sandbox::{Credentials, System};
use serde_json::{Value, json};

use super::Town;

/// The one realm.
pub(in super::super) fn realm() -> &'static str {
    Credentials::SANDBOX.keycloak_realm
}

/// Writes an act: the system, what, and the fields.
pub(in super::super) fn act(system: &str, what: &str, fields: Value) -> Value {
    let mut act = json!({ "system": system, "act": what });
    act.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    act
}

impl Town {
    /// Returns the UUID of what a table of Waldur's calls `name`.
    pub(in super::super) fn uuid(&self, table: &str, name: &str) -> String {
        let field = if table == "users" { "username" } else { "name" };
        self.waldur_row(table, field, name)["uuid"].as_str().unwrap().to_owned()
    }

    fn waldur_row(&self, table: &str, field: &str, is: &str) -> Value {
        let snapshot = self.sandbox.snapshot_of(System::Waldur);
        let found = snapshot[table].as_array().unwrap().iter().find(|row| row[field] == is).cloned();
        found.unwrap_or_else(|| panic!("no {field} {is:?} in {table}"))
    }

    /// Returns the Rancher project that serves the resource of this name.
    pub(in super::super) fn project_of(&self, resource: &str) -> Value {
        let uuid = self.uuid("resources", resource).replace('-', "");
        let snapshot = self.sandbox.snapshot_of(System::Rancher);
        let serves = |row: &&Value| {
            row["removed"].is_null() && row["annotations"]["waldur/resource_uuid"] == uuid.as_str()
        };
        let found = snapshot["projects"].as_array().unwrap().iter().find(serves).cloned();
        found.unwrap_or_else(|| panic!("{resource} has no project"))
    }

    /// Returns the ids of the group bindings of that project.
    pub(in super::super) fn bindings_of(&self, resource: &str) -> Vec<String> {
        let project = self.project_of(resource)["id"].clone();
        let snapshot = self.sandbox.snapshot_of(System::Rancher);
        let of = |row: &&Value| {
            row["projectId"] == project && row["groupPrincipalId"].is_string() && row["removed"].is_null()
        };
        let found = snapshot["bindings"].as_array().unwrap().iter().filter(of);
        found.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Returns the groups of the realm.
    pub(in super::super) fn groups(&self) -> Vec<Value> {
        let snapshot = self.sandbox.snapshot_of(System::Keycloak);
        snapshot["realms"][realm()]["groups"].as_array().unwrap().clone()
    }

    /// Returns the group of the team of the Waldur project of this name.
    pub(in super::super) fn group_of(&self, project: &str) -> Option<Value> {
        let uuid = self.uuid("projects", project).replace('-', "");
        let is = |group: &Value| group["attributes"]["waldur_project_uuid"][0] == uuid.as_str();
        self.groups().into_iter().find(is)
    }

    pub(in super::super) fn joins(&self, user: &str, project: &str) {
        let (project, user) = (self.uuid("projects", project), self.uuid("users", user));
        let fields = json!({ "project_uuid": project, "user_uuid": user, "role": "PROJECT.MEMBER" });
        self.meddle(act("waldur", "join-project", fields));
    }

    pub(in super::super) fn leaves(&self, user: &str, project: &str) {
        let (project, user) = (self.uuid("projects", project), self.uuid("users", user));
        self.meddle(act("waldur", "leave-project", json!({ "project_uuid": project, "user_uuid": user })));
    }

    /// Puts somebody into a team's group by hand.
    pub(in super::super) fn sneaks_into(&self, username: &str, project: &str) {
        let group = self.group_of(project).unwrap()["id"].clone();
        let fields = json!({ "realm": realm(), "group_id": group, "username": username });
        self.meddle(act("keycloak", "add-member", fields));
    }

    /// Makes an account in Keycloak.
    pub(in super::super) fn account(&self, username: &str) {
        self.meddle(act("keycloak", "add-user", json!({ "realm": realm(), "username": username })));
    }

    /// Orders something new for a project; its owner agreed. Returns the order and the resource.
    pub(in super::super) fn orders(&self, name: &str, project: &str, limits: Value) -> String {
        let offering = self.uuid("offerings", &self.config.policy.offerings.values().next().unwrap().name);
        let project = self.uuid("projects", project);
        let fields =
            json!({ "offering_uuid": offering, "project_uuid": project, "name": name, "limits": limits });
        self.meddle(act("waldur", "place-order", fields));
        self.order_of(name)["uuid"].as_str().unwrap().to_owned()
    }

    /// Orders other limits for a resource.
    pub(in super::super) fn orders_limits(&self, resource: &str, limits: Value) {
        let uuid = self.uuid("resources", resource);
        self.meddle(act("waldur", "update-limits", json!({ "resource_uuid": uuid, "limits": limits })));
    }

    /// Orders the end of a resource.
    pub(in super::super) fn orders_the_end_of(&self, resource: &str) {
        let uuid = self.uuid("resources", resource);
        self.meddle(act("waldur", "terminate", json!({ "resource_uuid": uuid })));
    }

    /// Returns the last order of a resource, as Waldur keeps it.
    pub(in super::super) fn order_of(&self, resource: &str) -> Value {
        let uuid = self.uuid("resources", resource);
        let snapshot = self.sandbox.snapshot_of(System::Waldur);
        let of = |row: &&Value| row["resource_uuid"] == uuid.as_str();
        let last = snapshot["orders"].as_array().unwrap().iter().rfind(of).cloned();
        last.unwrap_or_else(|| panic!("{resource} was never ordered"))
    }

    /// Returns a resource, as Waldur keeps it.
    pub(in super::super) fn resource(&self, name: &str) -> Value {
        self.waldur_row("resources", "name", name)
    }

    pub(in super::super) fn set_resource(&self, resource: &str, set: Value) {
        let uuid = self.uuid("resources", resource);
        self.meddle(act("waldur", "set-resource", json!({ "uuid": uuid, "set": set })));
    }
}
