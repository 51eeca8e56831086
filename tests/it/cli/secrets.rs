//! Promise 13: no secret in any output, whatever goes wrong, however much is told.

use agent::sandbox::Credentials;
use serde_json::{Value, json};

use super::{Site, run};

/// Wrong secrets, easy to find again.
const MARKERS: [&str; 4] =
    ["marker-waldur-7e1f", "marker-rancher-8a2b", "marker-keycloak-9c3d", "marker-password-0d4e"];

/// Returns all secrets that must not show.
fn secrets() -> Vec<String> {
    let keys = Credentials::SANDBOX;
    let ours =
        [keys.waldur_token, keys.rancher_secret_key, keys.keycloak_client_secret, keys.keycloak_password];
    ours.iter().chain(&MARKERS).map(|secret| (*secret).to_owned()).collect()
}

/// Runs every verb that talks to servers, telling as much as it can, and looks for secrets in all that it prints.
async fn nothing_shows(site: &Site, name: &str, config: &Value) {
    let file = site.file(name, &config.to_string());
    let file = file.to_str().unwrap();
    for verb in [
        &["plan"][..],
        &["plan", "--format", "json", "--out", "plan.json"],
        &["capture", "-o", "world.yaml"],
        &["capture"],
        &["apply", "--auto-approve"],
        &["reconcile", "--once"],
        &["report"],
        &["diagnose"],
        &["diagnose", "--format", "json"],
        &["report", "--dry-run", "--format", "json"],
    ] {
        let mut arguments = verb.to_vec();
        arguments.extend(["--log-level", "debug", "-c", file]);
        let run = run(&site.home, &arguments).await;
        let mut all = format!("{}{}", run.out, run.err);
        for written in ["plan.json", "world.yaml"] {
            all.push_str(&std::fs::read_to_string(site.home.join(written)).unwrap_or_default());
        }
        assert!(run.err.contains("DEBUG") || run.code == Some(1), "{verb:?} told nothing:\n{}", run.err);
        for secret in secrets() {
            assert!(!all.contains(&secret), "{name}: {verb:?} shows {secret}:\n{all}");
        }
        for scheme in ["Bearer ey", "Basic dG9r", "Authorization"] {
            assert!(!all.contains(scheme), "{name}: {verb:?} shows {scheme:?}:\n{all}");
        }
    }
}

#[tokio::test]
async fn right_secrets_do_not_show() {
    let site = Site::open("secrets-right").await;
    nothing_shows(&site, "right.yaml", &site.config()).await;
}

#[tokio::test]
async fn wrong_secrets_do_not_show() {
    let site = Site::open("secrets-wrong").await;
    for (name, key, marker) in [
        ("waldur.yaml", "waldur_api_token", MARKERS[0]),
        ("rancher.yaml", "password", MARKERS[1]),
        ("keycloak.yaml", "keycloak_client_secret", MARKERS[2]),
    ] {
        nothing_shows(&site, name, &site.config_with(&[(key, json!(marker))])).await;
    }
    let service_user = site.config_with(&[
        ("keycloak_client_id", Value::Null),
        ("keycloak_client_secret", Value::Null),
        ("keycloak_username", json!("rancher-agent")),
        ("keycloak_password", json!(MARKERS[3])),
    ]);
    nothing_shows(&site, "service-user.yaml", &service_user).await;
}

#[tokio::test]
async fn secrets_in_broken_places_do_not_show() {
    let site = Site::open("secrets-broken").await;
    let url = |secret: &str| json!(format!("http://user:{secret}@127.0.0.1:9/api/"));
    nothing_shows(&site, "in-url.yaml", &site.config_with(&[("waldur_api_url", url(MARKERS[0]))])).await;
    nothing_shows(&site, "list.yaml", &site.config_with(&[("password", json!([MARKERS[1]]))])).await;
    nothing_shows(
        &site,
        "newline.yaml",
        &site.config_with(&[("password", json!(format!("{}\n\u{1}", MARKERS[1])))]),
    )
    .await;
    let mut proxy = site.config();
    proxy["global_proxy"] = json!(format!("http://user:{}@127.0.0.1:9", MARKERS[0]));
    nothing_shows(&site, "proxy.yaml", &proxy).await;
}

/// A server that repeats everything it was asked, headers and body, in place of an answer.
async fn echo(status: u16) -> url::Url {
    use axum::extract::Request;
    use axum::http::{Response, StatusCode};
    let answer = async move |request: Request| {
        let headers = format!("{:?} {:?}", request.uri(), request.headers());
        let sent: Vec<String> = request
            .headers()
            .values()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        let body = axum::body::to_bytes(request.into_body(), 65_536).await.unwrap_or_default();
        let echoed = json!({ "detail": sent, "message": sent.join(" "), "error": String::from_utf8_lossy(&body),
                             "error_description": headers, "type": "error" });
        Response::builder()
            .status(StatusCode::from_u16(status).unwrap_or_default())
            .header("content-type", "application/json")
            .body(echoed.to_string())
            .unwrap_or_default()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = url::Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    root
}

#[tokio::test]
async fn servers_that_repeat_what_they_were_asked_give_nothing_away() {
    for status in [200, 400, 401, 403, 404, 500] {
        let site = Site::open(&format!("secrets-echo-{status}")).await;
        let echo = echo(status).await;
        let bare = super::bare(&echo);
        for (name, key) in [
            ("waldur.yaml", "waldur_api_url"),
            ("rancher.yaml", "backend_url"),
            ("keycloak.yaml", "keycloak_url"),
        ] {
            nothing_shows(&site, name, &site.config_with(&[(key, json!(bare))])).await;
        }
    }
}
