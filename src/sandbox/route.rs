//! What a request is by its method and address: its kind, its pattern, its address without secrets.

use axum::http::Method;

use super::system::System;

/// Whether a request asks for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It looks, or logs in.
    Read,
    /// It changes something.
    Write,
}

/// The words that mark a query parameter whose value is never kept.
const SECRET: [&str; 7] = ["token", "secret", "password", "assertion", "authorization", "api_key", "apikey"];

/// Returns whether a request asks for a change: a POST, PUT, PATCH or DELETE that neither logs in nor asks a question.
pub(super) fn kind(system: System, method: &Method, path: &str, query: Option<&str>) -> Kind {
    let changes = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(method);
    let looks = match system {
        System::Waldur => false,
        System::Rancher => {
            let action = |wanted: [&str; 2]| {
                query.is_some_and(|query| {
                    parameters(query)
                        .any(|(name, value)| name == "action" && wanted.contains(&value.as_str()))
                })
            };
            action(["search", "login"]) || path == "/v1-public/login" || path.ends_with("accessreviews")
        }
        System::Keycloak => path.contains("/protocol/openid-connect/"),
    };
    if changes && !looks { Kind::Write } else { Kind::Read }
}

/// Returns the path with `{id}` in place of what differs from object to object.
pub(super) fn pattern(system: System, path: &str) -> String {
    let mut before: Vec<&str> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        let id = match system {
            System::Waldur => is_uuid(segment),
            System::Rancher => is_rancher_id(&before, segment),
            System::Keycloak => is_keycloak_id(&before, segment),
        };
        seen.push(if id && !segment.is_empty() { "{id}" } else { segment });
        before.push(segment);
    }
    seen.join("/")
}

/// Returns path and query, with the values of secret parameters replaced by `***`.
pub(super) fn without_secrets(path: &str, query: Option<&str>) -> String {
    let Some(query) = query else { return path.to_owned() };
    let kept: Vec<String> = query
        .split('&')
        .map(|pair| match parameters(pair).next() {
            Some((name, _)) if SECRET.iter().any(|word| name.to_lowercase().contains(word)) => {
                format!("{}=***", pair.split('=').next().unwrap_or_default())
            }
            Some(_) | None => pair.to_owned(),
        })
        .collect();
    format!("{path}?{}", kept.join("&"))
}

fn parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned()))
}

/// Waldur prints 32 hex digits and takes the dashed form too.
fn is_uuid(segment: &str) -> bool {
    matches!(segment.len(), 32 | 36) && uuid::Uuid::try_parse(segment).is_ok()
}

/// In `/v3` names of collections and ids take turns; in a Kubernetes path an id follows the kinds that are asked for.
fn is_rancher_id(before: &[&str], segment: &str) -> bool {
    match before {
        ["", "v3", "settings" | "schemas", ..] | ["", "v3"] => false,
        ["", "v3", rest @ ..] => rest.len() % 2 == 1,
        ["", "k8s", "clusters"] => true,
        ["", "k8s", "clusters", _, rest @ ..] => is_kubernetes_name(rest),
        _ => is_uuid(segment),
    }
}

/// `api/v1/namespaces/{id}/pods/{id}`, `apis/GROUP/VERSION/KIND/{id}`: after the version, kinds and names take turns.
fn is_kubernetes_name(before: &[&str]) -> bool {
    match before {
        ["api", _version, rest @ ..] | ["apis", _, _version, rest @ ..] => rest.len() % 2 == 1,
        _ => false,
    }
}

/// An id follows a collection, unless a word of the API stands there.
fn is_keycloak_id(before: &[&str], segment: &str) -> bool {
    let collection = ["users", "groups", "clients", "children"];
    let word = ["count", "profile"];
    is_uuid(segment)
        || (before.contains(&"admin")
            && before.last().is_some_and(|last| collection.contains(last))
            && !word.contains(&segment))
}
