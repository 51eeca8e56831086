//! A component of an offering, as a seed has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an offering accounts for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Component {
    /// Identity; made up where left out.
    pub uuid: Option<Uuid>,
    /// The key in limits and usages, such as `cpu`.
    #[serde(rename = "type")]
    pub component_type: String,
    /// Display name.
    pub name: String,
    /// `limit`, `usage`, `fixed`, `one` or `few`.
    pub billing_type: String,
    /// Such as `cores`.
    pub measured_unit: String,
    /// Such as `month`.
    pub limit_period: Option<String>,
    /// The least that can be ordered.
    pub min_value: Option<i64>,
    /// The most that can be ordered.
    pub max_value: Option<i64>,
    /// The most that can be used in a period.
    pub limit_amount: Option<i64>,
    /// Free text.
    pub description: String,
    /// The most that all together can order.
    pub max_available_limit: Option<i64>,
    /// What is ordered unless somebody says otherwise.
    pub default_limit: Option<i64>,
    /// What accountants know it by.
    pub article_code: String,
    /// Whether it is ordered or not, without an amount.
    pub is_boolean: bool,
    /// Whether it is paid before; servers of 2024 do not know that.
    pub is_prepaid: bool,
    /// For how many months, such as `min_prepaid_duration`; servers of 2024 do not know these either.
    pub durations: BTreeMap<String, i64>,
}
