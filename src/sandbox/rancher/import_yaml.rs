//! The cluster's action `importYaml`: `kubectl apply` inside Rancher, which the Python agent sends its quotas by.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::kube::{KINDS, patched};
use super::reply::{Answer, Refusal};
use super::state::{Place, State};

/// Applies the documents of a body in turn. As with `kubectl`, those before a bad one stay applied.
pub(super) fn apply(state: &mut State, cluster: &str, body: &Map<String, Value>) -> Result<Answer, Refusal> {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let yaml = text("yaml").ok_or_else(|| Refusal::missing("yaml"))?;
    let namespace = text("namespace").or_else(|| text("defaultNamespace")).unwrap_or("default");
    let mut output = String::new();
    for document in serde_yaml::Deserializer::from_str(yaml) {
        let document = Value::deserialize(document).map_err(|error| failed(&error.to_string()))?;
        output.push_str(&apply_one(state, cluster, namespace, &document)?);
        output.push('\n');
    }
    Ok(Answer::json(200, json!({"type": "importYamlOutput", "message": output})))
}

/// Applies one document and returns what `kubectl` says of it.
fn apply_one(state: &mut State, cluster: &str, namespace: &str, document: &Value) -> Result<String, Refusal> {
    let (kind, name) = (document["kind"].as_str(), document["metadata"]["name"].as_str());
    let (Some(kind), Some(name)) = (kind, name) else {
        return Err(failed("error validating data: [apiVersion not set, kind not set]"));
    };
    // Namespaces and whatever else real clusters have could be applied, too; nobody does so here.
    let known = KINDS.iter().find(|(resource, known)| *known == kind && *resource != "namespaces");
    let Some((resource, _)) = known else {
        return Err(failed(&format!("the simulated cluster applies no {kind}")));
    };
    let namespace = document["metadata"]["namespace"].as_str().unwrap_or(namespace).to_owned();
    let inside = state.namespaces.get(&(cluster.to_owned(), namespace.clone()));
    if inside.is_none_or(|namespace| namespace.removed.is_some()) {
        return Err(failed(&format!("Error from server (NotFound): namespaces \"{namespace}\" not found")));
    }
    let place = Place { cluster: cluster.to_owned(), resource, namespace, name: name.to_owned() };
    let before = state.kube_objects.get(&place).cloned();
    let verb = if before.is_some() { "configured" } else { "created" };
    let (said, namespace) = (format!("{}/{name} {verb}", kind.to_lowercase()), place.namespace.clone());
    state.put_kube(place, &patched(&before.unwrap_or_default(), document));
    state.quotas_count(cluster, &namespace);
    Ok(said)
}

/// `kubectl` failed: its output, as 400.
fn failed(output: &str) -> Refusal {
    Refusal::new(400, "BadRequest", output)
}
