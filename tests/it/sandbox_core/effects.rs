//! What a fault does to a caller in process.

use std::time::Duration;

use agent::sandbox::System;
use axum::body::to_bytes;
use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{LONG, ask, get, parsed, statuses, text, town_with};

#[tokio::test]
async fn a_status_is_answered_in_the_words_of_each_server() {
    let town = town_with(&["* * * status 429 retry-after 2"]);
    for (system, field) in
        [(System::Waldur, "detail"), (System::Rancher, "code"), (System::Keycloak, "error")]
    {
        let response = get(&town, system, "/x").await;
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()["retry-after"], "2");
        assert_eq!(response.headers()["content-type"], "application/json");
        assert!(parsed(response).await[field].is_string(), "{system} says {field}");
    }
    assert!(town.journal().iter().all(|exchange| !exchange.carried_out));
}

#[tokio::test]
async fn a_page_of_a_proxy_comes_with_the_status_that_is_asked_for() {
    for (what, status) in [("status 500 html", 500), ("html", 200)] {
        let town = town_with(&[&format!("waldur * * {what}")]);
        let response = get(&town, System::Waldur, "/api/x/").await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert!(text(response).await.starts_with("<!DOCTYPE html>"));
    }
}

#[tokio::test]
async fn a_refused_credential_looks_as_each_server_has_it() {
    let town = town_with(&["* * * unauthorized"]);
    let waldur = get(&town, System::Waldur, "/api/x/").await;
    assert_eq!(
        (waldur.status(), &waldur.headers()["www-authenticate"]),
        (StatusCode::UNAUTHORIZED, &"Token".parse().unwrap())
    );
    let rancher = get(&town, System::Rancher, "/v3/projects").await;
    assert_eq!(rancher.headers()["x-api-cattle-auth"], "false");
    assert_eq!(parsed(rancher).await["status"], "401");
    let admin = get(&town, System::Keycloak, "/admin/realms/x/users").await;
    assert_eq!(parsed(admin).await, json!({ "error": "HTTP 401 Unauthorized" }));
    let token = get(&town, System::Keycloak, "/realms/x/protocol/openid-connect/token").await;
    assert_eq!(parsed(token).await["error"], "unauthorized_client");
}

#[tokio::test]
async fn a_reset_ends_the_body_in_an_error_before_or_after_the_work() {
    for (what, carried_out) in [("reset-before", false), ("reset-after", true)] {
        let town = town_with(&[&format!("rancher * * {what}")]);
        let response = get(&town, System::Rancher, "/v3/projects").await;
        assert!(to_bytes(response.into_body(), usize::MAX).await.is_err(), "{what} must break the body");
        let exchange = &town.journal()[0];
        assert_eq!((exchange.carried_out, exchange.status), (carried_out, None), "{what}");
        assert_eq!(exchange.fault.as_deref(), Some(what));
    }
}

#[tokio::test]
async fn a_reset_never_looks_like_success_to_a_head() {
    let town = town_with(&["rancher * * reset-after"]);
    let response = ask(town.router(System::Rancher), Method::HEAD, "/v3/projects", "").await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
}

#[tokio::test(start_paused = true)]
async fn a_hang_is_never_answered_and_tells_that_it_was_reached() {
    for (what, carried_out) in [("hang", false), ("hang-after", true)] {
        let town = town_with(&[&format!("rancher * * #1 {what}")]);
        let other = town.clone();
        let call = tokio::spawn(async move { get(&other, System::Rancher, "/v3/projects").await });
        town.hung().await;
        tokio::time::sleep(Duration::from_hours(24)).await;
        assert!(!call.is_finished(), "{what} was answered");
        assert_eq!((town.journal()[0].carried_out, town.journal()[0].status), (carried_out, None), "{what}");
        assert!(tokio::time::timeout(LONG, town.hung()).await.is_err(), "one hang is told once");

        town.release_hung();
        let response = call.await.unwrap();
        assert!(
            to_bytes(response.into_body(), usize::MAX).await.is_err(),
            "a released hang is a broken connection"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn delays_add_up_with_the_latency() {
    let town =
        town_with(&["rancher * * #2 delay 500ms", "rancher * * #2 delay 2s", "rancher * * #2 status 503"]);
    town.set_latency(Duration::from_millis(20));
    let started = tokio::time::Instant::now();
    assert_ne!(statuses(&town, 1).await, [503]);
    assert_eq!(started.elapsed(), Duration::from_millis(20));
    assert_eq!(statuses(&town, 1).await, [503]);
    assert_eq!(started.elapsed(), Duration::from_millis(2540));
    assert_eq!(town.journal()[1].fault.as_deref(), Some("delay 500ms, delay 2s, status 503"));
}
