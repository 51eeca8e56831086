//! What is asked for a usage report, and what is sent.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]
#![expect(clippy::needless_pass_by_value, reason = "values are written where they are used")]

use std::collections::BTreeMap;

use agent::http::Auth;
use agent::model::usage::{Billing, Measure, Month};
use agent::model::{ClusterId, OfferingUuid, Quantity, Reading, ResourceUuid};
use agent::{rancher, waldur};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Script;

const OFFERING: &str = "c8a4d57a45d64ad8a763b57288938324";
const RESOURCE: &str = "e5c9b58137be467db055f8291104062e";
const NOW: &str = "2026-11-26T12:00:00Z";

fn to_waldur(script: &Script) -> waldur::Client {
    let auth = Auth::Token("a-token-of-an-agent".into());
    waldur::Client::new("https://waldur.example/api/", script.transport(), "agent/0.1", auth).unwrap()
}

fn to_rancher(script: &Script) -> rancher::Client {
    let auth = Auth::Basic { username: "token-x".to_owned(), password: "secret".into() };
    rancher::Client::new("https://rancher.example", script.transport(), "agent/0.1", auth).unwrap()
}

fn offering() -> OfferingUuid {
    OFFERING.parse().unwrap()
}

fn november() -> Month {
    Month::at(NOW.parse().unwrap(), &TimeZone::UTC)
}

