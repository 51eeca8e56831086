//! What consumers ask of providers, and how far it got.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::state::State;

/// What a consumer asks of a provider.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Order {
    /// Identity.
    pub uuid: Uuid,
    /// What is asked for.
    #[serde(rename = "type")]
    pub kind: OrderType,
    /// How far it got.
    pub state: OrderState,
    /// The resource, which is there from the first order on.
    pub resource_uuid: Uuid,
    /// Under which plan; an order to terminate has none.
    pub plan_uuid: Option<Uuid>,
    /// What is to hold from then on, by component: complete, not a difference.
    pub limits: BTreeMap<String, Value>,
    /// Whatever else was said.
    pub attributes: Map<String, Value>,
    /// Who asked.
    pub created_by: Uuid,
    /// Who agreed for the consumer, and when.
    pub consumer_review: Option<Review>,
    /// Who decided for the provider, and when.
    pub provider_review: Option<Review>,
    /// Why it failed; stays when it is tried again.
    pub error_message: String,
    /// Where it failed.
    pub error_traceback: String,
    /// The provider's id of it; not in 2024.
    pub backend_id: String,
    /// When it was placed.
    pub created: Option<Timestamp>,
    /// When it last changed.
    pub modified: Option<Timestamp>,
    /// When it came to its end.
    pub completed_at: Option<Timestamp>,
}

/// Who looked at an order, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Who.
    pub by: Uuid,
    /// When.
    pub at: Timestamp,
}

/// What an order asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the vendor's words")]
pub enum OrderType {
    #[default]
    Create,
    Update,
    Terminate,
    /// Brings a terminated resource back; not in 2024.
    Restore,
}

/// How far an order got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the vendor's words")]
pub enum OrderState {
    PendingConsumer,
    #[default]
    PendingProvider,
    PendingProject,
    /// Not in 2024.
    PendingStartDate,
    Executing,
    Done,
    Erred,
    Canceled,
    Rejected,
}

// === impl OrderState ===

impl OrderState {
    /// Returns whether something is still to come of the order.
    pub(super) fn is_open(self) -> bool {
        match self {
            Self::PendingConsumer
            | Self::PendingProvider
            | Self::PendingProject
            | Self::PendingStartDate
            | Self::Executing => true,
            Self::Done | Self::Erred | Self::Canceled | Self::Rejected => false,
        }
    }
}

// === impl State ===

impl State {
    /// Returns the resource's order that is not at its end.
    pub(super) fn order_in_progress(&self, resource: Uuid) -> Option<&Order> {
        self.orders.values().find(|order| order.resource_uuid == resource && order.state.is_open())
    }

    /// Moves an order to another state.
    pub(super) fn set_order_state(&mut self, uuid: Uuid, wanted: OrderState) {
        let now = self.now();
        if let Some(order) = self.orders.get_mut(&uuid) {
            order.state = wanted;
            order.modified = Some(now);
            if !wanted.is_open() {
                order.completed_at = Some(now);
            }
        }
    }
}
