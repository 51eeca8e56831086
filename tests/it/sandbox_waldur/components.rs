//! What a provider does to its offering and to people's accounts there.

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::orders::silent;
use super::town::{
    AGENT, ALICE, ALICE_THERE, BOB, CAROL_THERE, Must, OWNS, RANCHER, Row, TEAM_ALPHA, Town, hold, tell,
};

fn offering(action: &str, body: &Value) -> String {
    format!("POST /api/marketplace-provider-offerings/{RANCHER}/{action}/ {body}")
}

async fn cpu(town: &Town) -> Value {
    town.get(&format!("/api/marketplace-provider-offerings/{RANCHER}/?field=components")).await["components"]
        [0]
    .clone()
}

#[tokio::test(start_paused = true)]
async fn components_are_created_and_updated_as_recorded() {
    let town = Town::new(Dialect::Y2024);
    let uuid = cpu(&town).await["uuid"].clone();
    let update = |body: Value| offering("update_offering_component", &body);
    let create = |body: Value| offering("create_offering_component", &body);
    let gpu =
        || create(json!({"billing_type": "usage", "type": "gpu", "name": "GPU", "measured_unit": "hours"}));
    let no_part = || vec![Must::Status(404), Must::NoHeader("content-type")];
    let required = json!(["This field is required."]);
    let rows: Vec<Row<'_>> = vec![
        (
            "changed [448]",
            update(
                json!({"uuid": uuid, "billing_type": "limit", "type": "cpu", "name": "CPU cores", "limit_amount": 10.0}),
            ),
            &[AGENT],
            silent(200),
        ),
        (
            "without a UUID [449]",
            update(json!({"type": "cpu"})),
            &[AGENT],
            vec![
                Must::Status(400),
                Must::Json(json!({"details": "UUID for offering component was not provided."})),
            ],
        ),
        ("an unknown one [450]", update(json!({"uuid": TEAM_ALPHA})), &[AGENT], no_part()),
        ("no UUID at all [451]", update(json!({"uuid": "zzz"})), &[AGENT], no_part()),
        (
            "billed by the hour [452]",
            update(json!({"uuid": uuid, "billing_type": "hourly"})),
            &[AGENT],
            vec![
                Must::Status(400),
                Must::Json(json!({"billing_type": ["\"hourly\" is not a valid choice."]})),
            ],
        ),
        (
            "by the quarter, which newer servers know",
            update(json!({"uuid": uuid, "limit_period": "quarterly"})),
            &[AGENT],
            vec![
                Must::Status(400),
                Must::Json(json!({"limit_period": ["\"quarterly\" is not a valid choice."]})),
            ],
        ),
        ("created [453]", gpu(), &[AGENT], silent(201)),
        ("created twice [454]", gpu(), &[AGENT], vec![Must::Status(500)]),
        (
            "incomplete [455]",
            create(json!({"type": "net"})),
            &[AGENT],
            vec![Must::Status(400), Must::Json(json!({"billing_type": required.clone(), "name": required}))],
        ),
        ("by the consumer [456]", gpu(), &[OWNS], vec![Must::Status(404), Must::Has("No Offering")]),
    ];
    tell(&town, rows).await;
    let after = cpu(&town).await;
    assert_eq!((&after["name"], &after["limit_amount"]), (&json!("CPU cores"), &json!(10)));
    assert_eq!(after["measured_unit"], json!("cores"), "what was not sent stays");
}

