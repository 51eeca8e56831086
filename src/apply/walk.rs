//! Walks the graph: whatever is ready runs, so many at a time for each system, one at a time for each object, and first
//! what most waits for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::outcome::{Because, Outcome};
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

/// How many steps may run at a time, by system.
pub type Limits = BTreeMap<System, usize>;

/// Runs every node for which all that it waits for succeeded; returns how each ended. After `stop`, nothing new is
/// begun and what is in flight is finished.
pub async fn walk<F, Running>(
    nodes: &[Node],
    limits: &Limits,
    stop: &CancellationToken,
    run: F,
) -> Vec<Outcome>
where
    F: Fn(usize) -> Running,
    Running: Future<Output = Outcome>,
{
    let mut state = State::new(nodes);
    let mut running = FuturesUnordered::new();
    loop {
        while !stop.is_cancelled()
            && let Some(index) = state.take_ready(limits)
        {
            let step = run(index);
            running.push(async move { (index, step.await) });
        }
        match running.next().await {
            Some((index, outcome)) => state.finish(index, outcome),
            None => break,
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
    running: BTreeMap<System, usize>,
    busy: BTreeSet<&'n str>,
    parked: BTreeMap<&'n str, BTreeSet<usize>>,
    outcomes: Vec<Option<Outcome>>,
}

impl<'n> State<'n> {
    fn new(nodes: &'n [Node]) -> Self {
        let mut state = Self {
            nodes,
            waiting: nodes.iter().map(|node| node.after.len()).collect(),
            dependants: vec![Vec::new(); nodes.len()],
            heights: vec![0; nodes.len()],
            ready: BTreeMap::new(),
            running: BTreeMap::new(),
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
    fn take_ready(&mut self, limits: &Limits) -> Option<usize> {
        for system in System::ALL {
            // A system without a limit runs one at a time.
            let limit = limits.get(&system).copied().unwrap_or(1).max(1);
            while self.running.get(&system).copied().unwrap_or(0) < limit {
                let first = self.ready.get_mut(&system).and_then(BTreeSet::pop_first);
                let Some((_, index)) = first else { break };
                let Some(key) = self.nodes[index].exclusive.as_deref() else {
                    return Some(self.begin(index));
                };
                if self.busy.insert(key) {
                    return Some(self.begin(index));
                }
                self.parked.entry(key).or_default().insert(index);
            }
        }
        None
    }

    fn begin(&mut self, index: usize) -> usize {
        *self.running.entry(self.nodes[index].system).or_default() += 1;
        index
    }

    fn finish(&mut self, index: usize, outcome: Outcome) {
        let node = &self.nodes[index];
        if let Some(running) = self.running.get_mut(&node.system) {
            *running -= 1;
        }
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
        let outcomes = walk(&nodes, &limits(2), &CancellationToken::new(), async |index| {
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
        let outcomes = walk(&nodes, &limits(8), &CancellationToken::new(), async |index| {
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
        walk(&nodes, &limits(2), &CancellationToken::new(), async |index| {
            let exclusive = usize::from(index < 3);
            {
                let mut now = running.lock().unwrap();
                now.0 += 1;
                now.1 += exclusive;
                now.2 = now.2.max(now.0);
                assert!(now.0 <= 2 && now.1 <= 1, "{now:?}");
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            let mut now = running.lock().unwrap();
            now.0 -= 1;
            now.1 -= exclusive;
            Outcome::Done
        })
        .await;
        assert_eq!(running.lock().unwrap().2, 2, "two did run at a time");
    }

    #[tokio::test]
    async fn what_most_waits_for_goes_first() {
        let nodes = [node(&[]), node(&[]), node(&[1]), node(&[2]), node(&[])];
        let order = Mutex::new(Vec::new());
        walk(&nodes, &limits(1), &CancellationToken::new(), async |index| {
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
        let outcomes = walk(&nodes, &limits(1), &stop, async |_| {
            stop.cancel();
            Outcome::Done
        })
        .await;
        assert_eq!(outcomes, [Outcome::Done, Outcome::Skipped { because: Because::Stopping }]);
    }
}
