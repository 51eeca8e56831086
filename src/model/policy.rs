//! What the operator decided: the part of the configuration that a plan depends on, without secrets.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::extended::ExtendedResource;
pub use super::factor::Factor;
use super::quota::Limits;
use super::role::WaldurRole;
pub use super::template::{InvalidTemplate, Template, Variable};
use super::{ClusterRef, ComponentName, OfferingUuid, RealmRef, RoleTemplateId};

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The offerings that this agent keeps, by identity.
    pub offerings: BTreeMap<OfferingUuid, OfferingPolicy>,
    /// How much may be taken away before a person is asked.
    #[serde(default)]
    pub budget: Budget,
    /// How long a group stays empty before it goes.
    #[serde(default = "default_grace")]
    pub grace: SignedDuration,
    /// How long an update that Rancher refuses may wait before its order is given up.
    #[serde(default = "default_update_patience")]
    pub update_patience: SignedDuration,
}

/// Ten minutes: two cycles of the default interval.
pub const fn default_grace() -> SignedDuration {
    SignedDuration::from_mins(10)
}

/// A day: whoever has to make room has one to do it.
pub const fn default_update_patience() -> SignedDuration {
    SignedDuration::from_hours(24)
}

/// How one offering is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferingPolicy {
    /// What the operator calls it.
    pub name: String,
    /// Where its projects live.
    pub cluster: ClusterRef,
    /// Where its groups live; none means that people are not kept through Keycloak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keycloak: Option<KeycloakPolicy>,
    /// As what members are bound.
    pub role: RoleTemplateId,
    /// As what the holders of each Waldur role are bound, each in a group of their own; none means that all are alike
    /// and bound as [`OfferingPolicy::role`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub role_map: BTreeMap<WaldurRole, RoleTemplateId>,
    /// Which of Waldur's names for a person is theirs in Keycloak.
    #[serde(default, skip_serializing_if = "MemberIdentity::is_default")]
    pub member_identity: MemberIdentity,
    /// What a project's name begins with.
    #[serde(default = "default_prefix")]
    pub project_prefix: String,
    /// What a project is called.
    #[serde(default = "default_project_name")]
    pub project_name: Template,
    /// How a project is described.
    #[serde(default = "default_description")]
    pub description: Template,
    /// How limits become quotas.
    #[serde(default)]
    pub quota: QuotaMode,
    /// Which share of the project's limit each namespace gets unless it says otherwise.
    #[serde(default)]
    pub namespace_share: Factor,
    /// The labels of namespaces that are made.
    #[serde(default = "default_namespace_labels")]
    pub namespace_labels: BTreeMap<String, String>,
    /// What a container has unless it says otherwise, in Rancher's keys; empty leaves that alone.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub container_defaults: Limits,
    /// What the offering sells.
    #[serde(default)]
    pub components: BTreeMap<ComponentName, Component>,
    /// Whether a paused resource takes access away, as a restricted one does.
    #[serde(default)]
    pub paused_restricts: bool,
    /// Whether the project of a terminated resource goes without anybody being asked.
    #[serde(default, skip_serializing_if = "Deletions::are_automatic")]
    pub deletions: Deletions,
    /// Which kinds of steps are taken; never which readings.
    #[serde(default)]
    pub scope: Scope,
}

/// How the projects of resources go that have come to their end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deletions {
    /// At once, within the budget.
    #[default]
    Automatic,
    /// When a person has approved each.
    Approved,
}

impl Deletions {
    /// Returns whether nobody is asked.
    pub const fn are_automatic(&self) -> bool {
        matches!(self, Self::Automatic)
    }
}

/// Which of Waldur's names for a person is theirs in Keycloak, as a username or an id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberIdentity {
    /// What the offering calls them: the offering user's username.
    #[default]
    OfferingUsername,
    /// What Waldur itself calls them: the name of their account.
    UserUsername,
    /// Their UUID in Waldur.
    UserUuid,
}

impl MemberIdentity {
    /// Returns whether it is what it is unless somebody says otherwise.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How people get access through groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeycloakPolicy {
    /// In which realm.
    pub realm: RealmRef,
    /// The role in a group's name; names only, [`OfferingPolicy::role`] binds.
    pub role_name: String,
    /// What the cluster's group is called.
    #[serde(default = "default_parent_group")]
    pub parent_group: Template,
    /// What a project's group is called.
    #[serde(default = "default_child_group")]
    pub child_group: Template,
    /// As what Rancher knows a group.
    #[serde(default = "default_principal")]
    pub principal: Template,
    /// How Waldur's name for a person is looked up first.
    #[serde(default)]
    pub lookup: Lookup,
}

