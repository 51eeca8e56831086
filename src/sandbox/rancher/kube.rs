//! The Kubernetes proxy of a cluster: single objects, and who may do what with them.

use serde_json::{Map, Value, json};

use super::agenda::Due;
use super::call::Call;
use super::kube_list;
use super::merge;
use super::object::Object;
use super::reply::{Answer, Refusal};
use super::seed::Token;
use super::state::{PROJECT_ID, Place, State};

/// The resources that the simulated clusters have, with their kinds.
pub(super) const KINDS: [(&str, &str); 4] = [
    ("namespaces", "Namespace"),
    ("persistentvolumeclaims", "PersistentVolumeClaim"),
    ("pods", "Pod"),
    ("resourcequotas", "ResourceQuota"),
];

/// Whose objects a call is about.
pub(super) struct Target<'a> {
    pub(super) call: &'a Call,
    caller: &'a Token,
    pub(super) cluster: &'a str,
    pub(super) resource: &'static str,
    pub(super) namespace: Option<&'a str>,
    name: Option<&'a str>,
}

/// Answers a call to `/k8s/clusters/<cluster>`; `path` is what follows.
pub(super) fn answer(state: &mut State, call: &Call, caller: &Token, cluster: &str, path: &[&str]) -> Answer {
    let Some(known) = state.clusters.get(cluster) else {
        let body = json!({"Code": {"Code": "NotFound", "Status": 404}, "Message": "ClusterNotFound"});
        return Answer::text(404, body.to_string());
    };
    if !state.is_reachable(cluster) {
        return Answer::text(500, "error trying to reach service: cluster agent disconnected");
    }
    let (resource, namespace, name) = match path {
        ["version"] => {
            let version = known.fields.get("version").and_then(|version| version.get("gitVersion"));
            return Answer::json(200, json!({"gitVersion": version, "platform": "linux/amd64"}));
        }
        ["api", "v1", "namespaces"] => ("namespaces", None, None),
        ["api", "v1", "namespaces", name] => ("namespaces", None, Some(*name)),
        ["api", "v1", "namespaces", namespace, resource] => (*resource, Some(*namespace), None),
        ["api", "v1", "namespaces", namespace, resource, name] => (*resource, Some(*namespace), Some(*name)),
        ["api", "v1", resource] => (*resource, None, None),
        _ => ("", None, None),
    };
    let Some((resource, _)) = KINDS.iter().find(|(known, _)| *known == resource) else {
        return Refusal::new(404, "NotFound", "the server could not find the requested resource")
            .kubernetes();
    };
    let target = Target { call, caller, cluster, resource, namespace, name };
    dispatch(state, &target).unwrap_or_else(Refusal::kubernetes)
}

fn dispatch(state: &mut State, target: &Target<'_>) -> Result<Answer, Refusal> {
    let verb = match (target.call.method.as_str(), target.name) {
        ("GET", None) => "list",
        ("GET", Some(_)) => "get",
        ("POST", None) => "create",
        ("PUT", Some(_)) => "update",
        ("PATCH", Some(_)) => "patch",
        ("DELETE", Some(_)) => "delete",
        _ => {
            let message = "the server does not allow this method on the requested resource";
            return Err(Refusal::new(405, "MethodNotAllowed", message));
        }
    };
    state.authorize(target, verb)?;
    match (verb, target.name) {
        ("create", _) => create(state, target),
        (_, None) => kube_list::list(state, target),
        ("get", Some(name)) => Ok(Answer::json(200, state.kube_object(target, name)?)),
        ("delete", Some(name)) => delete(state, target, name),
        (_, Some(name)) => change(state, target, name),
    }
}

fn create(state: &mut State, target: &Target<'_>) -> Result<Answer, Refusal> {
    let body = body(target.call)?;
    let name = match (body["metadata"]["name"].as_str(), body["metadata"]["generateName"].as_str()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(prefix)) => state.mint.name(prefix),
        (None, None) => {
            let message = "resource name may not be empty";
            return Err(Refusal::new(422, "Invalid", message));
        }
    };
    if target.resource == "namespaces" {
        let metadata = |key: &str| merge::texts(body["metadata"].get(key));
        check_assignment(target, &metadata("annotations"))?;
        state.add_namespace(target.cluster, &name, metadata("annotations"), metadata("labels"))?;
    } else {
        let place = place(target, &name);
        if state.kube_objects.contains_key(&place) {
            return Err(Refusal::already_exists(target.resource, &name));
        }
        state.put_kube(place, &body);
        state.quotas_count(target.cluster, target.namespace.unwrap_or(""));
    }
    Ok(Answer::json(201, state.kube_object(target, &name)?))
}

