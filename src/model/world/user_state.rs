//! Where somebody's account at an offering is in its life, in Waldur's words.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state of an offering user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum UserState {
    /// Nobody has begun to make it.
    Requested,
    /// It is being made.
    Creating,
    /// The person has to link an account of theirs.
    #[serde(rename = "Pending account linking")]
    PendingAccountLinking,
    /// Somebody has to check them first.
    #[serde(rename = "Pending additional validation")]
    PendingAdditionalValidation,
    /// In use.
    #[serde(rename = "OK")]
    Ok,
    /// Its end was asked for.
    #[serde(rename = "Requested deletion")]
    RequestedDeletion,
    /// It is going away.
    Deleting,
    /// It is gone.
    Deleted,
    /// It could not be made.
    #[serde(rename = "Error creating")]
    ErrorCreating,
    /// It could not be taken away.
    #[serde(rename = "Error deleting")]
    ErrorDeleting,
    /// A word that this agent does not know.
    Other,
}

impl UserState {
    const ALL: [Self; 10] = [
        Self::Requested,
        Self::Creating,
        Self::PendingAccountLinking,
        Self::PendingAdditionalValidation,
        Self::Ok,
        Self::RequestedDeletion,
        Self::Deleting,
        Self::Deleted,
        Self::ErrorCreating,
        Self::ErrorDeleting,
    ];

    /// Returns the state of which a server writes this word.
    pub fn of_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == word).unwrap_or(Self::Other)
    }

    /// Returns the word that Waldur uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "Requested",
            Self::Creating => "Creating",
            Self::PendingAccountLinking => "Pending account linking",
            Self::PendingAdditionalValidation => "Pending additional validation",
            Self::Ok => "OK",
            Self::RequestedDeletion => "Requested deletion",
            Self::Deleting => "Deleting",
            Self::Deleted => "Deleted",
            Self::ErrorCreating => "Error creating",
            Self::ErrorDeleting => "Error deleting",
            Self::Other => "unknown",
        }
    }
}

impl fmt::Display for UserState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_waldurs_word_in_a_world_too() {
        for state in UserState::ALL {
            assert_eq!(UserState::of_word(state.as_str()), state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(UserState::of_word("Frozen"), UserState::Other);
    }
}
