//! How long it takes to count the pods of a large cluster, and in how much memory.
#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]
#![expect(clippy::disallowed_methods, reason = "time is measured here, not simulated")]

use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use agent::http::{Auth, Transport};
use agent::model::usage::Measure;
use agent::rancher::Client;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use counting::{IN_USE, PEAK};

mod counting;

/// The size that the design speaks of, and how many projects share it.
const PODS: usize = 50_000;
const NAMESPACES: usize = 500;

/// How many nanoseconds it took to write the pods that were served.
static SERVING: AtomicU64 = AtomicU64::new(0);

/// Where a chunk begins and how long it is.
#[derive(Deserialize)]
struct Chunk {
    limit: usize,
    #[serde(rename = "continue", default)]
    from: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let body: Arc<str> = pod().into();
    let router = Router::new().route("/{*path}", get(chunk)).with_state(Arc::clone(&body));
    // As long as Rancher's are, and no word that stands in pods.
    let password = "bench0rancher0secret0opens0nothing0else0zzzzzzzzzzzzzz".into();
    let auth = Auth::Basic { username: "token-bench".to_owned(), password };
    let client = Client::new("http://rancher.example", Transport::in_process(router), "agent/bench", auth)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (now, cluster) = ("2026-11-26T12:00:00Z".parse()?, "c-1".parse()?);
    let before = IN_USE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let start = Instant::now();
    let reading = runtime.block_on(client.pods(&cluster, now))?;
    let taken = start.elapsed();
    let serving = Duration::from_nanos(SERVING.load(Ordering::Relaxed));
    let peak = PEAK.load(Ordering::Relaxed) - before;
    let loads = reading.complete().ok_or("the list was cut")?.get();
    let counted = loads["work-0"].amount(&Measure::Pods)?;
    println!(
        "{PODS} pods of {} bytes in {} namespaces ({counted} pods in one): {:.2} s, and {:.2} s to serve them; peak {} MB",
        body.len(),
        loads.len(),
        taken.saturating_sub(serving).as_secs_f64(),
        serving.as_secs_f64(),
        peak / 1_000_000
    );
    Ok(())
}

/// Serves pods as they are asked for, so that no more of them is in memory than one chunk.
async fn chunk(
    State(body): State<Arc<str>>,
    Query(Chunk { limit, from }): Query<Chunk>,
) -> impl IntoResponse {
    let start = Instant::now();
    let end = (from + limit).min(PODS);
    let next = if end < PODS { end.to_string() } else { String::new() };
    let mut text = format!(
        "{{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{{\"continue\":\"{next}\"}},\"items\":["
    );
    for number in from..end {
        let comma = if number == from { "" } else { "," };
        let name = format!("\"name\":\"pod-{number}\",\"namespace\":\"work-{}\"", number % NAMESPACES);
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{{\"metadata\":{{{name},{body}");
    }
    text.push_str("]}");
    let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    SERVING.fetch_add(took, Ordering::Relaxed);
    ([(CONTENT_TYPE, "application/json")], text)
}

/// Returns a pod as clusters have it, from behind its name and namespace on: most of it is nothing that is counted.
fn pod() -> String {
    let variables: Vec<_> = (0..24)
        .map(|n| json!({"name": format!("VARIABLE_{n}"), "value": "some value of the usual length"}))
        .collect();
    let container = |name: &str| {
        json!({
            "name": name, "image": "registry.example.org/group/project/image:2026.11.26-1234567",
            "env": variables, "imagePullPolicy": "IfNotPresent", "terminationMessagePath": "/dev/termination-log",
            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "250m", "memory": "512Mi"}},
            "volumeMounts": [{"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "kube-api-access"}],
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10},
        })
    };
    let status = |name: &str| {
        json!({
            "name": name, "ready": true, "restartCount": 0, "allocatedResources": {"cpu": "250m", "memory": "512Mi"},
            "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}}, "state": {"running": {"startedAt": "2026-11-26T08:00:00Z"}},
        })
    };
    let managed = json!({"manager": "kube-controller-manager", "operation": "Update", "fieldsV1": {"f:metadata":
        {"f:labels": {".": {}, "f:app": {}, "f:pod-template-hash": {}}}, "f:spec": {"f:containers": {}}}});
    let metadata = json!({
        "uid": "6d6a5a4e-8b1f-4c53-9d92-1b7f0c2d3e4f", "resourceVersion": "123456789",
        "labels": {"app": "web", "pod-template-hash": "7d4b9c8f6d"}, "managedFields": [managed, managed, managed],
    });
    let pod = json!({
        "spec": {
            "containers": [container("app"), container("sidecar")], "nodeName": "node-17", "restartPolicy": "Always",
            "initContainers": [container("prepare")], "tolerations": [{"key": "a", "operator": "Exists"}],
        },
        "status": {
            "phase": "Running", "containerStatuses": [status("app"), status("sidecar")],
            "conditions": [{"type": "Ready", "status": "True"}, {"type": "PodScheduled", "status": "True"}],
        },
    });
    // The name comes first, then the rest of the metadata and of the pod.
    let (metadata, pod) = (metadata.to_string(), pod.to_string());
    format!("{},{}", &metadata[1..], &pod[1..])
}
