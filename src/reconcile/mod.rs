//! One cycle after the other: look, plan, guard, apply, remember. When they begin is [`rounds`]' business.

pub mod known;
pub mod modes;
pub mod rounds;
pub mod schedule;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::apply::Limits;
use crate::apply::{Applied, Executor, Progress};
use crate::model::policy::Policy;
use crate::model::world::Memory;
use crate::observe;
use crate::plan::graph;
use crate::plan::guard::{Verdict, guard};
use crate::plan::{Plan, plan};
use crate::systems::{Systems, Trouble};
use known::OpenOrders;

/// How long one look may take: longer than that, what was read first says little about now.
pub const LOOK: Duration = Duration::from_mins(10);

/// Looks and plans. It has no executor, so nothing that is given only this can write.
#[derive(Debug, Clone, Copy)]
pub struct Observer<'a> {
    /// Whom to ask.
    pub systems: &'a Systems,
    /// What the operator decided.
    pub policy: &'a Policy,
}

/// Keeps the systems in line: looks, and applies what is admitted.
#[derive(Debug)]
pub struct Reconciler<'a> {
    observer: Observer<'a>,
    executor: Executor<'a>,
}

/// What one look saw and what was decided about it.
#[derive(Debug)]
pub struct Outlook {
    /// Who could not be asked.
    pub troubles: BTreeSet<Trouble>,
    /// What there is to do.
    pub plan: Plan,
    /// What of it is admitted.
    pub verdict: Verdict,
    /// What was remembered of earlier cycles.
    pub memory: Memory,
    /// The open orders that were seen.
    pub orders: OpenOrders,
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
    /// The open orders that are no news any more: those that were seen, and those that were taken.
    pub orders: OpenOrders,
}

impl Observer<'_> {
    /// Looks and plans. A system that is silent or refuses the credentials holds only what rests on it.
    ///
    /// # Errors
    /// If the plan's steps wait for each other in a circle, which would be a defect.
    pub async fn look(
        &self,
        now: Timestamp,
        memory: Memory,
        stop: &CancellationToken,
    ) -> Result<Outlook, graph::Cycle> {
        let readers = self.systems.until(Instant::now() + LOOK, stop);
        let seen = observe::look(&readers, self.policy, now, memory).await;
        let plan = plan(&seen.world, self.policy);
        let verdict = guard(&plan, &seen.world, self.policy, None)?;
        let orders = known::seen(&seen.world);
        let memory = Memory { looked: true, ..seen.world.memory };
        Ok(Outlook { troubles: seen.troubles, plan, verdict, memory, orders })
    }
}

impl<'a> Reconciler<'a> {
    /// Makes one that runs so many steps at a time, by system.
    pub fn new(observer: Observer<'a>, limits: Limits) -> Self {
        Self { executor: Executor::new(observer.systems).with_limits(limits), observer }
    }

    /// Returns the half of it that only looks.
    pub const fn observer(&self) -> Observer<'a> {
        self.observer
    }

    /// Applies what an outlook admits.
    pub async fn apply(
        &self,
        outlook: &Outlook,
        stop: &CancellationToken,
        progress: impl Fn(Progress<'_>),
    ) -> Applied {
        let remembered = (outlook.memory.clone(), outlook.plan.taken_at);
        self.executor.run(&outlook.verdict.admitted, remembered, stop, progress).await
    }

    /// Runs one cycle.
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
        let outlook = self.observer.look(now, memory, stop).await?;
        let applied = self.apply(&outlook, stop, progress).await;
        let Outlook { troubles, plan, verdict, memory: _, mut orders } = outlook;
        known::add_taken(&mut orders, &verdict.admitted, &applied.outcomes);
        Ok(Cycle { troubles, plan, verdict, applied, orders })
    }
}
