//! A town without what differs from run to run: ids that servers mint, and times.

use serde_json::{Map, Value, json};

fn rows<'a>(snapshot: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let rows = snapshot.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    rows.filter(|row| row.get("removed").is_none_or(Value::is_null))
}

/// Keeps Waldur's annotations; the others hold ids and times of Rancher's own.
fn ours(annotations: &Value) -> Value {
    let all = annotations.as_object().into_iter().flatten();
    let ours = all.filter(|(key, _)| key.starts_with("waldur/"));
    ours.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>().into()
}

fn sorted(rows: impl Iterator<Item = Value>) -> Value {
    let mut rows: Vec<Value> = rows.collect();
    rows.sort_by_key(Value::to_string);
    rows.into()
}

/// Returns what two towns have in common that differ in nothing that matters.
pub(in super::super) fn normal(snapshot: &Value) -> Value {
    let name_of = |id: &Value| {
        let project = rows(snapshot, "/rancher/projects").find(|project| project["id"] == *id);
        project.map_or(Value::Null, |project| project["name"].clone())
    };
    let projects = rows(snapshot, "/rancher/projects").map(|project| {
        json!([
            project["name"],
            project["description"],
            ours(&project["annotations"]),
            project["resourceQuota"]["limit"],
            project["namespaceDefaultResourceQuota"]["limit"],
        ])
    });
    let bindings =
        rows(snapshot, "/rancher/bindings").filter(|binding| binding["groupPrincipalId"].is_string());
    let bindings = bindings.map(|binding| {
        json!([
            name_of(&binding["projectId"]),
            binding["name"],
            binding["roleTemplateId"],
            binding["groupPrincipalId"],
            ours(&binding["annotations"]),
        ])
    });
    let groups = rows(snapshot, "/keycloak/realms/waldur/groups").map(|group| {
        let mut attributes = group["attributes"].clone();
        if let Some(since) = attributes.get_mut("waldur_empty_since") {
            *since = "some time".into();
        }
        json!([group["path"], attributes, group["members"]])
    });
    let resources = rows(snapshot, "/waldur/resources").map(|resource| {
        let project = name_of(&resource["backend_id"]);
        json!([resource["name"], project, resource["state"], resource["limits"]])
    });
    let orders = rows(snapshot, "/waldur/orders").map(|order| json!([order["type"], order["state"]]));
    json!({
        "projects": sorted(projects), "bindings": sorted(bindings),
        "groups": sorted(groups), "resources": sorted(resources), "orders": sorted(orders),
    })
}
