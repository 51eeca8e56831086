//! What a provider's agent says about orders, and what follows: one story after the other, as recorded.

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::town::{AGENT, MANAGER, Must, OUTSIDER, OWNS, PROJECT, RANCHER, Row, Town, tell};

pub(super) const ORDER: &str = "0d000000000000000000000000000001";
pub(super) const NEW: &str = "4e0000000000000000000000000000aa";

pub(super) fn order(action: &str) -> String {
    format!("POST /api/marketplace-orders/{ORDER}/{action}/")
}

/// Done, and nothing to say.
pub(super) fn silent(status: u16) -> Vec<Must> {
    vec![
        Must::Status(status),
        Must::Header("content-length", "0".to_owned()),
        Must::NoHeader("content-type"),
        Must::Header("allow", "POST, OPTIONS".to_owned()),
    ]
}

pub(super) fn conflict(states: &str) -> Vec<Must> {
    vec![Must::Status(409), Must::Json(json!({"detail": format!("Valid states for operation: {states}.")}))]
}

/// The order and the resource, as they are now.
pub(super) fn now<'a>(order: &'static str, resource: &'static str) -> Vec<Row<'a>> {
    let is = |state: &str| vec![Must::Status(200), Must::Json(json!({"state": state}))];
    vec![
        ("the order", format!("GET /api/marketplace-orders/{ORDER}/?field=state"), &[AGENT], is(order)),
        (
            "the resource",
            format!("GET /api/marketplace-provider-resources/{NEW}/?field=state"),
            &[AGENT],
            is(resource),
        ),
    ]
}

/// A town in which something new is ordered, and its owner agreed.
pub(super) fn ordered(dialect: Dialect) -> Town {
    let town = Town::new(dialect);
    town.meddle(json!({
        "act": "place-order", "offering_uuid": RANCHER, "project_uuid": PROJECT, "name": "new", "limits": {"cpu": 4},
        "order_uuid": ORDER, "resource_uuid": NEW,
    }));
    town
}

const ERRED: &str = r#" {"error_message": "no room", "error_traceback": ""}"#;
const EXECUTING: &str = "pending-consumer, pending-provider, erred";

#[tokio::test(start_paused = true)]
async fn a_create_order_is_approved_and_done_and_nothing_of_it_may_be_repeated() {
    let town = ordered(Dialect::Y2024);
    let mut rows: Vec<Row<'_>> = vec![
        ("not done before it executes [034]", order("set_state_done"), &[AGENT], conflict("executing")),
        ("approved [037]", order("approve_by_provider") + " {}", &[AGENT], silent(200)),
        ("approved again [040]", order("approve_by_provider"), &[AGENT], conflict("pending-provider")),
        ("executing already [041]", order("set_state_executing"), &[AGENT], conflict(EXECUTING)),
        ("done [078]", order("set_state_done"), &[AGENT], silent(200)),
        ("done again [079]", order("set_state_done"), &[AGENT], conflict("executing")),
        ("approved when done [083]", order("approve_by_provider"), &[AGENT], conflict("pending-provider")),
        ("rejected when done [084]", order("reject_by_provider"), &[AGENT], conflict("pending-provider")),
    ];
    rows.extend(now("done", "OK"));
    tell(&town, rows).await;
}

