//! The role matrix: each call by each role, and what the `access` blocks say about the caller.

use serde_json::{Value, json};

use super::town::{Answer, Row, Town, check, error, row};

const CALLERS: [&str; 6] = [
    "with-view-users",
    "with-query-users",
    "with-manage-users",
    "with-query-groups",
    "with-manage-realm",
    "with-none",
];

/// The table, in the order of [`CALLERS`].
#[rustfmt::skip]
const MATRIX: [(&str, &str, [u16; 6]); 20] = [
    ("listing groups", "GET groups", [200, 403, 200, 200, 403, 403]),
    ("counting groups", "GET groups/count", [200, 403, 200, 200, 403, 403]),
    ("reading a group", "GET groups/g-1", [200, 403, 200, 403, 403, 403]),
    ("reading children", "GET groups/g-1/children", [200, 403, 200, 403, 403, 403]),
    ("reading members", "GET groups/g-1/members", [200, 403, 200, 403, 403, 403]),
    ("reading by path", "GET group-by-path/c_one", [200, 403, 200, 403, 403, 403]),
    ("creating a group", "POST groups", [403, 403, 201, 403, 403, 403]),
    ("creating a child", "POST groups/g-1/children", [403, 403, 201, 403, 403, 403]),
    ("changing a group", "PUT groups/g-1", [403, 403, 204, 403, 403, 403]),
    ("deleting a group", "DELETE groups/g-1", [403, 403, 204, 403, 403, 403]),
    ("an unknown group", "GET groups/who", [404, 404, 404, 404, 404, 404]),
    ("deleting an unknown group", "DELETE groups/who", [404, 404, 404, 404, 404, 404]),
    ("listing users", "GET users", [200, 200, 200, 403, 403, 403]),
    ("reading a user", "GET users/u-ann", [200, 403, 200, 403, 403, 403]),
    ("reading a user's groups", "GET users/u-ann/groups", [200, 403, 200, 403, 403, 403]),
    ("counting a user's groups", "GET users/u-ann/groups/count", [200, 403, 200, 403, 403, 403]),
    ("joining", "PUT users/u-ann/groups/g-1", [403, 403, 204, 403, 403, 403]),
    ("leaving", "DELETE users/u-ann/groups/g-1", [403, 403, 204, 403, 403, 403]),
    ("an unknown user's groups", "GET users/who/groups", [404, 404, 404, 403, 403, 403]),
    ("an unknown user", "GET users/who", [404, 404, 404, 403, 403, 403]),
];

#[tokio::test]
async fn every_cell_of_the_role_matrix_holds() {
    let cells = MATRIX.iter().flat_map(|(name, call, statuses)| {
        CALLERS.iter().zip(statuses).map(|(caller, status)| {
            row(name, call, *status, Answer::Any).caller(caller).body(json!({"name": "fresh"}))
        })
    });
    check(cells.collect()).await;
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    vec![
        row("whoever may only ask for groups sees none", "GET groups", 200, Answer::Text("[]")).caller("with-query-groups"),
        row("and finds none", "GET groups?search=project", 200, Answer::Text("[]")).caller("with-query-groups"),
        row("whoever may only ask for users sees none", "GET users", 200, Answer::Text("[]")).caller("with-query-users"),
        row("and yet counts them all", "GET users/count", 200, Answer::Text("4")).caller("with-query-users"),
        row("realm-admin may do everything", "DELETE groups/g-1", 204, Answer::Empty).caller("with-realm-admin"),
        row("admin of master may do everything", "DELETE groups/g-1", 204, Answer::Empty).caller("admin"),
        row("a role in master counts for its realm", "DELETE groups/g-1", 204, Answer::Empty).caller("root"),
        row("a role in master counts for no other realm", "GET /admin/realms/t2/groups", 403, error("HTTP 403 Forbidden")).caller("root"),
        row("admin of master administers every realm", "GET /admin/realms/t2/groups", 200, Answer::Any).caller("admin"),
        row("a realm's own admin cannot administer another", "GET groups", 403, error("HTTP 403 Forbidden")).caller("foreigner"),
        row("not even learn which groups it has", "GET groups/who", 403, error("HTTP 403 Forbidden")).caller("foreigner"),
        row("a realm's own admin administers it", "GET /admin/realms/t2/groups", 200, Answer::Any).caller("foreigner"),
        row("without full scope roles are filtered away", "GET groups", 403, error("HTTP 403 Forbidden")).caller("narrow"),
        row("somebody without roles learns nothing of the realm", "GET /admin/realms/t1", 403, Answer::Any).caller("ann"),
        row("any admin role learns the realm's name", "GET /admin/realms/t1", 200, Answer::Text(r#"{"realm":"t1"}"#)).caller("with-query-groups"),
        row("manage-realm reads the realm", "GET /admin/realms/t1", 200, Answer::At("/accessTokenLifespan", json!(300))).caller("with-manage-realm"),
        row("manage-realm reads default groups", "GET default-groups", 200, Answer::Names(&["c_three"])).caller("with-manage-realm"),
        row("manage-users does not", "GET default-groups", 403, Answer::Any),
    ]
}

#[tokio::test]
async fn realms_and_filters_hold_for_every_caller() {
    check(rows()).await;
}

#[tokio::test]
async fn access_tells_what_the_caller_may_do() {
    let town = Town::new("26.7.1");
    for (caller, view, manage) in [("with-view-users", true, false), ("with-manage-users", true, true)] {
        let token = town.token_of(caller).await;
        let group = town.ask("GET", "groups/g-1", &token, &Value::Null).await.json();
        let expected = json!({
            "view": view, "viewMembers": view,
            "manage": manage, "manageMembers": manage, "manageMembership": manage,
        });
        assert_eq!(group["access"], expected, "{caller}");
        let user = town.ask("GET", "users/u-ann", &token, &Value::Null).await.json();
        let expected = json!({
            "view": view, "manage": manage, "mapRoles": manage, "impersonate": false,
            "manageGroupMembership": manage, "resetPassword": manage,
        });
        assert_eq!(user["access"], expected, "{caller}");
    }
}

#[tokio::test]
async fn roles_that_are_taken_away_count_at_once() {
    let town = Town::new("26.7.1");
    let token = town.token_of("with-manage-users").await;
    let username = "service-account-with-manage-users";
    town.meddle(
        &json!({"act": "set-user-roles", "realm": "t1", "username": username, "roles": ["view-users"]}),
    );
    assert_eq!(town.ask("GET", "groups/g-1", &token, &Value::Null).await.status, 200);
    assert_eq!(town.ask("DELETE", "groups/g-1", &token, &Value::Null).await.status, 403);
}
