//! What an action does, at a glance: where it writes, whether it gives or takes, what it costs.

use serde::Serialize;

use super::Action;
use super::action::Turn;

/// Which of the three systems a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
            | Self::Unbind(_) => System::Rancher,
            Self::RecordBackendId(_) => System::Waldur,
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
            Self::CreateParent(_) => 0,
            Self::CreateProject(_) => 1,
            Self::AdoptProject(_) => 2,
            Self::AdoptGroup(_) => 3,
            Self::ShareGroup(_) => 4,
            Self::AdoptBinding(_) => 5,
            Self::UpdateProject(_) => 6,
            Self::SetContainerDefaults(_) => 7,
            Self::CreateNamespace(_) => 8,
            Self::SetResourceQuota(_) => 9,
            Self::SetNamespaceQuota(set) => match set.turn {
                Turn::First => 10,
                Turn::Last => 12,
            },
            Self::SetQuota(set) => match set.turn {
                Turn::First => 11,
                Turn::Last => 13,
            },
            Self::RecordBackendId(_) => 14,
            Self::CreateGroup(_) => 15,
            Self::Bind(_) => 16,
            Self::ClearEmpty(_) => 17,
            Self::AddMember(_) => 18,
            Self::RemoveMember(_) => 19,
            Self::MarkEmpty(_) => 20,
            Self::Unbind(_) => 21,
            Self::DeleteGroup(_) => 22,
            Self::DeleteParent(_) => 23,
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
            Self::UpdateProject(_)
            | Self::SetQuota(_)
            | Self::SetContainerDefaults(_)
            | Self::SetNamespaceQuota(_)
            | Self::SetResourceQuota(_)
            | Self::RecordBackendId(_)
            | Self::ClearEmpty(_)
            | Self::MarkEmpty(_) => Effect::Changes,
            Self::RemoveMember(_) | Self::Unbind(_) | Self::DeleteGroup(_) | Self::DeleteParent(_) => {
                Effect::Takes
            }
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
            | Self::AddMember(_) => 1,
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
            | Self::MarkEmpty(_) => 2,
            Self::AdoptGroup(_) | Self::ShareGroup(_) => 3,
            Self::DeleteGroup(_) | Self::DeleteParent(_) => 4,
        }
    }
}
