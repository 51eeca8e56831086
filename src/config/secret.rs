//! A secret, wherever it is kept: in the document, in a file, or in the environment.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::entry::Entry;
use super::reader::{Reader, Secrets};
use super::section::{Section, same_value};
use super::tree::Node;

/// No key, token or password is longer.
const LARGEST: u64 = 64 * 1024;

/// Where a secret may stand, in the order in which places are asked; within a place only one way may be used.
pub(super) struct Hidden<'a> {
    /// What it is, for people ("Waldur's API token").
    pub(super) what: &'static str,
    /// The variable that is asked if the document says nothing.
    pub(super) variable: Option<&'static str>,
    places: Vec<Vec<(Way, Entry<'a>)>>,
}

#[derive(Clone, Copy)]
enum Way {
    Here,
    File,
    Variable,
}

impl<'a> Hidden<'a> {
    pub(super) fn new(what: &'static str, variable: Option<&'static str>) -> Self {
        Self { what, variable, places: Vec::new() }
    }

    /// Adds a place: several spellings of one key, in sections that mean the same.
    pub(super) fn or_at(mut self, spellings: &[(&Section<'a>, &str)]) -> Self {
        let ways = spellings.iter().flat_map(|(section, key)| {
            [(Way::Here, ""), (Way::File, "_file"), (Way::Variable, "_env")]
                .map(|(way, suffix)| (way, section.entry(&format!("{key}{suffix}"))))
        });
        self.places.push(ways.collect());
        self
    }

    /// Returns whether the document or the environment says anything about it.
    pub(super) fn is_set(&self, reader: &Reader<'_>) -> bool {
        self.places.iter().flatten().any(|(_, entry)| entry.is_set()) || self.default(reader).is_some()
    }

    fn default(&self, reader: &Reader<'_>) -> Option<SecretString> {
        self.variable.and_then(|name| reader.environment.get(name)).map(SecretString::from)
    }

    /// Returns the secret, if there is one.
    pub(super) fn optional(&self, reader: &Reader<'_>) -> Option<SecretString> {
        let place = self.places.iter().find(|ways| ways.iter().any(|(_, entry)| entry.is_set()));
        let Some(ways) = place else { return self.default(reader) };
        let mut set = ways.iter().filter(|(_, entry)| entry.is_set());
        let (way, entry) = set.next()?;
        for (_, other) in set.filter(|(also, other)| !says_the_same((way, entry), (also, other))) {
            other.problem(format!("{} says {} too", entry.path, self.what), "keep one of them");
        }
        if reader.secrets == Secrets::Unneeded {
            return Some(SecretString::from(String::new()));
        }
        let secret = match way {
            Way::Here => here(entry),
            Way::File => entry.text().and_then(|name| from_file(entry, &name)),
            Way::Variable => entry.text().and_then(|name| from_variable(entry, &name)),
        };
        secret.and_then(|secret| sound(entry, &secret))
    }

    /// Returns the secret; that there is none is a problem.
    pub(super) fn required(&self, reader: &Reader<'_>) -> Option<SecretString> {
        if self.is_set(reader) {
            return self.optional(reader);
        }
        if reader.secrets == Secrets::Unneeded {
            return Some(SecretString::from(String::new()));
        }
        // What nobody says is missing where all would share it.
        let (_, entry) = self.places.last()?.first()?;
        if !self.places.iter().flatten().any(|(_, entry)| entry.misspelled) {
            let variable =
                self.variable.map_or_else(String::new, |name| format!(", or set the variable {name}"));
            let key = entry.path.to_string();
            let key = key.rsplit('.').next().unwrap_or_default();
            entry.problem(
                format!("{} is missing", self.what),
                format!("write `{key}`, `{key}_file: PATH` or `{key}_env: NAME`{variable}"),
            );
        }
        None
    }
}

/// A site that followed the documentation and then the Python agent's code has both spellings of Keycloak's keys.
fn says_the_same((way, entry): (&Way, &Entry<'_>), (also, other): (&Way, &Entry<'_>)) -> bool {
    matches!((way, also), (Way::Here, Way::Here)) && same_value(entry.node, other.node)
}

fn here(entry: &Entry<'_>) -> Option<String> {
    match entry.node {
        Some(Node::Text(text)) => match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => from_variable(entry, name),
            None => Some(text.clone()),
        },
        // YAML reads `007e1` as seventy: what was written is lost, so it is not guessed.
        Some(Node::Number(_) | Node::Flag(_)) => {
            entry.problem("YAML takes this value for a number or a truth value", "put it between quotes");
            None
        }
        Some(Node::Null | Node::List(_) | Node::Map(_)) | None => {
            entry.problem("it is not a text", "write one text, between quotes");
            None
        }
    }
}

fn from_variable(entry: &Entry<'_>, name: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        // It is not repeated: perhaps the secret itself was written where its variable is named.
        entry.problem("this is no name of a variable", "write a name such as RANCHER_SECRET_KEY");
        return None;
    }
    let value = entry.reader.environment.get(name);
    if value.is_none() {
        entry.problem(format!("the variable {name} is not set, empty, or no UTF-8"), format!("set {name}"));
    }
    value
}

fn from_file(entry: &Entry<'_>, name: &str) -> Option<String> {
    let hint = "name a file with the secret in it, relative to the configuration, which this user may read";
    match bounded(&entry.reader.file(name), LARGEST) {
        Ok(text) if !text.trim_end_matches(['\r', '\n']).is_empty() => Some(text),
        Ok(_) => {
            entry.problem("the file is empty", hint);
            None
        }
        Err(error) => {
            entry.problem(format!("the file cannot be read: {error}"), hint);
            None
        }
    }
}

/// Returns the secret without the line break at its end; others cannot be sent.
fn sound(entry: &Entry<'_>, secret: &str) -> Option<SecretString> {
    let secret = secret.trim_end_matches(['\r', '\n']);
    if secret.is_empty() || secret.chars().any(char::is_control) {
        entry.problem(
            "the secret is empty or holds a line break or another control character",
            "write it on one line",
        );
        return None;
    }
    Some(SecretString::from(secret))
}

/// Reads a regular text file of at most so many bytes.
pub(super) fn bounded(path: &Path, largest: u64) -> io::Result<String> {
    let too_large =
        || io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {largest} bytes"));
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    if metadata.len() > largest {
        return Err(too_large());
    }
    let mut text = String::new();
    File::open(path)?.take(largest + 1).read_to_string(&mut text)?;
    // Files such as those below /proc grow while they are read, or do not tell their length.
    if u64::try_from(text.len()).is_ok_and(|length| length <= largest) { Ok(text) } else { Err(too_large()) }
}

/// Returns whether two secrets are the same.
pub(super) fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
