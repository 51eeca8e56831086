//! Rancher's shapes (norman, `/v3`), as far as they are used. Any other key may come, go, or change.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::model::world::Annotations;
use crate::model::{
    BindingId, BindingName, ClusterId, ClusterUuid, Principal, RancherProjectId, RoleTemplateId,
};

/// A cluster.
#[derive(Debug, Deserialize)]
pub(super) struct Cluster {
    pub(super) uuid: ClusterUuid,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) name: String,
}

/// A project.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Project {
    pub(super) id: RancherProjectId,
    pub(super) cluster_id: ClusterId,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) description: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) annotations: Annotations,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) labels: BTreeMap<String, String>,
    pub(super) created: Timestamp,
    #[serde(default)]
    pub(super) removed: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) state: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) transitioning: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) transitioning_message: String,
    #[serde(default)]
    pub(super) resource_quota: Option<Quota>,
    #[serde(default)]
    pub(super) namespace_default_resource_quota: Option<Quota>,
    #[serde(default)]
    pub(super) container_default_resource_limit: Option<Limits>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) conditions: Vec<Condition>,
}

/// A quota, of a project or of its namespaces.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Quota {
    pub(super) limit: Option<Limits>,
    pub(super) used_limit: Option<Limits>,
}

/// Limits by Rancher's keys: texts, beside `type`, which norman puts everywhere, and `extended`, a map of its own.
pub(super) type Limits = BTreeMap<String, Value>;

/// A condition of a project.
#[derive(Debug, Deserialize)]
pub(super) struct Condition {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) status: String,
}

/// A role binding in a project.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Binding {
    pub(super) id: BindingId,
    pub(super) name: BindingName,
    pub(super) project_id: RancherProjectId,
    pub(super) role_template_id: RoleTemplateId,
    #[serde(default)]
    pub(super) group_principal_id: Option<Principal>,
    #[serde(default)]
    pub(super) user_id: Option<String>,
    #[serde(default)]
    pub(super) user_principal_id: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) annotations: Annotations,
    #[serde(default)]
    pub(super) removed: Option<String>,
}

/// A role template.
#[derive(Debug, Deserialize)]
pub(super) struct RoleTemplate {
    pub(super) id: RoleTemplateId,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) context: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) locked: bool,
}

/// A user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    #[serde(default)]
    pub(super) me: Option<bool>,
    #[serde(default)]
    pub(super) username: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) principal_ids: Vec<String>,
    #[serde(default)]
    pub(super) enabled: Option<bool>,
}

/// Norman writes `null` where there is nothing, or nothing at all.
pub(super) fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    value: D,
) -> Result<T, D::Error> {
    Option::deserialize(value).map(Option::unwrap_or_default)
}
