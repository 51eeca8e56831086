//! One request, taken apart.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, HeaderName, Method, Request, header};
use url::form_urlencoded;

use super::language::Language;

/// The most that a request may carry: what nginx in front of Waldur lets through is of that order.
const BODY_LIMIT: usize = 10 << 20;

/// One request, taken apart.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) raw_query: Option<String>,
    /// The query in order, decoded; keys repeat.
    pub(super) query: Vec<(String, String)>,
    /// Scheme and host, without a slash at the end.
    pub(super) base: String,
    pub(super) language: Language,
    pub(super) accept: Option<String>,
    pub(super) authorization: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) body: Bytes,
}

// === impl Call ===

impl Call {
    /// Reads a request to its end. Returns `None` when its body breaks off or is too large.
    pub(super) async fn read(request: Request<Body>) -> Option<Self> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, BODY_LIMIT).await.ok()?;
        let headers = &parts.headers;
        let host = text(headers, &header::HOST)
            .or_else(|| parts.uri.authority().map(ToString::to_string))
            .unwrap_or_else(|| "localhost".to_owned());
        let raw_query = parts.uri.query().map(ToOwned::to_owned);
        let query = form_urlencoded::parse(raw_query.as_deref().unwrap_or_default().as_bytes());
        Some(Self {
            query: query.into_owned().collect(),
            path: parts.uri.path().to_owned(),
            base: format!("http://{host}"),
            language: Language::of(text(headers, &header::ACCEPT_LANGUAGE).as_deref()),
            accept: text(headers, &header::ACCEPT),
            authorization: text(headers, &header::AUTHORIZATION),
            content_type: text(headers, &header::CONTENT_TYPE),
            method: parts.method,
            raw_query,
            body,
        })
    }

    /// Returns the last value of a query parameter: where Django wants one, the last one wins.
    pub(super) fn last(&self, key: &str) -> Option<&str> {
        self.all(key).last()
    }

    /// Returns every value of a query parameter.
    pub(super) fn all<'a, 'k>(&'a self, key: &'k str) -> impl Iterator<Item = &'a str> + use<'a, 'k> {
        self.query.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Returns the absolute address of a path below `/api/`.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/api/{path}/", self.base)
    }

    /// Returns whether the caller takes JSON.
    pub(super) fn takes_json(&self) -> bool {
        let Some(accept) = self.accept.as_deref() else { return true };
        accept.split(',').filter_map(|range| range.split(';').next()).any(|range| {
            matches!(range.trim().to_ascii_lowercase().as_str(), "*/*" | "application/*" | "application/json")
        })
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
