//! Groups: listing and searching, creating and moving, changing and deleting.

use serde_json::{Value, json};

use super::town::{Answer, Row, Town, check, error, message, row};

#[rustfmt::skip]
fn reading() -> Vec<Row> {
    let flat = "GET groups?search=project_a&populateHierarchy=false";
    vec![
        row("the listing is the top level, sorted by name", "GET groups", 200, Answer::Names(&["c_one", "c_three", "c_two"])),
        row("and brief by default, keys in order", "GET groups?first=2", 200, Answer::Text(r#"[{"id":"g-2","name":"c_two","path":"/c_two","subGroupCount":1,"subGroups":[],"access":{"view":true,"viewMembers":true,"manageMembers":true,"manage":true,"manageMembership":true}}]"#)),
        row("full when asked", "GET groups?briefRepresentation=false", 200, Answer::At("/0/attributes", json!({}))),
        row("max alone works", "GET groups?max=1", 200, Answer::Names(&["c_one"])),
        row("first alone works", "GET groups?first=1", 200, Answer::Names(&["c_three", "c_two"])),
        row("max=0 is nothing", "GET groups?max=0", 200, Answer::Text("[]")),
        row("negative numbers are ignored", "GET groups?first=-5&max=-1", 200, Answer::Names(&["c_one", "c_three", "c_two"])),
        row("past the end is nothing", "GET groups?first=3&max=10", 200, Answer::Text("[]")),
        row("no nested children since 23", "GET groups", 200, Answer::At("/0/subGroups", json!([]))).on("23.0.7"),
        row("nested children on 22", "GET groups", 200, Answer::At("/0/subGroups/0/name", json!("project-a"))).on("22.0.5"),
        row("no parentId on 22", "GET groups", 200, Answer::Absent("/0/subGroups/0/parentId")).on("22.0.5"),
        row("a search on 22 names no parent either", "GET groups?search=project_a", 200, Answer::Absent("/0/subGroups/0/parentId")).on("22.0.5"),
        row("counts can be left out since 26.3", "GET groups?subGroupsCount=false", 200, Answer::Absent("/0/subGroupCount")),
        row("and not before", "GET groups?subGroupsCount=false", 200, Answer::At("/0/subGroupCount", json!(2))).on("26.2.5"),
        row("a search matches at any depth and is re-rooted", "GET groups?search=project_a", 200, Answer::Names(&["c_one", "c_two"])),
        row("only matching branches are nested", "GET groups?search=project_a", 200, Answer::At("/0/subGroups", json!([{
            "id": "g-1a", "name": "project_a", "path": "/c_one/project_a", "parentId": "g-1", "subGroupCount": 0, "subGroups": [],
            "access": {"view": true, "viewMembers": true, "manageMembers": true, "manage": true, "manageMembership": true},
        }]))),
        row("matches are paged and then re-rooted", "GET groups?search=project&max=2", 200, Answer::Names(&["c_one"])),
        row("the second page of matches", "GET groups?search=project&first=2&max=2", 200, Answer::Names(&["c_two"])),
        row("flat matches have a parent", flat, 200, Answer::At("/0/parentId", json!("g-1"))),
        row("flat matches are all matches", flat, 200, Answer::Names(&["project_a", "project_a"])),
        row("a search ignores case and blanks around", "GET groups?search=%20PROJECT_A%20&populateHierarchy=false", 200, Answer::Names(&["project_a", "project_a"])),
        row("a substring is enough", "GET groups?search=ject&populateHierarchy=false", 200, Answer::Names(&["project-a", "project_a", "project_a"])),
        row("exact is the whole name", "GET groups?search=project&exact=true&populateHierarchy=false", 200, Answer::Text("[]")),
        row("exact ignores blanks around", "GET groups?search=%20c_two%20&exact=true", 200, Answer::Names(&["c_two"])),
        row("exact minds case", "GET groups?search=Project_a&exact=true&populateHierarchy=false", 200, Answer::Text("[]")),
        row("an underscore is a wildcard before 26.6", flat, 200, Answer::Names(&["project-a", "project_a", "project_a"])).on("26.5.7"),
        row("but never in an exact search", "GET groups?search=project_a&exact=true&populateHierarchy=false", 200, Answer::Names(&["project_a", "project_a"])).on("24.0.5"),
        row("and not since 26.6", flat, 200, Answer::Names(&["project_a", "project_a"])).on("26.6.0"),
        row("q compares attributes", "GET groups?q=managed_by:agent&populateHierarchy=false", 200, Answer::Names(&["project_a"])),
        row("q wants the whole value", "GET groups?q=managed_by:age", 200, Answer::Text("[]")),
        row("q wants all of its pairs", "GET groups?q=managed_by:agent%20x:y", 200, Answer::Text("[]")),
        row("q wins over search", "GET groups?q=managed_by:agent&search=c_two&populateHierarchy=false", 200, Answer::Names(&["project_a"])),
        row("the count is of the whole tree", "GET groups/count", 200, Answer::Text(r#"{"count":7}"#)),
        row("or of the top level", "GET groups/count?top=true", 200, Answer::Text(r#"{"count":3}"#)),
        row("or of the matches, whatever top says", "GET groups/count?top=true&search=project", 200, Answer::Text(r#"{"count":3}"#)),
        row("one group, in full", "GET groups/g-1a", 200, Answer::Text(r#"{"id":"g-1a","name":"project_a","path":"/c_one/project_a","parentId":"g-1","subGroupCount":0,"subGroups":[],"attributes":{"managed_by":["agent"]},"realmRoles":[],"clientRoles":{},"access":{"view":true,"viewMembers":true,"manageMembers":true,"manage":true,"manageMembership":true}}"#)),
        row("one group lists no children", "GET groups/g-1", 200, Answer::At("/subGroups", json!([]))),
        row("an unknown group", "GET groups/who", 404, error("Could not find group by id")),
        row("children are sorted and full", "GET groups/g-1/children", 200, Answer::Names(&["project-a", "project_a"])),
        row("full, that is with attributes", "GET groups/g-1/children", 200, Answer::At("/1/attributes/managed_by/0", json!("agent"))),
        row("brief children", "GET groups/g-1/children?briefRepresentation=true", 200, Answer::Absent("/1/attributes")),
        row("brief was the wrong way round at first", "GET groups/g-1/children?briefRepresentation=true", 200, Answer::At("/1/attributes/managed_by/0", json!("agent"))).on("23.0.2"),
        row("children are searched on 26", "GET groups/g-1/children?search=project_a", 200, Answer::Names(&["project_a"])),
        row("an exact search of children takes an underscore for any letter", "GET groups/g-1/children?search=project_a&exact=true", 200, Answer::Names(&["project-a", "project_a"])),
        row("and not on 25", "GET groups/g-1/children?search=project_a&exact=true", 200, Answer::Names(&["project-a", "project_a"])).on("25.0.6"),
        row("there is no children listing on 22", "GET groups/g-1/children", 405, Answer::Any).on("22.0.5"),
        row("by path, without access", "GET group-by-path/c_one/project_a", 200, Answer::Text(r#"{"id":"g-1a","name":"project_a","path":"/c_one/project_a","parentId":"g-1","subGroupCount":0,"subGroups":[],"attributes":{"managed_by":["agent"]},"realmRoles":[],"clientRoles":{}}"#)),
        row("by path, with a slash in a name", "GET group-by-path/c_three/with/slash", 200, Answer::At("/id", json!("g-s"))),
        row("by path, with an escaped slash", "GET group-by-path/c_three/with%2Fslash", 200, Answer::At("/id", json!("g-s"))),
        row("by a path that is not there", "GET group-by-path/c_one/who", 404, error("Group path does not exist")),
        row("which anybody may learn", "GET group-by-path/who", 404, error("Group path does not exist")).caller("with-none"),
    ]
}

#[rustfmt::skip]
fn writing() -> Vec<Row> {
    let named = |name: &str| json!({"name": name});
    vec![
        row("a top-level group is made without a body", "POST groups", 201, Answer::Empty).body(named("new")),
        row("a second one of that name", "POST groups", 409, Answer::Text(r#"{"errorMessage":"Top level group named 'c_one' already exists."}"#)).body(named("c_one")),
        row("a child's name may be free at the top", "POST groups", 201, Answer::Empty).body(named("project_a")),
        row("a blank name", "POST groups", 400, Answer::Text(r#"{"errorMessage":"Group name is missing"}"#)).body(named("  ")),
        row("no name", "POST groups", 400, message("Group name is missing")).body(json!({})),
        row("no name for a child", "POST groups/g-1/children", 400, message("Group name is missing")).body(json!({})),
        row("an unknown field", "POST groups", 400, Answer::Text(r#"{"error":"Invalid json representation for GroupRepresentation. Unrecognized field \"zz\" at line 1 column 20."}"#)).body(json!(r#"{"name":"x", "zz":1}"#)),
        row("an unknown field on 25", "POST groups", 400, Answer::At("/error", json!("Unrecognized field \"zz\" (class org.keycloak.representations.idm.GroupRepresentation), not marked as ignorable"))).body(json!({"zz": 1})).on("25.0.6"),
        row("broken JSON", "POST groups", 400, Answer::Text(r#"{"error":"invalid_request","error_description":"Cannot parse the JSON"}"#)).body(json!("{")),
        row("JSON of another kind", "POST groups", 400, Answer::Text(r#"{"error":"unknown_error","error_description":"Cannot parse the JSON"}"#)).body(json!([])),
        row("a value of another kind", "POST groups", 400, error("unknown_error")).body(json!({"name": ["x"]})),
        row("a second child of that name", "POST groups/g-1/children", 409, Answer::Text(r#"{"errorMessage":"Sibling group named 'project_a' already exists."}"#)).body(named("project_a")),
        row("a name free under this parent", "POST groups/g-3/children", 201, Answer::At("/path", json!("/c_three/project_a"))).body(named("project_a")),
        row("a child of nobody", "POST groups/who/children", 404, error("Could not find group by id")).body(named("x")),
        row("a child's body has no count", "POST groups/g-1/children", 201, Answer::Absent("/subGroupCount")).body(named("x")),
        row("an id in the body moves, to the top", "POST groups", 204, Answer::Empty).body(json!({"id": "g-1a", "name": "project_a"})),
        row("an id in the body moves, below", "POST groups/g-3/children", 204, Answer::Empty).body(json!({"id": "g-1a", "name": "project_a"})),
        row("an unknown id in the body", "POST groups", 404, error("Could not find child by id")).body(json!({"id": "who", "name": "x"})),
        row("a move to where the name is taken", "POST groups/g-2/children", 409, message("Sibling group named 'project_a' already exists.")).body(json!({"id": "g-1a", "name": "project_a"})),
        row("a rename", "PUT groups/g-1", 204, Answer::Empty).body(named("c_uno")),
        row("a rename to a sibling's name", "PUT groups/g-1a", 409, message("Sibling group named 'project-a' already exists.")).body(named("project-a")),
        row("a change without a name", "PUT groups/g-1", 400, message("Group name is missing")).body(json!({"attributes": {}})),
        row("a change with another id", "PUT groups/g-1", 400, message("Invalid group id")).body(json!({"id": "g-2", "name": "c_one"})),
        row("a change with its own id", "PUT groups/g-1", 204, Answer::Empty).body(json!({"id": "g-1", "name": "c_one"})),
        row("a name of 256 letters", "PUT groups/g-1", 500, error("unknown_error")).body(named(&"n".repeat(256))),
        row("a value of 256 letters", "PUT groups/g-1", 500, error("unknown_error")).body(json!({"name": "c_one", "attributes": {"k": ["v".repeat(256)]}})),
        row("a description on 24", "PUT groups/g-1", 400, Answer::Any).body(json!({"name": "c_one", "description": "d"})).on("24.0.5"),
        row("a deletion", "DELETE groups/g-1", 204, Answer::Empty),
        row("a deletion of nothing", "DELETE groups/who", 404, error("Could not find group by id")),
        row("roles are checked before the body", "POST groups", 403, error("HTTP 403 Forbidden")).body(json!("{")).caller("with-view-users"),
    ]
}

#[tokio::test]
async fn every_reading_of_groups_answers_as_the_real_one() {
    check(reading()).await;
}

#[tokio::test]
async fn every_writing_of_groups_answers_as_the_real_one() {
    check(writing()).await;
}

#[tokio::test]
async fn children_come_ten_at_a_time_unless_told_otherwise() {
    let town = Town::new("26.7.1");
    for number in 0..12 {
        town.manage("POST", "groups/g-3/children", &json!({"name": format!("n{number:02}")})).await;
    }
    for (query, rows) in [("", 10), ("?max=-1", 13), ("?first=10", 3), ("?first=4&max=3", 3), ("?max=0", 0)] {
        assert_eq!(town.get(&format!("groups/g-3/children{query}")).await.names().len(), rows, "{query}");
    }
}

#[tokio::test]
async fn a_new_group_is_where_location_says() {
    let town = Town::new("26.7.1");
    let body = json!({"name": "new", "attributes": {"a": ["1", "2"]}, "subGroups": [{"name": "ignored"}]});
    let got = town.manage("POST", "groups", &body).await;
    let id =
        got.header("location").strip_prefix("http://id.test/admin/realms/t1/groups/").unwrap().to_owned();
    let group = town.get(&format!("groups/{id}")).await.json();
    assert_eq!((&group["name"], &group["attributes"]), (&json!("new"), &json!({"a": ["1", "2"]})));
    assert_eq!(group["subGroupCount"], 0, "nothing is created recursively");

    let got = town.manage("POST", &format!("groups/{id}/children"), &json!({"name": "below"})).await;
    let child = got.json();
    assert_eq!(child["parentId"], json!(id));
    assert_eq!(child["attributes"], json!({}), "the body is the full representation");
    let location = format!("http://id.test/admin/realms/t1/groups/{}", child["id"].as_str().unwrap());
    assert_eq!(got.header("location"), location, "the location is not below the parent");
}

#[tokio::test]
async fn a_change_replaces_attributes_only_when_it_has_some() {
    let town = Town::new("26.7.1");
    let body = json!({"name": "renamed", "description": "about it"});
    town.manage("PUT", "groups/g-1a", &body).await;
    let group = town.get("groups/g-1a").await.json();
    assert_eq!((&group["path"], &group["description"]), (&json!("/c_one/renamed"), &json!("about it")));
    assert_eq!(group["attributes"], json!({"managed_by": ["agent"]}), "absent attributes stay");
    town.manage("PUT", "groups/g-1a", &json!({"name": "renamed", "attributes": {"k": ["v"]}})).await;
    let group = town.get("groups/g-1a").await.json();
    assert_eq!(group["attributes"], json!({"k": ["v"]}), "given attributes replace the map");
    for (name, found) in [("renamed", 1), ("project_a", 1)] {
        let path = format!("groups?search={name}&populateHierarchy=false");
        assert_eq!(town.get(&path).await.names().len(), found, "{name} after the change");
    }
    assert!(group.get("description").is_none(), "an absent description is erased");
}

#[tokio::test]
async fn ids_and_members_survive_a_move() {
    let town = Town::new("26.7.1");
    town.manage("POST", "groups/g-3/children", &json!({"id": "g-1a", "name": "anything"})).await;
    let group = town.get("groups/g-1a").await.json();
    assert_eq!(group["path"], "/c_three/project_a", "the name in the body is not looked at");
    assert_eq!(town.get("groups/g-1a/members").await.names().len(), 3);
    assert_eq!(town.get("groups/g-1").await.json()["subGroupCount"], 1);
    town.manage("POST", "groups", &json!({"id": "g-1a", "name": "anything"})).await;
    assert_eq!(town.get("groups/g-1a").await.json()["path"], "/project_a");
}

#[tokio::test]
async fn a_deletion_takes_everything_below_and_no_user() {
    let town = Town::new("26.7.1");
    assert_eq!(town.manage("DELETE", "groups/g-1", &Value::Null).await.status, 204);
    assert_eq!(town.get("groups/g-1a").await.status, 404);
    assert_eq!(town.get("groups/count").await.json()["count"], 4);
    assert_eq!(town.get("users/u-ann/groups").await.names(), ["project_a"], "the one of the other parent");
    assert_eq!(town.get("users/count").await.text, "4");
    assert_eq!(town.manage("DELETE", "groups/g-1", &Value::Null).await.status, 404);
    town.manage("DELETE", "groups/g-3", &Value::Null).await;
    assert_eq!(town.snapshot()["realms"]["t1"]["default_groups"], json!([]));
}
