//! What consumers do: order, agree, change their minds, end.

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::orders::{NEW, ORDER, conflict, now, order, ordered, silent};
use super::town::{
    AGENT, CONSUMER, LEADS, Must, OUTSIDER, OWNS, PROJECT, RANCHER, Row, TEAM_ALPHA, Town, WORKS, tell,
};

fn create(attributes: &Value, limits: &Value) -> String {
    let body = json!({
        "offering": format!("http://waldur.test:8443/api/marketplace-public-offerings/{RANCHER}/"),
        "project": format!("http://waldur.test:8443/api/projects/{PROJECT}/"),
        "attributes": attributes, "limits": limits, "accepting_terms_of_service": true,
    });
    format!("POST /api/marketplace-orders/ {body}")
}

fn named(name: &str) -> String {
    create(&json!({"name": name}), &json!({"cpu": 4}))
}

#[tokio::test(start_paused = true)]
async fn who_may_approve_orders_past_the_approval() {
    let town = Town::new(Dialect::Y2024);
    let placed = |state: &str| {
        vec![Must::Status(201), Must::At("/state", json!(state)), Must::At("/type", json!("Create"))]
    };
    let rows: Vec<Row<'_>> = vec![
        ("a member [021]", named("a"), &[WORKS], placed("pending-consumer")),
        ("a manager", named("b"), &[LEADS], placed("pending-consumer")),
        ("the owner [088]", named("c"), &[OWNS], placed("pending-provider")),
        (
            "somebody else",
            named("d"),
            &[OUTSIDER],
            vec![
                Must::Status(400),
                Must::Json(json!({"project": ["Invalid hyperlink - Object does not exist."]})),
            ],
        ),
    ];
    tell(&town, rows).await;
    let reply = town.ask(&named("e"), &[OWNS]).await;
    assert_eq!(reply.header("location"), reply.json()["url"].as_str(), "[088]");
}

#[tokio::test(start_paused = true)]
async fn names_are_taken_as_they_come() {
    let town = Town::new(Dialect::Y2024);
    let named_so = |name: &str| vec![Must::Status(201), Must::At("/resource_name", json!(name))];
    let hostile = "Ünïcode näme / <script>";
    let long = "n".repeat(151);
    let rows: Vec<Row<'_>> = vec![
        ("empty [511]", named(""), &[OWNS], named_so("")),
        ("hostile [512]", named(hostile), &[OWNS], named_so(hostile)),
        ("twice [514]", named("team-alpha"), &[OWNS], named_so("team-alpha")),
        ("too long [513]", named(&long), &[OWNS], vec![Must::Status(500)]),
    ];
    tell(&town, rows).await;
    let twins = town.get("/api/marketplace-provider-resources/?name_exact=team-alpha&field=slug").await;
    assert_eq!(twins, json!([{"slug": "team-alp-1"}, {"slug": "team-alp-2"}]));
}

#[tokio::test(start_paused = true)]
async fn the_owner_agrees_and_a_member_may_say_no() {
    let town = Town::new(Dialect::Y2024);
    let wait = |approved: bool| {
        json!({
            "act": "place-order", "offering_uuid": RANCHER, "project_uuid": PROJECT, "name": "new",
            "order_uuid": ORDER, "resource_uuid": NEW, "approved": approved,
        })
    };
    town.meddle(wait(false));
    let mut rows: Vec<Row<'_>> = vec![
        (
            "too early for the provider [024]",
            order("approve_by_provider"),
            &[AGENT],
            conflict("pending-provider"),
        ),
        ("not the provider [025]", order("approve_by_consumer"), &[AGENT], vec![Must::Status(403)]),
        ("not a member [026]", order("approve_by_consumer"), &[WORKS], vec![Must::Status(403)]),
        ("not a manager [028]", order("approve_by_consumer"), &[LEADS], vec![Must::Status(403)]),
        ("the owner [029]", order("approve_by_consumer"), &[OWNS], silent(200)),
        ("again [030]", order("approve_by_consumer"), &[OWNS], conflict("pending-consumer")),
    ];
    rows.extend(now("pending-provider", "Creating"));
    tell(&town, rows).await;

    let town = Town::new(Dialect::Y2024);
    town.meddle(wait(false));
    let mut rows: Vec<Row<'_>> = vec![("a member [141]", order("reject_by_consumer"), &[WORKS], silent(200))];
    rows.extend(now("rejected", "Terminated"));
    tell(&town, rows).await;

    let town = Town::new(Dialect::Y2024);
    town.meddle(wait(false));
    let mut rows: Vec<Row<'_>> =
        vec![("past everybody [128]", order("set_state_executing"), &[AGENT], silent(200))];
    rows.extend(now("executing", "Creating"));
    tell(&town, rows).await;
}

