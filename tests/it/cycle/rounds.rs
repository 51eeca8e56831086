//! Round after round, on virtual time: when a cycle begins, and when none does.

use std::time::Duration;

use agent::model::policy::Policy;
use agent::model::world::Memory;
use agent::plan::System;
use agent::reconcile::known::OpenOrders;
use agent::reconcile::rounds::{Rounds, Turn};
use agent::reconcile::schedule::{Cause, Intervals, USUAL_CYCLE, USUAL_ORDERS};
use agent::reconcile::{Observer, Reconciler};
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::town::Town;

const NEW: &str = "Dark matter";
const USUAL: Intervals = Intervals { cycle: USUAL_CYCLE, orders: Some(USUAL_ORDERS) };
/// The chance that makes a pause exactly the interval.
const EVEN: u64 = 100;

/// What happened, and how many seconds after the beginning.
type Diary = Vec<(u64, Turn)>;

/// An agent that keeps a town running as `agent reconcile` does.
struct Keeper<'a> {
    town: &'a Town,
    policy: &'a Policy,
    intervals: Intervals,
    /// Whether it writes.
    writes: bool,
    stop: CancellationToken,
    call: Notify,
}

impl<'a> Keeper<'a> {
    fn of(town: &'a Town) -> Self {
        let (stop, call) = (CancellationToken::new(), Notify::new());
        Self { town, policy: town.policy(), intervals: USUAL, writes: true, stop, call }
    }

    /// Keeps the town while `story` happens, and tells what it did.
    async fn keep(&self, story: impl Future<Output = ()>) -> Diary {
        let story = async {
            story.await;
            self.stop.cancel();
        };
        tokio::join!(self.run(), story).0
    }

    async fn run(&self) -> Diary {
        let (mut rounds, began) =
            (Rounds::new(&self.town.systems, self.policy, self.intervals), Instant::now());
        let (mut memory, mut diary) = (Memory::default(), Diary::new());
        loop {
            let turn = rounds.next(&self.stop, &self.call).await;
            let at = began.elapsed().as_secs();
            match turn {
                Turn::Stop => return diary,
                Turn::Cycle(_) => rounds.ended(self.cycle(&mut memory).await, EVEN),
                Turn::Blind(_) | Turn::Sighted => {}
            }
            diary.push((at, turn));
        }
    }

