//! Who is asking: one login for all, renewed in time, and never repeated once it was rejected.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent::http::{
    Auth, Client, ClientAuthentication, Error, Grant, Line, Outcome, RetryPolicy, StatusCode, TokenSource,
    Transport,
};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode as Code};
use axum::response::IntoResponse;
use axum::routing::{any, post};
use futures_util::future::join_all;
use tokio::time::sleep;

use super::{answer, client, line, numbered};

/// An identity provider and an API behind one address.
#[derive(Debug, Default)]
struct Town {
    logins: Vec<String>,
    valid: Option<String>,
    requests: usize,
    expires_in: u64,
    rejects: bool,
    down: usize,
    distrustful: bool,
    last_proof: Option<String>,
}

type Shared = Arc<Mutex<Town>>;

async fn token(State(town): State<Shared>, headers: HeaderMap, form: String) -> axum::response::Response {
    let mut town = town.lock().unwrap();
    town.logins.push(form);
    town.last_proof = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    if town.down > 0 {
        town.down -= 1;
        return Code::SERVICE_UNAVAILABLE.into_response();
    }
    if town.rejects {
        let body = r#"{"error":"invalid_grant","error_description":"Invalid user credentials"}"#;
        return (Code::UNAUTHORIZED, body).into_response();
    }
    let token = format!("token-{}", town.logins.len());
    town.valid = Some(token.clone());
    format!("{{\"access_token\":\"{token}\",\"expires_in\":{}}}", town.expires_in).into_response()
}

async fn api(State(town): State<Shared>, headers: HeaderMap) -> Code {
    let mut town = town.lock().unwrap();
    town.requests += 1;
    let sent = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let known = sent.is_some() && sent == town.valid.as_deref() && !town.distrustful;
    if known { Code::OK } else { Code::UNAUTHORIZED }
}

fn town(shape: Town) -> (Shared, Router) {
    let town = Arc::new(Mutex::new(shape));
    let router = Router::new().route("/token", post(token)).fallback(any(api)).with_state(Arc::clone(&town));
    (town, router)
}

fn account() -> Grant {
    Grant::Password {
        client_id: "admin-cli".into(),
        client_secret: None,
        username: "agent".into(),
        password: "hunter2 & more".into(),
    }
}

fn member(router: &Router, grant: Grant, proof: ClientAuthentication) -> Client {
    let endpoint = line(router).below(&["token"]).unwrap();
    Client::new(line(router), Auth::OAuth(Arc::new(TokenSource::new(endpoint, grant, proof)))).unwrap()
}

#[tokio::test(start_paused = true)]
async fn fixed_credentials_go_with_every_request() {
    let echo = Router::new().fallback(any(|headers: HeaderMap| async move {
        headers
            .get("authorization")
            .map(|value| value.to_str().unwrap_or_default().to_owned())
            .unwrap_or_default()
    }));
    let basic = Auth::Basic { username: "token-abc".into(), password: "xyz".into() };
    for (auth, header) in [
        (Auth::None, ""),
        (Auth::Token("abcdef".into()), "Token abcdef"),
        (Auth::Bearer("token-x:y".into()), "Bearer token-x:y"),
        (basic, "Basic dG9rZW4tYWJjOnh5eg=="),
    ] {
        let client = Client::new(line(&echo), auth).unwrap();
        assert_eq!(client.get(&["x"]).send().await.unwrap().body, header);
    }
}

