//! What Rancher says to what our client asks. Everything that is made is called so that nobody takes it for something
//! else, and is taken down again.

use serde_json::{Value, json};

use super::row::Is;
use super::server::{Body, Got};
use super::visit::Visit;

/// What the project of the contract is called.
const NAME: &str = "agent-contract";
/// A group that nobody is in.
const NOBODY: &str = "keycloakoidc_group://agent-contract-nobody";

/// Asks everything of one cluster, and says how much that was.
pub(super) async fn ask(mut visit: Visit, cluster: &str, on: &str) -> usize {
    sweep(&visit, cluster).await;
    reading(&mut visit, cluster).await;
    let project = making(&mut visit, cluster).await;
    if let Some(project) = &project {
        changing(&mut visit, project).await;
        binding(&mut visit, project).await;
        unmaking(&mut visit, project).await;
    }
    sweep(&visit, cluster).await;
    visit.end(on)
}

/// Removes what an earlier run, or this one, left behind.
async fn sweep(visit: &Visit, cluster: &str) {
    let list =
        visit.ask(&format!("GET /v3/projects?clusterId={cluster}&limit=10000"), Body::None).await.json();
    for row in list["data"].as_array().into_iter().flatten().filter(|row| row["name"] == NAME) {
        visit
            .ask(&format!("DELETE /v3/projects/{}", row["id"].as_str().unwrap_or_default()), Body::None)
            .await;
    }
}

async fn reading(visit: &mut Visit, cluster: &str) {
    let page = format!("/v3/projects?clusterId={cluster}&limit=1");
    visit
        .get("a cluster", &format!("/v3/clusters/{cluster}"), 200, Is::Has("", &["id", "uuid", "name"]))
        .await;
    let card = Is::All(vec![Is::At("/state", json!("active")), Is::Has("/version", &["gitVersion"])]);
    visit.get("an active cluster", &format!("/v3/clusters/{cluster}"), 200, card).await;
    visit.get("no cluster", "/v3/clusters/c-m-nobody00", 404, gone()).await;
    visit.get("the version", "/v3/settings/server-version", 200, Is::Has("", &["value"])).await;
    visit.get("no API key of that name", "/v3/tokens/token-nobody", 404, gone()).await;
    let row = Is::Has("/data", &["id", "clusterId", "name", "created", "state"]);
    let paged =
        Is::All(vec![row, Is::At("/type", json!("collection")), Is::At("/pagination/limit", json!(1))]);
    let got = visit.get("a page of projects", &page, 200, paged).await;
    visit.that("more may be made", got.json()["createTypes"]["project"].is_string(), &got);
    visit.that("and this one changed", got.json()["data"][0]["links"]["update"].is_string(), &got);
    let next = got.json()["pagination"]["next"].as_str().map(str::to_owned);
    visit.that("each cluster has two projects of its own, so there is a next page", next.is_some(), &got);
    if let Some(query) = next.as_deref().and_then(|next| next.split_once('?')) {
        let path = format!("/v3/projects?{}", query.1);
        let second = visit.get("the next page", &path, 200, Is::Has("/data", &["id"])).await;
        visit.that("another one", second.json()["data"][0]["id"] != got.json()["data"][0]["id"], &second);
    }
    let roles =
        visit.get("roles", "/v3/roletemplates?limit=1000", 200, Is::Has("/data", &["id", "context"])).await;
    let member = |row: &Value| row["id"] == "project-member" && row["context"] == "project";
    let is_there = roles.json()["data"].as_array().is_some_and(|rows| rows.iter().any(member));
    visit.that("one of them is that of a project's member", is_there, &roles);
    visit
        .get("the key's own user", "/v3/users?me=true&limit=1000", 200, Is::At("/data/0/me", json!(true)))
        .await;
    visit
        .get(
            "bindings",
            "/v3/projectroletemplatebindings?limit=1000",
            200,
            Is::At("/type", json!("collection")),
        )
        .await;
    let one = "/v3/projectroletemplatebindings?limit=1";
    let offered = Is::Has("/createTypes", &["projectRoleTemplateBinding"]);
    visit.get("roles may be bound", one, 200, offered).await;
    inside(visit, cluster).await;
    visit.get("no project", &format!("/v3/projects/{cluster}:p-nobody"), 404, gone()).await;
    visit.as_nobody("no key", "/v3/projects").await;
}

