//! The plan that people read: a block a resource, the reason under each step, what is held apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use super::document::{Deed, Document, HeldDocument, NoteDocument, StepDocument, Subject};
use super::words::{Counted, escaped, harmless};
use super::{Review, place};
use crate::model::OfferingUuid;
use crate::plan::note::NoteKind;
use crate::plan::{Effect, System};

/// Returns the whole plan as text, ending in a newline.
pub fn render(review: Review<'_>) -> String {
    shown(&Document::of(review))
}

/// Returns a plan that was written down as text, ending in a newline.
pub fn shown(document: &Document) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, document);
    out
}

/// Returns the lines that sum a plan up.
pub(super) fn summary(document: &Document) -> String {
    let mut out = String::new();
    let _ = write_summary(&mut out, document);
    out
}

fn write(out: &mut String, document: &Document) -> fmt::Result {
    let blocks = blocks(document);
    let mut heading = None;
    for (subject, block) in &blocks {
        if heading != Some(subject.about.offering()) {
            heading = Some(subject.about.offering());
            write_offering(out, document, subject.about.offering())?;
        }
        write_block(out, subject, block)?;
    }
    if !blocks.is_empty() {
        out.write_char('\n')?;
    }
    write_summary(out, document)
}

/// Everything that is about one thing.
#[derive(Default)]
struct Block<'a> {
    steps: Vec<&'a StepDocument>,
    held: Vec<&'a HeldDocument>,
    notes: Vec<&'a NoteDocument>,
}

/// Returns the blocks in the order in which they are read: by offering, then by title.
fn blocks(document: &Document) -> Vec<(&Subject, Block<'_>)> {
    let mut blocks: BTreeMap<&Subject, Block<'_>> = BTreeMap::new();
    for step in &document.steps {
        blocks.entry(&step.subject).or_default().steps.push(step);
    }
    for held in &document.held {
        blocks.entry(&held.subject).or_default().held.push(held);
    }
    for note in &document.notes {
        blocks.entry(&note.subject).or_default().notes.push(note);
    }
    let mut blocks: Vec<_> = blocks.into_iter().collect();
    blocks.sort_by_cached_key(|(subject, _)| place(&subject.about, &subject.title));
    blocks
}

fn write_offering(out: &mut String, document: &Document, offering: OfferingUuid) -> fmt::Result {
    if !out.is_empty() {
        out.write_char('\n')?;
    }
    writeln!(out, "offering \"{}\" ({offering})", document.offering(offering))
}

fn write_block(out: &mut String, subject: &Subject, block: &Block<'_>) -> fmt::Result {
    if let Some(heading) = subject.heading() {
        writeln!(out, "\n  {heading}")?;
    }
    for step in &block.steps {
        writeln!(out, "    {}", step.deed.line())?;
        write_details(out, &step.deed, &step.why)?;
    }
    for held in &block.held {
        writeln!(out, "    ! {}", harmless(&held.deed.what))?;
        write_details(out, &held.deed, &held.wanted)?;
        writeln!(out, "        held: {}", escaped_long(&held.why))?;
    }
    for note in &block.notes {
        write_note(out, note)?;
    }
    Ok(())
}

fn write_details(out: &mut String, deed: &Deed, why: &str) -> fmt::Result {
    for line in deed.details() {
        writeln!(out, "        {line}")?;
    }
    writeln!(out, "        because {}", harmless(why))
}

fn write_note(out: &mut String, note: &NoteDocument) -> fmt::Result {
    writeln!(out, "    {}: {}", note_word(note.kind), escaped_long(&note.what))?;
    if let Some(hint) = &note.hint {
        writeln!(out, "        hint: {}", escaped_long(hint))?;
    }
    Ok(())
}

/// Returns what a note begins with.
pub(super) const fn note_word(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Held => "! held",
        NoteKind::Unreadable => "! unread",
        NoteKind::Waiting => "  waiting",
        NoteKind::Unmanaged => "  left alone",
    }
}

