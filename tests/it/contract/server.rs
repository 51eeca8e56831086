//! A Keycloak to ask over a socket: the simulated one, or a real one that the environment names.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use agent::sandbox::{Clock, Running, Sandbox, Seed, System, serve};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

use super::environment;
use super::realm::Realm;
use super::sow;

/// A version such as 26.7.3.
pub(super) type Version = (u16, u16, u16);

/// A server with realms for the contract.
pub(super) struct Server {
    /// What it is, in words for the count.
    pub(super) title: String,
    pub(super) version: Version,
    /// Its address, with the path below which it lies and without a slash at its end.
    pub(super) base: String,
    http: reqwest::Client,
    admin: (String, String),
    simulated: Option<(Sandbox, Running)>,
    realms: Vec<Realm>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

/// What goes out below the headers.
#[derive(Debug, Clone)]
pub(super) enum Body {
    /// Nothing, and no word about it.
    None,
    /// JSON.
    Json(Value),
    /// This text, said to be JSON.
    Raw(&'static str),
    /// A form.
    Form(String),
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns the id of what was made: the last part of where it is.
    pub(super) fn made(&self) -> Option<String> {
        self.header("location").rsplit('/').next().filter(|id| !id.is_empty()).map(str::to_owned)
    }
}

impl Server {
    /// Opens the simulated server, playing `version` below `prefix`.
    pub(super) async fn simulated(version: &str, prefix: &str, realms: Vec<Realm>) -> Self {
        let seed = Seed { keycloak: sow::seed(version, prefix, &realms), ..Seed::default() };
        let clock = Clock::starting_at("2026-11-23T08:00:00Z".parse().expect("a time"));
        let sandbox = Sandbox::new(seed, clock);
        assert_eq!(sandbox.snapshot_of(System::Keycloak)["defects"], Value::Null, "the realms fit");
        let running =
            serve(sandbox.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.expect("ports are free");
        let base = format!("{}{prefix}", running.keycloak.as_str().trim_end_matches('/'));
        Self {
            title: format!("sandbox as Keycloak {version}{}", below(prefix)),
            version: parse(version),
            base,
            http: client(),
            admin: (sow::ADMIN.0.to_owned(), sow::ADMIN.1.to_owned()),
            simulated: Some((sandbox, running)),
            realms,
        }
    }

    /// Opens realms on the real server that the environment names, and finds out its version.
    pub(super) async fn real(realms: Vec<Realm>) -> Self {
        let [base, admin, password] = environment::keycloak();
        let base = base.trim_end_matches('/').to_owned();
        let mut server = Self {
            title: String::new(),
            version: (0, 0, 0),
            base,
            http: client(),
            admin: (admin, password),
            simulated: None,
            realms: Vec::new(),
        };
        let got = server.as_admin("GET", "/admin/serverinfo", Body::None).await;
        let version = got.json()["systemInfo"]["version"].as_str().map(str::to_owned);
        let version = version.unwrap_or_else(|| {
            panic!("the administrator is not told the version: {} {}", got.status, got.text)
        });
        server.version = parse(&version);
        server.title = format!("Keycloak {version}{}", below(&server.prefix()));
        for realm in realms {
            server.open(realm).await;
        }
        server
    }

    /// Opens a realm, unless it was imported when the server started; one that an earlier run left behind goes first.
    async fn open(&mut self, realm: Realm) {
        let at = format!("/admin/realms/{}", realm.name);
        if !environment::imported(&realm.name) {
            self.as_admin("DELETE", &at, Body::None).await;
            let got = self.as_admin("POST", "/admin/realms", Body::Json(realm.body.clone())).await;
            assert_eq!(got.status, 201, "the realm {} cannot be opened: {}", realm.name, got.text);
        }
        self.realms.push(realm);
    }

    /// Removes the realms again.
    pub(super) async fn close(self) {
        if let Some((_, running)) = self.simulated {
            running.stop().await.expect("the sandbox stops");
            return;
        }
        for realm in &self.realms {
            let got = self.as_admin("DELETE", &format!("/admin/realms/{}", realm.name), Body::None).await;
            assert_eq!(got.status, 204, "the realm {} cannot be removed: {}", realm.name, got.text);
        }
    }

    /// Returns the version as it is written.
    pub(super) fn version_text(&self) -> String {
        let (major, minor, patch) = self.version;
        format!("{major}.{minor}.{patch}")
    }

    /// Returns the path below which the server lies.
    pub(super) fn prefix(&self) -> String {
        url::Url::parse(&self.base).expect("the base is an address").path().trim_end_matches('/').to_owned()
    }

    /// Returns the root of the host.
    pub(super) fn root(&self) -> String {
        self.base.strip_suffix(&self.prefix()).unwrap_or(&self.base).to_owned()
    }

    /// Returns what the rows call by a name in `realm`.
    pub(super) fn ids(&self, realm: &str) -> &BTreeMap<String, String> {
        &self.realms.iter().find(|known| known.name == realm).expect("the realm is open").ids
    }

    /// Logs in: `-` is nobody, `garbage` has a wrong token, `admin` is the administrator of the server, those without a
    /// dash are people with the password `pw`, and those with one are clients.
    pub(super) async fn token(&self, realm: &str, who: &str) -> String {
        let (realm, form) = match who {
            "-" => return String::new(),
            "garbage" => return "a.b.c".to_owned(),
            "admin" => ("master", password_form(&self.admin.0, &self.admin.1)),
            client if client.contains('-') || ["narrow", "hasty"].contains(&client) => {
                (realm, format!("grant_type=client_credentials&client_id={client}&client_secret=s"))
            }
            person => (realm, password_form(person, "pw")),
        };
        let at = format!("{}/realms/{realm}/protocol/openid-connect/token", self.base);
        let got = self.ask("POST", &at, "", Body::Form(form)).await;
        let token = got.json()["access_token"].as_str().map(str::to_owned);
        token.unwrap_or_else(|| {
            panic!("{who} cannot log in to {realm} of {}: {} {}", self.title, got.status, got.text)
        })
    }

    /// Makes an account behind the agent's back, as its first login would.
    pub(super) async fn add_account(&self, realm: &str, username: &str) {
        if let Some((sandbox, _)) = &self.simulated {
            meddle(sandbox, json!({ "act": "add-user", "realm": realm, "username": username }));
            return;
        }
        let user = json!({ "username": username, "enabled": true });
        let at = format!("/admin/realms/{realm}/users");
        let got = self.as_admin("POST", &at, Body::Json(user)).await;
        assert_eq!(got.status, 201, "{username} cannot be made: {}", got.text);
    }

    /// Ends the sessions of an account, and with them its tokens.
    pub(super) async fn log_out(&self, realm: &str, user: &str) {
        if let Some((sandbox, _)) = &self.simulated {
            meddle(sandbox, json!({ "act": "revoke-tokens", "realm": realm }));
            return;
        }
        let at = format!("/admin/realms/{realm}/users/{user}/logout");
        let got = self.as_admin("POST", &at, Body::None).await;
        assert_eq!(got.status, 204, "{user} cannot be logged out: {}", got.text);
    }

    /// Asks something below the base as the administrator, whose token is always a new one: an older one does not know
    /// realms that were opened since.
    pub(super) async fn as_admin(&self, method: &str, path: &str, body: Body) -> Got {
        let token = self.token("master", "admin").await;
        self.ask(method, &format!("{}{path}", self.base), &token, body).await
    }

    /// Asks anything.
    pub(super) async fn ask(&self, method: &str, url: &str, token: &str, body: Body) -> Got {
        let bearer = if token.is_empty() { String::new() } else { format!("Bearer {token}") };
        exchange(&self.http, method, url, &bearer, body).await
    }
}

/// Asks a server, with an `Authorization` unless it is empty.
pub(super) async fn exchange(
    http: &reqwest::Client,
    method: &str,
    url: &str,
    authorization: &str,
    body: Body,
) -> Got {
    let method: Method = method.parse().expect("a method");
    let writes = method != Method::GET;
    let mut request = http.request(method, url).header("accept", "application/json");
    if !authorization.is_empty() {
        request = request.header(AUTHORIZATION, authorization);
    }
    request = match body {
        Body::None if writes => request.header(CONTENT_LENGTH, 0),
        Body::None => request,
        Body::Json(body) => request.header(CONTENT_TYPE, "application/json").body(body.to_string()),
        Body::Raw(body) => request.header(CONTENT_TYPE, "application/json").body(body),
        Body::Form(body) => request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body),
    };
    let answer = request.send().await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Got { status, headers, text: answer.text().await.expect("the body can be read") }
}

/// Makes a client as plain as there is: no proxy, no redirects, no patience without end.
pub(super) fn client() -> reqwest::Client {
    let plain = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    plain.timeout(std::time::Duration::from_mins(5)).build().expect("a client")
}

fn meddle(sandbox: &Sandbox, mut act: Value) {
    act["system"] = "keycloak".into();
    sandbox.meddle(serde_json::from_value(act).expect("an act")).expect("it can be done");
}

fn password_form(username: &str, password: &str) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "password").append_pair("client_id", "admin-cli");
    form.append_pair("username", username).append_pair("password", password).finish()
}

fn parse(version: &str) -> Version {
    let mut numbers = version.split(['.', '-']).map(|number| number.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}

fn below(prefix: &str) -> String {
    if prefix.is_empty() { String::new() } else { format!(" below {prefix}") }
}
