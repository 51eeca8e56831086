//! What the server answers: values, and refusals in the shape of the API that refused.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// The response header that says whether the key was accepted.
const AUTH_HEADER: &str = "X-API-Cattle-Auth";

/// An answer before it becomes HTTP.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    payload: Payload,
    location: Option<String>,
    authenticated: bool,
}

#[derive(Debug)]
enum Payload {
    Json(Value),
    Text(String),
    Empty,
}

impl Answer {
    pub(super) fn json(status: u16, body: Value) -> Self {
        Self { status, payload: Payload::Json(body), location: None, authenticated: false }
    }

    pub(super) fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, payload: Payload::Text(body.into()), location: None, authenticated: false }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, payload: Payload::Empty, location: None, authenticated: false }
    }

    pub(super) fn redirect(status: u16, location: String) -> Self {
        Self { status, payload: Payload::Empty, location: Some(location), authenticated: false }
    }

    /// The filter's answer to a missing, unknown, expired or wrongly scoped key: `status` is a string here.
    pub(super) fn unauthorized() -> Self {
        let body =
            json!({"type": "error", "status": "401", "message": "Unauthorized 401: must authenticate"});
        Self::json(401, body)
    }

    pub(super) fn authenticated(mut self) -> Self {
        self.authenticated = true;
        self
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let (content_type, body) = match self.payload {
            Payload::Json(body) => (Some("application/json"), Body::from(body.to_string())),
            Payload::Text(body) => (Some("text/plain; charset=utf-8"), Body::from(body)),
            Payload::Empty => (None, Body::empty()),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        let authenticated = if self.authenticated { "true" } else { "false" };
        headers.insert(AUTH_HEADER, HeaderValue::from_static(authenticated));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Some(location) = self.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
            headers.insert(header::LOCATION, location);
        }
        response
    }
}

/// A refusal; norman and Kubernetes each have a shape of their own for it.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    field: Option<String>,
    message: String,
    /// The token that a Kubernetes list may go on with, inconsistently.
    continuation: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, field: None, message: message.into(), continuation: None }
    }

    /// A mistake in a field, which norman answers with 422.
    pub(super) fn field(code: &'static str, field: &str, message: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(422, code, message) }
    }

    pub(super) fn missing(field: &str) -> Self {
        Self::field("MissingRequired", field, "")
    }

    pub(super) fn not_found(resource: &str, name: &str) -> Self {
        Self::new(404, "NotFound", format!("{resource} \"{name}\" not found"))
    }

    pub(super) fn already_exists(resource: &str, name: &str) -> Self {
        Self::new(409, "AlreadyExists", format!("{resource} \"{name}\" already exists"))
    }

    /// Somebody else was faster.
    pub(super) fn modified(resource: &str, name: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {resource} \"{name}\": the object has been modified; please apply your \
             changes to the latest version and try again"
        );
        Self::new(409, "Conflict", message)
    }

    /// A plain error inside Rancher, which norman passes on as it is.
    pub(super) fn inside(message: impl Into<String>) -> Self {
        Self::new(500, "ServerError", message)
    }

    pub(super) fn method() -> Self {
        Self::new(405, "MethodNotAllow", "")
    }

    /// A denial by the admission webhook behind norman.
    pub(super) fn webhook(status: u16, code: &'static str, resource: &str, reason: &str) -> Self {
        let message = format!(
            "admission webhook \"rancher.cattle.io.{resource}.management.cattle.io\" denied the request: {reason}"
        );
        Self::new(status, code, message)
    }

    pub(super) fn expired(continuation: String) -> Self {
        let message = "The provided continue parameter is too old to display a consistent list result. You can start a \
                       new list without the continue parameter, or use the continue token in this response to retrieve \
                       the remainder of the results.";
        Self { continuation: Some(continuation), ..Self::new(410, "Expired", message) }
    }

    /// The refusal in norman's shape: `status` is a number, `fieldName` is absent if there is none.
    pub(super) fn norman(self) -> Answer {
        let Self { status, code, field, message, continuation: _ } = self;
        let mut body =
            json!({"type": "error", "baseType": "error", "status": status, "code": code, "message": message});
        if let Some(field) = field {
            body["fieldName"] = field.into();
        }
        Answer::json(status, body)
    }

    /// The refusal as a Kubernetes `Status`.
    pub(super) fn kubernetes(self) -> Answer {
        let Self { status, code, field: _, message, continuation } = self;
        let metadata = continuation.map_or_else(|| json!({}), |token| json!({"continue": token}));
        Answer::json(
            status,
            json!({"kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
                   "message": message, "reason": code, "code": status}),
        )
    }
}
