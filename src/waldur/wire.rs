//! Waldur's shapes, as far as they are used. Any other key may come, go, or change.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use crate::model::world::{OrderKind, OrderState, ResourceState};
use crate::model::{
    ComponentName, OfferingUuid, OrderUuid, ProjectUuid, ResourceUuid, Slug, UserUuid, Username,
};

/// The fields of an offering that are asked for.
pub(super) const OFFERING_FIELDS: &[&str] = &["name", "customer_uuid", "state", "type", "plugin_options"];

/// An offering.
#[derive(Debug, Deserialize)]
pub(super) struct Offering {
    pub(super) name: String,
    pub(super) customer_uuid: Uuid,
    pub(super) state: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Whatever somebody configured: what is not of the right shape says nothing.
    #[serde(default)]
    pub(super) plugin_options: Option<Value>,
}

/// The fields of a resource that are asked for.
pub(super) const RESOURCE_FIELDS: &[&str] = &[
    "uuid",
    "offering_uuid",
    "name",
    "slug",
    "state",
    "backend_id",
    "project_uuid",
    "project_name",
    "project_slug",
    "customer_name",
    "customer_slug",
    "limits",
    "restrict_member_access",
    "paused",
    "backend_metadata",
    "error_message",
    "last_sync",
];

/// A resource. Its `resource_uuid` is something else and not asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Resource {
    pub(super) uuid: ResourceUuid,
    pub(super) offering_uuid: OfferingUuid,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    pub(super) slug: Option<Slug>,
    pub(super) state: ResourceState,
    #[serde(default, deserialize_with = "blank_is_none")]
    pub(super) backend_id: Option<String>,
    pub(super) project_uuid: ProjectUuid,
    #[serde(default)]
    pub(super) project_name: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    pub(super) project_slug: Option<Slug>,
    #[serde(default)]
    pub(super) customer_name: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    pub(super) customer_slug: Option<Slug>,
    /// Required: a server that does not say them must not look like a customer without any.
    pub(super) limits: BTreeMap<ComponentName, Option<i64>>,
    #[serde(default)]
    pub(super) restrict_member_access: Option<bool>,
    #[serde(default)]
    pub(super) paused: Option<bool>,
    /// Any JSON.
    #[serde(default)]
    pub(super) backend_metadata: Option<Value>,
    #[serde(default)]
    pub(super) error_message: Option<String>,
    #[serde(default)]
    pub(super) last_sync: Option<IgnoredAny>,
}

/// One person of a team.
#[derive(Debug, Deserialize)]
pub(super) struct Teammate {
    pub(super) uuid: UserUuid,
    #[serde(default)]
    pub(super) username: Option<String>,
    #[serde(default)]
    pub(super) role: Option<String>,
    #[serde(default)]
    pub(super) expiration_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "blank_is_none")]
    pub(super) offering_user_username: Option<Username>,
}

/// The fields of an offering user that are asked for.
pub(super) const OFFERING_USER_FIELDS: &[&str] =
    &["uuid", "offering_uuid", "user_uuid", "user_username", "username", "state", "has_consent"];

/// One person as an offering knows them.
#[derive(Debug, Deserialize)]
pub(super) struct OfferingUser {
    pub(super) uuid: Uuid,
    pub(super) offering_uuid: OfferingUuid,
    pub(super) user_uuid: UserUuid,
    #[serde(default)]
    pub(super) user_username: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    pub(super) username: Option<Username>,
    #[serde(default)]
    pub(super) state: Option<String>,
    #[serde(default)]
    pub(super) has_consent: Option<bool>,
}

/// The fields of an account of a service or a course that are asked for: the full answer holds its token.
pub(super) const ACCOUNT_FIELDS: &[&str] = &["uuid", "username", "state", "project_uuid", "user_uuid"];

/// An account of a service or a course in a project.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    pub(super) uuid: UserUuid,
    #[serde(default, deserialize_with = "blank_is_none")]
    pub(super) username: Option<Username>,
    pub(super) state: String,
    pub(super) project_uuid: ProjectUuid,
    #[serde(default)]
    pub(super) user_uuid: Option<UserUuid>,
}

/// One service provider.
#[derive(Debug, Deserialize)]
pub(super) struct Provider {
    pub(super) uuid: Uuid,
    pub(super) customer_uuid: Uuid,
}

/// The fields of a grant that are asked for. Older servers say `role`, newer ones `role_name`.
pub(super) const GRANT_FIELDS: &[&str] =
    &["project_uuid", "user_uuid", "user_username", "role", "role_name", "created", "expiration_time"];

/// One role of one person in one project. The same one may be granted twice; only `created` tells them apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) struct Grant {
    pub(super) project_uuid: ProjectUuid,
    pub(super) user_uuid: UserUuid,
    #[serde(default)]
    pub(super) user_username: Option<String>,
    #[serde(default)]
    pub(super) role: Option<String>,
    #[serde(default)]
    pub(super) role_name: Option<String>,
    #[serde(default)]
    pub(super) created: Option<String>,
    #[serde(default)]
    pub(super) expiration_time: Option<Timestamp>,
}

/// Whoever the token belongs to.
#[derive(Debug, Deserialize)]
pub(super) struct Me {
    pub(super) uuid: UserUuid,
}

/// The fields of an order that are asked for.
pub(super) const ORDER_FIELDS: &[&str] = &[
    "uuid",
    "offering_uuid",
    "marketplace_resource_uuid",
    "type",
    "state",
    "limits",
    "plan_uuid",
    "modified",
    "error_traceback",
];

/// An order. Its `resource_uuid` is something else and not asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    pub(super) uuid: OrderUuid,
    pub(super) offering_uuid: OfferingUuid,
    pub(super) marketplace_resource_uuid: ResourceUuid,
    #[serde(rename = "type")]
    pub(super) kind: OrderKind,
    pub(super) state: OrderState,
    /// An order without any, or an empty object, changes none.
    #[serde(default)]
    pub(super) limits: Option<BTreeMap<ComponentName, Option<i64>>>,
    #[serde(default)]
    pub(super) plan_uuid: Option<Uuid>,
    pub(super) modified: Timestamp,
    #[serde(default)]
    pub(super) error_traceback: Option<String>,
}

/// The fields that say which orders there are, and where they are.
pub(super) const ORDER_STATE_FIELDS: &[&str] = &["uuid", "offering_uuid", "state"];

/// An order, and nothing of it but its state.
#[derive(Debug, Deserialize)]
pub(super) struct OrderInState {
    pub(super) uuid: OrderUuid,
    pub(super) offering_uuid: OfferingUuid,
    pub(super) state: OrderState,
}

/// Where an order is, whatever else there may be to say of it.
#[derive(Debug, Deserialize)]
pub(super) struct OrderStanding {
    pub(super) state: String,
    #[serde(default)]
    pub(super) error_message: Option<String>,
}

/// A plan, as far as its quotas go.
#[derive(Debug, Deserialize)]
pub(super) struct Plan {
    pub(super) quotas: BTreeMap<ComponentName, Option<i64>>,
}

/// Waldur writes an empty text where there is nothing.
fn blank_is_none<'de, D: Deserializer<'de>, T: FromStr<Err: std::fmt::Display>>(
    text: D,
) -> Result<Option<T>, D::Error> {
    match Option::<String>::deserialize(text)? {
        Some(text) if !text.trim().is_empty() => text.parse().map(Some).map_err(serde::de::Error::custom),
        Some(_) | None => Ok(None),
    }
}
