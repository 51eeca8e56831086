//! What is done next, and when: full cycles on an interval of their own, looks at the orders alone on a shorter one.
//! Pure: it is told the time.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// How often what is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intervals {
    /// From the end of a full cycle to the next one, give or take a tenth.
    pub cycle: Duration,
    /// From one look at the orders alone to the next; none where nobody's orders are carried out.
    pub orders: Option<Duration>,
}

/// The Python agent's interval for everything.
pub const USUAL_CYCLE: Duration = Duration::from_mins(5);
/// Whoever ordered something looks at it once more after so long; it costs one request for each offering.
pub const USUAL_ORDERS: Duration = Duration::from_secs(15);

/// Something to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// A full cycle.
    Cycle(Cause),
    /// A look at the orders alone.
    Orders,
}

/// Why a cycle begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It is the first.
    First,
    /// Its time has come.
    Interval,
    /// So many orders are new, or in another state than they were.
    Orders(usize),
    /// Somebody asked for it.
    Call,
}

/// When what comes next.
#[derive(Debug, Clone)]
pub struct Schedule {
    intervals: Intervals,
    cycle: (Instant, Cause),
    /// None while the first cycle is due, or if nobody looks at the orders alone.
    orders: Option<Instant>,
}

// === impl Schedule ===

impl Schedule {
    /// Makes one whose first cycle is due now.
    pub const fn new(intervals: Intervals, now: Instant) -> Self {
        Self { intervals, cycle: (now, Cause::First), orders: None }
    }

    /// Returns what comes next, and when. A cycle looks at the orders as well, so it goes first.
    pub fn next(&self) -> (Instant, Task) {
        let (at, cause) = self.cycle;
        self.orders.filter(|orders| *orders < at).map_or((at, Task::Cycle(cause)), |at| (at, Task::Orders))
    }

    /// Notes that a cycle has ended: both intervals begin anew. `chance` is any number.
    pub fn cycle_ended(&mut self, now: Instant, chance: u64) {
        self.cycle = (now + pause(self.intervals.cycle, chance), Cause::Interval);
        self.orders = self.intervals.orders.map(|every| now + every);
    }

    /// Notes that the orders were looked at, whatever came of it, and that so many are news. Each news is noted once:
    /// what does not come off is tried again on the cycles' own interval.
    pub fn orders_looked_at(&mut self, now: Instant, news: usize) {
        self.orders = self.intervals.orders.map(|every| now + every);
        if news > 0 {
            self.begin_at_once(now, Cause::Orders(news));
        }
    }

    /// Notes that somebody asked for a cycle.
    pub fn called(&mut self, now: Instant) {
        self.begin_at_once(now, Cause::Call);
    }

    /// A cycle that is due already keeps its cause.
    fn begin_at_once(&mut self, now: Instant, cause: Cause) {
        if now < self.cycle.0 {
            self.cycle = (now, cause);
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => out.write_str("the first cycle"),
            Self::Interval => out.write_str("it is time"),
            Self::Orders(1) => out.write_str("1 order is new or has changed"),
            Self::Orders(count) => write!(out, "{count} orders are new or have changed"),
            Self::Call => out.write_str("somebody asked for it"),
        }
    }
}

/// Returns the pause before the next of something: the interval, give or take a tenth, so that several agents do not march
/// in step. `chance` is any number.
pub fn pause(interval: Duration, chance: u64) -> Duration {
    let tenths = u32::try_from(chance % 201).unwrap_or(100);
    // From 0.9 to 1.1 in steps of a thousandth.
    interval * (900 + tenths) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chance that makes a pause exactly the interval.
    const EVEN: u64 = 100;
    const INTERVALS: Intervals = Intervals { cycle: USUAL_CYCLE, orders: Some(USUAL_ORDERS) };

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// A schedule whose first cycle has just ended.
    fn begun(intervals: Intervals) -> (Instant, Schedule) {
        let now = Instant::now();
        let mut schedule = Schedule::new(intervals, now);
        assert_eq!(schedule.next(), (now, Task::Cycle(Cause::First)));
        schedule.cycle_ended(now, EVEN);
        (now, schedule)
    }

    #[test]
    fn orders_are_looked_at_until_the_next_cycle_is_due() {
        let (now, mut schedule) = begun(INTERVALS);
        for look in 1..20 {
            let at = now + seconds(15 * look);
            assert_eq!(schedule.next(), (at, Task::Orders));
            schedule.orders_looked_at(at, 0);
        }
        // Both are due now: the cycle looks at the orders as well.
        assert_eq!(schedule.next(), (now + seconds(300), Task::Cycle(Cause::Interval)));
    }

    #[test]
    fn news_begins_a_cycle_at_once_and_once() {
        let (now, mut schedule) = begun(INTERVALS);
        let at = now + seconds(15);
        schedule.orders_looked_at(at, 2);
        assert_eq!(schedule.next(), (at, Task::Cycle(Cause::Orders(2))));
        let ended = at + seconds(3);
        schedule.cycle_ended(ended, EVEN);
        assert_eq!(schedule.next(), (ended + seconds(15), Task::Orders));
        schedule.orders_looked_at(ended + seconds(299), 0);
        assert_eq!(schedule.next(), (ended + seconds(300), Task::Cycle(Cause::Interval)));
    }

    #[test]
    fn a_call_begins_a_cycle_at_once_and_takes_no_cause_away() {
        let (now, mut schedule) = begun(INTERVALS);
        schedule.called(now + seconds(1));
        assert_eq!(schedule.next(), (now + seconds(1), Task::Cycle(Cause::Call)));
        schedule.orders_looked_at(now + seconds(2), 1);
        assert_eq!(schedule.next(), (now + seconds(1), Task::Cycle(Cause::Call)));
    }

    #[test]
    fn where_no_orders_are_carried_out_nobody_looks_at_them() {
        let (now, mut schedule) = begun(Intervals { orders: None, ..INTERVALS });
        assert_eq!(schedule.next(), (now + seconds(300), Task::Cycle(Cause::Interval)));
        schedule.orders_looked_at(now, 0);
        assert_eq!(schedule.next(), (now + seconds(300), Task::Cycle(Cause::Interval)));
    }

    #[test]
    fn time_that_was_slept_through_is_not_made_up_for() {
        let (now, mut schedule) = begun(INTERVALS);
        // The machine was suspended for a day: one look, and one cycle.
        let late = now + seconds(86_400);
        schedule.orders_looked_at(late, 0);
        assert_eq!(schedule.next(), (now + seconds(300), Task::Cycle(Cause::Interval)));
        schedule.cycle_ended(late, EVEN);
        assert_eq!(schedule.next(), (late + seconds(15), Task::Orders));
    }

    #[test]
    fn the_pause_stays_within_a_tenth_of_the_interval() {
        let interval = Duration::from_mins(5);
        for chance in [0, 1, 100, 200, 201, u64::MAX] {
            let pause = pause(interval, chance);
            assert!(pause >= interval * 9 / 10 && pause <= interval * 11 / 10, "{pause:?}");
        }
        assert_ne!(pause(interval, 0), pause(interval, 200));
    }
}
