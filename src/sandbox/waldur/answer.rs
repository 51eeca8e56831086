//! What goes back: status, headers and body as the recorded server sends them.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use serde_json::Value;

use super::call::Call;

/// What goes back.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    kind: Kind,
    body: String,
    headers: Vec<(HeaderName, String)>,
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Html,
    /// No body at all, and no content type.
    Empty,
    /// A redirection: an HTML type without a body, and fewer headers.
    Moved,
}

// === impl Answer ===

impl Answer {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self { status, kind: Kind::Json, body: body.to_string(), headers: Vec::new() }
    }

    pub(super) fn unauthorized(body: &Value) -> Self {
        Self::json(401, body).with(header::WWW_AUTHENTICATE, "Token".to_owned())
    }

    pub(super) fn html(status: u16, body: &str) -> Self {
        Self { status, kind: Kind::Html, body: body.to_owned(), headers: Vec::new() }
    }

    /// Nothing to say but the status: no body and no content type.
    pub(super) fn empty(status: u16) -> Self {
        Self { status, kind: Kind::Empty, body: String::new(), headers: Vec::new() }
    }

    /// A missing slash: the client is sent on, whatever the method was.
    pub(super) fn moved(location: String) -> Self {
        Self { status: 301, kind: Kind::Moved, body: String::new(), headers: Vec::new() }
            .with(header::LOCATION, location)
    }

    pub(super) fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Makes the response; `allow` is the list of methods that an API endpoint shows.
    pub(super) fn into_response(self, call: &Call, allow: Option<&'static str>) -> Response<Body> {
        let length = self.body.len();
        let body = if call.method == Method::HEAD { Body::empty() } else { Body::from(self.body) };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let headers = response.headers_mut();
        let mut put = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        match self.kind {
            Kind::Json => put(header::CONTENT_TYPE, "application/json"),
            Kind::Html | Kind::Moved => put(header::CONTENT_TYPE, "text/html; charset=utf-8"),
            Kind::Empty => {}
        }
        if self.kind != Kind::Moved {
            put(header::X_FRAME_OPTIONS, "DENY");
            put(header::CONTENT_LENGTH, &length.to_string());
        }
        if let (Kind::Json | Kind::Empty, Some(allow)) = (self.kind, allow) {
            put(header::ALLOW, allow);
        }
        put(header::VARY, "Accept-Language, Cookie");
        put(header::CONTENT_LANGUAGE, call.language.tag());
        for (name, value) in self.headers {
            put(name, &value);
        }
        response
    }
}
