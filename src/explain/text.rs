//! An explanation for people: the answer in the first line, then who says what, within a screen's width.

use std::fmt::{self, Write};

use super::person::is_odd;
use super::{Deed, Explanation, Link, LinkKind, Reach, Remark, Seat, Standing, Status, Subject};
use crate::plan::NoteKind;
use crate::plan::render::{Counted, escaped, symbol};

/// What fits on a terminal that nobody made wide.
const WIDTH: usize = 96;

/// So many resources of a person are shown link by link; more of them take a line each.
const MOST_WHOLE: usize = 2;

/// So many people or resources are listed at most: the rest is counted.
const MOST_LISTED: usize = 15;

/// Returns an explanation as text, ending in a newline.
pub fn render(explanation: &Explanation) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, explanation);
    out
}

fn write(out: &mut String, all: &Explanation) -> fmt::Result {
    let Explanation { subject, title, answer, hint, said, access, members, unlisted, steps, notes, release } =
        all;
    wrapped(out, "", 2, &format!("{}.", answer.trim_end_matches('.')))?;
    if let Some(hint) = hint {
        wrapped(out, "  hint: ", 8, hint)?;
    }
    out.push('\n');
    wrapped(out, "", 2, &heading(subject, title))?;
    for said in said {
        let mut label = said.system.as_str();
        for line in &said.lines {
            wrapped(out, &format!("  {label:<10}"), 14, line)?;
            label = "";
        }
    }
    match subject {
        Subject::Person(_) => write_resources(out, access)?,
        Subject::Resource { .. } => write_people(out, access, unlisted.as_deref())?,
        Subject::Group { .. } => write_members(out, members, unlisted.as_deref())?,
    }
    write_steps(out, steps, release.as_ref().map(ToString::to_string))?;
    write_notes(out, notes)
}

fn heading(subject: &Subject, title: &str) -> String {
    match subject {
        Subject::Resource { offering: _, resource } => format!("resource \"{title}\" ({resource})"),
        Subject::Person(_) => format!("person {title}"),
        Subject::Group { .. } => format!("group {title}"),
    }
}

/// A person's resources: what is the matter with some of them link by link, the rest a line each.
fn write_resources(out: &mut String, access: &[Reach]) -> fmt::Result {
    let mut whole: Vec<&Reach> = access.iter().filter(|reach| is_odd(reach)).collect();
    if let [only] = access {
        whole = vec![only];
    }
    whole.truncate(MOST_WHOLE);
    for reach in &whole {
        out.push('\n');
        let heading = format!("resource \"{}\" ({})", escaped(&reach.title), reach.resource);
        wrapped(out, "  ", 4, &heading)?;
        write_links(out, &reach.links)?;
        writeln!(out, "    {}", now_wanted_after(reach))?;
    }
    let place = |reach: &Reach| (reach.offering, reach.resource);
    let is_shown = |reach: &Reach| whole.iter().any(|it| place(it) == place(reach));
    let rest: Vec<&Reach> = access.iter().filter(|reach| !is_shown(reach)).collect();
    if !rest.is_empty() {
        out.push('\n');
    }
    for reach in rest.iter().take(MOST_LISTED) {
        wrapped(out, &format!("  {:<5} ", sign(reach)), 8, &reach.answer)?;
    }
    write_rest(out, rest.len().saturating_sub(MOST_LISTED), ("more resource", "more resources"))
}

fn write_links(out: &mut String, links: &[Link]) -> fmt::Result {
    for Link { link, status, what, hint: _ } in links {
        let head = format!("    {:<5} {:<10}", word(*status), label(*link));
        wrapped(out, &head, 20, what)?;
    }
    Ok(())
}

/// Returns the sign of a link: words, because a colour alone says nothing.
const fn word(status: Status) -> &'static str {
    match status {
        Status::Holds => "ok",
        Status::Planned | Status::Adopting => "soon",
        Status::Held => "held",
        Status::Broken => "NO",
        Status::Unread => "?",
        Status::Open => "...",
    }
}

const fn label(link: LinkKind) -> &'static str {
    match link {
        LinkKind::Resource => "resource",
        LinkKind::Team => "team",
        LinkKind::Open => "open",
        LinkKind::Role => "role",
        LinkKind::Name => "username",
        LinkKind::Account => "account",
        LinkKind::Project => "project",
        LinkKind::Group => "group",
        LinkKind::Binding => "binding",
        LinkKind::Member => "member",
    }
}

fn now_wanted_after(reach: &Reach) -> String {
    let no = if is_adopted(reach) { "the Python agent's" } else { "no" };
    let said = |is: Option<bool>, no| is.map_or("not known", |is| if is { "yes" } else { no });
    let ours = |is: Option<bool>| match &reach.by_hand {
        Some(_) if is != Some(true) => "by others",
        _ => said(is, no),
    };
    let (now, wanted, after) = (ours(reach.now), said(reach.wanted, "no"), ours(reach.after));
    format!("access now: {now}; wanted: {wanted}; after the plan: {after}")
}

/// Returns whether what leads there is still the Python agent's: that is not counted as access here.
fn is_adopted(reach: &Reach) -> bool {
    reach.links.iter().any(|link| link.status == Status::Adopting)
}