/// Asks Kubernetes itself, through the proxy, for what runs in the cluster.
async fn inside(visit: &mut Visit, cluster: &str) {
    let inside = format!("/k8s/clusters/{cluster}/api/v1");
    let list = |kind| Is::All(vec![Is::At("/kind", json!(kind)), Is::Has("", &["items", "metadata"])]);
    let running = "fieldSelector=status.phase!%3DSucceeded%2Cstatus.phase!%3DFailed";
    let pods = format!("{inside}/pods?{running}&limit=500");
    let got = visit.get("pods that have not ended", &pods, 200, list("PodList")).await;
    let ended =
        |pod: &Value| ["Succeeded", "Failed"].contains(&pod["status"]["phase"].as_str().unwrap_or(""));
    let rows = got.json()["items"].as_array().cloned().unwrap_or_default();
    visit.that("and none that have", !rows.iter().any(ended), &got);
    let claims = format!("{inside}/persistentvolumeclaims?limit=500");
    visit.get("claims", &claims, 200, list("PersistentVolumeClaimList")).await;
    for (one, kind) in [
        ("pods", "PodList"),
        ("persistentvolumeclaims", "PersistentVolumeClaimList"),
        ("resourcequotas", "ResourceQuotaList"),
    ] {
        visit.get("one of each", &format!("{inside}/{one}?limit=1"), 200, list(kind)).await;
    }
    // Each project has a namespace of its own in the cluster of Rancher itself, and elsewhere there are Kubernetes' own.
    let namespaces = format!("{inside}/namespaces?limit=1");
    let got = visit.get("a chunk of namespaces", &namespaces, 200, list("NamespaceList")).await;
    let more = got.json()["metadata"]["continue"].as_str().unwrap_or_default().to_owned();
    if !more.is_empty() {
        let more: String = url::form_urlencoded::byte_serialize(more.as_bytes()).collect();
        let next = format!("{namespaces}&continue={more}");
        let second = visit.get("the next chunk", &next, 200, list("NamespaceList")).await;
        let name = |got: &Got| got.json()["items"][0]["metadata"]["name"].clone();
        visit.that("another one", name(&second) != name(&got), &second);
    }
}

/// What norman says of what is not there.
fn gone() -> Is {
    Is::All(vec![
        Is::At("/type", json!("error")),
        Is::At("/status", json!(404)),
        Is::At("/code", json!("NotFound")),
    ])
}

/// Makes a project, and waits until roles can be bound to it.
async fn making(visit: &mut Visit, cluster: &str) -> Option<String> {
    let body = json!({
        "type": "project", "clusterId": cluster, "name": NAME, "description": "made by a test, may be deleted",
        "annotations": { "agent/contract": "true", "agent/other": "kept" },
        "resourceQuota": { "limit": { "limitsCpu": "2000m", "limitsMemory": "1024Mi" } },
        "namespaceDefaultResourceQuota": { "limit": { "limitsCpu": "1000m", "limitsMemory": "512Mi" } },
    });
    let made = Is::All(vec![
        Is::Has("", &["id", "clusterId", "created", "annotations", "resourceQuota"]),
        Is::At("/name", json!(NAME)),
        Is::At("/annotations/agent~1contract", json!("true")),
        Is::At("/resourceQuota/limit/limitsCpu", json!("2000m")),
    ]);
    let got = visit.check("a new project", "POST /v3/projects", Body::Json(body), &[201], made).await;
    let id = got.json()["id"].as_str()?.to_owned();
    visit.that("its id begins with its cluster", id.starts_with(&format!("{cluster}:p-")), &got);
    visit.until("it is made ready", &format!("/v3/projects/{id}"), ready).await;
    Some(id)
}

fn ready(got: &Got) -> bool {
    let body = got.json();
    let is_true = |wanted: &str| {
        let conditions = body["conditions"].as_array();
        conditions.into_iter().flatten().any(|it| it["type"] == wanted && it["status"] == "True")
    };
    is_true("BackingNamespaceCreated") && is_true("InitialRolesPopulated")
}

