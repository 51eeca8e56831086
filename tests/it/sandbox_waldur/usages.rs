//! Reports of usage.

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::orders::silent;
use super::town::{AGENT, GONE, MANAGER, Must, OUTSIDER, OWNS, Row, TEAM_ALPHA, Town, hold, tell};

fn set(body: &Value) -> String {
    format!("POST /api/marketplace-component-usages/set_usage/ {body}")
}

fn amount(amount: &Value) -> String {
    set(&json!({"resource": TEAM_ALPHA, "usages": [{"type": "storage", "amount": amount}]}))
}

fn refused(body: Value) -> Vec<Must> {
    vec![Must::Status(400), Must::Json(body)]
}

#[tokio::test]
async fn a_report_is_taken_whole_or_not_at_all() {
    let one =
        |resource: &str| set(&json!({"resource": resource, "usages": [{"type": "storage", "amount": "1"}]}));
    let nobody = "00000000000000000000000000000000";
    let dashed = "4e000000-0000-0000-0000-000000000001";
    let rows: Vec<Row<'_>> = vec![
        ("a number [294]", amount(&json!(3.1)), &[AGENT], silent(201)),
        ("negative [291]", amount(&json!("-5")), &[AGENT], silent(201)),
        ("a dashed UUID [306]", one(dashed), &[AGENT], silent(201)),
        ("nothing [300]", set(&json!({"resource": TEAM_ALPHA, "usages": []})), &[AGENT], silent(201)),
        ("a manager [472]", one(TEAM_ALPHA), &[MANAGER], silent(201)),
        ("the consumer [312]", one(TEAM_ALPHA), &[OWNS], vec![Must::Status(403)]),
        ("an outsider [313]", one(TEAM_ALPHA), &[OUTSIDER], vec![Must::Status(403)]),
        (
            "one bad component of two [290]",
            set(
                &json!({"resource": TEAM_ALPHA, "usages": [{"type": "storage", "amount": "7"}, {"type": "gpu", "amount": "1"}]}),
            ),
            &[AGENT],
            refused(json!({"non_field_errors": ["These components are invalid: gpu."]})),
        ),
        (
            "three decimals [293]",
            amount(&json!("1.234")),
            &[AGENT],
            refused(
                json!({"usages": [{"amount": ["Ensure that there are no more than 2 decimal places."]}]}),
            ),
        ),
        ("noise [295]", amount(&json!(0.300_000_000_000_000_04)), &[AGENT], vec![Must::Status(400)]),
        (
            "no number [296]",
            amount(&json!("NaN")),
            &[AGENT],
            refused(json!({"usages": [{"amount": ["A valid number is required."]}]})),
        ),
        (
            "no amount [299]",
            set(&json!({"resource": TEAM_ALPHA, "usages": [{"type": "storage"}]})),
            &[AGENT],
            refused(json!({"usages": [{"amount": ["This field is required."]}]})),
        ),
        (
            "no usages [301]",
            set(&json!({"resource": TEAM_ALPHA})),
            &[AGENT],
            refused(json!({"usages": ["This field is required."]})),
        ),
        (
            "no resource [302]",
            set(&json!({"usages": []})),
            &[AGENT],
            refused(json!({"non_field_errors": ["Either plan_period or resource should be provided."]})),
        ),
        (
            "an unknown resource is a 400 [303]",
            one(nobody),
            &[AGENT],
            refused(json!({"resource": [format!("Object with uuid={nobody} does not exist.")]})),
        ),
        (
            "usages that are a text [311]",
            set(&json!({"resource": TEAM_ALPHA, "usages": "storage"})),
            &[AGENT],
            refused(
                json!({"usages": {"non_field_errors": ["Expected a list of items but got type \"str\"."]}}),
            ),
        ),
        (
            "a terminated resource [206]",
            one(GONE),
            &[AGENT],
            refused(json!({"resource": ["Resource is not in valid state."]})),
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test(start_paused = true)]
async fn a_report_is_refused_while_the_resource_is_erred() {
    let town = Town::new(Dialect::Y2024);
    for (state, status) in [("Updating", 201), ("Terminating", 201), ("Erred", 400), ("Creating", 400)] {
        town.meddle(json!({"act": "set-resource", "uuid": TEAM_ALPHA, "set": {"state": state}}));
        let reply = town.ask(&amount(&json!("1")), &[AGENT]).await;
        assert_eq!(reply.status, status, "{state} [077, 192, 238, 314]");
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeated_report_replaces_and_keeps_its_uuid() {
    let town = Town::new(Dialect::Y2024);
    let list = format!("/api/marketplace-component-usages/?resource_uuid={TEAM_ALPHA}");
    let both = json!({"resource": TEAM_ALPHA, "usages": [
        {"type": "storage", "amount": "12.50"}, {"type": "cpu", "amount": "3"}, {"type": "cpu", "amount": "4"},
    ]});
    tell(&town, vec![("both, one of them twice [281, 307]", set(&both), &[AGENT], silent(201))]).await;
    let first = town.get(&list).await;
    let shown = |list: &Value, kind: &str| {
        list.as_array().into_iter().flatten().find(|row| row["type"] == kind).cloned().unwrap_or_default()
    };
    assert_eq!(shown(&first, "cpu")["usage"], json!("4.00"), "the last one wins [307]");
    tell(&town, vec![("less [285]", amount(&json!("1")), &[AGENT], silent(201))]).await;
    let second = town.get(&list).await;
    assert_eq!(shown(&second, "storage")["usage"], json!("1.00"), "[286]");
    assert_eq!(shown(&second, "storage")["uuid"], shown(&first, "storage")["uuid"], "[284]");
    assert_eq!(shown(&second, "storage")["billing_period"], json!("2026-11-01"));
    assert_eq!(second[0]["type"], json!("storage"), "the newest first [286]");
    let usages =
        town.get(&format!("/api/marketplace-provider-resources/{TEAM_ALPHA}/?field=current_usages")).await;
    assert_eq!(usages, json!({"current_usages": {"storage": "1.00"}}), "only the last report [287]");
    let filtered = town.get(&format!("{list}&type=cpu&billing_period=2026-11-01&field=usage")).await;
    assert_eq!(filtered, json!([{"usage": "4.00"}]), "[316, 318]");
    assert_eq!(town.get(&format!("{list}&billing_period=2026-10-01")).await, json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_plan_period_stands_for_its_resource() {
    let town = Town::new(Dialect::Y2024);
    let periods = town.get(&format!("/api/marketplace-provider-resources/{TEAM_ALPHA}/plan_periods/")).await;
    assert_eq!(periods[0]["plan_name"], json!("Default plan"), "[087]");
    let report = json!({"plan_period": periods[0]["uuid"], "usages": [{"type": "storage", "amount": "2"}]});
    tell(&town, vec![("by plan period [288]", set(&report), &[AGENT], silent(201))]).await;
    let list = town.get("/api/marketplace-component-usages/?field=usage&field=resource_uuid").await;
    assert_eq!(list, json!([{"usage": "2.00", "resource_uuid": TEAM_ALPHA}]));
}

#[tokio::test(start_paused = true)]
async fn the_date_of_a_report_counts_today_and_did_not_in_2024() {
    let past = |kind: &str| {
        set(
            &json!({"resource": TEAM_ALPHA, "date": "2026-10-15T12:00:00Z", "usages": [{"type": kind, "amount": "9"}]}),
        )
    };
    for (dialect, kind, period) in
        [(Dialect::Y2024, "storage", "2026-11-01"), (Dialect::Y2026, "cpu", "2026-10-01")]
    {
        let town = Town::new(dialect);
        tell(&town, vec![("a past month [309]", past(kind), &[AGENT], silent(201))]).await;
        let list = town.get("/api/marketplace-component-usages/?field=billing_period").await;
        assert_eq!(list, json!([{"billing_period": period}]), "{dialect:?} [310]");
    }
    let backfilling = vec![Must::Status(400), Must::Has("backfilling past billing periods")];
    hold(Dialect::Y2026, vec![("billed by usage", past("storage"), &[AGENT], backfilling)]).await;
}
