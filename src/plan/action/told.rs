//! Actions that tell Waldur how a resource is. None of them changes what anybody has.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ProjectTarget;
use crate::model::world::ResourceState;
use crate::model::{ClusterRef, OfferingUuid, ResourceUuid, UserUuid};
use crate::plan::facts::Fact;

/// Corrects our notes on a resource in Waldur; those of others stay.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SetMetadata {
    /// At which offering.
    pub offering: OfferingUuid,
    /// On which resource.
    pub resource: ResourceUuid,
    /// Where its project is.
    pub cluster: ClusterRef,
    /// Its project; what says which one it is can only be noted once it is there.
    pub project: ProjectTarget,
    /// The notes that differ: key to (what it says, what it should say); one that should say nothing goes.
    pub notes: BTreeMap<String, (Option<String>, Option<String>)>,
    /// What must be so first: nothing is noted that is not there.
    pub after: BTreeSet<Fact>,
}

/// Says whether something is wrong with a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SetResourceState {
    /// At which offering.
    pub offering: OfferingUuid,
    /// Of which resource.
    pub resource: ResourceUuid,
    /// What Waldur says.
    pub from: Health,
    /// What it should say.
    pub to: Health,
    /// What must be so first: every step of the resource.
    pub after: BTreeSet<Fact>,
}

/// Whether something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Health {
    /// Nothing is.
    Ok,
    /// Something is.
    Erred {
        /// What, in words for those who look at it.
        message: String,
    },
}

impl Health {
    /// Returns the state of a resource of which that is said.
    pub const fn state(&self) -> ResourceState {
        match self {
            Self::Ok => ResourceState::Ok,
            Self::Erred { message: _ } => ResourceState::Erred,
        }
    }
}

/// Says how far everybody in a team has access to a resource; replaces what was said before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SetMembershipStatuses {
    /// At which offering.
    pub offering: OfferingUuid,
    /// To which resource.
    pub resource: ResourceUuid,
    /// Who, as what, and how far.
    pub statuses: BTreeSet<MembershipStatus>,
    /// What is noted on the resource, so that the same is not said again: Waldur cannot be asked.
    pub summary: String,
    /// What must be so first: nobody is said to be in before they are.
    pub after: BTreeSet<Fact>,
}

/// How far one person has access by one of their roles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MembershipStatus {
    /// Who.
    pub user: UserUuid,
    /// By which role, in Waldur's words.
    pub role: String,
    /// How far.
    pub state: MembershipState,
    /// What is to be said of it.
    pub message: &'static str,
}

/// How far somebody has access, in Waldur's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MembershipState {
    /// They have it.
    Synced,
    /// They will.
    Pending,
    /// They will once there is an account of theirs.
    MissingInIdp,
    /// A person has to do something first.
    Error,
}

impl MembershipState {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 4] = [Self::Synced, Self::Pending, Self::MissingInIdp, Self::Error];

    /// Returns Waldur's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::Pending => "pending",
            Self::MissingInIdp => "missing_in_idp",
            Self::Error => "error",
        }
    }
}

/// Says that a resource was looked at just now, after Waldur was told something else of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RefreshLastSync {
    /// At which offering.
    pub offering: OfferingUuid,
    /// Which resource.
    pub resource: ResourceUuid,
    /// What must be so first: every step of the resource.
    pub after: BTreeSet<Fact>,
}
