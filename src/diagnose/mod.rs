//! What is right and what is wrong with a site: one finding for each check, and nothing is ever written.
//!
//! Systems are looked at beside each other, and one that is silent hides none of the others. What could not be looked at
//! because of something else says so. Rights are read off what the servers show and offer; nothing is tried out.

mod certificate;
mod cluster;
mod components;
mod configuration;
mod door;
mod finding;
pub mod json;
mod keycloak;
mod mapper;
mod names;
mod offering;
mod rancher;
mod realm;
mod roles;
pub mod text;
mod usernames;
mod waldur;

use std::time::Duration;

use futures_util::future::join3;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use configuration::{broken, unusable};
pub use finding::{Check, Finding, Place, Verdict};

use crate::config::Config;
use crate::http::Door;
use crate::systems::Systems;

/// How long a diagnosis may take: a server that is down and asked again and again is down.
const PATIENCE: Duration = Duration::from_mins(1);

/// A site to be looked at.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Its configuration.
    pub config: &'a Config,
    /// The clients, with their credentials.
    pub systems: &'a Systems,
    /// The doors of its servers.
    pub doors: &'a Doors,
    /// The present time.
    pub now: Timestamp,
}

/// The doors of all servers, in the order of the configuration's connections.
#[derive(Debug, Default)]
pub struct Doors {
    /// Of each Waldur.
    pub waldur: Vec<Entrance>,
    /// Of each Rancher.
    pub rancher: Vec<Entrance>,
    /// Of each Keycloak.
    pub keycloak: Vec<Entrance>,
}

/// A server's door, and the same without looking at papers: only to see a certificate that is not trusted.
#[derive(Debug)]
pub struct Entrance {
    /// Where the server's certificate is checked as the configuration says.
    pub door: Door,
    /// Where it is not.
    pub unguarded: Door,
}

/// All findings, block by block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The findings.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// Returns the worst verdict.
    pub fn verdict(&self) -> Verdict {
        self.findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Well)
    }
}

/// Looks at everything that a configuration names.
pub async fn diagnose(site: &Site<'_>) -> Diagnosis {
    let systems = site.systems.until(Instant::now() + PATIENCE, &CancellationToken::new());
    let site = &Site { systems: &systems, ..*site };
    let (waldur, rancher, keycloak) =
        join3(waldur::servers(site), rancher::servers(site), keycloak::servers(site)).await;
    let mut findings = configuration::read(site.config);
    findings.extend(waldur.into_iter().chain(rancher).chain(keycloak));
    Diagnosis { findings }
}
