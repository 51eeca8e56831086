//! What Keycloak says of one realm: our groups, who is in them, and who was looked up.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{GroupId, GroupName, KeycloakUserId, Reading, Username};

/// The attributes of a group: each a list of texts.
pub type GroupAttributes = BTreeMap<String, BTreeSet<String>>;

/// One realm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Realm {
    /// The groups that this agent or the Python one made, anywhere in the tree.
    pub groups: Reading<BTreeMap<GroupId, Group>>,
    /// The direct members of those groups of this agent that stand for teams.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<GroupId, Reading<BTreeMap<KeycloakUserId, Member>>>,
    /// Who was looked up by what Waldur calls them; a string that is missing was not asked. An empty complete
    /// answer means that the realm knows nobody of that id or name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<Username, Reading<Option<Account>>>,
    /// All groups of a name at any depth, ours and others', for the names that were asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub namesakes: BTreeMap<GroupName, Reading<BTreeSet<GroupId>>>,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What Rancher knows it by.
    pub name: GroupName,
    /// The group above it; none at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<GroupId>,
    /// What was noted on it, by us and by others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: GroupAttributes,
}

/// One direct member of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Their username, as Keycloak stores it (lower case).
    pub username: Username,
    /// Whether the account is switched off; says nothing about who may be a member.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// One account that was looked up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its id: the identity by which people are compared.
    pub id: KeycloakUserId,
    /// Its username, as Keycloak stores it (lower case).
    pub username: Username,
    /// Whether it is switched off.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// Whether it was found the other way than configured (by name instead of id, or the reverse).
    #[serde(default, skip_serializing_if = "is_false")]
    pub found_otherwise: bool,
}
