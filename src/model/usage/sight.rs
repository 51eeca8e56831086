//! Everything that a report rests on: what Waldur sells and was told last, what runs in the clusters.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;

use super::{Amount, Loads};
use crate::model::world::{Namespace, Project, Resource};
use crate::model::{
    ClusterRef, ComponentName, NamespaceName, OfferingUuid, RancherProjectId, Reading, ResourceUuid,
};

/// Everything that was read for one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// When it was read.
    pub taken_at: Timestamp,
    /// What Waldur says, by offering.
    pub offerings: BTreeMap<OfferingUuid, Books>,
    /// What runs, by cluster.
    pub clusters: BTreeMap<ClusterRef, Workload>,
}

/// What Waldur says of one offering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// How it bills each component.
    pub billing: Reading<BTreeMap<ComponentName, Billing>>,
    /// The resources in every state.
    pub resources: Reading<BTreeMap<ResourceUuid, Account>>,
    /// What was reported for the month last.
    pub reported: Reading<BTreeMap<ResourceUuid, BTreeMap<ComponentName, Amount>>>,
}

/// A resource, and what Waldur shows as its usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The resource.
    pub resource: Resource,
    /// The components that the last report was of; a report hides those that it leaves out. Nothing if Waldur does not
    /// say.
    pub shown: Option<BTreeSet<ComponentName>>,
}

/// How Waldur bills a component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Billing {
    /// By what is used.
    Usage,
    /// By what is ordered.
    Limit,
    /// In another way, in Waldur's word; its usage cannot be reported.
    Other(String),
}

impl Billing {
    /// Returns whether its usage can be reported. One component for which that is not so refuses a whole report.
    pub const fn is_reportable(&self) -> bool {
        matches!(self, Self::Usage | Self::Limit)
    }
}

impl fmt::Display for Billing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Usage => "usage",
            Self::Limit => "limit",
            Self::Other(word) => word,
        })
    }
}

/// What runs in one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// Its projects.
    pub projects: Reading<BTreeMap<RancherProjectId, Project>>,
    /// Its namespaces, read after everything that is in them.
    pub namespaces: Reading<BTreeMap<NamespaceName, Namespace>>,
    /// What its pods request.
    pub pods: Reading<Loads>,
    /// What its claims request.
    pub claims: Reading<Loads>,
}
