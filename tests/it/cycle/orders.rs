//! Orders (rule 17) on both dialects: from the first order of a resource to its end.

use std::collections::BTreeSet;
use std::time::Duration;

use agent::apply::Outcome;
use agent::sandbox::System;
use agent::sandbox::waldur::Dialect;
use serde_json::json;

use crate::town::{Town, act, kinds, reopened};

const NEW: &str = "Dark matter";
const NOTEBOOKS: &str = "Galaxy survey notebooks";
const DIALECTS: [Dialect; 2] = [Dialect::Y2024, Dialect::Y2026];

async fn converged(dialect: Dialect) -> Town {
    let mut town = Town::story_with(|seed| seed.waldur.dialect = dialect);
    town.converge().await;
    town.must_be_right();
    town.mark();
    town
}

#[tokio::test(start_paused = true)]
async fn a_new_order_is_served_in_one_cycle() {
    for dialect in DIALECTS {
        let mut town = converged(dialect).await;
        town.orders(NEW, "Sea ice", json!({ "cpu": 4, "memory": 8, "storage": 10 }));
        let cycle = town.cycle().await;
        assert!(cycle.applied.is_complete(), "{:#?}", cycle.applied.outcomes);
        let mut expected = vec![
            "take-order",
            "create-project",
            "record-backend-id",
            "bind",
            "complete-order",
            "set-metadata",
        ];
        // The older server does not keep when it was looked at.
        expected.extend((dialect == Dialect::Y2026).then_some("refresh-last-sync"));
        assert_eq!(kinds(cycle.verdict.admitted.steps()), expected);
        assert_eq!(town.order_of(NEW)["state"], "done");
        assert_eq!(town.resource(NEW)["state"], "OK");
        assert_eq!(town.resource(NEW)["backend_id"], town.project_of(NEW)["id"]);
        town.must_be_right();
        assert_eq!(town.converge().await, 0, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_carried_out_and_completed() {
    for dialect in DIALECTS {
        let mut town = converged(dialect).await;
        town.orders_limits(NOTEBOOKS, json!({ "cpu": 40, "memory": 80, "storage": 200 }));
        let cycle = town.cycle().await;
        assert!(cycle.applied.is_complete(), "{:#?}", cycle.applied.outcomes);
        assert_eq!(kinds(cycle.verdict.admitted.steps()), ["take-order", "set-quota", "complete-order"]);
        assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
        let resource = town.resource(NOTEBOOKS);
        assert_eq!((&resource["state"], &resource["limits"]["cpu"]), (&json!("OK"), &json!(40)));
        assert_eq!(town.project_of(NOTEBOOKS)["resourceQuota"]["limit"]["limitsCpu"], "40");
        assert_eq!(town.converge().await, 0, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_takes_away_everything_but_what_is_shared() {
    for dialect in DIALECTS {
        let mut town = converged(dialect).await;
        // One that somebody made in Rancher goes with the project, one that was only moved into it does not.
        let project = town.project_of(NOTEBOOKS)["id"].clone();
        let made = json!({
            "cluster_id": town.cluster(), "name": "notebooks", "project_id": project, "creator_id": "user-ada",
        });
        town.meddle(act("rancher", "add-namespace", made));
        town.namespace(NOTEBOOKS, "moved");
        town.pod("moved", "third", json!({ "cpu": "1" }));
        for pod in ["first", "second"] {
            town.pod("notebooks", pod, json!({ "cpu": "1" }));
        }
        town.orders_the_end_of(NOTEBOOKS);
        let cycle = town.cycle().await;
        assert!(cycle.applied.is_complete(), "{:#?}", cycle.applied.outcomes);
        let deletion = cycle.verdict.admitted.steps().iter().find_map(|step| step.action.deletion());
        let contents = &deletion.unwrap().contents;
        let names = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!((&*names(&contents.deleted), &*names(&contents.unassigned)), ("notebooks", "moved"));
        assert_eq!(contents.pods, Some(2));
        let expected = ["take-order", "unbind", "delete-project", "complete-order"];
        assert_eq!(kinds(cycle.verdict.admitted.steps()), expected);
        assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
        assert_eq!(town.resource(NOTEBOOKS)["state"], "Terminated");
        // The other resource of its team keeps group and people.
        assert!(town.group_of("Galaxy survey").is_some());
        town.must_be_right();
        assert_eq!(town.converge().await, 0, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_resource_of_a_team_takes_the_group_with_it_after_a_while() {
    let mut town = converged(Dialect::Y2026).await;
    for resource in [NOTEBOOKS, "Galaxy survey pipeline"] {
        town.orders_the_end_of(resource);
    }
    town.cycle().await;
    assert!(town.group_of("Galaxy survey").is_some());
    town.wait(Duration::from_secs(601)).await;
    town.cycle().await;
    assert!(town.group_of("Galaxy survey").is_none());
    town.must_be_right();
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_a_while_is_told_with_its_history_and_done_in_the_end() {
    let mut town = converged(Dialect::Y2026).await;
    town.orders(NEW, "Sea ice", json!({ "cpu": 4, "memory": 8 }));
    town.fault("rancher POST /v3/projects status 503");
    for _ in 0..3 {
        town.cycle().await;
        town.wait(Duration::from_mins(5)).await;
    }
    let text = town.look().await.text();
    assert!(text.contains("its Create order was tried 3 times since"), "{text}");
    assert_eq!(town.order_of(NEW)["state"], "executing");
    town.sandbox.clear_faults();
    town.cycle().await;
    assert_eq!(town.order_of(NEW)["state"], "done");
    assert!(!town.look().await.text().contains("was tried"));
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_had_is_told_to_the_customer_and_makes_nothing() {
    for dialect in DIALECTS {
        let mut town = converged(dialect).await;
        let before = town.sandbox.snapshot_of(System::Rancher)["projects"].clone();
        town.orders(NEW, "Sea ice", json!({ "cpu": -4, "memory": 8 }));
        let cycle = town.cycle().await;
        assert_eq!(kinds(cycle.verdict.admitted.steps()), ["take-order", "fail-order"]);
        let order = town.order_of(NEW);
        assert_eq!(order["state"], "erred");
        let message = order["error_message"].as_str().unwrap();
        assert!(message.contains("the limit of cpu is -4"), "{message}");
        assert_eq!(town.sandbox.snapshot_of(System::Rancher)["projects"], before);
        assert_eq!(town.converge().await, 0, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn keycloak_down_neither_completes_nor_fails_a_new_order() {
    let mut town = converged(Dialect::Y2026).await;
    town.orders(NEW, "Sea ice", json!({ "cpu": 4, "memory": 8 }));
    town.fault("keycloak * ** status 503");
    town.cycle().await;
    assert_eq!(town.order_of(NEW)["state"], "executing");
    assert_eq!(town.resource(NEW)["state"], "Creating");
    town.sandbox.clear_faults();
    town.wait(Duration::from_mins(20)).await;
    town.cycle().await;
    assert_eq!(town.order_of(NEW)["state"], "done");
    town.must_be_right();
}

/// Waldur's worker stands still for longer than is waited for: the late task then leaves the resource in between.
#[tokio::test(start_paused = true)]
async fn what_the_late_task_leaves_in_between_is_named() {
    let mut town = converged(Dialect::Y2026).await;
    town.meddle(act("waldur", "hold-tasks", json!({ "held": true })));
    town.orders_the_end_of(NOTEBOOKS);
    town.cycle().await;
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
    town.meddle(act("waldur", "hold-tasks", json!({ "held": false })));
    town.wait(Duration::from_secs(5)).await;
    assert_eq!(town.resource(NOTEBOOKS)["state"], "Terminating");
    let text = town.look().await.text();
    assert!(text.contains("it is Terminating in Waldur and has no open order"), "{text}");
    assert!(text.contains("a Waldur staff member"), "{text}");
}

/// A task that is late, but not later than is waited for, does no harm.
#[tokio::test(start_paused = true)]
async fn a_late_task_is_waited_for() {
    for dialect in DIALECTS {
        let mut town = Town::story_with(|seed| {
            seed.waldur.dialect = dialect;
            seed.waldur.background_delay = Some(20_000);
        });
        town.converge().await;
        town.orders_limits(NOTEBOOKS, json!({ "cpu": 40, "memory": 80, "storage": 200 }));
        town.orders_the_end_of("Galaxy survey pipeline");
        town.cycle().await;
        town.wait(Duration::from_mins(1)).await;
        assert_eq!(town.resource(NOTEBOOKS)["state"], "OK", "{dialect:?}");
        assert_eq!(town.resource("Galaxy survey pipeline")["state"], "Terminated", "{dialect:?}");
        assert_eq!(town.converge().await, 0, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_rancher_cannot_finish_keeps_the_order_open() {
    let mut town = Town::story_with(|seed| seed.rancher.timing.removed_after_ms = 600_000);
    town.converge().await;
    town.orders_the_end_of(NOTEBOOKS);
    let cycle = town.cycle().await;
    assert!(!cycle.applied.is_complete());
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "executing");
    let text = town.look().await.text();
    assert!(text.contains("is being removed"), "{text}");
    town.wait(Duration::from_mins(11)).await;
    town.converge().await;
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
    assert_eq!(town.resource(NOTEBOOKS)["state"], "Terminated");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_somebody_else_took_or_finished_is_no_failure() {
    let mut town = converged(Dialect::Y2026).await;
    town.orders(NEW, "Sea ice", json!({ "cpu": 4, "memory": 8 }));
    let decision = town.look().await;
    assert!(town.apply(&decision).await.is_complete());
    // As when two agents saw the same and the other one was faster.
    let late = town.apply(&decision).await;
    let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed { .. });
    assert!(!late.outcomes.iter().any(failed), "{:#?}", late.outcomes);
    assert_eq!(town.order_of(NEW)["state"], "done");
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_restored_is_made_again() {
    let mut town = converged(Dialect::Y2026).await;
    town.orders_the_end_of(NOTEBOOKS);
    town.converge().await;
    let uuid = town.uuid("resources", NOTEBOOKS);
    let mut town = reopened(&town, |seed| {
        let resource = seed.waldur.resources.iter_mut().find(|one| one.name == NOTEBOOKS).unwrap();
        resource.state = serde_json::from_value(json!("Creating")).unwrap();
        seed.waldur.orders.push(order(json!({ "type": "Restore", "resource_uuid": uuid })));
    });
    town.cycle().await;
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
    assert_eq!(town.resource(NOTEBOOKS)["state"], "OK");
    town.must_be_right();
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_plan_without_limits_gives_what_the_plan_includes() {
    let town = converged(Dialect::Y2026).await;
    let uuid = town.uuid("resources", NOTEBOOKS);
    let plan = uuid::Uuid::from_u128(0x91a);
    let mut town = reopened(&town, |seed| {
        let larger = json!({ "uuid": plan, "name": "Larger", "quotas": { "cpu": 24, "memory": 96 } });
        seed.waldur.offerings[0].plans.push(serde_json::from_value(larger).unwrap());
        let change = json!({ "type": "Update", "resource_uuid": uuid, "plan_uuid": plan });
        seed.waldur.orders.push(order(change));
    });
    town.cycle().await;
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
    let limit = town.project_of(NOTEBOOKS)["resourceQuota"]["limit"].clone();
    assert_eq!(limit, json!({ "limitsCpu": "24", "limitsMemory": "96Gi" }));
}

/// An order that waits for the provider.
fn order(mut fields: serde_json::Value) -> agent::sandbox::waldur::Order {
    fields["uuid"] = json!(uuid::Uuid::from_u128(0x0de5));
    fields["state"] = json!("pending-provider");
    serde_json::from_value(fields).unwrap()
}