#[tokio::test(start_paused = true)]
async fn a_provider_rejects_and_a_consumer_deletes() {
    let town = ordered(Dialect::Y2024);
    let mut rows: Vec<Row<'_>> = vec![
        ("rejected [132]", order("reject_by_provider") + " {}", &[AGENT], silent(200)),
        ("again [135]", order("reject_by_provider"), &[AGENT], conflict("pending-provider")),
    ];
    rows.extend(now("rejected", "Terminated"));
    tell(&town, rows).await;

    let town = ordered(Dialect::Y2024);
    let type_ = "Method \"The order's offering with Marketplace.Slurm type does not support this action\" not allowed.";
    let this = format!("/api/marketplace-orders/{ORDER}/");
    let rows: Vec<Row<'_>> = vec![
        (
            "no cancelling [145]",
            order("cancel"),
            &[OWNS],
            vec![Must::Status(405), Must::Json(json!({"detail": type_}))],
        ),
        ("least of all by the provider [146]", order("cancel"), &[AGENT], vec![Must::Status(403)]),
        (
            "deleted [149]",
            format!("DELETE {this}"),
            &[OWNS],
            vec![
                Must::Status(204),
                Must::NoHeader("content-type"),
                Must::Header("content-length", "0".to_owned()),
            ],
        ),
        ("gone [150]", format!("GET {this}"), &[AGENT], vec![Must::Status(404)]),
        (
            "its resource stays for ever [151]",
            format!("GET /api/marketplace-provider-resources/{NEW}/?field=state"),
            &[AGENT],
            vec![Must::Json(json!({"state": "Creating"}))],
        ),
    ];
    tell(&town, rows).await;
}

#[tokio::test(start_paused = true)]
async fn one_open_order_for_each_resource() {
    let town = Town::new(Dialect::Y2024);
    let change = |cpu: u32| {
        format!(
            r#"POST /api/marketplace-resources/{TEAM_ALPHA}/update_limits/ {{"limits": {{"cpu": {cpu}}}}}"#
        )
    };
    let end = || format!("POST /api/marketplace-resources/{TEAM_ALPHA}/terminate/ {{}}");
    let list = |why: &str| vec![Must::Status(400), Must::Json(json!([why]))];
    let pending = "Pending order for resource already exists.";
    let rows: Vec<Row<'_>> = vec![
        ("not for a member [152]", change(6), &[WORKS], vec![Must::Status(403)]),
        (
            "the same [153]",
            change(4),
            &[OWNS],
            list("Impossible to create update orders with limits set to exactly the same."),
        ),
        ("too many [154]", change(100), &[OWNS], list("The limit 100 value cannot be more than 64.")),
        ("other limits [155]", change(6), &[OWNS], vec![Must::Status(200), Must::Has("order_uuid")]),
        ("others again [159]", change(7), &[OWNS], list(pending)),
        ("the end [160]", end(), &[OWNS], list(pending)),
    ];
    tell(&town, rows).await;
    let order = town.get("/api/marketplace-orders/?type=Update").await[0].clone();
    assert_eq!(order["limits"], json!({"cpu": 6}), "[156]");
    assert_eq!(order["attributes"], json!({"old_limits": {"cpu": 4}}), "[156]");
}

