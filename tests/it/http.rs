//! One HTTP conversation, well conducted: patience, bounds, and what an error says of the call's effect.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

mod auth;
mod network;
mod paging;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use agent::http::{Auth, Client, Error, Limits, Line, Outcome, RetryPolicy, StatusCode, Transport};
use axum::body::Body;
use axum::http::{HeaderMap, Response as Answer};
use axum::routing::any;
use axum::{Router, extract::OriginalUri};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// A line to a router in this process.
fn line(router: &Router) -> Line {
    Line::new("waldur", "http://waldur.example", Transport::in_process(router.clone()), "agent/0.1").unwrap()
}

/// A client of a router in this process.
fn client(router: &Router) -> Client {
    Client::new(line(router), Auth::None).unwrap()
}

/// A router that answers every request by its number, counted from one.
fn numbered<F, Fut>(answer: F) -> Router
where
    F: Fn(usize) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Answer<Body>> + Send,
{
    let count = Arc::new(AtomicUsize::new(0));
    Router::new().fallback(any(move || answer(count.fetch_add(1, Ordering::SeqCst) + 1)))
}

fn answer(status: u16, body: &'static str) -> Answer<Body> {
    Answer::builder().status(status).body(Body::from(body)).unwrap()
}

fn with_header(status: u16, name: &str, value: &str) -> Answer<Body> {
    Answer::builder().status(status).header(name, value).body(Body::empty()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn parts_of_a_path_are_joined_and_encoded_one_by_one() {
    let echo =
        Router::new().fallback(any(|OriginalUri(uri): OriginalUri| async move { format!("\"{uri}\"") }));
    let line =
        Line::new("keycloak", "http://kc.example/auth//", Transport::in_process(echo), "agent/0.1").unwrap();
    let client = Client::new(line, Auth::None).unwrap();
    let request =
        client.get(&["admin", "a b/c", "c-x:p-y"]).slash().query("q", "managed_by:a+b").query("q", "ü");
    let seen: String = request.send().await.unwrap().json().unwrap();
    assert_eq!(seen, "/auth/admin/a%20b%2Fc/c-x:p-y/?q=managed_by%3Aa%2Bb&q=%C3%BC");
}

#[tokio::test(start_paused = true)]
async fn an_empty_id_never_becomes_the_whole_collection() {
    let client = client(&numbered(|_| async { answer(200, "") }));
    for part in ["", ".", ".."] {
        let error = client.delete(&["v3", "projects", part]).send().await.unwrap_err();
        assert!(matches!(error, Error::Path { .. }), "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    assert_eq!(client.requests_sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn every_request_says_who_asks_and_wants_json() {
    let echo = Router::new().fallback(any(|headers: HeaderMap| async move {
        ["user-agent", "accept", "host"]
            .map(|name| headers[name].to_str().unwrap_or_default().to_owned())
            .join(" ")
    }));
    let answer = client(&echo).get(&["x"]).send().await.unwrap();
    assert_eq!(answer.body, "agent/0.1 application/json waldur.example");
    let browser =
        Line::new("rancher", "https://r.example", Transport::in_process(echo), "Mozilla/5.0").unwrap_err();
    assert_eq!(
        browser.to_string(),
        "\"Mozilla/5.0\" cannot be the User-Agent: servers would take it for a browser"
    );
}

#[test]
fn an_address_that_cannot_be_one_is_a_mistake_in_the_configuration() {
    let problem = |url: &str| {
        Line::new("waldur", url, Transport::in_process(Router::new()), "agent/0.1").unwrap_err().to_string()
    };
    assert!(problem("waldur.example").contains("relative URL"));
    assert!(problem("ftp://waldur.example").contains("neither with https:// nor with http://"));
    assert!(problem("https://waldur.example/?a=b").contains("a query"));
    let leaky = problem("https://ann:hunter2@waldur.example");
    assert!(leaky.contains("credentials") && !leaky.contains("hunter2"), "{leaky}");
    assert!(!problem("//ann:hunter2@waldur").contains("hunter2"));
}

#[tokio::test(start_paused = true)]
async fn a_reading_is_repeated_until_the_server_is_back() {
    let client = client(&numbered(|n| async move {
        match n {
            1 => answer(502, "<html>"),
            2 => answer(503, ""),
            3 => answer(429, ""),
            4 => answer(504, ""),
            _ => answer(200, "[]"),
        }
    }));
    assert_eq!(client.get(&["x"]).send().await.unwrap().body, "[]");
    assert_eq!(client.requests_sent(), 5);
}

#[tokio::test(start_paused = true)]
async fn patience_ends() {
    let client = client(&numbered(|_| async { answer(503, "") }));
    assert_eq!(client.get(&["x"]).send().await.unwrap_err().status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(client.requests_sent(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_post_is_sent_once_and_its_error_says_that_the_outcome_is_unknown() {
    for status in [500, 502, 503, 504] {
        let client = client(&numbered(move |_| async move { answer(status, "") }));
        assert_eq!(client.post(&["x"]).send().await.unwrap_err().outcome(), Outcome::Unknown);
        assert_eq!(client.requests_sent(), 1);
    }
    let busy = client(&numbered(|_| async { answer(429, "") }));
    assert_eq!(busy.post(&["x"]).send().await.unwrap_err().outcome(), Outcome::Refused);
    assert_eq!(busy.requests_sent(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_post_that_is_said_to_be_idempotent_is_repeated() {
    let client = client(&numbered(|n| async move { answer(if n < 3 { 503 } else { 201 }, "") }));
    let made = client.post(&["x"]).json(&serde_json::json!({})).idempotent().send().await.unwrap();
    assert_eq!((made.status, client.requests_sent()), (StatusCode::CREATED, 3));
}

#[tokio::test(start_paused = true)]
async fn an_internal_error_is_repeated_twice_and_a_refusal_never() {
    let broken = client(&numbered(|_| async { answer(500, "") }));
    assert_eq!(broken.get(&["x"]).send().await.unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(broken.requests_sent(), 3);
    for status in [400, 401, 403, 404, 409, 422] {
        let strict = client(&numbered(move |_| async move { answer(status, "{\"detail\":\"no\"}") }));
        let error = strict.put(&["x"]).send().await.unwrap_err();
        assert_eq!((error.outcome(), strict.requests_sent()), (Outcome::Refused, 1));
        assert_eq!(error.refusal().unwrap().said("detail"), Some("no"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_rest_gets_it() {
    let client = client(&numbered(|n| async move {
        if n == 1 { with_header(429, "retry-after", "7") } else { answer(200, "") }
    }));
    let started = Instant::now();
    client.get(&["x"]).send().await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_an_hour_is_not_waited_for() {
    let client = client(&numbered(|_| async { with_header(503, "retry-after", "3600") }));
    let error = client.get(&["x"]).send().await.unwrap_err();
    assert_eq!(error.refusal().unwrap().retry_after, Some(Duration::from_hours(1)));
    assert_eq!(client.requests_sent(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_waited_for_as_long_as_its_kind_of_request_takes() {
    let silent = numbered(|_| async {
        sleep(Duration::from_hours(9)).await;
        answer(200, "")
    });
    let once = RetryPolicy { times: 0, ..RetryPolicy::default() };
    let client = Client::new(line(&silent).with_retry(once), Auth::None).unwrap();
    for (request, seconds) in [
        (client.get(&["x"]), 10),
        (client.get(&["x"]).list(), 60),
        (client.delete(&["x"]), 30),
        (client.post(&["x"]), 30),
    ] {
        let started = Instant::now();
        let error = request.send().await.unwrap_err();
        assert_eq!(
            error.to_string().split(": ").nth(2),
            Some(format!("no answer within {seconds} s").as_str())
        );
        assert_eq!((error.outcome(), started.elapsed().as_secs()), (Outcome::Unknown, seconds));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_is_no_success() {
    let client = client(&numbered(|n| async move {
        let pieces = [Ok("[1"), Err("reset")];
        match n {
            1 => Answer::new(Body::from_stream(futures_util::stream::iter(pieces))),
            2 => Answer::builder().header("content-length", "9").body(Body::from("[1")).unwrap(),
            _ => answer(200, "[1]"),
        }
    }));
    assert_eq!(client.get(&["x"]).send().await.unwrap().json::<Vec<u8>>().unwrap(), [1]);
    assert_eq!(client.requests_sent(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_lost_answer_leaves_the_outcome_unknown() {
    let client = client(&numbered(|n| async move { answer(if n == 1 { 504 } else { 404 }, "") }));
    let error = client.delete(&["x"]).send().await.unwrap_err();
    assert_eq!((error.status(), error.outcome()), (Some(StatusCode::NOT_FOUND), Outcome::Unknown));
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_bounded() {
    let router = numbered(|n| async move {
        let body = format!("{{\"detail\":\"{}\"}}", "x".repeat(20_000));
        Answer::builder().status(if n == 1 { 200 } else { 400 }).body(Body::from(body)).unwrap()
    });
    let limits = Limits { answer_bytes: 1000, ..Limits::default() };
    let client = Client::new(line(&router).with_limits(limits), Auth::None).unwrap();
    let error = client.get(&["x"]).send().await.unwrap_err();
    assert_eq!(error.to_string(), "waldur: GET /x: the answer is larger than 1000 bytes");
    let refused = client.get(&["x"]).send().await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().excerpt.chars().count(), 4097, "4 KiB and the mark of the cut");
    assert!(refused.to_string().len() < 300, "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_login_page_is_not_taken_for_the_success_of_a_write() {
    let client = client(&numbered(|_| async { with_body_type("text/html", "<!doctype html><p>log in") }));
    let error = client.put(&["x"]).send().await.unwrap_err();
    assert!(matches!(error, Error::Html { .. }), "{error}");
    assert_eq!((error.outcome(), client.requests_sent()), (Outcome::Unknown, 1));
}

fn with_body_type(kind: &str, body: &'static str) -> Answer<Body> {
    Answer::builder().header("content-type", kind).body(Body::from(body)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_after_the_deadline_or_lasts_longer() {
    let slow = numbered(|_| async {
        sleep(Duration::from_secs(8)).await;
        answer(503, "")
    });
    let client = client(&slow).until(Instant::now() + Duration::from_secs(20));
    let started = Instant::now();
    let error = client.get(&["x"]).send().await.unwrap_err();
    assert!(started.elapsed() <= Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(error.outcome(), Outcome::Unknown);
    sleep(Duration::from_secs(20)).await;
    let before = client.requests_sent();
    let error = client.get(&["x"]).send().await.unwrap_err();
    assert!(matches!(error, Error::Deadline { in_flight: false, .. }), "{error}");
    assert_eq!((error.outcome(), client.requests_sent()), (Outcome::NotSent, before));
}

#[tokio::test(start_paused = true)]
async fn after_the_signal_what_is_on_its_way_is_finished_and_nothing_begins() {
    let slow = numbered(|_| async {
        sleep(Duration::from_secs(5)).await;
        answer(200, "done")
    });
    let stop = CancellationToken::new();
    let client = client(&slow).unless(stop.clone());
    let (finished, ()) = tokio::join!(client.put(&["x"]).send(), async {
        sleep(Duration::from_secs(1)).await;
        stop.cancel();
    });
    assert_eq!(finished.unwrap().body, "done");
    let error = client.put(&["x"]).send().await.unwrap_err();
    assert!(matches!(error, Error::Cancelled { .. }), "{error}");
    assert_eq!((error.outcome(), client.requests_sent()), (Outcome::NotSent, 1));
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_under_way_than_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let router = numbered(move |_| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            sleep(Duration::from_secs(1)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            answer(200, "")
        }
    });
    let limits = Limits { concurrency: 3, ..Limits::default() };
    let client = Client::new(line(&router).with_limits(limits), Auth::None).unwrap();
    let requests: Vec<_> = (0..10).map(|_| client.get(&["x"])).collect();
    for done in futures_util::future::join_all(requests.into_iter().map(agent::http::Request::send)).await {
        done.unwrap();
    }
    assert_eq!(seen.load(Ordering::SeqCst), 3);
}

#[test]
fn a_conversation_may_be_had_on_any_thread() {
    fn is_send<T: Send>(_: T) {}
    let client = client(&Router::new());
    let request = client.get(&["x"]);
    is_send(request.clone().send());
    is_send(request.numbered_pages(100));
}
