//! What can be wrong with a configuration, and what is merely worth saying about it.

use std::fmt;
use std::path::PathBuf;

/// Something that must be changed before the configuration can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands (`offerings[0].backend_settings.cluster_id`).
    pub path: String,
    /// The line of that place, or of the nearest one above it.
    pub line: Option<usize>,
    /// What is wrong; never a secret.
    pub what: String,
    /// What to write instead.
    pub hint: String,
}

/// How much a [`Note`] asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It works, but probably not as meant, or not safely.
    Warning,
    /// It is as it should be, and worth knowing.
    Note,
}

/// Something about the configuration that a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// How much it asks for attention.
    pub severity: Severity,
    /// Where it stands.
    pub path: String,
    /// The line of that place, or of the nearest one above it.
    pub line: Option<usize>,
    /// What there is to know; never a secret.
    pub what: String,
    /// What to write to change it.
    pub hint: String,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("there is no configuration file {path}", path = path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It cannot be read, or is no text.
    #[error("the configuration file {path} cannot be read", path = path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is larger than a configuration can be.
    #[error("the configuration is larger than {limit} bytes")]
    TooLarge {
        /// The largest size that is read.
        limit: u64,
    },
    /// It is no YAML.
    #[error("the configuration is no YAML{}: {what}", place(*line, *column))]
    Syntax {
        /// The line, from 1.
        line: Option<usize>,
        /// The column, from 1.
        column: Option<usize>,
        /// What the parser says.
        what: String,
    },
    /// It is YAML, but not a configuration: all that is wrong with it.
    #[error("the configuration has {}", list(.0))]
    Problems(Vec<Problem>),
}

impl Error {
    /// Returns what to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "name the file with `-c FILE`, or with the variable AGENT_CONFIG",
            Self::Unreadable { .. } => "check that it is a UTF-8 text file which this user may read",
            Self::TooLarge { .. } => "check that this is the right file",
            Self::Syntax { .. } => {
                "check the indentation, the quotes and the colons there and on the line before"
            }
            Self::Problems(_) => "change what is listed; nothing was read from or written to any server",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}; {}", spot(&self.path, self.line), self.what, self.hint)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", spot(&self.path, self.line), self.what)?;
        if self.hint.is_empty() { Ok(()) } else { write!(out, "; {}", self.hint) }
    }
}

fn spot(path: &str, line: Option<usize>) -> String {
    let path = if path.is_empty() { "the document" } else { path };
    line.map_or_else(|| path.to_owned(), |line| format!("{path} (line {line})"))
}

fn place(line: Option<usize>, column: Option<usize>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        (Some(line), None) => format!(" (line {line})"),
        (None, _) => String::new(),
    }
}

fn list(problems: &[Problem]) -> String {
    let count = match problems.len() {
        1 => "1 problem".to_owned(),
        count => format!("{count} problems"),
    };
    problems.iter().fold(count, |text, problem| format!("{text}\n  {problem}"))
}
