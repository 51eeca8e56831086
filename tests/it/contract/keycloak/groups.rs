//! How groups are found, read, made, changed and deleted.

use serde_json::json;

use crate::contract::row::{Is, Row, error, message, row};

/// How the client asks for matches: as they are, in place of the tree that they stand in.
macro_rules! flat {
    ($query:literal) => {
        concat!(
            "GET groups?",
            $query,
            "&populateHierarchy=false&briefRepresentation=false&subGroupsCount=false"
        )
    };
}

/// What the client reads of a group.
const KEYS: &[&str] = &["id", "name", "path", "subGroups", "attributes"];

#[rustfmt::skip]
pub(super) fn reading() -> Vec<Row> {
    vec![
        row("our groups, wherever they are", flat!("q=managed_by:waldur-rancher-agent&max=1000&first=0"), 200, Is::All(vec![Is::Names(&["c_one", "project_a"]), Is::Has("", KEYS)])),
        row("the page after the last", flat!("q=managed_by:waldur-rancher-agent&max=1000&first=1000"), 200, Is::Rows(0)),
        row("a page of one", flat!("q=managed_by:waldur-rancher-agent&max=1&first=1"), 200, Is::Names(&["project_a"])),
        row("a match says whose child it is", flat!("q=managed_by:waldur-rancher-agent&max=1&first=1"), 200, Is::All(vec![Is::Has("", &["parentId"]), Is::At("/0/path", json!("/c_one/project_a")), Is::At("/0/attributes/managed_by", json!(["waldur-rancher-agent"]))])),
        row("the whole value counts", flat!("q=managed_by:waldur&max=10&first=0"), 200, Is::Rows(0)),
        row("two values must both be there", flat!("q=managed_by:waldur-rancher-agent%20waldur_role:member&max=10"), 200, Is::Names(&["c_one", "project_a"])),
        row("one of two values is not enough", flat!("q=managed_by:waldur-rancher-agent%20waldur_role:other&max=10"), 200, Is::Rows(0)),
        row("a name at any depth", flat!("search=project_a&exact=true&max=100&first=0"), 200, Is::Names(&["project_a", "project_a"])),
        row("an underscore in a part of a name", flat!("search=t_a&max=100"), 200, Is::Names(&["project-a", "project_a", "project_a"])).since((26, 6, 0), 200, Is::Names(&["project_a", "project_a"])),
        row("a name's capitals count", flat!("search=Project_a&exact=true&max=100&first=0"), 200, Is::Rows(0)),
        row("a part of a name is no name", flat!("search=project&exact=true&max=100&first=0"), 200, Is::Rows(0)),
        row("blanks around a name", flat!("search=%20c_two%20&exact=true&max=100"), 200, Is::Names(&["c_two"])),
        row("a part of a name, in any case", flat!("search=PROJECT&max=100"), 200, Is::Names(&["project-a", "project_a", "project_a"])),
        row("the name of nobody", flat!("search=nobody&exact=true&max=100&first=0"), 200, Is::Rows(0)),
        row("the top of the tree", "GET groups", 200, Is::Names(&["c_gone", "c_many", "c_odd", "c_one", "c_slash", "c_two"])),
        row("the top of the tree, from the second", "GET groups?first=1&max=2", 200, Is::Names(&["c_many", "c_odd"])),
        row("nothing of it", "GET groups?max=0", 200, Is::Rows(0)),
        row("below zero is all", "GET groups?first=-1&max=-1", 200, Is::Rows(6)),
        row("a search shows matches in their tree", "GET groups?search=project", 200, Is::All(vec![Is::Names(&["c_one", "c_two"]), Is::At("/1/subGroups/0/name", json!("project_a"))])),
        row("the matches are paged, not the trees", "GET groups?search=project&max=1", 200, Is::All(vec![Is::Names(&["c_one"]), Is::At("/0/subGroups/0/name", json!("project-a")), Is::Absent("/0/subGroups/1")])),
        row("how many groups", "GET groups/count", 200, Is::Just(json!({ "count": 30 }))),
        row("how many at the top", "GET groups/count?top=true", 200, Is::Just(json!({ "count": 6 }))),
        row("one group", "GET groups/{c_one/project_a}", 200, Is::All(vec![Is::Has("", KEYS), Is::Has("", &["parentId"]), Is::Has("/access", &["manage", "viewMembers", "manageMembership"]), Is::At("/access/manage", json!(true))])),
        row("a group at the top has no parent", "GET groups/{c_one}", 200, Is::Absent("/parentId")),
        row("no group", "GET groups/{nobody}", 404, error("Could not find group by id")),
        row("children, ten unless told otherwise", "GET groups/{c_many}/children", 200, Is::Rows(10)),
        row("all children", "GET groups/{c_many}/children?max=-1&briefRepresentation=false&subGroupsCount=false", 200, Is::All(vec![Is::Rows(12), Is::Has("", KEYS), Is::Has("", &["parentId"])])),
        row("children with their attributes", "GET groups/{c_one}/children?max=-1&briefRepresentation=false&subGroupsCount=false", 200, Is::All(vec![Is::Names(&["project-a", "project_a"]), Is::At("/1/attributes/managed_by/0", json!("waldur-rancher-agent"))])),
        row("children of a leaf", "GET groups/{c_gone}/children?max=-1", 200, Is::Rows(0)),
        row("children of no group", "GET groups/{nobody}/children?max=-1", 404, error("Could not find group by id")),
        row("children by a name, which is a pattern", "GET groups/{c_one}/children?search=project_a&exact=true", 200, Is::Names(&["project-a", "project_a"])),
        row("by its path", "GET group-by-path/c_one/project_a", 200, Is::At("/path", json!("/c_one/project_a"))),
        row("by no path", "GET group-by-path/c_one/who", 404, error("Group path does not exist")),
        row("a name with a slash in it", "GET groups/{c_slash/with-slash}", 200, Is::At("/path", json!("/c_slash/with/slash"))),
    ]
}

