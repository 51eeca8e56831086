//! People come and go; teams become empty and come back.

use std::time::Duration;

use agent::model::world::Memory;
use agent::sandbox::System;
use serde_json::json;

use crate::town::{Town, act, kinds};

#[tokio::test(start_paused = true)]
async fn from_nothing_everybody_gets_what_waldur_says() {
    let mut town = Town::story();
    assert!(town.judge().have.is_empty());
    assert!(town.judge().wanted.len() > 10, "the story has people");
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    assert!(cycle.troubles.is_empty());
    town.must_be_right();
    assert_eq!(town.groups().len(), 3, "a parent and two teams");
}

#[tokio::test(start_paused = true)]
async fn a_second_run_writes_nothing() {
    let mut town = Town::story();
    town.cycle().await;
    town.mark();
    let decision = town.look().await;
    assert_eq!(decision.kinds(), [""; 0], "{}", decision.text());
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_restarted_agent_writes_nothing_either() {
    let mut town = Town::story();
    town.cycle().await;
    town.mark();
    town.restart();
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn who_joins_a_team_gets_in_with_one_write() {
    let mut town = Town::story();
    town.converge().await;
    town.joins("jaan.tamm", "Galaxy survey");
    town.mark();
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["add-member"]);
    assert_eq!(town.writes(), [0, 0, 1]);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn who_leaves_a_team_is_out_with_one_write_and_stays_in_the_other() {
    let mut town = Town::story();
    town.converge().await;
    town.leaves("chidi.okafor", "Galaxy survey");
    town.mark();
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["remove-member"]);
    assert_eq!(town.writes(), [0, 0, 1]);
    town.must_be_right();
    let sea_ice = ("Sea ice portal".to_owned(), "chidi.okafor".to_owned());
    assert!(town.judge().have.contains(&sea_ice));
}

#[tokio::test(start_paused = true)]
async fn who_has_another_role_left_stays() {
    let mut town = Town::story();
    town.joins("ada.lindqvist", "Galaxy survey");
    town.converge().await;
    let (project, user) = (town.uuid("projects", "Galaxy survey"), town.uuid("users", "ada.lindqvist"));
    let fields = json!({ "project_uuid": project, "user_uuid": user, "role": "PROJECT.MEMBER" });
    town.meddle(act("waldur", "leave-project", fields));
    town.mark();
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_expires_takes_access_away_at_its_hour() {
    let mut town = Town::story();
    let (project, user) = (town.uuid("projects", "Galaxy survey"), town.uuid("users", "jaan.tamm"));
    let end = "2026-11-23T12:00:00Z";
    let fields = json!({ "project_uuid": project, "user_uuid": user, "role": "PROJECT.MEMBER", "expiration_time": end });
    town.meddle(act("waldur", "join-project", fields));
    town.converge().await;
    town.must_be_right();
    let pair = ("Galaxy survey pipeline".to_owned(), "jaan.tamm".to_owned());
    assert!(town.judge().have.contains(&pair));
    town.wait(Duration::from_hours(5)).await;
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["remove-member"]);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_stray_is_held_while_somebody_in_the_team_is_unknown() {
    let mut town = Town::story();
    town.converge().await;
    town.account("mallory");
    town.sneaks_into("mallory", "Sea ice");
    town.sneaks_into("mallory", "Galaxy survey");
    let cycle = town.cycle().await;
    // Zofia is in the galaxy survey and has never logged in: mallory might be her.
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["remove-member"]);
    let have = town.judge().have;
    assert!(have.contains(&("Galaxy survey pipeline".to_owned(), "mallory".to_owned())));
    assert!(!have.contains(&("Sea ice portal".to_owned(), "mallory".to_owned())));
    town.account("zofia.nowak");
    town.cycle().await;
    town.converge().await;
    town.must_be_right();
}

/// Empties the team of the galaxy survey, which is more than the budget would let go at once.
fn empty(town: &mut Town) {
    town.config.policy.budget.people = 100;
    for user in ["ada.lindqvist", "bruno.costa", "chidi.okafor", "zofia.nowak"] {
        town.leaves(user, "Galaxy survey");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_team_is_marked_then_waited_for_then_taken_down() {
    let mut town = Town::story();
    town.converge().await;
    empty(&mut town);
    let cycle = town.cycle().await;
    let did = kinds(cycle.verdict.admitted.steps());
    assert_eq!(did, ["remove-member", "remove-member", "remove-member", "mark-empty"]);
    town.must_be_right();
    assert_eq!(town.bindings_of("Galaxy survey pipeline").len(), 1, "the binding waits");

    town.mark();
    town.wait(Duration::from_mins(9)).await;
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0], "within the grace");

    town.wait(Duration::from_mins(2)).await;
    let cycle = town.cycle().await;
    // Waldur shows the group of both of its resources no more.
    let taken_down = ["unbind", "set-metadata", "refresh-last-sync"];
    let expected = [&["delete-group"][..], &taken_down, &taken_down].concat();
    assert_eq!(kinds(cycle.verdict.admitted.steps()), expected);
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    assert!(town.group_of("Galaxy survey").is_none());
    assert!(town.bindings_of("Galaxy survey pipeline").is_empty());
    assert_eq!(town.converge().await, 0);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn the_parent_goes_with_its_last_child_and_comes_back_with_the_first() {
    let mut town = Town::story();
    town.converge().await;
    empty(&mut town);
    for user in ["elif.demir", "chidi.okafor", "jaan.tamm", "mei.tanaka"] {
        town.leaves(user, "Sea ice");
    }
    town.cycle().await;
    assert_eq!(town.groups().len(), 3, "marked");
    town.wait(Duration::from_mins(11)).await;
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    assert_eq!(town.groups(), Vec::<serde_json::Value>::new(), "{}", town.look().await.text());

    town.joins("ada.lindqvist", "Galaxy survey");
    town.converge().await;
    assert_eq!(town.groups().len(), 2);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_team_that_comes_back_within_the_grace_keeps_its_group() {
    let mut town = Town::story();
    town.converge().await;
    let before = town.group_of("Galaxy survey").unwrap()["id"].clone();
    empty(&mut town);
    town.cycle().await;
    town.joins("ada.lindqvist", "Galaxy survey");
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["clear-empty", "add-member"]);
    let group = town.group_of("Galaxy survey").unwrap();
    assert_eq!(group["id"], before);
    assert_eq!(group["attributes"].get("waldur_empty_since"), None);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn who_has_not_agreed_to_the_terms_gets_nothing() {
    let mut town = Town::story();
    let offering = town.uuid("offerings", "Kubernetes projects");
    let user = town.uuid("users", "bruno.costa");
    let consent = |given| {
        act("waldur", "set-consent", json!({ "offering_uuid": offering, "user_uuid": user, "given": given }))
    };
    town.meddle(consent(false));
    town.converge().await;
    town.must_be_right();
    // The bulk list names him and `team` does not: asking again and again must not flap.
    town.mark();
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
    town.meddle(consent(true));
    town.converge().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn consent_that_is_withdrawn_is_found_in_turn() {
    let mut town = Town::story();
    town.converge().await;
    let offering = town.uuid("offerings", "Kubernetes projects");
    let user = town.uuid("users", "bruno.costa");
    let fields = json!({ "offering_uuid": offering, "user_uuid": user, "given": false });
    town.meddle(act("waldur", "set-consent", fields));
    // The bulk list still equals the group; two teams have their turn one after the other.
    town.cycle().await;
    town.cycle().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn consent_that_is_withdrawn_is_found_by_runs_that_remember_nothing() {
    let mut town = Town::story();
    town.converge().await;
    let offering = town.uuid("offerings", "Kubernetes projects");
    let user = town.uuid("users", "bruno.costa");
    let fields = json!({ "offering_uuid": offering, "user_uuid": user, "given": false });
    town.meddle(act("waldur", "set-consent", fields));
    for _ in 0..12 {
        town.memory = Memory::default();
        town.wait(Duration::from_secs(301)).await;
        town.cycle().await;
    }
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_team_that_the_bulk_list_leaves_out_is_asked_for_by_name() {
    let mut town = Town::story();
    let offering = town.uuid("offerings", "Kubernetes projects");
    town.converge().await;
    town.meddle(act("waldur", "set-offering", json!({ "uuid": offering, "set": { "shared": false } })));
    town.mark();
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0], "nobody loses anything");
    town.must_be_right();
    town.joins("jaan.tamm", "Galaxy survey");
    town.leaves("bruno.costa", "Galaxy survey");
    town.converge().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_private_offering_converges_from_nothing() {
    let mut town = Town::story_with(|seed| seed.waldur.offerings[0].shared = false);
    town.converge().await;
    assert!(!town.judge().have.is_empty());
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn many_losses_at_once_are_held_and_then_go_hour_by_hour() {
    let mut town = Town::generated(4, 9);
    town.converge().await;
    town.must_be_right();
    let before = town.judge().have.len();
    let snapshot = town.sandbox.snapshot_of(System::Waldur);
    for project in snapshot["projects"].as_array().unwrap() {
        for grant in project["grants"].as_array().unwrap().iter().skip(2) {
            let fields = json!({ "project_uuid": project["uuid"], "user_uuid": grant["user_uuid"] });
            town.meddle(act("waldur", "leave-project", fields));
        }
    }
    let cycle = town.cycle().await;
    assert!(!cycle.verdict.held.is_empty());
    assert_eq!(town.judge().have.len(), before, "over the budget nobody goes");
    let decision = town.look().await;
    let release = decision.verdict.release.clone().unwrap();
    let verdict =
        agent::plan::guard::guard(&decision.plan, &decision.seen.world, town.policy(), Some(&release))
            .unwrap();
    town.apply(&crate::town::Decision { verdict, ..decision }).await;
    town.must_be_right();
}
