//! One request, read: its address in parts, its query, its body, and how the caller names this server.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::reply::Refusal;

/// A request as the simulated server sees it.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: String,
    /// The address as sent.
    pub(super) path: String,
    /// The address in parts, unescaped; double slashes collapse.
    pub(super) segments: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Scheme and host that links begin with.
    pub(super) base: String,
}

impl Call {
    pub(super) fn read(parts: Parts, body: Vec<u8>) -> Self {
        let path = parts.uri.path().to_owned();
        let segments = path.split('/').filter(|part| !part.is_empty()).map(unescape).collect();
        let query: Vec<(String, String)> =
            form_urlencoded::parse(parts.uri.query().unwrap_or("").as_bytes()).into_owned().collect();
        let method = query.iter().find(|(key, _)| key == "_method").map(|(_, method)| method.to_uppercase());
        let base = base(&parts.headers);
        Self {
            method: method.unwrap_or_else(|| parts.method.as_str().to_owned()),
            path,
            segments,
            query,
            headers: parts.headers,
            body,
            base,
        }
    }

    /// Returns the first value of a query parameter.
    pub(super) fn param(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Returns the body as a JSON object, or norman's complaint.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Refusal::new(422, "InvalidBodyContent", "Failed to parse body: not an object")),
            Err(error) => {
                Err(Refusal::new(422, "InvalidBodyContent", format!("Failed to parse body: {error}")))
            }
        }
    }
}

/// Links name what the proxy in front says, else the host that was asked.
fn base(headers: &HeaderMap) -> String {
    let named = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let first = |name: &str| named(name).and_then(|value| value.split(',').next()).map(str::trim);
    let host =
        first("X-API-Host").or_else(|| first("X-Forwarded-Host")).or_else(|| named(header::HOST.as_str()));
    format!("{}://{}", first("X-Forwarded-Proto").unwrap_or("http"), host.unwrap_or("rancher.test"))
}

/// Undoes percent-encoding. A plus sign stays: it means a space in queries only.
fn unescape(part: &str) -> String {
    let literal = part.replace('+', "%2B").replace('&', "%26");
    form_urlencoded::parse(format!("part={literal}").as_bytes())
        .next()
        .map_or_else(|| part.to_owned(), |(_, value)| value.into_owned())
}
