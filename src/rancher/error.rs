//! What could not be asked of Rancher, and what an operator could look at.

use crate::http::{self, Outcome, StatusCode};
use crate::model::{BindingId, BindingName, ClusterId, NamespaceName, RancherProjectId, RancherUserId};

/// A question that Rancher did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A cluster.
    #[error("the cluster {cluster} cannot be read")]
    Cluster {
        /// Which.
        cluster: ClusterId,
        /// Why.
        source: http::Error,
    },
    /// The list of a cluster's projects.
    #[error("the projects of the cluster {cluster} cannot be read")]
    Projects {
        /// Of which cluster.
        cluster: ClusterId,
        /// Why.
        source: http::Error,
    },
    /// The list of a cluster's projects, with a key that opens nothing but the cluster itself.
    #[error("the projects of the cluster {cluster} cannot be read: the API key is scoped to the cluster")]
    ScopedKey {
        /// The cluster that the key opens.
        cluster: ClusterId,
        /// What the list of projects answered.
        source: http::Error,
    },
    /// One project.
    #[error("the project {project} cannot be read")]
    Project {
        /// Which.
        project: RancherProjectId,
        /// Why.
        source: http::Error,
    },
    /// The list of role bindings.
    #[error("the role bindings of the cluster {cluster} cannot be read")]
    Bindings {
        /// Of which cluster.
        cluster: ClusterId,
        /// Why.
        source: http::Error,
    },
    /// One role binding.
    #[error("the role binding {binding} cannot be read")]
    Binding {
        /// Which.
        binding: BindingId,
        /// Why.
        source: http::Error,
    },
    /// The list of role templates.
    #[error("the role templates cannot be read")]
    RoleTemplates {
        /// Why.
        source: http::Error,
    },
    /// The list of users.
    #[error("the users of Rancher cannot be read")]
    Users {
        /// Why.
        source: http::Error,
    },
    /// One user.
    #[error("the user {user} cannot be read")]
    User {
        /// Which.
        user: RancherUserId,
        /// Why.
        source: http::Error,
    },
    /// Which version it is.
    #[error("the version of Rancher cannot be read")]
    Version {
        /// Why.
        source: http::Error,
    },
    /// What it keeps of the API key.
    #[error("what Rancher keeps of the API key cannot be read")]
    Key {
        /// Why.
        source: http::Error,
    },
    /// Whose the key is.
    #[error("the owner of the API key cannot be read")]
    WhoAmI {
        /// Why.
        source: http::Error,
    },
    /// The list of namespaces.
    #[error("the namespaces of the cluster {cluster} cannot be read")]
    Namespaces {
        /// Of which cluster.
        cluster: ClusterId,
        /// Why.
        source: http::Error,
    },
    /// The list of quotas in namespaces.
    #[error("the resource quotas of the cluster {cluster} cannot be read")]
    ResourceQuotas {
        /// Of which cluster.
        cluster: ClusterId,
        /// Why.
        source: http::Error,
    },
    /// The list of pods.
    #[error("the pods of the cluster {cluster} cannot be read")]
    Pods {
        /// Of which cluster.
        cluster: ClusterId,
        /// Why.
        source: http::Error,
    },
    /// The list of pods of a namespace.
    #[error("the pods of the namespace {namespace} cannot be counted")]
    RunningPods {
        /// Which namespace.
        namespace: NamespaceName,
        /// Why.
        source: http::Error,
    },
    /// The list of claims.
    #[error("the persistent volume claims of the cluster {cluster} cannot be read")]
    Claims {
        /// Of which cluster.
        cluster: ClusterId,
        /// Why.
        source: http::Error,
    },
    /// What a project's quota can hold.
    #[error("what a project's quota can hold cannot be read")]
    QuotaSchema {
        /// Why.
        source: http::Error,
    },
    /// One namespace.
    #[error("the namespace {namespace} cannot be read")]
    Namespace {
        /// Which.
        namespace: NamespaceName,
        /// Why.
        source: http::Error,
    },
    /// A new namespace.
    #[error("the namespace {namespace} cannot be created")]
    CreateNamespace {
        /// Which.
        namespace: NamespaceName,
        /// Why.
        source: http::Error,
    },
    /// A namespace's part of its project's quota.
    #[error("the quota of the namespace {namespace} cannot be changed")]
    SetNamespaceQuota {
        /// Which.
        namespace: NamespaceName,
        /// Why.
        source: http::Error,
    },
    /// The quota in a namespace.
    #[error("the resource quota in the namespace {namespace} cannot be read")]
    ResourceQuota {
        /// Which namespace.
        namespace: NamespaceName,
        /// Why.
        source: http::Error,
    },
    /// A new or changed quota in a namespace.
    #[error("the resource quota in the namespace {namespace} cannot be written")]
    WriteResourceQuota {
        /// Which namespace.
        namespace: NamespaceName,
        /// Why.
        source: http::Error,
    },
    /// A new project.
    #[error("the project {name:?} cannot be created")]
    CreateProject {
        /// Its display name.
        name: String,
        /// Why.
        source: http::Error,
    },
    /// A change of a project.
    #[error("the project {project} cannot be changed")]
    UpdateProject {
        /// Which.
        project: RancherProjectId,
        /// Why.
        source: http::Error,
    },
    /// A new role binding.
    #[error("the role binding {name} of the project {project} cannot be created")]
    CreateBinding {
        /// Its name.
        name: BindingName,
        /// Of which project.
        project: RancherProjectId,
        /// Why.
        source: http::Error,
    },
    /// A mark on a role binding.
    #[error("the role binding {binding} cannot be marked")]
    AnnotateBinding {
        /// Which.
        binding: BindingId,
        /// Why.
        source: http::Error,
    },
    /// The end of a project.
    #[error("the project {project} cannot be deleted")]
    DeleteProject {
        /// Which.
        project: RancherProjectId,
        /// Why.
        source: http::Error,
    },
    /// The end of a role binding.
    #[error("the role binding {binding} cannot be deleted")]
    DeleteBinding {
        /// Which.
        binding: BindingId,
        /// Why.
        source: http::Error,
    },
}

