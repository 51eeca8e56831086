//! What an agent writes: statuses, texts, and what is left behind.

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::town::{
    AGENT, ALICE_THERE, CAROL_THERE, GONE, MANAGER, Must, OUTSIDER, RANCHER, Row, STAFF, TEAM_ALPHA, Town,
    hold,
};

const CHANGED: &str = "Resource backend_id has been changed.";
const UNCHANGED: &str = "Resource backend_id is not changed.";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn says(status: u16, body: Value) -> Vec<Must> {
    vec![Must::Status(status), Must::Json(body)]
}

fn crash() -> Vec<Must> {
    vec![
        Must::Status(500),
        Must::Has("<h1>Server Error (500)</h1>"),
        Must::Header("content-type", "text/html; charset=utf-8".to_owned()),
    ]
}

#[tokio::test]
async fn a_backend_id_is_set_as_recorded() {
    let set =
        |body: &str| format!("POST /api/marketplace-provider-resources/{TEAM_ALPHA}/set_backend_id/ {body}");
    let too_long = format!(r#"{{"backend_id": "{}"}}"#, "ü".repeat(256));
    let longest = format!(r#"{{"backend_id": "{}"}}"#, "ü".repeat(255));
    let refused = |text: &str| says(400, json!({"backend_id": [text]}));
    let rows: Vec<Row<'_>> = vec![
        (
            "another one [048]",
            set(r#"{"backend_id": "c-1:p-2"}"#),
            &[AGENT],
            says(200, json!({"status": CHANGED})),
        ),
        (
            "the same again [049]",
            set(r#"{"backend_id": "c-m-abc:p-1"}"#),
            &[AGENT],
            says(200, json!({"status": UNCHANGED})),
        ),
        (
            "the same with blanks around it [504]",
            set(r#"{"backend_id": "  c-m-abc:p-1 "}"#),
            &[AGENT],
            says(200, json!({"status": UNCHANGED})),
        ),
        ("no key [050]", set("{}"), &[AGENT], crash()),
        ("no body at all [050]", set(""), &[AGENT], crash()),
        ("null [051]", set(r#"{"backend_id": null}"#), &[AGENT], refused("This field may not be null.")),
        ("blank [052]", set(r#"{"backend_id": ""}"#), &[AGENT], says(200, json!({"status": CHANGED}))),
        (
            "256 characters [054]",
            set(&too_long),
            &[AGENT],
            refused("Ensure this field has no more than 255 characters."),
        ),
        ("255 characters", set(&longest), &[AGENT], says(200, json!({"status": CHANGED}))),
        (
            "a NUL character [502]",
            set(r#"{"backend_id": "a\u0000b"}"#),
            &[AGENT],
            refused("Null characters are not allowed."),
        ),
        ("a number [503]", set(r#"{"backend_id": 17}"#), &[AGENT], says(200, json!({"status": CHANGED}))),
        ("a truth value", set(r#"{"backend_id": true}"#), &[AGENT], refused("Not a valid string.")),
        (
            "what another resource has [475]",
            set(r#"{"backend_id": "bk-gone"}"#),
            &[AGENT],
            says(200, json!({"status": CHANGED})),
        ),
        (
            "not ASCII [424]",
            set(r#"{"backend_id": "kluster-õäöü-😀"}"#),
            &[AGENT],
            says(200, json!({"status": CHANGED})),
        ),
        ("a form [422]", set("backend_id=c-9"), &[AGENT, FORM], says(200, json!({"status": CHANGED}))),
        (
            "an array [421]",
            set(r#"["x"]"#),
            &[AGENT],
            says(400, json!({"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]})),
        ),
        (
            "no JSON [420]",
            set("{not-json"),
            &[AGENT],
            says(
                400,
                json!({"detail": "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"}),
            ),
        ),
        (
            "for a manager [470]",
            set(r#"{"backend_id": "m"}"#),
            &[MANAGER],
            says(200, json!({"status": CHANGED})),
        ),
        (
            "for an outsider [418]",
            set(r#"{"backend_id": "x"}"#),
            &[OUTSIDER],
            says(404, json!({"detail": "No Resource matches the given query."})),
        ),
        ("an outsider's body is not read", set("{not-json"), &[OUTSIDER], vec![Must::Status(404)]),
        (
            "on a terminated resource [203]",
            format!(
                r#"POST /api/marketplace-provider-resources/{GONE}/set_backend_id/ {{"backend_id": "z"}}"#
            ),
            &[AGENT],
            says(200, json!({"status": CHANGED})),
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn metadata_and_usernames_are_set_as_recorded() {
    let metadata = |body: &str| {
        format!("POST /api/marketplace-provider-resources/{TEAM_ALPHA}/set_backend_metadata/ {body}")
    };
    let rename = |body: &str| format!("PATCH /api/marketplace-offering-users/{CAROL_THERE}/ {body}");
    let updated = || says(200, json!({"status": "The backend metadata is updated"}));
    let too_long = format!(r#"{{"username": "{}"}}"#, "x".repeat(101));
    let named = |name: Value| vec![Must::Status(200), Must::At("/username", name)];
    let rows: Vec<Row<'_>> = vec![
        ("an object [055]", metadata(r#"{"backend_metadata": {"a": 1}}"#), &[AGENT], updated()),
        ("a text [057]", metadata(r#"{"backend_metadata": "text"}"#), &[AGENT], updated()),
        (
            "no key [058]",
            metadata("{}"),
            &[AGENT],
            says(400, json!({"backend_metadata": ["This field is required."]})),
        ),
        (
            "null [059]",
            metadata(r#"{"backend_metadata": null}"#),
            &[AGENT],
            says(400, json!({"backend_metadata": ["This field may not be null."]})),
        ),
        (
            "a NUL character inside [501]",
            metadata(r#"{"backend_metadata": {"k": ["a\u0000b"]}}"#),
            &[AGENT],
            crash(),
        ),
        ("for a manager [471]", metadata(r#"{"backend_metadata": {"a": 1}}"#), &[MANAGER], updated()),
        ("a username [337]", rename(r#"{"username": "carol-wal"}"#), &[AGENT], named(json!("carol-wal"))),
        (
            "a username that another has [338]",
            rename(r#"{"username": "alice-wal"}"#),
            &[AGENT],
            named(json!("alice-wal")),
        ),
        ("a username of null", rename(r#"{"username": null}"#), &[AGENT], named(Value::Null)),
        (
            "a username with blanks around it",
            rename(r#"{"username": " carol "}"#),
            &[AGENT],
            named(json!("carol")),
        ),
        (
            "a username of 101 characters [339]",
            rename(&too_long),
            &[AGENT],
            says(400, json!({"username": ["Ensure this field has no more than 100 characters."]})),
        ),
        (
            "other fields are not written",
            rename(r#"{"user_username": "mallory", "is_restricted": false}"#),
            &[AGENT],
            vec![
                Must::Status(200),
                Must::At("/user_username", json!("carol")),
                Must::At("/is_restricted", json!(true)),
            ],
        ),
        (
            "a username by a stranger [340]",
            rename(r#"{"username": "hack"}"#),
            &[OUTSIDER],
            says(404, json!({"detail": "No OfferingUser matches the given query."})),
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn what_was_written_is_read_back() {
    let town = Town::new(Dialect::Y2024);
    let resource = format!("/api/marketplace-provider-resources/{TEAM_ALPHA}");
    let before = town.get(&format!("{resource}/?field=modified")).await;
    town.ask(&format!(r#"POST {resource}/set_backend_id/ {{"backend_id": "  padded  "}}"#), &[AGENT]).await;
    town.ask(
        &format!(r#"POST {resource}/set_backend_metadata/ {{"backend_metadata": {{"a": 1}}}}"#),
        &[AGENT],
    )
    .await;
    town.ask(
        &format!(r#"POST {resource}/set_backend_metadata/ {{"backend_metadata": {{"b": 2}}}}"#),
        &[AGENT],
    )
    .await;
    let after = town.get(&format!("{resource}/?field=backend_id&field=backend_metadata")).await;
    assert_eq!(after, json!({"backend_id": "padded", "backend_metadata": {"b": 2}}));
    assert_ne!(town.get(&format!("{resource}/?field=modified")).await, before);
}

#[tokio::test]
async fn a_refused_write_changes_nothing() {
    for (path, body) in [
        (format!("marketplace-provider-resources/{TEAM_ALPHA}/set_backend_id"), "{}"),
        (format!("marketplace-provider-resources/{TEAM_ALPHA}/set_backend_id"), r#"{"backend_id": null}"#),
        (
            format!("marketplace-provider-resources/{TEAM_ALPHA}/set_backend_metadata"),
            r#"{"backend_metadata": "\u0000"}"#,
        ),
        (format!("marketplace-offering-users/{ALICE_THERE}"), r#"{"username": []}"#),
    ] {
        let town = Town::new(Dialect::Y2024);
        let before = town.state.lock().unwrap().snapshot();
        let method = if path.starts_with("marketplace-offering-users") { "PATCH" } else { "POST" };
        let reply = town.ask(&format!("{method} /api/{path}/ {body}"), &[AGENT]).await;
        assert!(reply.status >= 400, "{path} {body} gave {}", reply.status);
        assert_eq!(town.state.lock().unwrap().snapshot(), before, "{path} {body}");
    }
}

#[tokio::test]
async fn the_newer_actions_answer_with_nothing_and_are_missing_in_2024() {
    let action = |name: &str| format!("POST /api/marketplace-provider-resources/{TEAM_ALPHA}/{name}/");
    let missing =
        || vec![Must::Status(404), Must::Header("content-type", "text/html; charset=utf-8".to_owned())];
    let done = || {
        vec![
            Must::Status(200),
            Must::Header("content-length", "0".to_owned()),
            Must::NoHeader("content-type"),
            Must::Header("allow", "POST, OPTIONS".to_owned()),
        ]
    };
    for name in ["refresh_last_sync", "set_as_ok"] {
        hold(Dialect::Y2024, vec![(name, action(name), &[AGENT], missing())]).await;
        hold(Dialect::Y2026, vec![(name, action(name), &[AGENT], done())]).await;
        hold(Dialect::Y2026, vec![(name, action(name), &[STAFF], done())]).await;
        hold(
            Dialect::Y2026,
            vec![(name, action(name), &[OUTSIDER], vec![Must::Status(404), Must::Has("No Resource")])],
        )
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn set_as_ok_clears_the_error_and_gives_the_team_its_accounts() {
    let town = Town::new(Dialect::Y2026);
    town.meddle(json!({"act": "set-resource", "uuid": TEAM_ALPHA, "set": {"state": "Erred", "error_message": "boom"}}));
    let resource = format!("/api/marketplace-provider-resources/{TEAM_ALPHA}");
    assert_eq!(
        town.get(&format!("{resource}/?field=state&field=error_message")).await,
        json!({"state": "Erred", "error_message": "boom"})
    );
    town.ask(&format!("POST {resource}/set_as_ok/"), &[AGENT]).await;
    town.ask(&format!("POST {resource}/refresh_last_sync/"), &[AGENT]).await;
    let after = town.get(&format!("{resource}/?field=state&field=error_message")).await;
    assert_eq!(after, json!({"state": "OK", "error_message": ""}));
    let synced = town.get(&format!("{resource}/?field=last_sync")).await;
    assert_eq!(synced, json!({"last_sync": "2026-11-23T08:00:00Z"}));
    let accounts = town
        .get(&format!("/api/marketplace-offering-users/?offering_uuid={RANCHER}&field=user_username"))
        .await;
    let names = ["alice", "carol", "bob"].map(|name| json!({"user_username": name}));
    assert_eq!(accounts, json!(names), "dave's grant has expired");
}
