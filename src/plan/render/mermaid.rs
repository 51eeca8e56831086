//! The plan's steps and what waits for what, as a Mermaid flowchart: forges and editors draw it.
//!
//! A label shows letters, digits and a few harmless signs; everything else is written as the number of the character,
//! which Mermaid turns back, so that no name ends its label or becomes part of the chart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::document::{Document, StepDocument, Subject};
use super::words::class;
use crate::plan::Effect;

/// Mermaid refuses more text than 50,000 characters unless it is configured to take it.
const LONGEST: usize = 49_000;

/// Mermaid refuses more edges than 500 unless it is configured to take them.
const MOST_EDGES: usize = 500;

/// Room for the words around the steps: the first line, the classes, and what says that something is left out.
const FRAME: usize = 1_000;

/// Returns the steps of a plan as a flowchart. What would be too much for Mermaid is left out, whole steps from the end,
/// those that take something away last; the chart says how many.
pub fn shown(document: &Document) -> String {
    let kept = kept(document);
    let mut blocks: Vec<(&Subject, Vec<&StepDocument>)> = Vec::new();
    let mut places: BTreeMap<&Subject, usize> = BTreeMap::new();
    for step in document.steps.iter().filter(|step| kept.contains(&step.step)) {
        let place = *places.entry(&step.subject).or_insert_with(|| {
            blocks.push((&step.subject, Vec::new()));
            blocks.len() - 1
        });
        if let Some((_, steps)) = blocks.get_mut(place) {
            steps.push(step);
        }
    }
    let mut out = String::from("flowchart LR\n");
    for (index, (subject, steps)) in blocks.iter().enumerate() {
        out.push_str(&block_line(document, index, subject));
        for step in steps {
            out.push_str(&node_line(step));
        }
        out.push_str("  end\n");
    }
    for step in document.steps.iter().filter(|step| kept.contains(&step.step)) {
        for before in step.after.iter().filter(|before| kept.contains(before)) {
            out.push_str(&edge_line(*before, step.step));
        }
    }
    let left = document.steps.len() - kept.len();
    // Writing to a string cannot fail.
    let _ = match (left, document.steps.len()) {
        (_, 0) => writeln!(out, "  rest[\"No changes\"]"),
        (0, _) => Ok(()),
        (left, _) => writeln!(out, "  rest[\"{left} more steps are left out here\"]"),
    };
    out.push_str(
        "  classDef adds stroke:#1a7f37,stroke-width:2px\n  classDef adopts stroke:#0969da,stroke-width:2px\n  \
         classDef changes stroke:#9a6700,stroke-width:2px\n  classDef takes stroke:#cf222e,stroke-width:4px\n",
    );
    out
}

/// Returns the numbers of the steps that there is room for.
fn kept(document: &Document) -> BTreeSet<usize> {
    let mut kept = BTreeSet::new();
    let mut room = LONGEST - FRAME;
    let mut edges = MOST_EDGES;
    let takes = |step: &&StepDocument| step.deed.effect == Effect::Takes;
    let (first, then): (Vec<_>, Vec<_>) = document.steps.iter().partition(takes);
    for step in first.into_iter().chain(then) {
        let heading = block_line(document, document.steps.len(), &step.subject);
        let lines: usize = step.after.iter().map(|before| edge_line(*before, step.step).len()).sum();
        // As if each stood in a block of its own: an estimate that is never too small.
        let needed = heading.len() + "  end\n".len() + node_line(step).len() + lines;
        if needed > room || step.after.len() > edges {
            break;
        }
        room -= needed;
        edges -= step.after.len();
        kept.insert(step.step);
    }
    kept
}

fn block_line(document: &Document, index: usize, subject: &Subject) -> String {
    let heading = subject
        .heading()
        .unwrap_or_else(|| format!("offering \"{}\"", document.offering(subject.about.offering())));
    format!("  subgraph b{index}[\"{}\"]\n", label(&heading))
}

fn node_line(step: &StepDocument) -> String {
    format!("    s{}[\"{}\"]:::{}\n", step.step, label(&step.deed.line()), class(step.deed.effect))
}

fn edge_line(before: usize, after: usize) -> String {
    format!("  s{before} --> s{after}\n")
}

/// Returns a text as a label that Mermaid shows as it is.
fn label(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() || matches!(character, ' ' | '-' | '_' | '.' | ',' | '/' | '(' | ')') {
            label.push(character);
        } else {
            let _ = write!(label, "#{};", u32::from(character));
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_no_sign_that_ends_it() {
        assert_eq!(label("add ada to a_b-c.1"), "add ada to a_b-c.1");
        assert_eq!(
            label("\"]; click s1 %%{init}<b>`"),
            "#34;#93;#59; click s1 #37;#37;#123;init#125;#60;b#62;#96;"
        );
        assert_eq!(label("Ünïcödé"), "Ünïcödé");
    }
}
