//! Who is in a project: `team`, the bulk list of grants, and who may ask.

use std::time::Duration;

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::town::{
    AGENT, ALICE, BOB, CAROL, DAVE, GONE, MANAGER, Must, OUTSIDER, PRIVATE, PROJECT, PROVIDER, RANCHER, Row,
    SERVICE, STAFF, TEAM_ALPHA, Town, hold,
};

const TEAM: &str = "/api/marketplace-provider-resources/4e000000000000000000000000000001/team/";
const GRANTS: &str =
    "/api/marketplace-service-providers/5e000000000000000000000000000001/project_permissions/";

fn each(rows: &Value, keys: &[&str]) -> Vec<Value> {
    let list = rows.as_array().unwrap_or_else(|| panic!("no list: {rows}"));
    list.iter().map(|row| keys.iter().map(|key| row[*key].clone()).collect()).collect()
}

#[tokio::test]
async fn a_team_has_one_row_per_person_with_their_first_role() {
    let town = Town::new(Dialect::Y2024);
    let team = town.get(TEAM).await;
    assert_eq!(
        each(&team, &["username", "role", "offering_user_username", "expiration_time"]),
        [
            json!(["alice", "manager", "alice-wal", null]),
            json!(["bob", "admin", null, null]),
            json!(["carol", "member", "", "2027-01-01T00:00:00Z"]),
        ],
        "dave's grant has expired, bob has no account, carol's has no name"
    );
    let gone = town.get(&format!("/api/marketplace-provider-resources/{GONE}/team/")).await;
    assert_eq!(gone, team, "a terminated resource keeps its team [205]");
}

#[tokio::test]
async fn the_bulk_list_has_a_row_per_grant_and_keeps_the_expired() {
    let town = Town::new(Dialect::Y2024);
    let grants = town.get(GRANTS).await;
    assert_eq!(
        each(&grants, &["user_uuid", "role", "expiration_time"]),
        [
            json!([ALICE, "manager", null]),
            json!([BOB, "admin", null]),
            json!([CAROL, "member", "2027-01-01T00:00:00Z"]),
            json!([DAVE, "member", "2026-11-01T00:00:00Z"]),
            json!([BOB, "manager", null]),
        ]
    );
    let narrowed = town.get(&format!("{GRANTS}?field=user_uuid&project_uuid={TEAM_ALPHA}")).await;
    assert_eq!(narrowed, grants, "field and project_uuid are not read [565, 566]");
}

#[tokio::test]
async fn the_bulk_list_reaches_projects_with_something_shared_and_alive_only() {
    let grants = json!([{"user_uuid": CAROL, "role": "member"}]);
    for (why, resources, reached) in [
        ("a live resource", json!([{"uuid": GONE, "offering_uuid": RANCHER, "project_uuid": PROJECT}]), 1),
        (
            "a terminated one",
            json!([{"uuid": GONE, "offering_uuid": RANCHER, "project_uuid": PROJECT, "state": "Terminated"}]),
            0,
        ),
        (
            "one of a private offering",
            json!([{"uuid": GONE, "offering_uuid": PRIVATE, "project_uuid": PROJECT}]),
            0,
        ),
        ("none", json!([]), 0),
    ] {
        let mut seed = super::town::seed();
        seed["resources"] = resources;
        seed["projects"][0]["grants"] = grants.clone();
        let town = Town::of(serde_json::from_value(seed).unwrap());
        assert_eq!(town.get(GRANTS).await.as_array().map(Vec::len), Some(reached), "{why}");
    }
}

