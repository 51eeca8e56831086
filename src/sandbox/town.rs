//! The town: three servers over one clock, with one journal, and what may go wrong in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::{Router, middleware};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore};

use super::clock::Clock;
use super::faults::{Armed, Fault, Faults};
use super::gate::{self, Gate};
use super::journal::{Exchange, Journal, JournalSummary};
use super::route::Kind;
use super::seed::Seed;
use super::system::System;
use super::{control, keycloak, rancher, waldur};

/// How many exchanges the journal keeps: a few cycles over the largest generated site.
const JOURNAL_CAPACITY: usize = 100_000;

/// A running town. Cheap to clone; all clones are the same town.
#[derive(Debug, Clone)]
pub struct Sandbox {
    town: Arc<Town>,
}

/// A change behind the servers' backs, as `{"system": "rancher", "act": ...}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "system", rename_all = "lowercase")]
#[allow(
    clippy::large_enum_variant,
    reason = "one is made, used and dropped; which is the largest is up to the servers"
)]
pub enum Meddling {
    /// In Waldur.
    Waldur(waldur::Meddle),
    /// In Rancher.
    Rancher(rancher::Meddle),
    /// In Keycloak.
    Keycloak(keycloak::Meddle),
}

/// What all clones and all requests share.
#[derive(Debug)]
pub(super) struct Town {
    pub(super) clock: Clock,
    waldur: Arc<Mutex<waldur::State>>,
    rancher: Arc<Mutex<rancher::State>>,
    keycloak: Arc<Mutex<keycloak::State>>,
    journal: Mutex<Journal>,
    faults: Mutex<Faults>,
    latency: Mutex<Duration>,
    /// One permit for each hang that was reached and not yet waited for.
    hung: Semaphore,
    /// Wakes the requests that hang, when the servers close.
    release: Notify,
}

impl Sandbox {
    /// Opens the town that `seed` describes.
    pub fn new(seed: Seed, clock: Clock) -> Self {
        let Seed { waldur, rancher, keycloak } = seed;
        let town = Town {
            clock,
            waldur: Arc::new(Mutex::new(waldur::State::new(waldur, clock))),
            rancher: Arc::new(Mutex::new(rancher::State::new(rancher, clock))),
            keycloak: Arc::new(Mutex::new(keycloak::State::new(keycloak, clock))),
            journal: Mutex::new(Journal::keeping(JOURNAL_CAPACITY)),
            faults: Mutex::default(),
            latency: Mutex::default(),
            hung: Semaphore::new(0),
            release: Notify::new(),
        };
        Self { town: Arc::new(town) }
    }

    /// Returns one of the servers. Journal, latency and faults are in front of it, in process too.
    pub fn router(&self, system: System) -> Router {
        let server = match system {
            System::Waldur => waldur::router(Arc::clone(&self.town.waldur)),
            System::Rancher => rancher::router(Arc::clone(&self.town.rancher)),
            System::Keycloak => keycloak::router(Arc::clone(&self.town.keycloak)),
        };
        let gate = Gate { town: Arc::clone(&self.town), system };
        server.layer(middleware::from_fn_with_state(gate, gate::pass))
    }

    /// Returns the control address: the town's state, journal and faults over HTTP.
    pub fn control(&self) -> Router {
        control::router(self.clone())
    }

    /// Returns the clock that the servers go by.
    pub fn clock(&self) -> Clock {
        self.town.clock
    }

    /// Returns the exchanges that the journal holds, oldest first.
    pub fn journal(&self) -> Vec<Exchange> {
        self.town.journal().exchanges().cloned().collect()
    }

    /// Returns how many exchanges the journal has let go.
    pub fn journal_dropped(&self) -> u64 {
        self.town.journal().dropped()
    }

    /// Returns the counts of all requests since the journal was cleared.
    pub fn journal_summary(&self) -> JournalSummary {
        self.town.journal().summary()
    }

    /// Returns how many requests to a system since then asked for no change.
    pub fn reads(&self, system: System) -> u64 {
        self.town.journal().count(system, Kind::Read)
    }

    /// Returns how many requests to a system since then asked for a change.
    pub fn writes(&self, system: System) -> u64 {
        self.town.journal().count(system, Kind::Write)
    }

    /// Empties the journal and its counts.
    pub fn clear_journal(&self) {
        self.town.journal().clear();
    }

    /// Returns everything that the three servers know, as `{"waldur": ..., "rancher": ..., "keycloak": ...}`.
    pub fn snapshot(&self) -> Value {
        json!({
            "waldur": self.snapshot_of(System::Waldur),
            "rancher": self.snapshot_of(System::Rancher),
            "keycloak": self.snapshot_of(System::Keycloak),
        })
    }

    /// Returns everything that one server knows.
    pub fn snapshot_of(&self, system: System) -> Value {
        match system {
            System::Waldur => hold(&self.town.waldur).snapshot(),
            System::Rancher => hold(&self.town.rancher).snapshot(),
            System::Keycloak => hold(&self.town.keycloak).snapshot(),
        }
    }

    /// Changes something behind a server's back, as a person or another program would. The error says what the
    /// server lacks for it.
    pub fn meddle(&self, meddling: Meddling) -> Result<(), String> {
        match meddling {
            Meddling::Waldur(act) => hold(&self.town.waldur).meddle(act),
            Meddling::Rancher(act) => hold(&self.town.rancher).meddle(act),
            Meddling::Keycloak(act) => hold(&self.town.keycloak).meddle(act),
        }
    }

    /// Puts a fault in force, after those that are.
    pub fn inject(&self, fault: Fault) {
        self.town.faults().inject(fault);
    }

    /// Returns the faults in force, with how often each was met.
    pub fn faults(&self) -> Vec<Armed> {
        self.town.faults().armed().to_vec()
    }

    /// Lifts all faults. What hangs already goes on hanging.
    pub fn clear_faults(&self) {
        self.town.faults().clear();
    }

    /// Makes every request wait this long before it is carried out.
    pub fn set_latency(&self, latency: Duration) {
        *hold(&self.town.latency) = latency;
    }

    /// Returns how long every request waits.
    pub fn latency(&self) -> Duration {
        self.town.latency()
    }

    /// Waits until a `hang` or `hang-after` is reached. Each hang is told once, also one reached before this call.
    pub async fn hung(&self) {
        // The semaphore is never closed, so an error cannot come.
        if let Ok(permit) = self.town.hung.acquire().await {
            permit.forget();
        }
    }

    /// Ends all requests that hang, with a broken connection.
    pub fn release_hung(&self) {
        self.town.release.notify_waiters();
    }
}

#[cfg(test)]
impl Sandbox {
    /// Returns what a gate needs, so that one can be tried in front of another server.
    pub(super) fn shared(&self) -> Arc<Town> {
        Arc::clone(&self.town)
    }
}

impl Town {
    pub(super) fn journal(&self) -> MutexGuard<'_, Journal> {
        hold(&self.journal)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        hold(&self.faults)
    }

    pub(super) fn latency(&self) -> Duration {
        *hold(&self.latency)
    }

    /// Hangs until the town releases it.
    pub(super) async fn hang(&self) {
        let released = self.release.notified();
        self.hung.add_permits(1);
        released.await;
    }
}

/// Locks. A request that panicked leaves its server as it was at that moment; the others go on with that.
fn hold<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
