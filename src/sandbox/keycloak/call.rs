//! One request, read once: its path in segments, its query, its headers, its body.

use axum::body::Bytes;
use axum::http::HeaderName;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use url::form_urlencoded;

use super::reply::Refusal;

/// A request.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: String,
    /// The path as it came, not decoded.
    pub(super) path: String,
    pub(super) host: String,
    pub(super) authorization: Option<String>,
    pub(super) content_type: String,
    pub(super) body: Bytes,
    pub(super) query: Parameters,
}

/// Names and values of a query or a form, in the order they came.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

/// Which rows of a listing are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    first: usize,
    max: usize,
}

impl Call {
    /// Reads a request.
    pub(super) fn new(parts: &Parts, body: &Bytes) -> Self {
        let header = |name: HeaderName| {
            parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let authority = parts.uri.authority().map(ToString::to_string);
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            host: header(HOST).or(authority).unwrap_or_else(|| "localhost:8080".to_owned()),
            authorization: header(AUTHORIZATION),
            content_type: header(CONTENT_TYPE).unwrap_or_default(),
            body: body.clone(),
            query: Parameters::parse(parts.uri.query().unwrap_or_default().as_bytes()),
        }
    }

    /// Returns what follows `scheme` in the `Authorization` header.
    pub(super) fn credentials(&self, scheme: &str) -> Option<&str> {
        let (given, credentials) = self.authorization.as_deref()?.split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then(|| credentials.trim())
    }

    /// Refuses a body that says it is something else.
    pub(super) fn expect_content(&self, media_type: &str) -> Result<(), Refusal> {
        if self.content_type.to_ascii_lowercase().starts_with(media_type) {
            Ok(())
        } else {
            Err(Refusal::exception(415, "The content-type header value did not match the value in @Consumes"))
        }
    }
}

impl Parameters {
    /// Reads `a=1&b=2`.
    pub(super) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// Returns the first value of `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether some name was given twice.
    pub(super) fn repeats(&self) -> bool {
        self.0
            .iter()
            .enumerate()
            .any(|(index, (name, _))| self.0[..index].iter().any(|(other, _)| other == name))
    }

    /// Returns a switch. What is neither `true` nor absent is false, as in Java.
    pub(super) fn flag(&self, name: &str, default: bool) -> bool {
        self.get(name).map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }

    /// Returns a switch that may be left open.
    pub(super) fn optional_flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value.eq_ignore_ascii_case("true"))
    }

    fn integer(&self, name: &str) -> Result<Option<i32>, Refusal> {
        match self.get(name) {
            None | Some("") => Ok(None),
            Some(value) => value.parse().map(Some).map_err(|_| Refusal::malformed_parameter()),
        }
    }

    /// Reads `first` and `max`. A negative number means that there is no bound.
    pub(super) fn page(&self, default_max: Option<usize>) -> Result<Page, Refusal> {
        let first = self.integer("first")?.map_or(0, |first| usize::try_from(first).unwrap_or(0));
        let max = match self.integer("max")? {
            None => default_max.unwrap_or(usize::MAX),
            Some(max) => usize::try_from(max).unwrap_or(usize::MAX),
        };
        Ok(Page { first, max })
    }
}

impl Page {
    /// Everything there is.
    pub(super) const ALL: Self = Self { first: 0, max: usize::MAX };

    /// Takes the page out of sorted rows.
    pub(super) fn of<T>(self, rows: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        rows.skip(self.first).take(self.max)
    }

    /// Takes the page out of a slice without walking up to it.
    pub(super) fn slice<T>(self, rows: &[T]) -> &[T] {
        let from = self.first.min(rows.len());
        &rows[from..from.saturating_add(self.max).min(rows.len())]
    }
}
