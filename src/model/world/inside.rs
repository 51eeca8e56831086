//! What lies inside a cluster: read only when a plan needs it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_false;
use crate::model::quota::Limits;
use crate::model::{NamespaceName, RancherProjectId, Reading};

/// What lies inside a cluster; nothing where nobody asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Inside {
    /// All namespaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespaces: Option<Reading<BTreeMap<NamespaceName, Namespace>>>,
    /// The quotas that an agent of Waldur put into namespaces (`custom-resource-quota`), in Kubernetes' keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotas: Option<Reading<BTreeMap<NamespaceName, Limits>>>,
    /// Whether the quota of a project can hold extended resources (Rancher 2.14 and newer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_quota: Option<Reading<bool>>,
    /// How many pods run in the namespaces of which somebody asked.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pods: BTreeMap<NamespaceName, Reading<u64>>,
}

impl Inside {
    /// Returns whether nobody asked for anything.
    pub fn is_unread(&self) -> bool {
        let Self { namespaces, quotas, extended_quota, pods } = self;
        namespaces.is_none() && quotas.is_none() && extended_quota.is_none() && pods.is_empty()
    }
}

/// One namespace.
#[expect(clippy::struct_excessive_bools, reason = "each is something else that the cluster says of it")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Namespace {
    /// To which project it belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<RancherProjectId>,
    /// What it has of its project's quota, in Rancher's keys; none while it has nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<Limits>,
    /// Whether Rancher found that its quota does not fit: it then gets nothing, and is not counted.
    #[serde(skip_serializing_if = "is_false")]
    pub oversubscribed: bool,
    /// Whether Rancher deletes it with its project, and all that is in it: it does so with those that were made through
    /// Rancher itself. Others only lose their project.
    #[serde(skip_serializing_if = "is_false")]
    pub goes_with_project: bool,
    /// Whether an agent of Waldur made it.
    #[serde(skip_serializing_if = "is_false")]
    pub managed: bool,
    /// Whether its removal has begun.
    #[serde(skip_serializing_if = "is_false")]
    pub removing: bool,
}

impl Namespace {
    /// Returns whether Rancher counts its quota.
    pub const fn is_counted(&self) -> bool {
        !self.oversubscribed && !self.removing
    }
}
