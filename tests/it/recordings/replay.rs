//! A sequence, asked again.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use agent::sandbox::clock::Clock;
use agent::sandbox::{Sandbox, Seed, System};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::compare::{self, HEADERS, Reply};
use super::exchange::{Between, Exchange, authorization, file, lines};
use super::left_out::{self, reason};
use super::loose;
use super::names::Names;

/// The host that was recorded.
const HOST: &str = "127.0.0.1:8000";

/// Shortly before the first exchange.
const START: &str = "2026-11-23T01:36:29Z";

/// The time between two exchanges: the task queue is done with what was approved.
const PAUSE: Duration = Duration::from_secs(1);

/// A sequence that was asked again.
#[derive(Debug)]
pub(super) struct Replay {
    sequence: String,
    replayed: usize,
    loosely: usize,
    left_out: usize,
    pub(super) complaints: Vec<String>,
}

struct Player {
    waldur: Router,
    control: Router,
    names: Names,
}

impl Replay {
    pub(super) async fn of(sequence: &str) -> Self {
        let exchanges: Vec<Exchange> = lines(&format!("{sequence}.jsonl"));
        let between: Vec<Between> = lines(&format!("{sequence}.between.jsonl"));
        let mut player = Player::of(sequence);
        let mut replay = Self {
            sequence: sequence.to_owned(),
            replayed: 0,
            loosely: 0,
            left_out: 0,
            complaints: left_out::mistakes(sequence, &exchanges),
        };
        for exchange in &exchanges {
            for act in between.iter().filter(|act| act.before == exchange.no) {
                tokio::time::advance(PAUSE).await;
                replay.complaints.extend(
                    player
                        .between(act)
                        .await
                        .map(|why| format!("  before {:03} ({}): {why}", act.before, act.why)),
                );
            }
            if reason(sequence, exchange.no).is_some() {
                replay.left_out += 1;
                continue;
            }
            if !left_out::at_once(sequence, exchange.no) {
                tokio::time::advance(PAUSE).await;
            }
            replay.replayed += 1;
            replay.loosely += usize::from(!loose::of(sequence, exchange).is_empty());
            let complaints = player.play(sequence, exchange).await;
            let head = format!("  {:03} {}: {}", exchange.no, exchange.name, exchange.ask);
            replay.complaints.extend(complaints.into_iter().map(|why| format!("{head}\n      {why}")));
        }
        replay
    }

    /// Says how many were replayed, and why the others were not.
    pub(super) fn summary(&self) -> String {
        let Self { sequence, replayed, loosely, left_out, complaints } = self;
        let text = format!(
            "recordings/{sequence}: {} exchanges, {replayed} replayed ({loosely} of them with fields that are not \
             compared), {left_out} left out, {} complaints",
            replayed + left_out,
            complaints.len()
        );
        let reasons = left_out::reasons(sequence);
        reasons.fold(text, |text, (numbers, why)| format!("{text}\n  left out, {}: {why}", numbers.len()))
    }
}

impl Player {
    fn of(sequence: &str) -> Self {
        let waldur = serde_json::from_str(&file(&format!("{sequence}.start.json"))).unwrap();
        let town =
            Sandbox::new(Seed { waldur, ..Seed::default() }, Clock::starting_at(START.parse().unwrap()));
        Self { waldur: town.router(System::Waldur), control: town.control(), names: Names::default() }
    }

    /// Does what nobody recorded; returns why it could not be done.
    async fn between(&self, act: &Between) -> Option<String> {
        let (router, request) = match (&act.ask, &act.act) {
            (Some(ask), None) => {
                let body = act.body.as_ref().map(|body| self.names.translate(&body.to_string()));
                let ask = self.names.translate(ask);
                let (method, target) = ask.split_once(' ').unwrap();
                let request = Request::builder()
                    .method(method)
                    .uri(target)
                    .header("Authorization", authorization("", &act.who).unwrap_or_default())
                    .header("Content-Type", "application/json");
                (&self.waldur, request.body(Body::from(body.unwrap_or_default())).unwrap())
            }
            (None, Some(act)) => {
                let mut act: Value = serde_json::from_str(&self.names.translate(&act.to_string())).unwrap();
                act["system"] = json!("waldur");
                let request = Request::builder().method("POST").uri("/meddle");
                (&self.control, request.body(Body::from(act.to_string())).unwrap())
            }
            _ => return Some("is neither a request nor an act".to_owned()),
        };
        let reply = answer(router, request).await;
        (reply.status >= 300).then(|| format!("{} {}", reply.status, reply.text))
    }

    async fn play(&mut self, sequence: &str, exchange: &Exchange) -> Vec<String> {
        let ask = self.names.translate(&exchange.ask);
        let (method, target) = ask.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(target).header("Host", HOST);
        if let Some(authorization) = authorization(&exchange.name, &exchange.who) {
            request = request.header("Authorization", authorization);
        }
        let body = match (&exchange.raw, &exchange.body) {
            (Some(raw), _) => raw.clone(),
            (None, Some(body)) => self.names.translate(&body.to_string()),
            (None, None) => String::new(),
        };
        if !body.is_empty() && !exchange.with.contains_key("Content-Type") {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in &exchange.with {
            request = request.header(name, value);
        }
        let reply = answer(&self.waldur, request.body(Body::from(body)).unwrap()).await;
        self.compare(sequence, exchange, &reply)
    }

    fn compare(&mut self, sequence: &str, exchange: &Exchange, reply: &Reply) -> Vec<String> {
        if reply.status != exchange.status {
            return vec![format!("was {}, is {} {}", exchange.status, reply.status, reply.text.trim())];
        }
        let mut complaints = compare::headers(&mut self.names, &exchange.headers, reply);
        let Some(recorded) = &exchange.answer else {
            let text = exchange.text.as_deref().unwrap_or_default();
            if reply.text != text {
                complaints.push(format!("was {text:?}, is {:?}", reply.text));
            }
            return complaints;
        };
        let Ok(got) = serde_json::from_str::<Value>(&reply.text) else {
            complaints.push(format!("is no JSON: {:?}", reply.text));
            return complaints;
        };
        let fields = loose::of(sequence, exchange);
        let (recorded, got) = if loose::in_any_order(&exchange.ask) {
            (compare::sorted(recorded.clone()), compare::sorted(got))
        } else {
            (recorded.clone(), got)
        };
        complaints.extend(compare::values(&mut self.names, "", &recorded, &got, &fields));
        complaints
    }
}

async fn answer(router: &Router, request: Request<Body>) -> Reply {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let header = |name: &&str| {
        let value = parts.headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), value.to_owned()))
    };
    Reply {
        status: parts.status.as_u16(),
        headers: HEADERS.iter().filter_map(header).collect(),
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}
