//! What is reported as used: D7, D8, D9, D10, D13, D21, D22.

use agent::sandbox::System;
use serde_json::json;

use crate::town::usage::{amounts, now, sells};
use crate::town::{Town, act};

const NOTEBOOKS: &str = "Galaxy survey notebooks";
const PIPELINE: &str = "Galaxy survey pipeline";

async fn town() -> Town {
    let mut town = Town::story();
    town.converge().await;
    town.namespace(NOTEBOOKS, "work");
    town
}

#[tokio::test(start_paused = true)]
async fn d7_what_could_not_be_read_is_never_reported_as_zero() {
    let town = town().await;
    town.pod("work", "p", json!({ "cpu": "2", "memory": "8Gi" }));
    town.claim("work", "c", "100Gi");
    for fault in [
        "rancher GET /k8s/clusters/*/api/v1/namespaces status 500",
        "rancher GET /k8s/clusters/*/api/v1/pods status 403",
        "rancher GET /k8s/clusters/*/api/v1/persistentvolumeclaims status 403",
    ] {
        town.fault(fault);
        town.tell_usage().await;
        town.sandbox.clear_faults();
        assert!(
            !town.told(NOTEBOOKS).values().any(|amount| amount == "0.00"),
            "{fault}: {:?}",
            town.told(NOTEBOOKS)
        );
    }
    // An amount that cannot be read is not zero either, and keeps only its own project from being reported.
    town.tell_usage().await;
    let before = town.told(NOTEBOOKS);
    town.pod("work", "odd", json!({ "cpu": "a lot", "memory": "1Gi" }));
    town.tell_usage().await;
    assert_eq!(town.told(NOTEBOOKS), before);
    assert_eq!(before, amounts(&[("cpu", "2.00"), ("memory", "8.00"), ("storage", "100.00")]));
}

#[tokio::test(start_paused = true)]
async fn d8_quantities_of_every_form_are_understood() {
    for (written, gibibytes) in [
        ("3221225472", "3.00"),
        ("2Ti", "2048.00"),
        ("5G", "4.66"),
        ("5000M", "4.66"),
        ("5000000k", "4.66"),
        ("5e9", "4.66"),
        ("1e3", "0.00"),
        ("512Mi", "0.50"),
        ("1048576Ki", "1.00"),
        ("1.5Gi", "1.50"),
    ] {
        let town = town().await;
        town.claim("work", "c", written);
        town.pod("work", "p", json!({ "memory": written }));
        town.tell_usage().await;
        let told = town.told(NOTEBOOKS);
        assert_eq!((told["storage"].as_str(), told["memory"].as_str()), (gibibytes, gibibytes), "{written}");
    }
    for (written, cores) in
        [("250m", "0.25"), ("1500000u", "1.50"), ("2500000000n", "2.50"), (".5", "0.50"), ("1e1", "10.00")]
    {
        let town = town().await;
        town.pod("work", "p", json!({ "cpu": written }));
        town.tell_usage().await;
        assert_eq!(town.told(NOTEBOOKS)["cpu"], cores, "{written}");
    }
}

#[tokio::test(start_paused = true)]
async fn d9_several_quotas_with_the_same_keys_change_nothing() {
    let town = town().await;
    // Two of them watch the namespace that this makes.
    town.use_project(NOTEBOOKS);
    town.tell_usage().await;
    assert_eq!(town.told(NOTEBOOKS)["cpu"], "7.50");
}

#[tokio::test(start_paused = true)]
async fn d10_what_shrinks_is_reported_and_keeps_nothing_else_from_growing() {
    let town = town().await;
    town.pod("work", "p", json!({ "cpu": "2", "memory": "4Gi" }));
    town.tell_usage().await;
    assert_eq!(town.told(NOTEBOOKS), amounts(&[("cpu", "2.00"), ("memory", "4.00"), ("storage", "0.00")]));
    town.pod("work", "p", json!({ "cpu": "1", "memory": "9Gi" }));
    town.tell_usage().await;
    assert_eq!(town.told(NOTEBOOKS), amounts(&[("cpu", "1.00"), ("memory", "9.00"), ("storage", "0.00")]));
}

#[tokio::test(start_paused = true)]
async fn d13_an_empty_backend_id_counts_nobody_elses_usage() {
    let town = town().await;
    town.use_project(PIPELINE);
    // The project loses its mark as well, so that nothing says whose it is.
    let id = town.project_of(NOTEBOOKS)["id"].clone();
    for key in ["waldur/offering_uuid", "waldur/resource_uuid", "waldur/managed"] {
        town.meddle(act("rancher", "set-annotation", json!({ "project_id": id, "key": key })));
    }
    for nothing in ["", " "] {
        town.set_resource(NOTEBOOKS, json!({ "backend_id": nothing }));
        town.tell_usage().await;
        assert!(town.told(NOTEBOOKS).is_empty(), "{:?}", town.told(NOTEBOOKS));
    }
    assert_eq!(town.told(PIPELINE)["cpu"], "7.50");
}

#[tokio::test(start_paused = true)]
async fn d21_a_report_asks_nothing_per_person() {
    let town = town().await;
    town.mark();
    let (report, troubles) = town.usage().await;
    assert!(troubles.is_empty() && !report.is_blind_somewhere());
    let asked = |exchange: &agent::sandbox::Exchange| {
        exchange.system == System::Keycloak
            || exchange.path.contains("user")
            || exchange.path.ends_with("/team/")
    };
    let journal = town.sandbox.journal();
    assert!(!journal.iter().any(asked), "{journal:?}");
    assert!(journal.len() < 10, "a handful of lists");
}

#[tokio::test(start_paused = true)]
async fn d22_components_that_waldur_bills_otherwise_are_left_out_and_stop_nothing() {
    let mut town = Town::story_with(|seed| {
        sells(seed, "support", "fixed");
        sells(seed, "setup", "one");
        sells(seed, "move", "few");
        seed.waldur.offerings[0].components.retain(|one| one.component_type != "storage");
    });
    for name in ["support", "setup", "move"] {
        town.component(name, json!({ "kind": "pods" }));
    }
    town.converge().await;
    town.namespace(NOTEBOOKS, "work");
    town.pod("work", "p", json!({ "cpu": "2" }));
    let (report, sendings) = town.tell_usage().await;
    assert_eq!(sendings.len(), 4);
    assert_eq!(town.told(NOTEBOOKS), amounts(&[("cpu", "2.00"), ("memory", "0.00")]));
    assert_eq!(now(&report, NOTEBOOKS).len(), 2);
    let not_sold: Vec<String> = report.offerings[0].not_sold.keys().map(ToString::to_string).collect();
    assert_eq!(not_sold, ["move", "setup", "storage", "support"]);
    assert!(!report.is_blind_somewhere() && !report.is_held_somewhere());
}
