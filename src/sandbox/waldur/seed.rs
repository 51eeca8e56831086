//! What the simulated Waldur holds when it starts, in the vendor's words.
//!
//! UUIDs are read in both spellings. Times that a seed leaves out are filled in at the start: a day before it, in
//! the order of the seed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::accounts::ProjectAccount;
use super::agents::Agent;
use super::allocation::Allocation;
use super::component::Component;
use super::order::Order;
use super::plan::Plan;
use super::usage::Usage;

/// What the simulated Waldur holds when it starts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seed {
    /// Which server it imitates.
    pub dialect: Dialect,
    /// Who may ask.
    pub tokens: Vec<Token>,
    /// Organizations, providers and consumers alike.
    pub customers: Vec<Customer>,
    /// People.
    pub users: Vec<User>,
    /// Projects with their teams.
    pub projects: Vec<Project>,
    /// What providers offer.
    pub offerings: Vec<Offering>,
    /// What projects have of the offerings.
    pub resources: Vec<Resource>,
    /// Accounts of people at offerings.
    pub offering_users: Vec<OfferingUser>,
    /// Which customers are providers.
    pub service_providers: Vec<ServiceProvider>,
    /// Accounts of services and courses; the dialect of 2024 does not show them.
    pub accounts: Vec<ProjectAccount>,
    /// Agents that registered themselves; the dialect of 2024 does not know them.
    pub agents: Vec<Agent>,
    /// What was asked of the providers.
    pub orders: Vec<Order>,
    /// What was used, as it was reported.
    pub usages: Vec<Usage>,
    /// How many milliseconds after an approval the server's own part of it runs; 300 where nothing is said.
    pub background_delay: Option<u32>,
}

/// Which server is imitated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialect {
    /// The recorded server, 7.0.7 of October 2024.
    #[serde(rename = "2024")]
    Y2024,
    /// The newest API, as the published client describes it.
    #[default]
    #[serde(rename = "2026")]
    Y2026,
}

/// A token, and the rights of who holds it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Token {
    /// What the `Authorization` header carries.
    pub key: String,
    /// Whose it is; a user is made up where none is named.
    pub user_uuid: Option<Uuid>,
    /// What the user may do.
    pub role: TokenRole,
    /// The customers a provider owner owns; none named means every customer with a service provider. Named
    /// customers that provide nothing make this the token of a consumer's owner.
    pub customers: Vec<Uuid>,
    /// The offerings an offering manager manages; none named means all.
    pub offerings: Vec<Uuid>,
    /// After how many idle seconds the token expires; never when left out. Each use starts the time anew.
    pub lifetime: Option<u32>,
}

/// What the user of a token may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenRole {
    /// Owns the provider's organization: what an agent should run as.
    #[default]
    ProviderOwner,
    /// Manages offerings, without a role in the organization.
    OfferingManager,
    /// Has no role but those that projects and offerings give by themselves.
    Outsider,
    /// Operates the whole of Waldur.
    Staff,
}

/// An organization.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Customer {
    /// Identity.
    pub uuid: Uuid,
    /// Display name.
    pub name: String,
    /// Label used in names elsewhere.
    pub slug: String,
    /// Short name.
    pub abbreviation: String,
    /// Whether the operator blocked it: its orders cannot be approved then.
    pub blocked: bool,
}

/// A person.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct User {
    /// Identity.
    pub uuid: Uuid,
    /// The account name in Waldur.
    pub username: String,
    /// Display name.
    pub full_name: String,
    /// Electronic mail.
    pub email: String,
    /// Whether the account was switched off.
    pub inactive: bool,
    /// When the account was made.
    pub created: Option<Timestamp>,
}

/// A project of a customer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Project {
    /// Identity.
    pub uuid: Uuid,
    /// Display name.
    pub name: String,
    /// Label used in names elsewhere.
    pub slug: String,
    /// Free text.
    pub description: String,
    /// Whose project it is.
    pub customer_uuid: Uuid,
    /// The team, one row per role: the same person may have several.
    pub grants: Vec<Grant>,
    /// From when on it may use anything.
    pub start_date: Option<Date>,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// A role that a person has in a project.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grant {
    /// Who.
    pub user_uuid: Uuid,
    /// `manager`, `admin`, `member`, their long names such as `PROJECT.MEMBER`, or a role of one's own.
    pub role: String,
    /// Until when; the row stays active in the bulk list after that.
    pub expiration_time: Option<Timestamp>,
    /// Since when.
    pub created: Option<Timestamp>,
    /// Who gave it.
    pub created_by: Option<Uuid>,
}

