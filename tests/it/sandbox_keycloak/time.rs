//! What only happens as time goes by: expiry, revocation, logout, and the wait after too many failures.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::advance;

use super::town::{Got, Town, seed};

async fn users(town: &Town, token: &str) -> u16 {
    town.ask("GET", "users", token, &Value::Null).await.status
}

fn refresh_token(login: &Got) -> String {
    login.json()["refresh_token"].as_str().unwrap_or_default().to_owned()
}

async fn refresh(town: &Town, realm: &str, token: &str) -> Got {
    let form = format!("grant_type=refresh_token&client_id=admin-cli&refresh_token={token}");
    town.token_request(realm, &form).await
}

#[tokio::test(start_paused = true)]
async fn a_token_works_until_the_second_it_expires() {
    let town = Town::new("26.7.1");
    for (caller, seconds) in [("admin", 60), ("with-view-users", 300), ("hasty", 1)] {
        let token = town.token_of(caller).await;
        advance(Duration::from_millis(seconds * 1_000 - 1)).await;
        assert_eq!(users(&town, &token).await, 200, "{caller}, just before");
        advance(Duration::from_millis(1)).await;
        assert_eq!(users(&town, &token).await, 401, "{caller}, just after");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_outlives_the_access_token_and_then_expires() {
    let town = Town::new("26.7.1");
    let login = town.password("master", "admin").await;
    advance(Duration::from_secs(1_799)).await;
    let again = refresh(&town, "master", &refresh_token(&login)).await;
    assert_eq!(again.status, 200);
    assert_eq!(users(&town, again.json()["access_token"].as_str().unwrap()).await, 200);
    advance(Duration::from_secs(1)).await;
    let late = refresh(&town, "master", &refresh_token(&login)).await;
    assert_eq!((late.status, &late.json()["error"]), (400, &json!("invalid_grant")));
    assert_eq!(late.json()["error_description"], "Token is not active");
}

#[tokio::test(start_paused = true)]
async fn no_session_outlives_ten_hours() {
    let town = Town::new("26.7.1");
    let mut login = town.password("master", "admin").await;
    let mut left = Vec::new();
    for _ in 0..20 {
        advance(Duration::from_secs(1_790)).await;
        login = refresh(&town, "master", &refresh_token(&login)).await;
        left.push(login.json()["refresh_expires_in"].as_u64());
    }
    assert_eq!(left[18], Some(1_800), "the session has 1990 s left");
    assert_eq!(left[19], Some(200), "the refresh token ends with its session");
    advance(Duration::from_secs(200)).await;
    assert_eq!(refresh(&town, "master", &refresh_token(&login)).await.status, 400);
}

#[tokio::test]
async fn revocation_ends_tokens_and_sessions_of_that_realm_only() {
    let town = Town::new("26.7.1");
    let (client, admin) = (town.token_of("with-view-users").await, town.token_of("admin").await);
    let login = town.password("t1", "ann").await;
    town.meddle(&json!({"act": "revoke-tokens", "realm": "t1"}));
    assert_eq!(users(&town, &client).await, 401);
    assert_eq!(users(&town, &admin).await, 200, "master's tokens stay");
    let late = refresh(&town, "t1", &refresh_token(&login)).await;
    assert_eq!((late.status, late.json()["error_description"].clone()), (400, json!("Session not active")));
    let fresh = town.token_of("with-view-users").await;
    assert_eq!(users(&town, &fresh).await, 200, "a new login helps");
}

#[tokio::test]
async fn logging_out_ends_the_session() {
    let town = Town::new("26.7.1");
    let login = town.password("master", "admin").await;
    let token = refresh_token(&login);
    let path = "/realms/master/protocol/openid-connect/logout";
    assert_eq!(town.form(path, &format!("client_id=admin-cli&refresh_token={token}")).await.status, 204);
    assert_eq!(users(&town, login.json()["access_token"].as_str().unwrap()).await, 401);
    let late = refresh(&town, "master", &token).await;
    assert_eq!(late.json()["error_description"], "Session not active");
}

#[tokio::test]
async fn a_disabled_user_loses_the_tokens() {
    let town = Town::new("26.7.1");
    let token = town.token_of("admin").await;
    town.meddle(
        &json!({"act": "set-user-enabled", "realm": "master", "username": "admin", "enabled": false}),
    );
    assert_eq!(users(&town, &token).await, 401);
    town.meddle(&json!({"act": "set-user-enabled", "realm": "master", "username": "admin", "enabled": true}));
    assert_eq!(users(&town, &token).await, 200);
}

#[tokio::test(start_paused = true)]
async fn thirty_failures_lock_a_user_where_the_realm_protects() {
    for (protected, locked_status) in [(true, 400), (false, 200)] {
        let mut seed = seed("26.7.1");
        seed.realms[1].brute_force_protected = protected;
        let town = Town::of(seed);
        let wrong = "grant_type=password&client_id=admin-cli&username=ann&password=no";
        for _ in 0..29 {
            town.token_request("t1", wrong).await;
        }
        assert_eq!(town.password("t1", "ann").await.status, 200, "29 failures are forgiven and forgotten");
        for _ in 0..29 {
            town.token_request("t1", wrong).await;
        }
        assert_eq!(town.password("t1", "ann").await.status, 200, "the count began again");
        for _ in 0..30 {
            town.token_request("t1", wrong).await;
        }
        let locked = town.password("t1", "ann").await;
        assert_eq!(locked.status, locked_status, "protected: {protected}");
        if protected {
            assert_eq!(locked.json()["error_description"], "Invalid user credentials", "a lock is not told");
        }
        let other = town.password("t1", "Bob").await.json();
        assert_eq!(other["error_description"], "Account is not fully set up", "others are not locked");
        advance(Duration::from_mins(1)).await;
        assert_eq!(town.password("t1", "ann").await.status, 200, "a minute later it is over");
    }
}

#[tokio::test]
async fn a_locked_user_reads_as_disabled_before_26_3() {
    for (version, enabled) in [("26.2", false), ("26.3", true)] {
        let mut seed = seed(version);
        seed.realms[1].brute_force_protected = true;
        let town = Town::of(seed);
        for _ in 0..30 {
            town.token_request("t1", "grant_type=password&client_id=admin-cli&username=ann&password=no")
                .await;
        }
        assert_eq!(town.get("users/u-ann").await.json()["enabled"], enabled, "{version}, by id");
        assert_eq!(town.get("users?username=ann&exact=true").await.json()[0]["enabled"], true, "in a list");
    }
}
