//! What was ordered and is not carried out yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{ComponentName, OrderUuid, Reading, ResourceUuid};

/// The open orders of an offering: those that wait for the provider, those that the provider is carrying out, and those
/// that failed within the last hour.
pub type Orders = Reading<BTreeMap<OrderUuid, Order>>;

/// No open orders: what a world says that does not speak of them.
pub(super) const fn none() -> Orders {
    Reading::Complete(BTreeMap::new())
}

/// Returns whether there are no open orders, for certain.
pub(super) fn is_none(orders: &Orders) -> bool {
    orders.complete().is_some_and(|orders| orders.get().is_empty())
}

/// One order: desired state that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What it is about.
    pub resource: ResourceUuid,
    /// What is to be done.
    pub kind: OrderKind,
    /// Where it is in its life.
    pub state: OrderState,
    /// The complete limits that a change asks for, or those of the plan that it changes to; nothing where the order says
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Reading<BTreeMap<ComponentName, i64>>>,
    /// When Waldur last changed it: since then it has been in its state.
    pub since: Timestamp,
    /// Whether this agent said that it failed.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub failed_by_us: bool,
}

/// What an order asks for, in Waldur's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum OrderKind {
    /// A new resource.
    Create,
    /// Other limits, or another plan.
    Update,
    /// The end of a resource.
    Terminate,
    /// A terminated resource once more.
    Restore,
}

impl OrderKind {
    /// Returns the word that Waldur uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Terminate => "Terminate",
            Self::Restore => "Restore",
        }
    }
}

/// Where an open order is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum OrderState {
    /// The provider has to take it.
    #[serde(rename = "pending-provider")]
    Pending,
    /// The provider took it.
    #[serde(rename = "executing")]
    Executing,
    /// It failed.
    #[serde(rename = "erred")]
    Erred,
}

/// Who carries out the orders of an offering.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// An agent of its provider.
    #[default]
    Agent,
    /// Something else: an offering of this type, in Waldur's word. No agent can finish its orders.
    Other(String),
}

impl Carrier {
    /// Returns whether an agent carries them out.
    pub const fn is_agent(&self) -> bool {
        matches!(self, Self::Agent)
    }
}
