//! The Python agent is switched off and this one on, with the configuration unchanged.

use agent::sandbox::System;
use serde_json::json;

use crate::town::{OLD_ROLE, Town, act, kinds, left_by_the_python_agent};

const NOTEBOOKS: &str = "Galaxy survey notebooks";

/// The town of the demo as the Python agent left it.
async fn left() -> Town {
    let mut town = Town::story();
    town.converge().await;
    left_by_the_python_agent(&town, |_| {})
}

fn members(town: &Town) -> Vec<(String, serde_json::Value)> {
    let groups = town.groups().into_iter();
    groups.map(|group| (group["id"].as_str().unwrap().to_owned(), group["members"].clone())).collect()
}

fn bindings(town: &Town) -> Vec<serde_json::Value> {
    let snapshot = town.sandbox.snapshot_of(System::Rancher);
    let rows = snapshot["bindings"].as_array().unwrap().iter();
    rows.map(|row| json!([row["id"], row["roleTemplateId"], row["groupPrincipalId"], row["removed"]]))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_site_that_moves_over_is_adopted_and_nobody_gains_or_loses_anything() {
    let mut town = left().await;
    let before = (members(&town), bindings(&town));
    let cycle = town.cycle().await;
    let kinds = kinds(cycle.verdict.admitted.steps());
    assert!(kinds.len() == 10 && kinds.iter().all(|kind| kind.starts_with("adopt-")), "{kinds:?}");
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    assert!(cycle.verdict.admitted.losses().is_empty() && cycle.verdict.admitted.gains().is_empty());
    assert_eq!((members(&town), bindings(&town)), before);
    town.converge().await;
    assert_eq!(members(&town), before.0, "nothing differed from what Waldur says");
    town.must_be_right();
    assert_eq!(town.project_of(NOTEBOOKS)["annotations"]["waldur/role"], OLD_ROLE);
    town.restart();
    assert_eq!(town.converge().await, 0, "what was adopted is known again");
}

#[tokio::test(start_paused = true)]
async fn whoever_the_python_agent_forgot_goes_once_the_group_is_ours() {
    let mut town = Town::story();
    town.converge().await;
    town.leaves("ada.lindqvist", "Galaxy survey");
    let mut town = left_by_the_python_agent(&town, |_| {});
    let first = town.cycle().await;
    assert!(kinds(first.verdict.admitted.steps()).iter().all(|kind| kind.starts_with("adopt-")));
    let second = town.cycle().await;
    assert!(kinds(second.verdict.admitted.steps()).contains(&"remove-member".to_owned()));
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn an_adoption_that_is_cut_off_anywhere_is_finished_by_the_next_cycles() {
    let whole = left().await;
    let mut reference = left_by_the_python_agent(&whole, |_| {});
    reference.converge().await;
    for call in [1, 2, 3, 5, 8, 11] {
        for system in ["rancher", "keycloak"] {
            let mut town = left_by_the_python_agent(&whole, |_| {});
            town.fault(&format!("{system} PUT * #{call} reset-after"));
            town.cycle().await;
            town.restart();
            town.converge().await;
            town.must_be_right();
            assert_eq!(members(&town), members(&reference), "{system} {call}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slug_that_changes_after_the_move_orphans_nobody() {
    let mut town = left().await;
    town.converge().await;
    let before = members(&town);
    let uuid = town.uuid("projects", "Galaxy survey");
    town.meddle(act("waldur", "set-project", json!({ "uuid": uuid, "set": { "slug": "renamed" } })));
    let cycle = town.cycle().await;
    let kinds = kinds(cycle.verdict.admitted.steps());
    assert!(kinds.iter().all(|kind| kind == "update-project"), "{kinds:?}");
    assert_eq!(members(&town), before);
    town.must_be_right();
}