#[tokio::test(start_paused = true)]
async fn newer_servers_keep_more_of_a_component_and_want_more_in_a_change() {
    let town = Town::new(Dialect::Y2026);
    let uuid = cpu(&town).await["uuid"].clone();
    let update = |body: Value| offering("update_offering_component", &body);
    let required = json!(["This field is required."]);
    let whole = json!({
        "uuid": uuid, "billing_type": "one", "type": "cpu", "name": "CPU", "limit_period": "quarterly",
        "is_prepaid": true, "min_prepaid_duration": 3, "article_code": "007", "default_limit": 4, "is_boolean": false,
    });
    let rows: Vec<Row<'_>> = vec![
        (
            "a part of it",
            update(json!({"uuid": uuid, "name": "CPU"})),
            &[AGENT],
            vec![Must::Status(400), Must::Json(json!({"billing_type": required.clone(), "type": required}))],
        ),
        ("all of it", update(whole.clone()), &[AGENT], silent(200)),
    ];
    tell(&town, rows).await;
    let after = cpu(&town).await;
    for (field, value) in whole.as_object().unwrap() {
        assert_eq!(after[field], *value, "{field}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_policy_renames_everybody() {
    let town = Town::new(Dialect::Y2024);
    let policy = |policy: &str| {
        let secret = json!({"service_provider_can_create_offering_user": true});
        offering(
            "update_integration",
            &json!({"plugin_options": {"username_generation_policy": policy}, "secret_options": secret}),
        )
    };
    let names = async || town.get("/api/marketplace-offering-users/?field=username").await;
    tell(&town, vec![("Waldur's names [546]", policy("waldur_username"), &[AGENT], silent(200))]).await;
    assert_eq!(names().await, json!([{"username": "alice"}, {"username": "carol"}]), "[547]");
    tell(&town, vec![("the provider's [548]", policy("service_provider"), &[AGENT], silent(200))]).await;
    assert_eq!(names().await, json!([{"username": ""}, {"username": ""}]), "[549]");
}

#[tokio::test(start_paused = true)]
async fn accounts_are_made_by_address_and_end() {
    let town = Town::new(Dialect::Y2024);
    let address = |path: &str| format!("http://waldur.test:8443/api/{path}/");
    let there = address(&format!("marketplace-provider-offerings/{RANCHER}"));
    let create = |user: &str, offering: &str| {
        format!(
            "POST /api/marketplace-offering-users/ {}",
            json!({"user": user, "offering": offering, "username": "b1"})
        )
    };
    let bob = address(&format!("users/{BOB}"));
    let refused = |body: Value| vec![Must::Status(400), Must::Json(body)];
    let account = |id: &str| format!("/api/marketplace-offering-users/{id}/");
    let rows: Vec<Row<'_>> = vec![
        (
            "made [328]",
            create(&bob, &there),
            &[AGENT],
            vec![
                Must::Status(201),
                Must::At("/username", json!("b1")),
                Must::At("/propagation_date", Value::Null),
            ],
        ),
        (
            "made twice [329]",
            create(&bob, &there),
            &[AGENT],
            refused(json!({"non_field_errors": ["The fields offering, user must make a unique set."]})),
        ),
        (
            "by UUID [332]",
            create(ALICE, &there),
            &[AGENT],
            refused(json!({"user": ["Invalid hyperlink - No URL match."]})),
        ),
        (
            "by another address [333]",
            create(&bob, &address(&format!("marketplace-public-offerings/{RANCHER}"))),
            &[AGENT],
            refused(json!({"offering": ["Invalid hyperlink - Incorrect URL match."]})),
        ),
        (
            "put without user and offering [341]",
            format!("PUT {} {{\"username\": \"x\"}}", account(ALICE_THERE)),
            &[AGENT],
            refused(json!({"user": ["This field is required."], "offering": ["This field is required."]})),
        ),
        (
            "restricted [342]",
            format!("POST {}update_restricted/ {{\"is_restricted\": true}}", account(ALICE_THERE)),
            &[AGENT],
            silent(200),
        ),
        ("deleted [346]", format!("DELETE {}", account(CAROL_THERE)), &[AGENT], vec![Must::Status(204)]),
        (
            "deleted twice [347]",
            format!("DELETE {}", account(CAROL_THERE)),
            &[AGENT],
            vec![Must::Status(404)],
        ),
    ];
    tell(&town, rows).await;
    let restricted =
        town.get("/api/marketplace-offering-users/?is_restricted=true&field=user_username").await;
    assert_eq!(restricted, json!([{"user_username": "alice"}]));
}

#[tokio::test]
async fn an_account_goes_through_its_life_today_and_has_none_in_2024() {
    let step = |word: &str| format!("POST /api/marketplace-offering-users/{ALICE_THERE}/{word}/");
    for (word, state) in [
        ("begin_creating", "Creating"),
        ("set_error_creating", "Error creating"),
        ("set_pending_account_linking", "Pending account linking"),
        ("set_pending_additional_validation", "Pending additional validation"),
        ("set_validation_complete", "OK"),
    ] {
        let html = Must::Header("content-type", "text/html; charset=utf-8".to_owned());
        hold(Dialect::Y2024, vec![(word, step(word), &[AGENT], vec![Must::Status(404), html])]).await;
        let town = Town::new(Dialect::Y2026);
        assert_eq!(town.ask(&step(word), &[AGENT]).await.status, 200, "{word}");
        let account = town.get(&format!("/api/marketplace-offering-users/{ALICE_THERE}/?field=state")).await;
        assert_eq!(account, json!({"state": state}), "{word}");
    }
}

#[tokio::test]
async fn what_came_after_2024_is_not_there_in_2024() {
    let action = |word: &str, body: &str| {
        format!("POST /api/marketplace-provider-resources/{TEAM_ALPHA}/{word}/ {body}")
    };
    for (word, body) in
        [("set_limits", r#"{"limits": {"cpu": 2}}"#), ("set_endpoints", r#"{"endpoints": []}"#)]
    {
        let html = Must::Header("content-type", "text/html; charset=utf-8".to_owned());
        hold(Dialect::Y2024, vec![(word, action(word, body), &[AGENT], vec![Must::Status(404), html])]).await;
        hold(
            Dialect::Y2026,
            vec![(word, action(word, body), &[AGENT], vec![Must::Status(200), Must::Has("status")])],
        )
        .await;
    }
    let erred = || action("set_as_erred", r#"{"error_message": "boom", "error_traceback": ""}"#);
    hold(Dialect::Y2024, vec![("for staff [068]", erred(), &[AGENT], vec![Must::Status(403)])]).await;
    hold(Dialect::Y2026, vec![("for providers", erred(), &[AGENT], vec![Must::Status(200)])]).await;
    let old = || format!(r#"POST /api/marketplace-slurm-remote/{TEAM_ALPHA}/set_limits/ {{"gpu": "many"}}"#);
    hold(Dialect::Y2024, vec![("unchecked [063]", old(), &[AGENT], vec![Must::Status(200)])]).await;
    hold(Dialect::Y2026, vec![("gone", old(), &[AGENT], vec![Must::Status(404)])]).await;
}
