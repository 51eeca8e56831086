//! What an offering sells, compared with what the configuration says: what is sent, what stays, and that once is enough.

#![expect(clippy::expect_used, reason = "a test's scaffolding may fail the test")]

use std::collections::BTreeMap;

use agent::components::draft::{Change, Loads, diff};
use agent::components::{Draft, Problem, draft, json, text};
use agent::config::{Accounting, Sold};
use agent::model::ComponentName;
use agent::model::offered::{Components, Offered};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use uuid::Uuid;

fn name(text: &str) -> ComponentName {
    text.parse().expect("a component's name")
}

fn sold(label: &str, unit: &str, accounting: Accounting, more: &[(&'static str, Value)]) -> Sold {
    Sold {
        label: label.to_owned(),
        measured_unit: unit.to_owned(),
        accounting: Some(accounting),
        report_factor: None,
        k8s_resource: None,
        more: more.iter().cloned().collect(),
    }
}

fn offered(number: u128, fields: &Value) -> Offered {
    let fields = fields.as_object().cloned().unwrap_or_default();
    Offered { uuid: Some(Uuid::from_u128(number)), fields: fields.into_iter().collect() }
}

/// Returns the only change that there is.
fn only(loads: &Loads) -> Change {
    let [change] = loads.changes.as_slice() else { panic!("{loads:#?}") };
    change.clone()
}

fn one(sold: Sold, fields: &Value) -> Loads {
    diff(&[(name("cpu"), sold)].into(), &[("cpu".to_owned(), offered(1, fields))].into())
}

fn fields(change: &Change) -> Vec<(&str, Value)> {
    change.fields.iter().map(|one| (one.field, one.to.clone())).collect()
}

#[test]
fn what_is_missing_is_made_with_everything_that_the_configuration_says() {
    let cpu = sold("CPU", "cores", Accounting::Limit, &[("limit", json!(10)), ("min_value", json!(1))]);
    let loads = diff(&[(name("cpu"), cpu)].into(), &Components::new());
    let change = only(&loads);
    assert_eq!(change.uuid, None);
    let body = json!({
        "billing_type": "limit", "name": "CPU", "measured_unit": "cores", "limit_amount": 10, "min_value": 1,
    });
    assert_eq!(Value::Object(change.body), body);
}

#[test]
fn what_the_configuration_does_not_say_stays_and_is_sent_along() {
    let there = json!({
        "name": "CPU", "billing_type": "limit", "measured_unit": "core", "limit_period": "month", "max_value": 64.0,
        "description": "", "limit_amount": null, "factor": 3, "is_builtin": false,
    });
    let change = only(&one(sold("CPU", "cores", Accounting::Limit, &[]), &there));
    assert_eq!(fields(&change), [("measured_unit", json!("cores"))]);
    let body = json!({
        "name": "CPU", "billing_type": "limit", "measured_unit": "cores", "limit_period": "month", "max_value": 64.0,
        "description": "",
    });
    assert_eq!(Value::Object(change.body), body);
}

#[test]
fn numbers_are_numbers_however_a_server_writes_them() {
    let there = json!({
        "name": "CPU", "billing_type": "limit", "measured_unit": "cores", "limit_amount": "10.00", "max_value": 64.0,
        "article_code": "007", "is_boolean": false,
    });
    let more = |code| {
        [("limit", json!(10)), ("max_value", json!(64)), ("article_code", code), ("is_boolean", json!(false))]
    };
    let same = one(sold("CPU", "cores", Accounting::Limit, &more(json!("007"))), &there);
    assert!(same.changes.is_empty(), "{same:#?}");
    let other = one(sold("CPU", "cores", Accounting::Limit, &more(json!("008"))), &there);
    assert_eq!(fields(&only(&other)), [("article_code", json!("008"))]);
}

#[test]
fn a_field_that_a_server_does_not_show_is_no_difference_for_ever() {
    let there = json!({ "name": "CPU", "billing_type": "one", "measured_unit": "cores" });
    let loads = one(sold("CPU", "cores", Accounting::One, &[("max_renewal_duration", json!(12))]), &there);
    assert!(loads.changes.is_empty(), "{loads:#?}");
    assert_eq!(loads.hidden, [(name("cpu"), ["max_renewal_duration"].into())].into());
}

#[test]
fn what_is_paid_once_is_paid_before_where_it_is_made() {
    let once = || sold("CPU", "cores", Accounting::One, &[]);
    let made = only(&diff(&[(name("cpu"), once())].into(), &Components::new()));
    assert_eq!(made.body["is_prepaid"], json!(true));
    let there =
        json!({ "name": "CPU", "billing_type": "one", "measured_unit": "cores", "is_prepaid": false });
    // What is there is billed as it was, unless somebody says otherwise.
    assert!(one(once(), &there).changes.is_empty());
    let otherwise = sold("CPU", "cores", Accounting::One, &[("is_prepaid", json!(true))]);
    let change = only(&one(otherwise, &there));
    assert_eq!(fields(&change), [("is_prepaid", json!(true))]);
    assert!(change.bills_otherwise());
}

#[test]
fn nothing_is_removed_and_what_is_beyond_the_configuration_is_named() {
    let loads = diff(&BTreeMap::new(), &[("gpu".to_owned(), offered(1, &json!({ "name": "GPU" })))].into());
    assert!(loads.changes.is_empty());
    assert_eq!(loads.beyond, ["gpu".to_owned()].into());
}

#[test]
fn a_component_without_its_billing_is_not_loaded_and_hinders_no_other() {
    let unsaid = Sold { accounting: None, ..sold("GPU", "", Accounting::Limit, &[]) };
    let cpu = sold("CPU", "cores", Accounting::Limit, &[]);
    let loads = diff(&[(name("cpu"), cpu), (name("gpu"), unsaid)].into(), &Components::new());
    assert_eq!(loads.unloadable, [(name("gpu"), Problem::NoAccounting)].into());
    assert_eq!(only(&loads).component, name("cpu"));
}

#[test]
fn a_server_that_names_no_uuid_is_not_told_anything_of_it() {
    let there = Offered { uuid: None, ..offered(1, &json!({ "name": "old" })) };
    let cpu = sold("CPU", "cores", Accounting::Limit, &[]);
    let loads = diff(&[(name("cpu"), cpu)].into(), &[("cpu".to_owned(), there)].into());
    assert!(loads.changes.is_empty() && loads.alike.is_empty());
    assert_eq!(loads.unloadable, [(name("cpu"), Problem::NoUuid)].into());
}

/// A draft with something of everything.
fn draft_of_everything() -> Draft {
    let hostile = "\u{1b}[31mGPU\u{202e}\n+ create component";
    let wanted = BTreeMap::from([
        (name("cpu"), sold("CPU", "cores", Accounting::Usage, &[("limit", json!(10))])),
        (name("gpu"), Sold { accounting: None, ..sold("GPU", "", Accounting::Limit, &[]) }),
        (name("memory"), sold("Memory", "GiB", Accounting::Limit, &[("is_prepaid", json!(true))])),
        (name("storage"), sold("Storage", "GiB", Accounting::Limit, &[("limit_period", json!("month"))])),
    ]);
    let there = Components::from([
        (
            "cpu".to_owned(),
            offered(
                1,
                &json!({ "name": hostile, "billing_type": "limit", "measured_unit": "cores", "limit_amount": null }),
            ),
        ),
        (
            "memory".to_owned(),
            offered(2, &json!({ "name": "Memory", "billing_type": "limit", "measured_unit": "GiB" })),
        ),
        ("old".to_owned(), offered(3, &json!({ "name": "Old" }))),
    ]);
    let offering = |name: &str, loads| draft::OfferingDraft { name: name.to_owned(), loads };
    let uuid = |text: &str| text.parse().expect("a UUID");
    Draft {
        offerings: [
            (
                uuid("0ff00000000000000000000000000001"),
                offering("Kubernetes projects", Ok(diff(&wanted, &there))),
            ),
            (uuid("0ff00000000000000000000000000002"), offering("Kubernetes testing", Err("503".to_owned()))),
        ]
        .into(),
    }
}

#[test]
fn people_see_what_differs_what_stays_and_what_is_not_compared() {
    insta::with_settings!({
        snapshot_path => "snapshots/components", prepend_module_to_snapshot => false, omit_expression => true,
    }, {
        insta::assert_snapshot!("everything", text::render(&draft_of_everything()));
        let json = json::render(&draft_of_everything(), &[]).expect("it has a JSON form");
        insta::assert_snapshot!("everything.json", json);
    });
}

#[test]
fn nothing_to_do_says_how_much_was_compared() {
    assert_eq!(text::render(&Draft::default()), "No changes: 0 components are as configured.\n");
}

/// What may stand in a field, in the configuration or on a server.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("")),
        "[a-z]{1,6}".prop_map(Value::from),
        (0..5_i64).prop_map(Value::from),
        (0..5_i64).prop_map(|number| json!(f64::from(i32::try_from(number).unwrap_or_default()))),
        (0..5_i64).prop_map(|number| json!(format!("{number}.00"))),
        any::<bool>().prop_map(Value::from),
    ]
}

