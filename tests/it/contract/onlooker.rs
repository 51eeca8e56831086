//! An onlooker who reads a realm as its server's administrator, with no code of the agent's, and tells it as the sandbox
//! tells its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::server::{Body, Server};

/// Returns what a realm holds, as the only realm of a snapshot.
pub(super) async fn keycloak_of(server: &Server, realm: &str) -> Value {
    let token = server.token("master", "admin").await;
    let read = async |what: &str| read(server, &token, realm, what).await;
    let users = read("users?max=-1&briefRepresentation=true").await;
    let users: Map<String, Value> =
        users.iter().map(|user| (text(&user["username"]), json!({ "id": user["id"] }))).collect();
    let mut groups = Vec::new();
    let mut todo = read("groups?briefRepresentation=false").await;
    while let Some(group) = todo.pop() {
        let id = text(&group["id"]);
        todo.extend(read(&format!("groups/{id}/children?max=-1")).await);
        let members = read(&format!("groups/{id}/members?max=-1&briefRepresentation=true")).await;
        let members: Vec<String> = members.iter().map(|member| text(&member["username"])).collect();
        groups.push(json!({
            "id": id, "name": group["name"], "path": group["path"], "parent_id": group["parentId"],
            "attributes": group["attributes"], "members": members,
        }));
    }
    let realm = json!({ "users": users, "groups": groups });
    json!({ "realms": BTreeMap::from([("waldur", realm)]) })
}

async fn read(server: &Server, token: &str, realm: &str, what: &str) -> Vec<Value> {
    let url = format!("{}/admin/realms/{realm}/{what}", server.base);
    let got = server.ask("GET", &url, token, Body::None).await;
    assert_eq!(got.status, 200, "{what}: {}", got.text);
    got.json().as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
