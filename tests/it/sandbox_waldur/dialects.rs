//! What differs between the recorded server of 2024 and the newest API.

use agent::sandbox::waldur::{Dialect, Seed};
use serde_json::{Value, json};

use super::town::{
    AGENT, ALICE, CAROL_THERE, MANAGER, Must, OWNS, PRIVATE, PROJECT, PROVIDER, RANCHER, Row, SERVICE, STAFF,
    TEAM_ALPHA, Town, hold,
};

#[test]
fn a_seed_that_names_no_dialect_means_the_newest() {
    let seed: Seed = serde_json::from_str("{}").unwrap();
    assert_eq!(seed.dialect, Dialect::Y2026);
    assert_eq!(serde_json::to_value(seed).unwrap()["dialect"], "2026");
}

#[test]
fn a_seed_with_an_unknown_word_is_refused() {
    for seed in [json!({"dialekt": "2024"}), json!({"users": [{"uuid": ALICE, "name": "x"}]})] {
        let words = seed.to_string();
        assert!(serde_json::from_value::<Seed>(seed).is_err(), "{words}");
    }
}

#[tokio::test]
async fn accounts_of_services_and_courses_came_after_2024() {
    let path =
        |which: &str| format!("GET /api/marketplace-provider-offerings/{RANCHER}/{which}/?field=username");
    let seed = |dialect| {
        let accounts = json!([
            {"uuid": ALICE, "username": "svc", "project_uuid": PROJECT},
            {"uuid": CAROL_THERE, "username": "seat", "project_uuid": PROJECT, "kind": "course", "state": "Closed"},
        ]);
        let mut town = super::town::seed();
        town["accounts"] = accounts;
        Seed { dialect, ..serde_json::from_value(town).unwrap() }
    };
    let newest = Town::of(seed(Dialect::Y2026));
    for (which, name) in [("list_project_service_accounts", "svc"), ("list_course_accounts", "seat")] {
        let reply = newest.ask(&path(which), &[AGENT]).await;
        assert_eq!(
            (reply.status, reply.text.as_str()),
            (200, json!([{"username": name}]).to_string().as_str())
        );
        let reply = Town::of(seed(Dialect::Y2024)).ask(&path(which), &[AGENT]).await;
        assert_eq!(reply.status, 404);
    }
}

#[tokio::test]
async fn the_newest_dialect_filters_more() {
    let resources = |query: &str| format!("GET /api/marketplace-provider-resources/?{query}");
    let accounts = |query: &str| format!("GET /api/marketplace-offering-users/?{query}");
    let count = |rows: usize| vec![Must::Status(200), Must::Header("x-result-count", rows.to_string())];
    let bad = |body: Value| vec![Must::Status(400), Must::Json(body)];
    let rows: Vec<Row<'_>> = vec![
        (
            "two offerings",
            resources(&format!("offering_uuid={RANCHER}&offering_uuid={PRIVATE}")),
            &[AGENT],
            count(2),
        ),
        (
            "one bad offering of two",
            resources(&format!("offering_uuid={RANCHER}&offering_uuid=x")),
            &[AGENT],
            bad(json!({"offering_uuid": ["Enter a valid UUID."]})),
        ),
        ("a full time stamp", resources("modified=2026-11-22T07:00:00Z"), &[AGENT], count(2)),
        ("a later time stamp", resources("modified=2026-11-22T11:00:00Z"), &[AGENT], count(1)),
        ("a date", resources("modified=2026-11-23"), &[AGENT], count(0)),
        (
            "no time at all",
            resources("created=yesterday"),
            &[AGENT],
            bad(json!({"created": ["Enter a valid date/time."]})),
        ),
        ("offering users by state", accounts("state=Creating&state=Deleted"), &[AGENT], count(1)),
        (
            "offering users by an unknown state",
            accounts("state=Bogus"),
            &[AGENT],
            bad(json!({"state": ["Select a valid choice. Bogus is not one of the available choices."]})),
        ),
        ("offering users by time", accounts("modified=2026-11-23T00:00:00Z"), &[AGENT], count(0)),
        (
            "a resource has slugs around it",
            format!("GET /api/marketplace-provider-resources/{TEAM_ALPHA}/"),
            &[AGENT],
            vec![
                Must::At("/project_slug", json!("project-1")),
                Must::At("/customer_slug", json!("consumer")),
                Must::At("/offering_slug", json!("rancher")),
                Must::At("/last_sync", json!("2026-11-20T01:36:30.764395Z")),
            ],
        ),
        (
            "a teammate has the account's state",
            format!("GET /api/marketplace-provider-resources/{TEAM_ALPHA}/team/"),
            &[AGENT],
            vec![
                Must::At("/0/offering_user_state", json!("OK")),
                Must::At("/1/offering_user_state", Value::Null),
                Must::At("/2/offering_user_state", json!("Creating")),
            ],
        ),
        (
            "a grant says role_name",
            format!("GET /api/marketplace-service-providers/{SERVICE}/project_permissions/"),
            &[AGENT],
            vec![Must::At("/0/role_name", json!("manager"))],
        ),
    ];
    hold(Dialect::Y2026, rows).await;
}

