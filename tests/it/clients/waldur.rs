//! What is asked of Waldur.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use agent::http::Auth;
use agent::model::world::{AccountKind, MemberAccess, OrderState, ResourceState};
use agent::model::{OfferingUuid, Reading, ResourceUuid, UserUuid};
use agent::waldur::{Client, Error, Listed};
use serde_json::{Value, json};

use super::Script;

const OFFERING: &str = "c8a4d57a45d64ad8a763b57288938324";
const RESOURCE: &str = "e5c9b58137be467db055f8291104062e";
const ALICE: &str = "47ab505ad9b14ccc9019f24d0b7d002c";
const BOB: &str = "c1e1db6502be40bbafe9596533c1e42d";
const PROVIDER: &str = "b60d136fca3048f5adeb7e45d5379088";
const CUSTOMER: &str = "87d5d5612d7141f69bda8e79d6eda57d";
const PROJECT: &str = "bc73c8e02d0f42afba6edb71f2b296b6";
const FIELDS: &str = "field=uuid&field=offering_uuid&field=name&field=slug&field=state&field=backend_id&field=project_uuid\
    &field=project_name&field=project_slug&field=customer_name&field=customer_slug&field=limits\
    &field=restrict_member_access&field=paused&field=backend_metadata&field=error_message&field=last_sync";

fn client(script: &Script) -> Client {
    let auth = Auth::Token("a-token-of-an-agent".into());
    Client::new("https://waldur.example/api/", script.transport(), "waldur-site-agent-reconcile/0.1", auth)
        .unwrap()
}

fn offering() -> OfferingUuid {
    OFFERING.parse().unwrap()
}

fn resource_uuid() -> ResourceUuid {
    RESOURCE.parse().unwrap()
}

fn row(number: usize) -> Value {
    json!({
        "uuid": format!("{number:032x}"), "offering_uuid": OFFERING, "name": "Astro <script>", "slug": "astro-1",
        "state": "OK", "backend_id": "", "project_uuid": PROJECT, "project_name": "Project One",
        "project_slug": "project--1", "customer_name": "Consumer Org", "customer_slug": "",
        "limits": { "cpu": 4, "ram": -8, "gpu": null }, "restrict_member_access": false, "paused": true,
    })
}

fn list_of_resources() -> String {
    format!("GET /api/marketplace-provider-resources/?offering_uuid={OFFERING}&{FIELDS}&page_size=100&page=1")
}

#[tokio::test(start_paused = true)]
async fn an_offering_says_who_offers_it() {
    let request = format!(
        "GET /api/marketplace-provider-offerings/{OFFERING}/?field=name&field=customer_uuid&field=state&field=type&field=plugin_options"
    );
    let body = json!({ "name": "Rancher", "customer_uuid": CUSTOMER, "state": "Active", "type": "Marketplace.Slurm" });
    let card = client(&Script::new().answer(&request, 200, &body)).offering(offering()).await.unwrap();
    assert_eq!(
        (card.name.as_str(), card.state.as_str(), card.kind.as_str()),
        ("Rancher", "Active", "Marketplace.Slurm")
    );
    assert_eq!(card.customer.simple().to_string(), CUSTOMER);
}

#[tokio::test(start_paused = true)]
async fn resources_are_read_with_their_blanks_and_oddities() {
    let script = Script::new().counted(&list_of_resources(), 1, &json!([row(1)]));
    let reading = client(&script).resources(offering()).await.unwrap();
    let resources = reading.complete().unwrap().get();
    let resource = resources.values().next().unwrap();
    assert_eq!((resource.state, resource.access), (ResourceState::Ok, MemberAccess::Paused));
    assert_eq!((resource.backend_id.as_deref(), resource.customer.slug.as_ref()), (None, None));
    let limits: Vec<_> = resource.limits.iter().map(|(name, limit)| (name.as_str(), *limit)).collect();
    assert_eq!(limits, [("cpu", 4), ("ram", -8)]);
}