#[tokio::test(start_paused = true)]
async fn an_end_says_nothing_but_that() {
    let town = Town::new(Dialect::Y2024);
    let end = |side: &str| format!("POST /api/{side}/{TEAM_ALPHA}/terminate/ {{}}");
    let rows: Vec<Row<'_>> = vec![
        ("not for a member [182]", end("marketplace-resources"), &[WORKS], vec![Must::Status(403)]),
        ("the provider [210]", end("marketplace-provider-resources"), &[AGENT], vec![Must::Status(200)]),
    ];
    tell(&town, rows).await;
    let order = town.get("/api/marketplace-orders/?type=Terminate").await[0].clone();
    assert_eq!((&order["limits"], &order["attributes"]), (&json!({}), &json!({})), "[184]");
    assert_eq!((order.get("plan"), order.get("plan_uuid")), (Some(&Value::Null), None), "[184]");
    assert_eq!(order["state"], json!("pending-provider"), "[211]");
    let uuid = order["uuid"].as_str().unwrap_or_default().to_owned();
    let approve = format!("POST /api/marketplace-orders/{uuid}/approve_by_provider/");
    let rows: Vec<Row<'_>> = vec![
        ("approved [188]", approve, &[AGENT], silent(200)),
        ("while it ends [191]", end("marketplace-resources"), &[OWNS], conflict("OK, Erred")),
        (
            "no other limits [177]",
            format!(
                r#"POST /api/marketplace-resources/{TEAM_ALPHA}/update_limits/ {{"limits": {{"cpu": 1}}}}"#
            ),
            &[OWNS],
            conflict("OK"),
        ),
    ];
    tell(&town, rows).await;
}

#[tokio::test(start_paused = true)]
async fn what_operators_do_gets_in_the_way() {
    let town = ordered(Dialect::Y2024);
    town.meddle(json!({"act": "set-customer-blocked", "uuid": CONSUMER, "blocked": true}));
    let blocked = json!(["Blocked organization is not available."]);
    let rows: Vec<Row<'_>> = vec![
        (
            "blocked [482]",
            order("approve_by_provider"),
            &[AGENT],
            vec![Must::Status(400), Must::Json(blocked)],
        ),
        ("but not past it [483]", order("set_state_executing"), &[AGENT], silent(200)),
    ];
    tell(&town, rows).await;

    let town = ordered(Dialect::Y2024);
    let offering =
        |action: &str| format!("POST /api/marketplace-provider-offerings/{RANCHER}/{action}/ {{}}");
    let rows: Vec<Row<'_>> = vec![
        (
            "paused [477]",
            offering("pause"),
            &[AGENT],
            vec![Must::Json(json!({"detail": "Offering state updated.", "state": "Paused"}))],
        ),
        (
            "no new order [478]",
            named("x"),
            &[OWNS],
            vec![Must::Status(400), Must::Json(json!({"offering": ["Offering is not available."]}))],
        ),
        ("an old one is approved [479]", order("approve_by_provider"), &[AGENT], silent(200)),
        (
            "not twice [017]",
            offering("pause"),
            &[AGENT],
            vec![Must::Status(400), Must::Json(json!(["Offering state is invalid."]))],
        ),
        ("staff alone activates [015]", offering("activate"), &[AGENT], vec![Must::Status(403)]),
    ];
    tell(&town, rows).await;
}

#[tokio::test(start_paused = true)]
async fn a_project_that_starts_later() {
    for (dialect, status, state) in
        [(Dialect::Y2024, 500, "pending-consumer"), (Dialect::Y2026, 200, "pending-project")]
    {
        let town = Town::new(dialect);
        town.meddle(json!({
            "act": "place-order", "offering_uuid": RANCHER, "project_uuid": PROJECT, "name": "new",
            "order_uuid": ORDER, "resource_uuid": NEW, "approved": false,
        }));
        town.meddle(json!({"act": "set-project", "uuid": PROJECT, "set": {"start_date": "2027-06-01"}}));
        let mut rows: Vec<Row<'_>> =
            vec![("agreed [485]", order("approve_by_consumer"), &[OWNS], vec![Must::Status(status)])];
        rows.extend(now(state, "Creating"));
        tell(&town, rows).await;
    }
}

#[tokio::test]
async fn acts_that_cannot_be_done_are_refused_in_words() {
    let town = ordered(Dialect::Y2024);
    let refused = |act: Value| {
        let act = serde_json::from_value(act).unwrap();
        town.state.lock().unwrap().meddle(act).unwrap_err()
    };
    let change = json!({"act": "update-limits", "resource_uuid": NEW, "limits": {"cpu": 1}});
    assert!(refused(change).contains("is open"));
    let twin = json!({
        "act": "place-order", "offering_uuid": RANCHER, "project_uuid": PROJECT, "name": "x", "resource_uuid": NEW,
    });
    assert!(refused(twin).contains("already"));
    let review = json!({"act": "review-order", "uuid": ORDER, "approve": true});
    assert!(refused(review).contains("does not wait for its consumer"));
    assert!(refused(json!({"act": "remove-order", "uuid": NEW})).contains("no order"));
}