/// What a provider offers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Offering {
    /// Identity.
    pub uuid: Uuid,
    /// Display name.
    pub name: String,
    /// Label used in names elsewhere.
    pub slug: String,
    /// The provider.
    pub customer_uuid: Uuid,
    /// Which plugin of Waldur runs it; agents run `Marketplace.Slurm`.
    pub offering_type: String,
    /// Whether it can be ordered.
    pub state: OfferingState,
    /// Whether others than the provider may order; the bulk list of grants covers shared offerings only.
    pub shared: bool,
    /// What is accounted for.
    pub components: Vec<Component>,
    /// What it can be ordered under; one is made up where none is named.
    pub plans: Vec<Plan>,
    /// Who manages it without owning the provider.
    pub managers: Vec<Uuid>,
    /// Options that consumers see.
    pub plugin_options: BTreeMap<String, Value>,
    /// Options that only the provider sees.
    pub secret_options: BTreeMap<String, Value>,
    /// Who has not agreed to the terms: hidden from `team`, but not from the bulk list of grants.
    pub consent_missing: Vec<Uuid>,
    /// The provider's own id.
    pub backend_id: String,
    /// When it was made.
    pub created: Option<Timestamp>,
}

impl Default for Offering {
    fn default() -> Self {
        Self {
            uuid: Uuid::nil(),
            name: String::new(),
            slug: String::new(),
            customer_uuid: Uuid::nil(),
            offering_type: "Marketplace.Slurm".to_owned(),
            state: OfferingState::Active,
            shared: true,
            components: Vec::new(),
            plans: Vec::new(),
            managers: Vec::new(),
            plugin_options: BTreeMap::new(),
            secret_options: BTreeMap::new(),
            consent_missing: Vec::new(),
            backend_id: String::new(),
            created: None,
        }
    }
}

/// Whether an offering can be ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the vendor's words")]
pub enum OfferingState {
    Draft,
    #[default]
    Active,
    Paused,
    Archived,
}

/// What a project has of an offering.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resource {
    /// Identity.
    pub uuid: Uuid,
    /// Display name: may be empty, and is not unique.
    pub name: String,
    /// Label used in names elsewhere.
    pub slug: String,
    /// Free text.
    pub description: String,
    /// Of what.
    pub offering_uuid: Uuid,
    /// Whose.
    pub project_uuid: Uuid,
    /// Where in its life it is.
    pub state: ResourceState,
    /// Where in its life the plugin's object behind it is.
    pub allocation: Allocation,
    /// Under which plan; the offering's first where none is named.
    pub plan_uuid: Option<Uuid>,
    /// The provider's id of it; not unique.
    pub backend_id: String,
    /// What the provider noted; any JSON.
    pub backend_metadata: Value,
    /// What was ordered, by component; whatever the seed says, sane or not.
    pub limits: BTreeMap<String, Value>,
    /// What was reported last, by component.
    pub current_usages: BTreeMap<String, Value>,
    /// What the order said.
    pub attributes: BTreeMap<String, Value>,
    /// Whether members lose their access for now.
    pub restrict_member_access: bool,
    /// Whether the resource is paused.
    pub paused: bool,
    /// Whether the resource is slowed down.
    pub downscaled: bool,
    /// What the provider wrote to its people about it.
    pub report: Value,
    /// Where its people find it.
    pub endpoints: Vec<Value>,
    /// Why it failed.
    pub error_message: String,
    /// Where it failed.
    pub error_traceback: String,
    /// When it was ordered.
    pub created: Option<Timestamp>,
    /// When it last changed.
    pub modified: Option<Timestamp>,
    /// When an agent last said that it looked.
    pub last_sync: Option<Timestamp>,
    /// What the agent said last of how far people have access.
    pub membership_sync_statuses: Vec<Value>,
}

/// Where in its life a resource is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the vendor's words")]
pub enum ResourceState {
    Creating,
    #[default]
    #[serde(rename = "OK")]
    Ok,
    Erred,
    Updating,
    Terminating,
    Terminated,
}

/// An account of a person at an offering.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfferingUser {
    /// Identity.
    pub uuid: Uuid,
    /// Where.
    pub offering_uuid: Uuid,
    /// Who.
    pub user_uuid: Uuid,
    /// The name there: null when made without, empty while nobody named it; not unique.
    pub username: Option<String>,
    /// Where in its life it is; the dialect of 2024 knows no such thing.
    pub state: OfferingUserState,
    /// Whether the provider locked it.
    pub is_restricted: bool,
    /// When the server made it by itself; one that somebody made has none.
    pub propagation_date: Option<Timestamp>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it last changed.
    pub modified: Option<Timestamp>,
}

/// Where in its life an offering user is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the vendor's words")]
pub enum OfferingUserState {
    Requested,
    Creating,
    #[serde(rename = "Pending account linking")]
    PendingAccountLinking,
    #[serde(rename = "Pending additional validation")]
    PendingAdditionalValidation,
    #[default]
    #[serde(rename = "OK")]
    Ok,
    #[serde(rename = "Requested deletion")]
    RequestedDeletion,
    Deleting,
    Deleted,
    #[serde(rename = "Error creating")]
    ErrorCreating,
    #[serde(rename = "Error deleting")]
    ErrorDeleting,
}

/// A customer in its part as a provider.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceProvider {
    /// Identity.
    pub uuid: Uuid,
    /// The organization.
    pub customer_uuid: Uuid,
    /// When it became one.
    pub created: Option<Timestamp>,
}
