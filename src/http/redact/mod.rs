//! What of a conversation may be shown. Nothing may, unless it is listed here or by the system's room.
//!
//! Bodies hold secrets, names and addresses of people under keys that nobody can foresee, so a list of what is hidden would
//! always lack some. [`Showable`] lists what is shown: a key that is not in it is counted and not shown, and the value of
//! one that is must have the form that it should have. Only where a server refuses something do its sentences show, without
//! addresses and secrets.

mod explained;
mod form;
mod structure;

use serde_json::{Map, Value};

pub use form::Form;

pub(super) use explained::{explanation, impersonal, misfit};
pub(super) use structure::structure;

/// The keys of a system's bodies and queries that may be shown, each with the form of its values.
pub type Showable = &'static [(&'static str, Form)];

/// What stands in place of what is not shown.
pub(super) const HIDDEN: &str = "…";

/// How many elements of a list are shown.
const ELEMENTS: usize = 10;

/// Returns what of a body may be shown: its JSON with nothing in it but what is listed, or how long it is.
pub(super) fn body(body: &[u8], listed: Showable) -> String {
    match serde_json::from_slice(body) {
        Ok(value) => shown(&value, None, listed).to_string(),
        Err(_) => format!("{} bytes", body.len()),
    }
}

/// Returns a path with those parts hidden that name people: what follows `users`.
pub(super) fn path(path: &str) -> String {
    let mut after_users = false;
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| {
            let names_somebody = std::mem::replace(&mut after_users, part == "users");
            if names_somebody && !matches!(part, "" | "me") { HIDDEN } else { part }
        })
        .collect();
    parts.join("/")
}

/// Returns what of a query may be shown; nothing if none of it may.
pub(super) fn query(query: &str, listed: Showable) -> Option<String> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let fitting = pairs.filter(|(key, value)| form_of(key, listed).is_some_and(|form| form.fits(value)));
    let shown: Vec<String> = fitting.map(|(key, value)| format!("{key}={value}")).collect();
    (!shown.is_empty()).then(|| shown.join("&"))
}

/// Shows a value that stands under a key of this form, or nowhere in particular.
fn shown(value: &Value, form: Option<Form>, listed: Showable) -> Value {
    match value {
        Value::Object(fields) => {
            listed_fields(fields, |key| form_of(key, listed), |value, form| shown(value, Some(form), listed))
        }
        Value::Array(elements) => first_of(elements, |element| shown(element, form, listed)),
        Value::Null => Value::Null,
        Value::Bool(_) if form.is_some() => value.clone(),
        Value::Number(number) if form.is_some_and(Form::takes_numbers) => number.clone().into(),
        Value::String(text) if form.is_some_and(|form| form.fits(text)) => value.clone(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => HIDDEN.into(),
    }
}

fn form_of(key: &str, listed: Showable) -> Option<Form> {
    listed.iter().find(|(name, _)| *name == key).map(|(_, form)| *form)
}

/// Shows the fields that have a form, and counts the others.
fn listed_fields(
    fields: &Map<String, Value>,
    form: impl Fn(&str) -> Option<Form>,
    show: impl Fn(&Value, Form) -> Value,
) -> Value {
    let mut shown = Map::new();
    for (key, value) in fields {
        if let Some(form) = form(key) {
            shown.insert(key.clone(), show(value, form));
        }
    }
    let hidden = fields.len() - shown.len();
    if hidden > 0 {
        shown.insert(HIDDEN.to_owned(), hidden.into());
    }
    shown.into()
}

/// Shows the first elements of a list, and counts the others.
fn first_of(elements: &[Value], show: impl Fn(&Value) -> Value) -> Value {
    let mut shown: Vec<Value> = elements.iter().take(ELEMENTS).map(show).collect();
    if let Some(more) = elements.len().checked_sub(ELEMENTS).filter(|more| *more > 0) {
        shown.push(format!("{HIDDEN} {more} more").into());
    }
    shown.into()
}

#[cfg(test)]
mod tests;
