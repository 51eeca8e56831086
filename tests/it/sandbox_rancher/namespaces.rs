//! Namespaces through norman's cluster API.

use serde_json::{Value, json};

use super::row::{namespace, play, row};

const NAMESPACES: &str = "/v3/clusters/c-one/namespaces";

#[tokio::test(start_paused = true)]
async fn namespaces_live_in_the_cluster_api() {
    play(vec![
        row("a new one has its project at once and its label later")
            .post(NAMESPACES, json!({"name": "stars", "projectId": "c-one:p-astro", "annotations": {"own": "1"}}))
            .is(201)
            .has("/id", "stars")
            .has("/projectId", "c-one:p-astro")
            .has("/creatorId", "u-admin")
            .lacks("/annotations/field.cattle.io~1projectId")
            .has("/links/self", "http://rancher.test/v3/cluster/c-one/namespaces/stars")
            .get("/k8s/clusters/c-one/api/v1/namespaces/stars")
            .has("/metadata/annotations/field.cattle.io~1projectId", "c-one:p-astro")
            .lacks("/metadata/labels/field.cattle.io~1projectId")
            .waits(41)
            .get("/k8s/clusters/c-one/api/v1/namespaces/stars")
            .has("/metadata/labels/field.cattle.io~1projectId", "p-astro"),
        row("a name is taken once").post(NAMESPACES, json!({"name": "stars"})).post(NAMESPACES, json!({"name": "stars"})).is(409).has("/code", "AlreadyExists"),
        row("a name is required").post(NAMESPACES, json!({})).is(422).has("/fieldName", "name"),
        row("the list is filtered by project")
            .seeded(|seed| seed.namespaces = vec![namespace("a", Some("c-one:p-astro")), namespace("b", None)])
            .get("/v3/cluster/c-one/namespaces?projectId=c-one:p-astro")
            .counts("/data", 1)
            .has("/data/0/id", "a")
            .get(NAMESPACES)
            .counts("/data", 2)
            .has("/data/1/projectId", Value::Null),
        row("the system's namespaces are hidden")
            .seeded(|seed| {
                let mut hidden = namespace("a", None);
                hidden.annotations.insert("management.cattle.io/system-namespace".to_owned(), "true".to_owned());
                seed.namespaces = vec![hidden];
            })
            .get(NAMESPACES)
            .counts("/data", 0),
        row("a description alone wipes custom annotations")
            .post(NAMESPACES, json!({"name": "stars", "projectId": "c-one:p-astro", "annotations": {"own": "1"}}))
            .put("/v3/clusters/c-one/namespaces/stars", json!({"description": "x"}))
            .is(200)
            .has("/description", "x")
            .has("/projectId", "c-one:p-astro")
            .lacks("/annotations/own"),
        row("a PUT does not move")
            .post(NAMESPACES, json!({"name": "stars", "projectId": "c-one:p-astro"}))
            .put("/v3/clusters/c-one/namespaces/stars", json!({"projectId": "c-one:p-other"}))
            .is(200)
            .has("/projectId", "c-one:p-astro"),
        row("the action move unassigns")
            .post(NAMESPACES, json!({"name": "stars", "projectId": "c-one:p-astro"}))
            .post("/v3/clusters/c-one/namespaces/stars?action=move", json!({"projectId": ""}))
            .is(204)
            .get("/v3/clusters/c-one/namespaces/stars")
            .has("/projectId", Value::Null),
        row("a project with even an empty quota refuses newcomers")
            .post(NAMESPACES, json!({"name": "stars"}))
            .put(
                "/v3/projects/c-one:p-astro",
                json!({"resourceQuota": {"limit": {}}, "namespaceDefaultResourceQuota": {"limit": {}}}),
            )
            .post("/v3/clusters/c-one/namespaces/stars?action=move", json!({"projectId": "c-one:p-astro"}))
            .is(500)
            .has("/message", "can't move namespace. Project c-one:p-astro has resource quota set"),
        row("a deletion has two phases")
            .post(NAMESPACES, json!({"name": "stars"}))
            .delete("/v3/clusters/c-one/namespaces/stars")
            .is(200)
            .has("/state", "removing")
            .waits(41)
            .get("/v3/clusters/c-one/namespaces/stars")
            .is(404),
        row("a quota of a namespace must have the project's keys")
            .put(
                "/v3/projects/c-one:p-astro",
                json!({"resourceQuota": {"limit": {"limitsCpu": "4"}}, "namespaceDefaultResourceQuota": {"limit": {"limitsCpu": "1"}}}),
            )
            .post(NAMESPACES, json!({"name": "stars", "projectId": "c-one:p-astro", "resourceQuota": {"limit": {"pods": "1"}}}))
            .is(422)
            .has("/code", "MissingRequired")
            .has("/fieldName", "resourceQuota"),
    ])
    .await;
}
