//! Without Keycloak: people are bound as the Rancher users that they are, and change from one way to the other without
//! a gap.

use std::collections::BTreeSet;

use agent::model::policy::KeycloakPolicy;
use agent::sandbox::System;
use serde_json::{Value, json};

use crate::town::judge::Access;
use crate::town::{Town, act, kinds, realm};

/// Everybody in the story.
fn everybody(town: &Town) -> Vec<(String, String)> {
    let users = town.sandbox.snapshot_of(System::Keycloak)["realms"][realm()]["users"].clone();
    let users = users.as_object().unwrap().iter();
    users.map(|(name, user)| (name.clone(), user["id"].as_str().unwrap().to_owned())).collect()
}

/// Somebody logs in to Rancher through Keycloak for the first time.
fn logs_in(town: &Town, username: &str) {
    let (_, id) = everybody(town).into_iter().find(|(name, _)| name == username).unwrap();
    let fields = json!({
        "id": format!("u-{}", username.replace('.', "-")), "username": username, "name": username,
        "principal_ids": [format!("keycloakoidc_user://{id}")],
    });
    town.meddle(act("rancher", "add-user", fields));
}

fn switch_off(town: &mut Town) -> Option<KeycloakPolicy> {
    let offerings = town.config.policy.offerings.values_mut();
    offerings.filter_map(|offering| offering.keycloak.take()).last()
}

fn switch_on(town: &mut Town, keycloak: &KeycloakPolicy) {
    for offering in town.config.policy.offerings.values_mut() {
        offering.keycloak = Some(keycloak.clone());
    }
}

/// The story without Keycloak, in which everybody but `absent` has logged in to Rancher.
fn direct(absent: &[&str]) -> (Town, KeycloakPolicy) {
    let mut town = Town::story();
    let keycloak = switch_off(&mut town).unwrap();
    for (username, _) in everybody(&town).iter().filter(|(name, _)| !absent.contains(&name.as_str())) {
        logs_in(&town, username);
    }
    (town, keycloak)
}

/// Returns who should have access, but for those who never logged in.
fn wanted(town: &Town, absent: &[&str]) -> BTreeSet<Access> {
    town.judge().wanted.into_iter().filter(|(_, who)| !absent.contains(&who.as_str())).collect()
}

/// Returns the bindings of people that carry our mark.
fn marked(town: &Town, field: &str) -> Vec<Value> {
    let bindings = town.sandbox.snapshot_of(System::Rancher)["bindings"].clone();
    let bindings = bindings.as_array().unwrap().iter().filter(|row| row["removed"].is_null());
    let ours =
        bindings.filter(|row| row["annotations"]["waldur/managed"] == "true" && row[field].is_string());
    ours.cloned().collect()
}

