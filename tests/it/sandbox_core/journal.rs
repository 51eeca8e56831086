//! What the journal keeps, and what it never does.

use agent::sandbox::System;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use tower::ServiceExt as _;

use super::{ask, get, parsed, town, town_with};

#[tokio::test]
async fn the_journal_never_holds_a_secret() {
    let town = town();
    let requests = [
        (System::Waldur, "GET", "/api/users/me/?Token=QUERYSECRET&field=uuid", ""),
        (System::Waldur, "GET", "/api/users/me/?%74oken=QUERYSECRET", ""),
        (
            System::Rancher,
            "POST",
            "/v3-public/localProviders/local?action=login",
            r#"{"password":"BODYSECRET"}"#,
        ),
        (System::Keycloak, "POST", "/realms/x/protocol/openid-connect/token", "client_secret=BODYSECRET"),
        (
            System::Keycloak,
            "POST",
            "http://me:USERSECRET@host/realms/x/protocol/openid-connect/token?client_secret=QUERYSECRET",
            "",
        ),
    ];
    for (system, method, target, body) in requests {
        let request =
            Request::builder().method(method).uri(target).header("Authorization", "Bearer HEADSECRET");
        let request = request.header("Cookie", "R_SESS=HEADSECRET").body(Body::from(body)).unwrap();
        town.router(system).oneshot(request).await.unwrap();
    }
    let told = format!(
        "{:?}{}",
        town.journal(),
        parsed(ask(town.control(), Method::GET, "/journal", "").await).await
    );
    assert_eq!(town.journal().len(), requests.len());
    assert!(!told.contains("SECRET"), "{told}");
    assert_eq!(town.journal()[0].path, "/api/users/me/?Token=***&field=uuid");
    assert_eq!(town.journal()[3].body_bytes, "client_secret=BODYSECRET".len());
}

#[tokio::test]
async fn logins_and_questions_are_no_writes() {
    let town = town();
    for (system, method, target) in [
        (System::Keycloak, Method::POST, "/auth/realms/x/protocol/openid-connect/token"),
        (System::Rancher, Method::POST, "/v3/principals?action=search"),
        (System::Rancher, Method::POST, "/v3-public/localProviders/local?action=login"),
        (
            System::Rancher,
            Method::POST,
            "/k8s/clusters/local/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        ),
        (System::Waldur, Method::HEAD, "/api/users/"),
        (System::Waldur, Method::GET, "/api/users/"),
    ] {
        ask(town.router(system), method, target, "").await;
    }
    assert_eq!(System::ALL.map(|system| town.writes(system)), [0, 0, 0]);
    assert_eq!(System::ALL.map(|system| town.reads(system)), [2, 3, 1]);
    for (system, method, target) in [
        (System::Keycloak, Method::PUT, "/admin/realms/x/users/1/groups/2"),
        (System::Rancher, Method::POST, "/v3/projects?action=other"),
        (System::Rancher, Method::DELETE, "/v3/projects/c:p"),
        (System::Waldur, Method::PATCH, "/api/marketplace-offering-users/1/"),
    ] {
        ask(town.router(system), method, target, "").await;
    }
    assert_eq!(System::ALL.map(|system| town.writes(system)), [1, 2, 1]);
    town.clear_journal();
    assert_eq!(System::ALL.map(|system| town.writes(system) + town.reads(system)), [0, 0, 0]);
    assert!(town.journal().is_empty());
}

#[tokio::test]
async fn the_summary_puts_like_requests_together() {
    let town = town();
    for (system, path) in [
        (System::Waldur, "/api/marketplace-orders/5f6a1b2c3d4e4f5a8b9c0d1e2f3a4b5c/?field=uuid"),
        (System::Waldur, "/api/marketplace-orders/5f6a1b2c-3d4e-4f5a-8b9c-0d1e2f3a4b5d/"),
        (System::Rancher, "/v3/projects/c-m-7k2xq4vd:p-bc2d4"),
        (System::Rancher, "/v3/projects/local:p-xyz12"),
        (System::Rancher, "/v3/clusters/c-m-7k2xq4vd/namespaces/demo?limit=-1"),
        (System::Rancher, "/v3/settings/server-version"),
        (System::Rancher, "/k8s/clusters/c-m-7k2xq4vd/api/v1/namespaces/demo/pods"),
        (System::Keycloak, "/admin/realms/waldur/users/ada"),
        (System::Keycloak, "/admin/realms/waldur/users/count"),
        (System::Keycloak, "/admin/realms/waldur/groups/5f6a1b2c-3d4e-4f5a-8b9c-0d1e2f3a4b5c/members?max=10"),
    ] {
        get(&town, system, path).await;
    }
    let lines = town.journal_summary().lines;
    let told: Vec<_> =
        lines.iter().map(|line| format!("{} {} {}", line.system, line.pattern, line.count)).collect();
    assert_eq!(
        told,
        [
            "waldur /api/marketplace-orders/{id}/ 2",
            "rancher /k8s/clusters/{id}/api/v1/namespaces/{id}/pods 1",
            "rancher /v3/clusters/{id}/namespaces/{id} 1",
            "rancher /v3/projects/{id} 2",
            "rancher /v3/settings/server-version 1",
            "keycloak /admin/realms/waldur/groups/{id}/members 1",
            "keycloak /admin/realms/waldur/users/count 1",
            "keycloak /admin/realms/waldur/users/{id} 1",
        ]
    );
}

#[tokio::test]
async fn the_journal_forgets_the_oldest_but_counts_on() {
    let town = town_with(&["rancher * * status 503"]);
    let (kept, made) = (100_000, 100_003_u64);
    let router = town.router(System::Rancher);
    for _ in 0..made {
        ask(router.clone(), Method::GET, "/v3/projects", "").await;
    }
    assert_eq!((town.journal().len(), town.journal_dropped()), (kept, 3));
    assert_eq!(town.journal()[0].number, 4);
    assert_eq!(town.journal()[kept - 1].status, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(town.reads(System::Rancher), made);
}