const FIELDS: [&str; 6] =
    ["limit_amount", "limit_period", "min_value", "description", "is_boolean", "article_code"];

fn any_sold() -> impl Strategy<Value = Sold> {
    let more = proptest::collection::btree_map(
        prop::sample::select(&["limit", "limit_period", "min_value", "description", "is_boolean"][..]),
        any_value(),
        0..4,
    );
    ("[A-C]", "[a-b]?", more, prop::option::of(prop::sample::select(&Accounting::WORDS[..]))).prop_map(
        |(label, measured_unit, more, accounting)| Sold {
            label,
            measured_unit,
            accounting: accounting.map(|(_, accounting)| accounting),
            report_factor: None,
            k8s_resource: None,
            more,
        },
    )
}

fn any_offered() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![3 => any_value(), 1 => Just(Value::Null)];
    let more = proptest::collection::btree_map(prop::sample::select(&FIELDS[..]), value, 0..6);
    ("[A-C]", "[a-b]?", more, prop::sample::select(&Accounting::WORDS[..])).prop_map(
        |(name, unit, more, (billing, _))| {
            let mut fields: Map<String, Value> =
                more.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
            fields.insert("name".to_owned(), name.into());
            fields.insert("measured_unit".to_owned(), unit.into());
            fields.insert("billing_type".to_owned(), billing.into());
            fields
        },
    )
}

