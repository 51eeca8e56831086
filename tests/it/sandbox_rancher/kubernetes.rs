//! The Kubernetes proxy: chunks, selectors, patches, and what meddling shows.

use agent::sandbox::clock::Clock;
use agent::sandbox::rancher::{ResourceQuota, Seed, State, Token};
use serde_json::json;

use super::row::{Row, namespace, play, pod, row};

const PODS: &str = "/k8s/clusters/c-one/api/v1/pods";
const NAMESPACES: &str = "/k8s/clusters/c-one/api/v1/namespaces";

/// A row with two namespaces and five pods, two of them finished.
fn busy(name: &'static str) -> Row {
    row(name).seeded(|seed| {
        seed.namespaces = vec![namespace("blue", None), namespace("red", Some("c-one:p-astro"))];
        seed.pods = vec![
            pod("blue", "a", "Running"),
            pod("blue", "b", "Succeeded"),
            pod("red", "a", "Pending"),
            pod("red", "b", "Failed"),
            pod("red", "c", ""),
        ];
    })
}

#[tokio::test(start_paused = true)]
async fn kubernetes_lists_come_in_chunks() {
    play(vec![
        busy("a list says kind, revision and items")
            .get(PODS)
            .is(200)
            .has("/kind", "PodList")
            .counts("/items", 5)
            .lacks("/metadata/continue")
            .lacks("/items/0/kind")
            .has("/items/0/metadata/namespace", "blue"),
        busy("chunks are one look, whatever happens between them")
            .get(&format!("{NAMESPACES}?limit=1"))
            .counts("/items", 1)
            .has("/metadata/remainingItemCount", 1)
            .keeps("token", "/metadata/continue")
            .keeps("revision", "/metadata/resourceVersion")
            .post(NAMESPACES, json!({"metadata": {"name": "green"}}))
            .is(201)
            .ask("admin", "DELETE", "/k8s/clusters/c-one/api/v1/namespaces/red", None)
            .is(200)
            .waits(100)
            .get(&format!("{NAMESPACES}?limit=1&continue={{token}}"))
            .counts("/items", 1)
            .has("/items/0/metadata/name", "red")
            .has("/metadata/resourceVersion", "{revision}")
            .lacks("/metadata/continue"),
        busy("an old token is 410 and names a way on")
            .get(&format!("{NAMESPACES}?limit=1"))
            .keeps("token", "/metadata/continue")
            .waits(300_001)
            .post(NAMESPACES, json!({"metadata": {"name": "green"}}))
            .get(&format!("{NAMESPACES}?limit=1&continue={{token}}"))
            .is(410)
            .has("/kind", "Status")
            .has("/reason", "Expired")
            .keeps("token", "/metadata/continue")
            .get(&format!("{NAMESPACES}?limit=1&continue={{token}}"))
            .is(200)
            .has("/items/0/metadata/name", "green"),
        busy("a spoilt token is 400")
            .get(&format!("{PODS}?limit=1&continue=zz"))
            .is(400)
            .has("/reason", "BadRequest"),
        busy("with a selector nobody says how many remain")
            .get(&format!("{PODS}?limit=1&fieldSelector=status.phase!=Failed"))
            .lacks("/metadata/remainingItemCount")
            .counts("/items", 1),
        busy("phases select pods")
            .get(&format!("{PODS}?fieldSelector=status.phase!%3DSucceeded,status.phase!%3DFailed"))
            .counts("/items", 3),
        busy("an unknown field is 400").get(&format!("{PODS}?fieldSelector=spec.wombat%3D1")).is(400),
        busy("labels select namespaces")
            .get(&format!("{NAMESPACES}?labelSelector=field.cattle.io%2FprojectId%3Dp-astro"))
            .counts("/items", 1)
            .get(&format!("{NAMESPACES}?labelSelector=field.cattle.io%2FprojectId%20in%20(p-astro,p-b)"))
            .counts("/items", 1)
            .get(&format!("{NAMESPACES}?labelSelector=field.cattle.io%2FprojectId%20notin%20(p-astro,p-b)"))
            .counts("/items", 1)
            .get(&format!("{NAMESPACES}?labelSelector=!field.cattle.io%2FprojectId"))
            .counts("/items", 1),
        busy("one namespace's pods are listed, also for who sees its project")
            .ask("narrow", "GET", "/k8s/clusters/c-one/api/v1/namespaces/red/pods", None)
            .is(200)
            .counts("/items", 3)
            .ask("narrow", "GET", "/k8s/clusters/c-one/api/v1/namespaces/blue/pods", None)
            .is(403),
        busy("metadata alone is given to who accepts it")
            .get(NAMESPACES)
            .with("accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
            .has("/kind", "PartialObjectMetadataList")
            .lacks("/items/0/status"),
        busy("an unknown resource is 404")
            .get("/k8s/clusters/c-one/api/v1/wombats")
            .is(404)
            .has("/kind", "Status"),
        busy("the namespaces' quotas are listed")
            .seeded(|seed| {
                let quota = ResourceQuota {
                    cluster_id: "c-one".to_owned(),
                    namespace: "red".to_owned(),
                    name: "q".to_owned(),
                    ..ResourceQuota::default()
                };
                seed.resource_quotas = vec![quota];
            })
            .get("/k8s/clusters/c-one/api/v1/resourcequotas")
            .counts("/items", 1),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn namespaces_are_patched() {
    play(vec![
        busy("a patch assigns, and the label follows")
            .patch(
                &format!("{NAMESPACES}/blue"),
                json!({"metadata": {"annotations": {"field.cattle.io/projectId": "c-one:p-astro"}}}),
            )
            .is(200)
            .has("/metadata/annotations/field.cattle.io~1projectId", "c-one:p-astro")
            .lacks("/metadata/labels/field.cattle.io~1projectId")
            .waits(41)
            .get(&format!("{NAMESPACES}/blue"))
            .has("/metadata/labels/field.cattle.io~1projectId", "p-astro"),
        busy("null removes an annotation")
            .patch(
                &format!("{NAMESPACES}/red"),
                json!({"metadata": {"annotations": {"field.cattle.io/projectId": null}}}),
            )
            .lacks("/metadata/annotations/field.cattle.io~1projectId"),
        busy("an old revision is a conflict")
            .patch(&format!("{NAMESPACES}/red"), json!({"metadata": {"resourceVersion": "1"}}))
            .is(409)
            .has("/reason", "Conflict"),
        busy("other kinds of patches are 415")
            .ask("admin", "PATCH", "/k8s/clusters/c-one/api/v1/namespaces/red", json!({}))
            .with("content-type", "application/json")
            .is(415),
        busy("a missing namespace is a Status 404")
            .get(&format!("{NAMESPACES}/none"))
            .is(404)
            .has("/reason", "NotFound"),
        busy("a name is taken once")
            .post(NAMESPACES, json!({"metadata": {"name": "red"}}))
            .is(409)
            .has("/reason", "AlreadyExists"),
        busy("a foreign cluster's project gives no label")
            .patch(
                &format!("{NAMESPACES}/blue"),
                json!({"metadata": {"annotations": {"field.cattle.io/projectId": "c-two:p-x"}}}),
            )
            .waits(41)
            .get(&format!("{NAMESPACES}/blue"))
            .lacks("/metadata/labels/field.cattle.io~1projectId"),
        busy("a namespace takes its pods along")
            .delete("/k8s/clusters/c-one/api/v1/namespaces/red")
            .is(200)
            .has("/status/phase", "Terminating")
            .waits(41)
            .get(PODS)
            .counts("/items", 2),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn others_meddle() {
    play(vec![
        row("somebody binds by hand and unbinds")
            .meddles(json!({"act": "add-binding", "name": "hand", "project_id": "c-one:p-astro", "role_template_id": "read-only", "user_id": "u-ada"}))
            .get("/v3/projectroletemplatebindings/c-one-p-astro:hand")
            .is(200)
            .has("/userPrincipalId", "local://u-ada")
            .meddles(json!({"act": "delete-binding", "id": "c-one-p-astro:hand"}))
            .get("/v3/projectroletemplatebindings/c-one-p-astro:hand")
            .is(404),
        row("somebody makes, describes, marks and deletes a project")
            .meddles(json!({"act": "add-project", "id": "c-one:p-new", "name": "new"}))
            .meddles(json!({"act": "set-description", "project_id": "c-one:p-new", "description": "x"}))
            .meddles(json!({"act": "set-annotation", "project_id": "c-one:p-new", "key": "a", "value": "1"}))
            .meddles(json!({"act": "rename-project", "project_id": "c-one:p-new", "name": "newer"}))
            .get("/v3/projects/c-one:p-new")
            .has("/description", "x")
            .has("/annotations/a", "1")
            .has("/name", "newer")
            .has("/conditions/2/status", "True")
            .meddles(json!({"act": "delete-project", "id": "c-one:p-new"}))
            .waits(41)
            .get("/v3/projects/c-one:p-new")
            .is(404),
        row("somebody sets a quota past the checks")
            .meddles(json!({"act": "set-quota", "project_id": "c-one:p-astro", "resource_quota": {"limit": {"pods": "1"}}}))
            .get("/v3/projects/c-one:p-astro")
            .has("/resourceQuota/limit/pods", "1"),
        row("somebody makes and deletes a namespace")
            .meddles(json!({"act": "add-namespace", "cluster_id": "c-one", "name": "x"}))
            .get(&format!("{NAMESPACES}/x"))
            .is(200)
            .meddles(json!({"act": "delete-namespace", "cluster_id": "c-one", "name": "x"}))
            .waits(41)
            .get(&format!("{NAMESPACES}/x"))
            .is(404),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_is_the_same_every_time_and_holds_no_secret() {
    let seed = Seed {
        tokens: vec![Token {
            name: "t".to_owned(),
            secret: "hush".to_owned(),
            user_id: "u-1".to_owned(),
            ..Token::default()
        }],
        ..Seed::default()
    };
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    let snapshot = || State::new(seed.clone(), Clock::starting_at(epoch)).snapshot().to_string();
    assert_eq!(snapshot(), snapshot());
    assert!(!snapshot().contains("hush"));
    assert!(!format!("{:?}", State::new(seed.clone(), Clock::starting_at(epoch))).contains("hush"));
}