#[tokio::test(start_paused = true)]
async fn one_login_serves_everybody_who_asks_at_once() {
    let (town, router) = town(Town { expires_in: 60, ..Town::default() });
    let client = member(&router, account(), ClientAuthentication::Form);
    let requests: Vec<_> = (0..20).map(|_| client.get(&["x"])).collect();
    for done in join_all(requests.into_iter().map(agent::http::Request::send)).await {
        done.unwrap();
    }
    let form = "grant_type=password&client_id=admin-cli&username=agent&password=hunter2+%26+more";
    assert_eq!(town.lock().unwrap().logins, [form]);
    assert_eq!(client.requests_sent(), 21);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_after_three_quarters_of_its_life() {
    let (town, router) = town(Town { expires_in: 60, ..Town::default() });
    let client = member(&router, account(), ClientAuthentication::Form);
    client.get(&["x"]).send().await.unwrap();
    sleep(Duration::from_secs(44)).await;
    client.get(&["x"]).send().await.unwrap();
    assert_eq!(town.lock().unwrap().logins.len(), 1);
    sleep(Duration::from_secs(2)).await;
    client.get(&["x"]).send().await.unwrap();
    assert_eq!(town.lock().unwrap().logins.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_is_renewed_once_and_even_a_post_is_repeated() {
    let (town, router) = town(Town { expires_in: 60, ..Town::default() });
    let client = member(&router, account(), ClientAuthentication::Form);
    client.get(&["x"]).send().await.unwrap();
    town.lock().unwrap().valid = None;
    client.post(&["x"]).send().await.unwrap();
    let town = town.lock().unwrap();
    assert_eq!((town.logins.len(), town.requests), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn many_who_are_refused_at_once_share_one_renewal() {
    let (town, router) = town(Town { expires_in: 60, ..Town::default() });
    let client = member(&router, account(), ClientAuthentication::Form);
    client.get(&["x"]).send().await.unwrap();
    town.lock().unwrap().valid = None;
    let requests: Vec<_> = (0..8).map(|_| client.get(&["x"])).collect();
    for done in join_all(requests.into_iter().map(agent::http::Request::send)).await {
        done.unwrap();
    }
    assert_eq!(town.lock().unwrap().logins.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_fresh_tokens_does_not_cause_a_login_per_request() {
    let (town, router) = town(Town { expires_in: 600, distrustful: true, ..Town::default() });
    let client = member(&router, account(), ClientAuthentication::Form);
    for _ in 0..5 {
        let error = client.get(&["x"]).send().await.unwrap_err();
        assert_eq!(error.status(), Some(StatusCode::UNAUTHORIZED));
    }
    assert_eq!(town.lock().unwrap().logins.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_rejected_login_is_left_alone_for_longer_and_longer() {
    let (town, router) = town(Town { rejects: true, ..Town::default() });
    let client = member(&router, account(), ClientAuthentication::Form);
    let mut tries = Vec::new();
    for minute in 0..300 {
        let before = town.lock().unwrap().logins.len();
        let error = client.get(&["x"]).send().await.unwrap_err();
        assert!(matches!(error, Error::LoginRejected { .. }), "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        if town.lock().unwrap().logins.len() > before {
            tries.push(minute);
        }
        sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(tries, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243], "doubling, up to an hour");
    assert_eq!(town.lock().unwrap().requests, 0);
    let error = client.get(&["x"]).send().await.unwrap_err();
    assert!(
        error.to_string().ends_with("the login was rejected: invalid_grant: Invalid user credentials"),
        "{error}"
    );
    town.lock().unwrap().rejects = false;
    sleep(Duration::from_hours(1)).await;
    town.lock().unwrap().expires_in = 60;
    client.get(&["x"]).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_is_down_for_a_moment_is_asked_again() {
    let (town, router) = town(Town { expires_in: 60, down: 2, ..Town::default() });
    let client = member(&router, account(), ClientAuthentication::Form);
    client.post(&["x"]).send().await.unwrap();
    assert_eq!(town.lock().unwrap().logins.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_was_sent() {
    let (town, router) = town(Town { down: usize::MAX, ..Town::default() });
    let once = RetryPolicy { times: 0, ..RetryPolicy::default() };
    let endpoint = line(&router).with_retry(once).below(&["token"]).unwrap();
    let source = TokenSource::new(endpoint, account(), ClientAuthentication::Form);
    let client = Client::new(line(&router), Auth::OAuth(Arc::new(source))).unwrap();
    let error = client.post(&["x"]).send().await.unwrap_err();
    assert_eq!(error.to_string(), "waldur: POST /x: no access token");
    assert_eq!((error.outcome(), town.lock().unwrap().requests), (Outcome::NotSent, 0));
}

#[tokio::test(start_paused = true)]
async fn a_service_account_proves_itself_in_the_form_or_in_a_header() {
    let grant = || Grant::ClientCredentials { client_id: "agent".into(), client_secret: "s3cr:t+".into() };
    let in_the_form = "grant_type=client_credentials&client_id=agent&client_secret=s3cr%3At%2B";
    let in_a_header = "grant_type=client_credentials";
    for (proof, form, header) in [
        (ClientAuthentication::Form, in_the_form, None),
        (ClientAuthentication::Basic, in_a_header, Some("Basic YWdlbnQ6czNjciUzQXQlMkI=")),
    ] {
        let (town, router) = town(Town { expires_in: 60, ..Town::default() });
        member(&router, grant(), proof).get(&["x"]).send().await.unwrap();
        let town = town.lock().unwrap();
        assert_eq!(
            (town.logins.as_slice(), town.last_proof.as_deref()),
            ([form.to_owned()].as_slice(), header)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_repeats_our_secret_does_not_get_it_into_an_error() {
    let parrot = numbered(|_| async { answer(400, "{\"detail\":\"token hunter2hunter2 is odd\"}") });
    let client = Client::new(line(&parrot), Auth::Token("hunter2hunter2".into())).unwrap();
    let error = client.get(&["x"]).send().await.unwrap_err();
    assert!(!format!("{error} {error:?} {client:?}").contains("hunter2"), "{error:?}");
    assert_eq!(error.refusal().unwrap().said("detail"), Some("token *** is odd"));
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_answers_nonsense_shows_nothing_of_it() {
    let odd = numbered(|_| async { answer(200, "{\"access_token\":[\"eyJhbGciOi\"]}") });
    let source = TokenSource::new(line(&odd), account(), ClientAuthentication::Form);
    let client = Client::new(line(&odd), Auth::OAuth(Arc::new(source))).unwrap();
    let error = client.get(&["x"]).send().await.unwrap_err();
    assert!(!format!("{error} {error:?} {client:?}").contains("eyJ"), "{error:?}");
    assert!(!format!("{client:?}").contains("hunter2"), "{client:?}");
}

#[tokio::test(start_paused = true)]
async fn a_static_token_that_is_refused_is_not_sent_again() {
    let client = client(&numbered(|_| async { answer(401, "") }));
    assert_eq!(client.get(&["x"]).send().await.unwrap_err().status(), Some(StatusCode::UNAUTHORIZED));
    assert_eq!(client.requests_sent(), 1);
}

#[test]
fn a_line_below_another_keeps_its_prefix() {
    let transport = Transport::in_process(Router::new());
    let base = Line::new("keycloak", "https://kc.example/auth/", transport, "agent/0.1").unwrap();
    let tokens = base.below(&["realms", "a b", "protocol", "openid-connect", "token"]).unwrap();
    assert_eq!(tokens.base().as_str(), "https://kc.example/auth/realms/a%20b/protocol/openid-connect/token");
    assert!(base.below(&["realms", ""]).is_err());
}
