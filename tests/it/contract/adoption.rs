//! A site that the Python agent leaves behind is taken over: its groups are in whichever Keycloak is asked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::life::{Life, REALM, as_a_client};
use super::server::{Body, Server};
use crate::town::{Town, kinds, left_by_the_python_agent};

/// Adopts everything, and makes sure that nobody gains or loses anything.
pub(super) async fn take_over(server: &Server) -> usize {
    let mut before = Town::story();
    before.converge().await;
    let left = left_by_the_python_agent(&before, |_| {});
    sow(server, left.groups()).await;
    let mut life = Life::in_town(server, left, as_a_client("with-manage-users"));
    let members = members(&life).await;
    let cycle = life.town.cycle().await;
    let steps = kinds(cycle.verdict.admitted.steps());
    assert!(steps.len() == 10 && steps.iter().all(|step| step.starts_with("adopt-")), "{steps:?}");
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    assert!(cycle.verdict.admitted.losses().is_empty() && cycle.verdict.admitted.gains().is_empty());
    life.converge("what was left is ours").await;
    assert_eq!(self::members(&life).await, members, "everybody is where they were");
    life.checks + 4
}

/// Makes groups as they are in a sandbox, parents before children.
async fn sow(server: &Server, mut groups: Vec<Value>) {
    let mut made: BTreeMap<String, String> = BTreeMap::new();
    groups.sort_by_key(|group| group["parent_id"].is_string());
    for group in groups {
        let parent = group["parent_id"].as_str().map(|parent| &made[parent]);
        let below = parent.map_or("groups".to_owned(), |parent| format!("groups/{parent}/children"));
        let body = json!({ "name": group["name"], "attributes": group["attributes"] });
        let at = format!("/admin/realms/{REALM}/{below}");
        let got = server.as_admin("POST", &at, Body::Json(body)).await;
        let id = got.made().unwrap_or_else(|| panic!("{}: {} {}", group["name"], got.status, got.text));
        for member in group["members"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let at = format!("/admin/realms/{REALM}/users/{}/groups/{id}", server.ids(REALM)[member]);
            assert_eq!(server.as_admin("PUT", &at, Body::None).await.status, 204, "{member}");
        }
        made.insert(group["id"].as_str().unwrap_or_default().to_owned(), id);
    }
}

/// Returns who is in which group.
async fn members(life: &Life<'_>) -> BTreeMap<String, Value> {
    let keycloak = life.keycloak().await;
    let groups = keycloak["realms"]["waldur"]["groups"].as_array().cloned().unwrap_or_default();
    groups.into_iter().map(|group| (group["id"].to_string(), group["members"].clone())).collect()
}