impl Error {
    /// Returns what went wrong on the wire.
    pub fn cause(&self) -> &http::Error {
        match self {
            Self::Cluster { cluster: _, source }
            | Self::Projects { cluster: _, source }
            | Self::ScopedKey { cluster: _, source }
            | Self::Project { project: _, source }
            | Self::Bindings { cluster: _, source }
            | Self::Binding { binding: _, source }
            | Self::RoleTemplates { source }
            | Self::Users { source }
            | Self::User { user: _, source }
            | Self::Version { source }
            | Self::Key { source }
            | Self::WhoAmI { source }
            | Self::Namespaces { cluster: _, source }
            | Self::ResourceQuotas { cluster: _, source }
            | Self::Pods { cluster: _, source }
            | Self::Claims { cluster: _, source }
            | Self::RunningPods { namespace: _, source }
            | Self::QuotaSchema { source }
            | Self::Namespace { namespace: _, source }
            | Self::CreateNamespace { namespace: _, source }
            | Self::SetNamespaceQuota { namespace: _, source }
            | Self::ResourceQuota { namespace: _, source }
            | Self::WriteResourceQuota { namespace: _, source }
            | Self::CreateProject { name: _, source }
            | Self::UpdateProject { project: _, source }
            | Self::CreateBinding { name: _, project: _, source }
            | Self::AnnotateBinding { binding: _, source }
            | Self::DeleteProject { project: _, source }
            | Self::DeleteBinding { binding: _, source } => source,
        }
    }

    /// Returns what is known of the call's effect.
    pub fn outcome(&self) -> Outcome {
        self.cause().outcome()
    }

    /// Says whether something of that name is there already, or somebody else changed it at the same time.
    pub fn is_conflict(&self) -> bool {
        self.cause().status() == Some(StatusCode::CONFLICT)
    }

    /// Returns Rancher's code (`MaxLimitExceeded`) and the field it speaks of. They may choose a hint, never a removal.
    pub fn code(&self) -> Option<(&str, Option<&str>)> {
        let refusal = self.cause().refusal()?;
        Some((refusal.said("code")?, refusal.said("fieldName")))
    }

    /// Returns what an operator could look at.
    pub fn hint(&self) -> Option<String> {
        if matches!(self, Self::ScopedKey { .. }) {
            return Some("make an API key with the scope \"No Scope\"".to_owned());
        }
        let Some(refusal) = self.cause().refusal() else { return self.cause().hint() };
        let reads_cluster = matches!(self, Self::Cluster { .. });
        let hint = match refusal.status {
            StatusCode::UNAUTHORIZED => {
                "is the API key right, not expired, and its user enabled? A key that is scoped to a cluster opens nothing else"
            }
            StatusCode::FORBIDDEN => {
                "the API key's user lacks a right: it needs to be an owner of the cluster, or an administrator"
            }
            // Rancher's own errors say so in `type`.
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND
                if refusal.json.is_some() && refusal.said("type") != Some("error") =>
            {
                "something else than Rancher may have answered: is backend_url right?"
            }
            StatusCode::NOT_FOUND if refusal.web_page || refusal.json.is_none() => {
                "this server does not know the address: is it Rancher's, without /v3 at its end?"
            }
            StatusCode::NOT_FOUND if reads_cluster => {
                "is the cluster id right? It looks like c-m-7k2xq4vd, or local"
            }
            _ => return self.cause().hint(),
        };
        Some(hint.to_owned())
    }

    /// Returns the whole story for an operator, in one line.
    pub fn why(&self) -> String {
        let story = format!("{self}: {}", self.cause().story());
        self.hint().map_or(story.clone(), |hint| format!("{story} ({hint})"))
    }
}
