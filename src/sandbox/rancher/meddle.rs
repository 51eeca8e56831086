//! What somebody else does behind the agent's back: people at the user interface, failures, administrators.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::seed::{Binding, Claim, Namespace, Pod, Project, User};
use super::sow;
use super::state::State;

/// The condition of a project that is the last to be met.
const ROLES: &str = "InitialRolesPopulated";

/// One act of somebody else.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Meddle {
    /// Removes a binding at once.
    DeleteBinding {
        /// The binding's id.
        id: String,
    },
    /// Binds a person or a group by hand.
    AddBinding(Binding),
    /// Removes a project, as the user interface does.
    DeleteProject {
        /// The project's id.
        id: String,
    },
    /// Makes a project that is ready at once.
    AddProject(Box<Project>),
    /// Writes a project's quota past every check; absent means none.
    SetQuota {
        /// The project's id.
        project_id: String,
        /// `{limit}` as the API has it.
        #[serde(default)]
        resource_quota: Option<Value>,
        /// `{limit}` as the API has it.
        #[serde(default)]
        namespace_default_resource_quota: Option<Value>,
    },
    /// Sets or removes an annotation of a project.
    SetAnnotation {
        /// The project's id.
        project_id: String,
        /// The annotation.
        key: String,
        /// Absent removes it.
        #[serde(default)]
        value: Option<String>,
    },
    /// Changes a project's description.
    SetDescription {
        /// The project's id.
        project_id: String,
        /// The new description.
        description: String,
    },
    /// Changes a project's display name.
    RenameProject {
        /// The project's id.
        project_id: String,
        /// The new display name.
        name: String,
    },
    /// Lets Rancher find something wrong with a project, in these words; absent means that it is well again.
    SetTrouble {
        /// The project's id.
        project_id: String,
        /// What is wrong.
        #[serde(default)]
        message: Option<String>,
    },
    /// Makes a namespace.
    AddNamespace(Namespace),
    /// Removes a namespace.
    DeleteNamespace {
        /// The cluster's id.
        cluster_id: String,
        /// The namespace.
        name: String,
    },
    /// Starts a pod.
    AddPod(Box<Pod>),
    /// Claims a volume.
    AddClaim(Box<Claim>),
    /// Lets people use a project: a namespace of it with pods, claims and quotas of every kind that is hard to count.
    UseProject {
        /// The project's id.
        project_id: String,
    },
    /// Cuts or mends the tunnel to a cluster.
    SetClusterReachable {
        /// The cluster's id.
        cluster_id: String,
        /// Whether the tunnel works.
        reachable: bool,
    },
    /// Locks or unlocks a role template.
    LockRole {
        /// The role template's id.
        id: String,
        /// Whether it is locked.
        locked: bool,
    },
    /// Writes `usedLimit`, which no longer follows; absent lets it follow again.
    SetUsedLimit {
        /// The project's id.
        project_id: String,
        /// The limit as the API has it.
        #[serde(default)]
        used_limit: Option<Value>,
    },
    /// Holds up the removal of a project, or lets it go on.
    HoldRemoval {
        /// The project's id.
        project_id: String,
        /// Whether it is held up.
        held: bool,
    },
    /// Lets the next updates through norman lose against others, five times each, so that they end in 409.
    Contend {
        /// How many updates.
        updates: u32,
    },
    /// Makes a user, as a person's first login does; replaces one of the same id.
    AddUser(User),
    /// Deletes a user; what they are bound to stays.
    DeleteUser {
        /// The user's id.
        id: String,
    },
    /// Deletes an API key.
    RevokeToken {
        /// The access key.
        name: String,
    },
}

impl State {
    /// Does what somebody else does.
    pub fn meddle(&mut self, act: Meddle) -> Result<(), String> {
        self.settle();
        self.act(act)?;
        self.settle();
        Ok(())
    }

