//! Credentials that see or may do less than they should: lists that are cut without a word lead to no removal and to
//! nothing made twice.

use agent::sandbox::{Credentials, System};
use agent::systems::TroubleKind;
use serde_json::json;

use crate::town::{Town, act, realm};

#[tokio::test(start_paused = true)]
async fn a_rancher_key_that_sees_no_project_makes_none_a_second_time() {
    let mut town = Town::story();
    town.converge().await;
    // The same site, and a key that was restricted meanwhile.
    let mut blind = crate::town::reopened(&town, |seed| {
        seed.rancher.tokens[0].visible_projects = Some([].into());
    });
    blind.must_be_right();
    blind.mark();
    let decision = blind.look().await;
    assert!(decision.plan.is_blind_somewhere(), "{}", decision.text());
    blind.cycle().await;
    assert_eq!(blind.writes(), [0, 0, 0], "{}", decision.text());
    blind.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_rancher_key_that_sees_some_projects_removes_nothing_and_makes_nothing() {
    let mut town = Town::story();
    town.converge().await;
    let seen = town.project_of("Sea ice portal")["id"].as_str().unwrap().to_owned();
    let mut partly = crate::town::reopened(&town, |seed| {
        seed.rancher.tokens[0].visible_projects = Some([seen].into());
    });
    partly.leaves("mei.tanaka", "Sea ice");
    partly.joins("jaan.tamm", "Galaxy survey");
    partly.mark();
    partly.cycle().await;
    assert_eq!(partly.writes()[1], 0, "nothing is made in Rancher");
    assert!(partly.judge().defects.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_key_of_one_cluster_only_is_the_operators_to_mend() {
    let mut town = Town::story_with(|seed| {
        seed.rancher.tokens[0].cluster_id = Some(seed.rancher.clusters[0].id.clone());
    });
    let cycle = town.cycle().await;
    let trouble: Vec<_> = cycle.troubles.iter().collect();
    assert_eq!(trouble.len(), 1, "{trouble:?}");
    assert_eq!(trouble[0].kind, TroubleKind::Credentials);
    assert_eq!(town.writes()[1], 0);
    assert!(town.judge().have.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_keycloak_account_that_may_only_query_makes_and_removes_nothing() {
    for roles in [vec!["query-groups"], vec!["query-groups", "query-users"], vec!["view-users"]] {
        let mut town = Town::story();
        town.converge().await;
        let user = format!("service-account-{}", Credentials::SANDBOX.keycloak_client_id);
        let fields = json!({ "realm": realm(), "username": user, "roles": roles });
        town.meddle(act("keycloak", "set-user-roles", fields));
        town.joins("jaan.tamm", "Galaxy survey");
        town.leaves("mei.tanaka", "Sea ice");
        let before = town.sandbox.snapshot_of(System::Keycloak)["realms"][realm()]["groups"].clone();
        let decision = town.look().await;
        let cycle = town.cycle().await;
        assert_eq!(
            town.sandbox.snapshot_of(System::Keycloak)["realms"][realm()]["groups"],
            before,
            "{roles:?}"
        );
        let told =
            decision.plan.is_blind_somewhere() || !cycle.applied.is_complete() || !cycle.troubles.is_empty();
        assert!(told, "{roles:?}: {}", decision.text());
        let fields = json!({ "realm": realm(), "username": user, "roles": ["manage-users"] });
        town.meddle(act("keycloak", "set-user-roles", fields));
        town.converge().await;
        town.must_be_right();
    }
}

#[tokio::test(start_paused = true)]
async fn a_waldur_token_without_rights_takes_nothing_away() {
    let mut town = Town::story();
    town.converge().await;
    let mut outside = crate::town::reopened(&town, |seed| {
        seed.waldur.tokens[0].role = agent::sandbox::waldur::TokenRole::Outsider;
    });
    let before = outside.judge().have;
    outside.mark();
    let cycle = outside.cycle().await;
    assert_eq!(outside.writes(), [0, 0, 0]);
    assert_eq!(outside.judge().have, before);
    assert!(!cycle.troubles.is_empty() || cycle.plan.is_blind_somewhere() || cycle.plan.is_held_somewhere());
}

#[tokio::test(start_paused = true)]
async fn rejected_credentials_of_one_system_leave_the_others_going() {
    let mut town = Town::story();
    town.meddle(act("rancher", "revoke-token", json!({ "name": Credentials::SANDBOX.rancher_access_key })));
    let cycle = town.cycle().await;
    assert!(cycle.troubles.iter().any(|it| it.kind == TroubleKind::Credentials));
    assert_eq!(town.writes(), [0, 0, 0], "without the cluster's identity the groups have no name");
}

#[tokio::test(start_paused = true)]
async fn a_keycloak_account_that_may_only_query_is_told_so_from_the_first_day() {
    let mut town = Town::story_with(|seed| {
        seed.keycloak.realms[0].clients[0].roles = vec!["query-groups".to_owned(), "query-users".to_owned()];
    });
    town.mark();
    let cycle = town.cycle().await;
    assert_eq!(town.writes()[2], 0);
    assert!(cycle.plan.is_blind_somewhere());
    let text = town.look().await.text();
    assert!(text.contains("view-users"), "{text}");
}
