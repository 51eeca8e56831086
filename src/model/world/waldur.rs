//! What Waldur says of one offering: resources, who is in which project, what people are called.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::accounts::{self, Accounts};
use super::is_false;
use super::orders::{self, Carrier, Orders};
use super::told::Told;
use super::user_state::UserState;
use crate::model::{ComponentName, ProjectUuid, Reading, ResourceUuid, Slug, UserUuid, Username};

/// One offering of the marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offering {
    /// Who carries out its orders.
    #[serde(default, with = "serde_yaml::with::singleton_map", skip_serializing_if = "Carrier::is_agent")]
    #[schemars(with = "Carrier")]
    pub carrier: Carrier,
    /// Whether Waldur wants to be told how far each person has access (`enable_membership_sync_status`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub wants_statuses: bool,
    /// What was ordered and is not carried out yet.
    #[serde(default = "orders::none", skip_serializing_if = "orders::is_none")]
    pub orders: Orders,
    /// Its resources in every state.
    pub resources: Reading<BTreeMap<ResourceUuid, Resource>>,
    /// Who holds a role in which Waldur project, from the provider's bulk list: a hint, [`Offering::teams`] decides.
    /// Expired grants are still in it, and the projects of private offerings may be missing from it.
    pub grants: Reading<BTreeMap<ProjectUuid, Vec<Grant>>>,
    /// What the offering calls its people.
    pub people: Reading<BTreeMap<UserUuid, OfferingUser>>,
    /// Accounts of services and courses in projects with a resource of the offering.
    #[serde(default = "accounts::none", skip_serializing_if = "accounts::is_none")]
    pub accounts: Accounts,
    /// The teams that were asked for at the source; a project that is missing was not asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub teams: BTreeMap<ProjectUuid, Reading<BTreeMap<UserUuid, Teammate>>>,
}

/// One resource: a Rancher project that somebody ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Its display name; anything at all, and not unique.
    pub name: String,
    /// Its label; none if Waldur has an empty one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<Slug>,
    /// Where it is in its life.
    pub state: ResourceState,
    /// What Waldur believes to be the Rancher project; none if it was never set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend_id: Option<String>,
    /// The Waldur project that it belongs to.
    pub project: WaldurProject,
    /// The organisation that pays.
    pub customer: Customer,
    /// What was bought, in the offering's units. May be negative: Waldur does not check.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<ComponentName, i64>,
    /// Whether its members may use it.
    #[serde(default, skip_serializing_if = "MemberAccess::is_open")]
    pub access: MemberAccess,
    /// What an agent told Waldur of it.
    #[serde(default, skip_serializing_if = "Told::is_silent")]
    pub told: Told,
}

/// Where a resource is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum ResourceState {
    /// Ordered, not yet there.
    Creating,
    /// In use.
    #[serde(rename = "OK")]
    Ok,
    /// Something went wrong with it.
    Erred,
    /// A change was ordered.
    Updating,
    /// Its end was ordered.
    Terminating,
    /// It is gone.
    Terminated,
}

impl ResourceState {
    /// Returns the word that Waldur uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Ok => "OK",
            Self::Erred => "Erred",
            Self::Updating => "Updating",
            Self::Terminating => "Terminating",
            Self::Terminated => "Terminated",
        }
    }
}

/// Whether a resource's members may use it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberAccess {
    /// Everybody in the team.
    #[default]
    Open,
    /// Nobody (`restrict_member_access`).
    Restricted,
    /// Paused by the provider; whether that takes access away is configured.
    Paused,
}

impl MemberAccess {
    /// Returns whether everybody in the team may use it.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }
}

/// The Waldur project that a resource belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaldurProject {
    /// Its identity.
    pub uuid: ProjectUuid,
    /// Its display name.
    pub name: String,
    /// Its label; none if Waldur has an empty one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<Slug>,
}

/// The organisation that a resource's project belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// Its display name.
    pub name: String,
    /// Its label; none if Waldur has an empty one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<Slug>,
}

/// One role of one person in one Waldur project. A person can hold several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Who.
    pub user: UserUuid,
    /// As what: `member`, `admin`, `manager`, or a role of the operator's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Until when; none is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// What Waldur itself calls them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub account: String,
}

/// One person as the team of a resource names them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Teammate {
    /// What the offering calls them; none while that is not settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Username>,
    /// One of their roles (Waldur names only one here).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Until when; none is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// What Waldur itself calls them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub account: String,
}

/// One person as the offering knows them, in a team or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferingUser {
    /// What the offering calls them; none while that is not settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Username>,
    /// What Waldur itself calls them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub account: String,
    /// Where their account at the offering is in its life; none where the server does not say. No plan rests on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<UserState>,
    /// Whether they have agreed to the offering's terms; none where the server does not say. No plan rests on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<bool>,
}
