//! Projects: made, ready, merged, removed.

use serde_json::{Value, json};

use super::row::{Row, namespace, play, row};

const ASTRO: &str = "/v3/projects/c-one:p-astro";

/// A row that begins with a new project `{p}`.
fn made(name: &'static str) -> Row {
    row(name).post("/v3/projects", json!({"name": "new", "clusterId": "c-one"})).is(201).keeps("p", "/id")
}

/// A row whose project has annotations of three classes.
fn annotated(name: &'static str) -> Row {
    row(name).seeded(|seed| {
        let own = [
            ("waldur/managed", "true"),
            ("waldur/old", "1"),
            ("field.cattle.io/kept", "1"),
            ("lifecycle.cattle.io/x", "1"),
        ];
        seed.projects[0].annotations = own.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        seed.projects[0].creator_id = Some("u-ada".to_owned());
    })
}

#[tokio::test(start_paused = true)]
async fn projects_are_created() {
    let given = json!({"name": "  new ", "clusterId": "c-one", "id": "mine", "uuid": "mine", "state": "odd", "wombat": 1,
        "backingNamespace": "mine", "annotations": {"waldur/managed": "true"}});
    play(vec![
        row("texts are trimmed, unknown and read-only fields dropped")
            .post("/v3/projects", given)
            .is(201)
            .has("/name", "new")
            .has("/state", "active")
            .has("/creatorId", "u-admin")
            .has("/annotations/waldur~1managed", "true")
            .lacks("/annotations/field.cattle.io~1creatorId")
            .has("/labels/cattle.io~1creator", "norman")
            .has("/namespaceId", Value::Null)
            .has("/created", "2026-08-21T10:00:00Z")
            .has("/createdTS", 1_787_306_400_000_u64)
            .lacks("/wombat")
            .lacks("/conditions")
            .lacks("/resourceVersion"),
        row("a missing name is 422").post("/v3/projects", json!({"clusterId": "c-one"})).is(422).has("/code", "MissingRequired").has("/fieldName", "name").has("/message", ""),
        row("a missing cluster is 422").post("/v3/projects", json!({"name": "x"})).is(422).has("/fieldName", "clusterId"),
        row("an empty name passes").post("/v3/projects", json!({"name": "", "clusterId": "c-one"})).is(201),
        row("a body that is no object is 422").post("/v3/projects", json!([])).is(422).has("/code", "InvalidBodyContent"),
        row("an unknown cluster is refused by the webhook").post("/v3/projects", json!({"name": "x", "clusterId": "c-none"})).is(400).has("/code", "BadRequest"),
        row("numbers become text").post("/v3/projects", json!({"name": 7, "clusterId": "c-one"})).is(201).has("/name", "7"),
        row("names are not unique")
            .post("/v3/projects", json!({"name": "astro", "clusterId": "c-one"}))
            .is(201)
            .get("/v3/projects?name=astro")
            .counts("/data", 2),
        row("a project without the creator's rights cannot be made here")
            .post("/v3/projects", json!({"name": "x", "clusterId": "c-one", "annotations": {"field.cattle.io/no-creator-rbac": "true"}}))
            .is(400),
        row("a cluster's address fills in the cluster").post("/v3/clusters/c-one/projects", json!({"name": "x"})).is(201).has("/clusterId", "c-one"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn projects_become_ready_later() {
    play(vec![
        made("conditions, annotations and the creator's binding come after the delay")
            .get("/v3/projects/{p}")
            .lacks("/conditions")
            .waits(39)
            .get("/v3/projects/{p}")
            .lacks("/conditions")
            .waits(2)
            .get("/v3/projects/{p}")
            .has("/conditions/0/type", "BackingNamespaceCreated")
            .has("/conditions/0/status", "True")
            .has("/conditions/2/type", "InitialRolesPopulated")
            .has("/conditions/2/status", "True")
            .has("/annotations/lifecycle.cattle.io~1create.mgmt-project-rbac-remove", "true")
            .has("/annotations/lifecycle.cattle.io~1create.project-namespace-auth_c-one", "true")
            .has(
                "/annotations/authz.management.cattle.io~1creator-role-bindings",
                "{\"created\":[\"project-owner\"],\"required\":[\"project-owner\"]}",
            )
            .get("/v3/projectroletemplatebindings?projectId={p}")
            .counts("/data", 1)
            .has("/data/0/name", "creator-project-owner")
            .has("/data/0/userId", "u-admin")
            .has("/data/0/userPrincipalId", "local://u-admin"),
        row("roles wait for the cluster")
            .meddles(json!({"act": "set-cluster-reachable", "cluster_id": "c-one", "reachable": false}))
            .post("/v3/projects", json!({"name": "new", "clusterId": "c-one"}))
            .keeps("p", "/id")
            .waits(50)
            .get("/v3/projects/{p}")
            .has("/state", "activating")
            .has("/conditions/2/status", "Unknown")
            .meddles(json!({"act": "set-cluster-reachable", "cluster_id": "c-one", "reachable": true}))
            .get("/v3/projects/{p}")
            .has("/state", "active")
            .has("/conditions/2/status", "True"),
        row("the backing namespace has the cluster's name since 2.12")
            .version("v2.12.0")
            .get(ASTRO)
            .has("/backingNamespace", "c-one-p-astro"),
        row("the backing namespace was the project's name before")
            .version("v2.11.16")
            .get(ASTRO)
            .has("/backingNamespace", "p-astro"),
        row("each cluster has a System and a Default project")
            .get("/v3/projects?name=System")
            .counts("/data", 1)
            .has("/data/0/labels/authz.management.cattle.io~1system-project", "true")
            .get("/v3/projects?name=Default")
            .has("/data/0/labels/authz.management.cattle.io~1default-project", "true"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn puts_are_merged() {
    play(vec![
        row("absent fields stay")
            .put(ASTRO, json!({"description": "stars"}))
            .is(200)
            .has("/name", "astro")
            .has("/description", "stars"),
        row("null clears")
            .put(ASTRO, json!({"description": "stars"}))
            .put(ASTRO, json!({"description": null}))
            .lacks("/description"),
        row("replace drops what is absent and keeps identity")
            .put(ASTRO, json!({"description": "stars"}))
            .put(&format!("{ASTRO}?_replace=true"), json!({"name": "astro", "clusterId": "c-one"}))
            .is(200)
            .lacks("/description")
            .has("/backingNamespace", "c-one-p-astro"),
        row("replace wants required fields again")
            .put(&format!("{ASTRO}?_replace=true"), json!({"name": "astro"}))
            .is(422)
            .has("/fieldName", "clusterId"),
        row("the cluster is immutable")
            .put(ASTRO, json!({"clusterId": "c-two"}))
            .is(400)
            .has("/code", "BadRequest"),
        row("read-only fields are ignored")
            .put(ASTRO, json!({"backingNamespace": "mine", "uuid": "mine"}))
            .is(200)
            .has("/backingNamespace", "c-one-p-astro"),
        row("a missing project is 404")
            .put("/v3/projects/c-one:p-none", json!({}))
            .is(404)
            .has("/code", "NotFound"),
        row("an id without a cluster is 404").get("/v3/projects/p-astro").is(404),
        row("an update that always comes too late is 409")
            .meddles(json!({"act": "contend", "updates": 1}))
            .put(ASTRO, json!({"description": "x"}))
            .is(409)
            .has("/code", "Conflict")
            .put(ASTRO, json!({"description": "x"}))
            .is(200),
        annotated("annotations stay without the map")
            .put(ASTRO, json!({"description": "stars"}))
            .has("/annotations/waldur~1old", "1"),
        annotated("other keys are the whole truth")
            .put(ASTRO, json!({"annotations": {"waldur/managed": "false", "waldur/new": "1"}}))
            .has("/annotations/waldur~1managed", "false")
            .has("/annotations/waldur~1new", "1")
            .lacks("/annotations/waldur~1old"),
        annotated("field.cattle.io keys can be set and survive absence")
            .put(ASTRO, json!({"annotations": {"field.cattle.io/set": "1"}}))
            .has("/annotations/field.cattle.io~1set", "1")
            .has("/annotations/field.cattle.io~1kept", "1"),
        annotated("cattle.io keys are neither set nor removed")
            .put(ASTRO, json!({"annotations": {"lifecycle.cattle.io/x": "2", "lifecycle.cattle.io/y": "2"}}))
            .has("/annotations/lifecycle.cattle.io~1x", "1")
            .lacks("/annotations/lifecycle.cattle.io~1y"),
        annotated("the creator is not changed")
            .put(ASTRO, json!({"annotations": {"field.cattle.io/creatorId": "u-mallory"}}))
            .has("/creatorId", "u-ada"),
        annotated("labels follow the same rules")
            .put(ASTRO, json!({"labels": {"own": "1"}}))
            .has("/labels/own", "1")
            .has("/labels/cattle.io~1creator", "norman")
            .put(ASTRO, json!({"labels": {}}))
            .lacks("/labels/own"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn deletions_have_two_phases() {
    play(vec![
        row("first removing, then 404")
            .delete(ASTRO)
            .is(200)
            .has("/state", "removing")
            .has("/transitioning", "yes")
            .has("/removed", "2026-08-21T10:00:00Z")
            .delete(ASTRO)
            .is(200)
            .waits(41)
            .get(ASTRO)
            .is(404)
            .delete(ASTRO)
            .is(404),
        row("without finalizers it is 204 at once").seeded(|seed| seed.timing.removed_after_ms = 0).delete(ASTRO).is(204).text("").get(ASTRO).is(404),
        row("a removed project is 403 for who sees little").delete(ASTRO).waits(41).ask("narrow", "GET", ASTRO, None).is(403).ask("admin", "GET", ASTRO, None).is(404),
        row("the action remove deletes").post(&format!("{ASTRO}?action=remove"), json!({})).is(200).has("/state", "removing"),
        row("an unknown action is 422").post(&format!("{ASTRO}?action=dance"), json!({})).is(422).has("/code", "InvalidAction"),
        row("the System project stays")
            .get("/v3/projects?name=System")
            .keeps("system", "/data/0/id")
            .delete("/v3/projects/{system}")
            .is(405)
            .has("/code", "MethodNotAllow")
            .has("/message", "System Project cannot be deleted"),
        row("an unreachable cluster holds the removal up")
            .meddles(json!({"act": "set-cluster-reachable", "cluster_id": "c-one", "reachable": false}))
            .delete(ASTRO)
            .waits(1000)
            .get(ASTRO)
            .has("/state", "removing")
            .has("/transitioningMessage", "waiting on project-namespace-auth_c-one")
            .waits(300_000)
            .get(ASTRO)
            .has("/transitioning", "error")
            .meddles(json!({"act": "set-cluster-reachable", "cluster_id": "c-one", "reachable": true}))
            .get(ASTRO)
            .is(404),
        row("a condition that is not met is shown as an error with its message")
            .meddles(json!({"act": "set-trouble", "project_id": "c-one:p-astro", "message": "no roles"}))
            .get(ASTRO)
            .has("/state", "active")
            .has("/transitioning", "error")
            .has("/transitioningMessage", "no roles")
            .meddles(json!({"act": "set-trouble", "project_id": "c-one:p-astro"}))
            .get(ASTRO)
            .has("/transitioning", "no")
            .has("/transitioningMessage", ""),
        row("a stuck finalizer holds the removal up")
            .meddles(json!({"act": "hold-removal", "project_id": "c-one:p-astro", "held": true}))
            .delete(ASTRO)
            .waits(1000)
            .get(ASTRO)
            .is(200)
            .meddles(json!({"act": "hold-removal", "project_id": "c-one:p-astro", "held": false}))
            .get(ASTRO)
            .is(404),
        row("bindings die with their project")
            .post("/v3/projectroletemplatebindings", json!({"projectId": "c-one:p-astro", "roleTemplateId": "read-only", "groupPrincipalId": "keycloakoidc_group://x"}))
            .is(201)
            .keeps("b", "/id")
            .delete(ASTRO)
            .waits(41)
            .get("/v3/projectroletemplatebindings/{b}")
            .is(404),
        row("only namespaces made through Rancher die with their project")
            .seeded(|seed| {
                let mut theirs = namespace("theirs", Some("c-one:p-astro"));
                theirs.creator_id = Some("u-ada".to_owned());
                seed.namespaces = vec![theirs, namespace("kept", Some("c-one:p-astro"))];
            })
            .delete(ASTRO)
            .waits(200)
            .get("/k8s/clusters/c-one/api/v1/namespaces/theirs")
            .is(404)
            .get("/k8s/clusters/c-one/api/v1/namespaces/kept")
            .is(200)
            .lacks("/metadata/annotations/field.cattle.io~1projectId")
            .lacks("/metadata/labels/field.cattle.io~1projectId"),
    ])
    .await;
}
