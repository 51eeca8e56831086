//! What is asked of Rancher.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use std::collections::{BTreeMap, BTreeSet};

use agent::http::Auth;
use agent::model::world::{Quota, Subject};
use agent::model::{BindingId, ClusterId, Quantity, RancherProjectId};
use agent::rancher::{Client, Error, NewBinding, NewProject, ProjectChange, QuotaChange, Removal};
use serde_json::{Value, json};

use super::Script;

fn client(script: &Script) -> Client {
    let auth = Auth::Bearer("token-abcde:secret-of-54-letters".into());
    Client::new("https://rancher.example/v3/", script.transport(), "agent/0.1", auth).unwrap()
}

fn cluster() -> ClusterId {
    "c-1".parse().unwrap()
}

fn project_id() -> RancherProjectId {
    "c-1:p-x".parse().unwrap()
}

fn binding_id() -> BindingId {
    "c-1-p-x:waldur-1".parse().unwrap()
}

fn project(id: &str, cluster: &str) -> Value {
    json!({
        "id": id, "type": "project", "clusterId": cluster, "name": "waldur-astro", "created": "2026-08-21T10:00:00Z",
        "annotations": { "waldur/managed": "true" }, "namespaceId": null, "state": "active", "transitioning": "no",
        "conditions": [{ "type": "BackingNamespaceCreated", "status": "True" },
                       { "type": "InitialRolesPopulated", "status": "Unknown" }],
    })
}

fn binding(id: &str, project: &str) -> Value {
    json!({
        "id": id, "name": id.split(':').nth(1), "projectId": project, "roleTemplateId": "project-member",
        "groupPrincipalId": "keycloakoidc_group://astro", "groupId": null, "userId": null, "userPrincipalId": null,
        "annotations": {}, "created": "2026-08-21T10:00:05Z",
    })
}

fn collection(rows: &[Value]) -> Value {
    json!({ "type": "collection", "pagination": { "limit": 1000, "total": rows.len() }, "data": rows })
}

fn norman(status: u16, code: &str, message: &str) -> Value {
    json!({ "type": "error", "status": status, "code": code, "message": message })
}

#[tokio::test(start_paused = true)]
async fn a_cluster_is_known_by_its_uuid() {
    let body = json!({ "id": "c-1", "uuid": "0b2e4c1e-8f4c-4d5e-9a54-6a3b12345678", "name": "prod" });
    let script = Script::new().answer("GET /v3/clusters/c-1", 200, &body);
    let identity = client(&script).cluster(&cluster()).await.unwrap();
    assert_eq!(
        (identity.uuid.hex().as_str(), identity.name.as_str()),
        ("0b2e4c1e8f4c4d5e9a546a3b12345678", "prod")
    );
}