proptest! {
    #[test]
    fn once_is_enough_and_nothing_that_nobody_configured_changes(
        wanted in proptest::collection::btree_map("[a-d]".prop_map(|text| name(&text)), any_sold(), 0..4),
        there in proptest::collection::btree_map("[a-f]", any_offered(), 0..5),
    ) {
        let before: Components = there
            .into_iter()
            .enumerate()
            .map(|(at, (key, fields))| (key, offered(u128::try_from(at).expect("few") + 1, &Value::Object(fields))))
            .collect();
        let loads = diff(&wanted, &before);
        // A server that keeps what it is sent, and takes what it is not sent for its default.
        let mut after = before.clone();
        for change in &loads.changes {
            let key = change.component.as_str().to_owned();
            let old = after.remove(&key);
            let mut fields: BTreeMap<String, Value> =
                old.iter().flat_map(|old| old.fields.keys().map(|field| (field.clone(), Value::Null))).collect();
            fields.extend(change.body.clone());
            after.insert(key, Offered { uuid: change.uuid.or(Some(Uuid::from_u128(99))), fields });
        }
        let again = diff(&wanted, &after);
        prop_assert!(again.changes.is_empty(), "{again:#?}");
        for (key, old) in &before {
            let new = after.get(key).expect("nothing is removed");
            let configured = wanted.iter().find(|(name, _)| name.as_str() == key).map(|(_, sold)| sold);
            for (field, value) in &old.fields {
                let said = configured.is_some_and(|sold| {
                    ["name", "billing_type"].contains(&field.as_str())
                        || field == "measured_unit"
                        || sold.more.contains_key(if field == "limit_amount" { "limit" } else { field.as_str() })
                });
                prop_assert!(said || new.fields.get(field) == Some(value), "{key}.{field}: {value} was not configured");
            }
        }
    }
}
