//! Members: listing, joining, leaving, and the groups of a user.

use serde_json::{Value, json};

use super::town::{Answer, Row, Town, check, error, row};

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    vec![
        row("members are sorted by username, the disabled among them", "GET groups/g-1a/members", 200, Answer::Names(&["ann", "bob", "cy_d"])),
        row("only direct members are listed", "GET groups/g-1/members", 200, Answer::Names(&["dee"])),
        row("a full member", "GET groups/g-1a/members?first=1&max=1", 200, Answer::Text(r#"[{"id":"u-bob","username":"bob","email":"bob@example.org","emailVerified":false,"attributes":{"team":["x"]},"enabled":true,"createdTimestamp":1793491200000,"totp":false,"disableableCredentialTypes":[],"requiredActions":[],"notBefore":0}]"#)),
        row("a brief member", "GET groups/g-1a/members?first=1&max=1&briefRepresentation=true", 200, Answer::Text(r#"[{"id":"u-bob","username":"bob","email":"bob@example.org","emailVerified":false,"enabled":true,"createdTimestamp":1793491200000}]"#)),
        row("a missing address is an absent key", "GET groups/g-1a/members?first=2&briefRepresentation=true", 200, Answer::Text(r#"[{"id":"u-cy","username":"cy_d","emailVerified":false,"enabled":false,"createdTimestamp":1793491200000}]"#)),
        row("max=-1 is everybody", "GET groups/g-1a/members?max=-1", 200, Answer::Names(&["ann", "bob", "cy_d"])),
        row("max=0 is nobody", "GET groups/g-1a/members?max=0", 200, Answer::Text("[]")),
        row("past the end is nobody", "GET groups/g-1a/members?first=3", 200, Answer::Text("[]")),
        row("joining", "PUT users/u-bob/groups/g-1", 204, Answer::Empty),
        row("joining again", "PUT users/u-bob/groups/g-1a", 204, Answer::Empty),
        row("joining by nobody", "PUT users/who/groups/g-1", 404, Answer::Text(r#"{"error":"User not found"}"#)),
        row("joining nothing", "PUT users/u-bob/groups/who", 404, Answer::Text(r#"{"error":"Group not found"}"#)),
        row("of two unknown ones the user is named", "PUT users/who/groups/who", 404, error("User not found")),
        row("the gate comes before the user", "PUT users/who/groups/who", 403, error("HTTP 403 Forbidden")).caller("with-query-groups"),
        row("the user comes before the role", "PUT users/who/groups/g-1", 404, error("User not found")).caller("with-view-users"),
        row("the role comes before the group", "PUT users/u-bob/groups/who", 403, error("HTTP 403 Forbidden")).caller("with-view-users"),
        row("leaving", "DELETE users/u-bob/groups/g-1a", 204, Answer::Empty),
        row("leaving without ever having joined", "DELETE users/u-bob/groups/g-2", 204, Answer::Empty),
        row("leaving by nobody", "DELETE users/who/groups/g-1", 404, error("User not found")),
        row("leaving nothing", "DELETE users/u-bob/groups/who", 404, error("Group not found")),
        row("a user's groups, briefly", "GET users/u-bob/groups", 200, Answer::Text(r#"[{"id":"g-1a","name":"project_a","path":"/c_one/project_a","parentId":"g-1","subGroups":[]}]"#)),
        row("a user's groups, in full", "GET users/u-bob/groups?briefRepresentation=false", 200, Answer::Text(r#"[{"id":"g-1a","name":"project_a","path":"/c_one/project_a","parentId":"g-1","subGroups":[],"attributes":{"managed_by":["agent"]},"realmRoles":[],"clientRoles":{}}]"#)),
        row("a user's groups are paged on 26.7", "GET users/u-ann/groups?max=1", 200, Answer::Absent("/1")),
        row("and not on 26.5", "GET users/u-ann/groups?max=1", 200, Answer::Names(&["project_a", "project_a"])).on("26.5.0"),
        row("unless searched", "GET users/u-ann/groups?max=1&search=PROJ", 200, Answer::Names(&["project_a"])).on("26.5.0"),
        row("a user's groups are counted", "GET users/u-ann/groups/count", 200, Answer::Text(r#"{"count":2}"#)),
    ]
}

// Its rows show the time at which the server began.
#[tokio::test(start_paused = true)]
async fn every_membership_call_answers_as_the_real_one() {
    check(rows()).await;
}

#[tokio::test]
async fn joining_and_leaving_show_on_both_sides() {
    let town = Town::new("26.7.1");
    town.manage("PUT", "users/u-bob/groups/g-1", &Value::Null).await;
    town.manage("PUT", "users/u-bob/groups/g-1", &Value::Null).await;
    assert_eq!(town.get("groups/g-1/members").await.names(), ["bob", "dee"]);
    assert_eq!(town.get("users/u-bob/groups").await.names(), ["c_one", "project_a"]);
    town.manage("DELETE", "users/u-bob/groups/g-1", &Value::Null).await;
    assert_eq!(town.get("groups/g-1/members").await.names(), ["dee"]);
    assert_eq!(town.get("users/u-bob/groups").await.names(), ["project_a"]);
}

#[tokio::test]
async fn leaving_a_parent_leaves_no_child() {
    let town = Town::new("26.7.1");
    assert_eq!(town.manage("DELETE", "users/u-ann/groups/g-1", &Value::Null).await.status, 204);
    assert_eq!(town.get("groups/g-1a/members").await.names(), ["ann", "bob", "cy_d"]);
}

#[tokio::test]
async fn disabled_users_join_and_leave_like_others() {
    let town = Town::new("26.7.1");
    town.manage("PUT", "users/u-cy/groups/g-1", &Value::Null).await;
    assert_eq!(town.get("groups/g-1/members").await.names(), ["cy_d", "dee"]);
    town.manage("DELETE", "users/u-cy/groups/g-1", &Value::Null).await;
    assert_eq!(town.get("groups/g-1/members").await.names(), ["dee"]);
}

#[tokio::test]
async fn a_deleted_user_is_in_no_group() {
    let town = Town::new("26.7.1");
    town.meddle(&json!({"act": "delete-user", "realm": "t1", "username": "bob"}));
    assert_eq!(town.get("groups/g-1a/members").await.names(), ["ann", "cy_d"]);
    assert_eq!(town.get("users/u-bob").await.status, 404);
}

#[tokio::test]
async fn new_users_join_the_default_groups() {
    let town = Town::new("26.7.1");
    town.meddle(&json!({"act": "add-user", "realm": "t1", "username": "Eve"}));
    assert_eq!(town.get("groups/g-3/members").await.names(), ["eve"]);
}

#[test]
fn a_seed_that_contradicts_itself_says_so() {
    let seed = json!({"version": "x", "realms": [{"realm": "t1", "default_groups": ["none"], "groups": [
        {"id": "a", "name": "a", "parent_id": "b"}, {"id": "b", "name": "b", "parent_id": "a"},
        {"id": "c", "name": "c", "members": ["who"]}, {"id": "d", "name": "c"},
    ]}, {"realm": "t1"}]});
    let clock = agent::sandbox::clock::Clock::starting_at(jiff::Timestamp::UNIX_EPOCH);
    let state = agent::sandbox::keycloak::State::new(serde_json::from_value(seed).unwrap(), clock);
    let expected = [
        "version \"x\" is not one",
        "realm t1: group c has an unknown member who",
        "realm t1: group c (d): Clash",
        "realm t1: group a has an unknown parent",
        "realm t1: group b has an unknown parent",
        "realm t1: default group none does not exist",
        "realm \"t1\" has no name of its own",
    ];
    assert_eq!(state.defects(), expected);
}
