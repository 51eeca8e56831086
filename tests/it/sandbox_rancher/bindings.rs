//! Bindings: every check of a creation, names, duplicates, and what the server fills in.

use serde_json::{Value, json};

use super::row::{play, row};

const BINDINGS: &str = "/v3/projectroletemplatebindings";

/// A binding of a group to the project, with some fields changed.
fn binding(changed: &Value) -> Value {
    let mut body = json!({"projectId": "c-one:p-astro", "roleTemplateId": "project-member",
        "groupPrincipalId": "keycloakoidc_group://dev"});
    if let (Some(body), Some(changed)) = (body.as_object_mut(), changed.as_object()) {
        body.extend(changed.clone());
    }
    body
}

#[tokio::test(start_paused = true)]
async fn creations_are_checked_in_order() {
    play(vec![
        row("a missing project is named first").post(BINDINGS, json!({})).is(422).has("/code", "MissingRequired").has("/fieldName", "projectId"),
        row("then a missing role").post(BINDINGS, json!({"projectId": "c-one:p-astro"})).is(422).has("/fieldName", "roleTemplateId"),
        row("an unknown role is 500")
            .post(BINDINGS, binding(&json!({"roleTemplateId": "x", "groupPrincipalId": null})))
            .is(500)
            .has("/code", "ServerError")
            .has("/message", "Error getting role template: roletemplates.management.cattle.io \"x\" not found"),
        row("a locked role is 422, its old bindings stay")
            .post(BINDINGS, binding(&json!({})))
            .keeps("b", "/id")
            .meddles(json!({"act": "lock-role", "id": "project-member", "locked": true}))
            .post(BINDINGS, binding(&json!({"groupPrincipalId": null})))
            .is(422)
            .has("/code", "InvalidState")
            .has("/message", "Role is locked and cannot be assigned")
            .get("/v3/projectroletemplatebindings/{b}")
            .is(200),
        row("a cluster's role is 422")
            .post(BINDINGS, binding(&json!({"roleTemplateId": "cluster-member", "groupPrincipalId": null})))
            .is(422)
            .has("/code", "InvalidBodyContent")
            .has("/message", "Cannot reference context [cluster] from [project] context"),
        row("no subject is 422")
            .post(BINDINGS, binding(&json!({"groupPrincipalId": null, "projectId": "c-one:p-none"})))
            .is(422)
            .has("/message", "must target a user [userId]/[userPrincipalId] OR a group [groupId]/[groupPrincipalId]"),
        row("a user and a group together are 422").post(BINDINGS, binding(&json!({"userId": "u-ada"}))).is(422).has("/code", "InvalidBodyContent"),
        row("a foreign provider's user cannot be resolved")
            .post(BINDINGS, binding(&json!({"groupPrincipalId": null, "userPrincipalId": "keycloakoidc_user://1"})))
            .is(500),
        row("a missing project is 500 not found")
            .post(BINDINGS, binding(&json!({"projectId": "c-one:p-none"})))
            .is(500)
            .has("/message", "projects.management.cattle.io \"c-one:p-none\" not found"),
        row("granting more than one holds is 403").ask("modest", "POST", BINDINGS, binding(&json!({}))).is(403).has("/code", "Forbidden"),
        row("a group is never checked").post(BINDINGS, binding(&json!({"groupPrincipalId": "keycloakoidc_group://typo"}))).is(201),
        row("just after its creation the project is not found, then its namespace is missing, then all is well")
            .post("/v3/projects", json!({"name": "new", "clusterId": "c-one"}))
            .keeps("p", "/id")
            .post(BINDINGS, binding(&json!({"projectId": "{p}"})))
            .is(500)
            .has("/code", "ServerError")
            .waits(25)
            .post(BINDINGS, binding(&json!({"projectId": "{p}"})))
            .is(404)
            .has("/code", "NotFound")
            .waits(25)
            .post(BINDINGS, binding(&json!({"projectId": "{p}"})))
            .is(201),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn bindings_are_shown_as_they_are() {
    play(vec![
        row("references without a value are null, and there is no state")
            .post(BINDINGS, binding(&json!({"annotations": {"waldur/managed": "true"}})))
            .is(201)
            .has("/type", "projectRoleTemplateBinding")
            .has("/userId", Value::Null)
            .has("/groupId", Value::Null)
            .has("/userPrincipalId", Value::Null)
            .has("/serviceAccount", Value::Null)
            .has("/namespaceId", Value::Null)
            .has("/creatorId", "u-admin")
            .has("/annotations/waldur~1managed", "true")
            .lacks("/state")
            .lacks("/conditions"),
        row("an explicit name is taken").post(BINDINGS, binding(&json!({"name": "mine"}))).is(201).has("/id", "c-one-p-astro:mine").has("/name", "mine"),
        row("before 2.12 the id begins with the project's name").version("v2.11.0").post(BINDINGS, binding(&json!({"name": "mine"}))).has("/id", "p-astro:mine"),
        row("a project's address fills in the project")
            .post("/v3/projects/c-one:p-astro/projectroletemplatebindings", binding(&json!({"projectId": null})))
            .is(201)
            .has("/projectId", "c-one:p-astro")
            .get("/v3/projects/c-one:p-astro/projectroletemplatebindings")
            .counts("/data", 1)
            .get("/v3/projects/c-one:p-none/projectroletemplatebindings")
            .counts("/data", 0),
        row("bindings of Rancher's own users are hidden")
            .meddles(json!({"act": "add-binding", "name": "fleet", "project_id": "c-one:p-astro", "role_template_id": "project-member",
                "user_principal_id": "system://fleet"}))
            .get(BINDINGS)
            .counts("/data", 0),
        row("bindings are filtered by what they say")
            .post(BINDINGS, binding(&json!({})))
            .post(BINDINGS, binding(&json!({"groupPrincipalId": null, "userId": "u-ada"})))
            .get("/v3/projectroletemplatebindings?groupPrincipalId=keycloakoidc_group%3A%2F%2Fdev")
            .counts("/data", 1)
            .get("/v3/projectroletemplatebindings?userId=u-ada&roleTemplateId=project-member")
            .counts("/data", 1)
            .get("/v3/projectroletemplatebindings?projectId_in=c-one:p-astro&projectId_in=c-one:p-none")
            .counts("/data", 2),
        row("a user's principal is filled in later")
            .post(BINDINGS, binding(&json!({"groupPrincipalId": null, "userId": "u-ada"})))
            .has("/userPrincipalId", Value::Null)
            .keeps("b", "/id")
            .waits(41)
            .get("/v3/projectroletemplatebindings/{b}")
            .has("/userPrincipalId", "local://u-ada")
            .has("/annotations/auth.cattle.io~1principal-display-name", "Ada"),
        row("a principal's user is made later")
            .seeded(|seed| seed.tokens[0].provider = "keycloakoidc".to_owned())
            .post(BINDINGS, binding(&json!({"groupPrincipalId": null, "userPrincipalId": "keycloakoidc_user://2b1c7d6e-0000-4000-8000-000000000001"})))
            .is(201)
            .keeps("b", "/id")
            .waits(41)
            .get("/v3/projectroletemplatebindings/{b}")
            .has("/userId", "u-hrijo3t23x")
            .get("/v3/users/u-hrijo3t23x")
            .is(200),
        row("other values in a PUT are ignored with 200")
            .post(BINDINGS, binding(&json!({})))
            .keeps("b", "/id")
            .put("/v3/projectroletemplatebindings/{b}", json!({"roleTemplateId": "read-only", "annotations": {"waldur/x": "1"}}))
            .is(200)
            .has("/roleTemplateId", "project-member")
            .has("/annotations/waldur~1x", "1"),
        row("an unreachable cluster holds the removal up")
            .post(BINDINGS, binding(&json!({})))
            .keeps("b", "/id")
            .meddles(json!({"act": "set-cluster-reachable", "cluster_id": "c-one", "reachable": false}))
            .delete("/v3/projectroletemplatebindings/{b}")
            .waits(1000)
            .get("/v3/projectroletemplatebindings/{b}")
            .is(200)
            .meddles(json!({"act": "set-cluster-reachable", "cluster_id": "c-one", "reachable": true}))
            .get("/v3/projectroletemplatebindings/{b}")
            .is(404),
        row("a deletion has two phases")
            .post(BINDINGS, binding(&json!({})))
            .keeps("b", "/id")
            .delete("/v3/projectroletemplatebindings/{b}")
            .is(200)
            .has("/removed", "2026-08-21T10:00:00Z")
            .waits(41)
            .get("/v3/projectroletemplatebindings/{b}")
            .is(404),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn duplicates_depend_on_the_version() {
    play(vec![
        row("up to 2.14 twins are allowed")
            .post(BINDINGS, binding(&json!({})))
            .is(201)
            .post(BINDINGS, binding(&json!({})))
            .is(201)
            .get(BINDINGS)
            .counts("/data", 2),
        row("an explicit name exists once, whatever the version")
            .post(BINDINGS, binding(&json!({"name": "mine"})))
            .post(BINDINGS, binding(&json!({"name": "mine"})))
            .is(409)
            .has("/code", "AlreadyExists"),
        row("a name is taken while its predecessor is being removed")
            .post(BINDINGS, binding(&json!({"name": "mine"})))
            .keeps("b", "/id")
            .delete("/v3/projectroletemplatebindings/{b}")
            .post(BINDINGS, binding(&json!({"name": "mine"})))
            .is(409)
            .has("/code", "AlreadyExists")
            .waits(41)
            .post(BINDINGS, binding(&json!({"name": "mine"})))
            .is(201),
        row("from 2.15 the name follows from what is bound")
            .version("v2.15.0")
            .seeded(|seed| seed.projects[0].id = "c-one:p-fghij".to_owned())
            .post(BINDINGS, binding(&json!({"projectId": "c-one:p-fghij"})))
            .is(201)
            .keeps("name", "/name")
            .post(BINDINGS, binding(&json!({"projectId": "c-one:p-fghij"})))
            .is(409)
            .has("/code", "AlreadyExists")
            .has("/message", "projectroletemplatebindings.management.cattle.io \"{name}\" already exists"),
        row("from 2.15 a twin under another name is a conflict")
            .version("v2.15.0")
            .post(BINDINGS, binding(&json!({"name": "one"})))
            .post(BINDINGS, binding(&json!({"name": "two"})))
            .is(409)
            .has("/code", "Conflict"),
        row("from 2.15 a twin of one that is being removed is no conflict")
            .version("v2.15.0")
            .post(BINDINGS, binding(&json!({"name": "one"})))
            .keeps("b", "/id")
            .delete("/v3/projectroletemplatebindings/{b}")
            .post(BINDINGS, binding(&json!({"name": "two"})))
            .is(201),
    ])
    .await;
}
