//! Which kinds of steps one run takes. A mode chooses steps, never readings (rule 16).

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::model::policy::{Policy, Scope};

/// A kind of work, in the Python agent's words, which ran a process for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Orders, projects and quotas.
    OrderProcess,
    /// Groups, bindings and members.
    MembershipSync,
    /// Usage.
    Report,
}

/// What is written is no mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMode {
    /// The Python agent's fourth mode.
    #[error("no events are listened to; write order_process,membership_sync, which looks for changes")]
    Events,
    /// Something else.
    #[error("write order_process, membership_sync or report, or several with commas between them")]
    Unknown,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OrderProcess, Self::MembershipSync, Self::Report];

    /// Returns the word that the Python agent uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderProcess => "order_process",
            Self::MembershipSync => "membership_sync",
            Self::Report => "report",
        }
    }
}

impl FromStr for Mode {
    type Err = InvalidMode;

    fn from_str(text: &str) -> Result<Self, InvalidMode> {
        let word = text.trim().to_ascii_lowercase().replace('-', "_");
        let unknown = if word == "event_process" { InvalidMode::Events } else { InvalidMode::Unknown };
        Self::ALL.into_iter().find(|mode| mode.as_str() == word).ok_or(unknown)
    }
}

/// Narrows a policy to the steps of some modes; what the operator switched off stays off. What is read stays the same:
/// a narrowed reading would make colleagues strays.
pub fn narrow(policy: &mut Policy, modes: &BTreeSet<Mode>) {
    for offering in policy.offerings.values_mut() {
        let Scope { projects, members } = offering.scope;
        offering.scope = Scope {
            projects: projects && modes.contains(&Mode::OrderProcess),
            members: members && modes.contains(&Mode::MembershipSync),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_written_with_underscores_or_hyphens() {
        for mode in Mode::ALL {
            assert_eq!(mode.as_str().parse(), Ok(mode));
            assert_eq!(mode.as_str().replace('_', "-").parse(), Ok(mode));
        }
        assert_eq!(" Order-Process ".parse(), Ok(Mode::OrderProcess));
        assert_eq!("event_process".parse::<Mode>(), Err(InvalidMode::Events));
        assert_eq!("orders".parse::<Mode>(), Err(InvalidMode::Unknown));
        assert_eq!("".parse::<Mode>(), Err(InvalidMode::Unknown));
    }
}
