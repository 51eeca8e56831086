//! Kubernetes' pods and claims, as far as they are counted. Any other key may come, go, or change.

use std::mem;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::amounts::Amounts;
use crate::model::usage::{Container, InitContainer, Pod, Requests};
use crate::rancher::wire::null_is_empty;

/// A pod, as far as it is used. Ephemeral containers have no resources.
#[derive(Deserialize)]
pub(super) struct PodObject {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: PodSpec,
    #[serde(default)]
    pub(super) status: PodStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) name: String,
    #[serde(default)]
    pub(super) namespace: String,
    #[serde(default)]
    deletion_timestamp: Option<Timestamp>,
    #[serde(default)]
    deletion_grace_period_seconds: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PodSpec {
    #[serde(deserialize_with = "null_is_empty")]
    containers: Vec<PodContainer>,
    #[serde(deserialize_with = "null_is_empty")]
    init_containers: Vec<PodContainer>,
    #[serde(deserialize_with = "null_is_empty")]
    resources: Resources,
    #[serde(deserialize_with = "null_is_empty")]
    overhead: Amounts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodContainer {
    #[serde(default)]
    name: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    resources: Resources,
    #[serde(default)]
    restart_policy: Option<String>,
}

/// Only requests count: where somebody wrote limits alone, the API server itself has written the requests.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Resources {
    #[serde(deserialize_with = "null_is_empty")]
    requests: Amounts,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PodStatus {
    phase: Option<String>,
    #[serde(deserialize_with = "null_is_empty")]
    container_statuses: Vec<ContainerStatus>,
    #[serde(deserialize_with = "null_is_empty")]
    init_container_statuses: Vec<ContainerStatus>,
    #[serde(deserialize_with = "null_is_empty")]
    conditions: Vec<Condition>,
}

/// What a container has; differs from what it asks for only while it is resized in place.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContainerStatus {
    name: String,
    #[serde(deserialize_with = "null_is_empty")]
    allocated_resources: Amounts,
    #[serde(deserialize_with = "null_is_empty")]
    resources: Resources,
}

