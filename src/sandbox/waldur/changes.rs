//! What somebody changes about something: what is left out stays as it is.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::allocation::Allocation;
use super::order::OrderState;
use super::seed::{OfferingState, ResourceState};

/// What changes about a project.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields are those of the seed")]
pub struct ProjectChange {
    pub name: Option<String>,
    pub slug: Option<String>,
    pub description: Option<String>,
    pub start_date: Option<Date>,
}

/// What changes about an offering.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields are those of the seed")]
pub struct OfferingChange {
    pub name: Option<String>,
    pub state: Option<OfferingState>,
    pub shared: Option<bool>,
    pub managers: Option<Vec<Uuid>>,
    pub plugin_options: Option<BTreeMap<String, Value>>,
    pub secret_options: Option<BTreeMap<String, Value>>,
}

/// What changes about a resource.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields are those of the seed")]
pub struct ResourceChange {
    pub name: Option<String>,
    pub slug: Option<String>,
    pub project_uuid: Option<Uuid>,
    pub state: Option<ResourceState>,
    pub allocation: Option<Allocation>,
    pub backend_id: Option<String>,
    pub limits: Option<BTreeMap<String, Value>>,
    pub restrict_member_access: Option<bool>,
    pub paused: Option<bool>,
    pub downscaled: Option<bool>,
    pub error_message: Option<String>,
    pub backend_metadata: Option<Value>,
}

/// What changes about an order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields are those of the order")]
pub struct OrderChange {
    pub state: Option<OrderState>,
    pub limits: Option<BTreeMap<String, Value>>,
    pub error_message: Option<String>,
}
