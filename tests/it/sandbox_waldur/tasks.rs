//! The server's own part of an approved order: it comes later, looks at nothing, and overwrites who was faster.

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::orders::{NEW, ORDER, conflict, now, order, ordered, silent};
use super::town::{AGENT, Must, Row, Town, tell};

/// A town with a resource that is OK, and told so to the plugin or not.
async fn provisioned(dialect: Dialect, allocation: &str) -> Town {
    let town = ordered(dialect);
    town.ask(&order("set_state_executing"), &[AGENT]).await;
    town.ask(&order("set_state_done"), &[AGENT]).await;
    town.meddle(json!({"act": "remove-order", "uuid": ORDER}));
    town.meddle(json!({"act": "set-resource", "uuid": NEW, "set": {"allocation": allocation}}));
    town
}

fn hold(town: &Town, held: bool) {
    town.meddle(json!({"act": "hold-tasks", "held": held}));
}

async fn limits(town: &Town) -> Value {
    town.get(&format!("/api/marketplace-provider-resources/{NEW}/?field=limits")).await["limits"].clone()
}

#[tokio::test(start_paused = true)]
async fn the_resource_follows_an_approval_with_a_delay() {
    let town = provisioned(Dialect::Y2024, "OK").await;
    town.meddle(
        json!({"act": "update-limits", "resource_uuid": NEW, "limits": {"cpu": 6}, "order_uuid": ORDER}),
    );
    let state = format!("/api/marketplace-provider-resources/{NEW}/?field=state");
    town.ask(&order("approve_by_provider"), &[AGENT]).await;
    assert_eq!(town.get(&state).await["state"], json!("OK"), "not yet");
    tokio::time::advance(std::time::Duration::from_millis(299)).await;
    assert_eq!(town.get(&state).await["state"], json!("OK"), "not yet");
    tokio::time::advance(std::time::Duration::from_millis(1)).await;
    assert_eq!(town.get(&state).await["state"], json!("Updating"), "[235]");
    assert_eq!(limits(&town).await, json!({"cpu": 4}), "until it is done [235]");
    tell(&town, vec![("done [239]", order("set_state_done"), &[AGENT], silent(200))]).await;
    assert_eq!(
        (town.get(&state).await["state"].clone(), limits(&town).await),
        (json!("OK"), json!({"cpu": 6}))
    );
}

#[tokio::test(start_paused = true)]
async fn who_is_faster_than_the_task_leaves_the_resource_in_between_for_ever() {
    for (act, between, name) in [
        (json!({"act": "terminate"}), "Terminating", "[271-280]"),
        (json!({"act": "update-limits", "limits": {"cpu": 6}}), "Updating", "[521-529]"),
    ] {
        let town = provisioned(Dialect::Y2024, "OK").await;
        let mut act = act;
        act["resource_uuid"] = json!(NEW);
        act["order_uuid"] = json!(ORDER);
        town.meddle(act);
        hold(&town, true);
        let rows: Vec<Row<'_>> = vec![
            (name, order("approve_by_provider"), &[AGENT], silent(200)),
            (name, order("set_state_done"), &[AGENT], silent(200)),
        ];
        tell(&town, rows).await;
        hold(&town, false);
        let mut rows = now("done", between);
        rows.push((name, order("set_state_done"), &[AGENT], conflict("executing")));
        tell(&town, rows).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_resource_does_not_mind_a_late_task() {
    let town = ordered(Dialect::Y2024);
    hold(&town, true);
    let rows: Vec<Row<'_>> = vec![
        ("approved [263]", order("approve_by_provider"), &[AGENT], silent(200)),
        (
            "its id",
            format!(
                r#"POST /api/marketplace-provider-resources/{NEW}/set_backend_id/ {{"backend_id": "p-1"}}"#
            ),
            &[AGENT],
            vec![Must::Status(200)],
        ),
        ("done [266]", order("set_state_done"), &[AGENT], silent(200)),
    ];
    tell(&town, rows).await;
    let shown =
        format!("/api/marketplace-provider-resources/{NEW}/?field=state&field=backend_id&field=scope");
    assert_eq!(town.get(&shown).await, json!({"state": "OK", "backend_id": "p-1", "scope": null}), "[268]");
    hold(&town, false);
    let after = town.get(&shown).await;
    assert_eq!((&after["state"], &after["backend_id"]), (&json!("OK"), &json!("p-1")), "[270]");
    assert_ne!(after["scope"], Value::Null, "[270]");
}

