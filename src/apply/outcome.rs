//! How a step ended.

use std::fmt;

/// How a step ended. A failure spoils only what waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// Somebody, perhaps this agent before it was cut off, had done it.
    AlreadySo,
    /// The server cannot do it, or not for us, and nothing depends on it: it is done without.
    DoneWithout {
        /// What the server said.
        why: String,
    },
    /// It was tried and did not work.
    Failed {
        /// Why, for an operator.
        why: String,
        /// What to do, if anything.
        hint: Option<String>,
    },
    /// It was not tried.
    Skipped {
        /// Why not.
        because: Because,
    },
}

/// Why a step was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// A step before it did not succeed.
    Dependency {
        /// Which, by index.
        step: usize,
    },
    /// What it would take away is no longer what was read; the next cycle looks again.
    Changed(String),
    /// The program is stopping.
    Stopping,
}

impl Outcome {
    /// Returns whether what the step provides is so now.
    pub const fn succeeded(&self) -> bool {
        match self {
            Self::Done | Self::AlreadySo | Self::DoneWithout { .. } => true,
            Self::Failed { .. } | Self::Skipped { .. } => false,
        }
    }

    /// Returns whether the step may have had an effect.
    pub const fn was_tried(&self) -> bool {
        match self {
            Self::Done | Self::AlreadySo | Self::Failed { .. } => true,
            Self::Skipped { .. } | Self::DoneWithout { .. } => false,
        }
    }

    /// Returns a skip because the object is no longer what was read.
    pub fn changed(what: impl Into<String>) -> Self {
        Self::Skipped { because: Because::Changed(what.into()) }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => out.write_str("done"),
            Self::AlreadySo => out.write_str("already so"),
            Self::DoneWithout { why } => write!(out, "done without: {why}"),
            Self::Failed { why, hint: _ } => write!(out, "failed: {why}"),
            Self::Skipped { because } => write!(out, "skipped: {because}"),
        }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dependency { step } => write!(out, "step {} did not succeed", step + 1),
            Self::Changed(what) => out.write_str(what),
            Self::Stopping => out.write_str("the program is stopping"),
        }
    }
}
