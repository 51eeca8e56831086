//! What was used, as it was reported.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a resource used of a component in a month, as it was reported last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Usage {
    /// Identity; a repeated report keeps it.
    pub uuid: Uuid,
    /// Of what.
    pub resource_uuid: Uuid,
    /// The component's key, such as `cpu`.
    #[serde(rename = "type")]
    pub component_type: String,
    /// The first day of the month.
    pub billing_period: Date,
    /// How much, with two decimals.
    pub amount: String,
    /// What the reporter wrote beside it.
    pub description: String,
    /// Whether it goes on next month where nothing is reported.
    pub recurring: bool,
    /// Who reported it.
    pub modified_by: Uuid,
    /// When it was reported first.
    pub created: Option<Timestamp>,
    /// When it was reported last.
    pub date: Option<Timestamp>,
}
