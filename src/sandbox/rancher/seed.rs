//! What the simulated Rancher holds when it starts, in the vendor's words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything the simulated Rancher holds when it starts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seed {
    /// The server's version, which selects behaviour from 2.11 to 2.16.
    pub version: String,
    /// The certificate that `/v3/settings/cacerts` shows; empty for a public one.
    pub ca_certificates: String,
    /// How long the server's controllers take.
    pub timing: Timing,
    /// The API keys that the server knows.
    pub tokens: Vec<Token>,
    /// The users that the server knows.
    pub users: Vec<User>,
    /// The clusters that the server manages.
    pub clusters: Vec<Cluster>,
    /// Role templates beyond the built-in ones; one with a built-in's id replaces it.
    pub role_templates: Vec<RoleTemplate>,
    /// Projects; each cluster gets its Default and System project unless one of those names is here.
    pub projects: Vec<Project>,
    /// Bindings of people and groups to projects.
    pub bindings: Vec<Binding>,
    /// Namespaces of the clusters.
    pub namespaces: Vec<Namespace>,
    /// Pods of the clusters.
    pub pods: Vec<Pod>,
    /// Persistent volume claims of the clusters.
    pub claims: Vec<Claim>,
    /// Kubernetes resource quotas of the clusters.
    pub resource_quotas: Vec<ResourceQuota>,
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            version: "v2.14.4".to_owned(),
            ca_certificates: String::new(),
            timing: Timing::default(),
            tokens: Vec::new(),
            users: Vec::new(),
            clusters: Vec::new(),
            role_templates: Vec::new(),
            projects: Vec::new(),
            bindings: Vec::new(),
            namespaces: Vec::new(),
            pods: Vec::new(),
            claims: Vec::new(),
            resource_quotas: Vec::new(),
        }
    }
}

/// How long the server's controllers take, in milliseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timing {
    /// From the creation of a project to its conditions, and of a binding to its filled-in user.
    pub ready_after_ms: u64,
    /// From a deletion to the object's end; 0 means gone at once, answered with 204.
    pub removed_after_ms: u64,
    /// From a change of namespaces' quotas to the project's `usedLimit`.
    pub used_limit_after_ms: u64,
    /// From the annotation of a namespace to its label and its quota.
    pub label_after_ms: u64,
    /// How long a `continue` token of a Kubernetes list is good. Real servers keep about five minutes.
    pub continue_for_ms: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ready_after_ms: 40,
            removed_after_ms: 40,
            used_limit_after_ms: 40,
            label_after_ms: 40,
            continue_for_ms: 300_000,
        }
    }
}

/// An API key and what its user may do.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Token {
    /// The access key: the part before the colon.
    pub name: String,
    /// The secret key: the part after the colon.
    pub secret: String,
    /// Whose key it is.
    pub user_id: String,
    /// The login provider of the user; principals of others cannot be resolved.
    pub provider: String,
    /// The cluster that the key is scoped to; such a key works for that cluster's addresses only.
    pub cluster_id: Option<String>,
    /// When the key expires.
    pub expires_at: Option<Timestamp>,
    /// The projects that the user sees; absent means all, as an administrator does.
    pub visible_projects: Option<BTreeSet<String>>,
    /// The role templates that the user may grant; absent means all.
    pub grantable_roles: Option<BTreeSet<String>>,
    /// Whether the user may change nothing at all.
    pub read_only: bool,
}

impl Default for Token {
    fn default() -> Self {
        Self {
            name: String::new(),
            secret: String::new(),
            user_id: String::new(),
            provider: "local".to_owned(),
            cluster_id: None,
            expires_at: None,
            visible_projects: None,
            grantable_roles: None,
            read_only: false,
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The secret stays out of every log.
        formatter
            .debug_struct("Token")
            .field("name", &self.name)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

/// A user of the server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct User {
    /// For instance `u-abcde`.
    pub id: String,
    /// The login name of a local user; empty for others.
    pub username: String,
    /// The display name.
    pub name: String,
    /// What the login providers call the user.
    pub principal_ids: Vec<String>,
    /// Whether the user may log in.
    pub enabled: bool,
}

impl Default for User {
    fn default() -> Self {
        Self {
            id: String::new(),
            username: String::new(),
            name: String::new(),
            principal_ids: Vec::new(),
            enabled: true,
        }
    }
}

/// A cluster that the server manages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cluster {
    /// For instance `c-m-abcd1234`, or `local`.
    pub id: String,
    /// Minted if absent.
    pub uuid: Option<String>,
    /// The display name.
    pub name: String,
    /// Whether the tunnel to the cluster works.
    pub reachable: bool,
    /// The version of its Kubernetes.
    pub kubernetes_version: String,
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            id: String::new(),
            uuid: None,
            name: String::new(),
            reachable: true,
            kubernetes_version: "v1.33.4+rke2r1".to_owned(),
        }
    }
}

