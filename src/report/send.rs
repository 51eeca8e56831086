//! Tells Waldur what differs: one request for each resource, and each can fail by itself.

use std::fmt;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::ResourceUuid;
use crate::model::usage::Month;
use crate::plan::report::{Dispatch, Report};
use crate::systems::Systems;

/// How many reports are prepared at a time; the client bounds how many it really sends.
const AHEAD: usize = 64;

/// One report, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Of which resource.
    pub resource: ResourceUuid,
    /// What that is called.
    pub name: String,
    /// What became of it.
    pub sent: Sent,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// Waldur has it.
    Done,
    /// Waldur did not take it, and why.
    Failed {
        /// What happened, in words for an operator.
        why: String,
    },
    /// The month ended before its turn came: the amount of now is not that of a month that is over.
    TooLate,
}

impl fmt::Display for Sent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => out.write_str("sent"),
            Self::Failed { why } => write!(out, "failed: {why}"),
            Self::TooLate => out.write_str("not sent: the month ended meanwhile"),
        }
    }
}

/// Sends what a report says is to be sent.
pub(super) async fn all(
    systems: &Systems,
    report: &Report,
    zone: &TimeZone,
    clock: impl Fn() -> Timestamp,
) -> Vec<Sending> {
    let is_over = || {
        let now = clock();
        Month::at(now, zone) != report.month || report.month.is_over_in_utc(now)
    };
    stream::iter(report.dispatches())
        .map(async |Dispatch { offering, resource, name, amounts }| {
            let sent = match systems.waldur.get(&offering) {
                _ if is_over() => Sent::TooLate,
                Some(client) => match client.report_usage(resource, report.month, &amounts).await {
                    Ok(()) => Sent::Done,
                    Err(error) => Sent::Failed { why: error.why() },
                },
                None => Sent::Failed { why: "no Waldur is configured for it".to_owned() },
            };
            Sending { resource, name, sent }
        })
        .buffered(AHEAD)
        .collect()
        .await
}
