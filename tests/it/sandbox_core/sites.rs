//! Generated sites, the story, and the keys to both.

use agent::sandbox::{Credentials, Sandbox, System, generate, story};
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use tower::ServiceExt as _;

use super::{parsed, town};

#[test]
fn a_generated_site_is_the_same_for_the_same_numbers() {
    let site = |seed| serde_json::to_string(&generate(40, 6, seed).unwrap()).unwrap();
    assert_eq!(site(1), site(1));
    assert_ne!(site(1), site(2));
}

#[test]
fn a_generated_site_has_the_size_that_was_asked_for() {
    for (resources, members, projects) in [(0, 0, 1), (1, 3, 1), (2, 1, 1), (7, 5, 3), (40, 6, 20)] {
        let site = serde_json::to_value(generate(resources, members, 5).unwrap()).unwrap();
        let list = |name: &str| site["waldur"][name].as_array().unwrap().clone();
        assert_eq!((list("resources").len(), list("projects").len()), (resources, projects));
        for project in list("projects") {
            let team: std::collections::BTreeSet<String> = project["grants"]
                .as_array()
                .unwrap()
                .iter()
                .map(|grant| grant["user_uuid"].to_string())
                .collect();
            assert_eq!(team.len(), members, "distinct people in {}", project["name"]);
        }
        for label in ["resources", "projects"] {
            let slugs: std::collections::BTreeSet<String> =
                list(label).iter().map(|of| of["slug"].to_string()).collect();
            assert_eq!(slugs.len(), list(label).len(), "slugs of {label} are unique");
        }
    }
    assert!(generate(usize::MAX, 10, 0).unwrap_err().contains("more than"));
    assert!(generate(10, usize::MAX, 0).unwrap_err().contains("more than"));
}

/// Ten thousand resources are what the benchmarks use; an accident that makes this quadratic takes minutes.
#[test]
fn a_large_site_is_made_without_waiting() {
    let waldur = serde_json::to_value(generate(10_000, 10, 1).unwrap().waldur).unwrap();
    let count = |list: &Value| list.as_array().unwrap().len();
    let grants: usize =
        waldur["projects"].as_array().unwrap().iter().map(|project| count(&project["grants"])).sum();
    assert_eq!((count(&waldur["resources"]), grants), (10_000, 50_000));
}

#[test]
fn a_generated_site_has_people_whom_keycloak_does_not_know() {
    let site = serde_json::to_value(generate(100, 10, 1).unwrap()).unwrap();
    let names = |list: &Value| -> std::collections::BTreeSet<String> {
        list.as_array().unwrap().iter().map(|user| user["username"].to_string()).collect()
    };
    let accounts = names(&site["waldur"]["offering_users"]);
    let known = names(&site["keycloak"]["realms"][0]["users"]);
    let unknown = accounts.difference(&known).count();
    assert!(unknown > 0 && unknown * 10 < accounts.len(), "{unknown} of {}", accounts.len());
    assert!(accounts.iter().all(|name| name.is_ascii()));
}

#[test]
fn the_story_has_four_resources_two_projects_and_seven_people() {
    let site = serde_json::to_value(story().unwrap()).unwrap();
    let count = |list: &Value| list.as_array().unwrap().len();
    let waldur = &site["waldur"];
    assert_eq!(
        (count(&waldur["resources"]), count(&waldur["projects"]), count(&waldur["offering_users"])),
        (4, 2, 7)
    );
    // All but one of them, and the service user.
    assert_eq!(count(&site["keycloak"]["realms"][0]["users"]), 7);
    assert_eq!(count(&site["keycloak"]["realms"][0]["groups"]), 0);
    assert_eq!(count(&site["rancher"]["bindings"]), 0);
}

#[tokio::test]
async fn the_keys_open_the_story() {
    let town = Sandbox::new(story().unwrap(), town().clock());
    let keys = Credentials::SANDBOX;
    let call = async |system: System, method: &str, target: &str, authorization: String, body: String| {
        let request = Request::builder().method(method).uri(target).header("Host", "sandbox");
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let request = request.header("Authorization", authorization).body(Body::from(body)).unwrap();
        town.router(system).oneshot(request).await.unwrap()
    };
    let resources = "/api/marketplace-provider-resources/?page_size=100";
    let response =
        call(System::Waldur, "GET", resources, format!("Token {}", keys.waldur_token), String::new()).await;
    assert_eq!(parsed(response).await.as_array().unwrap().len(), 4);
    let bearer = format!("Bearer {}:{}", keys.rancher_access_key, keys.rancher_secret_key);
    let response = call(System::Rancher, "GET", "/v3/clusters/c-m-7k2xq4vd", bearer, String::new()).await;
    assert_eq!(parsed(response).await["name"], "research");

    let grants = [
        format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            keys.keycloak_client_id, keys.keycloak_client_secret
        ),
        format!(
            "grant_type=password&client_id=admin-cli&username={}&password={}",
            keys.keycloak_username, keys.keycloak_password
        ),
    ];
    for grant in grants {
        let login = format!("/realms/{}/protocol/openid-connect/token", keys.keycloak_realm);
        let response = call(System::Keycloak, "POST", &login, String::new(), grant).await;
        let token = parsed(response).await["access_token"].as_str().unwrap().to_owned();
        let users = format!("/admin/realms/{}/users?max=-1", keys.keycloak_realm);
        let response = call(System::Keycloak, "GET", &users, format!("Bearer {token}"), String::new()).await;
        let users = parsed(response).await;
        assert!(users.as_array().unwrap().iter().any(|user| user["username"] == "ada.lindqvist"), "{users}");
    }
}