#[derive(Deserialize)]
struct Condition {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ClaimObject {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: ClaimSpec,
    #[serde(default)]
    pub(super) status: ClaimStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ClaimSpec {
    #[serde(deserialize_with = "null_is_empty")]
    resources: Resources,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ClaimStatus {
    #[serde(deserialize_with = "null_is_empty")]
    allocated_resources: Amounts,
}

impl PodObject {
    /// Returns whether quotas count it: not once it has ended, or should have been gone for its grace period.
    pub(super) fn is_counted(&self, now: Timestamp) -> bool {
        let is_over = matches!(self.status.phase.as_deref(), Some("Succeeded" | "Failed"));
        let Metadata { deletion_timestamp, deletion_grace_period_seconds, .. } = &self.metadata;
        let is_lost = deletion_timestamp
            .zip(*deletion_grace_period_seconds)
            .is_some_and(|(deleted, grace)| now.duration_since(deleted) > SignedDuration::from_secs(grace));
        !is_over && !is_lost
    }

    /// Returns what it requests, or nothing if it has no containers.
    pub(super) fn requests(spec: PodSpec, status: PodStatus) -> Result<Option<Requests>, &'static str> {
        let PodStatus { phase: _, mut container_statuses, mut init_container_statuses, conditions } = status;
        let infeasible = |condition: &Condition| {
            condition.kind == "PodResizePending" && condition.reason.as_deref() == Some("Infeasible")
        };
        let mut pod = Pod {
            whole: spec.resources.requests.0?,
            overhead: spec.overhead.0?,
            resize_is_infeasible: conditions.iter().any(infeasible),
            ..Pod::default()
        };
        for one in spec.containers {
            pod.containers.push(one.with(&mut container_statuses)?);
        }
        for one in spec.init_containers {
            let restartable = one.restart_policy.as_deref() == Some("Always");
            let container = one.with(&mut init_container_statuses)?;
            pod.init.push(InitContainer { container, restartable });
        }
        Ok(pod.effective())
    }
}

impl PodContainer {
    /// Takes its status from among those of the pod.
    fn with(self, statuses: &mut [ContainerStatus]) -> Result<Container, &'static str> {
        let status = statuses.iter_mut().find(|status| status.name == self.name);
        let granted = match status.map(mem::take) {
            Some(status) => [status.allocated_resources.0?, status.resources.requests.0?],
            None => Default::default(),
        };
        Ok(Container { requests: self.resources.requests.0?, granted })
    }
}

impl ClaimObject {
    /// Returns what it requests: while it is expanded, what it asks for or what it has, whichever is more. A claim that
    /// is pending or lost counts as any other.
    pub(super) fn requests(spec: ClaimSpec, status: ClaimStatus) -> Result<Requests, &'static str> {
        let mut all = spec.resources.requests.0?;
        for (name, had) in status.allocated_resources.0? {
            let asked = all.entry(name).or_insert(had);
            *asked = (*asked).max(had);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::Quantity;
    use crate::model::usage::{Load, Measure};

    fn pod(name: &str, cpu: &Value, more: &Value) -> Value {
        let mut pod = json!({
            "metadata": { "name": name, "namespace": "work" },
            "spec": { "containers": [{ "name": "c", "resources": { "requests": { "cpu": cpu } } }] },
            "status": { "phase": "Running" },
        });
        for (key, value) in more.as_object().cloned().unwrap_or_default() {
            pod[&key].as_object_mut().unwrap().extend(value.as_object().cloned().unwrap());
        }
        pod
    }

    #[track_caller]
    fn cpu(objects: &[Value], expected: &str) {
        let mut load = Load::default();
        for object in objects {
            let pod: PodObject = serde_json::from_value(object.clone()).unwrap();
            if pod.is_counted("2026-11-26T12:00:00Z".parse().unwrap()) {
                load.add("p", PodObject::requests(pod.spec, pod.status).unwrap());
            }
        }
        assert_eq!(load.amount(&Measure::Cpu), Ok(expected.parse().unwrap()));
    }

    #[test]
    fn pending_pods_count_and_ended_ones_do_not() {
        let phase =
            |name: &str, phase: &str| pod(name, &json!("1"), &json!({ "status": { "phase": phase } }));
        let all = [
            phase("a", "Running"),
            phase("b", "Pending"),
            phase("c", "Unknown"),
            phase("d", "Succeeded"),
            phase("e", "Failed"),
        ];
        cpu(&all, "3");
    }

    #[test]
    fn a_pod_that_should_be_gone_counts_until_its_grace_is_over() {
        let going = |name: &str, at: &str| {
            let metadata = json!({ "deletionTimestamp": at, "deletionGracePeriodSeconds": 30 });
            pod(name, &json!("1"), &json!({ "metadata": metadata }))
        };
        cpu(&[going("a", "2026-11-26T11:59:31Z"), going("b", "2026-11-26T11:59:29Z")], "1");
        let bare =
            pod("a", &json!("1"), &json!({ "metadata": { "deletionTimestamp": "2020-01-01T00:00:00Z" } }));
        cpu(&[bare], "1");
    }

    #[test]
    fn only_requests_count_and_ephemeral_containers_have_none() {
        let spec = json!({ "containers": [
            { "name": "a", "resources": { "requests": { "cpu": "250m" }, "limits": { "cpu": "8" } } },
            { "name": "b", "resources": { "limits": { "cpu": "8" } } },
            { "name": "c", "resources": null },
        ], "ephemeralContainers": [{ "name": "debug", "resources": { "requests": { "cpu": "8" } } }],
           "initContainers": null });
        cpu(&[json!({ "metadata": { "name": "x", "namespace": "work" }, "spec": spec })], "250m");
    }

    #[test]
    fn sidecars_whole_pods_and_overhead_are_read() {
        let init = json!([
            { "name": "s", "restartPolicy": "Always", "resources": { "requests": { "cpu": "500m" } } },
            { "name": "i", "resources": { "requests": { "cpu": "2" } } },
        ]);
        cpu(&[pod("a", &json!("1"), &json!({ "spec": { "initContainers": init } }))], "2500m");
        let whole = json!({ "resources": { "requests": { "cpu": "4" } }, "overhead": { "cpu": "250m" } });
        cpu(&[pod("a", &json!("1"), &json!({ "spec": whole }))], "4250m");
    }

    #[test]
    fn a_pod_that_is_resized_has_what_its_status_says() {
        let status = json!({ "containerStatuses": [
            { "name": "c", "allocatedResources": { "cpu": "2" }, "resources": { "requests": { "cpu": "1500m" } } },
        ] });
        cpu(&[pod("a", &json!("1"), &json!({ "status": status }))], "2");
        let mut refused = status;
        refused["conditions"] = json!([{ "type": "PodResizePending", "reason": "Infeasible" }]);
        cpu(&[pod("a", &json!("8"), &json!({ "status": refused }))], "2");
    }

    #[test]
    fn amounts_come_as_texts_of_all_forms_and_as_numbers() {
        for (written, amount) in [
            (json!("250m"), "250m"),
            (json!("1e3"), "1000"),
            (json!(".5"), "500m"),
            (json!(2), "2"),
            (json!(0.25), "250m"),
        ] {
            cpu(&[pod("a", &written, &json!({}))], amount);
        }
    }

    #[test]
    fn claims_of_every_phase_count_and_the_greater_while_they_grow() {
        let claim = |name: &str, phase: &str, asked: &str, had: Value| {
            let body = json!({
                "metadata": { "name": name, "namespace": "work" },
                "spec": { "resources": { "requests": { "storage": asked } } },
                "status": { "phase": phase, "allocatedResources": had },
            });
            serde_json::from_value::<ClaimObject>(body).unwrap()
        };
        let mut load = Load::default();
        for one in [
            claim("a", "Bound", "1Gi", json!(null)),
            claim("b", "Pending", "2147483648", json!(null)),
            claim("c", "Lost", "1Gi", json!({})),
            claim("d", "Bound", "4Gi", json!({ "storage": "1Gi" })),
            claim("e", "Bound", "1Gi", json!({ "storage": "8Gi" })),
        ] {
            load.add("c", Some(ClaimObject::requests(one.spec, one.status).unwrap()));
        }
        assert_eq!(load.amount(&Measure::Storage), Ok(Quantity::gibibytes(16)));
    }
}
