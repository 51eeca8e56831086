//! Rancher's part of a seed.

use serde_json::{Map, Value, json};

use super::super::failure::Failure;
use crate::model::Reading;
use crate::model::quota::Limits;
use crate::model::world::{Cluster, Project, ProjectKind, RancherUser, Subject, World};
use crate::sandbox::{Credentials, rancher};

const ADMINISTRATOR: &str = "user-admin";

pub(super) fn seed(world: &World) -> Result<rancher::Seed, Failure> {
    let mut clusters = Vec::new();
    let mut projects = Vec::new();
    let mut bindings = Vec::new();
    let mut namespaces = Vec::new();
    let mut quotas = Vec::new();
    let mut roles = Map::new();
    let mut users = vec![json!({
        "id": ADMINISTRATOR, "username": "admin", "name": "Administrator",
        "principal_ids": [format!("local://{ADMINISTRATOR}")],
    })];
    for (place, cluster) in &world.clusters {
        let identity = cluster.identity.known();
        clusters.push(json!({
            "id": place.cluster, "uuid": identity.map(|identity| identity.uuid.uuid().to_string()),
            "name": identity.map_or(place.cluster.as_str(), |identity| identity.name.as_str()),
        }));
        for (id, project) in cluster.projects.known().into_iter().flatten() {
            if !project.removing {
                projects.push(self::project(id.as_str(), place.cluster.as_str(), project));
            }
        }
        bindings.extend(self::bindings(cluster));
        namespaces.extend(self::namespaces(place.cluster.as_str(), cluster));
        quotas.extend(self::quotas(place.cluster.as_str(), cluster));
        let people = cluster.users.iter().filter_map(Reading::known).flatten();
        users.extend(people.filter(|(_, user)| !user.own).map(|(id, user)| person(id.as_str(), user)));
        for (id, role) in cluster.roles.known().into_iter().flatten() {
            roles.insert(
                id.to_string(),
                json!({ "id": id, "name": id, "context": role.context, "locked": role.locked }),
            );
        }
    }
    super::read(json!({
        "tokens": [{
            "name": Credentials::SANDBOX.rancher_access_key, "secret": Credentials::SANDBOX.rancher_secret_key,
            "user_id": ADMINISTRATOR,
        }],
        "users": users,
        "clusters": clusters, "projects": projects, "bindings": bindings,
        "namespaces": namespaces, "resource_quotas": quotas,
        "role_templates": roles.into_iter().map(|(_, role)| role).collect::<Vec<_>>(),
    }))
}

fn person(id: &str, user: &RancherUser) -> Value {
    let RancherUser { username, principals, disabled, own: _ } = user;
    let name = username.as_ref().map_or("", |name| name.as_str());
    json!({ "id": id, "username": name, "name": name, "principal_ids": principals, "enabled": !disabled })
}

fn project(id: &str, cluster: &str, project: &Project) -> Value {
    let Project {
        name,
        description,
        annotations,
        quota,
        container_defaults,
        created,
        kind,
        removing: _,
        trouble: _,
    } = project;
    let labels = match kind {
        ProjectKind::Ordinary => json!({}),
        ProjectKind::BuiltIn => json!({ "authz.management.cattle.io/default-project": "true" }),
    };
    let texts = |amounts: &Limits| -> Value {
        amounts.iter().map(|(key, amount)| (key.to_string(), json!(amount))).collect::<Map<_, _>>().into()
    };
    json!({
        "id": id, "cluster_id": cluster, "name": name, "description": description, "annotations": annotations,
        "labels": labels, "created": created,
        "resource_quota": quota.as_ref().map(|quota| {
            let mut value = json!({ "limit": texts(&quota.limit) });
            if !quota.used.is_empty() {
                value["usedLimit"] = texts(&quota.used);
            }
            value
        }),
        "namespace_default_resource_quota":
            quota.as_ref().map(|quota| json!({ "limit": texts(&quota.namespace_default) })),
        "container_default_resource_limit":
            (!container_defaults.is_empty()).then(|| texts(container_defaults)),
    })
}

fn namespaces(place: &str, cluster: &Cluster) -> Vec<Value> {
    let known = cluster.inside.namespaces.as_ref().and_then(|reading| reading.known());
    let present = known.into_iter().flatten().filter(|(_, namespace)| !namespace.removing);
    present
        .map(|(name, namespace)| {
            let mut annotations = Map::new();
            if namespace.goes_with_project {
                annotations.insert("field.cattle.io/creatorId".to_owned(), json!("u-town"));
            }
            if namespace.managed {
                annotations.insert("waldur/managed".to_owned(), json!("true"));
            }
            if let Some(quota) = &namespace.quota {
                let quota = json!({ "limit": quota }).to_string();
                annotations.insert("field.cattle.io/resourceQuota".to_owned(), json!(quota));
            }
            json!({ "cluster_id": place, "name": name, "project_id": namespace.project, "annotations": annotations })
        })
        .collect()
}

fn quotas(place: &str, cluster: &Cluster) -> Vec<Value> {
    let known = cluster.inside.quotas.as_ref().and_then(|reading| reading.known());
    let quota = |(namespace, hard)| json!({ "cluster_id": place, "namespace": namespace, "name": "custom-resource-quota", "hard": hard });
    known.into_iter().flatten().map(quota).collect()
}

fn bindings(cluster: &Cluster) -> Vec<Value> {
    let present = cluster.bindings.known().into_iter().flat_map(|all| all.values()).filter(|it| !it.removing);
    present
        .map(|binding| {
            let (group, user) = match &binding.subject {
                Subject::Group(principal) => (Some(principal.to_string()), None),
                Subject::User(user) => (None, Some(user.clone())),
                Subject::Other => (None, None),
            };
            let principal = user.clone().filter(|user| user.contains("://"));
            json!({
                "name": binding.name, "project_id": binding.project, "role_template_id": binding.role,
                "group_principal_id": group, "user_id": user.filter(|_| principal.is_none()),
                "user_principal_id": principal, "annotations": binding.annotations,
            })
        })
        .collect()
}