#[tokio::test(start_paused = true)]
async fn whoever_has_logged_in_is_bound_and_whoever_has_not_waits() {
    let absent = ["mei.tanaka"];
    let (mut town, _) = direct(&absent);
    town.converge().await;
    assert_eq!(town.judge().have, wanted(&town, &absent));
    assert_eq!(town.judge().defects, Vec::<String>::new());
    assert!(!town.judge().have.is_empty());
    let text = town.look().await.text();
    assert!(text.contains("mei.tanaka is in the team and has not logged in to Rancher yet"), "{text}");
    assert_eq!(town.writes()[2], 0, "nothing is written to Keycloak");
    logs_in(&town, "mei.tanaka");
    town.cycle().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_second_run_and_a_restarted_agent_write_nothing() {
    let (mut town, _) = direct(&[]);
    town.converge().await;
    town.restart();
    town.mark();
    town.cycle().await;
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn whoever_joins_or_leaves_costs_one_write_and_others_hands_are_left_alone() {
    let (mut town, _) = direct(&[]);
    town.converge().await;
    let project = town.project_of("Sea ice portal")["id"].clone();
    let by_hand = json!({ "name": "by-hand", "project_id": project, "role_template_id": "read-only", "user_id": "u-guest" });
    town.meddle(act("rancher", "add-user", json!({ "id": "u-guest", "username": "guest" })));
    town.meddle(act("rancher", "add-binding", by_hand));
    town.leaves("mei.tanaka", "Sea ice");
    town.mark();
    let served = town.bound_to_resources_of("Sea ice");
    let cycle = town.cycle().await;
    let all: BTreeSet<String> = kinds(cycle.verdict.admitted.steps()).into_iter().collect();
    assert_eq!(all, BTreeSet::from(["unbind".to_owned()]));
    assert_eq!(town.writes(), [0, served, 0]);
    town.must_be_right();
    town.joins("mei.tanaka", "Sea ice");
    town.cycle().await;
    town.must_be_right();
    let left = town.sandbox.snapshot_of(System::Rancher)["bindings"].to_string();
    assert!(left.contains("\"by-hand\"") && left.contains("\"creator-"), "{left}");
}

#[tokio::test(start_paused = true)]
async fn restricted_access_takes_every_binding_of_ours_and_gives_it_back() {
    let (mut town, _) = direct(&[]);
    town.converge().await;
    town.set_resource("Sea ice portal", json!({ "restrict_member_access": true }));
    town.cycle().await;
    town.must_be_right();
    town.set_resource("Sea ice portal", json!({ "restrict_member_access": false }));
    town.cycle().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_key_that_may_not_see_users_binds_and_unbinds_nobody() {
    let (mut town, _) = direct(&[]);
    town.converge().await;
    let before = town.judge().have;
    let all = town.sandbox.snapshot_of(System::Rancher)["projects"].clone();
    let all: BTreeSet<String> =
        all.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    let mut blind = crate::town::reopened(&town, |seed| seed.rancher.tokens[0].visible_projects = Some(all));
    switch_off(&mut blind);
    for (username, _) in everybody(&town) {
        logs_in(&blind, &username);
    }
    blind.leaves("mei.tanaka", "Sea ice");
    blind.joins("jaan.tamm", "Galaxy survey");
    blind.mark();
    let cycle = blind.cycle().await;
    assert_eq!(blind.writes(), [0, 0, 0], "{}", blind.look().await.text());
    assert!(cycle.plan.is_blind_somewhere());
    assert_eq!(blind.judge().have, before);
}

#[tokio::test(start_paused = true)]
async fn half_a_list_of_users_unbinds_nobody() {
    for spoiled in ["truncate", "status 503", "html", "empty", "duplicate-rows"] {
        let (mut town, _) = direct(&[]);
        town.converge().await;
        town.leaves("mei.tanaka", "Sea ice");
        town.fault(&format!("rancher GET /v3/users {spoiled}"));
        town.mark();
        town.cycle().await;
        if spoiled != "duplicate-rows" {
            assert_eq!(town.writes(), [0, 0, 0], "{spoiled}");
        }
        town.sandbox.clear_faults();
        town.cycle().await;
        town.must_be_right();
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_who_is_deleted_in_rancher_leaves_nothing_behind() {
    let (mut town, _) = direct(&[]);
    town.converge().await;
    town.leaves("mei.tanaka", "Sea ice");
    town.meddle(act("rancher", "delete-user", json!({ "id": "u-mei-tanaka" })));
    town.converge().await;
    let left = marked(&town, "userId");
    assert!(!left.is_empty() && left.iter().all(|row| row["userId"] != "u-mei-tanaka"), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn keycloak_is_switched_on_and_off_and_nobody_loses_access_meanwhile() {
    let (mut town, keycloak) = direct(&[]);
    town.converge().await;
    town.must_be_right();
    let everything = town.judge().have;
    switch_on(&mut town, &keycloak);
    // While Keycloak's answers fail, what people have stays.
    town.fault("keycloak PUT ** status 500");
    for _ in 0..2 {
        town.cycle().await;
        assert_eq!(town.judge().have, everything);
    }
    town.sandbox.clear_faults();
    town.converge().await;
    town.must_be_right();
    assert_eq!(marked(&town, "userId"), Vec::<Value>::new(), "groups give everything now");
    assert!(!marked(&town, "groupPrincipalId").is_empty());
    switch_off(&mut town);
    let text = town.look().await.text();
    assert!(text.contains("stays bound until everybody in the team is bound directly"), "{text}");
    // The last of the team gets an account and logs in.
    town.account("zofia.nowak");
    logs_in(&town, "zofia.nowak");
    town.fault("rancher POST /v3/projectroletemplatebindings #2 status 500");
    for _ in 0..3 {
        town.cycle().await;
        assert!(everything.is_subset(&town.judge().have));
        town.sandbox.clear_faults();
    }
    town.must_be_right();
    assert_eq!(
        marked(&town, "groupPrincipalId"),
        Vec::<Value>::new(),
        "people have everything themselves now"
    );
}

#[tokio::test(start_paused = true)]
async fn killed_while_people_are_handed_over_it_goes_on_without_a_gap() {
    for number in 1..12 {
        let (mut town, keycloak) = direct(&[]);
        town.converge().await;
        let everything = town.judge().have;
        switch_on(&mut town, &keycloak);
        // Whatever comes after this write is lost.
        town.fault(&format!("* POST /v3/** #{number}.. hang"));
        town.fault(&format!("* PUT ** #{number}.. hang"));
        let decision = town.look().await;
        let run = tokio::time::timeout(std::time::Duration::from_secs(5), town.apply(&decision));
        drop(run.await);
        assert_eq!(town.judge().have, everything, "killed at write {number}");
        town.sandbox.clear_faults();
        town.sandbox.release_hung();
        town.restart();
        town.converge().await;
        town.must_be_right();
    }
}

#[tokio::test(start_paused = true)]
async fn rancher_of_all_versions_binds_people() {
    for version in ["v2.11.3", "v2.14.4", "v2.16.0"] {
        let mut town = Town::story_with(|seed| seed.rancher.version = version.to_owned());
        switch_off(&mut town);
        for (username, _) in everybody(&town) {
            logs_in(&town, &username);
        }
        town.converge().await;
        town.must_be_right();
        town.leaves("mei.tanaka", "Sea ice");
        town.cycle().await;
        town.must_be_right();
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_whose_rancher_is_down_writes_nothing_to_it() {
    let (mut town, _) = direct(&[]);
    town.converge().await;
    let before = town.judge().have;
    town.fault("rancher * ** status 503");
    town.leaves("mei.tanaka", "Sea ice");
    let cycle = town.cycle().await;
    assert!(cycle.verdict.admitted.steps().is_empty() && cycle.plan.is_blind_somewhere());
    assert_eq!(town.judge().have, before);
}

impl Town {
    /// Returns how many resources the Waldur project of this name has that are served.
    fn bound_to_resources_of(&self, project: &str) -> u64 {
        let uuid = self.uuid("projects", project);
        let resources = self.sandbox.snapshot_of(System::Waldur)["resources"].clone();
        let resources = resources.as_array().unwrap().iter();
        let served = resources.filter(|row| row["project_uuid"] == uuid.as_str() && row["state"] == "OK");
        u64::try_from(served.count()).unwrap()
    }
}
