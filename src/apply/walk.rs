//! Walks the graph: whatever is ready runs, so many at a time for each system, one at a time for each object, and first
//! what most waits for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::outcome::{Because, Outcome};
use super::seats::{Limits, Seat, Seats};
use crate::plan::System;

/// One step as the walk sees it.
#[derive(Debug, Clone)]
pub struct Node {
    /// Which steps must succeed first, by index.
    pub after: BTreeSet<usize>,
    /// Which system it writes to.
    pub system: System,
    /// What no other step may write to at the same time, if anything.
    pub exclusive: Option<String>,
}

/// Runs every node for which all that it waits for succeeded; returns how each ended. After `stop`, nothing new is
/// begun and what is in flight is finished.
pub async fn walk<F, Running>(
    nodes: &[Node],
    limits: &Limits,
    stop: &CancellationToken,
    run: F,
) -> Vec<Outcome>
where
    F: Fn(usize, Seat) -> Running,
    Running: Future<Output = Outcome>,
{
    let seats = Arc::new(Seats::new(limits));
    let mut state = State::new(nodes, Arc::clone(&seats));
    let mut running = FuturesUnordered::new();
    loop {
        while !stop.is_cancelled()
            && let Some((index, seat)) = state.take_ready()
        {
            let step = run(index, seat);
            running.push(async move { (index, step.await) });
        }
        tokio::select! {
            biased;
            next = running.next() => match next {
                Some((index, outcome)) => state.finish(index, outcome),
                None => break,
            },
            () = seats.freed() => {}
        }
    }
    state
        .outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_or(Outcome::Skipped { because: Because::Stopping }))
        .collect()
}

struct State<'n> {
    nodes: &'n [Node],
    waiting: Vec<usize>,
    dependants: Vec<Vec<usize>>,
    /// How many steps at most still have to follow one another after each.
    heights: Vec<usize>,
    ready: BTreeMap<System, BTreeSet<(Reverse<usize>, usize)>>,
    seats: Arc<Seats>,
    busy: BTreeSet<&'n str>,
    parked: BTreeMap<&'n str, BTreeSet<usize>>,
    outcomes: Vec<Option<Outcome>>,
}

impl<'n> State<'n> {
    fn new(nodes: &'n [Node], seats: Arc<Seats>) -> Self {
        let mut state = Self {
            nodes,
            waiting: nodes.iter().map(|node| node.after.len()).collect(),
            dependants: vec![Vec::new(); nodes.len()],
            heights: vec![0; nodes.len()],
            ready: BTreeMap::new(),
            seats,
            busy: BTreeSet::new(),
            parked: BTreeMap::new(),
            outcomes: vec![None; nodes.len()],
        };
        for (index, node) in nodes.iter().enumerate() {
            for before in &node.after {
                state.dependants[*before].push(index);
            }
        }
        state.measure();
        for (index, node) in nodes.iter().enumerate() {
            if node.after.is_empty() {
                state.be_ready(index);
            }
        }
        state
    }

    /// Measures how much follows after each step, from the ends of the graph to its beginnings.
    fn measure(&mut self) {
        let mut open: Vec<usize> = self.dependants.iter().map(Vec::len).collect();
        let mut ends: Vec<usize> = (0..open.len()).filter(|index| open[*index] == 0).collect();
        while let Some(index) = ends.pop() {
            for before in &self.nodes[index].after {
                self.heights[*before] = self.heights[*before].max(self.heights[index] + 1);
                open[*before] -= 1;
                if open[*before] == 0 {
                    ends.push(*before);
                }
            }
        }
    }

    fn be_ready(&mut self, index: usize) {
        let place = (Reverse(self.heights[index]), index);
        self.ready.entry(self.nodes[index].system).or_default().insert(place);
    }

    /// Takes the first step that may run now.
    fn take_ready(&mut self) -> Option<(usize, Seat)> {
        for system in System::ALL {
            let Some(ready) = self.ready.get_mut(&system) else { continue };
            let Some(seat) = self.seats.take(system).filter(|_| !ready.is_empty()) else { continue };
            while let Some((_, index)) = ready.pop_first() {
                let Some(key) = self.nodes[index].exclusive.as_deref() else { return Some((index, seat)) };
                if self.busy.insert(key) {
                    return Some((index, seat));
                }
                self.parked.entry(key).or_default().insert(index);
            }
        }
        None
    }

    fn finish(&mut self, index: usize, outcome: Outcome) {
        let node = &self.nodes[index];
        if let Some(key) = node.exclusive.as_deref() {
            self.busy.remove(key);
            if let Some(parked) = self.parked.remove(key) {
                for next in parked {
                    self.be_ready(next);
                }
            }
        }
        self.settle(index, outcome);
    }

