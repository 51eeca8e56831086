//! Addresses that lead nowhere: the prefix, odd segments, numbers that are none, and verbs.

use serde_json::json;

use crate::contract::row::{Is, Row, error, row};

const NOWHERE: &str = "Unable to find matching target resource method";

/// What a server below `prefix` says.
#[rustfmt::skip]
pub(super) fn rows(prefix: &str) -> Vec<Row> {
    let outside = Is::Text("<html><body><h1>Resource not found</h1></body></html>");
    let (wrong, wrong_login, told) = if prefix.is_empty() {
        ("GET ^/auth/admin/realms/{R}/groups", "POST ^/auth/realms/{R}/protocol/openid-connect/token", error(NOWHERE))
    } else {
        ("GET ^/admin/realms/{R}/groups", "POST ^/realms/{R}/protocol/openid-connect/token", outside)
    };
    vec![
        row("the wrong prefix", wrong, 404, told.clone()),
        row("the wrong prefix to log in", wrong_login, 404, told).by("-").form("grant_type=password&client_id=admin-cli"),
        row("the server is there", "GET /realms/{R}", 200, Is::At("/realm", json!("contract"))).by("-"),
        row("an unknown realm is not", "GET /realms/who", 404, error("Realm does not exist")).by("-"),
        row("a slash too many", "GET //admin/realms/{R}/groups?max=1", 200, Is::Any).since((26, 5, 0), 400, Is::At("/error", json!("missingNormalization"))),
        row("a slash too many to log in", "POST //realms/{R}/protocol/openid-connect/token", 200, Is::Any).since((26, 5, 0), 400, Is::At("/error", json!("missingNormalization"))).by("-").form("grant_type=client_credentials&client_id=with-none&client_secret=s"),
        row("a semicolon", "GET groups;x=1?max=1", 200, Is::Any).since((26, 6, 0), 400, Is::At("/error", json!("invalidCharacter"))),
        row("a number that is none", "GET groups?max=abc", 404, error("HTTP 404 Not Found")),
        row("a verb that is not known here", "PUT groups", 405, error("HTTP 405 Method Not Allowed")).json(json!({ "name": "x" })),
        row("a verb that is not known deeper down", "POST groups/{c_one}/members", 404, error("HTTP 404 Not Found")).json(json!({})),
        row("a path that is not known", "GET groups/{c_one}/nothing", 404, error("HTTP 404 Not Found")),
        row("a form where JSON belongs", "POST groups", 415, Is::Any).form("name=x"),
    ]
}
