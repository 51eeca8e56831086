//! The sandbox, row by row: core.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod control;
mod effects;
mod grammar;
mod hits;
mod journal;
mod sites;
mod sockets;

use std::time::Duration;

use agent::sandbox::{Clock, Sandbox, Seed, System};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use axum::response::Response;
use serde_json::Value;
use tower::ServiceExt as _;

/// Nothing that a test waits for takes longer on a machine that works.
const LONG: Duration = Duration::from_secs(30);

fn town() -> Sandbox {
    Sandbox::new(Seed::default(), Clock::starting_at("2026-11-23T08:00:00Z".parse().unwrap()))
}

fn town_with(faults: &[&str]) -> Sandbox {
    let town = town();
    for fault in faults {
        town.inject(fault.parse().unwrap());
    }
    town
}

async fn ask(router: Router, method: Method, target: &str, body: &str) -> Response {
    let request = Request::builder().method(method).uri(target).body(Body::from(body.to_owned())).unwrap();
    router.oneshot(request).await.unwrap()
}

async fn get(town: &Sandbox, system: System, path: &str) -> Response {
    ask(town.router(system), Method::GET, path, "").await
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

async fn parsed(response: Response) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

async fn statuses(town: &Sandbox, calls: usize) -> Vec<u16> {
    let mut seen = Vec::new();
    for _ in 0..calls {
        seen.push(get(town, System::Rancher, "/v3/projects").await.status().as_u16());
    }
    seen
}
