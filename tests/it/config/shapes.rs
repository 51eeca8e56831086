//! The schema refuses nothing that the reader takes, and sees what is plainly of the wrong kind.

#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use agent::config::keys::{Fate, KEYS};
use agent::config::schema::schema;
use agent::config::shapes::{Shape, shape};
use jsonschema::Validator;
use serde_json::Value;

use super::keys::{FOLLOWED, with};
use super::{document, read};

fn judge() -> Validator {
    jsonschema::validator_for(&schema()).unwrap()
}

/// Returns what the schema says, unless the text is no YAML to begin with.
fn says(judge: &Validator, text: &str) -> Option<bool> {
    let value: Value = serde_yaml::from_str(text).ok()?;
    Some(judge.is_valid(&value))
}

/// What may stand after a key, sound or not.
const PROBES: [&str; 24] = [
    "a",
    "''",
    "7",
    "0",
    "-1",
    "1.5",
    "0.5",
    "'7'",
    "true",
    "false",
    "yes",
    "'on'",
    "Off",
    "null",
    "10m",
    "1h 30m",
    "[a]",
    "[]",
    "{a: b}",
    "{}",
    "PROJECT",
    "user_UUID",
    "Limit",
    "https://a.example",
];

/// What each sound document has already, with everything below it.
const STRUCTURE: [&str; 2] = ["offerings", "backend_settings"];

#[test]
fn what_the_reader_takes_the_schema_takes() {
    let judge = judge();
    let mut refused = 0;
    let mut taken = Vec::new();
    for key in KEYS.iter().filter(|key| !STRUCTURE.contains(&key.name)) {
        for probe in PROBES {
            // A key that is in no table: only the schema minds, which the last test is about.
            if probe == "{a: b}" && matches!(shape(key), Shape::Section(_)) {
                continue;
            }
            let text = with(key.place, key.name, probe);
            let Some(valid) = says(&judge, &text) else { continue };
            refused += usize::from(!valid);
            // Beside a token the reader does not look at these at all.
            let unread = key.name.starts_with("oidc_");
            if !valid && !unread && read(&text).is_ok() {
                taken.push(format!("{:?} {}: {probe}", key.place, key.name));
            }
        }
    }
    assert_eq!(taken, Vec::<String>::new(), "the reader takes these");
    assert!(refused > 500, "the schema refused only {refused}: is it one?");
    for (place, name, value, _) in FOLLOWED {
        assert_eq!(says(&judge, &with(*place, name, value)), Some(true), "{place:?} {name}: {value}");
    }
}

#[test]
fn what_is_of_the_wrong_kind_the_schema_refuses() {
    let judge = judge();
    let followed = KEYS.iter().filter(|key| !matches!(key.fate, Fate::Ignored(_)));
    for key in followed.filter(|key| !STRUCTURE.contains(&key.name)) {
        for probe in ["[a]", "{a: b}"] {
            let text = with(key.place, key.name, probe);
            // Secrets in lists are told apart by their texts only once they are needed.
            if let (Some(valid), Err(_)) = (says(&judge, &text), read(&text)) {
                assert!(!valid, "{:?} {}: {probe} is let through\n{text}", key.place, key.name);
            }
        }
    }
}

#[test]
fn a_key_that_is_in_no_table_is_marked() {
    let judge = judge();
    assert_eq!(says(&judge, &document("", "")), Some(true));
    assert_eq!(says(&judge, &document("", "cluser_id: c-1")), Some(false));
    assert_eq!(says(&judge, &format!("x-anchors: {{a: &a b}}\n{}", document("", ""))), Some(true));
    assert_eq!(says(&judge, "offerings: [{name: b, backend_type: slurm, anything: {at: all}}]"), Some(true));
}
