//! The plan as a comment on a pull or merge request.
//!
//! What comes from outside stands in fenced blocks only, in lines that begin with a sign or a word of ours, so that no
//! name can close the fence, mention anybody, or look like a sentence of ours. What is taken away comes first, is never
//! folded away, and is the last to be left out where the comment would be too long for a forge.

use std::fmt::Write;

use super::changes::pair_line;
use super::document::{Deed, Document, Subject};
use super::text::{escaped_long, note_word, summary};
use super::words::{Counted, harmless};
use crate::plan::Effect;

/// GitHub takes 65,536 characters; a bot may want to add its own.
pub const LIMIT: usize = 60_000;

/// A section with more entries than this is folded, unless it takes something away.
const AT_A_GLANCE: usize = 10;

/// A line of a plan begins with a sign or a space, so none of them closes this.
const FENCE: &str = "````";

/// A part of the comment, with one kind of entries.
struct Section {
    title: String,
    /// What is left out: one of it, several.
    noun: (&'static str, &'static str),
    is_folded: bool,
    entries: Vec<Entry>,
}

/// What is kept or left out as a whole.
struct Entry {
    /// What it is about: written once over all that follow and are about the same.
    over: Option<String>,
    lines: String,
}

/// Returns a plan as Markdown of less than [`LIMIT`] characters.
pub fn shown(document: &Document) -> String {
    let mut out = String::from("### What `agent` plans\n\n");
    for line in summary(document).lines() {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "- {line}");
    }
    let sections = sections(document);
    let frames: usize = sections.iter().map(Section::frame).sum();
    let mut room = LIMIT.saturating_sub(1 + length(&out) + frames);
    for section in &sections {
        let kept = section.fit(&mut room);
        section.write(&mut out, kept);
    }
    out
}

/// Returns lines that differ between two plans as a block, cut at the end where they would be too long.
pub fn changes(lines: &str) -> String {
    let mut out = String::from("### What differs between the plans\n\n");
    if lines.is_empty() {
        out.push_str("Nothing.\n");
        return out;
    }
    let mut section =
        Section { title: String::new(), noun: ("line", "lines"), is_folded: false, entries: Vec::new() };
    // A line of a diff begins with a sign of its own, or a space.
    section.entries = lines.lines().map(|line| Entry { over: None, lines: format!("{line}\n") }).collect();
    let mut room = LIMIT.saturating_sub(1 + length(&out) + section.frame());
    let kept = section.fit(&mut room);
    section.write(&mut out, kept);
    out
}

/// Returns what there is to say, the most important first: what does not fit is left out from the end.
fn sections(document: &Document) -> Vec<Section> {
    let step = |takes: bool| {
        let steps = document.steps.iter().filter(move |step| (step.deed.effect == Effect::Takes) == takes);
        steps.map(|step| {
            let lines = with_details(step.deed.line(), &step.deed, &step.why);
            Entry { over: Some(over(document, &step.subject)), lines }
        })
    };
    let held = document.held.iter().map(|held| {
        let first = format!("! {}", harmless(&held.deed.what));
        let mut lines = with_details(first, &held.deed, &held.wanted);
        let _ = writeln!(lines, "        held: {}", escaped_long(&held.why));
        Entry { over: Some(over(document, &held.subject)), lines }
    });
    let pairs = |sign: &'static str, verb: &'static str, pairs: &[_]| {
        let line = |pair| Entry { over: None, lines: format!("{sign} {}\n", pair_line(verb, pair)) };
        pairs.iter().map(line).collect::<Vec<_>>()
    };
    let notes = document.notes.iter().map(|note| {
        let mut lines = format!("{}: {}\n", note_word(note.kind), escaped_long(&note.what));
        if let Some(hint) = &note.hint {
            let _ = writeln!(lines, "        hint: {}", escaped_long(hint));
        }
        Entry { over: Some(over(document, &note.subject)), lines }
    });
    let access = &document.access;
    let mut sections = vec![
        Section::open("Removals", ("step", "steps"), step(true).collect()),
        Section::open("Who loses access", ("person", "people"), pairs("-", "loses access to", &access.lost)),
        Section::open("Held", ("step", "steps"), held.collect()),
        Section::foldable("Additions and changes", ("step", "steps"), step(false).collect()),
        Section::foldable(
            "Who gains access",
            ("person", "people"),
            pairs("+", "gains access to", &access.gained),
        ),
        Section::foldable("Notes", ("note", "notes"), notes.collect()),
    ];
    sections.retain(|section| !section.entries.is_empty());
    sections
}

fn over(document: &Document, subject: &Subject) -> String {
    let offering = document.offering(subject.about.offering());
    let rest = subject.heading().map_or_else(String::new, |heading| format!(", {heading}"));
    format!("@@ offering \"{offering}\"{rest} @@\n")
}

fn with_details(first: String, deed: &Deed, why: &str) -> String {
    let mut lines = first;
    lines.push('\n');
    for line in deed.details() {
        let _ = writeln!(lines, "        {line}");
    }
    let _ = writeln!(lines, "        because {}", harmless(why));
    lines
}

fn length(text: &str) -> usize {
    text.chars().count()
}

// === impl Section ===

impl Section {
    fn open(title: &str, noun: (&'static str, &'static str), entries: Vec<Entry>) -> Self {
        let title = format!("{title}: {}", Counted(entries.len(), noun.0, noun.1));
        Self { title, noun, is_folded: false, entries }
    }

    fn foldable(title: &str, noun: (&'static str, &'static str), entries: Vec<Entry>) -> Self {
        let is_folded = entries.len() > AT_A_GLANCE;
        Self { is_folded, ..Self::open(title, noun, entries) }
    }

    /// Returns how many entries fit, and takes their room away. The first that does not fit ends it all: nothing less
    /// important is shown in its place.
    fn fit(&self, room: &mut usize) -> usize {
        let mut over = None;
        for (index, entry) in self.entries.iter().enumerate() {
            let heading = entry.over.as_ref().filter(|own| over != Some(*own));
            let needed = length(&entry.lines) + heading.map_or(0, |heading| length(heading));
            if needed > *room {
                *room = 0;
                return index;
            }
            *room -= needed;
            over = entry.over.as_ref();
        }
        self.entries.len()
    }

    /// Returns the length of all but the entries, at most.
    fn frame(&self) -> usize {
        let mut out = String::new();
        self.write(&mut out, 0);
        length(&out) + 2 * length(FENCE) + length("diff\n\n\n")
    }

    fn write(&self, out: &mut String, kept: usize) {
        let _ = match (self.is_folded, self.title.is_empty()) {
            (true, _) => writeln!(out, "\n<details>\n<summary>{}</summary>", self.title),
            (false, false) => writeln!(out, "\n#### {}", self.title),
            (false, true) => Ok(()),
        };
        if kept > 0 {
            let _ = writeln!(out, "\n{FENCE}diff");
            let mut over = None;
            for entry in self.entries.iter().take(kept) {
                if let Some(heading) = entry.over.as_ref().filter(|own| over != Some(*own)) {
                    out.push_str(heading);
                }
                out.push_str(&entry.lines);
                over = entry.over.as_ref();
            }
            let _ = writeln!(out, "{FENCE}");
        }
        let left = self.entries.len().saturating_sub(kept);
        if left > 0 {
            let (one, many) = self.noun;
            let _ = writeln!(
                out,
                "\n{} left out here, as there is no more room. `agent show FILE` prints a saved plan whole.",
                Counted(left, one, many)
            );
        }
        if self.is_folded {
            out.push_str("\n</details>\n");
        }
    }
}
