//! A server that is asked with one key, check after check. Nothing stops at a check that fails, so that what was made is
//! always taken down again.

use std::time::Duration;

use super::row::Is;
use super::server::{Body, Got, client, exchange};

/// How long something may take to come, or to go.
const PATIENCE: Duration = Duration::from_mins(2);

/// A visit to a server.
pub(super) struct Visit {
    base: String,
    authorization: String,
    http: reqwest::Client,
    checks: usize,
    failures: Vec<String>,
}

impl Visit {
    /// Begins one at the address below which the API lies.
    pub(super) fn to(base: &str, authorization: String) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { base, authorization, http: client(), checks: 0, failures: Vec::new() }
    }

    /// Asks, and checks what comes back. Several statuses may be right where a server chooses.
    pub(super) async fn check(
        &mut self,
        name: &str,
        call: &str,
        body: Body,
        statuses: &[u16],
        is: Is,
    ) -> Got {
        let got = self.ask(call, body).await;
        self.checks += 1;
        if !statuses.contains(&got.status) || !is.holds(&got) {
            let text: String = got.text.chars().take(600).collect();
            self.failures
                .push(format!("{name}: {call}: expected {statuses:?} {is:?}, got {} {text}", got.status));
        }
        got
    }

    /// Reads what must be so.
    pub(super) async fn get(&mut self, name: &str, path: &str, status: u16, is: Is) -> Got {
        self.check(name, &format!("GET {path}"), Body::None, &[status], is).await
    }

    /// Reads until it is so, because the server's own controllers are at it.
    pub(super) async fn until(&mut self, name: &str, path: &str, holds: impl Fn(&Got) -> bool) {
        self.checks += 1;
        let waiting = async {
            while !holds(&self.ask(&format!("GET {path}"), Body::None).await) {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            self.failures.push(format!("{name}: {path}: not so after {PATIENCE:?}"));
        }
    }

    /// Checks something that was read.
    pub(super) fn that(&mut self, name: &str, holds: bool, got: &Got) {
        self.checks += 1;
        if !holds {
            self.failures.push(format!("{name}: {} {}", got.status, got.text));
        }
    }

    /// Asks without a check.
    pub(super) async fn ask(&self, call: &str, body: Body) -> Got {
        let (method, path) = call.split_once(' ').expect("a method and a path");
        exchange(&self.http, method, &format!("{}{path}", self.base), &self.authorization, body).await
    }

    /// Asks as somebody without a key.
    pub(super) async fn as_nobody(&mut self, name: &str, path: &str) {
        let key = std::mem::take(&mut self.authorization);
        self.get(name, path, 401, Is::Any).await;
        self.authorization = key;
    }

    /// Returns how much was checked; panics with all that failed.
    pub(super) fn end(self, on: &str) -> usize {
        let failures = self.failures.join("\n");
        assert!(failures.is_empty(), "{} checks fail on {on}:\n{failures}", self.failures.len());
        self.checks
    }
}
