//! Whether an answer is the recorded one: its status, the headers that clients read, and its body by keys, types and
//! values. Of times only their form counts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::names::{Names, take};

/// What is not compared of a body, by JSON pointer: `*` stands for any position of a list, and `?` at the end for
/// whatever the sandbox does not say there.
pub(super) type Loose<'a> = &'a [&'a str];

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) text: String,
}

/// Headers that clients read.
pub(super) const HEADERS: [&str; 7] =
    ["Content-Type", "X-Result-Count", "Link", "Allow", "Location", "WWW-Authenticate", "Content-Language"];

/// Compares the headers; what was not there must not be there now.
pub(super) fn headers(names: &mut Names, recorded: &BTreeMap<String, String>, got: &Reply) -> Vec<String> {
    let mut complaints = Vec::new();
    for name in HEADERS {
        // English is so common that the recordings do not repeat it.
        let usual = (name == "Content-Language").then(|| "en".to_owned());
        let (wanted, is) = (recorded.get(name).cloned().or(usual), got.headers.get(name));
        match (wanted, is) {
            (None, None) => {}
            (Some(wanted), Some(is)) if name == "Allow" => {
                let sorted = |text: &str| {
                    let mut methods: Vec<String> = text.split(", ").map(str::to_owned).collect();
                    methods.sort();
                    methods
                };
                if sorted(&wanted) != sorted(is) {
                    complaints.push(format!("{name} was {wanted:?}, is {is:?}"));
                }
            }
            (Some(wanted), Some(is)) => {
                complaints.extend(names.pair(&wanted, is).err().map(|why| format!("{name} {why}")));
            }
            (wanted, is) => complaints.push(format!("{name} was {wanted:?}, is {is:?}")),
        }
    }
    complaints
}

/// Compares two values, and makes or checks pairs of UUIDs on the way.
pub(super) fn values(
    names: &mut Names,
    at: &str,
    recorded: &Value,
    got: &Value,
    loose: Loose<'_>,
) -> Vec<String> {
    if loose.iter().any(|pointer| fits(pointer, at)) {
        return Vec::new();
    }
    match (recorded, got) {
        (Value::Object(theirs), Value::Object(ours)) => {
            let mut complaints: Vec<String> = theirs
                .iter()
                .flat_map(|(key, value)| match ours.get(key) {
                    Some(other) => values(names, &format!("{at}/{key}"), value, other, loose),
                    None if loose.iter().any(|pointer| fits(pointer, &format!("{at}/?"))) => Vec::new(),
                    None => vec![format!("{at}/{key} is missing")],
                })
                .collect();
            let new = ours.keys().filter(|key| !theirs.contains_key(*key));
            complaints.extend(new.map(|key| format!("{at}/{key} was not there")));
            complaints
        }
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => theirs
            .iter()
            .zip(ours)
            .enumerate()
            .flat_map(|(number, (theirs, ours))| {
                values(names, &format!("{at}/{number}"), theirs, ours, loose)
            })
            .collect(),
        (Value::String(theirs), Value::String(ours)) => {
            if is_time(theirs) && is_time(ours) {
                return Vec::new();
            }
            names.pair(theirs, ours).err().map(|why| format!("{at} {why}")).into_iter().collect()
        }
        (Value::Number(theirs), Value::Number(ours)) if theirs.as_f64() == ours.as_f64() => Vec::new(),
        (theirs, ours) if theirs == ours => Vec::new(),
        (theirs, ours) => vec![format!("{at} was {theirs}, is {ours}")],
    }
}

/// Sorts a list by what its rows say, without UUIDs and times: for lists that the real server orders as it likes.
pub(super) fn sorted(mut list: Value) -> Value {
    if let Value::Array(rows) = &mut list {
        rows.sort_by_cached_key(essence);
    }
    list
}

fn essence(row: &Value) -> String {
    match row {
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{key}={}", essence(value))).collect();
            fields.join(";")
        }
        Value::String(text) if is_time(text) => String::new(),
        Value::String(text) => take(text).rest.join("#"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => row.to_string(),
    }
}

fn is_time(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok()
}

fn fits(pointer: &str, at: &str) -> bool {
    let (mut wanted, mut is) = (pointer.split('/'), at.split('/'));
    loop {
        match (wanted.next(), is.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

#[test]
fn a_difference_of_any_kind_is_told() {
    use serde_json::json;
    let differs = |theirs: Value, ours: Value| {
        values(&mut Names::default(), "", &theirs, &ours, &["/loose", "/list/*/loose", "/some/?"]).len()
    };
    for (theirs, ours, count) in [
        (json!({"a": 1}), json!({"a": 1.0}), 0),
        (json!({"a": 1}), json!({"a": "1"}), 1),
        (json!({"a": 1}), json!({}), 1),
        (json!({}), json!({"a": 1}), 1),
        (json!({"a": null}), json!({}), 1),
        (json!([1, 2]), json!([1]), 1),
        (json!({"t": "2026-11-23T01:36:30.788488Z"}), json!({"t": "2020-01-01T00:00:00Z"}), 0),
        (json!({"t": "2026-11-23T01:36:30.788488Z"}), json!({"t": null}), 1),
        (json!({"loose": 1, "list": [{"loose": 1}]}), json!({"loose": "x", "list": [{"loose": 2}]}), 0),
        (json!(["e39d37cffeb24c98b09101dd3ea32154"]), json!(["00000000000000000000000000000abc"]), 0),
        (json!(["e39d37cffeb24c98b09101dd3ea32154"]), json!(["abc"]), 1),
        (json!({"some": {"a": 1, "b": 2}}), json!({"some": {"a": 1}}), 0),
        (json!({"some": {"a": 1, "b": 2}}), json!({"some": {"a": 2}}), 1),
    ] {
        assert_eq!(differs(theirs.clone(), ours.clone()), count, "{theirs} and {ours}");
    }
}
