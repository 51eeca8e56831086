//! Actions on orders, and the end of a resource's project.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::world::OrderKind;
use crate::model::{ClusterRef, Evidence, OfferingUuid, OrderUuid, RancherProjectId, ResourceUuid};
use crate::plan::facts::Fact;

/// Takes an order that waits for the provider, and waits until Waldur has taken note.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TakeOrder {
    /// At which offering.
    pub offering: OfferingUuid,
    /// Which.
    pub order: OrderUuid,
    /// About what.
    pub resource: ResourceUuid,
    /// What it asks for.
    pub kind: OrderKind,
    /// Whether Waldur itself failed it before: then it is not approved, but taken up again.
    pub again: bool,
}

/// Says that an order is carried out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CompleteOrder {
    /// At which offering.
    pub offering: OfferingUuid,
    /// Which.
    pub order: OrderUuid,
    /// About what.
    pub resource: ResourceUuid,
    /// What it asks for.
    pub kind: OrderKind,
    /// What must be so first: every step of its resource.
    pub after: BTreeSet<Fact>,
}

/// Says that an order cannot be carried out, and why, to its customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FailOrder {
    /// At which offering.
    pub offering: OfferingUuid,
    /// Which.
    pub order: OrderUuid,
    /// About what.
    pub resource: ResourceUuid,
    /// What it asks for.
    pub kind: OrderKind,
    /// What its customer is told.
    pub message: String,
    /// What must be so first.
    pub after: BTreeSet<Fact>,
}

/// Deletes a project of ours, and waits until it is gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DeleteProject {
    /// Where.
    pub cluster: ClusterRef,
    /// Which.
    pub project: RancherProjectId,
    /// What it is called.
    pub name: String,
    /// Of which offering its mark says that it is.
    pub offering: OfferingUuid,
    /// For which resource its mark says that it is.
    pub resource: ResourceUuid,
    /// Whether an order asks for it; else Waldur says that the resource is terminated.
    pub ordered: bool,
    /// What goes with it, and what stays behind.
    pub contents: Contents,
    /// What must be so first.
    pub after: BTreeSet<Fact>,
    /// That what lies in it was read completely.
    pub evidence: Evidence,
}

/// What lies in a project that goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Contents {
    /// Namespaces that Rancher deletes with it, and all that is in them.
    pub deleted: BTreeSet<String>,
    /// How many pods run in those; nothing where they could not all be counted. Pods come and go by themselves, so this
    /// is told, and no part of what a person approves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pods: Option<u64>,
    /// Namespaces that stay, and belong to no project then.
    pub unassigned: BTreeSet<String>,
}