/// Returns what stands before a person or a resource in a list.
fn sign(reach: &Reach) -> &'static str {
    match (reach.now, reach.after) {
        (Some(true), Some(true)) if reach.wanted == Some(false) => "stays",
        (Some(true), Some(true)) => "ok",
        (Some(false) | None, Some(true)) => "soon",
        (Some(true), Some(false)) => "goes",
        (Some(false) | None, _) if reach.by_hand.is_some() => "hand",
        (Some(false), Some(false)) if is_adopted(reach) => "soon",
        (Some(false), Some(false)) => "NO",
        (_, None) | (None, _) => "?",
    }
}

/// A resource's people; whoever is to be talked about stands first.
fn write_people(out: &mut String, access: &[Reach], unlisted: Option<&str>) -> fmt::Result {
    if access.is_empty() && unlisted.is_none() {
        return writeln!(out, "\n  nobody is in its team");
    }
    out.push('\n');
    for reach in access.iter().take(MOST_LISTED) {
        let because = reach.because.as_ref().map_or_else(String::new, |because| format!(": {because}"));
        wrapped(out, &format!("  {:<5} ", sign(reach)), 8, &format!("{}{because}", reach.person))?;
    }
    write_rest(out, access.len().saturating_sub(MOST_LISTED), ("more person", "more people"))?;
    write_unlisted(out, unlisted)
}

/// Who could not be read is not nobody.
fn write_unlisted(out: &mut String, unlisted: Option<&str>) -> fmt::Result {
    unlisted.map_or(Ok(()), |why| wrapped(out, "  ?     ", 8, &format!("who else could not be read: {why}")))
}

fn write_members(out: &mut String, members: &[Seat], unlisted: Option<&str>) -> fmt::Result {
    if members.is_empty() && unlisted.is_none() {
        return Ok(());
    }
    out.push('\n');
    for Seat { person, standing, is_in, what } in members.iter().take(MOST_LISTED) {
        let sign = match (standing, is_in) {
            (Standing::Teammate, Some(true)) => "ok",
            (_, Some(true)) => "in",
            (_, Some(false)) => "out",
            (_, None) => "?",
        };
        wrapped(out, &format!("  {sign:<5} {person}: "), 8, what)?;
    }
    write_rest(out, members.len().saturating_sub(MOST_LISTED), ("more person", "more people"))?;
    write_unlisted(out, unlisted)
}

fn write_rest(out: &mut String, rest: usize, (one, many): (&'static str, &'static str)) -> fmt::Result {
    if rest > 0 { writeln!(out, "        and {}", Counted(rest, one, many)) } else { Ok(()) }
}

fn write_steps(out: &mut String, steps: &[Deed], release: Option<String>) -> fmt::Result {
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  in the plan")?;
    // What is done, or held, for one reason says it once.
    let shown = &steps[..steps.len().min(MOST_LISTED)];
    for alike in shown.chunk_by(|one, next| (&one.why, &one.held) == (&next.why, &next.held)) {
        for Deed { what, details, effect, why: _, held } in alike {
            let sign = if held.is_some() { "!" } else { symbol(*effect) };
            wrapped(out, &format!("    {sign} "), 8, what)?;
            for line in details {
                wrapped(out, "        ", 10, line)?;
            }
        }
        wrapped(out, "        because ", 10, &alike[0].why)?;
        if let Some(held) = &alike[0].held {
            wrapped(out, "        held: ", 10, held)?;
        }
    }
    write_rest(out, steps.len().saturating_sub(MOST_LISTED), ("more step", "more steps"))?;
    match release {
        Some(release) => {
            writeln!(out, "    to release what the budget holds: agent apply --approve {release}")
        }
        None => Ok(()),
    }
}

fn write_notes(out: &mut String, notes: &[Remark]) -> fmt::Result {
    if notes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  noted")?;
    for Remark { kind, what, hint } in notes.iter().take(MOST_LISTED) {
        let word = match kind {
            NoteKind::Held => "! held: ",
            NoteKind::Unreadable => "! unread: ",
            NoteKind::Waiting => "  waiting: ",
            NoteKind::Unmanaged => "  left alone: ",
        };
        wrapped(out, &format!("    {word}"), 8, what)?;
        if let Some(hint) = hint {
            wrapped(out, "        hint: ", 10, hint)?;
        }
    }
    write_rest(out, notes.len().saturating_sub(MOST_LISTED), ("more note", "more notes"))
}

/// Writes a text behind `head`, broken between words; further lines are indented. What holds names from outside is
/// escaped word by word: names of ours may be longer than any that is shown whole.
fn wrapped(out: &mut String, head: &str, indent: usize, text: &str) -> fmt::Result {
    let mut line = head.to_owned();
    let mut is_begun = false;
    for word in text.split(' ').map(escaped) {
        let length = line.chars().count() + usize::from(is_begun) + word.chars().count();
        if is_begun && length > WIDTH {
            writeln!(out, "{}", line.trim_end())?;
            line = " ".repeat(indent);
            is_begun = false;
        }
        if is_begun {
            line.push(' ');
        }
        line.push_str(&word);
        is_begun = true;
    }
    writeln!(out, "{}", line.trim_end())
}
