//! What Kubernetes itself counts against the quotas of a namespace: their `status.used`.

use serde_json::{Map, Value, json};

use super::quantity::Quantity;
use super::state::{Place, State};

impl State {
    /// Brings the status of a namespace's quotas up to date after something in it changed.
    pub(super) fn quotas_count(&mut self, cluster: &str, namespace: &str) {
        let inside: Vec<(&Place, &Value)> = self
            .kube_objects
            .iter()
            .filter(|(place, _)| place.cluster == cluster && place.namespace == namespace)
            .collect();
        let counted =
            inside.iter().filter(|(place, _)| place.resource == "resourcequotas").map(|(place, quota)| {
                let hard = &quota["spec"]["hard"];
                let keys = hard.as_object().into_iter().flat_map(Map::keys);
                let used: Map<String, Value> =
                    keys.map(|key| (key.clone(), used(key, &inside).to_string().into())).collect();
                ((*place).clone(), json!({"hard": hard, "used": used}))
            });
        for (place, status) in counted.collect::<Vec<_>>() {
            let revision = self.next_revision().to_string();
            if let Some(quota) = self.kube_objects.get_mut(&place) {
                quota["status"] = status;
                quota["metadata"]["resourceVersion"] = revision.into();
            }
        }
    }
}

/// Counts one key of a quota. A key that the simulated cluster has no objects for counts zero.
fn used(key: &str, inside: &[(&Place, &Value)]) -> Quantity {
    let of = |resource: &'static str| {
        inside.iter().filter(move |(place, _)| place.resource == resource).map(|(_, object)| *object)
    };
    let pods = || of("pods").filter(|pod| !is_over(pod));
    let claims = || of("persistentvolumeclaims");
    let one = |_: &Value| Quantity::read("1").unwrap_or(Quantity::ZERO);
    match key.split_once('.') {
        None if key == "pods" => total(pods().map(one)),
        None if key == "persistentvolumeclaims" => total(claims().map(one)),
        None => total(pods().map(|pod| of_pod(pod, "requests", key))),
        Some(("requests", "storage")) => {
            total(claims().map(|claim| amount(&claim["spec"]["resources"]["requests"]["storage"])))
        }
        Some((kind @ ("requests" | "limits"), resource)) => {
            total(pods().map(|pod| of_pod(pod, kind, resource)))
        }
        Some(_) => Quantity::ZERO,
    }
}

/// Pods that ended hold nothing.
fn is_over(pod: &Value) -> bool {
    ["Succeeded", "Failed"].contains(&pod["status"]["phase"].as_str().unwrap_or_default())
}

/// A pod holds what its containers hold together, or what one of those before them holds, if that is more.
fn of_pod(pod: &Value, kind: &str, resource: &str) -> Quantity {
    let of = |list: &str| -> Vec<Quantity> {
        let containers = pod["spec"][list].as_array().into_iter().flatten();
        containers.map(|container| amount(&container["resources"][kind][resource])).collect()
    };
    let running = total(of("containers"));
    of("initContainers").into_iter().fold(running, |most, one| if one.exceeds(most) { one } else { most })
}

fn total(amounts: impl IntoIterator<Item = Quantity>) -> Quantity {
    amounts.into_iter().fold(Quantity::ZERO, Quantity::plus)
}

/// Reads a quantity; numbers are taken as texts, and what is absent or none counts zero.
fn amount(value: &Value) -> Quantity {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Quantity::read(&text).unwrap_or(Quantity::ZERO)
}
