//! The journal: every request that reached the town, without a secret.

use std::collections::{BTreeMap, VecDeque};

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::route::{self, Kind};
use super::system::System;

/// One request and what became of it. Headers and bodies are never kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// Counts from 1 over the sandbox's life, in the order of arrival; clearing does not reset it.
    pub number: u64,
    /// When it arrived, by the sandbox's clock.
    pub at: Timestamp,
    /// Who was asked.
    pub system: System,
    /// The method.
    #[serde(serialize_with = "method_name")]
    pub method: Method,
    /// The path with its query; the values of parameters that carry secrets are replaced.
    pub path: String,
    /// How many bytes its body had.
    pub body_bytes: usize,
    /// Whether it asks for a change.
    pub write: bool,
    /// Whether it was handed to the server.
    pub carried_out: bool,
    /// The status of the answer; `None` while there is none, which after a reset or a hang is for ever.
    #[serde(serialize_with = "status_number")]
    pub status: Option<StatusCode>,
    /// The faults that hit it.
    pub fault: Option<String>,
}

/// How often each kind of request was made: exact also beyond what the journal still holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JournalSummary {
    /// How many of the oldest exchanges the journal has let go.
    pub dropped: u64,
    /// The counts, ordered by system, pattern and method.
    pub lines: Vec<SummaryLine>,
}

/// One kind of request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryLine {
    /// Who was asked.
    pub system: System,
    /// The method.
    pub method: String,
    /// The path with `{id}` in place of ids, without its query.
    pub pattern: String,
    /// How many requests there were.
    pub count: u64,
    /// How many of them asked for a change.
    pub writes: u64,
}

/// The bounded record behind a sandbox.
#[derive(Debug)]
pub(super) struct Journal {
    capacity: usize,
    next: u64,
    dropped: u64,
    exchanges: VecDeque<Exchange>,
    tally: BTreeMap<(System, String, String), Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    count: u64,
    writes: u64,
}

/// What is known of a request when it arrives.
pub(super) struct Arrival<'request> {
    pub(super) at: Timestamp,
    pub(super) system: System,
    pub(super) method: &'request Method,
    pub(super) path: &'request str,
    pub(super) query: Option<&'request str>,
    pub(super) body_bytes: usize,
    pub(super) fault: Option<String>,
}

impl Journal {
    /// Makes an empty journal that keeps the latest `capacity` exchanges.
    pub(super) fn keeping(capacity: usize) -> Self {
        Self { capacity, next: 1, dropped: 0, exchanges: VecDeque::new(), tally: BTreeMap::new() }
    }

    /// Records a request on arrival, so that one which is never answered is seen too. Returns its number.
    pub(super) fn arrived(&mut self, arrival: Arrival<'_>) -> u64 {
        let Arrival { at, system, method, path, query, body_bytes, fault } = arrival;
        let number = self.next;
        self.next += 1;
        let write = route::kind(system, method, path, query) == Kind::Write;
        let tally = self.tally.entry((system, route::pattern(system, path), method.to_string())).or_default();
        tally.count += 1;
        tally.writes += u64::from(write);
        if self.exchanges.len() >= self.capacity {
            self.exchanges.pop_front();
            self.dropped += 1;
        }
        self.exchanges.push_back(Exchange {
            number,
            at,
            system,
            method: method.clone(),
            path: route::without_secrets(path, query),
            body_bytes,
            write,
            carried_out: false,
            status: None,
            fault,
        });
        number
    }

    /// Notes that the request was handed to the server.
    pub(super) fn carried_out(&mut self, number: u64) {
        if let Some(exchange) = self.find(number) {
            exchange.carried_out = true;
        }
    }

    /// Notes the status of the answer that leaves.
    pub(super) fn answered(&mut self, number: u64, status: StatusCode) {
        if let Some(exchange) = self.find(number) {
            exchange.status = Some(status);
        }
    }

    /// Finds an exchange that is still held: numbers are consecutive.
    fn find(&mut self, number: u64) -> Option<&mut Exchange> {
        let first = self.exchanges.front()?.number;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        self.exchanges.get_mut(index)
    }

    /// Forgets everything but the next number.
    pub(super) fn clear(&mut self) {
        *self = Self { next: self.next, ..Self::keeping(self.capacity) };
    }

    pub(super) fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter()
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Counts a system's requests that ask for no change, or its writes.
    pub(super) fn count(&self, system: System, kind: Kind) -> u64 {
        let tallies = self.tally.iter().filter(|((of, _, _), _)| *of == system).map(|(_, tally)| tally);
        match kind {
            Kind::Read => tallies.map(|tally| tally.count - tally.writes).sum(),
            Kind::Write => tallies.map(|tally| tally.writes).sum(),
        }
    }

    pub(super) fn summary(&self) -> JournalSummary {
        let lines = self.tally.iter().map(|((system, pattern, method), tally)| SummaryLine {
            system: *system,
            method: method.clone(),
            pattern: pattern.clone(),
            count: tally.count,
            writes: tally.writes,
        });
        JournalSummary { dropped: self.dropped, lines: lines.collect() }
    }
}

fn method_name<S: Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(method.as_str())
}

#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
fn status_number<S: Serializer>(status: &Option<StatusCode>, serializer: S) -> Result<S::Ok, S::Error> {
    status.map(|status| status.as_u16()).serialize(serializer)
}