#[tokio::test(start_paused = true)]
async fn a_list_is_everything_only_if_it_has_as_many_rows_as_were_counted_and_none_twice() {
    for (rows, total, hole) in [
        (json!([row(1), row(2)]), 3, "2 rows were read of 3"),
        (json!([row(1), row(1)]), 2, "rows repeat, so others may have been missed"),
        (json!([row(1), { "uuid": "x", "name": "odd" }]), 2, "resource 2 of the list (x) cannot be read"),
    ] {
        let script = Script::new().counted(&list_of_resources(), total, &rows);
        let reading = client(&script).resources(offering()).await.unwrap();
        let Reading::Partial { got, holes } = reading else { panic!("{reading:?} has a hole: {hole}") };
        assert!(!got.is_empty() && holes[0].starts_with(hole), "{holes:?}");
    }
    let uncounted = Script::new().answer(&list_of_resources(), 200, &json!([row(1)]));
    let reading = client(&uncounted).resources(offering()).await.unwrap();
    assert_eq!(reading.gap().as_deref(), Some("the server does not say how many rows there are"));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_shrank_while_its_pages_were_turned_is_not_everything() {
    let first = list_of_resources();
    let second = first.replace("&page=1", "&page=2");
    let page =
        |total, link| [("content-type", "application/json"), ("x-result-count", total), ("link", link)];
    let script = Script::new()
        .raw(&first, 200, &page("3", "<http://w.example/>; rel=\"next\""), &json!([row(1)]).to_string())
        .raw(&second, 200, &page("2", ""), &json!([row(2)]).to_string());
    let reading = client(&script).resources(offering()).await.unwrap();
    let hole = "the number of rows changed from 3 to 2 while they were read";
    assert_eq!(reading.gap().as_deref(), Some(hole));
}

#[tokio::test(start_paused = true)]
async fn keys_that_a_server_lacks_leave_no_hole() {
    let bare = json!([{ "uuid": RESOURCE, "offering_uuid": OFFERING, "state": "OK", "project_uuid": PROJECT, "limits": {} }]);
    let team = format!("GET /api/marketplace-provider-resources/{RESOURCE}/team/");
    let script = Script::new()
        .counted(&list_of_resources(), 1, &bare)
        .answer(&team, 200, &json!([{ "uuid": ALICE }]))
        .counted(&list_of_grants(), 1, &json!([{ "project_uuid": PROJECT, "user_uuid": ALICE }]));
    let client = client(&script);
    assert_eq!(client.resources(offering()).await.unwrap().gap(), None);
    assert_eq!(client.team(resource_uuid()).await.unwrap().gap(), None);
    assert_eq!(client.project_grants(PROVIDER.parse().unwrap()).await.unwrap().gap(), None);
}

#[tokio::test(start_paused = true)]
async fn another_offerings_resources_are_not_ours_even_if_the_server_ignores_the_filter() {
    let mut foreign = row(2);
    foreign["offering_uuid"] = json!(PROVIDER);
    let script = Script::new().counted(&list_of_resources(), 2, &json!([row(1), foreign]));
    let reading = client(&script).resources(offering()).await.unwrap();
    assert_eq!(reading.complete().unwrap().get().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_is_missing_is_told_from_an_address_that_is_wrong() {
    let request = format!("GET /api/marketplace-provider-resources/{RESOURCE}/?{FIELDS}");
    let missing = Script::new().answer(&request, 404, &json!({ "detail": "Nicht gefunden." }));
    assert_eq!(client(&missing).resource(resource_uuid()).await.unwrap(), None);
    let html = [("content-type", "text/html")];
    let wrong = Script::new().raw(&request, 404, &html, "<!doctype html><h1>Not Found</h1>");
    let error = client(&wrong).resource(resource_uuid()).await.unwrap_err();
    assert!(error.why().contains("is waldur_api_url right?"), "{}", error.why());
}

#[tokio::test(start_paused = true)]
async fn a_team_names_people_as_the_offering_does() {
    let rows = json!([
        { "uuid": ALICE, "username": "alice", "role": "manager", "expiration_time": null, "offering_user_username": null },
        { "uuid": BOB, "username": "bob", "role": "admin", "expiration_time": "2027-01-01T00:00:00Z", "offering_user_username": "ab12" },
    ]);
    let script = Script::new().answer(
        &format!("GET /api/marketplace-provider-resources/{RESOURCE}/team/"),
        200,
        &rows,
    );
    let team = client(&script).team(resource_uuid()).await.unwrap();
    let team = team.complete().unwrap().get();
    let [alice, bob]: [UserUuid; 2] = [ALICE.parse().unwrap(), BOB.parse().unwrap()];
    assert_eq!(team[&alice].username, None);
    assert_eq!(team[&bob].username.as_ref().unwrap().as_str(), "ab12");
    assert_eq!(team[&bob].expires.unwrap().to_string(), "2027-01-01T00:00:00Z");
}

#[tokio::test(start_paused = true)]
async fn people_are_read_by_their_account() {
    let request = format!(
        "GET /api/marketplace-offering-users/?offering_uuid={OFFERING}&field=uuid&field=offering_uuid&field=user_uuid\
         &field=user_username&field=username&field=state&field=has_consent&page_size=100&page=1"
    );
    let rows = json!([
        { "uuid": PROVIDER, "offering_uuid": OFFERING, "user_uuid": ALICE, "user_username": "alice", "username": "" },
        { "uuid": PROJECT, "offering_uuid": OFFERING, "user_uuid": BOB, "user_username": "bob", "username": "ab12",
          "state": "Pending account linking", "has_consent": false },
    ]);
    let script = Script::new().counted(&request, 2, &rows);
    let people = client(&script).offering_users(offering()).await.unwrap();
    let people: Vec<_> = people.complete().unwrap().get().values().cloned().collect();
    let names: Vec<_> = people
        .iter()
        .map(|p| (p.account.as_str(), p.username.as_ref().map(agent::model::Username::as_str)))
        .collect();
    assert_eq!(names, [("alice", None), ("bob", Some("ab12"))]);
    let more: Vec<_> = people.iter().map(|p| (p.state, p.consent)).collect();
    let linking = agent::model::world::UserState::PendingAccountLinking;
    assert_eq!(more, [(None, None), (Some(linking), Some(false))], "a server of 2024 says neither");
}

fn list_of_grants() -> String {
    format!(
        "GET /api/marketplace-service-providers/{PROVIDER}/project_permissions/?field=project_uuid&field=user_uuid\
         &field=user_username&field=role&field=role_name&field=created&field=expiration_time&page_size=100&page=1"
    )
}

#[tokio::test(start_paused = true)]
async fn the_same_role_granted_twice_is_no_repeated_row() {
    let grant = |created: &str| json!({ "project_uuid": PROJECT, "user_uuid": ALICE, "role": "manager", "created": created, "expiration_time": null });
    let twice = json!([grant("2026-11-23T01:12:18Z"), grant("2026-11-23T01:13:09Z")]);
    let client_of = |rows: &Value| client(&Script::new().counted(&list_of_grants(), 2, rows));
    let grants = client_of(&twice).project_grants(PROVIDER.parse().unwrap()).await.unwrap();
    assert_eq!(grants.complete().unwrap().get()[&PROJECT.parse().unwrap()].len(), 2);
    let repeated = json!([grant("2026-11-23T01:12:18Z"), grant("2026-11-23T01:12:18Z")]);
    let grants = client_of(&repeated).project_grants(PROVIDER.parse().unwrap()).await.unwrap();
    assert!(grants.complete().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_provider_is_found_by_its_organisation() {
    let request = format!(
        "GET /api/marketplace-service-providers/?field=uuid&field=customer_uuid&customer_uuid={CUSTOMER}&page_size=100"
    );
    let rows =
        json!([{ "uuid": PROJECT, "customer_uuid": BOB }, { "uuid": PROVIDER, "customer_uuid": CUSTOMER }]);
    let script = Script::new().answer(&request, 200, &rows);
    let found = client(&script).service_provider(CUSTOMER.parse().unwrap()).await.unwrap();
    assert_eq!(found, Some(PROVIDER.parse().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn a_backend_id_is_set_and_the_token_is_never_asked_for() {
    let set = format!("POST /api/marketplace-provider-resources/{RESOURCE}/set_backend_id/");
    let script = Script::new().raw(&set, 200, &[], "").answer(
        "GET /api/users/me/?field=uuid",
        200,
        &json!({ "uuid": ALICE }),
    );
    let client = client(&script);
    client.set_backend_id(resource_uuid(), "c-1:p-x").await.unwrap();
    assert_eq!(client.token_owner().await.unwrap().to_string(), ALICE);
    assert_eq!(script.asked()[0], format!("{set} {{\"backend_id\":\"c-1:p-x\"}}"));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_told_with_what_to_look_at() {
    let body = json!({ "detail": "Ungültiges Token." });
    let script = Script::new().answer("GET /api/users/me/?field=uuid", 401, &body);
    let error = client(&script).token_owner().await.unwrap_err();
    assert!(error.is_unauthorized() && matches!(error, Error::WhoAmI { .. }));
    assert_eq!(
        error.why(),
        "the owner of the token cannot be read: waldur: GET /api/users/me/: 401 Unauthorized: \
         {\"detail\":\"Ungültiges Token.\"} (is waldur_api_token right, and not expired? An idle token expires)"
    );
}

fn list_of_accounts(which: &str) -> String {
    format!(
        "GET /api/marketplace-provider-offerings/{OFFERING}/{which}/?field=uuid&field=username&field=state\
         &field=project_uuid&field=user_uuid&page_size=100&page=1"
    )
}

#[tokio::test(start_paused = true)]
async fn accounts_of_services_and_courses_are_one_map_and_no_token_is_asked_for() {
    let service = json!([
        { "uuid": BOB, "username": "svc", "state": "OK", "project_uuid": PROJECT },
    ]);
    let seats = json!([
        { "uuid": RESOURCE, "username": "", "state": "Pending", "project_uuid": PROJECT, "user_uuid": ALICE },
    ]);
    let script = Script::new()
        .counted(&list_of_accounts("list_project_service_accounts"), 1, &service)
        .counted(&list_of_accounts("list_course_accounts"), 1, &seats);
    let accounts = client(&script).accounts(offering()).await.unwrap();
    let accounts = accounts.complete().unwrap().get();
    let project = &accounts[&PROJECT.parse().unwrap()];
    let service = &project[&BOB.parse::<UserUuid>().unwrap()];
    assert_eq!((service.kind, service.closed), (AccountKind::Service, false));
    let seat = &project[&ALICE.parse::<UserUuid>().unwrap()];
    assert_eq!((seat.kind, seat.closed, &seat.username), (AccountKind::Course, true, &None));
}

#[tokio::test(start_paused = true)]
async fn a_server_without_such_accounts_has_none_and_one_that_refuses_is_an_error() {
    let (services, seats) =
        (list_of_accounts("list_project_service_accounts"), list_of_accounts("list_course_accounts"));
    let page = [("content-type", "text/html")];
    let without = Script::new().raw(&services, 404, &page, "<h1>Not Found</h1>").raw(
        &seats,
        404,
        &page,
        "<h1>Not Found</h1>",
    );
    assert_eq!(client(&without).accounts(offering()).await.unwrap(), Reading::Complete([].into()));
    let hidden = json!({ "detail": "No Offering matches the given query." });
    let refused = Script::new().answer(&services, 404, &hidden).answer(&seats, 404, &hidden);
    assert!(matches!(client(&refused).accounts(offering()).await, Err(Error::Accounts { .. })));
}

#[tokio::test(start_paused = true)]
async fn the_states_of_open_orders_are_one_small_request() {
    let request = format!(
        "GET /api/marketplace-orders/?offering_uuid={OFFERING}&state=pending-provider&state=executing\
         &field=uuid&field=offering_uuid&field=state&page_size=100&page=1"
    );
    let order = |number: usize, offering: &str, state: &str| json!({ "uuid": format!("{number:032x}"), "offering_uuid": offering, "state": state });
    // A server that does not know the filter shows the orders of others as well.
    let body = json!([
        order(1, OFFERING, "pending-provider"),
        order(2, PROVIDER, "executing"),
        order(3, OFFERING, "executing"),
    ]);
    let script = Script::new().counted(&request, 3, &body);
    let states = client(&script).order_states(offering()).await.unwrap();
    let expected = [(1, OrderState::Pending), (3, OrderState::Executing)];
    let expected = expected.map(|(number, state)| (format!("{number:032x}").parse().unwrap(), state));
    assert_eq!(states, Reading::Complete(expected.into()));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_the_server_does_not_count_has_at_least_what_it_shows() {
    let request = format!("GET /api/marketplace-orders/?offering_uuid={OFFERING}&field=uuid&page_size=1");
    let rows = r#"[{"uuid": "1"}]"#;
    let counted = Script::new().raw(&request, 200, &[("x-result-count", "1200")], rows);
    let silent = Script::new().raw(&request, 200, &[], rows);
    let count = async |script| client(script).count(offering(), Listed::Orders).await.unwrap();
    assert_eq!(count(&counted).await, Reading::Complete(1200));
    assert!(matches!(count(&silent).await, Reading::Partial { got: 1, holes } if holes.len() == 1));
}
