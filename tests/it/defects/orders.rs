//! Orders, namespaces and quotas: D6, D11, D17, D25, D27.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use std::time::Duration;

use agent::sandbox::System;
use serde_json::json;

use crate::town::{Town, act, kinds};

const NEW: &str = "Dark matter";
const NOTEBOOKS: &str = "Galaxy survey notebooks";

async fn converged() -> Town {
    let mut town = Town::story();
    town.converge().await;
    town
}

fn projects(town: &Town) -> usize {
    let snapshot = town.sandbox.snapshot_of(System::Rancher);
    snapshot["projects"].as_array().unwrap().iter().filter(|row| row["removed"].is_null()).count()
}

#[tokio::test(start_paused = true)]
async fn d6_a_quota_that_fails_leaves_the_order_open() {
    let mut town = converged().await;
    town.orders_limits(NOTEBOOKS, json!({ "cpu": 40, "memory": 80, "storage": 200 }));
    town.fault("rancher PUT /v3/projects/* #1..3 status 500");
    let cycle = town.cycle().await;
    assert!(!cycle.applied.is_complete());
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "executing");
    town.sandbox.clear_faults();
    town.cycle().await;
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
    assert_eq!(town.project_of(NOTEBOOKS)["resourceQuota"]["limit"]["limitsCpu"], "40");
}

#[tokio::test(start_paused = true)]
async fn d11_a_project_that_cannot_be_read_is_not_made_a_second_time() {
    let mut town = converged().await;
    town.orders(NEW, "Sea ice", json!({ "cpu": 4, "memory": 8 }));
    // It was made, and its answer was lost; then Rancher answers nothing but errors.
    town.fault("rancher POST /v3/projects #1 reset-after");
    town.cycle().await;
    town.sandbox.clear_faults();
    let made = projects(&town);
    town.fault("rancher GET /v3/projects* status 500");
    town.cycle().await;
    assert_eq!(projects(&town), made);
    assert_ne!(town.order_of(NEW)["state"], "erred");
    town.sandbox.clear_faults();
    town.converge().await;
    assert_eq!(projects(&town), made);
    assert_eq!(town.order_of(NEW)["state"], "done");
    assert_eq!(town.resource(NEW)["backend_id"], town.project_of(NEW)["id"]);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn d17_a_namespace_that_somebody_made_is_within_the_bought_quota() {
    let town = converged().await;
    let project = town.project_of(NOTEBOOKS);
    // The limit holds for the project: whatever namespaces there are share it.
    assert_eq!(project["resourceQuota"]["limit"]["limitsCpu"], "8");
    assert_eq!(project["namespaceDefaultResourceQuota"]["limit"]["limitsCpu"], "8");
}

#[tokio::test(start_paused = true)]
async fn d25_an_end_of_what_is_gone_already_is_completed() {
    let mut town = converged().await;
    let id = town.project_of(NOTEBOOKS)["id"].clone();
    town.orders_the_end_of(NOTEBOOKS);
    town.meddle(act("rancher", "delete-project", json!({ "id": id })));
    town.settle().await;
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["take-order", "complete-order"]);
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
}

#[tokio::test(start_paused = true)]
async fn d25_an_end_with_keycloak_down_leaves_no_group_behind() {
    let mut town = converged().await;
    for resource in [NOTEBOOKS, "Galaxy survey pipeline"] {
        town.orders_the_end_of(resource);
    }
    town.fault("keycloak * ** status 503");
    town.cycle().await;
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "done", "Keycloak neither fails nor keeps an order");
    town.sandbox.clear_faults();
    town.wait(Duration::from_mins(20)).await;
    town.cycle().await;
    assert!(town.group_of("Galaxy survey").is_some(), "it is noted as empty first");
    town.wait(Duration::from_mins(11)).await;
    town.cycle().await;
    assert!(town.group_of("Galaxy survey").is_none());
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn d27_more_orders_than_a_page_are_all_carried_out() {
    let mut town = converged().await;
    for number in 0..12 {
        town.orders(&format!("Order {number}"), "Sea ice", json!({ "cpu": 1, "memory": 1 }));
    }
    town.cycle().await;
    for number in 0..12 {
        assert_eq!(town.order_of(&format!("Order {number}"))["state"], "done");
    }
    town.must_be_right();
}
