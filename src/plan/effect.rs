//! What an action does, at a glance: where it writes, whether it gives or takes, what it costs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Action;
use super::action::{CompleteOrder, TakeOrder, Turn};
use crate::model::world::OrderKind;

/// Which of the three systems a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum System {
    /// The marketplace.
    Waldur,
    /// The Kubernetes management server.
    Rancher,
    /// The identity server.
    Keycloak,
}

impl System {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Waldur, Self::Rancher, Self::Keycloak];

    /// Returns its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waldur => "Waldur",
            Self::Rancher => "Rancher",
            Self::Keycloak => "Keycloak",
        }
    }
}

/// What an action does to the world, in one sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Something new, or somebody gains.
    Adds,
    /// Something that is there becomes ours.
    Adopts,
    /// Something is corrected.
    Changes,
    /// Something or somebody goes.
    Takes,
}

impl Action {
    /// Returns which system the action writes to.
    pub const fn system(&self) -> System {
        match self {
            Self::CreateProject(_)
            | Self::AdoptProject(_)
            | Self::AdoptBinding(_)
            | Self::UpdateProject(_)
            | Self::SetQuota(_)
            | Self::SetContainerDefaults(_)
            | Self::CreateNamespace(_)
            | Self::SetNamespaceQuota(_)
            | Self::SetResourceQuota(_)
            | Self::Bind(_)
            | Self::Unbind(_)
            | Self::DeleteProject(_) => System::Rancher,
            Self::TakeOrder(_)
            | Self::RecordBackendId(_)
            | Self::CompleteOrder(_)
            | Self::FailOrder(_)
            | Self::SetMetadata(_)
            | Self::SetMembershipStatuses(_)
            | Self::SetResourceState(_)
            | Self::RefreshLastSync(_) => System::Waldur,
            Self::AdoptGroup(_)
            | Self::ShareGroup(_)
            | Self::CreateParent(_)
            | Self::CreateGroup(_)
            | Self::AddMember(_)
            | Self::ClearEmpty(_)
            | Self::RemoveMember(_)
            | Self::MarkEmpty(_)
            | Self::DeleteGroup(_)
            | Self::DeleteParent(_) => System::Keycloak,
        }
    }

    /// Returns a number for the kind of action: in this order a plan is read.
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::TakeOrder(_) => 0,
            Self::CreateParent(_) => 1,
            Self::CreateProject(_) => 2,
            Self::AdoptProject(_) => 3,
            Self::AdoptGroup(_) => 4,
            Self::ShareGroup(_) => 5,
            Self::AdoptBinding(_) => 6,
            Self::UpdateProject(_) => 7,
            Self::SetContainerDefaults(_) => 8,
            Self::CreateNamespace(_) => 9,
            Self::SetResourceQuota(_) => 10,
            Self::SetNamespaceQuota(set) => match set.turn {
                Turn::First => 11,
                Turn::Last => 13,
            },
            Self::SetQuota(set) => match set.turn {
                Turn::First => 12,
                Turn::Last => 14,
            },
            Self::RecordBackendId(_) => 15,
            Self::CreateGroup(_) => 16,
            Self::Bind(_) => 17,
            Self::ClearEmpty(_) => 18,
            Self::AddMember(_) => 19,
            Self::RemoveMember(_) => 20,
            Self::MarkEmpty(_) => 21,
            Self::Unbind(_) => 22,
            Self::DeleteProject(_) => 23,
            Self::DeleteGroup(_) => 24,
            Self::DeleteParent(_) => 25,
            Self::CompleteOrder(_) => 26,
            Self::FailOrder(_) => 27,
            Self::SetMetadata(_) => 28,
            Self::SetMembershipStatuses(_) => 29,
            Self::SetResourceState(_) => 30,
            Self::RefreshLastSync(_) => 31,
        }
    }

    /// Returns what the action does to the world.
    pub const fn effect(&self) -> Effect {
        match self {
            Self::CreateProject(_)
            | Self::CreateNamespace(_)
            | Self::CreateParent(_)
            | Self::CreateGroup(_)
            | Self::Bind(_)
            | Self::AddMember(_) => Effect::Adds,
            Self::AdoptProject(_) | Self::AdoptGroup(_) | Self::ShareGroup(_) | Self::AdoptBinding(_) => {
                Effect::Adopts
            }
            Self::SetResourceQuota(set) if set.from.is_none() => Effect::Adds,
            Self::TakeOrder(_)
            | Self::CompleteOrder(_)
            | Self::FailOrder(_)
            | Self::UpdateProject(_)
            | Self::SetQuota(_)
            | Self::SetContainerDefaults(_)
            | Self::SetNamespaceQuota(_)
            | Self::SetResourceQuota(_)
            | Self::RecordBackendId(_)
            | Self::ClearEmpty(_)
            | Self::MarkEmpty(_)
            | Self::SetMetadata(_)
            | Self::SetMembershipStatuses(_)
            | Self::SetResourceState(_)
            | Self::RefreshLastSync(_) => Effect::Changes,
            Self::RemoveMember(_)
            | Self::Unbind(_)
            | Self::DeleteProject(_)
            | Self::DeleteGroup(_)
            | Self::DeleteParent(_) => Effect::Takes,
        }
    }

    /// Returns how many requests the action costs at least: the write, and the look before it where it takes
    /// something away or changes a whole object.
    pub const fn requests(&self) -> usize {
        match self {
            Self::SetResourceQuota(set) if set.from.is_none() => 1,
            Self::CreateProject(_)
            | Self::CreateNamespace(_)
            | Self::RecordBackendId(_)
            | Self::CreateParent(_)
            | Self::CreateGroup(_)
            | Self::Bind(_)
            | Self::AddMember(_)
            | Self::RefreshLastSync(_) => 1,
            Self::TakeOrder(TakeOrder { kind, .. }) | Self::CompleteOrder(CompleteOrder { kind, .. }) => {
                match kind {
                    OrderKind::Create | OrderKind::Restore => 1,
                    // Waldur follows later, and is waited for.
                    OrderKind::Update | OrderKind::Terminate => 3,
                }
            }
            Self::AdoptProject(_)
            | Self::AdoptBinding(_)
            | Self::UpdateProject(_)
            | Self::SetQuota(_)
            | Self::SetContainerDefaults(_)
            | Self::SetNamespaceQuota(_)
            | Self::SetResourceQuota(_)
            | Self::ClearEmpty(_)
            | Self::RemoveMember(_)
            | Self::Unbind(_)
            | Self::MarkEmpty(_)
            | Self::SetMetadata(_)
            | Self::SetResourceState(_) => 2,
            Self::FailOrder(_)
            | Self::DeleteProject(_)
            | Self::AdoptGroup(_)
            | Self::ShareGroup(_)
            | Self::SetMembershipStatuses(_) => 3,
            Self::DeleteGroup(_) | Self::DeleteParent(_) => 4,
        }
    }
}
