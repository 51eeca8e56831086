//! How long the work may go on: a deadline for the cycle, and a signal that nothing new shall be begun.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// The bounds of one cycle's work.
#[derive(Debug, Clone, Default)]
pub(super) struct Until {
    pub(super) deadline: Option<Instant>,
    pub(super) stop: CancellationToken,
}

/// Why nothing more is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Deadline,
    Stopped,
}

impl Until {
    /// Says whether something new may be begun.
    pub(super) fn check(&self) -> Result<(), Over> {
        if self.stop.is_cancelled() {
            return Err(Over::Stopped);
        }
        if self.remaining().is_some_and(|left| left.is_zero()) { Err(Over::Deadline) } else { Ok(()) }
    }

    /// Returns the time that is left, if it is bounded.
    pub(super) fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Waits for something that has not begun yet; gives up when the work is over.
    pub(super) async fn bound<T>(&self, waiting: impl Future<Output = T>) -> Result<T, Over> {
        self.check()?;
        let ends = async {
            match self.remaining() {
                Some(left) => sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Over::Stopped),
            done = waiting => Ok(done),
            () = ends => Err(Over::Deadline),
        }
    }

    /// Rests for `pause`; says whether it was rested through. A pause beyond the deadline is not begun.
    pub(super) async fn rest(&self, pause: Duration) -> bool {
        if self.remaining().is_some_and(|left| pause >= left) {
            return false;
        }
        self.bound(sleep(pause)).await.is_ok()
    }
}
