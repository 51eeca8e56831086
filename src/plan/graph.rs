//! The order of steps, from what they require and provide; and what falls when a step is held.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::graph::{DiGraph, NodeIndex};

use super::facts::{Fact, provided, required};
use super::{Held, Hold, Step};

/// Steps as nodes (weight: the step's index), an edge from what provides to what requires.
#[derive(Debug, Clone)]
pub struct Graph {
    graph: DiGraph<usize, ()>,
}

/// A plan whose steps wait for each other: a defect of this program, never of the world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {step} waits for itself")]
pub struct Cycle {
    /// One of the steps in the circle.
    pub step: usize,
}

impl Graph {
    /// Connects the steps.
    ///
    /// # Errors
    /// If steps wait for each other in a circle.
    pub fn new(steps: &[Step]) -> Result<Self, Cycle> {
        let providers = providers(steps);
        let mut graph = DiGraph::with_capacity(steps.len(), steps.len());
        let nodes: Vec<NodeIndex> = (0..steps.len()).map(|index| graph.add_node(index)).collect();
        for (index, step) in steps.iter().enumerate() {
            for fact in required(step) {
                for provider in providers.get(&fact).into_iter().flatten() {
                    graph.add_edge(nodes[*provider], nodes[index], ());
                }
            }
        }
        match petgraph::algo::toposort(&graph, None) {
            Ok(_) => Ok(Self { graph }),
            Err(cycle) => Err(Cycle { step: graph[cycle.node_id()] }),
        }
    }

    /// Returns for each step which steps must be done before it, by index.
    pub fn dependencies(&self) -> Vec<BTreeSet<usize>> {
        let mut all = vec![BTreeSet::new(); self.graph.node_count()];
        for edge in self.graph.raw_edges() {
            all[self.graph[edge.target()]].insert(self.graph[edge.source()]);
        }
        all
    }

    /// Returns one order in which the steps can be done, the same each time: among the possible, by index.
    pub fn order(&self) -> Vec<usize> {
        let dependencies = self.dependencies();
        let mut waiting: Vec<usize> = dependencies.iter().map(BTreeSet::len).collect();
        let mut ready: BTreeSet<usize> = (0..waiting.len()).filter(|index| waiting[*index] == 0).collect();
        let mut dependants = vec![Vec::new(); waiting.len()];
        for (index, before) in dependencies.iter().enumerate() {
            for provider in before {
                dependants[*provider].push(index);
            }
        }
        let mut order = Vec::with_capacity(waiting.len());
        while let Some(index) = ready.pop_first() {
            order.push(index);
            for dependant in &dependants[index] {
                waiting[*dependant] -= 1;
                if waiting[*dependant] == 0 {
                    ready.insert(*dependant);
                }
            }
        }
        order
    }
}

fn providers(steps: &[Step]) -> BTreeMap<Fact, Vec<usize>> {
    let mut providers: BTreeMap<Fact, Vec<usize>> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        for fact in provided(step) {
            providers.entry(fact).or_default().push(index);
        }
    }
    providers
}

/// Returns the indices of the steps that are `wanted`, and of all that they require, directly or not.
pub fn with_required(steps: &[Step], wanted: impl Fn(&Step) -> bool) -> BTreeSet<usize> {
    let providers = providers(steps);
    let mut kept: BTreeSet<usize> = (0..steps.len()).filter(|index| wanted(&steps[*index])).collect();
    let mut open: Vec<usize> = kept.iter().copied().collect();
    while let Some(index) = open.pop() {
        for fact in required(&steps[index]) {
            for provider in providers.get(&fact).into_iter().flatten() {
                if kept.insert(*provider) {
                    open.push(*provider);
                }
            }
        }
    }
    kept
}

/// Divides steps: those in `held` go, and with them everything that requires what a held step would have provided,
/// or what nothing provides. A fact with several providers needs all of them.
pub fn settle(steps: Vec<Step>, held: BTreeMap<usize, Hold>) -> (Vec<Step>, Vec<Held>) {
    let mut held = held;
    hold_unprovided(&steps, &mut held);
    if held.is_empty() {
        return (steps, Vec::new());
    }
    let mut waiting: BTreeMap<Fact, Vec<usize>> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        for fact in required(step) {
            waiting.entry(fact).or_default().push(index);
        }
    }
    let mut fallen: VecDeque<usize> = held.keys().copied().collect();
    while let Some(index) = fallen.pop_front() {
        for fact in provided(&steps[index]) {
            for dependant in waiting.get(&fact).into_iter().flatten() {
                held.entry(*dependant).or_insert_with(|| {
                    fallen.push_back(*dependant);
                    Hold::Missing { fact: fact.clone() }
                });
            }
        }
    }
    let mut kept = Vec::with_capacity(steps.len() - held.len());
    let mut apart = Vec::with_capacity(held.len());
    for (index, step) in steps.into_iter().enumerate() {
        match held.remove(&index) {
            Some(hold) => apart.push(Held { step, hold }),
            None => kept.push(step),
        }
    }
    (kept, apart)
}

/// Holds the steps that require what nothing provides.
fn hold_unprovided(steps: &[Step], held: &mut BTreeMap<usize, Hold>) {
    let there: BTreeSet<Fact> = steps.iter().flat_map(provided).collect();
    for (index, step) in steps.iter().enumerate() {
        if let Some(fact) = required(step).into_iter().find(|fact| !there.contains(fact)) {
            held.entry(index).or_insert(Hold::Missing { fact });
        }
    }
}
