//! The README is true: its plan is a golden, its keys are the table, its commands and codes exist.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use agent::cli::Exit;
use agent::config::keys::{Fate, KEYS, Key, Place};

fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn readme() -> String {
    file("README.md")
}

/// Returns what stands between two markers.
fn between<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, after) = text.split_once(&format!("<!-- {name} -->\n")).unwrap();
    after.split_once(&format!("<!-- end of {name} -->")).unwrap().0
}

#[test]
fn the_plan_that_is_shown_is_a_golden() {
    let golden = file("plans/first-resource.snap");
    let golden = golden.splitn(3, "---\n").nth(2).unwrap().trim_end();
    let readme = readme();
    let shown = between(&readme, "plan")
        .trim_start_matches("```text\n")
        .trim_end()
        .trim_end_matches("```")
        .trim_end();
    assert_eq!(shown, golden);
}

#[test]
fn the_explanation_that_is_shown_is_a_snapshot() {
    let golden = file("tests/it/snapshots/explain/a_person_whom_keycloak_does_not_know.snap");
    let golden = golden.splitn(3, "---\n").nth(2).unwrap().trim_end();
    let readme = readme();
    let shown = between(&readme, "explain").trim().trim_start_matches("```text\n").trim_end_matches("```");
    assert_eq!(shown.trim_end(), golden);
}

#[test]
fn the_keys_are_those_of_the_table() {
    let readme = readme();
    let shown = between(&readme, "keys").trim();
    let expected = tables();
    assert_eq!(shown, expected.trim(), "the README should say:\n{expected}");
}

/// Returns the keys as the README lists them: a table for each place, and what is not followed.
fn tables() -> String {
    let mut text = String::new();
    for place in [
        Place::Document,
        Place::Guard,
        Place::Concurrency,
        Place::Waldur,
        Place::Offering,
        Place::Backend,
        Place::Component,
    ] {
        let _ = write!(text, "\nIn {}:\n\n| key | what it says; default |\n|---|---|\n", place.as_str());
        let followed: Vec<&Key> =
            KEYS.iter().filter(|key| key.place == place && !matches!(key.fate, Fate::Ignored(_))).collect();
        for alike in followed.chunk_by(|one, next| one.meaning == next.meaning) {
            let names: Vec<String> = alike.iter().map(|key| format!("`{}`", key.name)).collect();
            let secret = if alike[0].fate == Fate::Secret { " *Secret.*" } else { "" };
            let _ =
                writeln!(text, "| {} | {}{secret} |", names.join(", "), alike[0].meaning.replace('|', "\\|"));
        }
    }
    text.push_str("\nAccepted and not followed:\n\n| key | why |\n|---|---|\n");
    let ignored: Vec<(&Key, &str)> = KEYS
        .iter()
        .filter_map(|key| match key.fate {
            Fate::Ignored(why) => Some((key, why)),
            Fate::Followed | Fate::Deciding | Fate::Secret => None,
        })
        .collect();
    for alike in ignored.chunk_by(|one, next| one.1 == next.1) {
        let names: Vec<String> = alike.iter().map(|(key, _)| format!("`{}`", key.name)).collect();
        let _ = writeln!(text, "| {} | {} |", names.join(", "), alike[0].1);
    }
    text
}

/// Every verb there is.
pub(crate) const VERBS: [&str; 13] = [
    "plan",
    "show",
    "apply",
    "reconcile",
    "report",
    "diagnose",
    "explain",
    "components",
    "capture",
    "sandbox",
    "demo",
    "schema",
    "completions",
];

#[test]
fn every_verb_and_option_is_named_and_no_other() {
    let readme = readme();
    let mut options = BTreeSet::new();
    for verb in VERBS {
        assert!(readme.contains(&format!("`agent {verb}`")), "`agent {verb}` is not in the README");
        // The help texts are snapshots of the program's own.
        let help = file(&format!("tests/it/snapshots/help/{verb}.snap"));
        options.extend(words(&help).into_iter().filter(|word| word.starts_with("--")));
    }
    for option in &options {
        assert!(
            ["--help", "--version"].contains(&option.as_str()) || readme.contains(option.as_str()),
            "{option} is not in the README"
        );
    }
    // What the README calls must exist.
    for line in readme.lines().filter(|line| line.trim_start().starts_with("agent ")) {
        let verb = line.trim_start().split(' ').nth(1).unwrap();
        assert!(VERBS.contains(&verb), "{line:?} names no verb");
        for option in words(line).into_iter().filter(|word| word.starts_with("--")) {
            assert!(options.contains(&option), "{line:?}: there is no {option}");
        }
    }
}

fn words(text: &str) -> Vec<String> {
    let is_word = |letter: char| letter.is_ascii_lowercase() || letter == '-';
    text.split(|letter| !is_word(letter)).filter(|word| word.len() > 2).map(str::to_owned).collect()
}

#[test]
fn every_exit_code_is_named() {
    let readme = readme();
    for exit in [
        Exit::Success,
        Exit::Error,
        Exit::Changes,
        Exit::Held,
        Exit::Stale,
        Exit::Partly,
        Exit::Unreachable,
        Exit::Usage,
        Exit::Interrupted,
        Exit::Terminated,
    ] {
        assert!(readme.contains(&format!("| {} |", exit.code())), "{exit:?} is not in the table");
    }
}

#[test]
fn every_variable_and_file_that_is_named_exists() {
    let readme = readme();
    let variables = |text: &str| -> BTreeSet<String> {
        text.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_')
            .filter(|word| word.starts_with("AGENT_"))
            .map(str::to_owned)
            .collect()
    };
    let mut known = variables(&file("fixtures/configs/example.yaml"));
    known.insert(agent::config::FILE_VARIABLE.to_owned());
    assert_eq!(variables(&readme), known);
    for path in readme.split(['`', '(', ')']).filter(|word| {
        ["fixtures/", "src/", "plans/", "tests/", "LICENSE", "CONTRIBUTING", "CHANGELOG"]
            .iter()
            .any(|start| word.starts_with(start))
    }) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{path} does not exist");
    }
}