#[tokio::test]
async fn each_role_sees_its_own_part() {
    let providers = "GET /api/marketplace-service-providers/";
    let count = |rows: usize| vec![Must::Status(200), Must::Header("x-result-count", rows.to_string())];
    let forbidden = || {
        vec![
            Must::Status(403),
            Must::Json(json!({"detail": "You do not have permission to perform this action."})),
        ]
    };
    let rows: Vec<Row<'_>> = vec![
        ("the owner asks for grants [562]", format!("GET {GRANTS}"), &[AGENT], count(5)),
        ("staff ask for grants", format!("GET {GRANTS}"), &[STAFF], count(5)),
        ("a manager may not ask for grants", format!("GET {GRANTS}"), &[MANAGER], forbidden()),
        ("an outsider finds no such provider", format!("GET {GRANTS}"), &[OUTSIDER], vec![Must::Status(404)]),
        ("the owner's providers [560]", providers.to_owned(), &[AGENT], count(1)),
        (
            "fields of providers are not read [561]",
            format!("{providers}?field=uuid"),
            &[AGENT],
            vec![Must::At("/0/customer_uuid", json!(PROVIDER)), Must::At("/0/uuid", json!(SERVICE))],
        ),
        (
            "providers of a customer [362]",
            format!("{providers}?customer_uuid={PROVIDER}"),
            &[AGENT],
            count(1),
        ),
        ("providers of another customer", format!("{providers}?customer_uuid={PROJECT}"), &[AGENT], count(0)),
        ("a manager finds the provider", providers.to_owned(), &[MANAGER], count(1)),
        ("an outsider finds none", providers.to_owned(), &[OUTSIDER], count(0)),
        (
            "a team carries no paging headers [070]",
            format!("GET {TEAM}?page_size=1"),
            &[AGENT],
            vec![
                Must::Status(200),
                Must::At("/2/username", json!("carol")),
                Must::NoHeader("link"),
                Must::NoHeader("x-result-count"),
            ],
        ),
        (
            "a manager reads a team",
            format!("GET {TEAM}"),
            &[MANAGER],
            vec![Must::Status(200), Must::At("/0/username", json!("alice"))],
        ),
        ("an outsider does not", format!("GET {TEAM}"), &[OUTSIDER], vec![Must::Status(404)]),
        (
            "a manager's role [474]",
            "GET /api/users/me/?field=permissions".to_owned(),
            &[MANAGER],
            vec![
                Must::At("/permissions/0/role_name", json!("OFFERING.MANAGER")),
                Must::At("/permissions/0/scope_uuid", json!(RANCHER)),
            ],
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn who_has_not_agreed_is_hidden_from_the_team_but_not_from_staff_or_the_bulk_list() {
    let town = Town::new(Dialect::Y2026);
    town.meddle(json!({"act": "set-consent", "offering_uuid": RANCHER, "user_uuid": BOB, "given": false}));
    assert_eq!(each(&town.get(TEAM).await, &["username"]), [json!(["alice"]), json!(["carol"])]);
    let staff = town.ask(&format!("GET {TEAM}"), &[STAFF]).await.json();
    assert_eq!(each(&staff, &["username"]), [json!(["alice"]), json!(["bob"]), json!(["carol"])]);
    assert_eq!(town.get(GRANTS).await.as_array().map(Vec::len), Some(5));
    town.meddle(json!({"act": "set-consent", "offering_uuid": RANCHER, "user_uuid": BOB, "given": true}));
    assert_eq!(town.get(TEAM).await, staff);
}

#[tokio::test(start_paused = true)]
async fn a_grant_leaves_the_team_when_it_expires() {
    let town = Town::new(Dialect::Y2024);
    let act = json!({
        "act": "join-project", "project_uuid": PROJECT, "user_uuid": DAVE, "role": "member",
        "expiration_time": "2026-11-23T09:00:00Z",
    });
    town.meddle(act);
    let names = |team: &Value| each(team, &["username"]);
    assert_eq!(names(&town.get(TEAM).await).last(), Some(&json!(["dave"])));
    tokio::time::advance(Duration::from_hours(1)).await;
    assert_eq!(names(&town.get(TEAM).await).last(), Some(&json!(["carol"])));
    assert_eq!(town.get(GRANTS).await.as_array().map(Vec::len), Some(6), "the bulk list keeps it");
}

#[tokio::test(start_paused = true)]
async fn a_token_expires_when_idle_and_lives_as_long_as_it_is_used() {
    let town = Town::new(Dialect::Y2024);
    let hasty: &[(&str, &str)] = &[("Authorization", "Token hasty")];
    for _ in 0..3 {
        tokio::time::advance(Duration::from_mins(10)).await;
        assert_eq!(town.ask("GET /api/users/me/?field=uuid", hasty).await.status, 200);
    }
    tokio::time::advance(Duration::from_secs(601)).await;
    let reply = town.ask("GET /api/users/me/", hasty).await;
    assert_eq!((reply.status, reply.json()), (401, json!({"detail": "Token has expired."})));
    assert_eq!(reply.header("www-authenticate"), Some("Token"));
    assert_eq!(town.ask("GET /api/users/me/", hasty).await.status, 401, "it does not come back");
    assert_eq!(town.ask("GET /api/users/me/", &[AGENT]).await.status, 200, "the agent's own never expires");
}
