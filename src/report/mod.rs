//! Usage reports: reads what is used, compares it with what was reported last, and tells Waldur what differs.
//!
//! What is counted and how is [`crate::model::usage`]; what is to be sent is decided in [`crate::plan::report`].

mod read;
mod send;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use send::{Sending, Sent};

use crate::model::policy::Policy;
use crate::model::usage::{Month, Terms};
use crate::plan::report::{Report, draft};
use crate::systems::{Systems, Trouble};

/// The time between two reports unless somebody says otherwise, as with the Python agent.
pub const USUAL: Duration = Duration::from_mins(30);
/// How long reading may take, and sending after it: a report of long ago says little about now.
const LONGEST: Duration = Duration::from_mins(10);

/// Reports usage.
#[derive(Debug, Clone, Copy)]
pub struct Reporter<'a> {
    /// Whom to ask and whom to tell.
    pub systems: &'a Systems,
    /// What the operator decided about the offerings.
    pub policy: &'a Policy,
    /// And about reports.
    pub terms: &'a Terms,
}

impl Reporter<'_> {
    /// Reads everything and says what there is to report. Nothing is written.
    pub async fn look(&self, now: Timestamp, stop: &CancellationToken) -> (Report, BTreeSet<Trouble>) {
        let Self { systems, policy, terms } = self;
        let readers = systems.until(Instant::now() + LONGEST, stop);
        let month = Month::at(now, &terms.zone);
        let (sight, troubles) = read::sight(&readers, policy, terms, month, now).await;
        (draft(&sight, policy, terms, month), troubles)
    }

    /// Sends what differs. `clock` says what time it is: once the month has ended, nothing is sent for it any more.
    pub async fn send(
        &self,
        report: &Report,
        clock: impl Fn() -> Timestamp,
        stop: &CancellationToken,
    ) -> Vec<Sending> {
        let writers = self.systems.until(Instant::now() + LONGEST, stop);
        send::all(&writers, report, &self.terms.zone, clock).await
    }
}
