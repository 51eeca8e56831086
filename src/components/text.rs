//! What there is to do about components, as people read it.

use std::fmt::{self, Write};

use super::draft::{self, Change, Draft, FieldChange, Loads};
use crate::model::OfferingUuid;
use crate::plan::render::{Counted, escaped};

/// Returns a draft as text, ending in a newline.
pub fn render(draft: &Draft) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, draft);
    out
}

fn write(out: &mut String, draft: &Draft) -> fmt::Result {
    for (uuid, offering) in &draft.offerings {
        let heading = |out: &mut String| writeln!(out, "offering \"{}\" ({uuid})", escaped(&offering.name));
        match &offering.loads {
            Ok(loads) if has_nothing_to_say(loads) => continue,
            Ok(loads) => {
                heading(out)?;
                write_loads(out, loads)?;
            }
            Err(why) => {
                heading(out)?;
                writeln!(out, "    ! unread: {}", words(why))?;
            }
        }
        out.push('\n');
    }
    writeln!(out, "{}", summary(draft))
}

fn has_nothing_to_say(loads: &Loads) -> bool {
    let Loads { changes, alike: _, unloadable, hidden, beyond } = loads;
    changes.is_empty() && unloadable.is_empty() && hidden.is_empty() && beyond.is_empty()
}

fn write_loads(out: &mut String, loads: &Loads) -> fmt::Result {
    let Loads { changes, alike: _, unloadable, hidden, beyond } = loads;
    for change in changes {
        write_change(out, change)?;
    }
    for (component, problem) in unloadable {
        writeln!(out, "    ! component {} is not loaded: {problem}", escaped(component.as_str()))?;
        writeln!(out, "        hint: {}", problem.hint())?;
    }
    for (component, fields) in hidden {
        let fields: Vec<&str> = fields.iter().copied().collect();
        let component = escaped(component.as_str());
        writeln!(out, "      not compared: this Waldur does not show {} of {component}", fields.join(", "))?;
    }
    for key in beyond {
        writeln!(out, "      left alone: {} is in Waldur and not in the configuration", escaped(key))?;
    }
    Ok(())
}

fn write_change(out: &mut String, change: &Change) -> fmt::Result {
    let component = escaped(change.component.as_str());
    match change.uuid {
        None => writeln!(out, "    + create component {component}")?,
        Some(_) => writeln!(out, "    ~ change component {component}")?,
    }
    for FieldChange { field, from, to } in &change.fields {
        match from {
            Some(from) => writeln!(out, "        {field}: {} -> {}", shown(from), shown(to))?,
            None => writeln!(out, "        {field}: {}", shown(to))?,
        }
    }
    if change.bills_otherwise() {
        writeln!(out, "        customers are billed otherwise from then on")?;
    }
    Ok(())
}

/// Returns a value, safe to show; texts in quotes, so that a blank one is seen.
fn shown(value: &serde_json::Value) -> String {
    let text = escaped(&draft::text(value));
    if value.is_string() { format!("\"{text}\"") } else { text }
}

/// Errors quote a server within a sentence of ours.
fn words(text: &str) -> String {
    text.split(' ').map(escaped).collect::<Vec<_>>().join(" ")
}

/// Returns how much there is to do, in one line.
pub fn summary(draft: &Draft) -> String {
    let known = || draft.offerings.values().filter_map(|offering| offering.loads.as_ref().ok());
    let alike: usize = known().map(|loads| loads.alike.len()).sum();
    let unloadable: usize = known().map(|loads| loads.unloadable.len()).sum();
    let created = draft.changes().filter(|(_, change)| change.uuid.is_none()).count();
    let changed = draft.changes().count() - created;
    let alike = Counted(alike, "component is", "components are");
    let as_they_are = format!("{alike} as configured");
    let rest = if unloadable > 0 { format!(", {unloadable} not loaded") } else { String::new() };
    if created + changed == 0 {
        let but = if draft.is_blind() { " in what could be read" } else { "" };
        return format!("No changes{but}: {as_they_are}{rest}.");
    }
    format!("Components: {created} to create, {changed} to change, {as_they_are}{rest}. Nothing is removed.")
}

/// Returns what an offering and a component are called in a line about them.
pub fn place(draft: &Draft, offering: OfferingUuid, component: &str) -> String {
    let name = draft.offerings.get(&offering).map_or("?", |offering| offering.name.as_str());
    format!("component {} of \"{}\"", escaped(component), escaped(name))
}