    fn act(&mut self, act: Meddle) -> Result<(), String> {
        match act {
            Meddle::DeleteBinding { id } => {
                self.bindings.remove(&id).map(|_| ()).ok_or_else(|| format!("no binding {id}"))
            }
            Meddle::AddBinding(binding) => self.sow_binding(binding),
            Meddle::DeleteProject { id } => {
                self.remove_project(&id).map_err(|refusal| format!("{refusal:?}"))
            }
            Meddle::AddProject(project) => self.sow_project(*project),
            Meddle::SetQuota { project_id, resource_quota, namespace_default_resource_quota } => {
                let quotas = [
                    ("resourceQuota", resource_quota),
                    ("namespaceDefaultResourceQuota", namespace_default_resource_quota),
                ];
                self.write_project(&project_id, quotas)?;
                self.quota_changed(&project_id);
                Ok(())
            }
            Meddle::SetAnnotation { project_id, key, value } => {
                let project = self.projects.get_mut(&project_id).ok_or_else(|| no_project(&project_id))?;
                match value {
                    Some(value) => project.annotations.insert(key, value),
                    None => project.annotations.remove(&key),
                };
                Ok(())
            }
            Meddle::SetDescription { project_id, description } => {
                self.write_project(&project_id, [("description", Some(description.into()))])
            }
            Meddle::RenameProject { project_id, name } => {
                self.write_project(&project_id, [("name", Some(name.into()))])
            }
            Meddle::SetTrouble { project_id, message } => self.set_trouble(&project_id, message),
            Meddle::AddNamespace(namespace) => self.sow_namespace(namespace),
            Meddle::DeleteNamespace { cluster_id, name } => {
                if !self.namespaces.contains_key(&(cluster_id.clone(), name.clone())) {
                    return Err(format!("no namespace {name} in {cluster_id}"));
                }
                self.remove_namespace(&cluster_id, &name);
                Ok(())
            }
            Meddle::AddPod(new) => self.run(sow::pod(*new)),
            Meddle::AddClaim(new) => self.run(sow::claim(*new)),
            Meddle::UseProject { project_id } => self.use_project(&project_id),
            Meddle::SetClusterReachable { cluster_id, reachable } => {
                self.set_reachable(cluster_id, reachable)
            }
            Meddle::LockRole { id, locked } => {
                let role =
                    self.role_templates.get_mut(&id).ok_or_else(|| format!("no role template {id}"))?;
                role.set("locked", locked);
                Ok(())
            }
            Meddle::SetUsedLimit { project_id, used_limit } => self.set_used_limit(project_id, used_limit),
            Meddle::HoldRemoval { project_id, held } => {
                if held {
                    self.held.insert(project_id);
                } else {
                    self.held.remove(&project_id);
                    self.retry_stalled();
                }
                Ok(())
            }
            Meddle::Contend { updates } => {
                self.contended = updates;
                Ok(())
            }
            Meddle::AddUser(user) => {
                self.sow_user(user);
                Ok(())
            }
            Meddle::DeleteUser { id } => {
                self.users.remove(&id).map(|_| ()).ok_or_else(|| format!("no user {id}"))
            }
            Meddle::RevokeToken { name } => {
                let before = self.tokens.len();
                self.tokens.retain(|token| token.name != name);
                if self.tokens.len() < before { Ok(()) } else { Err(format!("no token {name}")) }
            }
        }
    }

    fn write_project<'a>(
        &mut self,
        id: &str,
        fields: impl IntoIterator<Item = (&'a str, Option<Value>)>,
    ) -> Result<(), String> {
        let revision = self.next_revision();
        let project = self.projects.get_mut(id).ok_or_else(|| no_project(id))?;
        project.revision = revision;
        for (field, value) in fields {
            match value {
                Some(value) => project.set(field, value),
                None => {
                    project.fields.remove(field);
                }
            }
        }
        Ok(())
    }

    fn set_trouble(&mut self, id: &str, message: Option<String>) -> Result<(), String> {
        let project = self.projects.get(id).ok_or_else(|| no_project(id))?;
        let mut conditions =
            project.fields.get("conditions").and_then(Value::as_array).cloned().unwrap_or_default();
        conditions.retain(|condition| condition["type"] != ROLES);
        let status = if message.is_some() { "False" } else { "True" };
        conditions.push(json!({"type": ROLES, "status": status, "message": message.unwrap_or_default()}));
        self.write_project(id, [("conditions", Some(conditions.into()))])
    }

    fn set_reachable(&mut self, cluster_id: String, reachable: bool) -> Result<(), String> {
        if !self.clusters.contains_key(&cluster_id) {
            return Err(format!("no cluster {cluster_id}"));
        }
        if reachable {
            self.unreachable.remove(&cluster_id);
            self.retry_stalled();
        } else {
            self.unreachable.insert(cluster_id);
        }
        Ok(())
    }

    fn set_used_limit(&mut self, project_id: String, used_limit: Option<Value>) -> Result<(), String> {
        let project = self.projects.get_mut(&project_id).ok_or_else(|| no_project(&project_id))?;
        let Some(used_limit) = used_limit else {
            self.stale.remove(&project_id);
            self.quota_changed(&project_id);
            return Ok(());
        };
        let quota = project.fields.get_mut("resourceQuota").and_then(Value::as_object_mut);
        let quota = quota.ok_or_else(|| format!("project {project_id} has no quota"))?;
        quota.insert("usedLimit".to_owned(), used_limit);
        self.stale.insert(project_id);
        Ok(())
    }

    pub(super) fn sow_binding(&mut self, binding: Binding) -> Result<(), String> {
        let mut fields: BTreeMap<&str, String> = BTreeMap::new();
        fields.insert("roleTemplateId", binding.role_template_id);
        let subjects = [
            ("groupPrincipalId", binding.group_principal_id),
            ("userId", binding.user_id),
            ("userPrincipalId", binding.user_principal_id),
        ];
        fields.extend(subjects.into_iter().filter_map(|(field, value)| value.map(|value| (field, value))));
        let creator = binding.creator_id.as_deref();
        let id = self.put_binding(&binding.project_id, &binding.name, fields, creator)?;
        if let Some(stored) = self.bindings.get_mut(&id) {
            stored.annotations.extend(binding.annotations);
            stored.created = binding.created.unwrap_or(stored.created);
        }
        Ok(())
    }
}

fn no_project(id: &str) -> String {
    format!("no project {id}")
}
