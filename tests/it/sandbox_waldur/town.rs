//! A small Waldur to ask, and rows that name themselves when they fail.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use std::sync::{Arc, Mutex};

use agent::sandbox::clock::Clock;
use agent::sandbox::waldur::{Dialect, Meddle, Seed, State, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(super) const PROVIDER: &str = "c0000000000000000000000000000001";
pub(super) const CONSUMER: &str = "c0000000000000000000000000000002";
pub(super) const RANCHER: &str = "0f000000000000000000000000000001";
pub(super) const PRIVATE: &str = "0f000000000000000000000000000002";
pub(super) const FOREIGN: &str = "0f000000000000000000000000000003";
pub(super) const TEAM_ALPHA: &str = "4e000000000000000000000000000001";
pub(super) const GONE: &str = "4e000000000000000000000000000002";
pub(super) const FOREIGN_RESOURCE: &str = "4e000000000000000000000000000009";
pub(super) const SERVICE: &str = "5e000000000000000000000000000001";
pub(super) const PROJECT: &str = "70000000000000000000000000000001";
pub(super) const ALICE: &str = "a0000000000000000000000000000001";
pub(super) const BOB: &str = "a0000000000000000000000000000002";
pub(super) const CAROL: &str = "a0000000000000000000000000000003";
pub(super) const DAVE: &str = "a0000000000000000000000000000004";
pub(super) const OWNER: &str = "a0000000000000000000000000000006";
pub(super) const ALICE_THERE: &str = "ac000000000000000000000000000001";
pub(super) const CAROL_THERE: &str = "ac000000000000000000000000000003";

/// One provider, one consumer, three offerings (one of a stranger), and a project with everything in it that can
/// surprise.
pub(super) fn seed() -> Value {
    json!({
        "dialect": "2024",
        "tokens": [
            {"key": "agent", "role": "provider-owner", "user_uuid": "A0000000-0000-0000-0000-0000000000AA"},
            {"key": "manager", "role": "offering-manager", "offerings": [RANCHER]},
            {"key": "outsider", "role": "outsider"},
            {"key": "owner", "user_uuid": OWNER, "customers": [CONSUMER]},
            {"key": "alice", "user_uuid": ALICE, "role": "outsider"},
            {"key": "carol", "user_uuid": CAROL, "role": "outsider"},
            {"key": "staff", "role": "staff"},
            {"key": "hasty", "role": "provider-owner", "lifetime": 600},
            {"key": "switched-off", "user_uuid": DAVE},
        ],
        "customers": [
            {"uuid": PROVIDER, "name": "Provider Org", "slug": "provider", "abbreviation": "PROV"},
            {"uuid": CONSUMER, "name": "Consumer Org", "slug": "consumer"},
        ],
        "users": [
            {"uuid": "a00000000000000000000000000000aa", "username": "agent", "full_name": "Site Agent", "email": "agent@example.org"},
            {"uuid": ALICE, "username": "alice", "full_name": "Alice Manager", "email": "alice@example.org"},
            {"uuid": BOB, "username": "bob", "full_name": "Bob Admin", "email": "bob@example.org"},
            {"uuid": CAROL, "username": "carol", "full_name": "Carol Member", "email": "carol@example.org"},
            {"uuid": DAVE, "username": "dave", "full_name": "Dave Outsider", "inactive": true},
            {"uuid": OWNER, "username": "owner", "full_name": "Olga Owner", "email": "owner@example.org"},
        ],
        "projects": [{
            "uuid": PROJECT, "name": "Project One", "slug": "project-1", "customer_uuid": CONSUMER,
            "grants": [
                {"user_uuid": ALICE, "role": "manager"},
                {"user_uuid": BOB, "role": "admin"},
                {"user_uuid": CAROL, "role": "member", "expiration_time": "2027-01-01T00:00:00Z"},
                {"user_uuid": DAVE, "role": "member", "expiration_time": "2026-11-01T00:00:00Z"},
                {"user_uuid": BOB, "role": "manager"},
            ],
        }],
        "offerings": [
            {
                "uuid": RANCHER, "name": "Rancher-like cluster", "slug": "rancher", "customer_uuid": PROVIDER,
                "components": [
                    {"type": "cpu", "name": "CPU", "billing_type": "limit", "measured_unit": "cores", "max_value": 64},
                    {"type": "storage", "name": "Storage", "billing_type": "usage", "measured_unit": "GB"},
                ],
                "plugin_options": {"username_generation_policy": "service_provider", "service_provider_can_create_offering_user": true},
                "secret_options": {"service_provider_can_create_offering_user": true},
            },
            {"uuid": PRIVATE, "name": "Private", "customer_uuid": PROVIDER, "shared": false, "state": "Paused"},
            {"uuid": FOREIGN, "name": "Somebody else's", "customer_uuid": "c0000000000000000000000000000003"},
        ],
        "resources": [
            {
                "uuid": "4E000000-0000-0000-0000-000000000001", "name": "team-alpha", "slug": "team-alp-1", "offering_uuid": RANCHER,
                "project_uuid": PROJECT, "backend_id": "c-m-abc:p-1", "limits": {"cpu": 4},
                "created": "2026-11-20T01:36:30.764395Z", "modified": "2026-11-22T12:00:00Z",
            },
            {"uuid": GONE, "name": "to-terminate", "offering_uuid": RANCHER, "project_uuid": PROJECT, "state": "Terminated", "backend_id": "bk-gone"},
            {"uuid": FOREIGN_RESOURCE, "name": "not ours", "offering_uuid": FOREIGN, "project_uuid": PROJECT},
        ],
        "offering_users": [
            {"uuid": ALICE_THERE, "offering_uuid": RANCHER, "user_uuid": ALICE, "username": "alice-wal"},
            {"uuid": CAROL_THERE, "offering_uuid": RANCHER, "user_uuid": CAROL, "username": "", "state": "Creating", "is_restricted": true},
        ],
        "service_providers": [{"uuid": SERVICE, "customer_uuid": PROVIDER}],
    })
}

/// A Waldur that somebody asks.
pub(super) struct Town {
    router: Router,
    pub(super) state: Arc<Mutex<State>>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Town {
    pub(super) fn new(dialect: Dialect) -> Self {
        let seed = Seed { dialect, ..serde_json::from_value(seed()).expect("the seed is a seed") };
        Self::of(seed)
    }

    pub(super) fn of(seed: Seed) -> Self {
        let clock = Clock::starting_at("2026-11-23T08:00:00Z".parse().unwrap());
        let state = Arc::new(Mutex::new(State::new(seed, clock)));
        Self { router: router(Arc::clone(&state)), state }
    }

    /// Asks in one line: `GET /path`, or `POST /path {"a": 1}`, with a token and further headers.
    pub(super) async fn ask(&self, line: &str, headers: &[(&str, &str)]) -> Reply {
        let (method, rest) = line.split_once(' ').unwrap();
        let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut request = Request::builder().method(method).uri(path).header("Host", "waldur.test:8443");
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "Content-Type") {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let reply = self.ask(&format!("GET {path}"), &[AGENT]).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.json()
    }

    pub(super) fn meddle(&self, act: Value) {
        let act: Meddle = serde_json::from_value(act).expect("an act");
        self.state.lock().unwrap().meddle(act).expect("an act that can be done");
    }
}

pub(super) const AGENT: (&str, &str) = ("Authorization", "Token agent");
pub(super) const MANAGER: (&str, &str) = ("Authorization", "Token manager");
pub(super) const OUTSIDER: (&str, &str) = ("Authorization", "Token outsider");
pub(super) const STAFF: (&str, &str) = ("Authorization", "Token staff");
pub(super) const OWNS: (&str, &str) = ("Authorization", "Token owner");
pub(super) const LEADS: (&str, &str) = ("Authorization", "Token alice");
pub(super) const WORKS: (&str, &str) = ("Authorization", "Token carol");

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// One row of a table: its name, the request in a line, its headers, and what must hold.
pub(super) type Row<'a> = (&'a str, String, &'a [(&'a str, &'a str)], Vec<Must>);

/// What must hold of a reply.
#[derive(Debug)]
pub(super) enum Must {
    Status(u16),
    Json(Value),
    /// Keys of the object, or of the first object of the list, sorted.
    Keys(&'static str),
    /// The value at a JSON pointer.
    At(&'static str, Value),
    Has(&'static str),
    Header(&'static str, String),
    NoHeader(&'static str),
}

impl Must {
    fn complaint(&self, reply: &Reply) -> Option<String> {
        let json = || serde_json::from_str::<Value>(&reply.text).unwrap_or_default();
        let (holds, got) = match self {
            Self::Status(status) => (reply.status == *status, reply.status.to_string()),
            Self::Json(wanted) => (json() == *wanted, reply.text.clone()),
            Self::Keys(wanted) => {
                let body = json();
                let object = body.get(0).unwrap_or(&body).as_object().cloned().unwrap_or_default();
                let keys = object.keys().cloned().collect::<Vec<_>>().join(" ");
                (keys == *wanted, keys)
            }
            Self::At(pointer, wanted) => {
                (json().pointer(pointer) == Some(wanted), format!("{:?}", json().pointer(pointer)))
            }
            Self::Has(part) => (reply.text.contains(part), reply.text.clone()),
            Self::Header(name, wanted) => {
                (reply.header(name) == Some(wanted), format!("{:?}", reply.header(name)))
            }
            Self::NoHeader(name) => (reply.header(name).is_none(), format!("{:?}", reply.header(name))),
        };
        (!holds).then(|| format!("wanted {self:?}, got {got}"))
    }
}

/// Asks every row of a fresh town, and says which rows do not hold.
pub(super) async fn hold(dialect: Dialect, rows: Vec<Row<'_>>) {
    let mut complaints = Vec::new();
    for (name, line, headers, musts) in rows {
        assert!(!musts.is_empty(), "row \"{name}\" cannot fail");
        let reply = Town::new(dialect).ask(&line, headers).await;
        let failed = musts.iter().filter_map(|must| must.complaint(&reply));
        complaints.extend(failed.map(|why| format!("\n  {name}: {line}: {why}")));
    }
    assert!(complaints.is_empty(), "{}", complaints.concat());
}

/// Asks every row of one town, in turn, and says which rows do not hold. Between two of them the task queue has time
/// to run.
pub(super) async fn tell(town: &Town, rows: Vec<Row<'_>>) {
    let mut complaints = Vec::new();
    for (name, line, headers, musts) in rows {
        let reply = town.ask(&line, headers).await;
        let failed = musts.iter().filter_map(|must| must.complaint(&reply));
        complaints.extend(failed.map(|why| format!("\n  {name}: {line}: {why}")));
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
    }
    assert!(complaints.is_empty(), "{}", complaints.concat());
}
