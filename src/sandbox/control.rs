//! The control address: the town's state, journal and faults over HTTP.

use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::faults::{self, Fault};
use super::span;
use super::system::System;
use super::town::{Meddling, Sandbox};

/// The largest body it reads.
const LARGEST_BODY: usize = 1024 * 1024;

/// The text on `/`. `{here}` becomes the address that was asked.
const GUIDE: &str = "\
A small town to try things in: simulated Waldur, Rancher and Keycloak. This is its control address.

What the servers know:
  curl http://{here}/state
  curl http://{here}/state/rancher              waldur, rancher or keycloak

What they were asked:
  curl http://{here}/journal
  curl 'http://{here}/journal?system=rancher&writes=true'
  curl http://{here}/journal/summary            counts by system, method and path pattern
  curl -X DELETE http://{here}/journal

What goes wrong: lines of `<system> <METHOD> <path> [<when>] <what>`
  curl http://{here}/faults -d 'rancher POST /v3/projects #2 reset-after'
  curl http://{here}/faults -d 'keycloak * /admin/* 10% status 503 retry-after 2'
  curl http://{here}/faults -d '{\"system\": \"waldur\", \"path\": \"/api/*\", \"when\": \"#3..5\", \"what\": \"hang\"}'
  curl http://{here}/faults                     the faults in force, and how often each was met
  curl -X DELETE http://{here}/faults
  system, METHOD and path may be *; * in a path stands for anything
  when: #3   #3..5 (both ends belong to it)   #3..   10%   10% seed 7   always (also if left out)
  what, not carried out: status 503 [retry-after 2] [html]   unauthorized   html   hang   reset-before
  what, carried out:     delay 500ms   empty   truncate   duplicate-rows   hang-after   reset-after

What happens behind their backs:
  curl http://{here}/meddle -d '{\"system\": \"rancher\", \"act\": \"...\"}'
  curl http://{here}/meddle -d '{\"system\": \"waldur\", \"act\": \"terminate\", \"resource_uuid\": \"...\"}'
  an act that does not exist is refused with a list of those that do

How slow they are:
  curl -X PUT http://{here}/latency -d 20ms
";

/// Which exchanges are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    system: Option<System>,
    #[serde(default)]
    writes: bool,
}

/// A request that cannot be met, and why.
struct Refusal(StatusCode, String);

pub(super) fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/", get(guide))
        .route("/state", get(async |State(town): State<Sandbox>| Json(town.snapshot())))
        .route("/state/{system}", get(state))
        .route("/journal", get(journal).delete(clear_journal))
        .route("/journal/summary", get(async |State(town): State<Sandbox>| Json(town.journal_summary())))
        .route("/faults", get(list_faults).post(inject).delete(clear_faults))
        .route("/meddle", post(meddle))
        .route("/latency", put(set_latency))
        .fallback(async || Refusal(StatusCode::NOT_FOUND, "there is no such address: see /".to_owned()))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(sandbox)
}

async fn guide(headers: HeaderMap) -> String {
    let here = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("CONTROL");
    GUIDE.replace("{here}", here)
}

async fn state(State(town): State<Sandbox>, Path(system): Path<String>) -> Result<Json<Value>, Refusal> {
    let system: System = system.parse().map_err(|why| Refusal(StatusCode::NOT_FOUND, why))?;
    Ok(Json(town.snapshot_of(system)))
}

async fn journal(
    State(town): State<Sandbox>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(Wanted { system, writes }) = wanted.map_err(|why| wrong(why.body_text()))?;
    let mut exchanges = town.journal();
    exchanges.retain(|exchange| {
        system.is_none_or(|system| exchange.system == system) && (exchange.write || !writes)
    });
    Ok(Json(json!({ "dropped": town.journal_dropped(), "exchanges": exchanges })))
}

async fn clear_journal(State(town): State<Sandbox>) -> StatusCode {
    town.clear_journal();
    StatusCode::NO_CONTENT
}

async fn list_faults(State(town): State<Sandbox>) -> Json<Value> {
    Json(json!({ "faults": town.faults() }))
}

/// Adds all faults of the body, or none if one cannot be read.
async fn inject(State(town): State<Sandbox>, body: String) -> Result<Json<Value>, Refusal> {
    for fault in read_faults(&body).map_err(wrong)? {
        town.inject(fault);
    }
    Ok(list_faults(State(town)).await)
}

/// Reads lines of text, or JSON: one fault, or a list of them.
fn read_faults(body: &str) -> Result<Vec<Fault>, String> {
    if !body.trim_start().starts_with(['{', '[', '"']) {
        return faults::parse_lines(body).map_err(|why| why.to_string());
    }
    let spelled: Value = serde_json::from_str(body).map_err(|why| format!("this is no JSON: {why}"))?;
    let list = if let Value::Array(list) = spelled { list } else { vec![spelled] };
    let read = list.into_iter().map(serde_json::from_value).collect::<Result<_, _>>();
    read.map_err(|why| why.to_string())
}

async fn clear_faults(State(town): State<Sandbox>) -> StatusCode {
    town.clear_faults();
    StatusCode::NO_CONTENT
}

/// The body is read as text, so that `curl -d` needs no header.
async fn meddle(State(town): State<Sandbox>, body: String) -> Result<StatusCode, Refusal> {
    let meddling: Meddling = serde_json::from_str(&body).map_err(|why| wrong(why.to_string()))?;
    town.meddle(meddling).map_err(|why| Refusal(StatusCode::UNPROCESSABLE_ENTITY, why))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_latency(State(town): State<Sandbox>, body: String) -> Result<StatusCode, Refusal> {
    town.set_latency(span::parse(&body).map_err(wrong)?);
    Ok(StatusCode::NO_CONTENT)
}

fn wrong(why: String) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, why)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, why) = self;
        (status, Json(json!({ "error": why }))).into_response()
    }
}
