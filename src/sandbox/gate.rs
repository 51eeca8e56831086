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
            Some(what) => faults::spoil(what, response).await,
            None => response,
        }
    } else {
        what.as_ref().and_then(|what| faults::answer(what, *system, path)).unwrap_or_else(faults::reset)
    };
    if matches!(what, Some(What::Hang | What::HangAfter)) {
        town.hang().await;
        return faults::reset();
    }
    if !matches!(what, Some(What::ResetBefore | What::ResetAfter)) {
        town.journal().answered(number, response.status());
    }
    response
}