    async fn cycle(&self, memory: &mut Memory) -> OpenOrders {
        let observer = Observer { systems: &self.town.systems, policy: self.policy };
        let (now, before) = (self.town.sandbox.clock().now(), std::mem::take(memory));
        if !self.writes {
            let outlook = observer.look(now, before, &self.stop).await.unwrap();
            *memory = outlook.memory;
            return outlook.orders;
        }
        let limits = [System::Waldur, System::Rancher, System::Keycloak].map(|system| (system, 8)).into();
        let cycle = Reconciler::new(observer, limits).cycle(now, before, &self.stop, |_| {}).await.unwrap();
        *memory = cycle.applied.memory;
        cycle.orders
    }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Returns why cycles began, but for those whose time had come.
fn causes(diary: &Diary) -> Vec<Cause> {
    let cause = |turn: &Turn| match turn {
        Turn::Cycle(cause) => Some(*cause),
        Turn::Blind(_) | Turn::Sighted | Turn::Stop => None,
    };
    diary.iter().filter_map(|(_, turn)| cause(turn)).filter(|cause| *cause != Cause::Interval).collect()
}

fn cycles(diary: &Diary) -> usize {
    diary.iter().filter(|(_, turn)| matches!(turn, Turn::Cycle(_))).count()
}

async fn converged() -> Town {
    let mut town = Town::story();
    town.converge().await;
    town
}

fn order(town: &Town) {
    town.orders(NEW, "Sea ice", json!({ "cpu": 4, "memory": 8, "storage": 10 }));
}

#[tokio::test(start_paused = true)]
async fn a_new_order_is_served_within_15_seconds() {
    let town = converged().await;
    let keeper = Keeper::of(&town);
    let diary = keeper
        .keep(async {
            sleep(seconds(40)).await;
            order(&town);
            sleep(seconds(15)).await;
            assert_eq!(town.order_of(NEW)["state"], "done");
            // What the agent itself brought about is no news.
            sleep(seconds(60)).await;
        })
        .await;
    assert_eq!(causes(&diary), [Cause::First, Cause::Orders(1)]);
    assert_eq!(cycles(&diary), 2, "{diary:?}");
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn an_order_that_keeps_failing_does_not_raise_the_number_of_cycles() {
    let town = converged().await;
    town.fault("rancher POST /v3/projects status 503");
    let quiet = cycles(&Keeper::of(&town).keep(sleep(seconds(3600))).await);
    let diary = Keeper::of(&town)
        .keep(async {
            sleep(seconds(40)).await;
            order(&town);
            sleep(seconds(3560)).await;
        })
        .await;
    assert_eq!(town.order_of(NEW)["state"], "executing");
    assert_eq!(causes(&diary), [Cause::First, Cause::Orders(1)]);
    // The one that the new order began; it moves the others, which also take longer: they try for a while.
    let many = cycles(&diary);
    assert!((quiet - 2..=quiet + 1).contains(&many), "{many} cycles in an hour, {quiet} with nothing to do");
    // Once it can be done, the cycles' own interval does it.
    town.sandbox.clear_faults();
    let diary = Keeper::of(&town).keep(sleep(seconds(20))).await;
    assert_eq!(causes(&diary), [Cause::First]);
    assert_eq!(town.order_of(NEW)["state"], "done");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_nobody_takes_begins_one_cycle() {
    let town = converged().await;
    town.mark();
    let keeper = Keeper { writes: false, ..Keeper::of(&town) };
    let diary = keeper
        .keep(async {
            sleep(seconds(40)).await;
            order(&town);
            // Between two full cycles.
            sleep(seconds(610)).await;
            // Now somebody else takes it: it is in another state.
            let uuid = town.order_of(NEW)["uuid"].as_str().unwrap().parse().unwrap();
            town.systems.waldur.values().next().unwrap().approve(uuid).await.unwrap();
            sleep(seconds(600)).await;
        })
        .await;
    assert_eq!(causes(&diary), [Cause::First, Cause::Orders(1), Cause::Orders(1)]);
    assert_eq!(town.writes()[1], 0);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_while_the_glance_works_makes_no_hot_loop() {
    let town = converged().await;
    // Without the offering's card, the look sees none of its orders; the glance sees them all the same.
    town.fault("waldur GET /api/marketplace-provider-offerings/* status 503");
    order(&town);
    let diary = Keeper::of(&town).keep(sleep(seconds(3600))).await;
    assert_eq!(causes(&diary), [Cause::First, Cause::Orders(1)]);
}

#[tokio::test(start_paused = true)]
async fn who_cannot_look_says_so_once_and_goes_on() {
    let town = converged().await;
    let keeper = Keeper::of(&town);
    let diary = keeper
        .keep(async {
            sleep(seconds(20)).await;
            town.fault("waldur GET /api/marketplace-orders/ status 503");
            sleep(seconds(700)).await;
            order(&town);
            sleep(seconds(30)).await;
            town.sandbox.clear_faults();
            sleep(seconds(30)).await;
            assert_eq!(town.order_of(NEW)["state"], "done");
        })
        .await;
    let told: Vec<_> = diary.iter().filter(|(_, turn)| !matches!(turn, Turn::Cycle(_))).collect();
    let [(_, Turn::Blind(troubles)), (_, Turn::Sighted)] = told.as_slice() else { panic!("{told:?}") };
    let what: Vec<_> = troubles.iter().map(|trouble| trouble.what.as_str()).collect();
    assert!(what.len() == 1 && what[0].starts_with("the orders of the offering "), "{what:?}");
    assert_eq!(causes(&diary), [Cause::First, Cause::Orders(1)]);
    assert!(cycles(&diary) >= 4, "the cycles go on: {diary:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_holds_nothing_up() {
    let town = converged().await;
    let keeper = Keeper::of(&town);
    let diary = keeper
        .keep(async {
            sleep(seconds(20)).await;
            town.fault("waldur GET /api/marketplace-orders/ hang");
            sleep(seconds(60)).await;
            keeper.call.notify_one();
            sleep(seconds(1)).await;
        })
        .await;
    let [(0, _), (_, Turn::Blind(troubles)), (80, Turn::Cycle(Cause::Call))] = diary.as_slice() else {
        panic!("{diary:?}")
    };
    let what = &troubles.first().unwrap().what;
    assert!(what.ends_with(" cannot be read: no answer within 10 seconds"), "{what}");
}

#[tokio::test(start_paused = true)]
async fn a_call_begins_a_cycle_at_once_and_none_is_lost() {
    let town = converged().await;
    let keeper = Keeper::of(&town);
    // It comes before the first cycle, which answers it.
    keeper.call.notify_one();
    let diary = keeper
        .keep(async {
            sleep(seconds(100)).await;
            keeper.call.notify_one();
            keeper.call.notify_one();
            sleep(seconds(100)).await;
        })
        .await;
    let cycles: Vec<_> = diary.into_iter().collect();
    assert_eq!(cycles, [(0, Turn::Cycle(Cause::First)), (100, Turn::Cycle(Cause::Call))]);
}

#[tokio::test(start_paused = true)]
async fn looking_for_orders_costs_one_small_request() {
    let town = converged().await;
    let keeper = Keeper::of(&town);
    keeper
        .keep(async {
            sleep(seconds(10)).await;
            town.mark();
            sleep(seconds(15)).await;
            assert_eq!(town.reads(), [1, 0, 0]);
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn where_orders_are_nobodys_business_nobody_looks_for_them() {
    let town = converged().await;
    let mut policy = town.policy().clone();
    agent::reconcile::modes::narrow(&mut policy, &["membership_sync".parse().unwrap()].into());
    let keeper = Keeper { policy: &policy, ..Keeper::of(&town) };
    let diary = keeper
        .keep(async {
            sleep(seconds(1)).await;
            order(&town);
            town.mark();
            sleep(seconds(290)).await;
            assert_eq!(town.reads(), [0, 0, 0]);
        })
        .await;
    assert_eq!(cycles(&diary), 1);
}
