//! What an offering says about quotas: in which mode, how much each namespace gets, and what namespaces are like.

use std::collections::BTreeMap;

use super::backend::factor;
use super::entry::Entry;
use super::section::Section;
use crate::model::Quantity;
use crate::model::policy::{Factor, QuotaMode, pod_security};
use crate::model::quota::Limits;

/// What was read.
pub(super) struct Quotas {
    pub(super) mode: QuotaMode,
    pub(super) share: Factor,
    pub(super) namespace_labels: BTreeMap<String, String>,
    pub(super) container_defaults: Limits,
}

const MODES: [(&str, QuotaMode); 3] =
    [("project", QuotaMode::Project), ("namespace", QuotaMode::Namespace), ("none", QuotaMode::None)];

/// The standards of Kubernetes' pod security, and none of them.
const STANDARDS: [(&str, Option<&str>); 4] = [
    ("restricted", Some("restricted")),
    ("baseline", Some("baseline")),
    ("privileged", Some("privileged")),
    ("none", None),
];

/// What containers have unless they say otherwise: our keys and Rancher's.
const CONTAINERS: [(&str, &str); 4] = [
    ("container_default_limits_cpu", "limitsCpu"),
    ("container_default_limits_memory", "limitsMemory"),
    ("container_default_requests_cpu", "requestsCpu"),
    ("container_default_requests_memory", "requestsMemory"),
];

/// Reads all of it.
pub(super) fn read(backend: &Section<'_>) -> Quotas {
    let standard = backend.entry("pod_security").word(&STANDARDS).unwrap_or(Some("restricted"));
    let mut namespace_labels = standard.map(pod_security).unwrap_or_default();
    // As the Python agent did it: a label of the operator's own takes the place of the standard's.
    namespace_labels.extend(labels(&backend.entry("namespace_labels")));
    Quotas {
        mode: backend.entry("quota_mode").word(&MODES).unwrap_or_default(),
        share: share(&backend.entry("namespace_share")),
        namespace_labels,
        container_defaults: container_defaults(backend),
    }
}

fn share(entry: &Entry<'_>) -> Factor {
    match factor(entry) {
        Some(share) if share > Factor::ONE => {
            entry.problem(
                "a namespace cannot get more than the project has",
                "write a number above 0 and at most 1",
            );
            Factor::ONE
        }
        share => share.unwrap_or_default(),
    }
}

fn container_defaults(backend: &Section<'_>) -> Limits {
    let hint = "write an amount such as 100m or 256Mi, between quotes if it is a number";
    let mut defaults = Limits::new();
    for (name, key) in CONTAINERS {
        let entry = backend.entry(name);
        match entry.parsed::<Quantity>(hint) {
            Some(amount) if amount > Quantity::ZERO => {
                defaults.insert(key.into(), amount);
            }
            Some(_) => entry.problem("it is not above zero", hint),
            None => {}
        }
    }
    for (request, limit, name) in [
        ("requestsCpu", "limitsCpu", "container_default_requests_cpu"),
        ("requestsMemory", "limitsMemory", "container_default_requests_memory"),
    ] {
        if defaults.get(limit).is_some_and(|limit| defaults.get(request).is_some_and(|it| it > limit)) {
            backend.entry(name).problem("a container would ask for more than it may have", "lower it");
        }
    }
    defaults
}

fn labels(entry: &Entry<'_>) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    for (key, node) in entry.map().into_iter().flat_map(super::tree::Map::iter) {
        let label =
            Entry { reader: entry.reader, path: entry.path.key(key), node: Some(node), misspelled: false };
        let value = if node.is_blank() { Some(String::new()) } else { label.text() };
        labels.extend(value.map(|value| (key.to_owned(), value)));
    }
    labels
}