    /// Notes how a step ended, and what follows for those that wait for it.
    fn settle(&mut self, index: usize, outcome: Outcome) {
        let mut spoiled = Vec::new();
        if outcome.succeeded() {
            for dependant in self.dependants[index].clone() {
                self.waiting[dependant] -= 1;
                if self.waiting[dependant] == 0 && self.outcomes[dependant].is_none() {
                    self.be_ready(dependant);
                }
            }
        } else {
            spoiled.push(index);
        }
        self.outcomes[index] = Some(outcome);
        while let Some(cause) = spoiled.pop() {
            for dependant in &self.dependants[cause] {
                if self.outcomes[*dependant].is_none() {
                    let because = Because::Dependency { step: cause };
                    self.outcomes[*dependant] = Some(Outcome::Skipped { because });
                    spoiled.push(*dependant);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    fn node(after: &[usize]) -> Node {
        Node { after: after.iter().copied().collect(), system: System::Rancher, exclusive: None }
    }

    fn limits(count: usize) -> Limits {
        System::ALL.into_iter().map(|system| (system, count)).collect()
    }

    fn failed() -> Outcome {
        Outcome::Failed { why: "no".into(), hint: None }
    }

    #[tokio::test]
    async fn a_failure_spoils_only_what_waits_for_it() {
        let nodes = [node(&[]), node(&[0]), node(&[1]), node(&[])];
        let outcomes = walk(&nodes, &limits(2), &CancellationToken::new(), async |index, _| {
            if index == 0 { failed() } else { Outcome::Done }
        })
        .await;
        assert_eq!(outcomes[1], Outcome::Skipped { because: Because::Dependency { step: 0 } });
        assert_eq!(outcomes[2], Outcome::Skipped { because: Because::Dependency { step: 1 } });
        assert_eq!(outcomes[3], Outcome::Done);
    }

    #[tokio::test]
    async fn nothing_runs_before_what_it_waits_for() {
        let nodes = [node(&[1, 2]), node(&[2]), node(&[])];
        let order = Mutex::new(Vec::new());
        let outcomes = walk(&nodes, &limits(8), &CancellationToken::new(), async |index, _| {
            order.lock().unwrap().push(index);
            Outcome::Done
        })
        .await;
        assert_eq!(*order.lock().unwrap(), [2, 1, 0]);
        assert!(outcomes.iter().all(Outcome::succeeded));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_run_at_a_time_than_may_and_one_object_at_a_time() {
        let mut nodes: Vec<Node> = (0..6).map(|_| node(&[])).collect();
        for node in &mut nodes[..3] {
            node.exclusive = Some("the same project".into());
        }
        let running = Mutex::new((0_usize, 0_usize, 0_usize));
        walk(&nodes, &limits(2), &CancellationToken::new(), async |index, _| {
            let exclusive = usize::from(index < 3);
            {
                let mut now = running.lock().unwrap();
                now.0 += 1;
                now.1 += exclusive;
                now.2 = now.2.max(now.0);
                assert!(now.0 <= 2 && now.1 <= 1, "{now:?}");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            let mut now = running.lock().unwrap();
            now.0 -= 1;
            now.1 -= exclusive;
            Outcome::Done
        })
        .await;
        assert_eq!(running.lock().unwrap().2, 2, "two did run at a time");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_a_server_lets_others_work_and_not_too_many_are_begun() {
        let nodes: Vec<Node> = (0..9).map(|_| node(&[])).collect();
        let begun = Mutex::new(Vec::new());
        let start = tokio::time::Instant::now();
        let outcomes = walk(&nodes, &limits(2), &CancellationToken::new(), async |index, seat| {
            begun.lock().unwrap().push(start.elapsed().as_millis());
            let mut patience = seat.patience(Duration::from_secs(1));
            while patience.has_another_look().await {}
            if index == 0 { failed() } else { Outcome::Done }
        })
        .await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.succeeded()).count(), 8);
        // Looks after 100, 300 and 700 ms; the one after 1500 ms would be too late.
        assert_eq!(*begun.lock().unwrap(), [0, 0, 0, 0, 0, 0, 0, 0, 700]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_that_is_cut_off_while_it_waits_gives_back_one_seat() {
        let seats = Arc::new(Seats::new(&limits(1)));
        let seat = seats.take(System::Rancher).unwrap();
        let waiting = async move { seat.patience(Duration::from_mins(1)).has_another_look().await };
        assert!(tokio::time::timeout(Duration::from_millis(10), waiting).await.is_err());
        let again = seats.take(System::Rancher).unwrap();
        assert!(seats.take(System::Rancher).is_none(), "one works at a time");
        drop(again);
        assert!(seats.take(System::Rancher).is_some());
    }

    #[tokio::test]
    async fn what_most_waits_for_goes_first() {
        let nodes = [node(&[]), node(&[]), node(&[1]), node(&[2]), node(&[])];
        let order = Mutex::new(Vec::new());
        walk(&nodes, &limits(1), &CancellationToken::new(), async |index, _| {
            order.lock().unwrap().push(index);
            Outcome::Done
        })
        .await;
        assert_eq!(*order.lock().unwrap(), [1, 2, 0, 3, 4]);
    }

    #[tokio::test]
    async fn after_a_signal_nothing_new_is_begun() {
        let nodes = [node(&[]), node(&[0])];
        let stop = CancellationToken::new();
        let outcomes = walk(&nodes, &limits(1), &stop, async |_, _| {
            stop.cancel();
            Outcome::Done
        })
        .await;
        assert_eq!(outcomes, [Outcome::Done, Outcome::Skipped { because: Because::Stopping }]);
    }
}
