//! A row: a name and a few steps against a simulated Rancher of its own, in virtual time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent::sandbox::clock::Clock;
use agent::sandbox::rancher::{Cluster, Meddle, Namespace, Pod, Project, Seed, State, Token, User, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt;

/// The secret part of every key here.
const SECRET: &str = "s3cret";

enum Step {
    Ask {
        key: &'static str,
        method: &'static str,
        path: String,
        body: Option<Value>,
        headers: Vec<(&'static str, String)>,
    },
    Is(u16),
    Has(&'static str, Value),
    Lacks(&'static str),
    Counts(&'static str, usize),
    Keeps(&'static str, &'static str),
    Header(&'static str, &'static str),
    Text(&'static str),
    Waits(u64),
    Meddles(Value),
}

/// A row of a table.
pub(crate) struct Row {
    name: &'static str,
    seed: Seed,
    steps: Vec<Step>,
}

/// Begins a row.
pub(crate) fn row(name: &'static str) -> Row {
    Row { name, seed: seed(), steps: Vec::new() }
}

impl Row {
    pub(crate) fn version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.seed.version);
        self
    }

    pub(crate) fn seeded(mut self, change: impl FnOnce(&mut Seed)) -> Self {
        change(&mut self.seed);
        self
    }

    /// Asks with the key of that name; an empty name asks without a key.
    pub(crate) fn ask(
        mut self,
        key: &'static str,
        method: &'static str,
        path: &str,
        body: impl Into<Option<Value>>,
    ) -> Self {
        let (path, body) = (path.to_owned(), body.into());
        self.steps.push(Step::Ask { key, method, path, body, headers: Vec::new() });
        self
    }

    /// Adds a header to the request before.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Some(Step::Ask { headers, .. }) = self.steps.last_mut() {
            headers.push((name, value.to_owned()));
        }
        self
    }

    pub(crate) fn get(self, path: &str) -> Self {
        self.ask("admin", "GET", path, None)
    }

    pub(crate) fn post(self, path: &str, body: Value) -> Self {
        self.ask("admin", "POST", path, body)
    }

    pub(crate) fn put(self, path: &str, body: Value) -> Self {
        self.ask("admin", "PUT", path, body)
    }

    pub(crate) fn patch(self, path: &str, body: Value) -> Self {
        self.ask("admin", "PATCH", path, body).with("content-type", "application/merge-patch+json")
    }

    pub(crate) fn delete(self, path: &str) -> Self {
        self.ask("admin", "DELETE", path, None)
    }

    pub(crate) fn is(self, status: u16) -> Self {
        self.then(Step::Is(status))
    }

    pub(crate) fn has(self, pointer: &'static str, value: impl Into<Value>) -> Self {
        self.then(Step::Has(pointer, value.into()))
    }

    pub(crate) fn lacks(self, pointer: &'static str) -> Self {
        self.then(Step::Lacks(pointer))
    }

    pub(crate) fn counts(self, pointer: &'static str, count: usize) -> Self {
        self.then(Step::Counts(pointer, count))
    }

    /// Keeps a text of the answer under a name; later addresses and bodies have it for `{name}`.
    pub(crate) fn keeps(self, name: &'static str, pointer: &'static str) -> Self {
        self.then(Step::Keeps(name, pointer))
    }

    pub(crate) fn header(self, name: &'static str, value: &'static str) -> Self {
        self.then(Step::Header(name, value))
    }

    pub(crate) fn text(self, text: &'static str) -> Self {
        self.then(Step::Text(text))
    }

    pub(crate) fn waits(self, milliseconds: u64) -> Self {
        self.then(Step::Waits(milliseconds))
    }

    pub(crate) fn meddles(self, act: Value) -> Self {
        self.then(Step::Meddles(act))
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// Plays all rows and names those that fail.
pub(crate) async fn play(rows: Vec<Row>) {
    let mut failures = Vec::new();
    for row in rows {
        let name = row.name;
        if let Err(problem) = tell(row).await {
            failures.push(format!("\"{name}\": {problem}"));
        }
    }
    assert!(failures.is_empty(), "rows failed:\n{}", failures.join("\n"));
}

/// What the last answer was, and what is kept.
#[derive(Default)]
struct Seen {
    status: u16,
    headers: BTreeMap<String, String>,
    text: String,
    body: Value,
    kept: BTreeMap<&'static str, String>,
}

async fn tell(row: Row) -> Result<(), String> {
    let clock = Clock::starting_at(Timestamp::from_second(1_787_306_400).map_err(|error| error.to_string())?);
    let state = Arc::new(Mutex::new(State::new(row.seed, clock)));
    let router = router(Arc::clone(&state));
    let mut seen = Seen::default();
    for (index, step) in row.steps.into_iter().enumerate() {
        step_of(step, &router, &state, &mut seen).await.map_err(|problem| {
            format!("step {}: {problem}; the answer was {} {}", index + 1, seen.status, seen.text)
        })?;
    }
    Ok(())
}

async fn step_of(step: Step, router: &Router, state: &Mutex<State>, seen: &mut Seen) -> Result<(), String> {
    match step {
        Step::Ask { key, method, path, body, headers } => {
            ask(router, seen, key, method, &path, body, headers).await
        }
        Step::Is(status) => same("the status", &seen.status, &status),
        Step::Has(pointer, value) => {
            let value = filled(&value, &seen.kept);
            same(pointer, &seen.body.pointer(pointer), &Some(&value))
        }
        Step::Lacks(pointer) => same(pointer, &seen.body.pointer(pointer), &None),
        Step::Counts(pointer, count) => {
            same(pointer, &seen.body.pointer(pointer).and_then(Value::as_array).map(Vec::len), &Some(count))
        }
        Step::Keeps(name, pointer) => {
            let text = seen.body.pointer(pointer).and_then(Value::as_str);
            let text = text.ok_or_else(|| format!("no text at {pointer}"))?.to_owned();
            seen.kept.insert(name, text);
            Ok(())
        }
        Step::Header(name, value) => same(name, &seen.headers.get(name).map(String::as_str), &Some(value)),
        Step::Text(text) => same("the text", &seen.text.as_str(), &text),
        Step::Waits(milliseconds) => {
            tokio::time::advance(Duration::from_millis(milliseconds)).await;
            Ok(())
        }
        Step::Meddles(act) => {
            let act: Meddle =
                serde_json::from_value(filled(&act, &seen.kept)).map_err(|error| error.to_string())?;
            state.lock().map_err(|error| error.to_string())?.meddle(act)
        }
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, actual: &T, wanted: &T) -> Result<(), String> {
    if actual == wanted { Ok(()) } else { Err(format!("{what} is {actual:?}, not {wanted:?}")) }
}

async fn ask(
    router: &Router,
    seen: &mut Seen,
    key: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
    headers: Vec<(&'static str, String)>,
) -> Result<(), String> {
    let mut path = path.to_owned();
    for (name, text) in &seen.kept {
        path = path.replace(&format!("{{{name}}}"), text);
    }
    let mut request = Request::builder().method(method).uri(&path).header("host", "rancher.test");
    if !key.is_empty() {
        request = request.header("authorization", format!("Bearer {key}:{SECRET}"));
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(filled(&body, &seen.kept).to_string()));
    let request = request.body(body).map_err(|error| error.to_string())?;
    let response = router.clone().oneshot(request).await.map_err(|error| error.to_string())?;
    seen.status = response.status().as_u16();
    let headers = response.headers().iter();
    seen.headers = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.map_err(|error| error.to_string())?;
    seen.text = String::from_utf8_lossy(&bytes).into_owned();
    seen.body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Ok(())
}

fn filled(value: &Value, kept: &BTreeMap<&'static str, String>) -> Value {
    let mut text = value.to_string();
    for (name, kept) in kept {
        text = text.replace(&format!("{{{name}}}"), kept);
    }
    serde_json::from_str(&text).unwrap_or_else(|_| value.clone())
}

/// A small Rancher: one cluster with one project, an administrator, and keys with less.
fn seed() -> Seed {
    let key = |name: &str, user: &str| Token {
        name: name.to_owned(),
        secret: SECRET.to_owned(),
        user_id: user.to_owned(),
        ..Token::default()
    };
    let expires_at = Timestamp::from_second(1_787_306_400 + 60).ok();
    Seed {
        tokens: vec![
            key("admin", "u-admin"),
            Token { cluster_id: Some("c-one".to_owned()), ..key("scoped", "u-admin") },
            Token {
                visible_projects: Some(["c-one:p-astro".to_owned()].into()),
                ..key("narrow", "u-narrow")
            },
            Token { read_only: true, ..key("reader", "u-reader") },
            Token { expires_at, ..key("mortal", "u-admin") },
            Token { grantable_roles: Some(["read-only".to_owned()].into()), ..key("modest", "u-modest") },
        ],
        users: vec![User {
            id: "u-ada".to_owned(),
            username: "ada".to_owned(),
            name: "Ada".to_owned(),
            ..User::default()
        }],
        clusters: vec![Cluster {
            id: "c-one".to_owned(),
            name: "one".to_owned(),
            uuid: Some("11111111-2222-3333-4444-555555555555".to_owned()),
            ..Cluster::default()
        }],
        projects: vec![Project {
            id: "c-one:p-astro".to_owned(),
            name: "astro".to_owned(),
            ..Project::default()
        }],
        ..Seed::default()
    }
}

/// A namespace for seeds.
pub(crate) fn namespace(name: &str, project: Option<&str>) -> Namespace {
    Namespace {
        cluster_id: "c-one".to_owned(),
        name: name.to_owned(),
        project_id: project.map(str::to_owned),
        ..Namespace::default()
    }
}

/// A pod for seeds.
pub(crate) fn pod(namespace: &str, name: &str, phase: &str) -> Pod {
    Pod {
        cluster_id: "c-one".to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        phase: phase.to_owned(),
        spec: json!({"containers": [{"name": "main", "resources": {"requests": {"cpu": "1"}}}]}),
        ..Pod::default()
    }
}