/// Merges a patch into an object, or replaces the object.
fn change(state: &mut State, target: &Target<'_>, name: &str) -> Result<Answer, Refusal> {
    let before = state.kube_object(target, name)?;
    let given = body(target.call)?;
    let wanted = &given["metadata"]["resourceVersion"];
    if !wanted.is_null() && *wanted != before["metadata"]["resourceVersion"] {
        return Err(Refusal::modified(target.resource, name));
    }
    let after = if target.call.method == "PATCH" {
        check_patch_type(target.call)?;
        patched(&before, &given)
    } else {
        given
    };
    if target.resource == "namespaces" {
        let annotations = merge::texts(after["metadata"].get("annotations"));
        check_assignment(target, &annotations)?;
        state.change_namespace(target.cluster, name, |namespace| {
            namespace.annotations = annotations;
            namespace.labels = merge::texts(after["metadata"].get("labels"));
        });
    } else {
        state.put_kube(place(target, name), &after);
        state.quotas_count(target.cluster, target.namespace.unwrap_or(""));
    }
    Ok(Answer::json(200, state.kube_object(target, name)?))
}

fn delete(state: &mut State, target: &Target<'_>, name: &str) -> Result<Answer, Refusal> {
    let before = state.kube_object(target, name)?;
    if target.resource == "namespaces" {
        state.remove_namespace(target.cluster, name);
        let after = state.kube_object(target, name)?;
        state.settle();
        return Ok(Answer::json(200, after));
    }
    state.kube_objects.remove(&place(target, name));
    state.quotas_count(target.cluster, target.namespace.unwrap_or(""));
    state.next_revision();
    Ok(Answer::json(200, before))
}

fn place(target: &Target<'_>, name: &str) -> Place {
    Place {
        cluster: target.cluster.to_owned(),
        resource: target.resource,
        namespace: target.namespace.unwrap_or("").to_owned(),
        name: name.to_owned(),
    }
}

fn body(call: &Call) -> Result<Value, Refusal> {
    let bad = |error: String| Refusal::new(400, "BadRequest", format!("error decoding body: {error}"));
    let body: Value = serde_json::from_slice(&call.body).map_err(|error| bad(error.to_string()))?;
    if body.is_object() { Ok(body) } else { Err(bad("not an object".to_owned())) }
}

fn check_patch_type(call: &Call) -> Result<(), Refusal> {
    let given = call.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
    let known = ["application/merge-patch+json", "application/strategic-merge-patch+json"];
    if known.iter().any(|known| given.starts_with(known)) {
        return Ok(());
    }
    let message = format!(
        "the body of the request was in an unknown format - accepted media types include: {}",
        known.join(", ")
    );
    Err(Refusal::new(415, "UnsupportedMediaType", message))
}

/// Applies a JSON merge patch (RFC 7396).
pub(super) fn patched(before: &Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut after = before.as_object().cloned().unwrap_or_default();
    for (key, change) in changes {
        if change.is_null() {
            after.remove(key);
        } else {
            let merged = patched(after.get(key).unwrap_or(&Value::Null), change);
            after.insert(key.clone(), merged);
        }
    }
    Value::Object(after)
}

/// Assigning a namespace needs rights in the project that it goes to.
fn check_assignment(
    target: &Target<'_>,
    annotations: &std::collections::BTreeMap<String, String>,
) -> Result<(), Refusal> {
    match annotations.get(PROJECT_ID) {
        Some(project) if !target.caller.sees_project(project) => {
            let reason = "user does not have permission to manage namespaces in the project";
            let message =
                format!("admission webhook \"rancher.cattle.io.namespaces\" denied the request: {reason}");
            Err(Refusal::new(403, "Forbidden", message))
        }
        Some(_) | None => Ok(()),
    }
}

