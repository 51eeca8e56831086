//! What Waldur shows of a resource because an agent told it, and what a Waldur cannot be told.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_false;

/// What Waldur shows of a resource because an agent told it. What a server does not say is unknown, never empty: nothing
/// is then written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Told {
    /// The notes of this agent and the Python one in its `backend_metadata`; those of others are not kept here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
    /// What this agent said is wrong with it (`error_message`); of another's text, only that it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether the server says when it was looked at last (`last_sync`); when that was makes no difference.
    #[serde(skip_serializing_if = "is_false")]
    pub sync: bool,
}

impl Told {
    /// Returns whether the server said nothing of it.
    pub const fn is_silent(&self) -> bool {
        let Self { metadata, error, sync } = self;
        metadata.is_none() && error.is_none() && !*sync
    }
}

/// Something that a Waldur can be told, if it knows how: older ones do not, and some tokens may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// The notes on a resource.
    SetBackendMetadata,
    /// That something is wrong with a resource.
    SetAsErred,
    /// That nothing is wrong with a resource any more.
    SetAsOk,
    /// That a resource was looked at.
    RefreshLastSync,
    /// How far each person has access.
    SetMembershipSyncStatuses,
}

impl Capability {
    /// Returns Waldur's name of the action.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SetBackendMetadata => "set_backend_metadata",
            Self::SetAsErred => "set_as_erred",
            Self::SetAsOk => "set_as_ok",
            Self::RefreshLastSync => "refresh_last_sync",
            Self::SetMembershipSyncStatuses => "set_membership_sync_statuses",
        }
    }
}
