//! What Waldur says to what our client asks. Nothing is changed: the one thing that is written is what is there already.

use serde_json::{Value, json};

use super::row::Is;
use super::server::Body;
use super::visit::Visit;

/// Asks everything of one offering, and says how much that was.
pub(super) async fn ask(mut visit: Visit, offering: &str, on: &str) -> usize {
    let offering = &offering.replace('-', "");
    let nobody = "00000000000000000000000000000bad";
    let visit = &mut visit;
    let me = visit.get("whose the token is", "/api/users/me/?field=uuid", 200, Is::Has("", &["uuid"])).await;
    visit.that("and nothing else, for the token is there too", me.json().get("token").is_none(), &me);
    visit.as_nobody("no token", "/api/users/me/?field=uuid").await;
    let fields = "field=username&field=is_staff&field=token_lifetime&field=permissions";
    let told = Is::Has("", &["username", "token_lifetime", "permissions"]);
    let me = visit.get("whose it is, and as what", &format!("/api/users/me/?{fields}"), 200, told).await;
    visit.that("without the token", me.json().get("token").is_none(), &me);
    let held = me.json()["permissions"][0].clone();
    let said = ["role_name", "scope_uuid", "expiration_time"].iter().all(|key| held.get(key).is_some());
    visit.that("each role is somewhere", said, &me);
    visit.check("the version", "GET /api/version/", Body::None, &[200, 403], Is::Any).await;

    let fields = "field=name&field=customer_uuid&field=state&field=type";
    let one = format!("/api/marketplace-provider-offerings/{offering}/?{fields}");
    let card = Is::All(vec![
        Is::Has("", &["name", "customer_uuid", "state"]),
        Is::At("/type", json!("Marketplace.Slurm")),
    ]);
    let customer = visit.get("the offering", &one, 200, card).await.json()["customer_uuid"].clone();
    let customer = customer.as_str().unwrap_or_default().to_owned();
    visit
        .get(
            "no offering",
            &format!("/api/marketplace-provider-offerings/{nobody}/"),
            404,
            Is::Has("", &["detail"]),
        )
        .await;

    let options = "field=components&field=plugin_options&field=secret_options";
    let one = format!("/api/marketplace-provider-offerings/{offering}/?{options}");
    let setup = Is::All(vec![
        Is::Has("", &["plugin_options"]),
        Is::Has("/components", &["type", "billing_type", "measured_unit"]),
    ]);
    visit.get("how it is set up", &one, 200, setup).await;
    for list in ["marketplace-provider-resources", "marketplace-orders", "marketplace-offering-users"] {
        let counted = format!("/api/{list}/?offering_uuid={offering}&field=uuid&page_size=1");
        let got = visit.get("how many rows there are", &counted, 200, Is::Any).await;
        visit.that("in a header", got.header("x-result-count").parse::<usize>().is_ok(), &got);
    }
    usage(visit, offering).await;
    resources(visit, offering, nobody).await;
    people(visit, offering, &customer).await;
    std::mem::replace(visit, Visit::to("", String::new())).end(on)
}

async fn resources(visit: &mut Visit, offering: &str, nobody: &str) {
    let list = "/api/marketplace-provider-resources/";
    let fields = "field=uuid&field=offering_uuid&field=state&field=backend_id&field=project_uuid&field=limits&field=slug";
    let page = |number: usize| format!("{list}?offering_uuid={offering}&{fields}&page_size=1&page={number}");
    let keys = &["uuid", "offering_uuid", "state", "backend_id", "project_uuid", "limits"];
    let got =
        visit.get("a page of resources", &page(1), 200, Is::All(vec![Is::Rows(1), Is::Has("", keys)])).await;
    let total: usize = got.header("x-result-count").parse().unwrap_or(0);
    visit.that("their number is in a header", total > 0, &got);
    visit.that("no other field is told", got.json()[0].get("name").is_none(), &got);
    let next = got.header("link").contains("rel=\"next\"");
    visit.that("a header says whether there are more", next == (total > 1), &got);
    visit.get("a page after the last", &page(total + 1), 404, Is::Has("", &["detail"])).await;
    let resource = got.json()[0]["uuid"].as_str().unwrap_or_default().to_owned();
    visit.that("ids have no dashes", resource.len() == 32 && !resource.contains('-'), &got);
    let one = visit.get("one of them", &format!("{list}{resource}/?{fields}"), 200, Is::Has("", keys)).await;
    visit.get("none of them", &format!("{list}{nobody}/"), 404, Is::Has("", &["detail"])).await;
    let team = visit.get("its team", &format!("{list}{resource}/team/"), 200, Is::Any).await;
    let rows = team.json().as_array().cloned();
    let told = |row: &Value| ["uuid", "role", "username"].iter().all(|key| row.get(key).is_some());
    visit.that("in one list, each with a role", rows.is_some_and(|rows| rows.iter().all(told)), &team);
    // What is there is written again: nothing changes.
    let same = json!({ "backend_id": one.json()["backend_id"] });
    let call = format!("POST {list}{resource}/set_backend_id/");
    visit.check("what it is called at the backend", &call, Body::Json(same), &[200], Is::Any).await;
}