fn cluster() -> ClusterId {
    "c-1".parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_billed_and_how_is_read_in_any_words() {
    let request = format!("GET /api/marketplace-provider-offerings/{OFFERING}/?field=components");
    let component = |kind: &str, billing: &str| json!({ "type": kind, "billing_type": billing, "name": "x" });
    let body = json!({ "components": [
        component("cpu", "limit"), component("memory", "usage"), component("setup", "one"), component("", "limit"), { "type": "bare" },
        component("future", "by moonlight"),
    ] });
    let script = Script::new().answer(&request, 200, &body);
    let billing = to_waldur(&script).billing(offering()).await.unwrap();
    let words: Vec<(&str, &Billing)> =
        billing.iter().map(|(name, billing)| (name.as_str(), billing)).collect();
    assert_eq!(
        words,
        [
            ("bare", &Billing::Other(String::new())),
            ("cpu", &Billing::Limit),
            ("future", &Billing::Other("by moonlight".to_owned())),
            ("memory", &Billing::Usage),
            ("setup", &Billing::Other("one".to_owned())),
        ]
    );
    // An answer without them says nothing of what is sold.
    let silent = Script::new().answer(&request, 200, &json!({}));
    assert!(to_waldur(&silent).billing(offering()).await.is_err());
}

fn usages() -> String {
    format!(
        "GET /api/marketplace-component-usages/?offering_uuid={OFFERING}&billing_period=2026-11-01&field=uuid\
         &field=resource_uuid&field=offering_uuid&field=type&field=usage&field=billing_period&field=date\
         &page_size=100&page=1"
    )
}

fn usage(uuid: usize, kind: &str, usage: Value, month: &str, date: &str) -> Value {
    json!({ "uuid": format!("{uuid:032x}"), "resource_uuid": RESOURCE, "offering_uuid": OFFERING, "type": kind,
            "usage": usage, "billing_period": month, "date": date })
}

#[tokio::test(start_paused = true)]
async fn the_last_report_of_the_month_is_the_newest_row_of_each_component() {
    let month = "2026-11-01";
    let rows = json!([
        usage(1, "cpu", json!("2.00"), month, "2026-11-20T10:00:00Z"),
        usage(2, "cpu", json!("1.00"), month, "2026-11-03T10:00:00Z"),
        usage(3, "memory", json!(4.5), month, "2026-11-20T10:00:00Z"),
        usage(4, "storage", json!("-5.00"), month, "2026-11-20T10:00:00Z"),
        usage(5, "gpu", json!("9.00"), "2026-10-01", "2026-10-20T10:00:00Z"),
    ]);
    let script = Script::new().counted(&usages(), 5, &rows);
    let reading = to_waldur(&script).usages(offering(), november()).await.unwrap();
    let resource: ResourceUuid = RESOURCE.parse().unwrap();
    let reported = &reading.complete().unwrap().get()[&resource];
    let amounts: BTreeMap<&str, String> =
        reported.iter().map(|(name, amount)| (name.as_str(), amount.to_string())).collect();
    let expected = [("cpu", "2.00"), ("memory", "4.50"), ("storage", "-5.00")];
    assert_eq!(amounts, expected.map(|(name, amount)| (name, amount.to_owned())).into());
}

#[tokio::test(start_paused = true)]
async fn a_report_names_a_moment_of_its_month_and_all_components_together() {
    let request = "POST /api/marketplace-component-usages/set_usage/";
    let script = Script::new().raw(request, 201, &[], "");
    let resource: ResourceUuid = RESOURCE.parse().unwrap();
    let amounts = [("memory", "4.00"), ("cpu", "2.00")]
        .map(|(name, amount)| (name.parse().unwrap(), amount.parse().unwrap()))
        .into();
    to_waldur(&script).report_usage(resource, november(), &amounts).await.unwrap();
    let asked = script.asked();
    let body: Value = serde_json::from_str(asked[0].strip_prefix(request).unwrap()).unwrap();
    assert_eq!(
        body,
        json!({ "resource": RESOURCE, "date": "2026-11-01T12:00:00+00:00",
                "usages": [{ "type": "cpu", "amount": "2.00" }, { "type": "memory", "amount": "4.00" }] })
    );
}

fn pods(more: &str) -> String {
    format!(
        "GET /k8s/clusters/c-1/api/v1/pods?fieldSelector=status.phase!=Succeeded,status.phase!=Failed&limit=500{more}"
    )
}

fn pod(name: &str, cpu: &str) -> Value {
    json!({ "metadata": { "name": name, "namespace": "work" },
            "spec": { "containers": [{ "name": "c", "resources": { "requests": { "cpu": cpu } } }] },
            "status": { "phase": "Running" } })
}

#[tokio::test(start_paused = true)]
async fn pods_of_a_namespace_are_counted_whatever_they_are_and_a_lost_chunk_is_no_end() {
    let request = |more: &str| pods(more).replace("/api/v1/pods", "/api/v1/namespaces/work/pods");
    let first = json!({ "kind": "PodList", "metadata": { "continue": "abc" }, "items": [pod("a", "1"), {}] });
    let last = json!({ "kind": "PodList", "metadata": { "continue": "" }, "items": [pod("b", "much")] });
    let count =
        async |script: &Script| to_rancher(script).running_pods(&cluster(), &"work".parse().unwrap()).await;
    let whole = Script::new().answer(&request(""), 200, &first).answer(&request("&continue=abc"), 200, &last);
    assert_eq!(count(&whole).await.unwrap(), Reading::Complete(3));
    let cut = Script::new().answer(&request(""), 200, &first).answer(&request("&continue=abc"), 403, &last);
    let Reading::Partial { got: 2, holes } = count(&cut).await.unwrap() else { panic!("a lost chunk") };
    assert!(holes[0].starts_with("not all pages could be read"), "{holes:?}");
    let refused = Script::new().answer(&request(""), 403, &last);
    assert!(count(&refused).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn pods_are_counted_chunk_by_chunk() {
    let first = json!({ "kind": "PodList", "metadata": { "continue": "abc" }, "items": [pod("a", "1")] });
    let last = json!({ "kind": "PodList", "metadata": { "continue": "" }, "items": [pod("b", "500m")] });
    let script = Script::new().answer(&pods(""), 200, &first).answer(&pods("&continue=abc"), 200, &last);
    let reading = to_rancher(&script).pods(&cluster(), NOW.parse().unwrap()).await.unwrap();
    let loads = reading.complete().unwrap().get();
    assert_eq!(loads["work"].amount(&Measure::Cpu), Ok("1500m".parse().unwrap()));
    assert_eq!(script.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_expires_again_and_again_is_not_taken_for_all() {
    let expired =
        json!({ "kind": "Status", "reason": "Expired", "code": 410, "metadata": { "continue": "stale" } });
    let first = json!({ "metadata": { "continue": "abc" }, "items": [pod("a", "1")] });
    let script = Script::new().answer(&pods(""), 200, &first).answer(&pods("&continue=abc"), 410, &expired);
    let reading = to_rancher(&script).pods(&cluster(), NOW.parse().unwrap()).await.unwrap();
    assert!(reading.complete().is_none() && reading.gap().unwrap().contains("410"), "{:?}", reading.gap());
    assert_eq!(script.asked().len(), 4, "begun anew once");
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_items_is_no_empty_cluster() {
    for body in
        [json!({}), json!({ "kind": "Status", "status": "Success" }), json!({ "items": {} }), json!([])]
    {
        let script = Script::new().answer(&pods(""), 200, &body);
        assert!(to_rancher(&script).pods(&cluster(), NOW.parse().unwrap()).await.is_err(), "{body}");
    }
    let nothing = Script::new().answer(&pods(""), 200, &json!({ "metadata": {}, "items": null }));
    let reading = to_rancher(&nothing).pods(&cluster(), NOW.parse().unwrap()).await.unwrap();
    assert!(reading.complete().unwrap().get().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_page_of_another_shape_fails_as_a_whole_and_an_odd_amount_only_its_namespace() {
    let odd = |pod: Value| json!({ "metadata": {}, "items": [pod] });
    let mut shapeless = pod("a", "1");
    shapeless["spec"]["containers"] = json!("none");
    let script = Script::new().answer(&pods(""), 200, &odd(shapeless));
    assert!(to_rancher(&script).pods(&cluster(), NOW.parse().unwrap()).await.is_err());
    let script = Script::new().answer(&pods(""), 200, &odd(pod("a", "much")));
    let reading = to_rancher(&script).pods(&cluster(), NOW.parse().unwrap()).await.unwrap();
    let loads = reading.complete().unwrap().get();
    assert!(loads["work"].amount(&Measure::Cpu).is_err());
}

#[tokio::test(start_paused = true)]
async fn claims_are_counted_by_namespace() {
    let request = "GET /k8s/clusters/c-1/api/v1/persistentvolumeclaims?limit=500";
    let claim = |name: &str, storage: &str| {
        json!({ "metadata": { "name": name, "namespace": "work" },
                "spec": { "resources": { "requests": { "storage": storage } } }, "status": { "phase": "Pending" } })
    };
    let body = json!({ "metadata": {}, "items": [claim("a", "1Ti"), claim("b", "1073741824")] });
    let script = Script::new().answer(request, 200, &body);
    let reading = to_rancher(&script).claims(&cluster()).await.unwrap();
    let loads = reading.complete().unwrap().get();
    assert_eq!(loads["work"].amount(&Measure::Storage), Ok(Quantity::gibibytes(1025)));
}
