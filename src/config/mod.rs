//! The YAML document in both of its forms: every problem at once, with path, hint, and line.
//!
//! [`load`] gives a whole [`Config`]; [`load_policy`] gives the part that a plan depends on and needs no secrets. A
//! document is read in two steps: `tree` makes a bounded tree of the text, and `document` walks it, asking for
//! keys of the table in [`keys`] and collecting in a `reader` all that is wrong or worth saying.

use std::path::{Path, PathBuf};

mod address;
mod backend;
mod components;
mod connections;
mod document;
mod entry;
mod environment;
mod error;
pub mod example;
mod groups;
mod intervals;
pub mod keys;
mod locate;
mod offering;
mod path;
mod quotas;
mod reader;
mod roles;
pub mod schema;
mod secret;
mod section;
mod settings;
pub mod shapes;
mod templates;
mod tree;
mod waldur;

pub use address::Tls;
pub use connections::{
    Connections, Grant, KeycloakConnection, RancherConnection, WaldurAuth, WaldurConnection,
};
pub use environment::Environment;
pub use error::{Error, Note, Problem, Severity};
pub use settings::{Accounting, Concurrency, LogLevel, OfferingSettings, Settings, Sold};

use crate::model::policy::Policy;
use document::Document;
use reader::{Reader, Secrets};

/// The file that is read if nobody names another, as with the Python agent.
pub const DEFAULT_FILE: &str = "waldur-site-agent-config.yaml";
/// The variable that names another.
pub const FILE_VARIABLE: &str = "AGENT_CONFIG";
/// A configuration of a thousand offerings has half of this.
const LARGEST: u64 = 1024 * 1024;

/// A whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// What a plan depends on.
    pub policy: Policy,
    /// How the servers are reached, with the credentials.
    pub connections: Connections,
    /// How the program runs.
    pub settings: Settings,
    /// What a person should know about it.
    pub notes: Vec<Note>,
}

/// The part of a configuration that needs no secrets.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// What a plan depends on.
    pub policy: Policy,
    /// How the program runs.
    pub settings: Settings,
    /// What a person should know about it.
    pub notes: Vec<Note>,
}

/// Returns the file to read: the one that was named, else the environment's, else the default.
pub fn file(named: Option<PathBuf>, environment: &Environment) -> PathBuf {
    named
        .or_else(|| environment.get(FILE_VARIABLE).map(PathBuf::from))
        .unwrap_or_else(|| PathBuf::from(DEFAULT_FILE))
}

/// Reads a configuration file; the files that it names are relative to it.
pub fn load(path: &Path, environment: &Environment) -> Result<Config, Error> {
    parse(&text(path)?, base(path), environment)
}

/// Reads a configuration; the files that it names are relative to `base`.
pub fn parse(text: &str, base: &Path, environment: &Environment) -> Result<Config, Error> {
    let (Document { policy, connections, settings }, notes) = read(text, base, environment, Secrets::Needed)?;
    Ok(Config { policy, connections, settings, notes })
}

/// Reads the policy of a configuration file: a secret or a CA file that cannot be had is no problem here.
pub fn load_policy(path: &Path, environment: &Environment) -> Result<PolicyFile, Error> {
    parse_policy(&text(path)?, base(path), environment)
}

/// Reads the policy of a configuration.
pub fn parse_policy(text: &str, base: &Path, environment: &Environment) -> Result<PolicyFile, Error> {
    let (document, notes) = read(text, base, environment, Secrets::Unneeded)?;
    let Document { policy, connections: _, settings } = document;
    Ok(PolicyFile { policy, settings, notes })
}

fn read(
    text: &str,
    base: &Path,
    environment: &Environment,
    secrets: Secrets,
) -> Result<(Document, Vec<Note>), Error> {
    if u64::try_from(text.len()).map_or(true, |length| length > LARGEST) {
        return Err(Error::TooLarge { limit: LARGEST });
    }
    let root = tree::read(text)?;
    let reader = Reader::new(base, environment, secrets);
    let document = document::read(&reader, &root);
    let (problems, notes) = reader.finish(text);
    match document {
        Some(document) if problems.is_empty() => Ok((document, notes)),
        _ => Err(Error::Problems(problems)),
    }
}

fn text(path: &Path) -> Result<String, Error> {
    use std::io::ErrorKind;
    secret::bounded(path, LARGEST).map_err(|source| {
        if source.kind() == ErrorKind::NotFound {
            Error::Missing { path: path.to_owned() }
        } else if source.kind() == ErrorKind::FileTooLarge {
            Error::TooLarge { limit: LARGEST }
        } else {
            Error::Unreadable { path: path.to_owned(), source }
        }
    })
}

fn base(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
