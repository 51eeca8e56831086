//! Everything that one look saw: offerings in Waldur, clusters in Rancher, realms in Keycloak, time and memory.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod accounts;
mod inside;
mod keycloak;
mod rancher;
mod waldur;

pub use accounts::{AccountKind, Accounts, ProjectAccount};
pub use inside::{Inside, Namespace};
pub use keycloak::{Account, Group, GroupAttributes, Member, Realm};
pub use rancher::{
    Annotations, Binding, Cluster, ClusterIdentity, Project, ProjectKind, Quota, RancherUser, RoleTemplate,
    Subject,
};
pub use waldur::{
    Customer, Grant, MemberAccess, Offering, OfferingUser, Resource, ResourceState, Teammate, WaldurProject,
};

use super::{ClusterRef, OfferingUuid, Person, ProjectUuid, RealmRef, ResourceUuid};

/// For flags that are left out where they say nothing.
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// One World: everything read once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Memory {
    /// Who lost all access to what, newest last; older than an hour is forgotten.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// The last team of each offering that was read in its turn, though nothing was to be done.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reread: BTreeMap<OfferingUuid, ProjectUuid>,
}

impl Memory {
    /// Returns whether there is nothing to remember.
    pub fn is_blank(&self) -> bool {
        let Self { losses, reread } = self;
        losses.is_empty() && reread.is_empty()
    }

    /// Returns how many losses of `offering` lie less than an hour before `now`.
    pub fn recent_losses(&self, offering: OfferingUuid, now: Timestamp) -> usize {
        self.losses.iter().filter(|loss| loss.offering == offering && loss.is_recent(now)).count()
    }

    /// Forgets what no budget counts any more.
    pub fn forget_before(&mut self, now: Timestamp) {
        self.losses.retain(|loss| loss.is_recent(now));
    }
}

/// One (person, project) pair that lost all access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

impl Loss {
    /// The window in which the guard counts losses.
    pub const WINDOW: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

    fn is_recent(&self, now: Timestamp) -> bool {
        // A loss in the future (a clock that was set back) still counts: forgetting is the unsafe side.
        now.duration_since(self.at) < Self::WINDOW
    }
}