async fn usage(visit: &mut Visit, offering: &str) {
    let one = format!("/api/marketplace-provider-offerings/{offering}/?field=components");
    let sold =
        Is::Has("/components", &["uuid", "type", "billing_type", "name", "measured_unit", "limit_period"]);
    visit.get("what it sells, and how that is billed", &one, 200, sold).await;
    let fields = "field=uuid&field=resource_uuid&field=offering_uuid&field=type&field=usage&field=billing_period&field=date";
    let list = format!(
        "/api/marketplace-component-usages/?offering_uuid={offering}&billing_period=2026-11-01&{fields}&page_size=100&page=1"
    );
    let got = visit.get("what was reported", &list, 200, Is::Any).await;
    let told = |row: &Value| {
        ["uuid", "resource_uuid", "offering_uuid", "type", "usage"].iter().all(|key| row.get(key).is_some())
            && row["billing_period"] == "2026-11-01"
    };
    visit.that("of that month", got.json().as_array().is_some_and(|rows| rows.iter().all(told)), &got);
    visit.that("counted in a header", got.header("x-result-count").parse::<usize>().is_ok(), &got);
    let list = format!(
        "/api/marketplace-provider-resources/?offering_uuid={offering}&field=uuid&field=current_usages&page_size=1&page=1"
    );
    visit.get("what it shows as used", &list, 200, Is::Has("", &["uuid", "current_usages"])).await;
}

async fn people(visit: &mut Visit, offering: &str, customer: &str) {
    let fields =
        "field=uuid&field=offering_uuid&field=user_uuid&field=username&field=state&field=has_consent";
    let list =
        format!("/api/marketplace-offering-users/?offering_uuid={offering}&{fields}&page_size=100&page=1");
    let got = visit.get("the offering's people", &list, 200, Is::Any).await;
    let told = |row: &Value| {
        ["uuid", "offering_uuid", "user_uuid", "username"].iter().all(|key| row.get(key).is_some())
    };
    visit.that("each with a name", got.json().as_array().is_some_and(|rows| rows.iter().all(told)), &got);
    let list = format!(
        "/api/marketplace-service-providers/?field=uuid&field=customer_uuid&customer_uuid={customer}&page_size=100"
    );
    let got = visit
        .get("the provider", &list, 200, Is::All(vec![Is::Rows(1), Is::Has("", &["uuid", "customer_uuid"])]))
        .await;
    let provider = got.json()[0]["uuid"].as_str().unwrap_or_default().to_owned();
    let fields =
        "field=project_uuid&field=user_uuid&field=role&field=role_name&field=created&field=expiration_time";
    let list = format!(
        "/api/marketplace-service-providers/{provider}/project_permissions/?{fields}&page_size=100&page=1"
    );
    let got = visit.get("who has which role", &list, 200, Is::Any).await;
    let told = |row: &Value| {
        ["project_uuid", "user_uuid", "created"].iter().all(|key| row.get(key).is_some())
            && (row.get("role_name").is_some() || row.get("role").is_some())
    };
    visit.that("each in a project", got.json().as_array().is_some_and(|rows| rows.iter().all(told)), &got);
    visit.that("counted in a header", got.header("x-result-count").parse::<usize>().is_ok(), &got);
}
