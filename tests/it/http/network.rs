//! The same manners over sockets, and what only sockets can do wrong.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use std::error::Error as _;
use std::time::Duration;

use agent::http::{
    Auth, Client, Door, Error, Line, Network, Outcome, Proxy, RetryPolicy, StatusCode, Transport,
};
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{any, get};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn network() -> Network {
    Network { proxy: Proxy::None, ..Network::default() }
}

fn over(transport: Transport, base: &str) -> Client {
    let once = RetryPolicy { times: 0, ..RetryPolicy::default() };
    let line = Line::new("rancher", base, transport, "agent/0.1").unwrap().with_retry(once);
    Client::new(line, Auth::Bearer("token-abc:xyz".into())).unwrap()
}

/// Serves a router on a free port and returns its address.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// Answers one connection with raw bytes and hangs up.
async fn say(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut seen = [0; 4096];
        let _ = socket.read(&mut seen).await.unwrap();
        socket.write_all(bytes).await.unwrap();
        socket.shutdown().await.unwrap();
    });
    address.to_string()
}

/// Says what a request brought along.
fn heard(headers: &HeaderMap, body: &str) -> String {
    let header = |name: &str| headers.get(name).map_or("-", |value| value.to_str().unwrap_or("?")).to_owned();
    let names = ["authorization", "user-agent", "accept", "content-type", "content-length"];
    format!("{}|{body}", names.map(header).join("|"))
}

fn town() -> Router {
    Router::new()
        .route("/echo", any(|headers: HeaderMap, body: String| async move { heard(&headers, &body) }))
        .route(
            "/told",
            any(|headers: HeaderMap, body: String| async move {
                serde_json::json!({ "message": heard(&headers, &body) }).to_string()
            }),
        )
        .route("/moved", any(|| async { (StatusCode::MOVED_PERMANENTLY, [("location", "/moved/")]) }))
        .route("/moved/", get(|| async { "followed" }))
        .route("/empty", any(|| async {}))
        .route("/no", any(|| async { (StatusCode::CONFLICT, "{\"code\":\"Conflict\"}") }))
}

#[tokio::test]
async fn both_transports_behave_alike() {
    let base = serve(town()).await;
    let socket = over(Transport::network(&network()).unwrap(), &base);
    let inside = over(Transport::in_process(town()), "http://rancher.example");
    for client in [socket, inside] {
        let sent = client.put(&["echo"]).json(&serde_json::json!({"a": 1})).send().await.unwrap();
        let seen = "Bearer token-abc:xyz|agent/0.1|application/json|application/json|7|{\"a\":1}";
        assert_eq!(sent.body, seen);
        let without = client.put(&["echo"]).send().await.unwrap();
        assert_eq!(without.body, "Bearer token-abc:xyz|agent/0.1|application/json|-|0|");
        assert_eq!(client.get(&["empty"]).send().await.unwrap().body, "");
        let moved = client.post(&["moved"]).send().await.unwrap_err();
        assert_eq!(moved.to_string(), "rancher: POST /moved: the server redirects to /moved/");
        let refused = client.delete(&["no"]).send().await.unwrap_err();
        assert_eq!((refused.status(), refused.outcome()), (Some(StatusCode::CONFLICT), Outcome::Refused));
        assert_eq!(refused.refusal().unwrap().said("code"), Some("Conflict"));
        assert_eq!(client.requests_sent(), 5);
    }
}

#[tokio::test]
async fn a_closed_port_means_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = over(Transport::network(&network()).unwrap(), &base).post(&["x"]).send().await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.hint().unwrap().contains("is the address right"));
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_the_outcome_unknown() {
    let cases: [&'static [u8]; 3] = [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a",
    ];
    for bytes in cases {
        let base = format!("http://{}", say(bytes).await);
        let client = over(Transport::network(&network()).unwrap(), &base);
        let error = client.post(&["x"]).query("who", "ann").send().await.unwrap_err();
        assert!(matches!(error, Error::Broken { .. }), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert!(!format!("{error:?}").contains("ann"), "a query names people: {error:?}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_one_that_is_down() {
    let base = format!("https://{}", say(b"HTTP/1.1 400 Bad Request\r\n\r\n").await);
    for verify in [true, false] {
        let base = if verify {
            base.clone()
        } else {
            format!("https://{}", say(b"HTTP/1.1 400 Bad Request\r\n\r\n").await)
        };
        let transport = Transport::network(&Network { verify, ..network() }).unwrap();
        let error = over(transport, &base).get(&["x"]).send().await.unwrap_err();
        assert!(matches!(error, Error::Tls { .. }), "{error:?}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.source().is_some());
    }
}

#[tokio::test]
async fn a_hanging_server_is_left_after_a_while() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let line = Line::new("rancher", &base, Transport::network(&network()).unwrap(), "agent/0.1").unwrap();
    let limits = agent::http::Limits { request: Duration::from_millis(50), ..agent::http::Limits::default() };
    let once = RetryPolicy { times: 0, ..RetryPolicy::default() };
    let client = Client::new(line.with_limits(limits).with_retry(once), Auth::None).unwrap();
    let error = client.get(&["x"]).send().await.unwrap_err();
    assert_eq!(error.to_string(), "rancher: GET /x: no answer within 0.05 s");
}

#[test]
fn a_ca_file_without_certificates_is_a_mistake_in_the_configuration() {
    let problem = |path: &str| {
        let settings = Network { ca_files: vec![path.into()], ..network() };
        Transport::network(&settings).unwrap_err().to_string()
    };
    assert_eq!(problem("Cargo.toml"), "the CA file Cargo.toml holds no certificate in PEM");
    assert_eq!(problem("no/such/file.pem"), "the CA file no/such/file.pem cannot be read");
}

#[test]
fn a_proxy_that_is_no_address_is_a_mistake_and_its_password_stays_hidden() {
    let settings = Network { proxy: Proxy::Url("http://ann:hunter2@[bad".into()), ..network() };
    assert!(!format!("{settings:?}").contains("hunter2"));
    let error = Transport::network(&settings).unwrap_err();
    assert_eq!(error.to_string(), "the proxy's address cannot be used");
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    let settings = Network { proxy: Proxy::Url("http://ann:hunter2@proxy.example:3128".into()), ..network() };
    let transport = Transport::network(&settings).unwrap();
    assert!(!format!("{transport:?}").contains("hunter2"), "{transport:?}");
}

#[tokio::test]
async fn whoever_knocks_at_a_door_says_nobodys_name_and_hears_any_answer() {
    let base = serve(town()).await;
    let line =
        Line::new("rancher", &format!("{base}/moved"), Transport::network(&network()).unwrap(), "agent/0.1");
    let door = Door::new(line.unwrap());
    assert_eq!((door.scheme(), door.name(), door.path()), ("http", None, vec!["moved".to_owned()]));
    let elsewhere = door.knock_below_root(&["told"]).await.unwrap();
    assert_eq!(elsewhere.answer.said("message"), Some("-|agent/0.1|application/json|-|-|"));
    assert_eq!(elsewhere.certificate, None, "there is none without TLS");
    let moved = door.knock(&[]).await.unwrap();
    assert_eq!(moved.answer.status, StatusCode::MOVED_PERMANENTLY, "a redirect is not followed");
    let slash = door.knock(&[""]).await.unwrap();
    assert_eq!(slash.answer.status, StatusCode::OK);
    assert_eq!(slash.answer.excerpt, "8 bytes that are no JSON", "what a stranger says is not repeated");
    let missing = door.knock(&["..", "echo"]).await.unwrap_err();
    assert!(matches!(missing, Error::Path { .. }), "{missing}");
}
