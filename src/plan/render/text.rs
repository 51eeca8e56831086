//! The plan that people read: a block a resource, the reason under each step, what is held apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use super::Review;
use super::words::{Counted, details, escaped, is_releasable, sentence, symbol};
use crate::model::OfferingUuid;
use crate::plan::note::{About, Note, NoteKind};
use crate::plan::{Action, Effect, Held, Plan, Step, System};

/// Returns the whole plan as text, ending in a newline.
pub fn render(review: Review<'_>) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, review);
    out
}

fn write(out: &mut String, review: Review<'_>) -> fmt::Result {
    let blocks = blocks(review);
    let mut heading = None;
    for (about, block) in &blocks {
        if heading != Some(about.offering()) {
            heading = Some(about.offering());
            write_offering(out, review.plan, about.offering())?;
        }
        write_block(out, review.plan, about, block)?;
    }
    if !blocks.is_empty() {
        out.write_char('\n')?;
    }
    write_summary(out, review)
}

/// Everything that is about one thing.
#[derive(Default)]
struct Block<'a> {
    steps: Vec<&'a Step>,
    held: Vec<&'a Held>,
    notes: Vec<&'a Note>,
}

/// Returns the blocks in the order in which they are read: by offering, then by title.
fn blocks(review: Review<'_>) -> Vec<(&About, Block<'_>)> {
    let mut blocks: BTreeMap<&About, Block<'_>> = BTreeMap::new();
    for step in review.verdict.admitted.steps() {
        blocks.entry(&step.about).or_default().steps.push(step);
    }
    for held in &review.verdict.held {
        blocks.entry(&held.step.about).or_default().held.push(held);
    }
    for note in &review.plan.notes {
        blocks.entry(&note.about).or_default().notes.push(note);
    }
    let mut blocks: Vec<_> = blocks.into_iter().collect();
    let title = |about| review.plan.titles.get(about).map_or("", String::as_str);
    blocks.sort_by_cached_key(|(about, _)| super::place(about, title(*about)));
    blocks
}

fn write_offering(out: &mut String, plan: &Plan, offering: OfferingUuid) -> fmt::Result {
    let name = plan.offerings.get(&offering).map_or("?", String::as_str);
    if !out.is_empty() {
        out.write_char('\n')?;
    }
    writeln!(out, "offering \"{}\" ({offering})", escaped(name))
}

fn write_block(out: &mut String, plan: &Plan, about: &About, block: &Block<'_>) -> fmt::Result {
    let title = plan.titles.get(about).map_or("?", String::as_str);
    match about {
        About::Offering { .. } => {}
        About::Cluster { .. } => writeln!(out, "\n  {}", escaped(title))?,
        About::Resource { offering: _, resource } => {
            writeln!(out, "\n  resource \"{}\" ({resource})", escaped(title))?;
        }
        About::Team { offering: _, project } => {
            writeln!(out, "\n  team of \"{}\" ({project})", escaped(title))?;
        }
    }
    for step in &block.steps {
        write_step(out, step, symbol(step.action.effect()))?;
    }
    for held in &block.held {
        write_step(out, &held.step, "!")?;
        writeln!(out, "        held: {}", escaped_long(&held.hold.to_string()))?;
    }
    for note in &block.notes {
        write_note(out, note)?;
    }
    Ok(())
}

fn write_step(out: &mut String, step: &Step, sign: &str) -> fmt::Result {
    writeln!(out, "    {sign} {}", sentence(&step.action))?;
    for line in details(&step.action) {
        writeln!(out, "        {line}")?;
    }
    writeln!(out, "        because {}", step.reason)
}

fn write_note(out: &mut String, note: &Note) -> fmt::Result {
    let word = match note.kind {
        NoteKind::Held => "! held",
        NoteKind::Unreadable => "! unread",
        NoteKind::Waiting => "  waiting",
        NoteKind::Unmanaged => "  left alone",
    };
    writeln!(out, "    {word}: {}", escaped_long(&note.what))?;
    if let Some(hint) = &note.hint {
        writeln!(out, "        hint: {}", escaped_long(hint))?;
    }
    Ok(())
}

/// Notes quote names within sentences of ours; the sentence may be long, its characters still harmless.
fn escaped_long(text: &str) -> String {
    let words: Vec<String> = text.split(' ').map(escaped).collect();
    words.join(" ")
}

fn write_summary(out: &mut String, review: Review<'_>) -> fmt::Result {
    let steps = review.verdict.admitted.steps();
    let held = review.verdict.held.len();
    let notes = |kind| review.plan.notes.iter().filter(|note| note.kind == kind).count();
    let compared = review.plan.compared;
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
        let count = |effect| steps.iter().filter(|step| step.action.effect() == effect).count();
        let adopted = match count(Effect::Adopts) {
            0 => String::new(),
            adopted => format!("{adopted} to adopt, "),
        };
        writeln!(
            out,
            "Plan: {adopted}{} to add, {} to change, {} to remove. {looked}.",
            count(Effect::Adds),
            count(Effect::Changes),
            count(Effect::Takes)
        )?;
        writeln!(out, "Cost: {}.", cost(steps))?;
        write_access(out, review)?;
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
    if let Some(release) = &review.verdict.release {
        let releasable = review.verdict.held.iter().filter(|held| is_releasable(&held.hold)).count();
        let them = if releasable == 1 { "it" } else { "exactly them" };
        let only =
            review.plan.narrowed_to.map_or_else(String::new, |offering| format!(" --offering {offering}"));
        writeln!(out, "To release {them}: agent apply{only} --approve {release}")?;
    }
    if review.verdict.approval_is_stale {
        writeln!(out, "The approval fits nothing that is held: nothing was released by it.")?;
    }
    Ok(())
}

fn cost(steps: &[Step]) -> String {
    let requests = |system| -> usize {
        steps.iter().filter(|step| step.action.system() == system).map(|step| step.action.requests()).sum()
    };
    let parts: Vec<String> = System::ALL
        .into_iter()
        .filter(|system| requests(*system) > 0)
        .map(|system| format!("{} to {}", requests(system), system.as_str()))
        .collect();
    let total: usize = System::ALL.into_iter().map(requests).sum();
    format!("{} ({})", Counted(total, "request", "requests"), parts.join(", "))
}

fn write_access(out: &mut String, review: Review<'_>) -> fmt::Result {
    let admitted = &review.verdict.admitted;
    let people = |pairs: &mut dyn Iterator<Item = &crate::plan::access::Pair>| {
        pairs.map(|pair| &pair.person).collect::<BTreeSet<_>>().len()
    };
    let gaining = people(&mut admitted.gains().iter());
    let losing = people(&mut admitted.losses().keys());
    if gaining + losing > 0 {
        writeln!(
            out,
            "Access: {} something, {} something.",
            Counted(gaining, "person gains", "people gain"),
            Counted(losing, "person loses", "people lose")
        )?;
    }
    if admitted.steps().iter().any(|step| matches!(step.action, Action::RemoveMember(_))) {
        writeln!(
            out,
            "Rancher forgets a removed person at its next refresh of their groups, by default within the hour."
        )?;
    }
    Ok(())
}
