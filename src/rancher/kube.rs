//! Kubernetes' shapes, behind Rancher's proxy, as far as they are used.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::wire::null_is_empty;
use super::{parse, wire};
use crate::model::quota::Limits;
use crate::model::world::{Annotations, Namespace};
use crate::model::{NamespaceName, marks};

/// The annotation that says to which project a namespace belongs. The label of the same name lags behind.
const PROJECT: &str = "field.cattle.io/projectId";
/// The annotation that says what a namespace has of its project's quota, as JSON.
const QUOTA: &str = "field.cattle.io/resourceQuota";
/// The annotation with the conditions of a namespace, as JSON.
const STATUS: &str = "cattle.io/status";

/// What all objects of Kubernetes have.
#[derive(Debug, Deserialize)]
pub(super) struct Object {
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    #[serde(default)]
    namespace: Option<NamespaceName>,
    #[serde(default, deserialize_with = "null_is_empty")]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    deletion_timestamp: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Spec {
    #[serde(default, deserialize_with = "null_is_empty")]
    hard: wire::Limits,
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "Conditions", default)]
    conditions: Vec<Condition>,
}

#[derive(Deserialize)]
struct Condition {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Status")]
    status: String,
}

/// Reads a namespace; nothing if its name is none.
pub(super) fn namespace(object: &Object) -> Option<(NamespaceName, Namespace)> {
    let Metadata { name, namespace: _, annotations, deletion_timestamp } = &object.metadata;
    let quota: Option<wire::Quota> = annotations.get(QUOTA).and_then(|text| serde_json::from_str(text).ok());
    let status: Option<Status> = annotations.get(STATUS).and_then(|text| serde_json::from_str(text).ok());
    let refused =
        |one: &Condition| one.kind == "ResourceQuotaValidated" && one.status.eq_ignore_ascii_case("false");
    let namespace = Namespace {
        project: annotations.get(PROJECT).and_then(|id| id.parse().ok()),
        quota: quota.map(|quota| parse::limits(quota.limit)),
        oversubscribed: status.is_some_and(|status| status.conditions.iter().any(refused)),
        goes_with_project: annotations.contains_key("field.cattle.io/creatorId"),
        managed: annotations.get(marks::MANAGED).is_some_and(|value| value == "true"),
        removing: deletion_timestamp.is_some(),
    };
    Some((name.parse().ok()?, namespace))
}

/// Reads the hard limits of a quota, and in which namespace they hold.
pub(super) fn quota(object: Object) -> Option<(NamespaceName, Limits)> {
    Some((object.metadata.namespace?, parse::limits(Some(object.spec.hard))))
}

/// Writes what a namespace has of its project's quota into the namespace as it was read.
pub(super) fn with_namespace_quota(mut namespace: Value, limits: &Limits) -> Value {
    let now = namespace["metadata"]["annotations"][QUOTA].as_str();
    let mut quota: Value = now.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| json!({}));
    quota["limit"] = parse::written(limits, &BTreeSet::new());
    namespace["metadata"]["annotations"][QUOTA] = quota.to_string().into();
    namespace
}

/// Writes limits into a quota as it was read: what does not change keeps its spelling.
pub(super) fn with_hard(mut quota: Value, from: &Limits, to: &Limits) -> Value {
    let mut hard: Map<String, Value> = quota["spec"]["hard"].as_object().cloned().unwrap_or_default();
    hard.retain(|key, _| to.contains_key(key.as_str()) || !from.contains_key(key.as_str()));
    let changed = to.iter().filter(|(key, amount)| from.get(key.as_str()) != Some(amount));
    hard.extend(changed.map(|(key, amount)| (key.to_string(), amount.to_string().into())));
    quota["spec"]["hard"] = hard.into();
    quota
}

/// Makes a new quota.
pub(super) fn new_quota(name: &str, annotations: &Annotations, hard: &Limits) -> Value {
    let hard: Map<String, Value> =
        hard.iter().map(|(key, amount)| (key.to_string(), amount.to_string().into())).collect();
    json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": name, "annotations": annotations },
        "spec": { "hard": hard },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(pairs: &[(&str, &str)]) -> Limits {
        pairs.iter().map(|(key, value)| ((*key).into(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_namespace_says_its_project_its_share_and_whether_that_fits() {
        let body = json!({ "metadata": { "name": "work", "deletionTimestamp": null, "annotations": {
            "field.cattle.io/projectId": "c-1:p-1", "waldur/managed": "true",
            "field.cattle.io/resourceQuota": "{\"limit\":{\"limitsCpu\":\"2000m\",\"extended\":{\"requests.a/b\":\"1\"}}}",
            "cattle.io/status":
                "{\"Conditions\":[{\"Type\":\"ResourceQuotaValidated\",\"Status\":\"False\",\"Message\":\"x\"}]}",
        } } });
        let (name, read) = namespace(&serde_json::from_value(body).unwrap()).unwrap();
        let quota = Some(amounts(&[("limitsCpu", "2"), ("requests.a/b", "1")]));
        let project = Some("c-1:p-1".parse().unwrap());
        assert_eq!(name.as_str(), "work");
        assert_eq!(
            read,
            Namespace {
                project,
                quota,
                oversubscribed: true,
                goes_with_project: false,
                managed: true,
                removing: false
            }
        );
        let bare = json!({ "metadata": { "name": "default" } });
        let (_, read) = namespace(&serde_json::from_value(bare).unwrap()).unwrap();
        assert_eq!(read, Namespace::default());
    }

    #[test]
    fn what_does_not_change_keeps_its_spelling() {
        let quota = json!({ "spec": { "hard": { "limits.cpu": "8000m", "limits.memory": "32768Mi", "pods": "many" } } });
        let from = amounts(&[("limits.cpu", "8"), ("limits.memory", "32Gi")]);
        let after = with_hard(quota, &from, &amounts(&[("limits.cpu", "8"), ("requests.storage", "100Gi")]));
        assert_eq!(
            after["spec"]["hard"],
            json!({ "limits.cpu": "8000m", "requests.storage": "100Gi", "pods": "many" })
        );
    }

    #[test]
    fn a_namespaces_quota_is_written_with_all_else_as_it_was() {
        let before = json!({ "metadata": { "resourceVersion": "7", "annotations": {
            "team/x": "y", "field.cattle.io/resourceQuota": "{\"limit\":{\"limitsCpu\":\"8\"}}" } } });
        let after = with_namespace_quota(before, &amounts(&[("limitsCpu", "4"), ("requests.a/b", "1")]));
        let annotations = &after["metadata"]["annotations"];
        assert_eq!(
            (&annotations["team/x"], &after["metadata"]["resourceVersion"]),
            (&json!("y"), &json!("7"))
        );
        let quota: Value = serde_json::from_str(annotations[QUOTA].as_str().unwrap()).unwrap();
        assert_eq!(quota, json!({ "limit": { "limitsCpu": "4", "extended": { "requests.a/b": "1" } } }));
    }
}
