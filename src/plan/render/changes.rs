//! What differs between two plans: lines, as a reviewer knows them from a change of code.

use std::fmt::Write;

use similar::TextDiff;

use super::document::{Document, PairDocument};
use super::text;
use super::words::harmless;

/// How many equal lines stand around what differs: a step, its reason, and what it is about.
const AROUND: usize = 4;

/// Returns the lines that differ from one plan to another, as a unified diff; nothing if they read alike and do the
/// same.
pub fn between(before: (&str, &Document), after: (&str, &Document)) -> String {
    let ((from, before), (to, after)) = (before, after);
    let read = unified((from, &in_full(before)), (to, &in_full(after)));
    // If they read alike, only the data tells, such as the id of an object that was made anew.
    if read.is_empty() { unified((from, &data(before)), (to, &data(after))) } else { read }
}

fn unified((from, before): (&str, &str), (to, after): (&str, &str)) -> String {
    if before == after {
        return String::new();
    }
    TextDiff::from_lines(before, after).unified_diff().context_radius(AROUND).header(from, to).to_string()
}

/// Returns what people read, and who gains and loses what: the numbers of both may be equal, and the people others.
fn in_full(document: &Document) -> String {
    let mut text = text::shown(document);
    for pair in &document.access.gained {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", pair_line("gains access to", pair));
    }
    for pair in &document.access.lost {
        let _ = writeln!(text, "{}", pair_line("loses access to", pair));
    }
    text
}

/// Returns who gains or loses what, in one line.
pub(super) fn pair_line(verb: &str, pair: &PairDocument) -> String {
    format!("{} {verb} {}", pair.who(), pair.place())
}

fn data(document: &Document) -> String {
    let mut text = String::new();
    let steps = document.steps.iter().map(|step| &step.deed);
    for deed in steps.chain(document.held.iter().map(|held| &held.deed)) {
        let action = serde_json::to_string_pretty(&deed.action).unwrap_or_else(|error| error.to_string());
        let _ = writeln!(text, "{}", deed.line());
        for line in action.lines() {
            let _ = writeln!(text, "{}", harmless(line));
        }
    }
    for (verb, pairs) in [("gains", &document.access.gained), ("loses", &document.access.lost)] {
        for pair in pairs {
            let _ = writeln!(text, "{} {verb} {}", pair.pair.person, pair.pair.resource);
        }
    }
    text
}
