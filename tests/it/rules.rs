//! The rules of the domain, one by one, where no golden plan says it already.

#![expect(clippy::expect_used, reason = "a test that misses what it built fails")]

use std::path::Path;

use agent::model::capture::Capture;
use agent::plan::{NoteKind, Plan, plan, render};

mod access;
mod guard;
mod identity;
mod names;
mod narrowed;
mod orders;
mod outages;
mod people;
mod quotas;
mod roles;
mod told;
mod wanted;
mod without_keycloak;

/// A site where everything is as it should be; each test spoils one thing.
const QUIET: &str = include_str!("../../fixtures/nothing-to-do.yaml");

/// Reads a fixture in which each of `changes` replaces one text by another, everywhere.
fn changed(fixture: &str, changes: &[(&str, &str)]) -> Capture {
    let mut text = fixture.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the fixture says \"{from}\"");
        text = text.replace(from, to);
    }
    Capture::from_yaml(&text).expect("a captured world")
}

fn planned(capture: &Capture) -> Plan {
    plan(&capture.world, &capture.policy)
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| render::sentence(&step.action)).collect()
}

fn notes(plan: &Plan, kind: NoteKind) -> Vec<&str> {
    plan.notes.iter().filter(|note| note.kind == kind).map(|note| note.what.as_str()).collect()
}

/// Asserts that a plan does nothing and notes nothing.
fn is_quiet(capture: &Capture) {
    let plan = planned(capture);
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(plan.notes, []);
    assert_eq!(plan.held, []);
}

const GROUP: &str = "project_a0000000000000000000000000000001_project-member";

#[test]
fn every_rule_is_named_by_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/rules");
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let text: String = files
        .map(|file| std::fs::read_to_string(file.expect("it can be listed").path()).expect("it can be read"))
        .collect();
    let missing: Vec<u8> = (1..=16).filter(|rule| !text.contains(&format!("\nfn rule_{rule}_"))).collect();
    assert_eq!(missing, [0; 0], "rules of the design without a test");
}