#[rustfmt::skip]
pub(super) fn names() -> Vec<Row> {
    vec![
        row("a name with an underscore", flat!("search=a_b&exact=true&max=9"), 200, Is::Names(&["a_b"])),
        row("a name with a percent sign", flat!("search=a%25b&exact=true&max=9"), 200, Is::Names(&["a%b"])),
        row("a name with a full stop", flat!("search=a.b&exact=true&max=9"), 200, Is::Names(&["a.b"])),
        row("a name with a blank", flat!("search=a%20b&exact=true&max=9"), 200, Is::Names(&["a b"])),
        row("a name with a plus sign", flat!("search=a%2Bb&exact=true&max=9"), 200, Is::Names(&["a+b"])),
        row("a name with a tilde", flat!("search=a~b&exact=true&max=9"), 200, Is::Names(&["a~b"])),
        row("a name beyond ASCII", flat!("search=k%C3%A4se&exact=true&max=9"), 200, Is::Names(&["käse"])),
        row("a path with an underscore", "GET group-by-path/c_odd/a_b", 200, Is::At("/name", json!("a_b"))),
        row("a path with a blank", "GET group-by-path/c_odd/a%20b", 200, Is::At("/name", json!("a b"))),
        row("a path with a plus sign", "GET group-by-path/c_odd/a+b", 200, Is::At("/name", json!("a+b"))),
        row("a path beyond ASCII", "GET group-by-path/c_odd/k%C3%A4se", 200, Is::At("/name", json!("käse"))),
    ]
}

