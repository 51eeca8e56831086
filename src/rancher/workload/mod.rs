//! What runs in a cluster: its pods and claims, through Rancher's proxy to Kubernetes, counted while they are read.

mod amounts;
mod wire;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::de::IgnoredAny;

use super::{Client, Error};
use crate::http;
use crate::model::usage::{Load, Loads, Requests};
use crate::model::{ClusterId, NamespaceName, Reading};
use wire::{ClaimObject, Metadata, PodObject};

/// How many objects are asked for at a time: a pod can be 50 KiB, and no more than one chunk is in memory.
const CHUNK: usize = 500;
/// Pods that ended hold nothing, and there may be many of them.
const NOT_OVER: &str = "status.phase!=Succeeded,status.phase!=Failed";

impl Client {
    /// Reads what the pods of a cluster request, by namespace, as quotas count them at `now`.
    pub async fn pods(&self, cluster: &ClusterId, now: Timestamp) -> Result<Reading<Loads>, Error> {
        let path = ["k8s", "clusters", cluster.as_str(), "api", "v1", "pods"];
        let request = self.http.get(&path).query("fieldSelector", NOT_OVER);
        let folded = request.folded_chunks(CHUNK, |counted: &mut Counted, pod: PodObject| {
            if pod.is_counted(now) {
                let PodObject { metadata, spec, status } = pod;
                counted.take(&metadata, || PodObject::requests(spec, status));
            }
        });
        let folded = folded.await.map_err(|source| Error::Pods { cluster: cluster.clone(), source })?;
        Ok(reading(folded))
    }

    /// Counts the pods that run in a namespace, or are about to.
    pub async fn running_pods(
        &self,
        cluster: &ClusterId,
        namespace: &NamespaceName,
    ) -> Result<Reading<u64>, Error> {
        let path =
            ["k8s", "clusters", cluster.as_str(), "api", "v1", "namespaces", namespace.as_str(), "pods"];
        let request = self.http.get(&path).query("fieldSelector", NOT_OVER);
        let folded = request.folded_chunks(CHUNK, |count: &mut u64, _: IgnoredAny| *count += 1).await;
        let http::Folded { all, cut } =
            folded.map_err(|source| Error::RunningPods { namespace: namespace.clone(), source })?;
        Ok(match cut {
            None => Reading::Complete(all),
            Some(error) => Reading::Partial { got: all, holes: vec![not_all(&error)] },
        })
    }

    /// Reads what the claims of a cluster request, by namespace.
    pub async fn claims(&self, cluster: &ClusterId) -> Result<Reading<Loads>, Error> {
        let path = ["k8s", "clusters", cluster.as_str(), "api", "v1", "persistentvolumeclaims"];
        let folded =
            self.http.get(&path).folded_chunks(CHUNK, |counted: &mut Counted, claim: ClaimObject| {
                let ClaimObject { metadata, spec, status } = claim;
                counted.take(&metadata, || ClaimObject::requests(spec, status).map(Some));
            });
        let folded = folded.await.map_err(|source| Error::Claims { cluster: cluster.clone(), source })?;
        Ok(reading(folded))
    }
}

/// What was counted so far.
#[derive(Default)]
struct Counted {
    loads: Loads,
    seen: BTreeSet<(String, String)>,
    holes: BTreeSet<&'static str>,
}

impl Counted {
    /// Counts one object, or notes that it cannot be read.
    fn take(
        &mut self,
        metadata: &Metadata,
        requests: impl FnOnce() -> Result<Option<Requests>, &'static str>,
    ) {
        let Metadata { name, namespace, .. } = metadata;
        let Ok(place) = namespace.parse::<NamespaceName>() else {
            self.holes.insert("one of them says no namespace");
            return;
        };
        if !self.seen.insert((namespace.clone(), name.clone())) {
            self.holes.insert("rows repeat, so others may have been missed");
            return;
        }
        let load: &mut Load = self.loads.entry(place).or_default();
        match requests() {
            Ok(requests) => load.add(name, requests),
            Err(why) => load.spoil(format!("{name} in the namespace {namespace} {why}")),
        }
    }
}

fn reading(folded: http::Folded<Counted>) -> Reading<Loads> {
    let http::Folded { all: Counted { loads, seen: _, holes }, cut } = folded;
    let cut = cut.as_ref().map(not_all);
    let holes: Vec<String> = holes.into_iter().map(str::to_owned).chain(cut).collect();
    if holes.is_empty() { Reading::Complete(loads) } else { Reading::Partial { got: loads, holes } }
}

fn not_all(error: &http::Error) -> String {
    format!("not all pages could be read: {}", error.story())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::Quantity;
    use crate::model::usage::Measure;

    fn counted(objects: &[Value]) -> Counted {
        let mut counted = Counted::default();
        for object in objects {
            let pod: PodObject = serde_json::from_value(object.clone()).unwrap();
            let PodObject { metadata, spec, status } = pod;
            counted.take(&metadata, || PodObject::requests(spec, status));
        }
        counted
    }

    fn pod(name: &str, cpu: &Value) -> Value {
        json!({
            "metadata": { "name": name, "namespace": "work" },
            "spec": { "containers": [{ "name": "c", "resources": { "requests": { "cpu": cpu } } }] },
        })
    }

    #[test]
    fn what_is_no_quantity_spoils_its_namespace_and_no_other() {
        for written in
            [json!("much"), json!("1K"), json!(null), json!(["1"]), json!({}), json!(true), json!("-1")]
        {
            let mut elsewhere = pod("b", &json!("1"));
            elsewhere["metadata"]["namespace"] = json!("other");
            let counted = counted(&[pod("a", &written), elsewhere]);
            let why = counted.loads["work"].amount(&Measure::Cpu).unwrap_err();
            assert!(why.starts_with("a in the namespace work requests"), "{written}: {why}");
            assert!(counted.loads["other"].amount(&Measure::Cpu).is_ok());
            assert!(counted.holes.is_empty());
        }
    }

    #[test]
    fn an_object_of_nowhere_and_one_that_repeats_are_holes() {
        let mut nowhere = pod("b", &json!("1"));
        nowhere["metadata"].as_object_mut().unwrap().remove("namespace");
        let twice = pod("a", &json!("1"));
        let counted = counted(&[twice.clone(), nowhere, twice]);
        assert_eq!(counted.holes.len(), 2, "{:?}", counted.holes);
        assert_eq!(counted.loads["work"].amount(&Measure::Cpu), Ok(Quantity::whole(1)));
    }
}
