//! What is asked of Keycloak.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use std::collections::{BTreeMap, BTreeSet};

use agent::http::{Grant, Outcome};
use agent::keycloak::{Client, Error, Removal, Settings};
use agent::model::capture::Capture;
use agent::model::world::{Memory, Realm};
use agent::model::{GroupId, GroupName, KeycloakUserId};
use agent::observe;
use agent::systems::Systems;
use serde_json::{Value, json};

use super::Script;

const TOKEN: &str = "POST /auth/realms/master/protocol/openid-connect/token";
const FLAT: &str = "populateHierarchy=false&briefRepresentation=false&subGroupsCount=false";

fn script() -> Script {
    Script::new().answer(TOKEN, 200, &json!({ "access_token": "eyJ", "expires_in": 60 }))
}

fn client(script: &Script) -> Client {
    let grant = Grant::Password {
        client_id: "admin-cli".into(),
        client_secret: None,
        username: "agent".into(),
        password: "hunter2".into(),
    };
    let url = "https://kc.example/auth/".to_owned();
    let settings = Settings::new(url, "waldur".parse().unwrap(), "master".parse().unwrap(), grant);
    Client::new(settings, script.transport(), "agent/0.1").unwrap()
}

fn at(method: &str, rest: &str) -> String {
    format!("{method} /auth/admin/realms/waldur/{rest}")
}

fn group_id(id: &str) -> GroupId {
    id.parse().unwrap()
}

fn user_id() -> KeycloakUserId {
    "u1".parse().unwrap()
}

fn group(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "path": format!("/c/{name}"), "parentId": "g0", "subGroups": [],
            "attributes": { "managed_by": ["waldur-rancher-agent"] } })
}

/// What was asked after the login.
fn asked(script: &Script) -> Vec<String> {
    script.asked().into_iter().filter(|asked| !asked.starts_with(TOKEN)).collect()
}

#[tokio::test(start_paused = true)]
async fn our_groups_are_read_flat_until_an_empty_page_and_others_are_dropped() {
    let page =
        |first| at("GET", &format!("groups?q=managed_by:waldur-rancher-agent&{FLAT}&max=1000&first={first}"));
    let mut foreign = group("g2", "other");
    foreign["attributes"] = json!({ "managed_by": ["somebody"] });
    let script = script().answer(&page(0), 200, &json!([group("g1", "team"), foreign])).answer(
        &page(1000),
        200,
        &json!([]),
    );
    let groups = client(&script).groups_of_maker("waldur-rancher-agent").await.unwrap();
    let groups = groups.complete().unwrap().get();
    assert_eq!(groups.keys().map(ToString::to_string).collect::<Vec<_>>(), ["g1"]);
    assert_eq!(groups[&group_id("g1")].group.parent, Some(group_id("g0")));
    assert_eq!(groups[&group_id("g1")].rights, None, "this server does not say");
}

/// Looks at a realm with one group in a list whose row has these rights; the group itself has those.
async fn seen(listed: Value, asked_for: Value) -> Realm {
    let capture = Capture::from_yaml(include_str!("../../../fixtures/nothing-to-do.yaml")).unwrap();
    let place = capture.policy.offerings.values().next().unwrap().keycloak.as_ref().unwrap().realm.clone();
    let page =
        |first| at("GET", &format!("groups?q=managed_by:waldur-rancher-agent&{FLAT}&max=1000&first={first}"));
    let row = |rights: &Value| {
        let mut row = group("g1", "team");
        row["access"] = rights.clone();
        row["attributes"] = json!({
            "managed_by": ["waldur-rancher-agent"], "waldur_role": ["project-member"],
            "waldur_offering_uuid": ["0ff00000000000000000000000000001"],
            "waldur_project_uuid": ["a0000000000000000000000000000001"],
        });
        row
    };
    let script = script()
        .answer(&page(0), 200, &json!([row(&listed)]))
        .answer(&page(1000), 200, &json!([]))
        .answer(&page(0).replace("waldur-rancher-agent", "waldur-site-agent"), 200, &json!([]))
        .answer(&at("GET", "groups/g1"), 200, &row(&asked_for))
        .answer(&at("GET", "groups/g1/members?max=-1&briefRepresentation=true"), 200, &json!([]));
    let mut systems = Systems::default();
    systems.keycloak.insert(place.clone(), client(&script));
    let now = "2026-11-23T08:00:00Z".parse().unwrap();
    let mut world = observe::look(&systems, &capture.policy, now, Memory::default()).await.world;
    world.realms.remove(&place).unwrap()
}

