//! Limits that the server lets pass, and ones that it does not.

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::town::{Must, OWNS, PROJECT, RANCHER, Row, hold};

fn ordering(limits: &Value) -> String {
    let body = json!({
        "offering": format!("http://waldur.test:8443/api/marketplace-public-offerings/{RANCHER}/"),
        "project": format!("http://waldur.test:8443/api/projects/{PROJECT}/"),
        "attributes": {"name": "x"}, "limits": limits,
    });
    format!("POST /api/marketplace-orders/ {body}")
}

#[tokio::test]
async fn limits_are_hardly_checked() {
    let taken = |limits: Value| vec![Must::Status(201), Must::At("/limits", limits)];
    let refused = |body: Value| vec![Must::Status(400), Must::Json(body)];
    let rows: Vec<Row<'_>> = vec![
        ("texts become numbers [506]", ordering(&json!({"cpu": "4"})), &[OWNS], taken(json!({"cpu": 4}))),
        ("negative [508]", ordering(&json!({"cpu": -8})), &[OWNS], taken(json!({"cpu": -8}))),
        ("missing [509]", ordering(&json!({})), &[OWNS], taken(json!({}))),
        (
            "a fraction [507]",
            ordering(&json!({"cpu": 2.5})),
            &[OWNS],
            refused(json!({"limits": {"cpu": ["A valid integer is required."]}})),
        ),
        (
            "more than there is [019]",
            ordering(&json!({"cpu": 100})),
            &[OWNS],
            refused(json!({"non_field_errors": ["The limit 100 value cannot be more than 64."]})),
        ),
        (
            "an unknown component [020]",
            ordering(&json!({"gpu": 1})),
            &[OWNS],
            refused(json!({"limits": ["Invalid types: gpu"]})),
        ),
        (
            "a component that is billed by usage [510]",
            ordering(&json!({"cpu": 4, "storage": 10})),
            &[OWNS],
            refused(json!({"limits": ["Invalid types: storage"]})),
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}
