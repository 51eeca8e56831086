//! What people run in their projects: pods and claims of every kind that is hard to count.

use serde_json::{Value, json};

use super::seed::{Claim, Namespace, Pod, ResourceQuota};
use super::sow;
use super::state::{Place, State, cluster_of};

impl State {
    /// Starts or claims something in a namespace that is there.
    pub(super) fn run(&mut self, (place, object): (Place, Value)) -> Result<(), String> {
        let Place { cluster, namespace, .. } = place.clone();
        if !self.namespaces.contains_key(&(cluster.clone(), namespace.clone())) {
            return Err(format!("no namespace {namespace} in {cluster}"));
        }
        self.put_kube(place, &object);
        self.quotas_count(&cluster, &namespace);
        Ok(())
    }

    /// Fills a new namespace of a project. Two quotas of the same keys watch it, so that Kubernetes itself says what all
    /// of it comes to: 7.501 cores; 11 GiB, 128 MiB and 1,000 bytes of memory; 1026.93 GiB of storage; 2 GPUs; 7 pods.
    pub(super) fn use_project(&mut self, project_id: &str) -> Result<(), String> {
        if !self.projects.contains_key(project_id) {
            return Err(format!("no project {project_id}"));
        }
        let cluster_id = cluster_of(project_id).to_owned();
        let name = self.mint.name("work-");
        self.sow_namespace(Namespace {
            cluster_id: cluster_id.clone(),
            name: name.clone(),
            project_id: Some(project_id.to_owned()),
            ..Namespace::default()
        })?;
        for (quota, keys) in [("first", QUOTA), ("second", QUOTA)] {
            let (place, object) = sow::resource_quota(ResourceQuota {
                cluster_id: cluster_id.clone(),
                namespace: name.clone(),
                name: quota.to_owned(),
                hard: keys.map(|key| (key.to_owned(), "1M".to_owned())).into(),
                ..ResourceQuota::default()
            });
            self.run((place, object))?;
        }
        for pod in pods() {
            self.run(sow::pod(Pod { cluster_id: cluster_id.clone(), namespace: name.clone(), ..pod }))?;
        }
        for claim in claims() {
            self.run(sow::claim(Claim { cluster_id: cluster_id.clone(), namespace: name.clone(), ..claim }))?;
        }
        Ok(())
    }
}

const QUOTA: [&str; 5] =
    ["pods", "requests.cpu", "requests.memory", "requests.nvidia.com/gpu", "requests.storage"];

fn container(name: &str, requests: &Value) -> Value {
    json!({"name": name, "resources": {"requests": requests}})
}

fn sidecar(name: &str, requests: &Value) -> Value {
    json!({"name": name, "restartPolicy": "Always", "resources": {"requests": requests}})
}

fn pod(name: &str, phase: &str, spec: Value) -> Pod {
    Pod { name: name.to_owned(), phase: phase.to_owned(), spec, ..Pod::default() }
}

fn pods() -> Vec<Pod> {
    let web = json!({"containers": [
        container("app", &json!({"cpu": "250m", "memory": "1Gi"})),
        container("cache", &json!({"cpu": ".5", "memory": "1073741824"})),
    ]});
    // Starts with more than it runs with: 2 cores beside the half of the sidecar that is there already.
    let import = json!({
        "initContainers": [
            sidecar("proxy", &json!({"cpu": "500m", "memory": "512Mi"})),
            container("fetch", &json!({"cpu": "2", "memory": "1Gi"})),
        ],
        "containers": [container("load", &json!({"cpu": "1", "memory": "1.5Gi"}))],
    });
    let waiting = json!({"containers": [container("train", &json!({"cpu": "1", "memory": "2Gi", "nvidia.com/gpu": "2"}))]});
    let whole = json!({
        "resources": {"requests": {"cpu": "2", "memory": "4Gi"}},
        "containers": [container("a", &json!({"cpu": "1"})), container("b", &json!({"memory": "1Gi"}))],
        "overhead": {"cpu": "250m", "memory": "128Mi"},
    });
    let over = json!({"containers": [container("job", &json!({"cpu": "64", "memory": "1Ti"}))]});
    let grows = Pod {
        status: json!({"containerStatuses": [{"name": "db", "allocatedResources": {"cpu": "1", "memory": "1Gi"}}]}),
        ..pod(
            "grows",
            "Running",
            json!({"containers": [container("db", &json!({"cpu": "750m", "memory": "1Gi"}))]}),
        )
    };
    vec![
        pod("web", "Running", web),
        pod("import", "Running", import),
        pod("waiting", "Pending", waiting),
        pod("whole", "Running", whole),
        pod("done", "Succeeded", over.clone()),
        pod("broken", "Failed", over),
        grows,
        pod(
            "small",
            "Running",
            json!({"containers": [container("tick", &json!({"cpu": "1e-3", "memory": "1e3"}))]}),
        ),
        pod("idle", "Running", json!({"containers": [{"name": "bare", "resources": {}}]})),
    ]
}

fn claims() -> Vec<Claim> {
    let claim = |name: &str, phase: &str, asked: &str| Claim {
        name: name.to_owned(),
        phase: phase.to_owned(),
        spec: json!({"resources": {"requests": {"storage": asked}}}),
        ..Claim::default()
    };
    vec![
        claim("archive", "Bound", "1Ti"),
        claim("plain-bytes", "Bound", "1073741824"),
        claim("decimal", "Bound", "1G"),
        claim("tiny", "Bound", "1e3"),
        claim("waiting", "Pending", "512Mi"),
        Claim {
            status: json!({"allocatedResources": {"storage": "512Mi"}}),
            ..claim("grows", "Lost", "256Mi")
        },
    ]
}