#[tokio::test(start_paused = true)]
async fn the_server_fails_an_approved_update_by_itself_if_the_plugin_was_not_told() {
    let town = provisioned(Dialect::Y2024, "Creation Scheduled").await;
    town.meddle(
        json!({"act": "update-limits", "resource_uuid": NEW, "limits": {"cpu": 6}, "order_uuid": ORDER}),
    );
    let mut rows: Vec<Row<'_>> =
        vec![("approved [161]", order("approve_by_provider"), &[AGENT], silent(200))];
    rows.extend(now("erred", "OK"));
    rows.push(("too late [166]", order("set_state_done"), &[AGENT], conflict("executing")));
    tell(&town, rows).await;
    let message = town.get(&format!("/api/marketplace-orders/{ORDER}/?field=error_message")).await;
    let words = "Can't switch from state '5' using method 'schedule_updating'";
    assert_eq!(message, json!({"error_message": words}), "[162]");

    let rows: Vec<Row<'_>> = vec![
        ("taken up past the task [178]", order("set_state_executing"), &[AGENT], silent(200)),
        ("done [179]", order("set_state_done"), &[AGENT], silent(200)),
    ];
    tell(&town, rows).await;
    assert_eq!(limits(&town).await, json!({"cpu": 6}), "[181]");
}

#[tokio::test(start_paused = true)]
async fn the_newest_server_is_not_known_to_mind_the_plugin() {
    let town = provisioned(Dialect::Y2026, "Creation Scheduled").await;
    town.meddle(
        json!({"act": "update-limits", "resource_uuid": NEW, "limits": {"cpu": 6}, "order_uuid": ORDER}),
    );
    tell(&town, vec![("approved", order("approve_by_provider"), &[AGENT], vec![Must::Status(200)])]).await;
    tell(&town, now("executing", "Updating")).await;
}

#[tokio::test(start_paused = true)]
async fn the_old_api_tells_the_plugin_and_completes_what_waits_for_it() {
    let town = ordered(Dialect::Y2024);
    let plugin = |body: &str| format!("POST /api/marketplace-slurm-remote/{NEW}/set_state/ {body}");
    let changed = |state: &str| {
        let text = format!("Allocation state has been changed to {state}");
        vec![Must::Status(200), Must::Json(json!({"detail": text}))]
    };
    let mut rows: Vec<Row<'_>> = vec![
        ("approved", order("approve_by_provider"), &[AGENT], silent(200)),
        (
            "no such state [225]",
            plugin(r#"{"state": "active"}"#),
            &[AGENT],
            vec![
                Must::Status(400),
                Must::Json(json!(["Invalid state: a corresponding method for transition is absent"])),
            ],
        ),
        (
            "not from here [226]",
            plugin(r#"{"state": "deleting"}"#),
            &[AGENT],
            vec![
                Must::Status(409),
                Must::Json(json!({"detail": "Allocation state can not be changed from 5 to deleting."})),
            ],
        ),
        ("creating [227]", plugin(r#"{"state": "creating"}"#), &[AGENT], changed("creating")),
        ("ok [228]", plugin(r#"{"state": "ok"}"#), &[AGENT], changed("ok")),
    ];
    rows.extend(now("done", "OK"));
    rows.push(("done already [231]", order("set_state_done"), &[AGENT], conflict("executing")));
    tell(&town, rows).await;
    let notes = town.get(&format!("/api/marketplace-provider-resources/{NEW}/?field=backend_metadata")).await;
    assert_eq!(notes["backend_metadata"]["state"], json!("OK"), "the plugin writes among the notes [081]");
}
