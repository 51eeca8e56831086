//! Nothing of people and nothing secret reaches the log, whatever servers put into their bodies, however much is told.

use std::collections::BTreeSet;

use agent::sandbox::System;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, Response};
use serde_json::{Map, Value, json};
use tower::ServiceExt;

use super::{Run, Site, run};

/// What must reach nobody: names, addresses, numbers and secrets of people.
const PRIVATE: [&str; 7] = [
    "Lovelace",
    "ada@example.org",
    "+372 5551 2345",
    "47101010033",
    "correct horse battery staple",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",
    "0123456789abcdef0123456789abcdef01234567",
];

/// How a server is hostile.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// It puts private things beside all that is asked for.
    Adds,
    /// It puts them in place of what is asked for.
    Misfits,
    /// It refuses to be read, and explains it at length.
    RefusesReads(u16),
    /// It refuses to be written to, and explains it at length.
    RefusesWrites(u16),
    /// It refuses everything in plain text.
    Plain,
}

/// Private things under keys of all sorts, none of them for explanations.
fn private_fields() -> Map<String, Value> {
    let [name, address, phone, number, words, token, key] = PRIVATE;
    let fields = json!({
        "email": address, "full_name": format!("Ada {name}"), "first_name": "Ada", "last_name": name, "native_name": name,
        "phone_number": phone, "civil_number": number, "personal": number.parse::<u64>().unwrap(), "password": words,
        "access_token": token, "api_token": key, address: true, "credentials": [{ "secretData": words, "value": token }],
        "owner": { "displayName": format!("{name}, Ada"), "emails": [address, { "primary": address }] },
        "notes": format!("call {name}, {phone}, or write to <{address}>"),
    });
    fields.as_object().unwrap().clone()
}

/// A refusal in the manner of all systems at once.
fn refusal(status: u16) -> Value {
    let [_, address, .., token, key] = PRIVATE;
    let sentence = format!("<{address}> with token {token}: {key} may not do this");
    let explained = json!({
        "detail": sentence, "message": sentence, "error": sentence, "error_description": sentence,
        "errorMessage": sentence, "non_field_errors": [sentence], "limits": [sentence], "backend_id": [sentence],
        "type": "error", "code": "InvalidState", "status": status, "kind": "Status", "reason": "Invalid",
    });
    let mut all = private_fields();
    all.extend(explained.as_object().unwrap().clone());
    all.into()
}

/// Changes every object that is a thing of its own, at any depth.
fn spoil(value: &mut Value, way: Way) {
    if let Some(rows) = value.as_array_mut() {
        for row in rows {
            spoil(row, way);
        }
    }
    let Some(fields) = value.as_object_mut() else { return };
    for field in fields.values_mut() {
        spoil(field, way);
    }
    let has = |key: &str| fields.contains_key(key);
    if matches!(way, Way::Adds) && ["uuid", "id", "name"].into_iter().any(has) {
        fields.extend(private_fields());
    }
    if matches!(way, Way::Misfits) {
        for key in ["state", "limits", "annotations", "attributes", "created", "username"] {
            if let Some(field) = fields.get_mut(key) {
                *field = format!("Ada {} <{}>", PRIVATE[0], PRIVATE[1]).into();
            }
        }
    }
}

/// Returns what a hostile server says at once, if it says no.
fn refused(way: Way, request: &Request, is_login: bool) -> Option<Response<Body>> {
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let (status, kind, body) = match way {
        Way::RefusesReads(status) if is_reading => (status, "application/json", refusal(status).to_string()),
        Way::RefusesWrites(status) if !is_reading && !is_login => {
            (status, "application/json", refusal(status).to_string())
        }
        Way::Plain if !is_login => (400, "text/plain", PRIVATE.join(" ")),
        Way::Adds | Way::Misfits | Way::RefusesReads(_) | Way::RefusesWrites(_) | Way::Plain => return None,
    };
    let answer = Response::builder().status(status).header("content-type", kind);
    Some(answer.body(Body::from(body)).unwrap())
}

async fn answer(router: Router, way: Way, request: Request) -> Response<Body> {
    let is_login = request.uri().path().ends_with("/token");
    if let Some(refused) = refused(way, &request, is_login) {
        return refused;
    }
    let (mut parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let Some(mut value) = serde_json::from_slice::<Value>(&body).ok().filter(|_| !is_login) else {
        return Response::from_parts(parts, Body::from(body));
    };
    spoil(&mut value, way);
    parts.headers.remove("content-length");
    Response::from_parts(parts, Body::from(value.to_string()))
}

/// Puts a hostile server in front of one of the sandbox's, and returns where it is.
async fn hostile(site: &Site, system: System, way: Way) -> String {
    let router = site.sandbox.router(system);
    let fallback = move |request: Request| answer(router.clone(), way, request);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(fallback)).await });
    root
}

async fn config(site: &Site, way: Way) -> String {
    let waldur = hostile(site, System::Waldur, way).await;
    let rancher = hostile(site, System::Rancher, way).await;
    let keycloak = hostile(site, System::Keycloak, way).await;
    let config = site.config_with(&[
        ("waldur_api_url", format!("{waldur}/api/").into()),
        ("backend_url", rancher.into()),
        ("keycloak_url", keycloak.into()),
    ]);
    site.file("hostile.yaml", &config.to_string()).display().to_string()
}

fn shows_nothing(run: &Run, way: Way) {
    let all = format!("{}{}", run.out, run.err);
    for private in PRIVATE.into_iter().chain(["eyJ"]) {
        assert!(!all.contains(private), "{way:?}: {private:?} is shown:\n{all}");
    }
    assert!(!run.err.contains('@'), "{way:?}: an address is in the log:\n{}", run.err);
}

async fn nothing_is_shown(name: &str, way: Way) {
    let site = Site::open(name).await;
    let file = config(&site, way).await;
    let mut told = BTreeSet::new();
    for verb in [
        &["plan"][..],
        &["reconcile", "--once"],
        &["reconcile", "--once", "--log-format", "json"],
        &["report"],
    ] {
        let mut arguments = verb.to_vec();
        arguments.extend(["--log-level", "debug", "-c", &file]);
        let run = run(&site.home, &arguments).await;
        shows_nothing(&run, way);
        told.extend(
            ["waldur", "rancher", "keycloak"]
                .into_iter()
                .filter(|it| run.err.contains(&format!("system={it}"))),
        );
    }
    assert_eq!(told.len(), 3, "{way:?}: not all systems were asked: {told:?}");
}

macro_rules! ways {
    ($($test:ident = $way:expr;)+) => { $(
        #[tokio::test]
        async fn $test() {
            nothing_is_shown(concat!("hostile-", stringify!($test)), $way).await;
        }
    )+ };
}

ways! {
    what_stands_beside_what_was_asked_for_is_not_shown = Way::Adds;
    what_stands_in_place_of_what_was_asked_for_is_not_shown = Way::Misfits;
    what_explains_a_bad_request_names_nobody = Way::RefusesReads(400);
    what_explains_a_lack_of_rights_names_nobody = Way::RefusesReads(403);
    what_explains_an_internal_error_names_nobody = Way::RefusesReads(500);
    what_explains_a_refused_write_names_nobody = Way::RefusesWrites(400);
    what_explains_a_conflict_names_nobody = Way::RefusesWrites(409);
    what_explains_a_failed_write_names_nobody = Way::RefusesWrites(500);
    plain_text_is_not_shown = Way::Plain;
}