#[tokio::test]
async fn the_newest_dialect_says_more() {
    let rows: Vec<Row<'_>> = vec![
        (
            "a name completes an account",
            format!(r#"PATCH /api/marketplace-offering-users/{CAROL_THERE}/ {{"username": "carol-wal"}}"#),
            &[AGENT],
            vec![Must::At("/state", json!("OK")), Must::At("/username", json!("carol-wal"))],
        ),
        (
            "a blank name completes nothing",
            format!(r#"PATCH /api/marketplace-offering-users/{CAROL_THERE}/ {{"username": ""}}"#),
            &[AGENT],
            vec![Must::At("/state", json!("Creating"))],
        ),
        (
            "an order shows to who placed it as it does in lists",
            format!(
                r#"POST /api/marketplace-orders/ {{"offering": "http://w/api/marketplace-public-offerings/{RANCHER}/",
                   "project": "http://w/api/projects/{PROJECT}/", "attributes": {{"name": "x"}}, "limits": {{"cpu": 1}}}}"#
            ),
            &[OWNS],
            vec![
                Must::Status(201),
                Must::At("/customer_slug", json!("consumer")),
                Must::At("/auto_approved", json!(false)),
            ],
        ),
        (
            "the caller's own grants say what is granted and no longer to whom",
            "GET /api/users/me/?field=permissions".to_owned(),
            &[AGENT],
            vec![
                Must::At("/permissions/0/role_name", json!("CUSTOMER.OWNER")),
                Must::At("/permissions/0/scope_uuid", json!(PROVIDER)),
            ],
        ),
        (
            "a plan names its components",
            format!("GET /api/marketplace-provider-offerings/{RANCHER}/?field=plans"),
            &[AGENT],
            vec![
                Must::At("/plans/0/components/0/type", json!("cpu")),
                Must::At("/plans/0/components/1/billing_type", json!("usage")),
            ],
        ),
        (
            "a manager may not ask for grants",
            format!("GET /api/marketplace-service-providers/{SERVICE}/project_permissions/"),
            &[MANAGER],
            vec![Must::Status(403)],
        ),
        (
            "version",
            "GET /api/version/".to_owned(),
            &[STAFF],
            vec![Must::At("/latest_version", json!("8.1.2"))],
        ),
    ];
    hold(Dialect::Y2026, rows).await;
}

#[tokio::test]
async fn keys_that_only_one_dialect_has() {
    let (old, new) = (Town::new(Dialect::Y2024), Town::new(Dialect::Y2026));
    for (path, only_old, only_new) in [
        (format!("marketplace-provider-resources/{TEAM_ALPHA}/"), "offering_customer_uuid", "project_slug"),
        (format!("marketplace-service-providers/{SERVICE}/project_permissions/"), "role", "role_name"),
        (format!("marketplace-service-providers/{SERVICE}/"), "organization_group", "customer_slug"),
        (format!("marketplace-offering-users/{CAROL_THERE}/"), "propagation_date", "state"),
        (format!("marketplace-provider-offerings/{RANCHER}/"), "terms_of_service", "helpdesk_url"),
    ] {
        let keys = async |town: &Town| {
            let body = town.get(&format!("/api/{path}")).await;
            let row = body.get(0).unwrap_or(&body).clone();
            (row.get(only_old).is_some(), row.get(only_new).is_some())
        };
        assert_eq!(keys(&old).await, (true, false), "2024: {path}");
        assert_eq!(keys(&new).await, (false, true), "2026: {path}");
    }
}

#[tokio::test]
async fn the_callers_own_grants_say_to_whom_in_2024_only() {
    for (dialect, shown) in [(Dialect::Y2024, true), (Dialect::Y2026, false)] {
        let me = Town::new(dialect).get("/api/users/me/").await;
        let grant = me["permissions"][0].as_object().unwrap();
        for name in ["user_uuid", "user_name", "user_slug", "created", "role_description"] {
            assert_eq!(grant.contains_key(name), shown, "{dialect:?}: {name}");
        }
    }
}

#[tokio::test]
async fn roles_show_short_in_2024_and_as_they_are_in_2026() {
    for (dialect, long, own) in [
        (Dialect::Y2024, json!("member"), Value::Null),
        (Dialect::Y2026, json!("PROJECT.MEMBER"), json!("PROJECT.REVIEWER")),
    ] {
        let mut seed = super::town::seed();
        seed["dialect"] = json!(dialect);
        seed["projects"][0]["grants"] = json!([{"user_uuid": ALICE, "role": "PROJECT.MEMBER"}, {"user_uuid": "a0000000000000000000000000000002", "role": "PROJECT.REVIEWER"}]);
        let town = Town::of(serde_json::from_value(seed).unwrap());
        let team = town.get(&format!("/api/marketplace-provider-resources/{TEAM_ALPHA}/team/")).await;
        assert_eq!([&team[0]["role"], &team[1]["role"]], [&long, &own], "{dialect:?}");
    }
}

#[tokio::test]
async fn in_2024_an_offering_without_the_option_hides_its_offering_users() {
    let mut seed = super::town::seed();
    seed["offerings"][0]["secret_options"] = json!({});
    let town = Town::of(serde_json::from_value(seed).unwrap());
    let list = "/api/marketplace-offering-users/?field=username";
    assert_eq!(town.get(list).await, json!([]));
    let staff = town.ask(&format!("GET {list}"), &[STAFF]).await;
    assert_eq!(staff.header("x-result-count"), Some("2"));
}
