//! Request bodies as Django REST framework reads them.

use serde_json::{Map, Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::call::Call;
use super::refusal::Refusal;

/// Reads the body as a dictionary. No body is an empty one; JSON and HTML forms are taken.
pub(super) fn dictionary(call: &Call) -> Result<Map<String, Value>, Refusal> {
    let media_type = call.content_type.as_deref().unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if call.body.is_empty() {
        return Ok(Map::new());
    }
    match media_type.to_ascii_lowercase().as_str() {
        "application/json" => {}
        "application/x-www-form-urlencoded" => {
            let pairs = form_urlencoded::parse(&call.body).into_owned();
            return Ok(pairs.map(|(key, value)| (key, Value::String(value))).collect());
        }
        _ => return Err(Refusal::MediaType(media_type.to_owned())),
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => {
            let text = format!("Invalid data. Expected a dictionary, but got {}.", python_name(&other));
            Err(Refusal::field("non_field_errors", text))
        }
        Err(error) => Err(Refusal::NotJson(python_complaint(&error, &call.body))),
    }
}

/// Reads the body as JSON and names its type in Python's words if it is no dictionary.
pub(super) fn other_than_dictionary(call: &Call) -> Result<Option<&'static str>, Refusal> {
    let body: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    match serde_json::from_slice(body) {
        Ok(Value::Object(_)) => Ok(None),
        Ok(other) => Ok(Some(python_name(&other))),
        Err(error) => Err(Refusal::NotJson(python_complaint(&error, body))),
    }
}

/// Reads an address as it stands in a body and returns the UUID at its end.
pub(super) fn hyperlink(name: &str, value: &Value, collection: &str) -> Result<Uuid, Refusal> {
    let Value::String(text) = value else {
        let why = format!("Incorrect type. Expected URL string, received {}.", python_name(value));
        return Err(Refusal::field(name, why));
    };
    let Some((_, path)) = text.split_once("/api/") else {
        return Err(Refusal::field(name, "Invalid hyperlink - No URL match."));
    };
    let wanted = collection.split('/').count() + 1;
    let steps: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let fits = steps.len() == wanted
        && steps.iter().zip(collection.split('/')).all(|(step, known)| known == "*" || *step == known);
    if !fits {
        return Err(Refusal::field(name, "Invalid hyperlink - Incorrect URL match."));
    }
    steps
        .last()
        .and_then(|id| Uuid::try_parse(id).ok())
        .ok_or_else(|| Refusal::field(name, "Invalid hyperlink - No URL match."))
}

/// Says that a field is missing.
pub(super) fn required(complaints: &mut Map<String, Value>, name: &str) {
    complaints.insert(name.to_owned(), json!(["This field is required."]));
}

/// Reads a text field: numbers become text, blanks around it go, and it has a greatest length in characters.
pub(super) fn text(name: &str, value: &Value, longest: usize) -> Result<String, Refusal> {
    let text = match value {
        Value::Null => return Err(Refusal::field(name, "This field may not be null.")),
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(Refusal::field(name, "Not a valid string."));
        }
    };
    let mut complaints = Vec::new();
    if text.chars().count() > longest {
        complaints.push(format!("Ensure this field has no more than {longest} characters."));
    }
    if text.contains('\0') {
        complaints.push("Null characters are not allowed.".to_owned());
    }
    if complaints.is_empty() {
        Ok(text)
    } else {
        Err(Refusal::Invalid(Map::from_iter([(name.to_owned(), json!(complaints))])))
    }
}

/// Returns whether a NUL character is anywhere inside, which PostgreSQL's JSON cannot hold.
pub(super) fn has_nul(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
    }
}

pub(super) fn python_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

fn python_complaint(error: &serde_json::Error, body: &[u8]) -> String {
    // Where the text ends too early, Python points behind it.
    let (line, column) = (error.line().max(1), error.column().max(1) + usize::from(error.is_eof()));
    let before: usize = body.split(|byte| *byte == b'\n').take(line - 1).map(|line| line.len() + 1).sum();
    let expected = if error.to_string().starts_with("key must be a string") {
        "Expecting property name enclosed in double quotes"
    } else if ["expected `,`", "EOF while parsing an object", "EOF while parsing a list"]
        .iter()
        .any(|words| error.to_string().starts_with(words))
    {
        "Expecting ',' delimiter"
    } else {
        "Expecting value"
    };
    format!("{expected}: line {line} column {column} (char {})", before + column - 1)
}
