//! The life of a project: made, ready, changed, removing, gone.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::agenda::Due;
use super::merge;
use super::mint;
use super::object::Object;
use super::quota;
use super::render::Phase;
use super::reply::Refusal;
use super::schema::Kind;
use super::seed::Token;
use super::state::{PROJECT_ID, State, cluster_of};

/// The label of a cluster's System project.
pub(super) const SYSTEM: &str = "authz.management.cattle.io/system-project";
/// The label of a cluster's Default project.
pub(super) const DEFAULT: &str = "authz.management.cattle.io/default-project";
const CREATOR_ROLES: &str = "authz.management.cattle.io/creator-role-bindings";
const NO_CREATOR_ROLES: &str = "field.cattle.io/no-creator-rbac";

impl State {
    pub(super) fn create_project(
        &mut self,
        body: &Map<String, Value>,
        caller: &Token,
    ) -> Result<String, Refusal> {
        let fields = merge::created(Kind::Project.fields(), body)?;
        quota::check(self.version, &fields, None)?;
        let cluster = fields.get("clusterId").and_then(Value::as_str).unwrap_or("").to_owned();
        if !self.clusters.contains_key(&cluster) {
            let reason = format!("project.spec.clusterName: Invalid value: \"{cluster}\": cluster not found");
            return Err(Refusal::webhook(400, "BadRequest", "projects", &reason));
        }
        let annotations = merge::texts(body.get("annotations"));
        if annotations.get(NO_CREATOR_ROLES).is_some_and(|value| value == "true") {
            let reason = format!("cannot have both {NO_CREATOR_ROLES} and field.cattle.io/creatorId");
            return Err(Refusal::webhook(400, "BadRequest", "projects", &reason));
        }
        let name = self.mint.name("p-");
        let id = format!("{cluster}:{name}");
        let mut project = self.new_object(&id, Some(&caller.user_id));
        for (key, value) in annotations {
            project.annotations.entry(key).or_insert(value);
        }
        for (key, value) in merge::texts(body.get("labels")) {
            project.labels.entry(key).or_insert(value);
        }
        let required: Vec<String> = self.creator_roles();
        project.annotations.insert(CREATOR_ROLES.to_owned(), json!({"required": required}).to_string());
        project.fields = fields;
        let backing = self.backing_for(&cluster, &name);
        project.set("backingNamespace", backing);
        self.projects.insert(id.clone(), project);
        self.schedule(self.timing.ready_after_ms, Due::ProjectReady(id.clone()));
        Ok(id)
    }

    /// Returns the backing namespace that this version gives a new project.
    pub(super) fn backing_for(&self, cluster: &str, name: &str) -> String {
        if self.version.names_cluster_in_backing_namespace() {
            mint::backing_namespace(cluster, name)
        } else {
            name.to_owned()
        }
    }

    pub(super) fn update_project(
        &mut self,
        id: &str,
        body: &Map<String, Value>,
        replace: bool,
    ) -> Result<(), Refusal> {
        let stored =
            self.projects.get(id).ok_or_else(|| Refusal::not_found(&Kind::Project.resource(), id))?;
        let fields = merge::merged(Kind::Project.fields(), &stored.fields, body, replace)?;
        let used = stored
            .fields
            .get("resourceQuota")
            .and_then(|quota| quota.get("usedLimit"))
            .unwrap_or(&Value::Null);
        quota::check(self.version, body, Some((used, self.namespaces_of(id).len())))?;
        if fields.get("clusterId") != stored.fields.get("clusterId") {
            let reason = "project.spec.clusterName: Invalid value: field is immutable";
            return Err(Refusal::webhook(400, "BadRequest", "projects", reason));
        }
        let annotations = merge::merged_metadata(&stored.annotations, body.get("annotations"));
        let labels = merge::merged_metadata(&stored.labels, body.get("labels"));
        let revision = self.next_revision();
        if let Some(project) = self.projects.get_mut(id) {
            project.fields = fields;
            project.annotations = annotations;
            project.labels = labels;
            project.revision = revision;
        }
        self.quota_changed(id);
        Ok(())
    }

    /// Lets namespaces and `usedLimit` follow a project's quota, after their delays.
    pub(super) fn quota_changed(&mut self, id: &str) {
        for (cluster, name) in self.namespaces_of(id) {
            self.schedule(self.timing.label_after_ms, Due::NamespaceSettled(cluster, name));
        }
        self.schedule(self.timing.used_limit_after_ms, Due::UsedLimit(id.to_owned()));
    }

    /// Begins a project's removal. A second one while it lasts changes nothing.
    pub(super) fn remove_project(&mut self, id: &str) -> Result<(), Refusal> {
        let (now, after) = (self.moment, self.timing.removed_after_ms);
        let revision = self.next_revision();
        let project =
            self.projects.get_mut(id).ok_or_else(|| Refusal::not_found(&Kind::Project.resource(), id))?;
        if project.labels.get(SYSTEM).is_some_and(|value| value == "true") {
            return Err(Refusal::new(405, "MethodNotAllow", "System Project cannot be deleted"));
        }
        if project.removed.is_none() {
            project.removed = Some(now);
            project.revision = revision;
            self.schedule(after, Due::ProjectGone(id.to_owned()));
        }
        self.settle();
        Ok(())
    }

