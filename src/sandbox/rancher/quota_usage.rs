//! What Kubernetes itself counts against the quotas of a namespace: their `status.used`.

use jiff::{SignedDuration, Timestamp};
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
                let used: Map<String, Value> = keys
                    .map(|key| (key.clone(), used(key, &inside, self.moment).to_string().into()))
                    .collect();
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
fn used(key: &str, inside: &[(&Place, &Value)], now: Timestamp) -> Quantity {
    let of = |resource: &'static str| {
        inside.iter().filter(move |(place, _)| place.resource == resource).map(|(_, object)| *object)
    };
    let pods = || of("pods").filter(|pod| !is_over(pod, now));
    let claims = || of("persistentvolumeclaims");
    let one = |_: &Value| Quantity::read("1").unwrap_or(Quantity::ZERO);
    match key.split_once('.') {
        None if key == "pods" => total(pods().map(one)),
        None if key == "persistentvolumeclaims" => total(claims().map(one)),
        None => total(pods().map(|pod| of_pod(pod, "requests", key))),
        Some(("requests", "storage")) => total(claims().map(|claim| {
            let asked = amount(&claim["spec"]["resources"]["requests"]["storage"]);
            larger(asked, amount(&claim["status"]["allocatedResources"]["storage"]))
        })),
        Some((kind @ ("requests" | "limits"), resource)) => {
            total(pods().map(|pod| of_pod(pod, kind, resource)))
        }
        Some(_) => Quantity::ZERO,
    }
}

/// Pods that ended hold nothing, nor do those that should have been gone for as long as they were given.
fn is_over(pod: &Value, now: Timestamp) -> bool {
    let metadata = &pod["metadata"];
    let deleted: Option<Timestamp> =
        metadata["deletionTimestamp"].as_str().and_then(|text| text.parse().ok());
    let given = metadata["deletionGracePeriodSeconds"].as_i64().map(SignedDuration::from_secs);
    let is_lost = deleted.zip(given).is_some_and(|(deleted, given)| now.duration_since(deleted) > given);
    is_lost || ["Succeeded", "Failed"].contains(&pod["status"]["phase"].as_str().unwrap_or_default())
}

/// Counts one resource of a pod as Kubernetes' scheduler does. Sidecars are init containers that go on running; what is
/// said of the whole pod wins; overhead comes on top.
fn of_pod(pod: &Value, kind: &str, resource: &str) -> Quantity {
    let spec = &pod["spec"];
    let (mut beside, mut peak) = (Quantity::ZERO, Quantity::ZERO);
    for container in spec["initContainers"].as_array().into_iter().flatten() {
        let own = of_container(pod, "initContainerStatuses", container, kind, resource);
        let stays = container["restartPolicy"] == "Always";
        let during = beside.plus(own);
        peak = larger(peak, during);
        if stays {
            beside = during;
        }
    }
    let containers = spec["containers"].as_array().into_iter().flatten();
    let running = total(containers.map(|one| of_container(pod, "containerStatuses", one, kind, resource)));
    let whole = &spec["resources"][kind][resource];
    let sum = if whole.is_null()
        || !(["cpu", "memory"].contains(&resource) || resource.starts_with("hugepages-"))
    {
        larger(running.plus(beside), peak)
    } else {
        amount(whole)
    };
    sum.plus(amount(&spec["overhead"][resource]))
}

/// A container that is resized in place counts with the most of what it asks for, was granted, and has.
fn of_container(pod: &Value, statuses: &str, container: &Value, kind: &str, resource: &str) -> Quantity {
    let asked = &container["resources"][kind][resource];
    if kind != "requests" {
        return amount(asked);
    }
    let known = pod["status"][statuses].as_array().into_iter().flatten();
    let status = known.into_iter().find(|status| status["name"] == container["name"]);
    let given = status.map_or(Quantity::ZERO, |status| {
        larger(amount(&status["allocatedResources"][resource]), amount(&status["resources"][kind][resource]))
    });
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    let refused =
        conditions.into_iter().any(|one| one["type"] == "PodResizePending" && one["reason"] == "Infeasible");
    if refused { given } else { larger(amount(asked), given) }
}

fn larger(one: Quantity, other: Quantity) -> Quantity {
    if other.exceeds(one) { other } else { one }
}

fn total(amounts: impl IntoIterator<Item = Quantity>) -> Quantity {
    amounts.into_iter().fold(Quantity::ZERO, Quantity::plus)
}

/// Reads a quantity; numbers are taken as texts, and what is absent or none counts zero.
fn amount(value: &Value) -> Quantity {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Quantity::read(&text).unwrap_or(Quantity::ZERO)
}
