//! From Rancher's shapes to our nouns, and back for what is written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use smol_str::SmolStr;

use super::{OwnUser, ProjectView, wire};
use crate::http::Listing;
use crate::model::quota::{Limits, is_extended};
use crate::model::world::{
    Binding, ClusterIdentity, Project, ProjectKind, Quota, RancherUser, RoleTemplate, Subject,
};
use crate::model::{
    BindingId, ClusterId, Quantity, RancherProjectId, RancherUserId, Reading, RoleTemplateId,
};

/// The labels by which Rancher knows its own projects.
const BUILT_IN: [&str; 2] =
    ["authz.management.cattle.io/default-project", "authz.management.cattle.io/system-project"];

/// Makes a reading of a list: its rows as `keep` wants them, and what speaks against their being everything.
pub(super) fn reading<W: serde::de::DeserializeOwned, K: Ord, V>(
    listing: Listing,
    what: &str,
    keep: impl Fn(W) -> Option<(K, V)>,
) -> Reading<BTreeMap<K, V>> {
    let (count, total) = (listing.rows.len(), listing.last_total);
    let (rows, mut holes) = listing.into_rows(what);
    // What is deleted while pages are turned shifts the others; what is missing then is only known by its number.
    if let Some(total) = total.filter(|&total| usize::try_from(total).is_ok_and(|total| count < total)) {
        holes.push(format!("{count} rows were read of {total}"));
    }
    let got = rows.into_iter().filter_map(keep).collect();
    if holes.is_empty() { Reading::Complete(got) } else { Reading::Partial { got, holes } }
}

pub(super) fn cluster(row: wire::Cluster) -> ClusterIdentity {
    ClusterIdentity { uuid: row.uuid, name: row.name }
}

/// Says whether a project is one of the two that Rancher makes in every cluster.
pub(super) fn is_built_in(labels: &BTreeMap<String, String>) -> bool {
    BUILT_IN.iter().any(|label| labels.get(*label).is_some_and(|value| value == "true"))
}

pub(super) fn project(row: wire::Project) -> (RancherProjectId, ProjectView) {
    let built_in = is_built_in(&row.labels);
    let removing = is_set(row.removed.as_ref()) || row.state == "removing";
    let quota = match (row.resource_quota, row.namespace_default_resource_quota) {
        (None, None) => None,
        (whole, each) => {
            let (whole, each) = (whole.unwrap_or_default(), each.unwrap_or_default());
            Some(Quota {
                limit: limits(whole.limit),
                namespace_default: limits(each.limit),
                used: limits(whole.used_limit),
            })
        }
    };
    let project = Project {
        name: row.name,
        description: row.description,
        annotations: row.annotations,
        quota,
        container_defaults: limits(row.container_default_resource_limit),
        created: row.created,
        kind: if built_in { ProjectKind::BuiltIn } else { ProjectKind::Ordinary },
        removing,
        trouble: (row.transitioning == "error").then_some(row.transitioning_message),
    };
    let conditions = row
        .conditions
        .into_iter()
        .filter(|condition| condition.status == "True")
        .map(|condition| condition.kind)
        .collect();
    (row.id, ProjectView { project, conditions })
}

/// Keeps the bindings of one cluster's projects; a project's id begins with its cluster's.
pub(super) fn binding_of(cluster: &ClusterId, row: wire::Binding) -> Option<(BindingId, Binding)> {
    let (of, _name) = row.project_id.as_str().split_once(':')?;
    (of == cluster.as_str()).then(|| binding(row))
}

pub(super) fn binding(row: wire::Binding) -> (BindingId, Binding) {
    // Rancher fills in the id of a user whom it was given by principal, later; the id is what stays.
    let user = row.user_id.or(row.user_principal_id).filter(|user| !user.is_empty());
    let subject = match (row.group_principal_id, user) {
        (Some(group), _) => Subject::Group(group),
        (None, Some(user)) => Subject::User(user),
        (None, None) => Subject::Other,
    };
    let binding = Binding {
        name: row.name,
        project: row.project_id,
        role: row.role_template_id,
        subject,
        annotations: row.annotations,
        removing: is_set(row.removed.as_ref()),
    };
    (row.id, binding)
}

pub(super) fn role(row: wire::RoleTemplate) -> (RoleTemplateId, RoleTemplate) {
    (row.id, RoleTemplate { context: row.context, locked: row.locked })
}

/// Keeps people: Rancher's own users have principals of the system's.
pub(super) fn user(row: wire::User) -> Option<(RancherUserId, RancherUser)> {
    if row.principal_ids.iter().any(|principal| principal.starts_with("system://")) {
        return None;
    }
    // A name or principal that is none of a person's matches nobody, and so is as good as absent.
    let user = RancherUser {
        username: row.username.and_then(|name| name.parse().ok()),
        principals: row.principal_ids.iter().filter_map(|principal| principal.parse().ok()).collect(),
        disabled: row.enabled == Some(false),
        own: row.me == Some(true),
    };
    Some((row.id.parse().ok()?, user))
}

pub(super) fn own_user(row: wire::User) -> OwnUser {
    OwnUser { id: row.id, username: row.username, principals: row.principal_ids.into_iter().collect() }
}

