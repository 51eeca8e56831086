//! How far people have access, as the published client says it.

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::town::{AGENT, BOB, Must, OUTSIDER, RANCHER, TEAM_ALPHA, Town, hold};

fn post(statuses: &Value) -> String {
    format!(
        "POST /api/marketplace-provider-resources/{TEAM_ALPHA}/set_membership_sync_statuses/ {}",
        json!({ "statuses": statuses })
    )
}

fn status(who: (&str, &str), state: &str) -> Value {
    json!({ "scope_type": "resource", "role_name": "PROJECT.MEMBER", who.0: who.1, "state": state, "message": "" })
}

fn opted_in() -> Town {
    let town = Town::new(Dialect::Y2026);
    let options = json!({ "plugin_options": { "enable_membership_sync_status": true } });
    town.meddle(json!({ "act": "set-offering", "uuid": RANCHER, "set": options }));
    town
}

#[tokio::test]
async fn statuses_are_not_in_2024_and_only_for_who_opted_in() {
    let request = post(&json!([]));
    let missing =
        vec![Must::Status(404), Must::Header("content-type", "text/html; charset=utf-8".to_owned())];
    hold(Dialect::Y2024, vec![("not in 2024", request.clone(), &[AGENT], missing)]).await;
    let refused = vec![Must::Status(409), Must::Has("detail")];
    hold(Dialect::Y2026, vec![("not opted in", request.clone(), &[AGENT], refused)]).await;
    let hidden = vec![Must::Status(404), Must::Has("No Resource")];
    hold(Dialect::Y2026, vec![("for an outsider", request, &[OUTSIDER], hidden)]).await;
}

#[tokio::test]
async fn statuses_replace_each_other_and_unknown_people_are_named() {
    let town = opted_in();
    let rows = json!([
        status(("username", "alice"), "synced"),
        status(("user_uuid", BOB), "pending"),
        status(("username", "nobody"), "error"),
    ]);
    let reply = town.ask(&post(&rows), &[AGENT]).await;
    let said: Value = serde_json::from_str(&reply.text).unwrap();
    assert_eq!((reply.status, said), (200, json!({ "stored": 2, "skipped": ["nobody"] })));
    let kept = || {
        let snapshot = town.state.lock().unwrap().snapshot();
        let rows = snapshot["resources"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["name"] == "team-alpha").unwrap();
        row["membership_sync_statuses"].as_array().unwrap().len()
    };
    assert_eq!(kept(), 2);
    town.ask(&post(&json!([])), &[AGENT]).await;
    assert_eq!(kept(), 0);
}

#[tokio::test]
async fn statuses_of_the_wrong_shape_are_refused_whole() {
    let town = opted_in();
    let path =
        format!("POST /api/marketplace-provider-resources/{TEAM_ALPHA}/set_membership_sync_statuses/ ");
    for (body, field) in [
        (json!({}), "statuses"),
        (json!({ "statuses": "all" }), "statuses"),
        (json!({ "statuses": [status(("username", "alice"), "fine")] }), "state"),
        (
            json!({ "statuses": [{ "scope_type": "resource", "role_name": "x", "state": "synced" }] }),
            "username",
        ),
        (
            json!({ "statuses": [{ "scope_type": "resource", "username": "a", "state": "synced" }] }),
            "role_name",
        ),
    ] {
        let reply = town.ask(&format!("{path}{body}"), &[AGENT]).await;
        let said: Value = serde_json::from_str(&reply.text).unwrap();
        assert!(reply.status == 400 && said.get(field).is_some(), "{body}: {} {said}", reply.status);
    }
}