#[rustfmt::skip]
pub(super) fn writing() -> Vec<Row> {
    let marks = || json!({ "managed_by": ["waldur-rancher-agent"], "x": ["2", "1", "1"] });
    vec![
        row("a new group has no body", "POST groups", 201, Is::Empty).json(json!({ "name": "new", "attributes": marks() })).makes("new"),
        row("and is where it is said to be", "GET groups/{new}", 200, Is::All(vec![Is::At("/name", json!("new")), Is::At("/attributes/managed_by/0", json!("waldur-rancher-agent"))])),
        row("and is found at once", flat!("search=new&exact=true&max=100&first=0"), 200, Is::Names(&["new"])),
        row("a second one of its name", "POST groups", 409, message("Top level group named 'new' already exists.")).json(json!({ "name": "new" })),
        row("a new child has a body", "POST groups/{new}/children", 201, Is::All(vec![Is::Has("", &["id", "name", "path", "parentId", "attributes"]), Is::At("/path", json!("/new/child"))])).json(json!({ "name": "child", "attributes": marks() })).makes("child"),
        row("a second child of its name", "POST groups/{new}/children", 409, message("Sibling group named 'child' already exists.")).json(json!({ "name": "child" })),
        row("the same name below another", "POST groups/{c_two}/children", 201, Is::At("/path", json!("/c_two/child"))).json(json!({ "name": "child" })),
        row("a child of no group", "POST groups/{nobody}/children", 404, error("Could not find group by id")).json(json!({ "name": "x" })),
        row("a blank name", "POST groups", 400, message("Group name is missing")).json(json!({ "name": " " })),
        row("no name", "POST groups", 400, message("Group name is missing")).json(json!({})),
        row("an unknown field", "POST groups", 400, Is::Any).json(json!({ "name": "x", "zz": 1 })),
        row("broken JSON", "POST groups", 400, Is::Any).raw("{"),
        row("a list", "POST groups", 400, Is::Any).raw("[]"),
        row("a change of attributes", "PUT groups/{child}", 204, Is::Empty).json(json!({ "name": "child", "attributes": { "k": ["v"] } })),
        row("replaces all of them", "GET groups/{child}", 200, Is::At("/attributes", json!({ "k": ["v"] }))),
        row("a change without attributes", "PUT groups/{child}", 400, Is::Any).since((26, 0, 0), 204, Is::Empty).json(json!({ "name": "child", "description": "about" })),
        row("leaves them", "GET groups/{child}", 200, Is::At("/attributes", json!({ "k": ["v"] }))),
        row("a change without a description", "PUT groups/{child}", 204, Is::Empty).json(json!({ "name": "child" })),
        row("takes it away", "GET groups/{child}", 200, Is::Absent("/description")),
        row("an empty map of attributes", "PUT groups/{child}", 204, Is::Empty).json(json!({ "name": "child", "attributes": {} })),
        row("takes all away", "GET groups/{child}", 200, Is::At("/attributes", json!({}))),
        row("a change without a name", "PUT groups/{child}", 400, message("Group name is missing")).json(json!({ "attributes": {} })),
        row("a change of no group", "PUT groups/{nobody}", 404, error("Could not find group by id")).json(json!({ "name": "x" })),
        row("a new name", "PUT groups/{child}", 204, Is::Empty).json(json!({ "name": "renamed" })),
        row("is in the path", "GET groups/{child}", 200, Is::At("/path", json!("/new/renamed"))),
        row("a sibling's name", "PUT groups/{c_one/project_a}", 409, message("Sibling group named 'project-a' already exists.")).json(json!({ "name": "project-a" })),
        row("an id in the body moves", "POST groups", 204, Is::Empty).json(json!({ "id": "{child}", "name": "renamed" })),
        row("to the top", "GET groups/{child}", 200, Is::At("/path", json!("/renamed"))),
        row("an id of nobody", "POST groups", 404, error("Could not find child by id")).json(json!({ "id": "{nobody}", "name": "x" })),
        row("an attribute of 255 letters", "POST groups", 201, Is::Empty).json(json!({ "name": "long", "attributes": { "k": ["x".repeat(255)] } })).makes("long"),
        row("and of 256", "PUT groups/{long}", 500, error("unknown_error")).json(json!({ "name": "long", "attributes": { "k": ["x".repeat(256)] } })),
        row("a name of 255 letters", "PUT groups/{long}", 204, Is::Empty).json(json!({ "name": "n".repeat(255) })),
        row("a name of 256 letters", "PUT groups/{long}", 500, error("unknown_error")).json(json!({ "name": "n".repeat(256) })),
        row("a group goes", "DELETE groups/{new}", 204, Is::Empty),
        row("and is gone", "DELETE groups/{new}", 404, error("Could not find group by id")),
        row("with all below it", "DELETE groups/{c_one}", 204, Is::Empty),
        row("its children too", "GET groups/{c_one/project_a}", 404, error("Could not find group by id")),
        row("but not their members", "GET users/{ann}/groups?briefRepresentation=false", 200, Is::Names(&["project_a"])),
    ]
}
