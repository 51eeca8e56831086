//! What goes back over the wire: replies, and refusals in the body shapes that Keycloak has for them.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::version::Version;

const PLAIN_JSON: &str = "application/json";
/// What most 2xx bodies are said to be, except for the child that a POST answers with.
const CHARSET_JSON: &str = "application/json;charset=UTF-8";
/// What the front door says when it refuses a path.
const SPACED_JSON: &str = "application/json; charset=UTF-8";

/// A reply, or the reason why there is none.
pub(super) type Answer = Result<Reply, Refusal>;

/// A reply before it becomes HTTP.
#[derive(Debug, Default)]
pub(super) struct Reply {
    status: u16,
    content_type: Option<&'static str>,
    location: Option<String>,
    cache_control: Option<&'static str>,
    body: String,
}

/// Why a request is refused, one variant per body shape.
#[derive(Debug)]
pub(super) enum Refusal {
    /// `{"error": message}`, which 24 and 25 lengthen.
    Exception { status: u16, message: String },
    /// `{"error": code, "error_description": text}`: the token endpoint, and bodies that cannot be parsed.
    Coded { status: u16, code: &'static str, description: &'static str },
    /// The same body from the front door, which writes its content type in a way of its own.
    Path { code: &'static str, description: String },
    /// `{"errorMessage": message}`: what the admin API refuses on purpose.
    Admin { status: u16, message: String },
}

impl Reply {
    /// Answers an admin call with a body.
    pub(super) fn admin(body: &impl Serialize) -> Answer {
        Ok(Self::json(200, CHARSET_JSON, body)?.asked_anew())
    }

    /// Answers a public call with a body.
    pub(super) fn public(body: &impl Serialize) -> Answer {
        Ok(Self::json(200, CHARSET_JSON, body)?.asked_anew())
    }

    /// Answers with a token, which nobody on the way may keep.
    pub(super) fn token(body: &impl Serialize) -> Answer {
        Ok(Self::json(200, PLAIN_JSON, body)?.never_stored())
    }

    /// Lets whoever stands between ask anew each time.
    pub(super) fn asked_anew(self) -> Self {
        Self { cache_control: Some("no-cache"), ..self }
    }

    /// Forbids whoever stands between to keep the answer.
    pub(super) fn never_stored(self) -> Self {
        Self { cache_control: Some("no-store"), ..self }
    }

    /// Answers that something was made, without saying what.
    pub(super) fn created(location: String) -> Self {
        Self { status: 201, location: Some(location), ..Self::default() }
    }

    /// Answers that something was made, with the thing itself.
    pub(super) fn created_with(location: String, body: &impl Serialize) -> Answer {
        Ok(Self { location: Some(location), ..Self::json(201, PLAIN_JSON, body)? }.asked_anew())
    }

    /// Answers that it is done.
    pub(super) fn no_content() -> Self {
        Self { status: 204, ..Self::default() }
    }

    /// Answers in the words of the HTTP server below, which knows no path outside the one that it was given.
    pub(super) fn nothing_here() -> Self {
        let body = "<html><body><h1>Resource not found</h1></body></html>".to_owned();
        Self { status: 404, content_type: Some("text/html; charset=utf-8"), body, ..Self::default() }
    }

    /// Sends the caller elsewhere.
    pub(super) fn redirect(location: String) -> Self {
        Self { status: 302, location: Some(location), ..Self::default() }
    }

    fn json(status: u16, content_type: &'static str, body: &impl Serialize) -> Answer {
        let body = serde_json::to_string(body).map_err(|_| Refusal::defect())?;
        Ok(Self { status, content_type: Some(content_type), body, ..Self::default() })
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status);
        let headers = [(CACHE_CONTROL, self.cache_control), (CONTENT_TYPE, self.content_type)];
        for (name, value) in headers {
            if let Some(value) = value {
                response = response.header(name, value);
            }
        }
        if let Some(location) = self.location {
            response = response.header(LOCATION, location);
        }
        // Building fails only on a header that HTTP cannot carry, such as a realm named with a line break.
        response
            .body(Body::from(self.body))
            .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

impl Refusal {
    /// Refuses with an exception's message.
    pub(super) fn exception(status: u16, message: &str) -> Self {
        Self::Exception { status, message: message.to_owned() }
    }

    /// Refuses on purpose.
    pub(super) fn admin(status: u16, message: impl Into<String>) -> Self {
        Self::Admin { status, message: message.into() }
    }

    /// Refuses in the words of OAuth.
    pub(super) fn oauth(status: u16, code: &'static str, description: &'static str) -> Self {
        Self::Coded { status, code, description }
    }

    /// The token is missing, wrong or expired; nobody can tell which.
    pub(super) fn unauthorized() -> Self {
        Self::exception(401, "HTTP 401 Unauthorized")
    }

    /// The caller lacks a role.
    pub(super) fn forbidden() -> Self {
        Self::exception(403, "HTTP 403 Forbidden")
    }

    /// A query parameter cannot be read, which JAX-RS takes for a path that does not exist.
    pub(super) fn malformed_parameter() -> Self {
        Self::exception(404, "HTTP 404 Not Found")
    }

    /// The path is a resource's own and the verb is none of its verbs.
    pub(super) fn wrong_verb() -> Self {
        Self::exception(405, "HTTP 405 Method Not Allowed")
    }

    /// No call below a resource is like this one, be it for the path or for the verb.
    pub(super) fn no_such_call() -> Self {
        Self::exception(404, "HTTP 404 Not Found")
    }

    /// Something went wrong that nobody foresaw.
    pub(super) fn defect() -> Self {
        Self::exception(500, "unknown_error")
    }

    /// No path of the server is like this one. The usual reason is a wrong `/auth`.
    pub(super) fn no_such_path(version: Version, url: &str) -> Self {
        if version.says_no_matching_method() {
            Self::exception(404, "Unable to find matching target resource method")
        } else {
            let message = format!("RESTEASY003210: Could not find resource for full path: {url}");
            Self::Exception { status: 404, message }
        }
    }

    /// Renders the refusal as `version` words it.
    pub(super) fn into_reply(self, version: Version) -> Reply {
        let mut content_type = PLAIN_JSON;
        let (status, body) = match self {
            Self::Exception { status, message } => {
                let message = if status == 403 && !version.words_forbidden() {
                    "unknown_error".to_owned()
                } else {
                    message
                };
                let body = match see_the_log(status, version) {
                    Some(description) => json!({"error": message, "error_description": description}),
                    None => json!({"error": message}),
                };
                (status, body)
            }
            Self::Coded { status, code, description } => {
                (status, json!({"error": code, "error_description": description}))
            }
            Self::Path { code, description } => {
                content_type = SPACED_JSON;
                (400, json!({"error": code, "error_description": description}))
            }
            Self::Admin { status, message } => (status, json!({"errorMessage": message})),
        };
        Reply { status, content_type: Some(content_type), body: body.to_string(), ..Reply::default() }
    }
}

/// Returns the sentence that an exception's body ends with: in 24 and 25 always, later only when the server is at fault.
fn see_the_log(status: u16, version: Version) -> Option<&'static str> {
    if version.points_at_the_log() {
        Some("For more on this error consult the server log at the debug level.")
    } else {
        (status == 500).then_some("For more on this error consult the server log.")
    }
}
