//! What Rancher says of one cluster: its projects, who is bound to them, which roles there are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Inside, is_false};
use crate::model::quota::Limits;
use crate::model::{
    BindingId, BindingName, ClusterUuid, Principal, RancherProjectId, RancherUserId, Reading, RoleTemplateId,
    Username,
};

/// The annotations of an object, key to value.
pub type Annotations = BTreeMap<SmolStr, SmolStr>;

/// One cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Who it is.
    pub identity: Reading<ClusterIdentity>,
    /// All projects of the cluster, ours and others'; what is being removed is marked.
    pub projects: Reading<BTreeMap<RancherProjectId, Project>>,
    /// All role bindings of the cluster's projects.
    pub bindings: Reading<BTreeMap<BindingId, Binding>>,
    /// The role templates of the server.
    pub roles: Reading<BTreeMap<RoleTemplateId, RoleTemplate>>,
    /// The people who have logged in to the server; nothing if nobody asked, because groups give all access here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Reading<BTreeMap<RancherUserId, RancherUser>>>,
    /// Projects that a resource names in its `backend_id` and that were asked for one by one because the list
    /// lacks them: known to be gone (404). One that answered otherwise is a hole in [`Cluster::projects`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gone: BTreeSet<RancherProjectId>,
    /// What lies inside it, as far as a plan needed it.
    #[serde(default, skip_serializing_if = "Inside::is_unread")]
    pub inside: Inside,
}

/// Who a cluster is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClusterIdentity {
    /// The `uuid` of Rancher's cluster object.
    pub uuid: ClusterUuid,
    /// Its display name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// One Rancher project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Its display name; not unique.
    pub name: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Everything that was noted on it, by us and by others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: Annotations,
    /// What it may use; none if it has no quota at all (an empty quota is one).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// What a container in it has unless it says otherwise, in Rancher's keys.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub container_defaults: Limits,
    /// When it was made; the older of two wins.
    pub created: Timestamp,
    /// What kind of project it is.
    #[serde(default, skip_serializing_if = "ProjectKind::is_ordinary")]
    pub kind: ProjectKind,
    /// Whether its removal has begun.
    #[serde(default, skip_serializing_if = "is_false")]
    pub removing: bool,
    /// What Rancher says is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// What kind of project it is; Rancher's own are known by label, never by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectKind {
    /// Somebody made it.
    #[default]
    Ordinary,
    /// Rancher's own (Default, System): never touched.
    BuiltIn,
}

impl ProjectKind {
    /// Returns whether somebody made it.
    pub const fn is_ordinary(&self) -> bool {
        matches!(self, Self::Ordinary)
    }
}

/// A project's quota, in Rancher's keys (`limitsCpu`, `limitsMemory`, ...; an extended one by its own name).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Quota {
    /// What all namespaces together may have.
    pub limit: Limits,
    /// What a namespace gets unless it says otherwise.
    pub namespace_default: Limits,
    /// What the namespaces' quotas add up to, as Rancher computed it last.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub used: Limits,
}

/// One project role binding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Its name inside its namespace.
    pub name: BindingName,
    /// To what.
    pub project: RancherProjectId,
    /// As what.
    pub role: RoleTemplateId,
    /// Who.
    #[serde(with = "serde_yaml::with::singleton_map")]
    #[schemars(with = "Subject")]
    pub subject: Subject,
    /// What was noted on it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: Annotations,
    /// Whether its removal has begun.
    #[serde(default, skip_serializing_if = "is_false")]
    pub removing: bool,
}

/// Who is bound.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Everybody in a group.
    Group(Principal),
    /// One person, by Rancher user id; by principal as long as Rancher has not filled in the id.
    User(String),
    /// Something this agent does not know.
    Other,
}

impl Subject {
    /// Returns whether everybody in the group of that principal is bound.
    pub fn is_group(&self, principal: &Principal) -> bool {
        match self {
            Self::Group(group) => group == principal,
            Self::User(_) | Self::Other => false,
        }
    }
}

/// One person who has logged in to Rancher, or whom somebody made there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RancherUser {
    /// Their login name; only local users have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Username>,
    /// What the login providers call them, such as `keycloakoidc_user://<sub>`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub principals: BTreeSet<Principal>,
    /// Whether they are switched off; says nothing about who may be bound.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// Whether the agent's own key is theirs: then they are never touched.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own: bool,
}

/// One role template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleTemplate {
    /// `project` or `cluster`.
    pub context: String,
    /// Whether new bindings to it are refused.
    #[serde(default, skip_serializing_if = "is_false")]
    pub locked: bool,
}
