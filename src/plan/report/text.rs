//! A report for people: a table of each offering, and under it why something is not in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Line, Now, OfferingReport, Report, ResourceReport, Verdict};
use crate::plan::render::{Counted, escaped};

/// The head of the table.
const HEAD: [&str; 5] = ["resource", "component", "limit", "last reported", "now"];
/// So many resources are named one by one; more of them are counted.
const NAMED: usize = 3;

/// Returns the report as text, ending in a newline.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    for one in &report.offerings {
        let _ = writeln!(
            text,
            "offering \"{}\" ({}), usage in {}\n",
            escaped(&one.name),
            one.offering,
            report.month
        );
        table(&mut text, one);
        remarks(&mut text, one);
    }
    if report.is_closed {
        let _ = writeln!(
            text,
            "{} is over in UTC, in which Waldur counts: nothing is sent until the next one begins in the configured time zone.\n",
            report.month
        );
    }
    text.push_str(&summary(report));
    text
}

/// One row: its sign, and its cells.
struct Row {
    sign: char,
    cells: [String; 5],
}

fn table(text: &mut String, report: &OfferingReport) {
    let rows: Vec<Row> = report.resources.iter().flat_map(rows).collect();
    if rows.is_empty() {
        return;
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row.cells[column].chars().count());
        cells.chain([HEAD[column].len()]).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2), width(3), width(4)];
    line(text, ' ', &HEAD, widths);
    for Row { sign, cells } in &rows {
        line(text, *sign, &cells.each_ref().map(String::as_str), widths);
    }
    text.push('\n');
}

/// Names stand to the left, numbers to the right.
fn line(text: &mut String, sign: char, [name, component, limit, last, now]: &[&str; 5], widths: [usize; 5]) {
    let [w0, w1, w2, w3, w4] = widths;
    let row = format!("  {sign} {name:<w0$}  {component:<w1$}  {limit:>w2$}  {last:>w3$}  {now:>w4$}");
    let _ = writeln!(text, "{}", row.trim_end());
}

fn rows(resource: &ResourceReport) -> impl Iterator<Item = Row> {
    let sign = match resource.verdict {
        Verdict::Differs => '~',
        Verdict::Unknown => '!',
        Verdict::Same | Verdict::LeftOut(_) => ' ',
    };
    resource.lines.iter().enumerate().map(move |(index, (component, line))| {
        let is_first = index == 0;
        let Line { limit, last, now } = line;
        let dash = || "-".to_owned();
        let cells = [
            if is_first { titled(&resource.name) } else { String::new() },
            escaped(component.as_str()),
            limit.map_or_else(dash, |limit| limit.to_string()),
            last.map_or_else(dash, |last| last.to_string()),
            match now {
                Now::Amount(amount) => amount.to_string(),
                Now::Unknown(_) => "?".to_owned(),
                Now::Held(_) => "held".to_owned(),
            },
        ];
        Row { sign: if is_first { sign } else { ' ' }, cells }
    })
}

/// Names of resources may be empty.
fn titled(name: &str) -> String {
    if name.is_empty() { "\"\"".to_owned() } else { escaped(name) }
}

/// Returns what keeps an offering's usage from being reported, each reason once, on one line.
pub fn problems(report: &OfferingReport) -> Vec<String> {
    let gaps = report.gaps.iter().map(|gap| escaped_whole(gap));
    let reasons = reasons(report).into_iter().map(|((kind, why), (resources, components))| {
        let components: Vec<String> = components.into_iter().map(escaped).collect();
        format!("{} of {} {kind}: {}", components.join(", "), of(&resources), escaped_whole(why))
    });
    gaps.chain(reasons).collect()
}

/// Says why something is not in the table.
fn remarks(text: &mut String, report: &OfferingReport) {
    let mut left_out: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for resource in &report.resources {
        if let Verdict::LeftOut(why) = &resource.verdict {
            left_out.entry(why).or_default().insert(titled(&resource.name));
        }
    }
    let left_out = left_out
        .into_iter()
        .map(|(why, resources)| format!("{}: nothing to report, {}", of(&resources), escaped_whole(why)));
    let not_sold = report.not_sold.iter().map(|(component, why)| {
        format!("{}: not reported, {}", escaped(component.as_str()), escaped_whole(why))
    });
    let problems = problems(report).into_iter().map(|what| format!("  ! {what}\n"));
    let all: Vec<String> =
        problems.chain(left_out.chain(not_sold).map(|what| format!("    {what}\n"))).collect();
    if !all.is_empty() {
        text.push_str(&all.concat());
        text.push('\n');
    }
}

/// What a reason concerns: resources, and components.
type Concerned<'a> = (BTreeSet<String>, BTreeSet<&'a str>);

/// Returns why amounts are not known or not sent, each reason with what it concerns.
fn reasons(report: &OfferingReport) -> BTreeMap<(&'static str, &str), Concerned<'_>> {
    let mut reasons: BTreeMap<(&'static str, &str), Concerned<'_>> = BTreeMap::new();
    for resource in &report.resources {
        for (component, line) in &resource.lines {
            let reason = match &line.now {
                Now::Amount(_) => continue,
                Now::Unknown(why) => ("cannot be reported", why.as_str()),
                Now::Held(why) => ("is held", why.as_str()),
            };
            let (resources, components) = reasons.entry(reason).or_default();
            resources.insert(titled(&resource.name));
            components.insert(component.as_str());
        }
    }
    reasons
}

fn of(resources: &BTreeSet<String>) -> String {
    if resources.len() > NAMED {
        return Counted(resources.len(), "resource", "resources").to_string();
    }
    resources.iter().cloned().collect::<Vec<_>>().join(", ")
}

/// What a server said is longer than a name may be.
fn escaped_whole(text: &str) -> String {
    text.split(' ').map(escaped).collect::<Vec<_>>().join(" ")
}

/// Returns the last line: how many resources there are of each kind.
fn summary(report: &Report) -> String {
    let resources = || report.offerings.iter().flat_map(|one| &one.resources);
    let count = |wanted: fn(&Verdict) -> bool| resources().filter(|one| wanted(&one.verdict)).count();
    let counts = [
        (count(|verdict| *verdict == Verdict::Same), "as last reported"),
        (count(|verdict| *verdict == Verdict::Unknown), "not known"),
        (count(|verdict| matches!(verdict, Verdict::LeftOut(_))), "left out"),
    ];
    let differ = count(|verdict| *verdict == Verdict::Differs);
    let verb = if differ == 1 { "differs" } else { "differ" };
    let mut text =
        format!("Report: {} {verb} from the last report", Counted(differ, "resource", "resources"));
    for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
        let _ = write!(text, ", {count} {word}");
    }
    text.push_str(".\n");
    text
}
