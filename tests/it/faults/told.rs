//! Single faults, and what exactly becomes of them.

use std::time::Duration;

use agent::apply::Outcome;
use agent::sandbox::System;
use serde_json::json;

use crate::town::{Town, act, kinds};

fn posts_of_projects(town: &Town) -> usize {
    let journal = town.sandbox.journal();
    journal.iter().filter(|it| it.method.as_str() == "POST" && it.path.starts_with("/v3/projects")).count()
}

fn projects(town: &Town) -> usize {
    let snapshot = town.sandbox.snapshot_of(System::Rancher);
    let ours = |row: &&serde_json::Value| row["annotations"]["waldur/managed"] == "true";
    snapshot["projects"].as_array().into_iter().flatten().filter(ours).count()
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_project_makes_no_second_one() {
    for lost in ["reset-after", "hang-after", "truncate", "empty", "status 504"] {
        let mut town = Town::story();
        town.fault(&format!("rancher POST /v3/projects* #1..2 {lost}"));
        town.cycle().await;
        assert!(posts_of_projects(&town) <= 4, "{lost}: each is asked for once");
        town.sandbox.clear_faults();
        town.cycle().await;
        town.cycle().await;
        assert_eq!(projects(&town), 4, "{lost}");
        town.must_be_right();
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_project_is_looked_for_in_the_same_cycle() {
    let mut town = Town::story();
    town.fault("rancher POST /v3/projects* #1 reset-after");
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    assert_eq!(cycle.applied.outcomes.iter().filter(|it| **it == Outcome::AlreadySo).count(), 1);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn with_keycloak_down_rancher_goes_on() {
    let mut town = Town::story();
    town.converge().await;
    town.fault("keycloak * ** status 503");
    let binding = town.bindings_of("Sea ice portal").pop();
    let id = town.project_of("Galaxy survey pipeline")["id"].clone();
    town.meddle(act("rancher", "set-description", json!({ "project_id": id, "description": "mine" })));
    town.set_resource(
        "Galaxy survey notebooks",
        json!({ "limits": { "cpu": 6, "memory": 6, "storage": 6 } }),
    );
    town.leaves("mei.tanaka", "Sea ice");
    town.mark();
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["set-quota", "update-project"]);
    assert!(cycle.applied.is_complete());
    assert_eq!(cycle.troubles.len(), 1);
    assert_eq!(
        town.bindings_of("Sea ice portal").pop(),
        binding,
        "nothing that rests on Keycloak is touched"
    );
    town.sandbox.clear_faults();
    town.cycle().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn with_keycloak_down_new_projects_are_made_and_bound_later() {
    let mut town = Town::story();
    town.fault("keycloak * ** reset-before");
    town.cycle().await;
    assert_eq!(projects(&town), 4);
    assert!(town.judge().have.is_empty());
    town.sandbox.clear_faults();
    town.converge().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn with_rancher_down_people_come_and_nobody_goes() {
    let mut town = Town::story();
    town.converge().await;
    town.fault("rancher * ** status 502 html");
    town.joins("jaan.tamm", "Galaxy survey");
    town.leaves("mei.tanaka", "Sea ice");
    town.mark();
    let cycle = town.cycle().await;
    // Without Rancher's bindings nobody knows whether the group is used by others as well.
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["add-member"]);
    assert_eq!(town.writes(), [0, 0, 1]);
    town.sandbox.clear_faults();
    town.cycle().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn with_waldur_down_nothing_is_done_at_all() {
    for fault in ["status 503", "html", "unauthorized", "hang", "truncate", "reset-before"] {
        let mut town = Town::story();
        town.converge().await;
        town.account("mallory");
        town.sneaks_into("mallory", "Sea ice");
        town.leaves("mei.tanaka", "Sea ice");
        town.fault(&format!("waldur * ** {fault}"));
        town.mark();
        let cycle = town.cycle().await;
        assert_eq!(town.writes(), [0, 0, 0], "{fault}");
        assert!(!cycle.troubles.is_empty() && cycle.plan.is_blind_somewhere(), "{fault}");
        town.sandbox.clear_faults();
        town.converge().await;
        town.must_be_right();
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_too_often_waits_as_long_as_told() {
    let mut town = Town::story();
    town.converge().await;
    town.joins("jaan.tamm", "Galaxy survey");
    town.fault("keycloak PUT ** #1..2 status 429 retry-after 20");
    let begun = town.sandbox.clock().now();
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    let took = town.sandbox.clock().now().duration_since(begun);
    assert!(took.as_secs() >= 40, "{took}");
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_wait_for_an_hour_comes_back_with_the_next_cycle() {
    let mut town = Town::story();
    town.converge().await;
    town.joins("jaan.tamm", "Galaxy survey");
    town.fault("keycloak PUT ** #1 status 429 retry-after 3600");
    let begun = town.sandbox.clock().now();
    let cycle = town.cycle().await;
    assert!(!cycle.applied.is_complete());
    assert!(town.sandbox.clock().now().duration_since(begun).as_secs() < 60);
    town.cycle().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_list_with_every_row_twice_is_not_believed_to_be_everything() {
    // What a removal rests on: the team, and who is known to the offering.
    for list in ["waldur GET /api/marketplace-offering-users/", "waldur GET /api/**/team/"] {
        let mut town = Town::story();
        town.converge().await;
        let before = town.judge().have;
        town.leaves("mei.tanaka", "Sea ice");
        town.fault(&format!("{list} duplicate-rows"));
        let cycle = town.cycle().await;
        assert!(cycle.plan.is_blind_somewhere(), "{list}");
        assert_eq!(before, town.judge().have, "{list}");
        town.sandbox.clear_faults();
        town.cycle().await;
        town.must_be_right();
    }
}

#[tokio::test(start_paused = true)]
async fn half_a_list_takes_nobody_out_and_makes_nothing() {
    for list in [
        "waldur GET /api/marketplace-provider-resources/",
        "waldur GET /api/marketplace-offering-users/",
        "waldur GET /api/**/team/",
        "rancher GET /v3/projectroletemplatebindings",
        "keycloak GET /admin/realms/*/groups",
        "keycloak GET /admin/**/members",
    ] {
        let mut town = Town::story();
        town.converge().await;
        town.leaves("mei.tanaka", "Sea ice");
        town.fault(&format!("{list} truncate"));
        town.mark();
        town.cycle().await;
        assert_eq!(town.writes(), [0, 0, 0], "{list}");
        town.sandbox.clear_faults();
        town.cycle().await;
        town.must_be_right();
    }
}

#[tokio::test(start_paused = true)]
async fn half_a_list_of_projects_makes_none() {
    let mut town = Town::story();
    town.converge().await;
    let id = town.project_of("Sea ice portal")["id"].clone();
    town.meddle(act("rancher", "delete-project", json!({ "id": id })));
    town.settle().await;
    for spoiled in ["truncate", "html", "empty", "duplicate-rows"] {
        town.fault(&format!("rancher GET /v3/projects {spoiled}"));
        town.mark();
        if spoiled != "duplicate-rows" {
            town.cycle().await;
            assert_eq!(town.writes()[1], 0, "{spoiled}");
        }
        town.sandbox.clear_faults();
    }
    town.cycle().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_holds_the_cycle_for_a_bounded_time() {
    for system in ["waldur", "rancher", "keycloak"] {
        let mut town = Town::story();
        town.converge().await;
        town.leaves("mei.tanaka", "Sea ice");
        town.fault(&format!("{system} * ** hang"));
        let begun = town.sandbox.clock().now();
        town.cycle().await;
        let took = town.sandbox.clock().now().duration_since(begun);
        assert!(took.as_secs() < 15 * 60, "{system}: {took}");
        town.sandbox.clear_faults();
        town.wait(Duration::from_mins(1)).await;
        town.cycle().await;
        town.must_be_right();
    }
}
