//! Keycloak's shapes, as far as they are used. Any other key may come, go, or change.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::model::{GroupId, GroupName, KeycloakUserId, Username};

/// The attributes of a group, with the order and the repetitions that their owner gave them.
pub(super) type Attributes = BTreeMap<String, Vec<String>>;

/// A group.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub(super) id: GroupId,
    pub(super) name: GroupName,
    #[serde(default)]
    pub(super) parent_id: Option<GroupId>,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) attributes: Attributes,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) sub_groups: Vec<Group>,
    #[serde(default)]
    pub(super) access: Option<Access>,
}

/// What the caller may do with a group.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Access {
    pub(super) manage: bool,
    pub(super) view_members: bool,
    pub(super) manage_membership: bool,
}

/// An account.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: KeycloakUserId,
    pub(super) username: Username,
    #[serde(default)]
    pub(super) enabled: Option<bool>,
}

/// Something that was just made.
#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub(super) id: GroupId,
}

fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(value: D) -> Result<T, D::Error> {
    Option::deserialize(value).map(Option::unwrap_or_default)
}
