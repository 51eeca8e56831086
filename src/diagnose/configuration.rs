//! What is wrong with the configuration, or worth saying about it: as its reader says it, all at once.

use super::finding::{Check, Finding, Place};
use super::{Diagnosis, Verdict};
use crate::config::{Config, Note, Problem};
use crate::plan::render::Counted;

const CHECK: Check = Check::Configuration;
const PLACE: &Place = &Place::Configuration;

/// Says what is wrong with a document that was read. Nothing else is then looked at.
pub fn broken(problems: &[Problem]) -> Diagnosis {
    alone(problems.iter().map(problem).collect())
}

/// Says why there is no configuration, or none that the servers can be reached by. Nothing else is then looked at.
pub fn unusable(what: &str, hints: &[String]) -> Diagnosis {
    alone(vec![Finding::wrong(CHECK, PLACE, what, hints.join("; "))])
}

fn alone(mut findings: Vec<Finding>) -> Diagnosis {
    let rest = "the servers, because there is no configuration to reach them by";
    findings.push(Finding::unknown(CHECK, PLACE, rest));
    Diagnosis { findings }
}

/// Says what there is to say about a document that can be used.
pub(super) fn read(config: &Config) -> Vec<Finding> {
    let Config { policy, connections: _, settings: _, notes } = config;
    let mut clusters: Vec<_> = policy.offerings.values().map(|offering| &offering.cluster).collect();
    let mut realms: Vec<_> =
        policy.offerings.values().filter_map(|offering| Some(&offering.keycloak.as_ref()?.realm)).collect();
    clusters.sort();
    clusters.dedup();
    realms.sort();
    realms.dedup();
    let said = format!(
        "{}, {}, {}",
        Counted(policy.offerings.len(), "offering", "offerings"),
        Counted(clusters.len(), "cluster", "clusters"),
        Counted(realms.len(), "realm", "realms"),
    );
    std::iter::once(Finding::well(CHECK, PLACE, said)).chain(notes.iter().map(note)).collect()
}

fn problem(problem: &Problem) -> Finding {
    let Problem { path, line, what, hint } = problem;
    Finding::wrong(CHECK, PLACE, format!("{}: {what}", spot(path, *line)), hint)
}

fn note(note: &Note) -> Finding {
    let Note { severity: _, path, line, what, hint } = note;
    let said = format!("{}: {what}", spot(path, *line));
    let hint = Some(hint.clone()).filter(|hint| !hint.is_empty());
    Finding { verdict: Verdict::Remark, hint, ..Finding::well(CHECK, PLACE, said) }
}

fn spot(path: &str, line: Option<usize>) -> String {
    let path = if path.is_empty() { "the document" } else { path };
    line.map_or_else(|| path.to_owned(), |line| format!("{path} (line {line})"))
}
