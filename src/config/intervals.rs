//! How often what is done: what the document says, else what the Python agent's environment said.

use std::time::Duration;

use jiff::SignedDuration;

use super::entry::Entry;
use super::path::shown;
use super::section::Section;

/// From one to the next of each; none where nobody said it.
pub(super) struct Intervals {
    /// Full cycles.
    pub(super) cycle: Option<Duration>,
    /// Looks for new orders alone.
    pub(super) orders: Option<Duration>,
    /// Usage reports.
    pub(super) reports: Option<Duration>,
}

/// An interval, and the variable in which the Python agent was told its own, in minutes.
struct Interval {
    key: &'static str,
    variable: &'static str,
    least: SignedDuration,
}

/// It ran a process for orders and one for members. What is seen of orders in between begins a full cycle here.
const ORDERS: Interval = Interval {
    key: "orders_interval",
    variable: "WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES",
    least: SignedDuration::from_secs(5),
};
const CYCLE: Interval = Interval {
    key: "reconcile_interval",
    variable: "WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES",
    least: SignedDuration::from_secs(10),
};
const REPORTS: Interval = Interval {
    key: "report_interval",
    variable: "WALDUR_SITE_AGENT_REPORT_PERIOD_MINUTES",
    least: SignedDuration::from_mins(1),
};
/// Its look after events that were missed.
const AFTER_EVENTS: &str = "WALDUR_SITE_AGENT_RECONCILIATION_PERIOD_MINUTES";

const MOST: SignedDuration = SignedDuration::from_hours(24);

/// Reads them; `frequency` is what `keycloak_sync_frequency` says.
pub(super) fn read(top: &Section<'_>, frequency: Option<SignedDuration>) -> Intervals {
    if top.reader.environment.get(AFTER_EVENTS).is_some() {
        let what = format!("{AFTER_EVENTS} is not followed: no events are listened to, so none are missed");
        top.entry(CYCLE.key).note(what, "");
    }
    Intervals {
        cycle: CYCLE.read(top, frequency),
        orders: ORDERS.read(top, None),
        reports: REPORTS.read(top, None),
    }
}

impl Interval {
    fn read(&self, top: &Section<'_>, older: Option<SignedDuration>) -> Option<Duration> {
        let Self { key, variable, least } = self;
        let entry = top.entry(key);
        let written = entry.duration(*least, MOST).or(older);
        let said = top.reader.environment.get(variable);
        let interval = match (written, said) {
            (Some(written), Some(_)) => {
                entry.note(format!("{variable} is not followed: the document says {written:#}"), "");
                Some(written)
            }
            (None, Some(minutes)) if !entry.is_set() => self.read_minutes(&entry, &minutes),
            (written, _) => written,
        };
        interval.and_then(|interval| interval.try_into().ok())
    }

    /// Reads minutes as the Python agent did, which did not mind 0: whatever it accepted works.
    fn read_minutes(&self, entry: &Entry<'_>, text: &str) -> Option<SignedDuration> {
        let Self { key, variable, least } = self;
        let minutes = text.trim().parse::<f64>().ok();
        let Some(span) = minutes.and_then(|minutes| SignedDuration::try_from_secs_f64(minutes * 60.0).ok())
        else {
            let hint = format!("write minutes, such as 5, or unset it and write `{key}: 5m`");
            entry.problem(format!("{variable} is {}, which is no number of minutes", shown(text)), hint);
            return None;
        };
        let kept = span.clamp(*least, MOST);
        let what = if kept == span {
            format!("it is {span:#}, as {variable} says")
        } else {
            format!("it is {kept:#}, as near as can be to what {variable} says")
        };
        entry.note(what, format!("write `{key}: {kept:#}` instead"));
        Some(kept)
    }
}
