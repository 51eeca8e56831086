//! The three clients, request by request: what exactly is asked, and what is made of odd answers.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

mod keycloak;
mod rancher;
mod usage;
mod waldur;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use agent::http::Transport;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::Response;
use serde_json::Value;

/// A server that knows some requests by heart, and notes all that it is asked.
#[derive(Clone)]
struct Script {
    known: Arc<Mutex<BTreeMap<String, Line>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

/// One answer.
#[derive(Clone)]
struct Line {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Script {
    fn new() -> Self {
        Self { known: Arc::default(), asked: Arc::default() }
    }

    /// Learns to answer `request` ("GET /path?query", decoded) with JSON.
    fn answer(self, request: &str, status: u16, body: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        self.learn(request, Line { status, headers, body: body.to_string() })
    }

    /// Learns a list as Waldur gives it.
    fn counted(self, request: &str, total: usize, rows: &Value) -> Self {
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("x-result-count", total.to_string()),
            ("link", String::new()),
        ];
        self.learn(request, Line { status: 200, headers, body: rows.to_string() })
    }

    /// Learns an answer that is no JSON.
    fn raw(self, request: &str, status: u16, headers: &[(&'static str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.learn(request, Line { status, headers, body: body.to_owned() })
    }

    fn learn(self, request: &str, line: Line) -> Self {
        self.known.lock().unwrap().insert(request.to_owned(), line);
        self
    }

    fn transport(&self) -> Transport {
        let script = self.clone();
        Transport::in_process(
            Router::new().fallback(move |request: Request| async move { script.act(request).await }),
        )
    }

    async fn act(self, request: Request) -> Response<Body> {
        let query = request.uri().query().map(|query| {
            let pairs = url::form_urlencoded::parse(query.as_bytes());
            format!("?{}", pairs.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&"))
        });
        let asked = format!("{} {}{}", request.method(), request.uri().path(), query.unwrap_or_default());
        let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
        let noted = if body.is_empty() {
            asked.clone()
        } else {
            format!("{asked} {}", String::from_utf8_lossy(&body))
        };
        self.asked.lock().unwrap().push(noted);
        let unknown = Line { status: 418, headers: Vec::new(), body: format!("not in the script: {asked}") };
        let Line { status, headers, body } =
            self.known.lock().unwrap().get(&asked).cloned().unwrap_or(unknown);
        let answer = headers
            .into_iter()
            .fold(Response::builder().status(status), |answer, (name, value)| answer.header(name, value));
        answer.body(Body::from(body)).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}