async fn changing(visit: &mut Visit, project: &str) {
    let call = format!("PUT /v3/projects/{project}");
    let body = json!({ "description": "still a test's" });
    let merged = Is::All(vec![
        Is::At("/description", json!("still a test's")),
        Is::At("/name", json!(NAME)),
        Is::At("/annotations/agent~1other", json!("kept")),
        Is::At("/resourceQuota/limit/limitsCpu", json!("2000m")),
    ]);
    let got = visit.check("what is not named stays", &call, Body::Json(body), &[200], merged).await;
    let mut annotations = got.json()["annotations"].clone();
    annotations["agent/contract"] = json!("changed");
    let kept = Is::All(vec![
        Is::At("/annotations/agent~1contract", json!("changed")),
        Is::At("/annotations/agent~1other", json!("kept")),
    ]);
    let body = json!({ "annotations": annotations });
    visit.check("annotations are written back whole", &call, Body::Json(body), &[200], kept).await;
    let body = json!({
        "resourceQuota": { "limit": { "limitsCpu": "4000m", "limitsMemory": "1024Mi" } },
        "namespaceDefaultResourceQuota": { "limit": { "limitsCpu": "1000m", "limitsMemory": "512Mi" } },
    });
    let grown = Is::At("/resourceQuota/limit/limitsCpu", json!("4000m"));
    visit.check("a quota grows", &call, Body::Json(body), &[200], grown).await;
    let body = json!({
        "resourceQuota": { "limit": { "limitsCpu": "1000m", "limitsMemory": "1024Mi" } },
        "namespaceDefaultResourceQuota": { "limit": { "limitsCpu": "2000m", "limitsMemory": "512Mi" } },
    });
    let refused = Is::All(vec![Is::At("/type", json!("error")), Is::Has("", &["code", "message"])]);
    visit.check("no namespace gets more than the project", &call, Body::Json(body), &[422], refused).await;
}

async fn binding(visit: &mut Visit, project: &str) {
    let list = "/v3/projectroletemplatebindings";
    let body = json!({
        "type": "projectRoleTemplateBinding", "name": NAME, "projectId": project,
        "roleTemplateId": "read-only", "groupPrincipalId": NOBODY,
    });
    let post = format!("POST {list}");
    let made = Is::All(vec![
        Is::At("/projectId", json!(project)),
        Is::At("/roleTemplateId", json!("read-only")),
        Is::At("/groupPrincipalId", json!(NOBODY)),
    ]);
    let got = visit.check("a new binding", &post, Body::Json(body.clone()), &[201], made).await;
    let id = got.json()["id"].as_str().unwrap_or_default().to_owned();
    visit.that("it has the name that was asked for", id.ends_with(&format!(":{NAME}")), &got);
    visit
        .check("a second one of its name", &post, Body::Json(body), &[409], Is::At("/type", json!("error")))
        .await;
    visit.get("it is there", &format!("{list}/{id}"), 200, Is::At("/groupPrincipalId", json!(NOBODY))).await;
    let nobody = json!({
        "type": "projectRoleTemplateBinding", "name": "agent-contract-two", "projectId": project,
        "roleTemplateId": "read-only",
    });
    visit
        .check("a binding of nobody", &post, Body::Json(nobody), &[422, 403], Is::At("/type", json!("error")))
        .await;
    visit.check("it goes", &format!("DELETE {list}/{id}"), Body::None, &[200, 204], Is::Any).await;
    visit.until("it is gone", &format!("{list}/{id}"), |got| got.status == 404).await;
    visit.check("it goes no second time", &format!("DELETE {list}/{id}"), Body::None, &[404], gone()).await;
}

async fn unmaking(visit: &mut Visit, project: &str) {
    let path = format!("/v3/projects/{project}");
    visit.check("the project goes", &format!("DELETE {path}"), Body::None, &[200, 204], Is::Any).await;
    visit.until("it is gone", &path, |got| got.status == 404).await;
    visit.get("and said to be", &path, 404, gone()).await;
}