/// Notes quote names within sentences of ours; the sentence may be long, its characters still harmless.
pub(super) fn escaped_long(text: &str) -> String {
    let words: Vec<String> = text.split(' ').map(escaped).collect();
    words.join(" ")
}

fn write_summary(out: &mut String, document: &Document) -> fmt::Result {
    let steps = &document.steps;
    let held = document.held.len();
    let notes = |kind| document.notes.iter().filter(|note| note.kind == kind).count();
    let compared = document.compared;
    let with = if compared.realms == 0 { "Rancher" } else { "Rancher and Keycloak" };
    let looked = format!(
        "Compared {}, {} and {} with {with}",
        Counted(compared.resources, "resource", "resources"),
        Counted(compared.teams, "team", "teams"),
        Counted(compared.people, "membership", "memberships"),
    );
    if steps.is_empty() {
        let but = match () {
            () if notes(NoteKind::Unreadable) > 0 => " in what could be read",
            () if held > 0 => " but what is held",
            () => "",
        };
        writeln!(out, "No changes{but}. {looked}.")?;
    } else {
        writeln!(out, "{} {looked}.", headline(steps))?;
        writeln!(out, "Cost: {}.", cost(steps))?;
        write_access(out, document)?;
    }
    if held > 0 {
        let it = Counted(held, "step is", "steps are");
        writeln!(out, "Held: {it} not taken.")?;
    }
    for (kind, one, many) in [
        (NoteKind::Held, "thing needs a person", "things need a person"),
        (NoteKind::Unreadable, "thing could not be read", "things could not be read"),
        (NoteKind::Waiting, "thing waits", "things wait"),
    ] {
        if notes(kind) > 0 {
            writeln!(out, "Noted: {}.", Counted(notes(kind), one, many))?;
        }
    }
    if let Some(release) = &document.release {
        let releasable = document.held.iter().filter(|held| held.releasable).count();
        let them = if releasable == 1 { "it" } else { "exactly them" };
        let only =
            document.narrowed_to.map_or_else(String::new, |offering| format!(" --offering {offering}"));
        writeln!(out, "To release {them}: agent apply{only} --approve {release}")?;
    }
    if document.approval_is_stale {
        writeln!(out, "The approval fits nothing that is held: nothing was released by it.")?;
    }
    Ok(())
}

/// Returns how much there is to do, in one sentence.
fn headline(steps: &[StepDocument]) -> String {
    let count = |effect| steps.iter().filter(|step| step.deed.effect == effect).count();
    let adopted = match count(Effect::Adopts) {
        0 => String::new(),
        adopted => format!("{adopted} to adopt, "),
    };
    format!(
        "Plan: {adopted}{} to add, {} to change, {} to remove.",
        count(Effect::Adds),
        count(Effect::Changes),
        count(Effect::Takes)
    )
}

fn cost(steps: &[StepDocument]) -> String {
    let requests = |system| -> usize {
        let theirs = steps.iter().filter(|step| step.deed.system == system);
        theirs.fold(0, |sum, step| sum.saturating_add(step.deed.requests))
    };
    let parts: Vec<String> = System::ALL
        .into_iter()
        .filter(|system| requests(*system) > 0)
        .map(|system| format!("{} to {}", requests(system), system.as_str()))
        .collect();
    let total = System::ALL.into_iter().map(requests).fold(0, usize::saturating_add);
    format!("{} ({})", Counted(total, "request", "requests"), parts.join(", "))
}

fn write_access(out: &mut String, document: &Document) -> fmt::Result {
    let access = &document.access;
    let people = |pairs: &[super::document::PairDocument]| {
        pairs.iter().map(|pair| &pair.pair.person).collect::<BTreeSet<_>>().len()
    };
    let gaining = people(&access.gained);
    let losing = people(&access.lost);
    if gaining + losing > 0 {
        writeln!(
            out,
            "Access: {} something, {} something.",
            Counted(gaining, "person gains", "people gain"),
            Counted(losing, "person loses", "people lose")
        )?;
    }
    if access.forgotten_later {
        writeln!(
            out,
            "Rancher forgets a removed person at its next refresh of their groups, by default within the hour."
        )?;
    }
    Ok(())
}