/// A role template: a named set of rights.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's flags, one by one")]
pub struct RoleTemplate {
    /// For instance `project-member` or `rt-abcde`.
    pub id: String,
    /// The display name.
    pub name: String,
    /// Either `project` or `cluster`.
    pub context: String,
    /// Whether new bindings to it are refused.
    pub locked: bool,
    /// Whether user interfaces hide it.
    pub hidden: bool,
    /// Whether the server brings it.
    pub builtin: bool,
    /// Whether it stands for a Kubernetes cluster role of its own.
    pub external: bool,
    /// Whether it is for administrators.
    pub administrative: bool,
    /// Whether who creates a cluster gets it there.
    pub cluster_creator_default: bool,
    /// Whether who creates a project gets it there.
    pub project_creator_default: bool,
    /// The role templates that it includes.
    pub role_template_ids: Vec<String>,
}

/// A project.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Project {
    /// `<cluster>:<name>`, for instance `c-abcde:p-x7k2p`; minted if empty.
    pub id: String,
    /// Minted if absent.
    pub uuid: Option<String>,
    /// The display name, which need not be unique.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The cluster; read from `id` if empty.
    pub cluster_id: String,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// `{limit, usedLimit}` as the API has it.
    pub resource_quota: Option<Value>,
    /// `{limit}` as the API has it.
    pub namespace_default_resource_quota: Option<Value>,
    /// What containers have unless they say otherwise, as the API has it.
    pub container_default_resource_limit: Option<Value>,
    /// The namespace of its bindings; by the version's rule if absent.
    pub backing_namespace: Option<String>,
    /// When it was made; when the server starts if absent.
    pub created: Option<Timestamp>,
    /// Who made it: gets the creator's bindings.
    pub creator_id: Option<String>,
}

/// A binding of a person or a group to a project with a role.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Binding {
    /// The name inside the backing namespace; minted if empty.
    pub name: String,
    /// The project's id.
    pub project_id: String,
    /// The role template's id.
    pub role_template_id: String,
    /// The group, for instance `keycloakoidc_group://project_abc_member`.
    pub group_principal_id: Option<String>,
    /// The user's id in Rancher.
    pub user_id: Option<String>,
    /// The user's principal.
    pub user_principal_id: Option<String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// When it was made; when the server starts if absent.
    pub created: Option<Timestamp>,
    /// Who made it.
    pub creator_id: Option<String>,
}

/// A namespace of a cluster.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Namespace {
    /// The cluster's id.
    pub cluster_id: String,
    /// The name.
    pub name: String,
    /// The project that it belongs to, if any.
    pub project_id: Option<String>,
    /// Annotations beyond the project's.
    pub annotations: BTreeMap<String, String>,
    /// Labels beyond the project's.
    pub labels: BTreeMap<String, String>,
    /// Who made it through Rancher; such a namespace dies with its project.
    pub creator_id: Option<String>,
    /// When it was made; when the server starts if absent.
    pub created: Option<Timestamp>,
}

/// A pod of a cluster.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pod {
    /// The cluster's id.
    pub cluster_id: String,
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// `Running`, `Pending`, `Succeeded` or `Failed`; empty means `Running`.
    pub phase: String,
    /// The specification as Kubernetes has it: `containers`, `initContainers`, `overhead` ...
    pub spec: Value,
    /// What its status says beside the phase: `containerStatuses`, `conditions` ...
    pub status: Value,
    /// By when it should have been gone, if it is being deleted.
    pub deletion_timestamp: Option<Timestamp>,
    /// How many seconds it was given to end, if it is being deleted.
    pub deletion_grace_period_seconds: Option<i64>,
}

/// A persistent volume claim of a cluster.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Claim {
    /// The cluster's id.
    pub cluster_id: String,
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// `Bound`, `Pending` or `Lost`; empty means `Bound`.
    pub phase: String,
    /// The specification as Kubernetes has it: `resources.requests.storage` ...
    pub spec: Value,
    /// What its status says beside the phase: `allocatedResources` ...
    pub status: Value,
}

/// A Kubernetes resource quota of a namespace.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResourceQuota {
    /// The cluster's id.
    pub cluster_id: String,
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// `spec.hard`.
    pub hard: BTreeMap<String, String>,
    /// `status.used`.
    pub used: BTreeMap<String, String>,
}
