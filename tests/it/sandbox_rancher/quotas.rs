//! Project quotas: the checks in their order, the merge, and what namespaces use.

use serde_json::{Value, json};

use super::row::{Row, namespace, play, row};

const ASTRO: &str = "/v3/projects/c-one:p-astro";

fn quota(project: &Value, default: &Value) -> Value {
    json!({"resourceQuota": {"limit": project}, "namespaceDefaultResourceQuota": {"limit": default}})
}

/// A row in which the project has a quota of four cores and one namespace that uses them all.
fn used_up(name: &'static str) -> Row {
    row(name)
        .seeded(|seed| seed.namespaces = vec![namespace("first", Some("c-one:p-astro"))])
        .put(ASTRO, quota(&json!({"limitsCpu": "4"}), &json!({"limitsCpu": "4000m"})))
        .is(200)
        .waits(200)
}

#[tokio::test(start_paused = true)]
async fn quotas_are_checked_in_order() {
    let four = json!({"limitsCpu": "4"});
    play(vec![
        row("a quota wants a default")
            .put(ASTRO, json!({"resourceQuota": {"limit": four}}))
            .is(422)
            .has("/code", "MissingRequired")
            .has("/fieldName", "namespaceDefaultResourceQuota")
            .has("/message", ""),
        row("a default wants a quota")
            .put(ASTRO, json!({"namespaceDefaultResourceQuota": {"limit": four}}))
            .is(422)
            .has("/fieldName", "resourceQuota"),
        row("both have the same number of keys")
            .put(ASTRO, quota(&json!({"limitsCpu": "4", "pods": "1"}), &four))
            .is(422)
            .has("/message", "does not have all fields defined on a resourceQuota"),
        row("both have the same keys")
            .put(ASTRO, quota(&json!({"pods": "9"}), &four))
            .is(422)
            .has("/code", "MissingRequired")
            .has("/message", "misses pods defined on a resourceQuota"),
        row("the default fits into the quota")
            .put(
                ASTRO,
                quota(
                    &json!({"limitsCpu": "1", "requestsMemory": "1Gi"}),
                    &json!({"limitsCpu": "2000m", "requestsMemory": "2048Mi"}),
                ),
            )
            .is(422)
            .has("/code", "MaxLimitExceeded")
            .has("/fieldName", "namespaceDefaultResourceQuota")
            .has("/message", "exceeds resourceQuota on fields: limits.cpu=2,requests.memory=2Gi"),
        row("2.16 says limits instead")
            .version("v2.16.0")
            .put(ASTRO, quota(&json!({"limitsCpu": "1"}), &json!({"limitsCpu": "2"})))
            .is(422)
            .has("/message", "exceeds limits on fields: limits.cpu=2"),
        row("2.16 refuses negative defaults")
            .version("v2.16.0")
            .put(ASTRO, quota(&json!({"limitsCpu": "1"}), &json!({"limitsCpu": "-1"})))
            .is(422)
            .has("/code", "MinLimitExceeded"),
        row("2.16 names both mistakes")
            .version("v2.16.0")
            .put(
                ASTRO,
                quota(&json!({"limitsCpu": "1", "pods": "1"}), &json!({"limitsCpu": "-1", "pods": "2"})),
            )
            .is(422)
            .has("/code", "InvalidState")
            .has("/message", "is negative on fields: limits.cpu=-1; exceeds projectLimit on fields: pods=2"),
        row("an unreadable quantity is 500")
            .put(ASTRO, quota(&json!({"limitsCpu": "four"}), &four))
            .is(500)
            .has("/code", "ServerError"),
        row("a creation is checked as well")
            .post(
                "/v3/projects",
                json!({"name": "x", "clusterId": "c-one", "resourceQuota": {"limit": four}}),
            )
            .is(422),
        used_up("less than what is used is refused")
            .put(ASTRO, quota(&json!({"limitsCpu": "3"}), &json!({"limitsCpu": "1"})))
            .is(422)
            .has("/code", "MaxLimitExceeded")
            .has("/fieldName", "resourceQuota")
            .has("/message", "is below the used limit on fields: limits.cpu=4"),
        row("a first default must fit once for every namespace")
            .seeded(|seed| {
                seed.namespaces = ["a", "b", "c"].map(|name| namespace(name, Some("c-one:p-astro"))).into();
            })
            .put(ASTRO, quota(&json!({"limitsCpu": "8"}), &four))
            .is(422)
            .has("/fieldName", "namespaceDefaultResourceQuota")
            .has(
                "/message",
                "exceeds project limit on fields limits.cpu=12 when applied to all namespaces in a project",
            ),
        row("a body without both is not checked").put(ASTRO, json!({"description": "x"})).is(200),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn quotas_are_stored_and_merged() {
    let four = json!({"limitsCpu": "4"});
    play(vec![
        row("values are verbatim, structs have synthetic types")
            .put(ASTRO, quota(&json!({"limitsCpu": "8000m"}), &four))
            .is(200)
            .has("/resourceQuota/limit/limitsCpu", "8000m")
            .has("/resourceQuota/type", "/v3/schemas/projectResourceQuota")
            .has("/resourceQuota/limit/type", "/v3/schemas/resourceQuotaLimit")
            .has("/namespaceDefaultResourceQuota/type", "/v3/schemas/namespaceResourceQuota"),
        row("synthetic types may be sent back")
            .put(ASTRO, json!({"resourceQuota": {"type": "/v3/schemas/x", "limit": {"type": "y", "pods": "1"}}, "namespaceDefaultResourceQuota": {"limit": {"pods": "1"}}}))
            .is(200),
        row("an older key stays beside a new one")
            .put(ASTRO, quota(&four, &four))
            .put(ASTRO, quota(&json!({"pods": "10"}), &json!({"pods": "10"})))
            .is(200)
            .has("/resourceQuota/limit/limitsCpu", "4")
            .has("/resourceQuota/limit/pods", "10"),
        row("null removes a key")
            .put(ASTRO, quota(&json!({"limitsCpu": "4", "pods": "1"}), &json!({"limitsCpu": "4", "pods": "1"})))
            .put(ASTRO, quota(&json!({"limitsCpu": "4", "pods": null}), &json!({"limitsCpu": "4", "pods": null})))
            .is(200)
            .lacks("/resourceQuota/limit/pods"),
        row("null removes both")
            .put(ASTRO, quota(&four, &four))
            .put(ASTRO, json!({"resourceQuota": null, "namespaceDefaultResourceQuota": null}))
            .is(200)
            .lacks("/resourceQuota")
            .lacks("/namespaceDefaultResourceQuota"),
        row("an empty limit is a quota").put(ASTRO, quota(&json!({}), &json!({}))).is(200).has("/resourceQuota/limit/type", "/v3/schemas/resourceQuotaLimit"),
        row("extended is kept since 2.14 and replaced whole")
            .put(ASTRO, quota(&json!({"extended": {"a/b": "1"}}), &json!({"extended": {"a/b": "1"}})))
            .has("/resourceQuota/limit/extended", json!({"a/b": "1"}))
            .put(ASTRO, quota(&json!({"extended": {"c/d": "1"}}), &json!({"extended": {"c/d": "1"}})))
            .has("/resourceQuota/limit/extended", json!({"c/d": "1"})),
        row("extended is silently dropped before 2.14")
            .version("v2.13.8")
            .put(ASTRO, quota(&json!({"limitsCpu": "4", "extended": {"a/b": "1"}}), &four))
            .is(200)
            .lacks("/resourceQuota/limit/extended"),
        row("numbers become text").put(ASTRO, quota(&json!({"pods": 5}), &json!({"pods": 5}))).has("/resourceQuota/limit/pods", "5"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn used_limits_follow_namespaces() {
    play(vec![
        used_up("usedLimit is the canonical sum of what namespaces are given")
            .get(ASTRO)
            .has("/resourceQuota/usedLimit/limitsCpu", "4")
            .has("/resourceQuota/usedLimit/type", "/v3/schemas/resourceQuotaLimit"),
        used_up("a namespace gets the default as annotation, status and Kubernetes quota")
            .get("/k8s/clusters/c-one/api/v1/namespaces/first")
            .has("/metadata/annotations/field.cattle.io~1resourceQuota", "{\"limit\":{\"limitsCpu\":\"4000m\"}}")
            .get("/k8s/clusters/c-one/api/v1/namespaces/first/resourcequotas")
            .counts("/items", 1)
            .has("/items/0/spec/hard/limits.cpu", "4")
            .has("/items/0/metadata/labels/resourcequota.management.cattle.io~1default-resource-quota", "true"),
        used_up("a second namespace through the proxy gets zeros and does not count")
            .post(
                "/k8s/clusters/c-one/api/v1/namespaces",
                json!({"metadata": {"name": "second", "annotations": {"field.cattle.io/projectId": "c-one:p-astro"}}}),
            )
            .is(201)
            .waits(200)
            .get("/k8s/clusters/c-one/api/v1/namespaces/second/resourcequotas")
            .has("/items/0/spec/hard/limits.cpu", "0")
            .get(ASTRO)
            .has("/resourceQuota/usedLimit/limitsCpu", "4"),
        used_up("a second namespace through norman is refused")
            .post("/v3/clusters/c-one/namespaces", json!({"name": "second", "projectId": "c-one:p-astro"}))
            .is(422)
            .has("/code", "MaxLimitExceeded")
            .has("/fieldName", "resourceQuota")
            .has("/message", "exceeds projectLimit on fields: limits.cpu=8"),
        used_up("lowering goes by the namespace: first its annotation, then the project")
            .patch(
                "/k8s/clusters/c-one/api/v1/namespaces/first",
                json!({"metadata": {"annotations": {"field.cattle.io/resourceQuota": "{\"limit\":{\"limitsCpu\":\"1\"}}"}}}),
            )
            .is(200)
            .get(ASTRO)
            .has("/resourceQuota/usedLimit/limitsCpu", "4")
            .waits(200)
            .get(ASTRO)
            .has("/resourceQuota/usedLimit/limitsCpu", "1")
            .put(ASTRO, quota(&json!({"limitsCpu": "3"}), &json!({"limitsCpu": "1"})))
            .is(200),
        used_up("another default leaves existing namespaces alone")
            .put(ASTRO, quota(&json!({"limitsCpu": "8"}), &json!({"limitsCpu": "8"})))
            .is(200)
            .waits(200)
            .get("/k8s/clusters/c-one/api/v1/namespaces/first/resourcequotas")
            .has("/items/0/spec/hard/limits.cpu", "4"),
        used_up("without the project's quota namespaces lose theirs")
            .put(ASTRO, json!({"resourceQuota": null, "namespaceDefaultResourceQuota": null}))
            .waits(200)
            .get("/k8s/clusters/c-one/api/v1/namespaces/first/resourcequotas")
            .counts("/items", 0),
        used_up("a stale usedLimit blocks until it follows again")
            .meddles(json!({"act": "set-used-limit", "project_id": "c-one:p-astro", "used_limit": {"limitsCpu": "99"}}))
            .waits(200)
            .put(ASTRO, quota(&json!({"limitsCpu": "8"}), &json!({"limitsCpu": "4"})))
            .is(422)
            .has("/message", "is below the used limit on fields: limits.cpu=99")
            .meddles(json!({"act": "set-used-limit", "project_id": "c-one:p-astro"}))
            .waits(200)
            .put(ASTRO, quota(&json!({"limitsCpu": "8"}), &json!({"limitsCpu": "4"})))
            .is(200),
        used_up("replace drops usedLimit until it follows again")
            .put(
                &format!("{ASTRO}?_replace=true"),
                json!({"name": "astro", "clusterId": "c-one", "resourceQuota": {"limit": {"limitsCpu": "8"}}, "namespaceDefaultResourceQuota": {"limit": {"limitsCpu": "4"}}}),
            )
            .is(200)
            .lacks("/resourceQuota/usedLimit")
            .waits(200)
            .get(ASTRO)
            .has("/resourceQuota/usedLimit/limitsCpu", "4"),
    ])
    .await;
}