impl State {
    /// Who is held to some projects may look into their namespaces, and gets 403 for a whole cluster.
    fn authorize(&self, target: &Target<'_>, verb: &str) -> Result<(), Refusal> {
        let inside = target.namespace.or(if target.resource == "namespaces" { target.name } else { None });
        let project = inside
            .and_then(|namespace| self.namespaces.get(&(target.cluster.to_owned(), namespace.to_owned())))
            .and_then(|namespace| namespace.annotations.get(PROJECT_ID));
        let creates_namespace = target.resource == "namespaces" && verb == "create";
        let visible = !target.caller.is_restricted()
            || creates_namespace
            || project.is_some_and(|project| target.caller.sees_project(project));
        let writes = !["get", "list"].contains(&verb);
        if visible && !(writes && target.caller.read_only) {
            return Ok(());
        }
        let scope =
            inside.map_or("at the cluster scope".to_owned(), |name| format!("in the namespace \"{name}\""));
        let (resource, user) = (target.resource, &target.caller.user_id);
        let message = format!(
            "{resource} is forbidden: User \"{user}\" cannot {verb} resource \"{resource}\" in API group \"\" {scope}"
        );
        Err(Refusal::new(403, "Forbidden", message))
    }

    fn kube_object(&self, target: &Target<'_>, name: &str) -> Result<Value, Refusal> {
        let found = if target.resource == "namespaces" {
            self.namespaces.get(&(target.cluster.to_owned(), name.to_owned())).map(as_kube)
        } else {
            self.kube_objects.get(&place(target, name)).cloned()
        };
        found.ok_or_else(|| Refusal::not_found(target.resource, name))
    }

    /// Changes a namespace; label, quota and the projects' sums follow after their delays.
    pub(super) fn change_namespace(&mut self, cluster: &str, name: &str, change: impl FnOnce(&mut Object)) {
        let revision = self.next_revision();
        let Some(namespace) = self.namespaces.get_mut(&(cluster.to_owned(), name.to_owned())) else { return };
        let before = namespace.annotations.get(PROJECT_ID).cloned();
        change(namespace);
        namespace.revision = revision;
        let moved = before.filter(|before| namespace.annotations.get(PROJECT_ID) != Some(before));
        self.schedule(self.timing.label_after_ms, Due::NamespaceSettled(cluster.to_owned(), name.to_owned()));
        if let Some(project) = moved {
            self.schedule(self.timing.used_limit_after_ms, Due::UsedLimit(project));
        }
    }

    /// Writes an object as Kubernetes stores it: with its identity, its revision and its time of creation.
    pub(super) fn put_kube(&mut self, place: Place, body: &Value) {
        let kind =
            KINDS.iter().find(|(resource, _)| *resource == place.resource).map_or("", |(_, kind)| kind);
        let known = self.kube_objects.get(&place).map(|known| known["metadata"].clone());
        let uid = known.as_ref().map_or_else(|| self.mint.uuid().into(), |known| known["uid"].clone());
        let created = known.map_or_else(|| time(self.moment), |known| known["creationTimestamp"].clone());
        let mut metadata: Map<String, Value> = body["metadata"].as_object().cloned().unwrap_or_default();
        metadata.remove("generateName");
        let revision = self.next_revision().to_string();
        let own = json!({"name": place.name, "namespace": place.namespace, "uid": uid, "resourceVersion": revision,
                         "creationTimestamp": created});
        metadata.extend(own.as_object().cloned().unwrap_or_default());
        let mut object: Map<String, Value> = body.as_object().cloned().unwrap_or_default();
        object.insert("metadata".to_owned(), metadata.into());
        object.insert("kind".to_owned(), kind.into());
        object.insert("apiVersion".to_owned(), "v1".into());
        self.kube_objects.insert(place, object.into());
    }
}

fn time(moment: jiff::Timestamp) -> Value {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

/// Shows a namespace as Kubernetes does.
pub(super) fn as_kube(namespace: &Object) -> Value {
    let mut metadata = json!({
        "name": namespace.id, "uid": namespace.uuid, "resourceVersion": namespace.revision.to_string(),
        "creationTimestamp": time(namespace.created), "labels": namespace.labels, "annotations": namespace.annotations,
    });
    if let Some(removed) = namespace.removed {
        metadata["deletionTimestamp"] = time(removed);
    }
    let phase = if namespace.removed.is_some() { "Terminating" } else { "Active" };
    json!({"kind": "Namespace", "apiVersion": "v1", "metadata": metadata,
           "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": phase}})
}

/// Returns the kind of a resource's list.
pub(super) fn list_kind(resource: &str) -> String {
    let kind = KINDS.iter().find(|(known, _)| *known == resource).map_or("", |(_, kind)| kind);
    format!("{kind}List")
}
