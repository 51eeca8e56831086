//! Where the steps stand in a drawing: each to the right of all that it waits for.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::plan::render::document::StepDocument;

/// Returns the numbers of the steps, column by column, from top to bottom; only of those in `steps`.
pub(super) fn layers(steps: &[&StepDocument]) -> Vec<Vec<usize>> {
    let mut graph = DiGraph::<usize, ()>::with_capacity(steps.len(), steps.len());
    let nodes: BTreeMap<usize, NodeIndex> =
        steps.iter().map(|step| (step.step, graph.add_node(step.step))).collect();
    for step in steps {
        for before in step.after.iter().filter_map(|before| nodes.get(before)) {
            graph.add_edge(*before, nodes[&step.step], ());
        }
    }
    // A document whose steps wait in a circle is refused when it is read.
    let order = petgraph::algo::toposort(&graph, None).unwrap_or_default();
    let mut level: BTreeMap<NodeIndex, usize> = BTreeMap::new();
    let mut columns: Vec<Vec<NodeIndex>> = Vec::new();
    for node in order {
        let before = graph.neighbors_directed(node, Direction::Incoming);
        let own = before.filter_map(|before| level.get(&before)).map(|level| level + 1).max().unwrap_or(0);
        level.insert(node, own);
        if columns.len() <= own {
            columns.resize(own + 1, Vec::new());
        }
        columns[own].push(node);
    }
    // Who waits stands near what it waits for: fewer lines cross.
    let mut row: BTreeMap<NodeIndex, usize> = BTreeMap::new();
    for column in &mut columns {
        column.sort_by_cached_key(|node| {
            let before: Vec<usize> = graph
                .neighbors_directed(*node, Direction::Incoming)
                .filter_map(|before| row.get(&before).copied())
                .collect();
            let middle = if before.is_empty() { 0 } else { before.iter().sum::<usize>() * 64 / before.len() };
            (middle, graph[*node])
        });
        row.extend(column.iter().enumerate().map(|(row, node)| (*node, row)));
    }
    columns.into_iter().map(|column| column.into_iter().map(|node| graph[node]).collect()).collect()
}
