//! The faults that lie in wait, and how often each was met.

use std::time::Duration;

use axum::http::Method;
use serde::Serialize;

use super::{Fault, What};
use crate::sandbox::system::System;

/// The faults in force, in the order in which they were injected.
#[derive(Debug, Default)]
pub struct Faults {
    armed: Vec<Armed>,
}

/// One fault in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Armed {
    /// The fault.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many requests it matched since it was injected.
    pub matched: u64,
    /// How many of them it hit.
    pub hit: u64,
}

/// What the faults in force do to one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strike {
    /// How long it waits: all delays that hit, together.
    pub delay: Duration,
    /// What happens to it: the first fault that hits and is no delay.
    pub what: Option<What>,
    /// All that hit it, in words.
    pub told: Option<String>,
}

impl Faults {
    /// Puts a fault in force, after those that are.
    pub fn inject(&mut self, fault: Fault) {
        self.armed.push(Armed { fault, matched: 0, hit: 0 });
    }

    /// Lifts all faults.
    pub fn clear(&mut self) {
        self.armed.clear();
    }

    /// Returns the faults in force.
    pub fn armed(&self) -> &[Armed] {
        &self.armed
    }

    /// Counts one request at every fault that matches it, and returns what happens to it.
    ///
    /// A fault also counts the calls that an earlier one takes away from it: "the third call" is the third that
    /// arrives, whatever else goes wrong.
    pub fn strike(&mut self, system: System, method: &Method, path: &str, query: Option<&str>) -> Strike {
        let mut strike = Strike::default();
        let mut told = Vec::new();
        for armed in &mut self.armed {
            if !armed.fault.matches(system, method, path, query) {
                continue;
            }
            armed.matched += 1;
            if !armed.fault.when.hits(armed.matched) {
                continue;
            }
            if let What::Delay(length) = &armed.fault.what {
                strike.delay = strike.delay.saturating_add(*length);
            } else if strike.what.is_none() {
                strike.what = Some(armed.fault.what.clone());
            } else {
                continue;
            }
            armed.hit += 1;
            told.push(armed.fault.what.to_string());
        }
        strike.told = (!told.is_empty()).then(|| told.join(", "));
        strike
    }
}

impl Fault {
    fn matches(&self, system: System, method: &Method, path: &str, query: Option<&str>) -> bool {
        self.system.is_none_or(|wanted| wanted == system)
            && self.method.as_ref().is_none_or(|wanted| wanted == method)
            && self.path.matches(path, query)
    }
}
