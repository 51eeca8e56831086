//! What can be done about quotas: of projects, of what namespaces have of them, and of namespaces' own.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use smol_str::SmolStr;

use super::ProjectTarget;
use crate::model::desired::Limits;
use crate::model::world::Annotations;
use crate::model::{ClusterRef, NamespaceName, RancherProjectId};
use crate::plan::facts::Fact;

/// A quota, complete: Rancher refuses half of one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct QuotaSpec {
    /// What all namespaces together may have.
    pub limit: Limits,
    /// What a namespace gets unless it says otherwise; the same keys.
    pub namespace_default: Limits,
}

/// Corrects a project's quota.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SetQuota {
    /// Where.
    pub cluster: ClusterRef,
    /// Which.
    pub project: RancherProjectId,
    /// What it is now.
    pub from: QuotaSpec,
    /// What it should be, with the keys of others as they are; nothing if no key is left.
    pub to: Option<QuotaSpec>,
    /// Keys that go: a merging `PUT` keeps what is not named.
    pub removed: BTreeSet<SmolStr>,
    /// Whether it makes room for namespaces or follows them.
    pub turn: Turn,
    /// What must be so first: namespaces give back what the project will not have, or have what it had for them.
    #[serde(skip)]
    pub after: BTreeSet<Fact>,
}

/// Rancher lets no namespace have what its project lacks: namespaces shrink before their project, and grow after it.
/// The namespaces' default changes last, because it tells which namespaces follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Namespaces shrink, then the project's limit is set.
    First,
    /// Namespaces grow, then the default for new ones follows.
    Last,
}

/// Corrects what containers of a project have unless they say otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SetContainerDefaults {
    /// Where.
    pub cluster: ClusterRef,
    /// Which.
    pub project: RancherProjectId,
    /// What they are now, in Rancher's keys.
    pub from: Limits,
    /// What they should be.
    pub to: Limits,
}

/// A namespace, there or to be made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NamespaceTarget {
    /// There.
    Existing(NamespaceName),
    /// Made by this plan.
    Planned(NamespaceName),
}

impl NamespaceTarget {
    /// Returns what it is called: that is known beforehand.
    pub const fn name(&self) -> &NamespaceName {
        match self {
            Self::Existing(name) | Self::Planned(name) => name,
        }
    }
}

/// Makes a namespace in a project. Its name is unique in the cluster, so a second one is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CreateNamespace {
    /// Where.
    pub cluster: ClusterRef,
    /// In what.
    pub project: ProjectTarget,
    /// Its name.
    pub name: NamespaceName,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Our marks.
    pub annotations: Annotations,
    /// What must be so first: the project's own quota has made room for it.
    #[serde(skip)]
    pub after: BTreeSet<Fact>,
}

/// Corrects what a namespace has of its project's quota.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SetNamespaceQuota {
    /// Where.
    pub cluster: ClusterRef,
    /// Of what.
    pub project: RancherProjectId,
    /// Which.
    pub namespace: NamespaceName,
    /// What it has now, in Rancher's keys.
    pub from: Limits,
    /// What it should have.
    pub to: Limits,
    /// Whether it shrinks or grows.
    pub turn: Turn,
    /// Whether its project's limit must be raised first.
    pub after_project: bool,
}

/// Puts a quota of its own into a namespace, or corrects it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SetResourceQuota {
    /// Where.
    pub cluster: ClusterRef,
    /// In which.
    pub namespace: NamespaceTarget,
    /// What it is now, in Kubernetes' keys; none if there is none.
    pub from: Option<Limits>,
    /// What it should be, with the keys of others as they are.
    pub to: Limits,
    /// Our marks, for a new one.
    pub annotations: Annotations,
}
