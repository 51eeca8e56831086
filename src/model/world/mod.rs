//! Everything that one look saw: offerings in Waldur, clusters in Rancher, realms in Keycloak, time and memory.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod accounts;
mod inside;
mod keycloak;
mod orders;
mod rancher;
mod told;
mod user_state;
mod waldur;

pub use accounts::{AccountKind, Accounts, ProjectAccount};
pub use inside::{Inside, Namespace};
pub use keycloak::{Account, Group, GroupAttributes, Member, Realm};
pub use orders::{Carrier, Order, OrderKind, OrderState, Orders};
pub use rancher::{
    Annotations, Binding, Cluster, ClusterIdentity, Project, ProjectKind, Quota, RancherUser, RoleTemplate,
    Subject,
};
pub use told::{Capability, Told};
pub use user_state::UserState;
pub use waldur::{
    Customer, Grant, MemberAccess, Offering, OfferingUser, Resource, ResourceState, Teammate, WaldurProject,
};

use super::{ClusterRef, OfferingUuid, OrderUuid, Person, ProjectUuid, RealmRef, ResourceUuid};

/// For flags that are left out where they say nothing.
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// One World: everything read once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// When it was read; all rules that speak of time compare with this.
    pub taken_at: Timestamp,
    /// What the agent remembers of earlier cycles.
    #[serde(default, skip_serializing_if = "Memory::is_blank")]
    pub memory: Memory,
    /// What Waldur says, by offering.
    #[serde(default)]
    pub offerings: BTreeMap<OfferingUuid, Offering>,
    /// What Rancher says, by cluster.
    #[serde(default)]
    pub clusters: BTreeMap<ClusterRef, Cluster>,
    /// What Keycloak says, by realm.
    #[serde(default)]
    pub realms: BTreeMap<RealmRef, Realm>,
}

impl World {
    /// Returns a world in which nothing was asked yet.
    pub const fn unread(taken_at: Timestamp, memory: Memory) -> Self {
        Self {
            taken_at,
            memory,
            offerings: BTreeMap::new(),
            clusters: BTreeMap::new(),
            realms: BTreeMap::new(),
        }
    }
}

/// What earlier cycles did that the budget still counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Memory {
    /// Whether this agent has looked before: what was left half done when it began was looked for then.
    #[serde(skip_serializing_if = "is_false")]
    pub looked: bool,
    /// Who lost all access to what, newest last; older than an hour is forgotten.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// Whose project was deleted, newest last; older than an hour is forgotten.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deletions: Vec<Deletion>,
    /// What did not work for each open order.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub setbacks: BTreeMap<OrderUuid, Setback>,
    /// The last team of each offering that was read in its turn, though nothing was to be done.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reread: BTreeMap<OfferingUuid, ProjectUuid>,
    /// What each offering's Waldur cannot be told, or not with this token; found out by trying.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lacking: BTreeMap<OfferingUuid, BTreeSet<Capability>>,
}

impl Memory {
    /// Returns whether there is nothing to remember.
    pub fn is_blank(&self) -> bool {
        let Self { looked, losses, deletions, setbacks, reread, lacking } = self;
        !looked
            && losses.is_empty()
            && deletions.is_empty()
            && setbacks.is_empty()
            && reread.is_empty()
            && lacking.is_empty()
    }

    /// Returns whether an offering's Waldur cannot be told something, as far as was found out.
    pub fn lacks(&self, offering: OfferingUuid, what: Capability) -> bool {
        self.lacking.get(&offering).is_some_and(|lacking| lacking.contains(&what))
    }

    /// Returns how many losses of `offering` lie less than an hour before `now`.
    pub fn recent_losses(&self, offering: OfferingUuid, now: Timestamp) -> usize {
        self.losses.iter().filter(|loss| loss.offering == offering && is_recent(loss.at, now)).count()
    }

    /// Returns how many projects of `offering` were deleted less than an hour before `now`.
    pub fn recent_deletions(&self, offering: OfferingUuid, now: Timestamp) -> usize {
        self.deletions.iter().filter(|one| one.offering == offering && is_recent(one.at, now)).count()
    }

    /// Forgets what no budget counts any more.
    pub fn forget_before(&mut self, now: Timestamp) {
        self.losses.retain(|loss| is_recent(loss.at, now));
        self.deletions.retain(|deletion| is_recent(deletion.at, now));
    }
}

/// One (person, project) pair that lost all access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// When.
    pub at: Timestamp,
    /// Through which offering.
    pub offering: OfferingUuid,
    /// To which resource's project.
    pub resource: ResourceUuid,
    /// Who.
    pub person: Person,
}

/// One project that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deletion {
    /// When.
    pub at: Timestamp,
    /// Of which offering.
    pub offering: OfferingUuid,
    /// That of which resource.
    pub resource: ResourceUuid,
}

/// What did not work for an order: nothing of it is the order's fault, so it is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setback {
    /// Since when.
    pub since: Timestamp,
    /// When it happened last.
    pub last: Timestamp,
    /// How often it was tried.
    pub times: usize,
    /// What happened last, in the words of the system that refused.
    pub why: String,
}

/// The window in which the guard counts what was taken away.
const WINDOW: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// What lies in the future (a clock that was set back) still counts: forgetting is the unsafe side.
fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < WINDOW
}
