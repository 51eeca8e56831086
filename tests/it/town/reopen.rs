//! The same town once more, as it is now, with something changed that only a seed can say.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use std::collections::BTreeMap;

use agent::sandbox::Seed;
use serde_json::{Value, json};

use super::{Town, realm};

/// Opens a town that holds what `town` holds, changed.
pub(in super::super) fn reopened(town: &Town, change: impl FnOnce(&mut Seed)) -> Town {
    let mut seed = seed_of(town);
    change(&mut seed);
    Town::of(seed)
}

/// Returns the seed of a town that holds what `town` holds now.
pub(in super::super) fn seed_of(town: &Town) -> Seed {
    let now = town.sandbox.snapshot();
    let mut seed = town.seed.clone();
    let mut waldur = now["waldur"].clone();
    waldur["tokens"] = serde_json::to_value(&seed.waldur.tokens).unwrap();
    seed.waldur = serde_json::from_value(waldur).unwrap();
    seed.rancher.projects = list(&now["rancher"]["projects"], project);
    seed.rancher.bindings = list(&now["rancher"]["bindings"], binding);
    let here = &now["keycloak"]["realms"][realm()];
    let ids: BTreeMap<&String, &Value> =
        here["users"].as_object().unwrap().iter().map(|(name, user)| (name, &user["id"])).collect();
    seed.keycloak.realms[0].groups = list(&here["groups"], |group| {
        let members = group["members"].as_array().unwrap().iter();
        let members: Vec<&Value> = members.map(|name| ids[&name.as_str().unwrap().to_owned()]).collect();
        Some(json!({
            "id": group["id"], "name": group["name"], "parent_id": group["parent_id"],
            "attributes": group["attributes"], "members": members,
        }))
    });
    seed
}

fn list<T: serde::de::DeserializeOwned>(rows: &Value, read: impl Fn(&Value) -> Option<Value>) -> Vec<T> {
    let rows = rows.as_array().unwrap().iter().filter(|row| row["removed"].is_null());
    rows.filter_map(read).map(|row| serde_json::from_value(row).unwrap()).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "of the shape of its neighbour, which may have nothing")]
fn project(row: &Value) -> Option<Value> {
    Some(json!({
        "id": row["id"], "uuid": row["uuid"], "name": row["name"], "description": row["description"],
        "cluster_id": row["clusterId"], "annotations": row["annotations"], "labels": row["labels"],
        "resource_quota": row["resourceQuota"], "created": row["created"],
        "namespace_default_resource_quota": row["namespaceDefaultResourceQuota"],
        "backing_namespace": row["backingNamespace"],
    }))
}

/// Those that Rancher made by itself are left to Rancher.
fn binding(row: &Value) -> Option<Value> {
    let (group, user) = (row["groupPrincipalId"].as_str(), row["userId"].as_str());
    if group.is_none() && (user.is_none() || row["annotations"]["waldur/managed"] != "true") {
        return None;
    }
    Some(json!({
        "name": row["name"], "project_id": row["projectId"], "role_template_id": row["roleTemplateId"],
        "group_principal_id": group, "user_id": user, "annotations": row["annotations"], "created": row["created"],
    }))
}
