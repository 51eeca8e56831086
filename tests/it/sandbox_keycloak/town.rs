//! A small Keycloak to ask: realm `t1` with groups, people and one client per role; and rows of expectations.

#![expect(clippy::unwrap_used, reason = "a town that cannot be built is a failed test")]

use std::sync::{Arc, Mutex};

use agent::sandbox::clock::Clock;
use agent::sandbox::keycloak::seed::{Client, Group, Realm, User};
use agent::sandbox::keycloak::{Meddle, Seed, State, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

/// The roles that have a client of their own, called `with-ROLE`.
const ROLES: [&str; 6] =
    ["view-users", "query-users", "manage-users", "query-groups", "manage-realm", "impersonation"];

/// A server and the way to ask it.
pub(super) struct Town {
    pub(super) state: Arc<Mutex<State>>,
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

/// What is expected of one call: the status, and the body if it matters.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// A client called `with-ROLE`, or somebody special: see [`Town::token_of`].
    pub(super) caller: &'static str,
    pub(super) body: Value,
    pub(super) status: u16,
    pub(super) answer: Answer,
}

/// How much of an answer's body is expected.
pub(super) enum Answer {
    /// Nothing at all.
    Empty,
    /// Any body.
    Any,
    /// This text, key order and all.
    Text(&'static str),
    /// An array whose entries have these names or usernames, in this order.
    Names(&'static [&'static str]),
    /// At this JSON pointer, this value.
    At(&'static str, Value),
    /// At this JSON pointer, nothing, although there is something above it.
    Absent(&'static str),
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns the names or usernames of a listing.
    pub(super) fn names(&self) -> Vec<String> {
        let rows = self.json();
        let name = |row: &Value| {
            row.get("username").or(row.get("name")).and_then(Value::as_str).unwrap_or("?").to_owned()
        };
        rows.as_array().unwrap().iter().map(name).collect()
    }
}

impl Town {
    pub(super) fn new(version: &str) -> Self {
        Self::of(seed(version))
    }

    pub(super) fn of(seed: Seed) -> Self {
        let state = State::new(seed, Clock::starting_at("2026-11-01T00:00:00Z".parse().unwrap()));
        assert_eq!(state.defects(), [""; 0], "the town's seed contradicts itself");
        let state = Arc::new(Mutex::new(state));
        Self { router: router(Arc::clone(&state)), state }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Got { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    pub(super) async fn form(&self, path: &str, form: &str) -> Got {
        let request = Request::post(path).header("host", "id.test");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    pub(super) async fn token_request(&self, realm: &str, form: &str) -> Got {
        self.form(&format!("/realms/{realm}/protocol/openid-connect/token"), form).await
    }

    /// Logs in: `nobody` has no token, `garbage` a wrong one, `admin` and `root` are users of master, `ann` has no
    /// role at all, `foreigner` lives in another realm; anybody else is a client of `t1`.
    pub(super) async fn token_of(&self, caller: &str) -> String {
        let got = match caller {
            "nobody" => return String::new(),
            "garbage" => return "a.b.c".to_owned(),
            "admin" | "root" => self.password("master", caller).await,
            "ann" => self.password("t1", caller).await,
            "foreigner" => self.password("t2", caller).await,
            client => {
                let form = format!("grant_type=client_credentials&client_id={client}&client_secret=s");
                self.token_request("t1", &form).await
            }
        };
        assert_eq!(got.status, 200, "{caller} cannot log in: {}", got.text);
        got.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(super) async fn password(&self, realm: &str, user: &str) -> Got {
        let form = format!("grant_type=password&client_id=admin-cli&username={user}&password=pw");
        self.token_request(realm, &form).await
    }

    /// Asks the admin API of `t1`; a path that begins with a slash is taken as it is.
    pub(super) async fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> Got {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/admin/realms/t1/{path}") };
        let mut request = Request::builder().method(method).uri(path).header("host", "id.test");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        // A text is sent as it is, so that a row can send what is no JSON.
        let body = match body.as_str() {
            _ if body.is_null() => Body::empty(),
            Some(raw) => Body::from(raw.to_owned()),
            None => Body::from(body.to_string()),
        };
        self.send(request.header("content-type", "application/json").body(body).unwrap()).await
    }

    /// Asks as the client that may manage users.
    pub(super) async fn manage(&self, method: &str, path: &str, body: &Value) -> Got {
        let token = self.token_of("with-manage-users").await;
        self.ask(method, path, &token, body).await
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        self.manage("GET", path, &Value::Null).await
    }

    pub(super) fn meddle(&self, act: &Value) {
        let act: Meddle = serde_json::from_value(act.clone()).unwrap();
        self.state.lock().unwrap().meddle(act).unwrap();
    }

    pub(super) fn snapshot(&self) -> Value {
        self.state.lock().unwrap().snapshot()
    }
}

/// Runs every row on a server of its own and names all that fail.
pub(super) async fn check(rows: Vec<Row>) {
    let mut failures = Vec::new();
    for row in rows {
        let town = Town::new(row.version);
        let token = town.token_of(row.caller).await;
        let got = town.ask(row.method, row.path, &token, &row.body).await;
        let right = match &row.answer {
            Answer::Any => true,
            Answer::Empty => got.text.is_empty(),
            Answer::Text(text) => got.text == *text,
            Answer::Names(names) => got.status == 200 && got.names() == *names,
            Answer::At(pointer, value) => got.json().pointer(pointer) == Some(value),
            Answer::Absent(pointer) => {
                let above = pointer.rsplit_once('/').map_or("", |(above, _)| above);
                got.json().pointer(above).is_some() && got.json().pointer(pointer).is_none()
            }
        };
        if got.status != row.status || !right {
            let Row { name, version, method, path, caller, status, .. } = row;
            let Got { status: given, text, .. } = got;
            failures.push(format!(
                "{name}\n    {method} {path} as {caller} on {version}: expected {status}, got {given} {text}"
            ));
        }
    }
    assert!(failures.is_empty(), "{} rows fail:\n{}", failures.len(), failures.join("\n"));
}

/// A row on 26.7.1 as the client that may manage users.
pub(super) fn row(name: &'static str, call: &'static str, status: u16, answer: Answer) -> Row {
    let (method, path) = call.split_once(' ').unwrap();
    Row {
        name,
        version: "26.7.1",
        method,
        path,
        caller: "with-manage-users",
        body: Value::Null,
        status,
        answer,
    }
}

impl Row {
    pub(super) fn on(self, version: &'static str) -> Self {
        Self { version, ..self }
    }

    pub(super) fn caller(self, caller: &'static str) -> Self {
        Self { caller, ..self }
    }

    pub(super) fn body(self, body: Value) -> Self {
        Self { body, ..self }
    }
}

/// Names the error body of an exception.
pub(super) fn error(text: &str) -> Answer {
    Answer::At("/error", json!(text))
}

/// Names the body of a deliberate refusal.
pub(super) fn message(text: &str) -> Answer {
    Answer::At("/errorMessage", json!(text))
}

/// The seed of the town. Ids are short, to be read in a failure.
pub(super) fn seed(version: &str) -> Seed {
    let t2 =
        Realm { realm: "t2".into(), users: vec![admin_of("foreigner", "realm-admin")], ..Realm::default() };
    let closed = Realm { realm: "closed".into(), enabled: false, ..Realm::default() };
    let master = Realm {
        realm: "master".into(),
        users: vec![admin_of("admin", "admin"), admin_of("root", "t1:manage-users")],
        ..Realm::default()
    };
    Seed { version: version.into(), realms: vec![master, t1(), t2, closed], ..Seed::default() }
}

fn t1() -> Realm {
    let mut clients: Vec<Client> =
        ROLES.iter().map(|role| confidential(&format!("with-{role}"), &[*role])).collect();
    clients.push(confidential("with-none", &[]));
    clients.push(confidential("with-realm-admin", &["realm-admin"]));
    clients.push(Client { full_scope_allowed: false, ..confidential("narrow", &["realm-admin"]) });
    clients.push(Client { enabled: false, ..confidential("switched-off", &[]) });
    clients.push(Client { service_account: false, ..confidential("no-account", &[]) });
    clients.push(Client { access_token_lifespan: Some(1), ..confidential("hasty", &["manage-users"]) });
    clients.push(Client { client_id: "open".into(), ..Client::default() });
    Realm {
        realm: "t1".into(),
        clients,
        users: people(),
        groups: groups(),
        default_groups: vec!["g-3".into()],
        ..Realm::default()
    }
}

fn confidential(client_id: &str, roles: &[&str]) -> Client {
    Client {
        client_id: client_id.into(),
        secret: Some("s".into()),
        service_account: true,
        roles: roles.iter().map(ToString::to_string).collect(),
        ..Client::default()
    }
}

fn admin_of(username: &str, role: &str) -> User {
    User {
        username: username.into(),
        password: Some("pw".into()),
        roles: vec![role.into()],
        email: format!("{username}@example.org"),
        first_name: "Ad".into(),
        last_name: "Min".into(),
        ..User::default()
    }
}

fn people() -> Vec<User> {
    let user = |id: &str, username: &str| User {
        id: id.into(),
        username: username.into(),
        email: format!("{username}@example.org"),
        password: Some("pw".into()),
        ..User::default()
    };
    vec![
        User { first_name: "Ann".into(), last_name: "Alder".into(), ..user("u-ann", "Ann") },
        User { attributes: [("team".into(), vec!["x".into()])].into(), ..user("u-bob", "bob") },
        User { enabled: false, email: String::new(), ..user("u-cy", "cy_d") },
        User { required_actions: vec!["UPDATE_PASSWORD".into()], ..user("u-dee", "dee") },
    ]
}

fn groups() -> Vec<Group> {
    let group = |id: &str, name: &str, parent: Option<&str>, members: &[&str]| Group {
        id: id.into(),
        name: name.into(),
        parent_id: parent.map(Into::into),
        members: members.iter().map(ToString::to_string).collect(),
        ..Group::default()
    };
    let mine = [("managed_by".to_owned(), vec!["agent".to_owned()])];
    vec![
        group("g-2", "c_two", None, &[]),
        Group {
            attributes: mine.into(),
            ..group("g-1a", "project_a", Some("g-1"), &["u-cy", "u-bob", "u-ann"])
        },
        group("g-1", "c_one", None, &["u-dee"]),
        group("g-1b", "project-a", Some("g-1"), &[]),
        group("g-2a", "project_a", Some("g-2"), &["u-ann"]),
        group("g-3", "c_three", None, &[]),
        group("g-s", "with/slash", Some("g-3"), &[]),
    ]
}
