//! The control address, request by request.

use std::time::Duration;

use agent::sandbox::{Meddling, Sandbox, System, story};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::json;
use tower::ServiceExt as _;

use super::{ask, get, parsed, text, town};

#[tokio::test]
async fn the_control_address_says_how_it_is_used() {
    let request = Request::builder().uri("/").header("Host", "127.0.0.1:9003").body(Body::empty()).unwrap();
    let guide = text(town().control().oneshot(request).await.unwrap()).await;
    assert!(
        guide.contains("curl http://127.0.0.1:9003/faults -d 'rancher POST /v3/projects #2 reset-after'")
    );
    assert!(!guide.contains("{here}"));
    // What it shows as examples of faults works.
    for line in guide.lines().filter(|line| line.contains("/faults -d")) {
        let body = line.split('\'').nth(1).unwrap();
        let response = ask(town().control(), Method::POST, "/faults", body).await;
        assert_eq!(response.status(), StatusCode::OK, "{line}");
    }
}

#[tokio::test]
async fn faults_are_ordered_listed_and_lifted_over_http() {
    let town = town();
    let lines = "# two of them\nrancher * /v3/* #2 hang\n\nkeycloak * * 10% status 503\n";
    assert_eq!(ask(town.control(), Method::POST, "/faults", lines).await.status(), StatusCode::OK);
    let one = r#"{"system": "waldur", "what": "empty"}"#;
    assert_eq!(ask(town.control(), Method::POST, "/faults", one).await.status(), StatusCode::OK);
    let listed = parsed(ask(town.control(), Method::POST, "/faults", r#"["* * * delay 1s"]"#).await).await;
    assert_eq!(parsed(ask(town.control(), Method::GET, "/faults", "").await).await, listed);
    let told: Vec<String> = town.faults().iter().map(|armed| armed.fault.to_string()).collect();
    assert_eq!(
        told,
        ["rancher * /v3/* #2 hang", "keycloak * * 10% status 503", "waldur * * empty", "* * * delay 1s"]
    );
    assert_eq!(
        listed["faults"][0],
        json!({ "system": "rancher", "method": "*", "path": "/v3/*", "when": "#2", "what": "hang", "matched": 0, "hit": 0 })
    );

    // One that cannot be read: none of the body is taken, and the line is named.
    let refused = ask(town.control(), Method::POST, "/faults", "rancher * * hang\nrancher * * explode").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let why = parsed(refused).await["error"].to_string();
    assert!(why.contains("line 2") && why.contains("explode"), "{why}");
    assert_eq!(town.faults().len(), 4);

    assert_eq!(ask(town.control(), Method::DELETE, "/faults", "").await.status(), StatusCode::NO_CONTENT);
    assert!(town.faults().is_empty());
}

#[tokio::test]
async fn the_journal_is_read_filtered_and_cleared_over_http() {
    let town = town();
    get(&town, System::Waldur, "/api/users/").await;
    ask(town.router(System::Rancher), Method::POST, "/v3/projects", "{}").await;
    let numbers = async |query: &str| {
        let page = parsed(ask(town.control(), Method::GET, &format!("/journal{query}"), "").await).await;
        let exchanges = page["exchanges"].as_array().unwrap().clone();
        exchanges.iter().map(|exchange| exchange["number"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(numbers("").await, [1, 2]);
    assert_eq!(numbers("?system=waldur").await, [1]);
    assert_eq!(numbers("?writes=true").await, [2]);
    assert_eq!(numbers("?system=waldur&writes=true").await, [0_u64; 0]);
    for query in ["?system=openstack", "?sytem=waldur", "?writes=perhaps"] {
        let refused = ask(town.control(), Method::GET, &format!("/journal{query}"), "").await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{query}");
    }
    let summary = parsed(ask(town.control(), Method::GET, "/journal/summary", "").await).await;
    assert_eq!(summary["lines"][1]["pattern"], "/v3/projects");
    assert_eq!(ask(town.control(), Method::DELETE, "/journal", "").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(numbers("").await, [0_u64; 0]);
    // Looking at the town is not part of what happened in it.
    assert!(town.journal().is_empty());
}

#[tokio::test]
async fn the_state_is_shown_whole_and_by_server() {
    let town = Sandbox::new(story().unwrap(), town().clock());
    let whole = parsed(ask(town.control(), Method::GET, "/state", "").await).await;
    assert_eq!(whole, town.snapshot());
    for system in System::ALL {
        let part = parsed(ask(town.control(), Method::GET, &format!("/state/{system}"), "").await).await;
        assert_eq!(part, whole[system.as_str()]);
    }
    assert_eq!(
        ask(town.control(), Method::GET, "/state/openstack", "").await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn latency_is_set_over_http() {
    let town = town();
    assert_eq!(ask(town.control(), Method::PUT, "/latency", "20ms\n").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(town.latency(), Duration::from_millis(20));
    assert_eq!(ask(town.control(), Method::PUT, "/latency", "soon").await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(town.latency(), Duration::from_millis(20));
}

#[tokio::test]
async fn what_the_control_address_cannot_do_it_says() {
    let town = town();
    let unknown =
        ask(town.control(), Method::POST, "/meddle", r#"{"system": "openstack", "act": "x"}"#).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
    assert!(parsed(unknown).await["error"].to_string().contains("openstack"));
    let no_act =
        ask(town.control(), Method::POST, "/meddle", r#"{"system": "rancher", "act": "no such act"}"#).await;
    assert_eq!(no_act.status(), StatusCode::BAD_REQUEST);
    assert_eq!(ask(town.control(), Method::GET, "/nowhere", "").await.status(), StatusCode::NOT_FOUND);
    let large = "#".repeat(2 * 1024 * 1024);
    let refused = ask(town.control(), Method::POST, "/faults", &large).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_happens_behind_their_backs_is_ordered_over_http() {
    let town = Sandbox::new(story().unwrap(), town().clock());
    let zoe = json!({ "uuid": "5f6a1b2c3d4e4f5a8b9c0d1e2f3a4b5c", "username": "zoe.newcomer" });
    let act = json!({ "system": "waldur", "act": "add-user", "user": zoe }).to_string();
    assert!(!town.snapshot_of(System::Waldur).to_string().contains("zoe.newcomer"));
    assert_eq!(ask(town.control(), Method::POST, "/meddle", &act).await.status(), StatusCode::NO_CONTENT);
    assert!(town.snapshot_of(System::Waldur).to_string().contains("zoe.newcomer"));
    assert!(town.journal().is_empty(), "nobody asked for it over the servers' own doors");

    let nobody = json!({ "system": "waldur", "act": "set-user-inactive", "inactive": true,
        "uuid": "00000000000000000000000000000001" });
    let refused = ask(town.control(), Method::POST, "/meddle", &nobody.to_string()).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn meddling_names_the_system() {
    let why = serde_json::from_value::<Meddling>(json!({ "act": "x" })).unwrap_err().to_string();
    assert!(why.contains("system"), "{why}");
}
