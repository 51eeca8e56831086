//! Keys, roots and discovery.

use super::row::{play, row};

#[tokio::test(start_paused = true)]
async fn keys_open_what_they_should() {
    play(vec![
        row("a bearer key is accepted").get("/v3/projects").is(200).header("x-api-cattle-auth", "true"),
        row("a basic key is accepted")
            .ask("", "GET", "/v3/projects", None)
            .with("authorization", "Basic YWRtaW46czNjcmV0")
            .is(200),
        row("the scheme's case does not matter")
            .ask("", "GET", "/v3/projects", None)
            .with("authorization", "bEARER admin:s3cret")
            .is(200),
        row("a cookie is accepted without a header")
            .ask("", "GET", "/v3/projects", None)
            .with("cookie", "a=b; R_SESS=admin:s3cret")
            .is(200),
        row("no key is 401 with a string status")
            .ask("", "GET", "/v3/projects", None)
            .is(401)
            .header("x-api-cattle-auth", "false")
            .has("/status", "401")
            .has("/type", "error")
            .has("/message", "Unauthorized 401: must authenticate"),
        row("a wrong secret is 401")
            .ask("", "GET", "/v3/projects", None)
            .with("authorization", "Bearer admin:no")
            .is(401),
        row("a key with two colons is 401")
            .ask("", "GET", "/v3/projects", None)
            .with("authorization", "Bearer admin:s3cret:x")
            .is(401),
        row("basic letters outside the url-safe alphabet are 401")
            .ask("", "GET", "/v3/projects", None)
            .with("authorization", "Basic YWRt+W46czNjcmV0")
            .is(401),
        row("a scoped key opens its cluster").ask("scoped", "GET", "/v3/clusters/c-one", None).is(200),
        row("a scoped key opens its cluster's projects")
            .ask("scoped", "GET", "/v3/clusters/c-one/projects", None)
            .is(200),
        row("a scoped key opens its proxy")
            .ask("scoped", "GET", "/k8s/clusters/c-one/api/v1/namespaces", None)
            .is(200),
        row("a scoped key does not open projects").ask("scoped", "GET", "/v3/projects", None).is(401),
        row("a scoped key does not open bindings")
            .ask("scoped", "GET", "/v3/projectroletemplatebindings", None)
            .is(401),
        row("a scoped key does not open the root").ask("scoped", "GET", "/v3", None).is(401),
        row("a scoped key does not open other clusters")
            .ask("scoped", "GET", "/v3/clusters/c-two", None)
            .is(401),
        row("a key expires in the middle of a run")
            .ask("mortal", "GET", "/v3/projects", None)
            .is(200)
            .waits(60_000)
            .ask("mortal", "GET", "/v3/projects", None)
            .is(401),
        row("a key shows itself to its user, without its secret half")
            .get("/v3/tokens/admin")
            .is(200)
            .has("/type", "token")
            .has("/userId", "u-admin")
            .has("/expiresAt", "")
            .has("/expired", false)
            .lacks("/token"),
        row("and when it expires")
            .get("/v3/tokens/mortal")
            .is(200)
            .has("/expired", false)
            .has("/isDerived", true),
        row("another user's key is as good as none")
            .get("/v3/tokens/narrow")
            .is(404)
            .has("/code", "NotFound"),
        row("there is no such key").get("/v3/tokens/token-none").is(404).has("/type", "error"),
        row("a scoped key does not open what is kept of it")
            .ask("scoped", "GET", "/v3/tokens/scoped", None)
            .is(401),
        row("a revoked key is 401")
            .meddles(serde_json::json!({"act": "revoke-token", "name": "admin"}))
            .get("/v3/projects")
            .is(401),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_sees_less_gets_shorter_lists() {
    play(vec![
        row("a narrow key's list is silently shorter").ask("narrow", "GET", "/v3/projects", None).is(200).counts("/data", 1),
        row("a narrow key cannot get what it cannot see")
            .ask("admin", "GET", "/v3/projects?name=System", None)
            .keeps("system", "/data/0/id")
            .ask("narrow", "GET", "/v3/projects/{system}", None)
            .is(403)
            .has("/code", "Forbidden")
            .has("/status", 403),
        row("a missing project is 403 for a narrow key").ask("narrow", "GET", "/v3/projects/c-one:p-none", None).is(403),
        row("a missing project is 404 for an administrator").get("/v3/projects/c-one:p-none").is(404).has("/code", "NotFound"),
        row("a narrow key may not create projects")
            .ask("narrow", "POST", "/v3/projects", serde_json::json!({"name": "x", "clusterId": "c-one"}))
            .is(403)
            .has("/code", "Forbidden"),
        row("a narrow key gets a Status for a whole cluster's pods")
            .ask("narrow", "GET", "/k8s/clusters/c-one/api/v1/pods", None)
            .is(403)
            .has("/kind", "Status")
            .has("/reason", "Forbidden")
            .has(
                "/message",
                "pods is forbidden: User \"u-narrow\" cannot list resource \"pods\" in API group \"\" at the cluster scope",
            ),
        row("a narrow key sees only its own user").ask("narrow", "GET", "/v3/users", None).is(200).counts("/data", 1),
        row("a reader may not write")
            .ask("reader", "PUT", "/v3/projects/c-one:p-astro", serde_json::json!({"name": "x"}))
            .is(403),
        row("a reader gets no links to write")
            .ask("reader", "GET", "/v3/projects/c-one:p-astro", None)
            .lacks("/links/update")
            .lacks("/links/remove"),
        row("an administrator gets links to write")
            .get("/v3/projects/c-one:p-astro")
            .has("/links/update", "http://rancher.test/v3/projects/c-one:p-astro"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn roots_and_discovery_answer() {
    play(vec![
        row("ping needs no key").ask("", "GET", "/ping", None).is(200).text("pong"),
        row("healthz needs no key").ask("", "GET", "/healthz", None).is(200).text("ok"),
        row("rancherversion needs no key").ask("", "GET", "/rancherversion", None).is(200).has("/Version", "v2.14.4"),
        row("cacerts needs no key").ask("", "GET", "/v3/settings/cacerts", None).is(200).has("/value", ""),
        row("server-version needs a key").ask("", "GET", "/v3/settings/server-version", None).is(401),
        row("server-version says the version").get("/v3/settings/server-version").is(200).has("/value", "v2.14.4"),
        row("the root answers up to 2.14").get("/v3").is(200).has("/type", "apiRoot"),
        row("a posted root answers up to 2.14").post("/v3", serde_json::json!({})).is(200),
        row("the root redirects from 2.15")
            .version("v2.15.0")
            .get("/v3")
            .is(301)
            .header("location", "http://rancher.test/v3/")
            .get("/v3/")
            .is(200),
        row("development builds are read leniently").version("v2.16-abc-head").get("/v3").is(301),
        row("an unknown type is 404")
            .get("/v3/wombats")
            .is(404)
            .has("/code", "NotFound")
            .has("/message", "failed to find schema wombats"),
        row("types match in any case, by id or plural").get("/v3/Project").is(200).counts("/data", 3),
        row("double slashes collapse").get("/v3//projects").is(200),
        row("an escaped colon is accepted").get("/v3/projects/c-one%3Ap-astro").is(200),
        row("patch is no method of norman").patch("/v3/projects/c-one:p-astro", serde_json::json!({})).is(405).has("/code", "MethodNotAllow"),
        row("a cluster says its uuid, state and version")
            .get("/v3/clusters/c-one")
            .has("/uuid", "11111111-2222-3333-4444-555555555555")
            .has("/state", "active")
            .has("/conditions/0/type", "Ready")
            .has("/version/gitVersion", "v1.33.4+rke2r1"),
        row("an unreachable cluster is unavailable")
            .meddles(serde_json::json!({"act": "set-cluster-reachable", "cluster_id": "c-one", "reachable": false}))
            .get("/v3/clusters/c-one")
            .has("/state", "unavailable")
            .get("/v3/clusters/c-one/namespaces")
            .is(503)
            .has("/code", "ClusterUnavailable")
            .get("/k8s/clusters/c-one/api/v1/pods")
            .is(500),
        row("an unknown cluster's namespaces are 503").get("/v3/clusters/c-none/namespaces").is(503),
        row("an unknown cluster's proxy is 404").get("/k8s/clusters/c-none/api/v1/pods").is(404),
        row("me is a user").get("/v3/users?me=true").counts("/data", 1).has("/data/0/id", "u-admin"),
        row("a user has principals").get("/v3/users/u-ada").has("/principalIds/0", "local://u-ada").has("/username", "ada"),
        row("users are listed, but for Rancher's own")
            .seeded(|seed| seed.users[0].principal_ids = vec!["system://provisioning".to_owned()])
            .get("/v3/users")
            .counts("/data", 4)
            .get("/v3/users/u-ada")
            .is(404),
        row("whoever may not see users sees their own, and is not told who else exists")
            .ask("narrow", "GET", "/v3/users", serde_json::json!({}))
            .counts("/data", 1)
            .has("/data/0/id", "u-narrow")
            .has("/data/0/me", true)
            .ask("narrow", "GET", "/v3/users/u-ada", serde_json::json!({}))
            .is(403),
        row("whoever logs in is a user from then on")
            .meddles(serde_json::json!({"act": "add-user", "id": "u-bea", "principal_ids": ["keycloakoidc_user://k-bea"]}))
            .get("/v3/users/u-bea")
            .has("/principalIds/0", "keycloakoidc_user://k-bea")
            .has("/me", false)
            .meddles(serde_json::json!({"act": "delete-user", "id": "u-bea"}))
            .get("/v3/users/u-bea")
            .is(404),
        row("users are found by name").get("/v3/users?username=ada").counts("/data", 1).has("/data/0/id", "u-ada"),
        row("a built-in role has its context").get("/v3/roletemplates/project-member").has("/context", "project").has("/locked", false),
        row("a cluster role has its context").get("/v3/roletemplates/cluster-owner").has("/context", "cluster"),
        row("roles are listed").get("/v3/roletemplates?context=project&locked=false").counts("/data", 26),
        row("extended quotas are described since 2.14").get("/v3/schemas/resourceQuotaLimit").has("/resourceFields/extended/type", "map[string]"),
        row("extended quotas are unknown before 2.14")
            .version("v2.13.8")
            .get("/v3/schemas/resourceQuotaLimit")
            .is(200)
            .lacks("/resourceFields/extended"),
    ])
    .await;
}
