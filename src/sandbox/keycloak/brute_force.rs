//! Brute-force protection: after 30 failed logins a user waits, longer each time the count comes round again.

use jiff::{SignedDuration, Timestamp};

/// Failures that lock a user.
const FAILURES: u32 = 30;
/// Seconds of waiting per 30 failures.
const WAIT_INCREMENT: u32 = 60;
/// Seconds that nobody waits longer than.
const LONGEST_WAIT: u32 = 900;

/// What is remembered of one user's failed logins.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lock {
    failures: u32,
    until: Option<Timestamp>,
}

impl Lock {
    /// Returns whether even the right password is refused now.
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// Counts one more failure.
    pub(super) fn fail(&mut self, now: Timestamp) {
        self.failures += 1;
        let wait = (self.failures / FAILURES * WAIT_INCREMENT).min(LONGEST_WAIT);
        if wait > 0 {
            let wait = SignedDuration::from_secs(i64::from(wait));
            self.until = Some(now.checked_add(wait).unwrap_or(Timestamp::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_failures_lock_for_a_minute_and_sixty_for_two() {
        let at = |second| Timestamp::from_second(second).expect("a small number is a time");
        let mut lock = Lock::default();
        for _ in 0..29 {
            lock.fail(at(0));
        }
        assert!(!lock.holds(at(0)), "29 failures lock nobody");
        lock.fail(at(0));
        assert!(lock.holds(at(59)) && !lock.holds(at(60)));
        for _ in 0..30 {
            lock.fail(at(100));
        }
        assert!(lock.holds(at(219)) && !lock.holds(at(220)));
        for _ in 0..3000 {
            lock.fail(at(300));
        }
        assert!(lock.holds(at(1199)) && !lock.holds(at(1200)), "nobody waits longer than 900 s");
    }
}
