//! What the control address and tests see: everything, in order, without secrets.

use serde_json::{Value, json};

use super::object::Object;
use super::state::State;

impl State {
    /// Returns everything that the server holds, sorted, without secrets.
    pub fn snapshot(&self) -> Value {
        let all = |objects: &std::collections::BTreeMap<String, Object>| {
            objects.values().map(shown).collect::<Vec<_>>()
        };
        let namespaces = self.namespaces.iter().map(|((cluster, _), namespace)| {
            let mut namespace = shown(namespace);
            namespace["clusterId"] = cluster.as_str().into();
            namespace
        });
        let kube = self.kube_objects.iter().map(|(place, object)| {
            json!({"clusterId": place.cluster, "resource": place.resource, "object": object})
        });
        let tokens = self
            .tokens
            .iter()
            .map(|token| json!({"name": token.name, "userId": token.user_id, "clusterId": token.cluster_id}));
        json!({
            "version": self.version_text,
            "clusters": all(&self.clusters),
            "unreachable": self.unreachable,
            "users": all(&self.users),
            "projects": all(&self.projects),
            "bindings": all(&self.bindings),
            "roleTemplates": all(&self.role_templates),
            "namespaces": namespaces.collect::<Vec<_>>(),
            "objects": kube.collect::<Vec<_>>(),
            "tokens": tokens.collect::<Vec<_>>(),
            "problems": self.problems,
        })
    }
}

/// Shows an object with its fields beside what all objects have.
fn shown(object: &Object) -> Value {
    let mut result = object.fields.clone();
    let common = json!({
        "id": object.id, "uuid": object.uuid, "created": object.created, "removed": object.removed,
        "annotations": object.annotations, "labels": object.labels,
    });
    result.extend(common.as_object().cloned().unwrap_or_default());
    result.into()
}
