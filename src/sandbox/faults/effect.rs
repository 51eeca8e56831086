//! What the caller sees of a fault.

use std::io;

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Page, What};
use crate::sandbox::system::System;

/// The page that stands in for a proxy's.
const PROXY_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Front proxy</title></head>\
                          <body><h1>The front proxy answers instead of the server</h1></body></html>\n";

/// The header with which Rancher says whether it accepted the caller's token.
const CATTLE_AUTH: HeaderName = HeaderName::from_static("x-api-cattle-auth");

/// The largest answer that is read in order to spoil it: far above any page of a list.
const LARGEST: usize = 256 * 1024 * 1024;

/// Returns the answer to a request that is not carried out; `None` if there is none, because the connection breaks
/// or hangs, or because the request is carried out.
pub(in crate::sandbox) fn answer(what: &What, system: System, path: &str) -> Option<Response> {
    match what {
        What::Status { code, retry_after, page } => {
            let mut response = match page {
                Page::Json => json_page(*code, &refusal(system, *code)),
                Page::Html => html_page(*code),
            };
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Some(response)
        }
        What::Unauthorized => Some(unauthorized(system, path)),
        What::Html => Some(html_page(StatusCode::OK)),
        What::Hang
        | What::ResetBefore
        | What::Delay(_)
        | What::Empty
        | What::Truncate
        | What::DuplicateRows
        | What::HangAfter
        | What::ResetAfter => None,
    }
}

/// Returns what arrives of the true answer to a request that was carried out.
pub(in crate::sandbox) async fn spoil(what: &What, response: Response, method: &Method) -> Response {
    match what {
        What::Empty => with_body(response, method, |_| Bytes::new()).await,
        What::Truncate => with_body(response, method, |body| body.slice(..body.len() / 2)).await,
        What::DuplicateRows => with_body(response, method, twice).await,
        What::ResetAfter => reset(method),
        What::Status { .. }
        | What::Unauthorized
        | What::Html
        | What::Hang
        | What::ResetBefore
        | What::Delay(_)
        | What::HangAfter => response,
    }
}

/// Returns an answer whose body fails at once.
///
/// Over a socket hyper then closes the connection without a word. In process the caller sees status 200 (another
/// might forbid a body, and the failure would not be seen) and a body that ends in an error. The answer to a HEAD
/// has no body that could fail; it is a 502, so that it never looks like success.
pub(in crate::sandbox) fn reset(method: &Method) -> Response {
    if method == Method::HEAD {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let broken = io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by the sandbox");
    Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(broken)])).into_response()
}

/// Returns the same answer with another body. A length that was announced no longer holds.
async fn with_body(response: Response, method: &Method, change: impl FnOnce(Bytes) -> Bytes) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else { return reset(method) };
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(change(body)))
}

/// Doubles each row of a list: a bare array (Waldur, Keycloak), `data` (Rancher) or `items` (Kubernetes).
/// What is no list stays as it is.
fn twice(body: Bytes) -> Bytes {
    let Ok(mut page) = serde_json::from_slice::<Value>(&body) else { return body };
    let list = if page.is_array() { page.as_array_mut() } else { rows(&mut page) };
    let Some(list) = list else { return body };
    *list = list.drain(..).flat_map(|row| [row.clone(), row]).collect();
    Bytes::from(page.to_string())
}

fn rows(page: &mut Value) -> Option<&mut Vec<Value>> {
    let name = ["data", "items"].into_iter().find(|name| page.get(name).is_some_and(Value::is_array))?;
    page.get_mut(name)?.as_array_mut()
}

fn json_page(code: StatusCode, body: &Value) -> Response {
    (code, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn html_page(code: StatusCode) -> Response {
    (code, [(CONTENT_TYPE, "text/html; charset=utf-8")], PROXY_PAGE).into_response()
}

/// An error in the words of each server: Django REST framework, norman, Keycloak.
fn refusal(system: System, code: StatusCode) -> Value {
    let reason = code.canonical_reason().unwrap_or("Unknown");
    match system {
        System::Waldur => json!({ "detail": reason }),
        System::Rancher => json!({
            "type": "error", "baseType": "error", "status": code.as_u16(),
            "code": reason.replace(' ', ""), "message": reason,
        }),
        System::Keycloak => json!({
            "error": "unknown_error",
            "error_description": "For more on this error consult the server log.",
        }),
    }
}

/// A refused credential in the words of each server.
fn unauthorized(system: System, path: &str) -> Response {
    let body = match system {
        System::Waldur => json!({ "detail": "Invalid token." }),
        System::Rancher => json!({
            "type": "error", "status": "401", "message": "Unauthorized 401: must authenticate",
        }),
        System::Keycloak if path.contains("/protocol/openid-connect/") => json!({
            "error": "unauthorized_client",
            "error_description": "Invalid client or Invalid client credentials",
        }),
        System::Keycloak => json!({ "error": "HTTP 401 Unauthorized" }),
    };
    let mut response = json_page(StatusCode::UNAUTHORIZED, &body);
    match system {
        System::Waldur => response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Token")),
        System::Rancher => response.headers_mut().insert(CATTLE_AUTH, HeaderValue::from_static("false")),
        System::Keycloak => None,
    };
    response
}
