//! The servers that there are: every version and dialect, tokens that end, and real sockets.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use agent::sandbox::waldur::Dialect;
use agent::sandbox::{Seed, serve};
use serde_json::json;

use crate::town::{Town, act, realm};

/// Goes once through a life: from nothing, a joiner, a leaver, drift, and nothing more to do.
async fn live(mut town: Town, on: &str) {
    town.converge().await;
    town.must_be_right();
    town.joins("jaan.tamm", "Galaxy survey");
    town.leaves("mei.tanaka", "Sea ice");
    let binding = town.bindings_of("Sea ice portal").pop().unwrap();
    town.meddle(act("rancher", "delete-binding", json!({ "id": binding })));
    town.set_resource("Sea ice forecasts", json!({ "limits": { "cpu": 6, "memory": 20, "storage": 1 } }));
    town.cycle().await;
    town.must_be_right();
    town.mark();
    let decision = town.look().await;
    assert!(decision.verdict.admitted.steps().is_empty(), "{on}: {}", decision.text());
    assert!(!decision.plan.is_blind_somewhere(), "{on}: {}", decision.text());
    assert!(!decision.plan.is_held_somewhere(), "{on}: {}", decision.text());
    assert_eq!(town.writes(), [0, 0, 0], "{on}");
}

#[tokio::test(start_paused = true)]
async fn waldur_of_2024_and_of_2026() {
    for dialect in [Dialect::Y2024, Dialect::Y2026] {
        live(Town::story_with(|seed| seed.waldur.dialect = dialect), &format!("{dialect:?}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn rancher_from_2_11_to_2_16() {
    for version in ["v2.11.3", "v2.12.1", "v2.13.0", "v2.14.4", "v2.15.0", "v2.16.0"] {
        live(Town::story_with(|seed| seed.rancher.version = version.to_owned()), version).await;
    }
}

#[tokio::test(start_paused = true)]
async fn keycloak_from_22_to_26() {
    for version in ["22.0.5", "23.0.1", "24.0.5", "25.0.0", "26.0.0", "26.4.0", "26.7.1"] {
        live(Town::story_with(|seed| seed.keycloak.version = version.to_owned()), version).await;
    }
}

#[tokio::test(start_paused = true)]
async fn keycloak_below_a_path() {
    live(Town::story_with(|seed| seed.keycloak.relative_path = "/auth".to_owned()), "/auth").await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_rancher_is_waited_for() {
    let slow = |seed: &mut Seed| {
        seed.rancher.timing.ready_after_ms = 20_000;
        seed.rancher.timing.removed_after_ms = 5_000;
    };
    live(Town::story_with(slow), "slow").await;
}

#[tokio::test(start_paused = true)]
async fn access_tokens_that_end_within_a_cycle_are_renewed() {
    let mut town = Town::story_with(|seed| seed.keycloak.realms[0].access_token_lifespan = 5);
    town.sandbox.set_latency(Duration::from_millis(1500));
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    town.must_be_right();
    let logins = town.sandbox.journal().iter().filter(|it| it.path.ends_with("/token")).count();
    assert!(logins > 2, "{logins} logins");
}

#[tokio::test(start_paused = true)]
async fn tokens_that_are_taken_back_are_asked_for_anew() {
    let mut town = Town::story();
    town.converge().await;
    town.meddle(act("keycloak", "revoke-tokens", json!({ "realm": realm() })));
    town.joins("jaan.tamm", "Galaxy survey");
    town.cycle().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_locked_role_is_held_until_it_is_unlocked() {
    let mut town = Town::story();
    let lock = |locked| act("rancher", "lock-role", json!({ "id": "project-member", "locked": locked }));
    town.meddle(lock(true));
    town.cycle().await;
    let decision = town.look().await;
    assert!(decision.text().contains("project-member is locked"), "{}", decision.text());
    assert!(town.judge().have.is_empty());
    town.meddle(lock(false));
    town.converge().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_cannot_be_reached_gets_what_it_can_and_the_rest_later() {
    let mut town = Town::story();
    let cluster = town.sandbox.snapshot()["rancher"]["clusters"][0]["id"].clone();
    let reach = |reachable| {
        act("rancher", "set-cluster-reachable", json!({ "cluster_id": cluster, "reachable": reachable }))
    };
    town.meddle(reach(false));
    for _ in 0..2 {
        town.cycle().await;
        assert_eq!(town.judge().defects.iter().filter(|it| it.contains("projects")).count(), 0);
    }
    town.meddle(reach(true));
    town.converge().await;
    town.must_be_right();
}

/// A town behind sockets. Real time: nothing here waits for long.
async fn behind_sockets() -> (Town, agent::sandbox::Running) {
    let mut town = Town::story();
    let running = serve(town.sandbox.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.unwrap();
    town.connect_to(&running);
    (town, running)
}

#[tokio::test]
async fn over_sockets_it_converges_and_repairs_as_well() {
    let (mut town, running) = behind_sockets().await;
    town.converge().await;
    town.must_be_right();
    town.joins("jaan.tamm", "Galaxy survey");
    town.leaves("mei.tanaka", "Sea ice");
    town.cycle().await;
    town.must_be_right();
    running.stop().await.unwrap();
}

#[tokio::test]
async fn over_sockets_broken_connections_make_nothing_twice() {
    let (mut town, running) = behind_sockets().await;
    town.fault("rancher POST /v3/projects #1 reset-after");
    town.fault("keycloak POST /admin/** #2 reset-after");
    town.fault("rancher POST /v3/projectroletemplatebindings #2 reset-after");
    town.fault("* GET ** 5% seed 3 reset-before");
    town.cycle().await;
    town.sandbox.clear_faults();
    town.converge().await;
    town.must_be_right();
    running.stop().await.unwrap();
}
