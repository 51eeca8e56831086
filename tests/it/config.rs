//! The configuration: a site changes the program and keeps its file.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use agent::config::{Config, Environment, Error, Note, Problem, parse};

mod anything;
mod connections;
mod example;
mod intervals;
mod keys;
mod mistakes;
mod samples;
mod secrets;
mod shapes;

/// People get access through Keycloak.
const KEYCLOAK: &str = "\
keycloak_enabled: true
keycloak_url: https://k.example
keycloak_username: u
keycloak_password: p
";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/configs").join(name)
}

fn nothing_set() -> Environment {
    Environment::fixed::<String, String>([])
}

fn read(text: &str) -> Result<Config, Error> {
    parse(text, Path::new("."), &nothing_set())
}

fn problems(result: Result<Config, Error>) -> Vec<Problem> {
    match result {
        Err(Error::Problems(problems)) => problems,
        Err(error) => panic!("another error: {error}"),
        Ok(_) => Vec::new(),
    }
}

/// One per line.
fn lines(of: impl IntoIterator<Item = impl Display>) -> String {
    of.into_iter().fold(String::new(), |text, line| format!("{text}{line}\n"))
}

fn shown(notes: &[Note]) -> String {
    lines(notes.iter().map(|note| format!("{:?} {note}", note.severity)))
}

/// A small sound document in the form of today, with more lines for the offering and for its `backend_settings`.
fn document(offering: &str, backend: &str) -> String {
    let offering = lines(offering.lines().map(|line| format!("    {line}")));
    let backend = lines(backend.lines().map(|line| format!("      {line}")));
    format!(
        "\
offerings:
  -
    name: a
    backend_type: rancher
    waldur_api_url: https://w.example
    waldur_api_token: t
    waldur_offering_uuid: 12345678123456789abc123456789012
    order_processing_backend: rancher
    membership_sync_backend: rancher
    reporting_backend: rancher
{offering}    backend_settings:
      backend_url: https://r.example
      username: u
      password: p
      cluster_id: c-1
      default_role: project-member
{backend}"
    )
}
