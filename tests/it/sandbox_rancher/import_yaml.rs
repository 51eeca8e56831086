//! The cluster's action `importYaml`, and what Kubernetes counts against the quota that the Python agent sends by it.

use serde_json::{Value, json};

use super::row::{Row, namespace, play, row};

const IMPORT: &str = "/v3/clusters/c-one?action=importYaml";
const QUOTAS: &str = "/k8s/clusters/c-one/api/v1/namespaces/blue/resourcequotas";

/// What the Python agent sends: `yaml.dump` of a quota.
fn quota(cpu: &str) -> Value {
    let yaml = format!(
        "apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: custom-resource-quota\n  namespace: blue\nspec:\n  \
         hard:\n    limits.cpu: {cpu}\n    limits.memory: 4096Mi\n    requests.storage: 10240Mi\n"
    );
    json!({"yaml": yaml, "namespace": "blue"})
}

fn blue(name: &'static str) -> Row {
    row(name).seeded(|seed| seed.namespaces = vec![namespace("blue", Some("c-one:p-astro"))])
}

#[tokio::test(start_paused = true)]
async fn yaml_is_applied_as_kubectl_does() {
    play(vec![
        blue("a quota is created, and counts what is there")
            .post(IMPORT, quota("2000m"))
            .is(200)
            .has("/type", "importYamlOutput")
            .has("/message", "resourcequota/custom-resource-quota created\n")
            .get(QUOTAS)
            .counts("/items", 1)
            .has("/items/0/metadata/name", "custom-resource-quota")
            .has("/items/0/spec/hard/limits.cpu", "2000m")
            .has("/items/0/status/used/limits.cpu", "0"),
        blue("a second time it is changed")
            .post(IMPORT, quota("2000m"))
            .post(IMPORT, quota("3000m"))
            .has("/message", "resourcequota/custom-resource-quota configured\n")
            .get(QUOTAS)
            .counts("/items", 1)
            .has("/items/0/spec/hard/limits.cpu", "3000m"),
        blue("the namespace of the body counts where the document has none")
            .post(IMPORT, json!({"namespace": "blue", "yaml": "{kind: ResourceQuota, metadata: {name: a}}"}))
            .is(200)
            .get(QUOTAS)
            .has("/items/0/metadata/name", "a"),
        blue("several documents").post(
            IMPORT,
            json!({"namespace": "blue", "yaml": "kind: Pod\nmetadata: {name: a}\n---\nkind: Pod\nmetadata: {name: b}\n"}),
        )
        .has("/message", "pod/a created\npod/b created\n"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn yaml_that_cannot_be_applied_is_400_with_the_output() {
    play(vec![
        row("no such namespace")
            .post(IMPORT, quota("1"))
            .is(400)
            .has("/message", "Error from server (NotFound): namespaces \"blue\" not found"),
        blue("no YAML").post(IMPORT, json!({"yaml": "a: [", "namespace": "blue"})).is(400),
        blue("no object").post(IMPORT, json!({"yaml": "a: b", "namespace": "blue"})).is(400),
        blue("nothing").post(IMPORT, json!({"namespace": "blue"})).is(422),
        blue("what the simulated cluster does not have says so")
            .post(IMPORT, json!({"yaml": "kind: Secret\nmetadata: {name: a}", "namespace": "blue"}))
            .is(400)
            .has("/message", "the simulated cluster applies no Secret"),
        blue("who is held to a project is not offered it")
            .ask("narrow", "POST", IMPORT, quota("1"))
            .is(422)
            .has("/code", "InvalidAction"),
        blue("who only reads is not offered it").ask("reader", "POST", IMPORT, quota("1")).is(422),
        blue("a cluster that cannot be reached")
            .seeded(|seed| seed.clusters[0].reachable = false)
            .post(IMPORT, quota("1"))
            .is(503),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_quota_counts_what_its_namespace_holds() {
    let pod = |name: &str, phase: &str| {
        json!({"metadata": {"name": name}, "status": {"phase": phase}, "spec": {
            "initContainers": [{"resources": {"limits": {"cpu": "2"}}}],
            "containers": [
                {"resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}},
                {"resources": {"limits": {"cpu": 1, "memory": "512Mi"}}},
            ],
        }})
    };
    let claim = json!({"metadata": {"name": "a"}, "spec": {"resources": {"requests": {"storage": "5Gi"}}}});
    let inside = |kind: &str| format!("/k8s/clusters/c-one/api/v1/namespaces/blue/{kind}");
    let (pods, claims) = (inside("pods"), inside("persistentvolumeclaims"));
    play(vec![
        blue("containers together, or one before them if that is more")
            .post(IMPORT, quota("9"))
            .post(&pods, pod("a", "Running"))
            .post(&claims, claim)
            .get(QUOTAS)
            .has("/items/0/status/used/limits.cpu", "2")
            .has("/items/0/status/used/limits.memory", "1536Mi")
            .has("/items/0/status/used/requests.storage", "5Gi")
            .has("/items/0/status/hard/limits.memory", "4096Mi"),
        blue("what ended or went holds nothing")
            .post(IMPORT, quota("9"))
            .post(&pods, pod("a", "Succeeded"))
            .post(&pods, pod("b", "Running"))
            .delete(&format!("{pods}/b"))
            .get(QUOTAS)
            .has("/items/0/status/used/limits.cpu", "0"),
    ])
    .await;
}
