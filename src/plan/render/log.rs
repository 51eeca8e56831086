//! The plan as entries of a log: one for each step, each held one, each note, and one that sums them up.

use super::document::{Document, Subject};
use super::text::{escaped_long, note_word, summary};
use super::words::harmless;
use crate::plan::note::NoteKind;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whether somebody should look at it.
    pub grave: bool,
    /// What is planned, held, or the case.
    pub what: String,
    /// About what.
    pub about: Option<String>,
    /// Why.
    pub because: Option<String>,
    /// What to do.
    pub hint: Option<String>,
}

/// Returns what a log says of a plan.
pub fn entries(document: &Document) -> Vec<Entry> {
    let about = |subject: &Subject| {
        let offering = || format!("offering \"{}\"", document.offering(subject.about.offering()));
        Some(subject.heading().unwrap_or_else(offering))
    };
    let steps = document.steps.iter().map(|step| Entry {
        grave: false,
        what: format!("planned: {}", step.deed.line()),
        about: about(&step.subject),
        because: Some(harmless(&step.why)),
        hint: None,
    });
    let held = document.held.iter().map(|held| Entry {
        grave: true,
        what: format!("held: {}: {}", harmless(&held.deed.what), escaped_long(&held.why)),
        about: about(&held.subject),
        because: Some(harmless(&held.wanted)),
        hint: None,
    });
    let notes = document.notes.iter().map(|note| Entry {
        grave: matches!(note.kind, NoteKind::Held | NoteKind::Unreadable),
        what: format!(
            "{}: {}",
            note_word(note.kind).trim_start_matches(['!', ' ']),
            escaped_long(&note.what)
        ),
        about: about(&note.subject),
        because: None,
        hint: note.hint.as_deref().map(escaped_long),
    });
    let all = Entry {
        grave: false,
        what: summary(document).lines().collect::<Vec<_>>().join(" "),
        about: None,
        because: None,
        hint: None,
    };
    steps.chain(held).chain(notes).chain([all]).collect()
}