    pub(super) fn project_becomes_ready(&mut self, id: &str) {
        let roles = self.is_reachable(cluster_of(id));
        self.back_project(id, roles);
        if !roles {
            // The roles come when the cluster does.
            self.stalled.push(Due::ProjectReady(id.to_owned()));
        }
    }

    /// Writes what the controllers write: conditions, annotations, the creator's bindings.
    pub(super) fn back_project(&mut self, id: &str, roles: bool) {
        let created = self.creator_roles();
        let revision = self.next_revision();
        let now = self.moment.to_string();
        let Some(project) = self.projects.get_mut(id) else { return };
        let condition =
            |kind: &str, status: &str| json!({"type": kind, "status": status, "lastUpdateTime": now});
        let mut conditions = vec![
            condition("BackingNamespaceCreated", "True"),
            condition("CreatorMadeOwner", "True"),
            condition("InitialRolesPopulated", if roles { "True" } else { "Unknown" }),
        ];
        if project.labels.contains_key(SYSTEM) {
            conditions.push(condition("SystemNamespacesAssigned", "True"));
        } else if project.labels.contains_key(DEFAULT) {
            conditions.push(condition("DefaultNamespacesAssigned", "True"));
        }
        project.set("conditions", conditions);
        project.revision = revision;
        let cluster = cluster_of(id);
        let written = ["mgmt-project-rbac-remove".to_owned(), format!("project-namespace-auth_{cluster}")];
        for name in written {
            project.annotations.insert(format!("lifecycle.cattle.io/create.{name}"), "true".to_owned());
        }
        let Some(creator) = project.creator().map(str::to_owned) else { return };
        let roles = json!({"created": created, "required": created});
        project.annotations.insert(CREATOR_ROLES.to_owned(), roles.to_string());
        for role in created {
            self.bind_creator(id, &role, &creator);
        }
    }

    /// Returns the roles that who creates a project gets in it.
    fn creator_roles(&self) -> Vec<String> {
        let granted = |role: &&Object| role.flag("projectCreatorDefault") && !role.flag("locked");
        self.role_templates.values().filter(granted).map(|role| role.id.clone()).collect()
    }

    fn bind_creator(&mut self, project_id: &str, role: &str, creator: &str) {
        let Some(project) = self.projects.get(project_id) else { return };
        let name = format!("creator-{role}");
        let id = format!("{}:{name}", Self::backing_namespace(project));
        if self.bindings.contains_key(&id) {
            return;
        }
        let mut binding = self.new_object(&id, Some(creator));
        binding.labels.clear();
        binding.set("name", name);
        binding.set("projectId", project_id);
        binding.set("roleTemplateId", role);
        binding.set("userId", creator);
        self.bindings.insert(id.clone(), binding);
        self.binding_is_filled(&id);
    }

    /// Ends a project: its bindings die, Rancher's own namespaces with them; the others live on unassigned.
    pub(super) fn project_goes(&mut self, id: &str) {
        let Some(project) = self.projects.remove(id) else { return };
        self.bindings.retain(|_, binding| binding.text("projectId") != Some(id));
        for (cluster, name) in self.namespaces_of(id) {
            let revision = self.next_revision();
            let Some(namespace) = self.namespaces.get_mut(&(cluster.clone(), name.clone())) else { continue };
            if namespace.creator().is_some() {
                self.remove_namespace(&cluster, &name);
            } else {
                namespace.annotations.remove(PROJECT_ID);
                namespace.revision = revision;
                self.schedule(self.timing.label_after_ms, Due::NamespaceSettled(cluster, name));
            }
        }
        self.held.remove(id);
        self.stale.remove(&project.id);
    }

    /// Returns a project's state as its conditions and its removal have it.
    pub(super) fn project_phase(&self, project: &Object) -> Phase {
        if let Some(removed) = project.removed {
            // A removal that takes more than five minutes is shown as an error.
            let stuck = self.moment.duration_since(removed) > SignedDuration::from_mins(5);
            let message = format!("waiting on project-namespace-auth_{}", cluster_of(&project.id));
            return Phase { state: "removing", transitioning: if stuck { "error" } else { "yes" }, message };
        }
        let conditions = project.fields.get("conditions").and_then(Value::as_array).into_iter().flatten();
        for condition in conditions {
            let kind = condition["type"].as_str().unwrap_or("");
            let activating = kind == "InitialRolesPopulated";
            match condition["status"].as_str() {
                Some("Unknown") => {
                    let state = if activating { "activating" } else { "configuring" };
                    return Phase { state, transitioning: "yes", message: String::new() };
                }
                Some("False") => {
                    let message = condition["message"].as_str().unwrap_or_default().to_owned();
                    return Phase { state: "active", transitioning: "error", message };
                }
                Some(_) | None => {}
            }
        }
        Phase::steady("active")
    }
}