/// A server looks for rows first and for rights afterwards, so a page may be short, or hold the last row of many.
#[tokio::test(start_paused = true)]
async fn a_short_page_of_our_groups_is_not_the_last() {
    let page =
        |first| at("GET", &format!("groups?q=managed_by:waldur-rancher-agent&{FLAT}&max=1000&first={first}"));
    let script = script()
        .answer(&page(0), 200, &json!([group("g1", "team")]))
        .answer(&page(1000), 200, &json!([group("g2", "other-team")]))
        .answer(&page(2000), 200, &json!([]));
    let groups = client(&script).groups_of_maker("waldur-rancher-agent").await.unwrap();
    assert_eq!(groups.complete().unwrap().get().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn members_that_may_not_be_viewed_are_not_taken_for_nobody() {
    let may = json!({ "manage": true, "viewMembers": true, "manageMembership": true });
    let veiled = json!({ "manage": true, "viewMembers": false, "manageMembership": true });
    for (listed, asked_for, is_complete) in [
        (may.clone(), Value::Null, true),
        (veiled.clone(), Value::Null, false),
        // An old server says it of the group alone, if at all.
        (Value::Null, may, true),
        (Value::Null, veiled, false),
        (Value::Null, Value::Null, true),
    ] {
        let realm = seen(listed.clone(), asked_for.clone()).await;
        let members = &realm.members[&group_id("g1")];
        assert_eq!(members.complete().is_some(), is_complete, "{listed} {asked_for}");
        assert_eq!(realm.groups.complete().is_some(), is_complete, "{listed} {asked_for}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_is_compared_by_ourselves_because_an_underscore_may_match_anything() {
    let request = at("GET", &format!("groups?search=a_b&exact=true&{FLAT}&max=100&first=0"));
    let script =
        script().answer(&request, 200, &json!([group("g1", "a_b"), group("g2", "axb"), group("g3", "a_b")]));
    let name: GroupName = "a_b".parse().unwrap();
    let found = client(&script).groups_named(&name).await.unwrap();
    let ids: Vec<_> = found.complete().unwrap().get().keys().map(ToString::to_string).collect();
    assert_eq!(ids, ["g1", "g3"]);
    assert_eq!(asked(&script).len(), 1, "one name costs one request");
}

#[tokio::test(start_paused = true)]
async fn members_are_read_in_one_request_and_each_once() {
    let request = at("GET", "groups/g1/members?max=-1&briefRepresentation=true");
    let ann = json!({ "id": "u1", "username": "ann", "enabled": false });
    let script = script().answer(&request, 200, &json!([ann, ann, { "id": "u2", "username": "bob" }]));
    let members = client(&script).members(&group_id("g1")).await.unwrap();
    let members: Vec<_> =
        members.complete().unwrap().get().values().map(|m| (m.username.to_string(), m.disabled)).collect();
    assert_eq!(members, [("ann".to_owned(), true), ("bob".to_owned(), false)]);
    assert_eq!(asked(&script).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn three_kinds_of_not_found_are_told_apart() {
    let ask = |body: Value| {
        let script = script().answer(&at("GET", "groups/g1"), 404, &body);
        async move { client(&script).group(&group_id("g1")).await }
    };
    assert_eq!(ask(json!({ "error": "Could not find group by id" })).await.unwrap(), None);
    let why = ask(json!({ "error": "Realm not found." })).await.unwrap_err().why();
    assert!(why.contains("is keycloak_realm right?"), "{why}");
    let why =
        ask(json!({ "error": "Unable to find matching target resource method" })).await.unwrap_err().why();
    assert!(why.contains("with or without /auth"), "{why}");
    assert!(ask(json!({ "error": "HTTP 404 Not Found" })).await.is_err(), "what is unclear is no absence");
}

#[tokio::test(start_paused = true)]
async fn a_login_in_the_wrong_realm_is_told() {
    let script = Script::new().answer(TOKEN, 404, &json!({ "error": "Realm does not exist" }));
    let error = client(&script).user(&user_id()).await.unwrap_err();
    assert!(error.why().contains("is keycloak_user_realm the realm"), "{}", error.why());
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[tokio::test(start_paused = true)]
async fn a_missing_role_is_told_with_its_name() {
    let denied = json!({ "error": "HTTP 403 Forbidden" });
    let script = script().answer(&at("PUT", "users/u1/groups/g1"), 403, &denied);
    let error = client(&script).join(&user_id(), &group_id("g1")).await.unwrap_err();
    assert!(error.why().contains("manage-users"), "{}", error.why());
}

#[tokio::test(start_paused = true)]
async fn people_are_looked_up_by_id_or_by_name() {
    let by_name = at("GET", "users?username=Ann&exact=true&briefRepresentation=true&max=10");
    let script = script()
        .answer(
            &by_name,
            200,
            &json!([{ "id": "u2", "username": "annabel" }, { "id": "u1", "username": "ann" }]),
        )
        .answer(&at("GET", "users/u1"), 200, &json!({ "id": "u1", "username": "ann", "enabled": true }))
        .answer(&at("GET", "users/ann"), 404, &json!({ "error": "User not found" }));
    let client = client(&script);
    let named = client.user_named(&"Ann".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(Some(named), client.user(&user_id()).await.unwrap());
    assert_eq!(client.user(&"ann".parse().unwrap()).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_new_groups_id_is_in_its_body_or_in_its_location() {
    let location = [("location", "http://inner:8080/admin/realms/waldur/groups/g7")];
    let script = script().raw(&at("POST", "groups"), 201, &location, "").answer(
        &at("POST", "groups/g7/children"),
        201,
        &json!({ "id": "g8", "name": "team" }),
    );
    let client = client(&script);
    let attributes =
        BTreeMap::from([("managed_by".to_owned(), BTreeSet::from(["waldur-rancher-agent".to_owned()]))]);
    let top = client.create_group(&"c_1".parse().unwrap(), &attributes).await.unwrap();
    let child = client.create_child_group(&top, &"team".parse().unwrap(), &attributes).await.unwrap();
    assert_eq!((top, child), (group_id("g7"), group_id("g8")));
    let body = "{\"attributes\":{\"managed_by\":[\"waldur-rancher-agent\"]},\"name\":\"c_1\"}";
    assert_eq!(asked(&script)[0], format!("{} {body}", at("POST", "groups")));
}

#[tokio::test(start_paused = true)]
async fn a_new_group_without_an_id_is_said_to_exist() {
    let script = script().raw(&at("POST", "groups"), 201, &[], "");
    let error = client(&script).create_group(&"c_1".parse().unwrap(), &BTreeMap::new()).await.unwrap_err();
    assert!(matches!(error, Error::CreatedWithoutId { .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_changed_attribute_leaves_the_others_and_the_description_as_they_were() {
    let mut before = group("g1", "team");
    before["description"] = json!("ours");
    before["attributes"] = json!({ "managed_by": ["us"], "theirs": ["b", "a", "a"], "old": ["x"] });
    let script =
        script().answer(&at("GET", "groups/g1"), 200, &before).raw(&at("PUT", "groups/g1"), 204, &[], "");
    let changes = BTreeMap::from([
        ("old".to_owned(), BTreeSet::new()),
        ("new".to_owned(), BTreeSet::from(["y".to_owned()])),
    ]);
    assert!(client(&script).change_attributes(&group_id("g1"), &changes).await.unwrap());
    let put = asked(&script)[1].clone();
    let body: Value = serde_json::from_str(put.splitn(3, ' ').nth(2).unwrap()).unwrap();
    let attributes = json!({ "managed_by": ["us"], "theirs": ["b", "a", "a"], "new": ["y"] });
    assert_eq!(body, json!({ "name": "team", "description": "ours", "attributes": attributes }));
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_gone() {
    let script = script()
        .answer(&at("DELETE", "groups/g1"), 404, &json!({ "error": "Could not find group by id" }))
        .answer(&at("GET", "groups/g1"), 404, &json!({ "error": "Could not find group by id" }))
        .raw(&at("DELETE", "groups/g2"), 204, &[], "")
        .answer(&at("DELETE", "users/u1/groups/g1"), 404, &json!({ "error": "Group not found" }));
    let client = client(&script);
    assert_eq!(client.delete_group(&group_id("g1")).await.unwrap(), Removal::AlreadyGone);
    assert_eq!(client.delete_group(&group_id("g2")).await.unwrap(), Removal::Done);
    assert!(!client.change_attributes(&group_id("g1"), &BTreeMap::new()).await.unwrap());
    assert!(client.leave(&user_id(), &group_id("g1")).await.unwrap_err().is_gone());
}

#[tokio::test(start_paused = true)]
async fn the_tree_around_a_group_is_read_at_once() {
    let below = at("GET", "groups/g0/children?max=-1&briefRepresentation=false&subGroupsCount=false");
    let mut child = group("g1", "team");
    child["parentId"] = Value::Null;
    let script = script().answer(&below, 200, &json!([child])).answer(
        &at("GET", "users/u1/groups?briefRepresentation=false"),
        200,
        &json!([group("g1", "team")]),
    );
    let client = client(&script);
    let children = client.children(&group_id("g0")).await.unwrap();
    let groups = client.groups_of(&user_id()).await.unwrap();
    assert_eq!(children, groups);
    assert_eq!(groups.complete().unwrap().get().len(), 1);
}
