//! What is sent: all components of a resource together, only where something differs, each resource by itself.

use agent::plan::report::Verdict;
use agent::report::Sent;
use agent::sandbox::System;
use serde_json::{Value, json};

use crate::town::Town;
use crate::town::usage::{NOTEBOOKS, amounts, now, of};

const PIPELINE: &str = "Galaxy survey pipeline";

/// Returns the components that Waldur shows at a resource.
fn shown(town: &Town, resource: &str) -> Vec<String> {
    let snapshot = town.sandbox.snapshot_of(System::Waldur);
    let row = snapshot["resources"].as_array().unwrap().iter().find(|row| row["name"] == resource);
    let usages = row.unwrap()["current_usages"].as_object().unwrap().clone();
    usages.keys().cloned().collect()
}

#[tokio::test(start_paused = true)]
async fn a_report_is_sent_once_and_then_only_where_something_differs() {
    let town = Town::in_use().await;
    town.mark();
    let (report, sendings) = town.tell_usage().await;
    assert_eq!(sendings.len(), 4);
    assert!(sendings.iter().all(|one| one.sent == Sent::Done), "{sendings:?}");
    assert_eq!(town.writes(), [4, 0, 0], "one request for each resource");
    let all = amounts(&[("cpu", "2.00"), ("memory", "8.00"), ("storage", "100.00")]);
    assert_eq!(now(&report, NOTEBOOKS), all);
    assert_eq!(town.told(NOTEBOOKS), all);

    town.mark();
    let (report, sendings) = town.tell_usage().await;
    assert!(sendings.is_empty() && town.writes() == [0, 0, 0]);
    assert_eq!(of(&report, NOTEBOOKS).verdict, Verdict::Same);
    assert_eq!(of(&report, NOTEBOOKS).lines["cpu"].last.unwrap().to_string(), "2.00");
    assert_eq!(of(&report, NOTEBOOKS).lines["cpu"].limit, Some(8));

    town.pod("work", "q", json!({ "cpu": "250m" }));
    let (_, sendings) = town.tell_usage().await;
    assert_eq!(sendings.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [NOTEBOOKS]);
    assert_eq!(town.told(NOTEBOOKS)["cpu"], "2.25");
    assert_eq!(shown(&town, NOTEBOOKS), ["cpu", "memory", "storage"], "all of them together");
}

#[tokio::test(start_paused = true)]
async fn a_component_that_an_earlier_report_hid_is_shown_again() {
    let town = Town::in_use().await;
    town.tell_usage().await;
    town.fault("rancher GET /k8s/clusters/*/api/v1/pods status 403");
    town.claim("work", "d", "1Gi");
    town.tell_usage().await;
    assert_eq!(shown(&town, NOTEBOOKS), ["storage"]);
    assert_eq!(town.told(NOTEBOOKS)["cpu"], "2.00", "what is not known stays as it was told");
    town.sandbox.clear_faults();
    let (report, _) = town.tell_usage().await;
    assert_eq!(of(&report, NOTEBOOKS).verdict, Verdict::Differs);
    assert_eq!(shown(&town, NOTEBOOKS), ["cpu", "memory", "storage"]);
}

#[tokio::test(start_paused = true)]
async fn resources_that_waldur_takes_no_report_of_are_left_out() {
    let town = Town::in_use().await;
    for (state, sent) in [
        ("Erred", false),
        ("Creating", false),
        ("Terminated", false),
        ("Updating", true),
        ("Terminating", true),
    ] {
        town.set_resource(NOTEBOOKS, json!({ "state": state }));
        let (report, _) = town.usage().await;
        let sends = report.dispatches().iter().any(|one| one.name == NOTEBOOKS);
        assert_eq!(sends, sent, "{state}");
        assert!(!report.is_blind_somewhere(), "{state}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_report_that_fails_keeps_no_other_from_being_sent() {
    let town = Town::in_use().await;
    town.fault("waldur POST /api/marketplace-component-usages/set_usage/ #2 status 400");
    let (_, sendings) = town.tell_usage().await;
    let failed = sendings.iter().filter(|one| matches!(one.sent, Sent::Failed { .. })).count();
    assert_eq!((failed, sendings.len()), (1, 4));
    town.sandbox.clear_faults();
    let (_, sendings) = town.tell_usage().await;
    assert_eq!(sendings.len(), 1, "only what failed is left to do");
}

#[tokio::test(start_paused = true)]
async fn a_report_whose_answer_was_lost_is_said_again_and_counts_once() {
    let town = Town::in_use().await;
    town.fault("waldur POST /api/marketplace-component-usages/set_usage/ #1 reset-after");
    let (_, sendings) = town.tell_usage().await;
    assert!(sendings.iter().all(|one| one.sent == Sent::Done), "{sendings:?}");
    // A component that was told twice would fail this.
    assert_eq!(town.told(NOTEBOOKS)["cpu"], "2.00");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_told_waldur_is_corrected() {
    let town = Town::in_use().await;
    town.tell_usage().await;
    let before = town.sandbox.snapshot_of(System::Waldur)["usages"].as_array().unwrap().len();
    // A human reports by hand: a report of another number, as another program would.
    let mut report = town.usage().await.0;
    let line = report.offerings[0].resources.iter_mut().find(|one| one.name == NOTEBOOKS).unwrap();
    line.verdict = Verdict::Differs;
    line.lines.get_mut("cpu").unwrap().now = agent::plan::report::Now::Amount("99.99".parse().unwrap());
    town.send_usage(&report).await;
    assert_eq!(town.told(NOTEBOOKS)["cpu"], "99.99");
    town.tell_usage().await;
    assert_eq!(town.told(NOTEBOOKS)["cpu"], "2.00");
    let rows: Vec<Value> = town.sandbox.snapshot_of(System::Waldur)["usages"].as_array().unwrap().clone();
    assert_eq!(rows.len(), before, "rows are replaced, not added");
    assert_eq!(town.told(PIPELINE)["cpu"], "0.00");
}

#[tokio::test(start_paused = true)]
async fn looking_writes_nothing() {
    let town = Town::in_use().await;
    town.mark();
    let (report, _) = town.usage().await;
    assert_eq!(report.dispatches().len(), 4);
    assert_eq!(town.writes(), [0, 0, 0]);
}
