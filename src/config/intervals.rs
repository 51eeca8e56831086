//! How often what is done.

use std::time::Duration;

use jiff::SignedDuration;

use super::section::Section;

/// From one to the next of each; none where nobody said it.
pub(super) struct Intervals {
    /// Full cycles.
    pub(super) cycle: Option<Duration>,
    /// Looks for new orders alone.
    pub(super) orders: Option<Duration>,
}

/// Reads them; `frequency` is what `keycloak_sync_frequency` says.
pub(super) fn read(top: &Section<'_>, frequency: Option<SignedDuration>) -> Intervals {
    let read = |key, least| top.entry(key).duration(least, SignedDuration::from_hours(24));
    let cycle = read("reconcile_interval", SignedDuration::from_secs(10)).or(frequency);
    let orders = read("orders_interval", SignedDuration::from_secs(5));
    let [cycle, orders] = [cycle, orders].map(|interval| interval.and_then(|it| it.try_into().ok()));
    Intervals { cycle, orders }
}
