//! A chapter of the contract: rows that are asked one after another, and what is kept of the answers.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::row::Row;
use super::server::{Body, Got, Server};

/// What a chapter showed.
pub(super) struct Findings {
    /// How many rows were asked.
    pub(super) asked: usize,
    /// Rows that something else came back for, in words.
    pub(super) failures: Vec<String>,
    /// Each row's answer, without what differs from run to run.
    pub(super) answers: Vec<(String, Value)>,
}

/// Asks all rows in a realm.
pub(super) async fn ask(server: &Server, realm: &str, rows: &[Row]) -> Findings {
    let mut ids = server.ids(realm).clone();
    ids.insert("nobody".to_owned(), "ffffffff-0000-4000-8000-000000000000".to_owned());
    ids.insert("R".to_owned(), realm.to_owned());
    let mut tokens: BTreeMap<&str, String> = BTreeMap::new();
    let mut findings = Findings { asked: 0, failures: Vec::new(), answers: Vec::new() };
    for row in rows {
        if !tokens.contains_key(row.who) {
            tokens.insert(row.who, server.token(realm, row.who).await);
        }
        let (method, path) = row.call.split_once(' ').expect("a row has a method and a path");
        let path = filled(path, &ids);
        let url = match path.strip_prefix('^') {
            Some(path) => format!("{}{path}", server.root()),
            None if path.starts_with('/') => format!("{}{path}", server.base),
            None => format!("{}/admin/realms/{realm}/{path}", server.base),
        };
        let body = match &row.body {
            Body::Json(body) => {
                let text = filled(&body.to_string(), &ids);
                Body::Json(serde_json::from_str(&text).expect("ids are texts"))
            }
            Body::Form(form) => Body::Form(filled(form, &ids)),
            other @ (Body::None | Body::Raw(_)) => other.clone(),
        };
        let got = server.ask(method, &url, &tokens[row.who], body).await;
        findings.asked += 1;
        let (status, is) = row.expected_of(server.version);
        if got.status != status || !is.holds(&got) {
            findings.failures.push(format!(
                "{}: {} as {}: expected {status} {is:?}, got {} {}",
                row.name, row.call, row.who, got.status, got.text
            ));
        }
        if let Some(name) = row.makes {
            let id = got.made().or_else(|| got.json()["id"].as_str().map(str::to_owned));
            ids.insert(name.to_owned(), id.unwrap_or_default());
        }
        let key = format!("{}, by {}", row.name, row.who);
        assert!(findings.answers.iter().all(|(known, _)| *known != key), "two rows are called {key:?}");
        findings.answers.push((key, normal(server, &got, &ids)));
    }
    findings
}

/// Puts ids in the place of names.
fn filled(text: &str, ids: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    while let Some((name, id)) = ids.iter().find(|(name, _)| text.contains(&format!("{{{name}}}"))) {
        text = text.replace(&format!("{{{name}}}"), id);
    }
    text
}

/// Returns an answer without addresses, ids that the server chose, times and tokens.
fn normal(server: &Server, got: &Got, ids: &BTreeMap<String, String>) -> Value {
    let mut headers = Map::new();
    for name in ["content-type", "location", "cache-control", "www-authenticate"] {
        if got.headers.contains_key(name) {
            headers.insert(name.to_owned(), json!(plain(server, got.header(name), ids)));
        }
    }
    let body = got.json();
    let body =
        if body.is_null() { json!(plain(server, &got.text, ids)) } else { without_chance(server, body, ids) };
    json!({ "status": got.status, "headers": headers, "body": body })
}

fn without_chance(server: &Server, value: Value, ids: &BTreeMap<String, String>) -> Value {
    match value {
        Value::Object(object) => {
            let fields = object.into_iter().map(|(key, value)| {
                let value = match key.as_str() {
                    "createdTimestamp" => json!("a time"),
                    "expires_in" | "refresh_expires_in" => json!("some seconds"),
                    // A set, in whatever order.
                    "scope" => json!(sorted_words(value.as_str().unwrap_or_default())),
                    "access_token" | "refresh_token" | "public_key" | "session_state" => json!("a secret"),
                    _ => without_chance(server, value, ids),
                };
                (key, value)
            });
            fields.collect::<Map<_, _>>().into()
        }
        Value::Array(rows) => {
            let rows: Vec<Value> = rows.into_iter().map(|row| without_chance(server, row, ids)).collect();
            namesakes_in_order(rows).into()
        }
        Value::String(text) => json!(plain(server, &text, ids)),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    }
}

/// Puts rows of one name into the order of their ids: servers sort by the name alone.
fn namesakes_in_order(mut rows: Vec<Value>) -> Vec<Value> {
    let key = |row: &Value| (row["name"].as_str().map(str::to_owned), row["id"].as_str().map(str::to_owned));
    if rows.iter().all(|row| row["name"].is_string()) && rows.is_sorted_by_key(|row| row["name"].as_str()) {
        rows.sort_by_key(key);
    }
    rows
}

fn sorted_words(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}

/// Returns a text in which the server's address and the ids that it chose have other names.
fn plain(server: &Server, text: &str, ids: &BTreeMap<String, String>) -> String {
    let text = text.replace(&server.base, "{base}").replace(&server.root(), "{root}");
    let last = text.rsplit('/').next().unwrap_or(&text);
    if uuid::Uuid::try_parse(last).is_err() {
        return text;
    }
    let name = ids.iter().find(|(_, id)| *id == last).map_or("chosen", |(name, _)| name);
    text.replace(last, &format!("{{{name}}}"))
}
