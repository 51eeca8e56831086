//! What a run says in its exit code.

use std::process::ExitCode;

/// How a run ended. When several are true, [`Exit::worst`] says which one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Success,
    /// An error: bad files, bad credentials, or a defect of this program.
    Error,
    /// Changes are pending (`plan --detailed-exitcode`).
    Changes,
    /// A safety rule holds something.
    Held,
    /// The world is not the one that was approved; nothing was written.
    Stale,
    /// Some steps were not done.
    Partly,
    /// A system could not be reached, or not read completely.
    Unreachable,
    /// The command line makes no sense.
    Usage,
    /// Stopped by an interrupt.
    Interrupted,
    /// Stopped by a request to terminate.
    Terminated,
}

impl Exit {
    /// Returns the number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Held => 3,
            Self::Stale => 4,
            Self::Partly => 5,
            Self::Unreachable => 6,
            Self::Usage => 64,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Returns the one that counts: 1 before 6, 4, 5, 3, 2 and 0; a signal before all.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Changes => 1,
            Self::Held => 2,
            Self::Partly => 3,
            Self::Stale => 4,
            Self::Unreachable => 5,
            Self::Error => 6,
            Self::Usage => 7,
            Self::Interrupted | Self::Terminated => 8,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// What `--help` says about exit codes.
pub(super) const HELP: &str = "\
Exit codes:
    0  done, or nothing to do
    1  error: a bad file, bad credentials, or a defect
    2  changes are pending (only plan --detailed-exitcode)
    3  a safety rule holds something
    4  stale: the world has changed meanwhile, nothing was written
    5  partly applied
    6  a system could not be reached, or not read completely
   64  the command line makes no sense
  130, 143  stopped by a signal
If several are true, the first of 1, 6, 4, 5, 3, 2 counts.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_one_six_four_five_three_two_counts() {
        let order = [
            Exit::Error,
            Exit::Unreachable,
            Exit::Stale,
            Exit::Partly,
            Exit::Held,
            Exit::Changes,
            Exit::Success,
        ];
        for (index, first) in order.iter().enumerate() {
            for second in &order[index..] {
                assert_eq!(first.worst(*second), *first);
                assert_eq!(second.worst(*first), *first);
            }
        }
    }

    #[test]
    fn the_help_names_every_code() {
        for exit in [
            Exit::Error,
            Exit::Changes,
            Exit::Held,
            Exit::Stale,
            Exit::Partly,
            Exit::Unreachable,
            Exit::Usage,
        ] {
            assert!(HELP.contains(&format!("{:>5}  ", exit.code())), "{exit:?}");
        }
    }
}
