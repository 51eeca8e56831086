//! Round after round: waits for what is due, looks at the orders alone in between, and says when a cycle is to begin.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use super::known::{Known, OpenOrders};
use super::schedule::{Cause, Intervals, Schedule, Task};
use crate::model::policy::Policy;
use crate::model::world::OrderState;
use crate::model::{OfferingUuid, OrderUuid, Reading};
use crate::plan::System;
use crate::systems::{Systems, Trouble, TroubleKind};
use crate::{http, waldur};

/// How long a look at the orders alone may take: what it does not find, the next one does.
const GLANCE: Duration = Duration::from_secs(10);

/// What the caller does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// Runs a cycle, and says with [`Rounds::ended`] what it saw.
    Cycle(Cause),
    /// Tells that orders cannot be looked at; it comes once, until they can be again. Cycles go on.
    Blind(BTreeSet<Trouble>),
    /// Tells that all orders can be looked at again.
    Sighted,
    /// Ends.
    Stop,
}

/// The rounds of an agent that keeps running. What is done in them is the caller's.
#[derive(Debug)]
pub struct Rounds<'a> {
    systems: &'a Systems,
    /// Whose orders are looked at.
    offerings: Vec<OfferingUuid>,
    schedule: Schedule,
    known: Known,
    /// Whose orders could not be looked at last time.
    blind: BTreeSet<OfferingUuid>,
    /// How often the orders alone were looked at.
    glances: u64,
}

type Glance = Vec<(OfferingUuid, Result<Reading<BTreeMap<OrderUuid, OrderState>>, waldur::Error>)>;

impl<'a> Rounds<'a> {
    /// Makes rounds of which the first cycle is due now.
    pub fn new(systems: &'a Systems, policy: &Policy, intervals: Intervals) -> Self {
        let kept = policy.offerings.iter().filter(|(_, offering)| offering.scope.projects);
        let offerings: Vec<_> = kept.map(|(uuid, _)| *uuid).collect();
        let orders = intervals.orders.filter(|_| !offerings.is_empty());
        let schedule = Schedule::new(Intervals { orders, ..intervals }, Instant::now());
        Self { systems, offerings, schedule, known: Known::default(), blind: BTreeSet::new(), glances: 0 }
    }

    /// Waits until there is something to do. `call` begins a cycle at once; one that comes during a cycle is not lost.
    pub async fn next(&mut self, stop: &CancellationToken, call: &Notify) -> Turn {
        loop {
            let (at, task) = self.schedule.next();
            let span = orders_span(self.glances + 1);
            let glance = async {
                sleep_until(at).await;
                match task {
                    Task::Cycle(cause) => Err(cause),
                    Task::Orders => Ok(self.glance(stop).instrument(span).await),
                }
            };
            // To look and not to listen to the answer does no harm.
            let due = tokio::select! {
                biased;
                () = stop.cancelled() => return Turn::Stop,
                () = call.notified() => None,
                due = glance => Some(due),
            };
            match due {
                Some(Err(cause)) => return Turn::Cycle(cause),
                Some(Ok(glance)) => {
                    self.glances += 1;
                    let turn = self.span().in_scope(|| self.take_in(glance));
                    if let Some(turn) = turn {
                        return turn;
                    }
                }
                None => self.schedule.called(Instant::now()),
            }
        }
    }

    /// Returns the span of the last look at the orders alone: all that is said of it bears its number.
    pub fn span(&self) -> Span {
        orders_span(self.glances)
    }

    /// Notes that a cycle has ended, and which orders it saw or changed. `chance` is any number: agents that began at the
    /// same time do not march in step.
    pub fn ended(&mut self, orders: OpenOrders, chance: u64) {
        self.known.add(orders);
        self.schedule.cycle_ended(Instant::now(), chance);
    }

    /// Looks at the orders of each offering; a request each.
    async fn glance(&self, stop: &CancellationToken) -> Glance {
        let systems = &self.systems.until(Instant::now() + GLANCE, stop);
        let clients = self.offerings.iter().filter_map(|uuid| Some((*uuid, systems.waldur.get(uuid)?)));
        join_all(clients.map(async |(uuid, client)| (uuid, client.order_states(uuid).await))).await
    }

    /// Compares with what is known, and returns what there is to tell.
    fn take_in(&mut self, glance: Glance) -> Option<Turn> {
        let was_blind = std::mem::take(&mut self.blind);
        let (mut news, mut troubles) = (0, BTreeSet::new());
        for (offering, read) in glance {
            match read {
                Ok(open) => news += self.known.compare(offering, &open),
                Err(error) => {
                    tracing::debug!(%offering, %error, "the orders cannot be looked at");
                    if !was_blind.contains(&offering) {
                        troubles.insert(trouble(&error));
                    }
                    self.blind.insert(offering);
                }
            }
        }
        self.schedule.orders_looked_at(Instant::now(), news);
        if !troubles.is_empty() {
            return Some(Turn::Blind(troubles));
        }
        (self.blind.is_empty() && !was_blind.is_empty()).then_some(Turn::Sighted)
    }
}

fn orders_span(number: u64) -> Span {
    tracing::error_span!("orders", orders = number)
}

fn trouble(error: &waldur::Error) -> Trouble {
    if matches!(error.cause(), http::Error::Deadline { .. }) {
        let what = format!("{error}: no answer within {} seconds", GLANCE.as_secs());
        return Trouble { kind: TroubleKind::Unreachable, system: System::Waldur, what, hint: None };
    }
    Trouble::new(System::Waldur, error, Some(error.cause()), error.hint())
}
