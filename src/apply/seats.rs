//! How many steps work at a time, and how a step waits for a server without keeping others from working.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::plan::System;

/// How many steps may work at a time, by system; one where nothing is said.
pub type Limits = BTreeMap<System, usize>;

/// How many times as many may be begun: what only waits for a server costs it little, but not nothing.
const BEGUN: usize = 4;

/// The first pause between two looks at what a server does; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The seats of all systems.
pub(super) struct Seats {
    limits: Limits,
    taken: Mutex<BTreeMap<System, Taken>>,
    freed: Notify,
}

/// Who sits, and who has left their seat for a while.
#[derive(Default)]
struct Taken {
    working: usize,
    waiting: usize,
}

/// A step's seat; free again when it is dropped.
pub struct Seat {
    seats: Arc<Seats>,
    system: System,
}

/// A seat whose owner comes back when this is dropped, be it because the whole step was.
struct Away<'s> {
    seat: &'s Seat,
}

/// A step's patience with a server: looks at growing distances, for a bounded time, its seat given up in between.
pub(super) struct Patience<'s> {
    seat: &'s Seat,
    until: Instant,
    pause: Duration,
}

// === impl Seats ===

impl Seats {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { limits: limits.clone(), taken: Mutex::default(), freed: Notify::new() }
    }

    /// Takes a seat, if one is free.
    pub(super) fn take(self: &Arc<Self>, system: System) -> Option<Seat> {
        let limit = self.limits.get(&system).copied().unwrap_or(1).max(1);
        let mut taken = self.taken();
        let taken = taken.entry(system).or_default();
        if taken.working >= limit || taken.working + taken.waiting >= limit * BEGUN {
            return None;
        }
        taken.working += 1;
        Some(Seat { seats: Arc::clone(self), system })
    }

    /// Waits until somebody leaves their seat for a while.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// A thread that panicked while it held the lock left no count half changed.
    fn taken(&self) -> MutexGuard<'_, BTreeMap<System, Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Seat ===

impl Seat {
    /// Begins to wait for a server, for so long at most.
    pub(super) fn patience(&self, bound: Duration) -> Patience<'_> {
        Patience { seat: self, until: Instant::now() + bound, pause: FIRST_PAUSE }
    }

    /// Leaves the seat for a while. Whoever comes back sits down even if somebody else took it: it was there first.
    async fn leave(&self, pause: Duration) {
        self.count(|taken| (taken.working, taken.waiting) = (taken.working - 1, taken.waiting + 1));
        let _away = Away { seat: self };
        self.seats.freed.notify_one();
        tokio::time::sleep(pause).await;
    }

    fn count(&self, change: impl FnOnce(&mut Taken)) {
        change(self.seats.taken().entry(self.system).or_default());
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        self.seat.count(|taken| (taken.working, taken.waiting) = (taken.working + 1, taken.waiting - 1));
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.count(|taken| taken.working -= 1);
    }
}

// === impl Patience ===

impl Patience<'_> {
    /// Waits until it is time for another look; returns whether there is to be one.
    pub(super) async fn has_another_look(&mut self) -> bool {
        if Instant::now() + self.pause > self.until {
            return false;
        }
        self.seat.leave(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        true
    }
}