/// How Waldur's name for a person is looked up in Keycloak first; the other way follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lookup {
    /// As a user id (`keycloak_use_user_id: true`, the Python agent's default).
    #[default]
    ById,
    /// As a username.
    ByUsername,
}

/// How limits become quotas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuotaMode {
    /// As the Rancher project's quota.
    #[default]
    Project,
    /// As a Kubernetes quota in one namespace, as the Python agent did.
    Namespace,
    /// Not at all.
    None,
}

/// One thing that the offering sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// What it is in Kubernetes.
    pub kind: ComponentKind,
    /// Quota = limit × factor.
    #[serde(default)]
    pub unit_factor: Factor,
    /// The extended resource that it counts, whatever its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub k8s_resource: Option<ExtendedResource>,
    /// Whether a quota is set on it; none is as usual: on CPU, memory and extended resources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<bool>,
}

impl Component {
    /// Returns a component of a kind, with nothing special about it.
    pub const fn new(kind: ComponentKind) -> Self {
        Self { kind, unit_factor: Factor::ONE, k8s_resource: None, quota: None }
    }
}

/// What a component is in Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// CPU cores.
    Cpu,
    /// Memory in GiB.
    Memory,
    /// Storage in GiB: reported, no quota unless configured.
    Storage,
    /// A count of pods: reported, no quota unless configured.
    Pods,
    /// A count of something that is reported, no quota.
    Reported,
}

/// Which kinds of steps are taken. Each follows one of the Python agent's `*_backend` keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// Projects and their quotas (`order_processing_backend`).
    pub projects: bool,
    /// Groups, bindings and members (`membership_sync_backend`).
    pub members: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self { projects: true, members: true }
    }
}

/// How much may be taken away before a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// So many people may always lose access, per offering and hour.
    pub people: usize,
    /// Or this share of those who have access through the offering, in percent, whichever is more.
    pub percent: usize,
    /// A group may lose so many members in one plan, or up to half of them.
    pub group_members: usize,
    /// So many projects may always be deleted, per offering and hour, or the share of `percent`.
    pub projects: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { people: 5, percent: 5, group_members: 5, projects: 3 }
    }
}

/// The pod security labels that the Python agent gave its namespaces.
pub fn default_namespace_labels() -> BTreeMap<String, String> {
    pod_security("restricted")
}

/// Returns the labels that hold pods of a namespace to a standard of Kubernetes' pod security.
pub fn pod_security(standard: &str) -> BTreeMap<String, String> {
    [("enforce", standard), ("enforce-version", "latest")]
        .map(|(key, value)| (format!("pod-security.kubernetes.io/{key}"), value.to_owned()))
        .into()
}

fn default_prefix() -> String {
    "waldur-".to_owned()
}

macro_rules! template_defaults {
    ($($function:ident = $text:literal;)+) => {
        $(
            // A test parses every default.
            fn $function() -> Template {
                $text.parse().expect("a default template parses")
            }
        )+

        /// All default templates, for the tests and the documentation.
        pub fn default_templates() -> Vec<(&'static str, Template)> {
            vec![$((stringify!($function), $function())),+]
        }
    };
}

template_defaults! {
    default_project_name = "{project_prefix}{resource_slug}";
    default_description = "{resource_name} (Customer: {customer_name}, Project: {project_name})";
    default_parent_group = "c_{cluster_uuid_hex}";
    default_child_group = "project_{project_uuid_hex}_{role_name}";
    default_principal = "keycloakoidc_group://{child}";
}

impl OfferingPolicy {
    /// Returns the documented defaults for everything but what has none.
    pub fn new(name: String, cluster: ClusterRef, role: RoleTemplateId) -> Self {
        Self {
            name,
            cluster,
            keycloak: None,
            role,
            role_map: BTreeMap::new(),
            member_identity: MemberIdentity::default(),
            project_prefix: default_prefix(),
            project_name: default_project_name(),
            description: default_description(),
            quota: QuotaMode::default(),
            namespace_share: Factor::ONE,
            namespace_labels: default_namespace_labels(),
            container_defaults: Limits::new(),
            components: BTreeMap::new(),
            paused_restricts: false,
            deletions: Deletions::default(),
            scope: Scope::default(),
        }
    }
}

impl KeycloakPolicy {
    /// Returns the documented defaults for everything but what has none.
    pub fn new(realm: RealmRef, role_name: String) -> Self {
        Self {
            realm,
            role_name,
            parent_group: default_parent_group(),
            child_group: default_child_group(),
            principal: default_principal(),
            lookup: Lookup::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_template_parses() {
        assert_eq!(default_templates().len(), 5);
    }
}
