//! One cycle after the other: look, plan, guard, apply, remember.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::apply::walk::Limits;
use crate::apply::{Applied, Executor, Progress};
use crate::model::policy::Policy;
use crate::model::world::Memory;
use crate::observe;
use crate::plan::graph;
use crate::plan::guard::{Verdict, guard};
use crate::plan::{Plan, plan};
use crate::systems::{Systems, Trouble};

/// How long one look may take: longer than that, what was read first says little about now.
pub const LOOK: Duration = Duration::from_mins(10);

/// Keeps the systems in line.
#[derive(Debug)]
pub struct Reconciler<'a> {
    /// Whom to ask and tell.
    pub systems: &'a Systems,
    /// What the operator decided.
    pub policy: &'a Policy,
    /// How many steps run at a time, by system.
    pub limits: Limits,
}

/// What one cycle saw, decided and did.
#[derive(Debug)]
pub struct Cycle {
    /// Who could not be asked.
    pub troubles: BTreeSet<Trouble>,
    /// What there was to do.
    pub plan: Plan,
    /// What of it was admitted.
    pub verdict: Verdict,
    /// What became of it, with the memory for the next cycle.
    pub applied: Applied,
}

impl Reconciler<'_> {
    /// Runs one cycle. A system that is silent or refuses the credentials holds only what rests on it.
    ///
    /// # Errors
    /// If the plan's steps wait for each other in a circle, which would be a defect.
    pub async fn cycle(
        &self,
        now: Timestamp,
        memory: Memory,
        stop: &CancellationToken,
        progress: impl Fn(Progress<'_>),
    ) -> Result<Cycle, graph::Cycle> {
        let readers = self.systems.until(Instant::now() + LOOK, stop);
        let seen = observe::look(&readers, self.policy, now, memory).await;
        let plan = plan(&seen.world, self.policy);
        let verdict = guard(&plan, &seen.world, self.policy, None)?;
        let executor = Executor::new(self.systems).with_limits(self.limits.clone());
        let remembered = (seen.world.memory, seen.world.taken_at);
        let applied = executor.run(&verdict.admitted, remembered, stop, progress).await;
        Ok(Cycle { troubles: seen.troubles, plan, verdict, applied })
    }
}

/// Returns the pause before the next cycle: the interval, give or take a tenth, so that several agents do not march
/// in step. `chance` is any number.
pub fn pause(interval: Duration, chance: u64) -> Duration {
    let tenths = u32::try_from(chance % 201).unwrap_or(100);
    // From 0.9 to 1.1 in steps of a thousandth.
    interval * (900 + tenths) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

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
