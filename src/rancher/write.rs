//! What is written to Rancher.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use smol_str::SmolStr;

use super::{Client, Error, ProjectView, is_gone, one, parse, wire};
use crate::http::{self, StatusCode};
use crate::model::quota::Limits;
use crate::model::world::{Annotations, Binding, Quota, Subject};
use crate::model::{BindingId, BindingName, ClusterId, RancherProjectId, RoleTemplateId};

const CONTAINER_DEFAULTS: &str = "containerDefaultResourceLimit";

/// A project to be made. Rancher does not keep names unique: look before, and after a lost answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// In which cluster.
    pub cluster: ClusterId,
    /// Its display name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Our mark and what else is noted on it.
    pub annotations: Annotations,
    /// Its quota, if it has one.
    pub quota: Option<Quota>,
    /// What its containers have unless they say otherwise; empty says nothing.
    pub container_defaults: Limits,
}

/// A change of a project: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectChange {
    /// Another display name.
    pub name: Option<String>,
    /// Another description.
    pub description: Option<String>,
    /// All annotations, as read and changed: one that is absent from the map is deleted, unless it is Rancher's own.
    pub annotations: Option<Annotations>,
    /// What becomes of the quota.
    pub quota: QuotaChange,
    /// What its containers have unless they say otherwise, if that changes.
    pub container_defaults: Option<Limits>,
}

/// What becomes of a quota.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum QuotaChange {
    /// It stays.
    #[default]
    Keep,
    /// It goes.
    Clear,
    /// It becomes this one.
    Set {
        /// The quota.
        quota: Quota,
        /// The keys that it had and shall not have any more; those that it keeps may be among them.
        dropped: BTreeSet<SmolStr>,
    },
}

/// A role binding to be made. Its name is ours to choose, so a second one is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBinding {
    /// Its name.
    pub name: BindingName,
    /// To what.
    pub project: RancherProjectId,
    /// As what.
    pub role: RoleTemplateId,
    /// Who. Rancher refuses [`Subject::Other`], because then nobody is named.
    pub subject: Subject,
    /// Our mark.
    pub annotations: Annotations,
}

/// How an object ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Done,
    /// Its removal has begun; finalizers decide how long it takes.
    Begun,
    /// It had gone before.
    AlreadyGone,
}

impl Client {
    /// Makes a project and returns it as the server keeps it. It is not ready at once.
    pub async fn create_project(&self, new: &NewProject) -> Result<(RancherProjectId, ProjectView), Error> {
        let NewProject { cluster, name, description, annotations, quota, container_defaults } = new;
        let mut body = json!({
            "type": "project",
            "clusterId": cluster,
            "name": name,
            "description": description,
            "annotations": annotations,
        });
        if let Some(quota) = quota {
            insert(&mut body, parse::quota(quota, &BTreeSet::new()));
        }
        if !container_defaults.is_empty() {
            insert(&mut body, [(CONTAINER_DEFAULTS, parse::container_defaults(container_defaults))]);
        }
        let made: Result<wire::Project, _> = one(self.http.post(&["v3", "projects"]).json(&body)).await;
        made.map(parse::project).map_err(|source| Error::CreateProject { name: name.clone(), source })
    }

    /// Changes a project and returns it as the server keeps it. Compare: what may not be changed is ignored in silence.
    pub async fn update_project(
        &self,
        project: &RancherProjectId,
        change: &ProjectChange,
    ) -> Result<ProjectView, Error> {
        let ProjectChange { name, description, annotations, quota, container_defaults } = change;
        let mut body = Value::from(Map::new());
        let texts = [("name", name), ("description", description)];
        insert(
            &mut body,
            texts.into_iter().filter_map(|(key, text)| Some((key, Value::from(text.clone()?)))),
        );
        insert(&mut body, annotations.iter().map(|annotations| ("annotations", json!(annotations))));
        let defaults = container_defaults.as_ref().map(parse::container_defaults);
        insert(&mut body, defaults.map(|defaults| (CONTAINER_DEFAULTS, defaults)));
        match quota {
            QuotaChange::Keep => {}
            QuotaChange::Clear => {
                insert(
                    &mut body,
                    ["resourceQuota", "namespaceDefaultResourceQuota"].map(|key| (key, Value::Null)),
                );
            }
            QuotaChange::Set { quota, dropped } => insert(&mut body, parse::quota(quota, dropped)),
        }
        let changed = one(self.http.put(&["v3", "projects", project.as_str()]).json(&body)).await;
        changed
            .map(|row| parse::project(row).1)
            .map_err(|source| Error::UpdateProject { project: project.clone(), source })
    }

    /// Makes a role binding and returns it as the server keeps it. Refused with a conflict if there is one of that name.
    pub async fn create_binding(&self, new: &NewBinding) -> Result<(BindingId, Binding), Error> {
        let NewBinding { name, project, role, subject, annotations } = new;
        let mut body = json!({
            "type": "projectRoleTemplateBinding",
            "name": name,
            "projectId": project,
            "roleTemplateId": role,
            "annotations": annotations,
        });
        match subject {
            Subject::Group(group) => insert(&mut body, [("groupPrincipalId", json!(group))]),
            // A principal names its provider, an id does not.
            Subject::User(user) if user.contains("://") => {
                insert(&mut body, [("userPrincipalId", json!(user))]);
            }
            Subject::User(user) => insert(&mut body, [("userId", json!(user))]),
            Subject::Other => {}
        }
        let made = one(self.http.post(&["v3", "projectroletemplatebindings"]).json(&body)).await;
        made.map(parse::binding).map_err(|source| Error::CreateBinding {
            name: name.clone(),
            project: project.clone(),
            source,
        })
    }

    /// Writes the annotations of a role binding, all of them: one that is absent is deleted, unless it is Rancher's own.
    pub async fn annotate_binding(
        &self,
        binding: &BindingId,
        annotations: &Annotations,
    ) -> Result<(), Error> {
        let body = json!({ "annotations": annotations });
        let request = self.http.put(&["v3", "projectroletemplatebindings", binding.as_str()]).json(&body);
        let failed = |source| Error::AnnotateBinding { binding: binding.clone(), source };
        request.send().await.map(drop).map_err(failed)
    }

    /// Removes a project. The cluster has to be reachable for that to end.
    pub async fn delete_project(&self, project: &RancherProjectId) -> Result<Removal, Error> {
        let request = self.http.delete(&["v3", "projects", project.as_str()]);
        removal(request.send().await)
            .map_err(|source| Error::DeleteProject { project: project.clone(), source })
    }

    /// Removes a role binding.
    pub async fn delete_binding(&self, binding: &BindingId) -> Result<Removal, Error> {
        let request = self.http.delete(&["v3", "projectroletemplatebindings", binding.as_str()]);
        removal(request.send().await)
            .map_err(|source| Error::DeleteBinding { binding: binding.clone(), source })
    }
}

fn removal(answer: Result<http::Response, http::Error>) -> Result<Removal, http::Error> {
    match answer {
        Ok(answer) if answer.status == StatusCode::NO_CONTENT => Ok(Removal::Done),
        Ok(_still_there) => Ok(Removal::Begun),
        Err(error) if is_gone(&error) => Ok(Removal::AlreadyGone),
        Err(error) => Err(error),
    }
}

fn insert(body: &mut Value, fields: impl IntoIterator<Item = (&'static str, Value)>) {
    for (key, value) in fields {
        body[key] = value;
    }
}