/// Writes a quota. Both halves go together and with the same keys, or Rancher refuses them; a key that is to vanish
/// is sent as `null`, because absent ones stay.
pub(super) fn quota(quota: &Quota, dropped: &BTreeSet<SmolStr>) -> [(&'static str, Value); 2] {
    let Quota { limit, namespace_default, used: _ } = quota;
    [
        ("resourceQuota", json!({ "limit": written(limit, dropped) })),
        ("namespaceDefaultResourceQuota", json!({ "limit": written(namespace_default, dropped) })),
    ]
}

pub(super) fn written(limits: &Limits, dropped: &BTreeSet<SmolStr>) -> Value {
    let is_own = |key: &str| !is_extended(key);
    let mut written = Map::new();
    let mut extended = Map::new();
    for key in dropped.iter().filter(|key| !limits.contains_key(*key)) {
        // The map of extended keys is replaced whole, and only goes when it is told to.
        let key = if is_own(key) { key.as_str() } else { "extended" };
        written.insert(key.to_owned(), Value::Null);
    }
    for (key, quantity) in limits {
        let place = if is_own(key) { &mut written } else { &mut extended };
        place.insert(key.to_string(), Value::from(quantity.to_string()));
    }
    if !extended.is_empty() {
        written.insert("extended".to_owned(), Value::from(extended));
    }
    Value::from(written)
}

/// Reads limits. One that is no quantity differs from whatever is wanted, and so is as good as absent.
pub(super) fn limits(limits: Option<wire::Limits>) -> Limits {
    let mut read = Limits::new();
    for (key, value) in limits.unwrap_or_default() {
        if let Some(extended) = value.as_object() {
            read.extend(extended.iter().filter_map(|(key, value)| Some((key.into(), quantity(value)?))));
        } else if key != "type" {
            read.extend(quantity(&value).map(|quantity| (key.into(), quantity)));
        }
    }
    read
}

fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Writes what containers have unless they say otherwise: all four keys are given, absent ones go.
pub(super) fn container_defaults(limits: &Limits) -> Value {
    let keys = ["limitsCpu", "limitsMemory", "requestsCpu", "requestsMemory"];
    let text = |key| limits.get(key).map_or(Value::Null, |amount| amount.to_string().into());
    keys.into_iter().map(|key| (key.to_owned(), text(key))).collect::<Map<_, _>>().into()
}

fn is_set(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(body: Value) -> ProjectView {
        project(serde_json::from_value(body).unwrap()).1
    }

    fn amounts(pairs: &[(&str, &str)]) -> Limits {
        pairs.iter().map(|(key, value)| ((*key).into(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_quota_is_read_with_its_extended_keys_and_without_normans_ornaments() {
        let read = view(json!({
            "id": "c-1:p-1", "clusterId": "c-1", "created": "2026-08-21T10:00:00Z", "name": "x", "annotations": null,
            "resourceQuota": { "type": "/v3/schemas/projectResourceQuota",
                "limit": { "type": "/v3/schemas/resourceQuotaLimit", "limitsCpu": "8000m", "pods": 5,
                           "extended": { "requests.nvidia.com/gpu": "2" }, "services": "many" },
                "usedLimit": { "limitsCpu": "2" } },
            "namespaceDefaultResourceQuota": { "limit": { "limitsCpu": "2" } }
        }));
        let quota = read.project.quota.unwrap();
        assert_eq!(
            quota.limit,
            amounts(&[("limitsCpu", "8"), ("pods", "5"), ("requests.nvidia.com/gpu", "2")])
        );
        assert_eq!(quota.used, amounts(&[("limitsCpu", "2")]));
    }

    #[test]
    fn an_empty_quota_is_one_and_null_is_none() {
        let base = json!({ "id": "c-1:p-1", "clusterId": "c-1", "created": "2026-08-21T10:00:00Z", "resourceQuota": null });
        assert_eq!(view(base.clone()).project.quota, None);
        let mut with = base;
        with["resourceQuota"] = json!({ "limit": {} });
        assert_eq!(view(with).project.quota, Some(Quota::default()));
    }

    #[test]
    fn a_key_that_is_to_vanish_is_sent_as_null() {
        let wanted = Quota {
            limit: amounts(&[("limitsCpu", "8"), ("requests.nvidia.com/gpu", "2")]),
            namespace_default: amounts(&[("limitsCpu", "500m")]),
            used: BTreeMap::new(),
        };
        let dropped = BTreeSet::from(["pods".into(), "limitsCpu".into(), "count/jobs.batch".into()]);
        let [(_, whole), (_, each)] = quota(&wanted, &dropped);
        let gpu = json!({ "requests.nvidia.com/gpu": "2" });
        assert_eq!(whole, json!({ "limit": { "limitsCpu": "8", "pods": null, "extended": gpu } }));
        assert_eq!(each, json!({ "limit": { "limitsCpu": "500m", "pods": null, "extended": null } }));
    }

    #[test]
    fn ranchers_own_projects_are_known_by_their_label() {
        let body = |labels| json!({ "id": "c-1:p-1", "clusterId": "c-1", "created": "2026-08-21T10:00:00Z", "labels": labels });
        let own = json!({ "authz.management.cattle.io/system-project": "true" });
        assert_eq!(view(body(own)).project.kind, ProjectKind::BuiltIn);
        assert_eq!(view(body(Value::Null)).project.kind, ProjectKind::Ordinary);
    }
}