#[tokio::test(start_paused = true)]
async fn projects_of_other_clusters_are_dropped_even_if_the_filter_is_ignored() {
    let rows = [project("c-1:p-x", "c-1"), project("c-2:p-y", "c-2")];
    let script = Script::new().answer("GET /v3/projects?clusterId=c-1&limit=1000", 200, &collection(&rows));
    let projects = client(&script).projects(&cluster()).await.unwrap();
    let projects = projects.complete().unwrap().get();
    assert_eq!(projects.keys().map(ToString::to_string).collect::<Vec<_>>(), ["c-1:p-x"]);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_scoped_to_its_cluster_is_found_out() {
    let denied =
        json!({ "type": "error", "status": "401", "message": "Unauthorized 401: must authenticate" });
    let body = json!({ "id": "c-1", "uuid": "0b2e4c1e-8f4c-4d5e-9a54-6a3b12345678" });
    let script = Script::new().answer("GET /v3/projects?clusterId=c-1&limit=1000", 401, &denied).answer(
        "GET /v3/clusters/c-1",
        200,
        &body,
    );
    let error = client(&script).projects(&cluster()).await.unwrap_err();
    assert!(matches!(error, Error::ScopedKey { .. }), "{error:?}");
    assert!(error.why().ends_with("(make an API key with the scope \"No Scope\")"), "{}", error.why());

    let locked_out = Script::new().answer("GET /v3/projects?clusterId=c-1&limit=1000", 401, &denied).answer(
        "GET /v3/clusters/c-1",
        401,
        &denied,
    );
    let error = client(&locked_out).projects(&cluster()).await.unwrap_err();
    assert!(matches!(error, Error::Projects { .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_project_is_gone_only_if_rancher_says_so_of_the_project() {
    let ask = |status: u16, body: Value| {
        let script = Script::new().answer("GET /v3/projects/c-1:p-x", status, &body);
        async move { client(&script).project(&project_id()).await }
    };
    assert_eq!(ask(404, norman(404, "NotFound", "projects \"p-x\" not found")).await.unwrap(), None);
    assert!(
        ask(404, norman(404, "NotFound", "failed to find schema projects")).await.is_err(),
        "no right to any"
    );
    assert!(ask(404, json!("404 page not found")).await.is_err(), "a proxy's answer");
    assert!(ask(403, norman(403, "Forbidden", "")).await.is_err(), "no right to this one");
    let view = ask(200, project("c-1:p-x", "c-1")).await.unwrap().unwrap();
    assert!(!view.is_ready(), "its roles are not populated yet");
}

#[tokio::test(start_paused = true)]
async fn bindings_are_kept_if_their_project_is_in_the_cluster() {
    let mut person = binding("c-1-p-x:prtb-1", "c-1:p-x");
    person["groupPrincipalId"] = Value::Null;
    person["userPrincipalId"] = json!("local://u-abcde");
    person["removed"] = json!("2026-08-21T11:00:00Z");
    let rows = [binding("c-1-p-x:waldur-1", "c-1:p-x"), person, binding("c-10-p-x:waldur-1", "c-10:p-x")];
    let script =
        Script::new().answer("GET /v3/projectroletemplatebindings?limit=1000", 200, &collection(&rows));
    let bindings = client(&script).bindings(&cluster()).await.unwrap();
    let found: Vec<_> =
        bindings.complete().unwrap().get().values().map(|b| (b.subject.clone(), b.removing)).collect();
    let group = Subject::Group("keycloakoidc_group://astro".parse().unwrap());
    assert_eq!(found, [(Subject::User("local://u-abcde".into()), true), (group, false)]);
}

#[tokio::test(start_paused = true)]
async fn namespaces_come_in_chunks_and_a_list_that_was_forgotten_is_begun_anew_once() {
    let namespace = |name: &str| json!({ "metadata": { "name": name, "annotations": { "field.cattle.io/projectId": "c-1:p-x" } } });
    let first = "GET /k8s/clusters/c-1/api/v1/namespaces?limit=1000";
    let second = "GET /k8s/clusters/c-1/api/v1/namespaces?limit=1000&continue=abc";
    let chunk = json!({ "items": [namespace("a")], "metadata": { "continue": "abc" } });
    let last = json!({ "items": [namespace("b")], "metadata": { "continue": "" } });
    let whole = Script::new().answer(first, 200, &chunk).answer(second, 200, &last);
    let read = client(&whole).namespaces(&cluster()).await.unwrap();
    assert_eq!(read.complete().unwrap().get().len(), 2);

    let expired = json!({ "kind": "Status", "status": "Failure", "reason": "Expired", "code": 410 });
    let forgotten = Script::new().answer(first, 200, &chunk).answer(second, 410, &expired);
    let read = client(&forgotten).namespaces(&cluster()).await.unwrap();
    assert!(read.complete().is_none() && read.known().unwrap().len() == 1, "{read:?}");
    assert_eq!(forgotten.asked().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn quotas_of_namespaces_are_those_of_an_agent_and_a_refused_list_is_no_empty_one() {
    let request = "GET /k8s/clusters/c-1/api/v1/resourcequotas?fieldSelector=metadata.name=custom-resource-quota&limit=1000";
    let quota = json!({ "metadata": { "name": "custom-resource-quota", "namespace": "work" },
                        "spec": { "hard": { "limits.cpu": "8000m" } } });
    let script = Script::new().answer(request, 200, &json!({ "items": [quota], "metadata": {} }));
    let read = client(&script).resource_quotas(&cluster()).await.unwrap();
    let quotas = read.complete().unwrap().get();
    assert_eq!(quotas["work"]["limits.cpu"], Quantity::whole(8));
    let denied = json!({ "kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403 });
    let script = Script::new().answer(request, 403, &denied);
    assert!(client(&script).resource_quotas(&cluster()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn whether_quotas_can_hold_gpus_is_asked_of_the_schema() {
    for (fields, known) in [(json!({ "pods": {} }), false), (json!({ "pods": {}, "extended": {} }), true)] {
        let body = json!({ "id": "resourceQuotaLimit", "resourceFields": fields });
        let script = Script::new().answer("GET /v3/schemas/resourceQuotaLimit", 200, &body);
        assert_eq!(client(&script).knows_extended_quotas().await.unwrap(), known);
    }
}

#[tokio::test(start_paused = true)]
async fn the_owner_of_the_key_is_the_one_that_says_so() {
    let rows = [
        json!({ "id": "u-1", "me": false }),
        json!({ "id": "u-2", "me": true, "principalIds": ["local://u-2"] }),
    ];
    let script = Script::new().answer("GET /v3/users?me=true&limit=1000", 200, &collection(&rows));
    let owner = client(&script).key_owner().await.unwrap().unwrap();
    assert_eq!((owner.id.as_str(), owner.principals.len()), ("u-2", 1));
}

fn quota(cpu: i64) -> Quota {
    let limit = BTreeMap::from([("limitsCpu".into(), Quantity::whole(cpu))]);
    Quota { limit: limit.clone(), namespace_default: limit, used: BTreeMap::new() }
}

#[tokio::test(start_paused = true)]
async fn a_project_is_made_with_its_mark_in_the_same_request() {
    let script = Script::new().answer("POST /v3/projects", 201, &project("c-1:p-x", "c-1"));
    let new = NewProject {
        cluster: cluster(),
        name: "waldur-astro".into(),
        description: "Astro".into(),
        annotations: BTreeMap::from([("waldur/managed".into(), "true".into())]),
        quota: Some(quota(8)),
        container_defaults: BTreeMap::new(),
    };
    let (id, _view) = client(&script).create_project(&new).await.unwrap();
    assert_eq!(id, project_id());
    let body: Value =
        serde_json::from_str(script.asked()[0].strip_prefix("POST /v3/projects ").unwrap()).unwrap();
    assert_eq!(
        body,
        json!({ "type": "project", "clusterId": "c-1", "name": "waldur-astro", "description": "Astro",
                "annotations": { "waldur/managed": "true" }, "resourceQuota": { "limit": { "limitsCpu": "8" } },
                "namespaceDefaultResourceQuota": { "limit": { "limitsCpu": "8" } } })
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_sends_only_what_changes() {
    let script = Script::new().answer("PUT /v3/projects/c-1:p-x", 200, &project("c-1:p-x", "c-1"));
    let client = client(&script);
    let rename = ProjectChange { name: Some("waldur-astro-2".into()), ..ProjectChange::default() };
    client.update_project(&project_id(), &rename).await.unwrap();
    let clear = ProjectChange { quota: QuotaChange::Clear, ..ProjectChange::default() };
    client.update_project(&project_id(), &clear).await.unwrap();
    let dropped = BTreeSet::from(["pods".into()]);
    let set =
        ProjectChange { quota: QuotaChange::Set { quota: quota(4), dropped }, ..ProjectChange::default() };
    client.update_project(&project_id(), &set).await.unwrap();
    let bodies: Vec<Value> = script
        .asked()
        .iter()
        .map(|asked| serde_json::from_str(asked.splitn(3, ' ').nth(2).unwrap()).unwrap())
        .collect();
    let four = json!({ "limit": { "limitsCpu": "4", "pods": null } });
    assert_eq!(
        bodies,
        [
            json!({ "name": "waldur-astro-2" }),
            json!({ "resourceQuota": null, "namespaceDefaultResourceQuota": null }),
            json!({ "resourceQuota": four, "namespaceDefaultResourceQuota": four }),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_binding_is_made_under_our_own_name() {
    let script = Script::new().answer(
        "POST /v3/projectroletemplatebindings",
        201,
        &binding("c-1-p-x:waldur-1", "c-1:p-x"),
    );
    let new = NewBinding {
        name: "waldur-1".parse().unwrap(),
        project: project_id(),
        role: "project-member".parse().unwrap(),
        subject: Subject::Group("keycloakoidc_group://astro".parse().unwrap()),
        annotations: BTreeMap::new(),
    };
    let (id, made) = client(&script).create_binding(&new).await.unwrap();
    assert_eq!((id, made.subject), (binding_id(), new.subject));
    assert!(script.asked()[0].contains("\"name\":\"waldur-1\""), "{:?}", script.asked());
}

#[tokio::test(start_paused = true)]
async fn a_second_binding_of_the_name_is_a_conflict() {
    let body = norman(409, "AlreadyExists", "there is one");
    let script = Script::new().answer("POST /v3/projectroletemplatebindings", 409, &body);
    let new = NewBinding {
        name: "waldur-1".parse().unwrap(),
        project: project_id(),
        role: "project-member".parse().unwrap(),
        subject: Subject::User("u-abcde".into()),
        annotations: BTreeMap::new(),
    };
    let error = client(&script).create_binding(&new).await.unwrap_err();
    assert!(error.is_conflict());
    assert_eq!(error.code(), Some(("AlreadyExists", None)));
    assert!(script.asked()[0].contains("\"userId\":\"u-abcde\""));
}

#[tokio::test(start_paused = true)]
async fn a_removal_begins_ends_or_was_over_before() {
    let request = "DELETE /v3/projectroletemplatebindings/c-1-p-x:waldur-1";
    let still_there = binding("c-1-p-x:waldur-1", "c-1:p-x");
    for (script, removal) in [
        (Script::new().answer(request, 200, &still_there), Removal::Begun),
        (Script::new().raw(request, 204, &[], ""), Removal::Done),
        (Script::new().answer(request, 404, &norman(404, "NotFound", "gone")), Removal::AlreadyGone),
    ] {
        assert_eq!(client(&script).delete_binding(&binding_id()).await.unwrap(), removal);
    }
}

fn user(id: &str, principals: &[&str]) -> Value {
    json!({ "id": id, "type": "user", "username": null, "me": id == "u-admin", "principalIds": principals })
}

#[tokio::test(start_paused = true)]
async fn users_are_read_without_ranchers_own() {
    let mut off = user("u-bea", &["local://u-bea"]);
    off["enabled"] = json!(false);
    off["username"] = json!("bea");
    let rows = [
        user("u-admin", &["local://u-admin"]),
        user("u-ada", &["local://u-ada", "keycloakoidc_user://k-ada"]),
        off,
        user("u-sys", &["system://provisioning/fleet-default"]),
    ];
    let script = Script::new().answer("GET /v3/users?limit=1000", 200, &collection(&rows));
    let users = client(&script).users().await.unwrap();
    let users = users.complete().unwrap().get();
    let ids: Vec<&str> = users.keys().map(agent::model::RancherUserId::as_str).collect();
    assert_eq!(ids, ["u-ada", "u-admin", "u-bea"]);
    assert!(users["u-admin"].own && !users["u-ada"].own);
    assert!(users["u-bea"].disabled && users["u-bea"].username.is_some());
    assert_eq!(users["u-ada"].principals.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_list_of_nobody_but_the_keys_own_user_is_cut() {
    for rows in [vec![user("u-admin", &["local://u-admin"])], vec![]] {
        let script = Script::new().answer("GET /v3/users?limit=1000", 200, &collection(&rows));
        let users = client(&script).users().await.unwrap();
        assert_eq!(users.known().unwrap().len(), rows.len());
        assert!(users.gap().unwrap().contains("Manage Users"), "{users:?}");
    }
}