#[tokio::test(start_paused = true)]
async fn the_list_may_be_older_than_the_action() {
    let town = ordered(Dialect::Y2024);
    let waiting = town.get("/api/marketplace-orders/?state=pending-provider&field=uuid").await;
    assert_eq!(waiting, json!([{"uuid": ORDER}]));
    town.meddle(json!({"act": "set-order", "uuid": ORDER, "set": {"state": "executing"}}));
    tell(
        &town,
        vec![(
            "a colleague was faster",
            order("approve_by_provider"),
            &[AGENT],
            conflict("pending-provider"),
        )],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_order_names_two_resources_and_only_one_is_the_marketplaces() {
    let town = ordered(Dialect::Y2024);
    let ids = "field=resource_uuid&field=resource_type&field=marketplace_resource_uuid";
    let get = format!("/api/marketplace-orders/{ORDER}/?{ids}");
    let before = json!({"resource_uuid": null, "resource_type": null, "marketplace_resource_uuid": NEW});
    assert_eq!(town.get(&get).await, before, "[032]");
    let full = town.get(&format!("/api/marketplace-orders/{ORDER}/")).await;
    assert_eq!(full.get("provider_reviewed_at"), Some(&Value::Null));
    assert_eq!(full.get("provider_reviewed_by"), None, "absent, not null, while nobody decided [032]");

    town.ask(&order("approve_by_provider"), &[AGENT]).await;
    assert_eq!(town.get(&get).await, before, "the task did not run yet [038]");
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    let after = town.get(&get).await;
    assert_eq!(after["resource_type"], json!("SLURM.Allocation"), "[042]");
    assert_ne!(after["resource_uuid"], json!(NEW), "the plugin's object is another thing");
    let full = town.get(&format!("/api/marketplace-orders/{ORDER}/")).await;
    assert_eq!(full["provider_reviewed_by"], json!("agent"));
}

#[tokio::test(start_paused = true)]
async fn a_resource_remembers_its_first_order_as_somebody_saw_it_first() {
    let town = ordered(Dialect::Y2024);
    let resource = format!("/api/marketplace-provider-resources/{NEW}/");
    assert_eq!(town.get(&resource).await["creation_order"]["state"], json!("pending-provider"), "[033]");
    town.ask(&order("approve_by_provider"), &[AGENT]).await;
    let full = town.get(&resource).await;
    assert_eq!(full["order_in_progress"]["state"], json!("executing"), "[043]");
    assert_eq!(full["creation_order"]["state"], json!("pending-provider"), "a cache [043]");
    town.ask(&order("set_state_done"), &[AGENT]).await;
    let full = town.get(&resource).await;
    assert_eq!((&full["order_in_progress"], &full["state"]), (&Value::Null, &json!("OK")), "[081]");
    assert_eq!(full["creation_order"]["state"], json!("pending-provider"), "[081]");
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_taken_up_again_and_keeps_its_message() {
    let town = ordered(Dialect::Y2024);
    let mut rows: Vec<Row<'_>> = vec![
        ("approved", order("approve_by_provider"), &[AGENT], silent(200)),
        ("failed [095]", order("set_state_erred") + ERRED, &[AGENT], silent(200)),
        ("failed again [098]", order("set_state_erred") + ERRED, &[AGENT], silent(200)),
    ];
    rows.extend(now("erred", "Erred"));
    rows.push(("not done when erred [101]", order("set_state_done"), &[AGENT], conflict("executing")));
    rows.push(("taken up [103]", order("set_state_executing"), &[AGENT], silent(200)));
    rows.extend(now("executing", "Erred"));
    rows.push(("done [106]", order("set_state_done"), &[AGENT], silent(200)));
    rows.extend(now("done", "OK"));
    tell(&town, rows).await;
    let order = town.get(&format!("/api/marketplace-orders/{ORDER}/?field=error_message")).await;
    assert_eq!(order, json!({"error_message": "no room"}), "[107]");
}

#[tokio::test(start_paused = true)]
async fn erred_does_not_look_at_the_order_but_its_resource_follows() {
    for (name, before, order_is, resource_is) in [
        ("pending-provider [114]", vec![], "pending-provider", "Erred"),
        ("rejected [137]", vec!["reject_by_provider"], "rejected", "Erred"),
        ("done [117]", vec!["set_state_executing", "set_state_done"], "done", "Erred"),
    ] {
        let town = ordered(Dialect::Y2024);
        let mut rows: Vec<Row<'_>> =
            before.iter().map(|action| (name, order(action), &[AGENT][..], silent(200))).collect();
        rows.push((name, order("set_state_erred") + ERRED, &[AGENT], silent(200)));
        rows.extend(now(order_is, resource_is));
        tell(&town, rows).await;
    }
}

#[tokio::test(start_paused = true)]
async fn erred_wants_both_texts() {
    let crash = || vec![Must::Status(500), Must::Has("Server Error (500)")];
    let refused = |body: Value| vec![Must::Status(400), Must::Json(body)];
    let nulls = json!(["This field may not be null."]);
    let set = |body: &str| order("set_state_erred") + " " + body;
    let long = format!(r#"{{"error_message": "{}", "error_traceback": ""}}"#, "x".repeat(70_000));
    let rows: Vec<Row<'_>> = vec![
        (
            "null [495]",
            set(r#"{"error_message": null, "error_traceback": null}"#),
            &[AGENT],
            refused(json!({"error_message": nulls.clone(), "error_traceback": nulls})),
        ),
        (
            "a number is a text, a list is none [496]",
            set(r#"{"error_message": 5, "error_traceback": [1]}"#),
            &[AGENT],
            refused(json!({"error_traceback": ["Not a valid string."]})),
        ),
        (
            "a NUL character [497]",
            set(r#"{"error_message": "a\u0000b", "error_traceback": ""}"#),
            &[AGENT],
            refused(json!({"error_message": ["Null characters are not allowed."]})),
        ),
        ("70,000 characters", set(&long), &[AGENT], vec![Must::Status(200)]),
        (
            "blank [492]",
            set(r#"{"error_message": "", "error_traceback": ""}"#),
            &[AGENT],
            vec![Must::Status(200)],
        ),
    ];
    tell(&ordered(Dialect::Y2024), rows).await;
    tell(
        &ordered(Dialect::Y2024),
        vec![
            ("nothing [090]", set("{}"), &[AGENT], crash()),
            ("no body [091]", set(""), &[AGENT], crash()),
            ("one text [092]", set(r#"{"error_message": "x"}"#), &[AGENT], crash()),
        ],
    )
    .await;
    let one_text =
        vec![("one text today", set(r#"{"error_message": "x"}"#), &[AGENT][..], vec![Must::Status(200)])];
    tell(&ordered(Dialect::Y2026), one_text).await;
}

#[tokio::test(start_paused = true)]
async fn an_end_that_fails_leads_back_to_ok_or_nowhere() {
    let town = ordered(Dialect::Y2024);
    town.ask(&order("set_state_executing"), &[AGENT]).await;
    town.ask(&order("set_state_done"), &[AGENT]).await;
    town.meddle(json!({"act": "remove-order", "uuid": ORDER}));
    town.meddle(json!({"act": "terminate", "resource_uuid": NEW, "order_uuid": ORDER}));
    let crash = || vec![Must::Status(500), Must::Has("Server Error (500)")];
    let mut rows: Vec<Row<'_>> =
        vec![("pending: the resource is OK [217]", order("set_state_erred") + ERRED, &[AGENT], crash())];
    rows.extend(now("pending-provider", "OK"));
    rows.push(("approved [188]", order("approve_by_provider"), &[AGENT], silent(200)));
    rows.extend(now("executing", "Terminating"));
    rows.push(("failed [193]", order("set_state_erred") + ERRED, &[AGENT], silent(200)));
    rows.extend(now("erred", "OK"));
    rows.push(("taken up", order("set_state_executing"), &[AGENT], silent(200)));
    rows.push(("done [197]", order("set_state_done"), &[AGENT], silent(200)));
    rows.extend(now("done", "Terminated"));
    rows.push(("failed when done [207]", order("set_state_erred") + ERRED, &[AGENT], crash()));
    rows.extend(now("done", "Terminated"));
    tell(&town, rows).await;
}

#[tokio::test(start_paused = true)]
async fn only_the_provider_decides_and_only_for_offerings_that_agents_run() {
    let town = ordered(Dialect::Y2024);
    let forbidden = || vec![Must::Status(403)];
    let mut rows: Vec<Row<'_>> = vec![
        ("the consumer [035]", order("approve_by_provider"), &[OWNS], forbidden()),
        ("a manager [467]", order("approve_by_provider"), &[MANAGER], forbidden()),
        ("a manager [468]", order("set_state_executing"), &[MANAGER], forbidden()),
        (
            "an outsider [036]",
            order("approve_by_provider"),
            &[OUTSIDER],
            vec![Must::Status(404), Must::Has("No Order matches the given query.")],
        ),
        (
            "reading an action [427]",
            order("approve_by_provider").replace("POST", "GET"),
            &[AGENT],
            vec![Must::Status(405)],
        ),
        (
            "an action that came later [047]",
            order("set_backend_id") + r#" {"backend_id": "x"}"#,
            &[AGENT],
            vec![Must::Status(404), Must::Header("content-type", "text/html; charset=utf-8".to_owned())],
        ),
    ];
    rows.extend(now("pending-provider", "Creating"));
    tell(&town, rows).await;

    let mut seed = super::town::seed();
    seed["offerings"][0]["offering_type"] = json!("OpenStack.Instance");
    let town = Town::of(serde_json::from_value(seed).unwrap());
    town.meddle(json!({
        "act": "place-order", "offering_uuid": RANCHER, "project_uuid": PROJECT, "name": "vm", "order_uuid": ORDER,
        "resource_uuid": NEW,
    }));
    let type_ = "Method \"The order's offering with OpenStack.Instance type does not support this action\" not allowed.";
    let unfit = || vec![Must::Status(405), Must::Json(json!({"detail": type_}))];
    let rows = ["set_state_executing", "set_state_done", "set_state_erred"]
        .map(|action| (action, order(action), &[AGENT][..], unfit()));
    tell(&town, rows.into()).await;
}

#[tokio::test(start_paused = true)]
async fn today_success_has_words_and_an_order_has_an_id_of_the_providers() {
    let town = ordered(Dialect::Y2026);
    let said = || vec![Must::Status(200), Must::Has("\"detail\"")];
    let rows: Vec<Row<'_>> = vec![
        (
            "an id",
            order("set_backend_id") + r#" {"backend_id": "b"}"#,
            &[AGENT],
            vec![Must::Json(json!({"status": "Order backend_id has been changed."}))],
        ),
        (
            "the same id",
            order("set_backend_id") + r#" {"backend_id": "b"}"#,
            &[AGENT],
            vec![Must::Json(json!({"status": "Order backend_id is not changed."}))],
        ),
        ("approved", order("approve_by_provider") + " {}", &[AGENT], said()),
        ("approved again", order("approve_by_provider"), &[AGENT], conflict("pending-provider")),
        ("done", order("set_state_done"), &[AGENT], said()),
        (
            "a state that 2024 did not know",
            "GET /api/marketplace-orders/?state=pending-start-date&type=Restore".to_owned(),
            &[AGENT],
            vec![Must::Status(200), Must::Json(json!([]))],
        ),
    ];
    tell(&town, rows).await;
}
