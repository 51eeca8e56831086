//! What a server explains in sentences: shown where it refuses, because nobody could help without.

use serde_json::Value;

use super::form::is_word;
use super::{Form, HIDDEN, Showable, first_of, form_of, listed_fields};

/// The keys under which the systems, and what stands in front of them, explain themselves.
const EXPLANATIONS: &[&str] = &[
    "baseType",
    "code",
    "detail",
    "error",
    "errorMessage",
    "error_description",
    "fieldName",
    "kind",
    "message",
    "non_field_errors",
    "reason",
    "status",
    "type",
];

/// What proxies and servers say as plain text. Other plain text may be about anybody.
const PLAIN: &[&str] = &[
    "404 page not found",
    "default backend - 404",
    "no available server",
    "upstream connect error or disconnect/reset before headers",
    "Client sent an HTTP request to an HTTPS server",
    "Internal Server Error",
    "Bad Gateway",
    "Service Unavailable",
    "Gateway Timeout",
    "Too Many Requests",
    "Unauthorized",
    "Forbidden",
];

/// Returns what a refusal explains: of JSON the sentences under the keys that are for them, and those about the keys that
/// `listed` names, which Waldur refuses one by one; of plain text only what is well known.
pub(in crate::http) fn explanation(body: &str, listed: Showable) -> String {
    if body.trim().is_empty() {
        return String::new();
    }
    if let Ok(value) = serde_json::from_str::<Value>(body) {
        return explained(&value, true, listed).to_string();
    }
    let known = PLAIN.iter().find(|known| body.contains(**known));
    known.map_or_else(|| format!("{} bytes that are no JSON", body.len()), |known| (*known).to_owned())
}

fn explained(value: &Value, speaks: bool, listed: Showable) -> Value {
    match value {
        Value::Object(fields) => listed_fields(
            fields,
            // Whatever the form: a refusal says in words what is wrong with a number.
            |key| (EXPLANATIONS.contains(&key) || form_of(key, listed).is_some()).then_some(Form::Sentence),
            |value, _| explained(value, true, listed),
        ),
        Value::Array(elements) => first_of(elements, |element| explained(element, speaks, listed)),
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(number) if number.to_string().len() <= 6 => value.clone(),
        Value::String(text) if speaks => impersonal(text).into(),
        Value::Number(_) | Value::String(_) => HIDDEN.into(),
    }
}

/// Returns a sentence without addresses of people, and without what looks like a secret: a long part of a word that mixes
/// letters and digits and is no UUID.
pub(in crate::http) fn impersonal(sentence: &str) -> String {
    let is_end = |letter: char| letter.is_whitespace() || "\"'`<>(),;=[]{}|\\".contains(letter);
    let mut shown = String::with_capacity(sentence.len());
    for piece in sentence.split_inclusive(is_end) {
        let word = piece.trim_end_matches(is_end);
        if is_address(word) || is_signed_token(word) {
            shown.push_str(HIDDEN);
        } else {
            push_without_secrets(&mut shown, word);
        }
        shown.push_str(&piece[word.len()..]);
    }
    shown
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(before, after)| !before.is_empty() && !after.is_empty())
}

/// Says whether a word holds a signed token: its parts are JSON in base64, and some have no digits.
fn is_signed_token(word: &str) -> bool {
    word.contains("eyJ")
}

fn push_without_secrets(shown: &mut String, word: &str) {
    let is_joint = |letter: char| "-._:/".contains(letter);
    for piece in word.split_inclusive(is_joint) {
        let part = piece.trim_end_matches(is_joint);
        shown.push_str(if is_opaque(part) { HIDDEN } else { part });
        shown.push_str(&piece[part.len()..]);
    }
}

fn is_opaque(part: &str) -> bool {
    let is_mixed =
        part.chars().any(|letter| letter.is_ascii_digit()) && part.chars().any(char::is_alphabetic);
    let may_be_an_id = part.len() <= 32 && part.chars().all(|letter| letter.is_ascii_hexdigit());
    part.len() >= 16 && is_mixed && !may_be_an_id
}

/// Returns what is wrong with a shape, without the value that does not fit: the library quotes it.
pub(in crate::http) fn misfit(error: &serde_json::Error) -> serde_json::Error {
    let mut text = error.to_string();
    if let (Some(from), Some(to)) = (text.find('"'), text.rfind('"'))
        && from < to
    {
        text.replace_range(from + 1..to, HIDDEN);
    }
    let shown: Vec<&str> = text
        .split('`')
        .enumerate()
        // Every other piece stands between two marks.
        .map(|(number, piece)| if number % 2 == 0 || is_word(piece) { piece } else { HIDDEN })
        .collect();
    serde::de::Error::custom(shown.join("`"))
}
