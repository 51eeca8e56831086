//! The plan as a flowchart.

use agent::plan::Effect;
use agent::plan::render::mermaid::shown;
use proptest::prelude::*;

use super::hostile::{any_name, called, large};

#[test]
fn a_chart_shows_what_waits_for_what() {
    let (document, _) = super::document("first-resource");
    insta::with_settings!({
        snapshot_path => "../snapshots/renderings", prepend_module_to_snapshot => false, omit_expression => true,
    }, { insta::assert_snapshot!("first-resource.mmd", shown(&document)); });
}

/// Returns whether a label holds nothing that Mermaid reads as more than text.
fn is_tame(label: &str) -> bool {
    let mut rest = label;
    while let Some((before, entity)) = rest.split_once('#') {
        let Some((number, after)) = entity.split_once(';') else { return false };
        if !number.parse::<u32>().is_ok_and(|number| char::from_u32(number).is_some()) {
            return false;
        }
        if !before.chars().all(is_plain) {
            return false;
        }
        rest = after;
    }
    rest.chars().all(is_plain)
}

fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || " -_.,/()".contains(character)
}

/// Returns what a line of a chart is, with its label taken out; none for what no chart of ours has.
fn shape(line: &str) -> Option<String> {
    let line = line.trim_start();
    if line.contains('"') {
        let (before, rest) = line.split_once("[\"")?;
        let (label, after) = rest.split_once("\"]")?;
        return is_tame(label).then(|| format!("{before}[]{after}"));
    }
    let known = line == "flowchart LR" || line == "end" || line.starts_with("classDef ");
    let edge = line.split_once(" --> ").is_some_and(|(one, other)| {
        [one, other].iter().all(|end| end.strip_prefix('s').is_some_and(|n| n.parse::<usize>().is_ok()))
    });
    (known || edge).then(|| line.to_owned())
}

#[test]
fn a_large_chart_is_cut_and_keeps_what_goes() {
    let document = large(2_000, 40);
    let chart = shown(&document);
    assert!(chart.len() < 50_000, "{} characters", chart.len());
    assert!(chart.lines().filter(|line| line.contains(" --> ")).count() <= 500);
    let takes = document.steps.iter().filter(|step| step.deed.effect == Effect::Takes).count();
    assert_eq!(chart.matches(":::takes").count(), takes);
    let drawn = chart.lines().filter(|line| line.contains(":::")).count();
    assert!(chart.contains(&format!("{} more steps are left out here", 2_000 - drawn)), "{drawn} drawn");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_breaks_a_chart(names in prop::collection::vec(any_name(), 1..12)) {
        let chart = shown(&called(&names));
        let tame = shown(&called(&["tame".to_owned()]));
        let nodes = |chart: &str| chart.lines().filter(|line| line.contains(":::")).count();
        for line in chart.lines() {
            prop_assert!(shape(line).is_some(), "{:?}", line);
        }
        prop_assert_eq!(nodes(&chart), nodes(&tame));
    }
}
