//! How people are found, and how they join and leave groups.

use serde_json::json;

use crate::contract::row::{Is, Row, error, row};

/// What the client reads of an account.
const KEYS: &[&str] = &["id", "username", "enabled"];

#[rustfmt::skip]
pub(super) fn users() -> Vec<Row> {
    vec![
        row("an account by its id", "GET users/{ann}", 200, Is::All(vec![Is::Has("", KEYS), Is::At("/username", json!("ann"))])),
        row("no account", "GET users/{nobody}", 404, error("User not found")),
        row("an id that is none", "GET users/ann", 404, error("User not found")),
        row("an account by its name", "GET users?username=ann&exact=true&briefRepresentation=true&max=10", 200, Is::All(vec![Is::Names(&["ann"]), Is::Has("", KEYS)])),
        row("in capitals", "GET users?username=ANN&exact=true&briefRepresentation=true&max=10", 200, Is::Names(&["ann"])),
        row("with an underscore", "GET users?username=cy_d&exact=true&briefRepresentation=true&max=10", 200, Is::All(vec![Is::Names(&["cy_d"]), Is::At("/0/enabled", json!(false))])),
        row("with a plus sign", "GET users?username=eve%2Bx&exact=true&briefRepresentation=true&max=10", 200, Is::Names(&["eve+x"])),
        row("an underscore is a wildcard where parts are", "GET users?username=b_b", 200, Is::Names(&["bob"])),
        row("and none where they are not", "GET users?username=b_b&exact=true", 200, Is::Rows(0)),
        row("a part of a username is none", "GET users?username=an&exact=true&briefRepresentation=true&max=10", 200, Is::Rows(0)),
        row("a part of a name is found where it may be", "GET users?username=nn", 200, Is::Names(&["ann"])),
        row("nobody", "GET users?username=who&exact=true&briefRepresentation=true&max=10", 200, Is::Rows(0)),
        row("a service account", "GET users?username=service-account-hasty&exact=true&briefRepresentation=true&max=10", 200, Is::Names(&["service-account-hasty"])),
        row("whether anybody may be seen", "GET users?briefRepresentation=true&max=1", 200, Is::All(vec![Is::Names(&["ann"]), Is::Has("", KEYS)])),
        row("everybody but service accounts", "GET users?briefRepresentation=true", 200, Is::Names(&["ann", "bob", "cy_d", "dee", "eve+x", "fay", "gus"])),
        row("in full", "GET users?max=1", 200, Is::Has("", &["id", "username", "totp"])),
        row("how many there are", "GET users/count", 200, Is::Just(json!(7))),
    ]
}

#[rustfmt::skip]
pub(super) fn members() -> Vec<Row> {
    vec![
        row("members, the disabled among them", "GET groups/{c_one/project_a}/members?max=-1&briefRepresentation=true", 200, Is::All(vec![Is::Names(&["ann", "bob", "cy_d"]), Is::Has("", KEYS)])),
        row("members in full", "GET groups/{c_one/project_a}/members?max=1", 200, Is::Has("", &["id", "username", "totp", "notBefore"])),
        row("not those of a child", "GET groups/{c_one}/members?max=-1&briefRepresentation=true", 200, Is::Names(&["dee"])),
        row("no members", "GET groups/{c_gone}/members?max=-1&briefRepresentation=true", 200, Is::Rows(0)),
        row("no rows of them", "GET groups/{c_one/project_a}/members?max=0", 200, Is::Rows(0)),
        row("a page of them", "GET groups/{c_one/project_a}/members?first=1&max=1", 200, Is::Names(&["bob"])),
        row("past the last of them", "GET groups/{c_one/project_a}/members?first=3&max=1", 200, Is::Rows(0)),
        row("members of no group", "GET groups/{nobody}/members?max=-1", 404, error("Could not find group by id")),
        row("the groups of somebody", "GET users/{ann}/groups?briefRepresentation=false", 200, Is::All(vec![Is::Names(&["project_a", "project_a"]), Is::Has("", &["id", "name", "attributes", "parentId"])])),
        row("the groups of somebody, briefly", "GET users/{bob}/groups", 200, Is::All(vec![Is::Names(&["project_a"]), Is::Absent("/0/attributes")])),
        row("the groups of nobody", "GET users/{nobody}/groups", 404, error("User not found")),
        row("one of two groups", "GET users/{ann}/groups?first=0&max=1", 200, Is::Rows(1)),
        row("how many of them", "GET users/{ann}/groups/count", 200, Is::Just(json!({ "count": 2 }))),
        row("somebody joins", "PUT users/{eve+x}/groups/{c_two}", 204, Is::Empty),
        row("shows at once", "GET groups/{c_two}/members?max=-1&briefRepresentation=true", 200, Is::Names(&["eve+x"])),
        row("joining again", "PUT users/{eve+x}/groups/{c_two}", 204, Is::Empty),
        row("joining with a body", "PUT users/{eve+x}/groups/{c_two}", 204, Is::Empty).json(json!({})),
        row("the disabled join too", "PUT users/{cy_d}/groups/{c_two}", 204, Is::Empty),
        row("nobody joins", "PUT users/{nobody}/groups/{c_two}", 404, error("User not found")),
        row("somebody joins nothing", "PUT users/{eve+x}/groups/{nobody}", 404, error("Group not found")),
        row("nobody joins nothing", "PUT users/{nobody}/groups/{nobody}", 404, error("User not found")),
        row("whoever is in a child joins", "PUT users/{ann}/groups/{c_one}", 204, Is::Empty),
        row("both", "GET groups/{c_one}/members?max=-1&briefRepresentation=true", 200, Is::Names(&["ann", "dee"])),
        row("somebody leaves", "DELETE users/{eve+x}/groups/{c_two}", 204, Is::Empty),
        row("shows at once as well", "GET groups/{c_two}/members?max=-1&briefRepresentation=true", 200, Is::Names(&["cy_d"])),
        row("leaving again", "DELETE users/{eve+x}/groups/{c_two}", 204, Is::Empty),
        row("leaving without having joined", "DELETE users/{bob}/groups/{c_many}", 204, Is::Empty),
        row("leaving the parent of one's group", "DELETE users/{bob}/groups/{c_one}", 204, Is::Empty),
        row("leaves one in the group", "GET users/{bob}/groups", 200, Is::Names(&["project_a"])),
        row("nobody leaves", "DELETE users/{nobody}/groups/{c_two}", 404, error("User not found")),
        row("leaving nothing", "DELETE users/{eve+x}/groups/{nobody}", 404, error("Group not found")),
    ]
}
