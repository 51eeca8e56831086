//! The gate in front of each server: it keeps the journal, takes its time, and lets faults happen.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::faults::{self, What};
use super::journal::Arrival;
use super::system::System;
use super::town::Town;

/// The largest request body that is taken in: far above what the real servers accept (Rancher: 2 MiB).
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// Where a gate stands.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    pub(super) town: Arc<Town>,
    pub(super) system: System,
}

/// Lets one request through, or not.
pub(super) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let Gate { town, system } = &gate;
    let (parts, body) = request.into_parts();
    let (method, uri) = (parts.method.clone(), parts.uri.clone());
    let (path, query) = (uri.path(), uri.query());

    // The whole body is read first, as a server does that answers only after the request: what fails here never
    // arrived and is no exchange.
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let strike = town.faults().strike(*system, &method, path, query);
    let number = town.journal().arrived(Arrival {
        at: town.clock.now(),
        system: *system,
        method: &method,
        path,
        query,
        body_bytes: body.len(),
        fault: strike.told,
    });

    let wait = town.latency().saturating_add(strike.delay);
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }

    let what = strike.what;
    let response = if what.as_ref().is_none_or(What::carries_out) {
        town.journal().carried_out(number);
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        match &what {
            Some(what) => faults::spoil(what, response, &method).await,
            None => response,
        }
    } else {
        what.as_ref()
            .and_then(|what| faults::answer(what, *system, path))
            .unwrap_or_else(|| faults::reset(&method))
    };
    if matches!(what, Some(What::Hang | What::HangAfter)) {
        town.hang().await;
        return faults::reset(&method);
    }
    if !matches!(what, Some(What::ResetBefore | What::ResetAfter)) {
        town.journal().answered(number, response.status());
    }
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use axum::middleware;
    use axum::response::IntoResponse as _;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::{Gate, pass};
    use crate::sandbox::{Clock, Sandbox, Seed, System};

    /// A server that knows one answer, behind a gate with one fault, and how often it was reached.
    async fn answer(fault: &str, page: &Value) -> (axum::http::response::Parts, Vec<u8>, u32) {
        let town = Sandbox::new(Seed::default(), Clock::starting_at(jiff::Timestamp::UNIX_EPOCH));
        town.inject(fault.parse().unwrap());
        let reached = Arc::new(AtomicU32::new(0));
        let (count, page) = (Arc::clone(&reached), page.clone());
        let server = Router::new().fallback(async move || {
            count.fetch_add(1, Ordering::Relaxed);
            (StatusCode::CREATED, [("X-Result-Count", "2")], axum::Json(page)).into_response()
        });
        let gate = Gate { town: town.shared(), system: System::Waldur };
        let server = server.layer(middleware::from_fn_with_state(gate, pass));
        let response = server.oneshot(Request::new(Body::empty())).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.map(|body| body.to_vec()).unwrap_or_default();
        (parts, body, reached.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn an_empty_answer_keeps_its_status() {
        let (parts, body, reached) = answer("* * * empty", &json!([1, 2])).await;
        assert_eq!((parts.status, body.len(), reached), (StatusCode::CREATED, 0, 1));
        assert_eq!(parts.headers["content-length"], "0");
    }

    #[tokio::test]
    async fn a_truncated_answer_is_half_of_the_true_one() {
        let (parts, body, reached) = answer("* * * truncate", &json!(["abcd", "efgh"])).await;
        assert_eq!((parts.status, body.as_slice(), reached), (StatusCode::CREATED, &br#"["abcd""#[..], 1));
        assert_eq!(parts.headers["content-length"], "7", "as if it were whole");
    }

    #[tokio::test]
    async fn every_row_of_a_list_stands_twice() {
        for (page, wanted) in [
            (json!([1, 2]), json!([1, 1, 2, 2])),
            (
                json!({ "data": [{ "id": "a" }], "x": 1 }),
                json!({ "data": [{ "id": "a" }, { "id": "a" }], "x": 1 }),
            ),
            (json!({ "items": [7] }), json!({ "items": [7, 7] })),
            (json!({ "name": "no list" }), json!({ "name": "no list" })),
        ] {
            let (parts, body, _) = answer("* * * duplicate-rows", &page).await;
            assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), wanted);
            assert_eq!(
                parts.headers["x-result-count"], "2",
                "the server does not know that it repeats itself"
            );
        }
    }

    #[tokio::test]
    async fn what_is_not_carried_out_never_reaches_the_server() {
        for (what, wanted) in [
            ("status 503", 0),
            ("unauthorized", 0),
            ("html", 0),
            ("reset-before", 0),
            ("reset-after", 1),
            ("empty", 1),
            ("delay 0ms", 1),
        ] {
            let (_, _, reached) = answer(&format!("* * * {what}"), &json!([])).await;
            assert_eq!(reached, wanted, "{what}");
        }
    }
}
