//! One exchange as it was recorded, and one act in between that was not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One exchange. What is left out of the replay has no answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    pub(super) no: u32,
    pub(super) name: String,
    pub(super) who: String,
    /// Method, path and query.
    pub(super) ask: String,
    /// Headers beside the token.
    #[serde(default)]
    pub(super) with: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: Option<Value>,
    /// A body that is no JSON.
    #[serde(default)]
    pub(super) raw: Option<String>,
    #[serde(default)]
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) answer: Option<Value>,
    /// An answer that is no JSON.
    #[serde(default)]
    pub(super) text: Option<String>,
}

/// What somebody did before an exchange, and why it must have happened: a request, or an act at the control address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Between {
    pub(super) before: u32,
    pub(super) why: String,
    #[serde(default)]
    pub(super) who: String,
    #[serde(default)]
    pub(super) ask: Option<String>,
    #[serde(default)]
    pub(super) body: Option<Value>,
    #[serde(default)]
    pub(super) act: Option<Value>,
}

/// Returns the text of a file of the recordings.
pub(super) fn file(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings/waldur").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// Returns the lines of a file of the recordings.
pub(super) fn lines<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|why| panic!("{name}: {why}: {line}"));
    file(name).lines().map(read).collect()
}

/// Returns what the `Authorization` header of somebody says; the keys are those of the recordings.
pub(super) fn authorization(exchange: &str, who: &str) -> Option<String> {
    match (exchange, who) {
        ("users-me-bearer", _) => Some(format!("Bearer {}", key("agent"))),
        ("users-me-token-no-credentials", _) => Some("Token".to_owned()),
        (_, "anonymous") => None,
        (_, "bad-token") => Some(format!("Token {}", "f".repeat(40))),
        (_, who) => Some(format!("Token {}", key(who))),
    }
}

fn key(who: &str) -> String {
    format!("{:0<40}", format!("{who}-token-"))
}
