//! How norman writes: what a creation keeps, and how a PUT is merged into what is stored.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::object::CREATOR;
use super::reply::Refusal;
use super::schema::{Access, Field, Shape};

/// Returns the fields of a new object: only what clients may set, and nothing that is null.
pub(super) fn created(fields: &[Field], body: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let mut kept = Map::new();
    for field in fields {
        let given = body.get(field.name).filter(|value| !value.is_null());
        match (field.access, given) {
            (Access::Required | Access::RequiredAtCreation, None) => {
                return Err(Refusal::missing(field.name));
            }
            (Access::Shown, _) | (_, None) => {}
            (_, Some(value)) => {
                kept.insert(field.name.to_owned(), without_nulls(value));
            }
        }
    }
    Ok(kept)
}

/// Merges a PUT into what is stored. With `replace`, what the body lacks is dropped.
pub(super) fn merged(
    fields: &[Field],
    stored: &Map<String, Value>,
    body: &Map<String, Value>,
    replace: bool,
) -> Result<Map<String, Value>, Refusal> {
    let mut result = stored.clone();
    for field in fields {
        let changeable = matches!(field.access, Access::Changeable | Access::Required);
        match body.get(field.name).filter(|_| changeable) {
            Some(Value::Null) if field.access == Access::Required => {
                return Err(Refusal::missing(field.name));
            }
            Some(Value::Null) => {
                result.remove(field.name);
            }
            Some(value) => {
                let value = merged_value(field, stored.get(field.name), value, replace)?;
                result.insert(field.name.to_owned(), value);
            }
            None if replace && field.access == Access::Required => return Err(Refusal::missing(field.name)),
            None if replace && changeable => {
                result.remove(field.name);
            }
            None => {}
        }
    }
    Ok(result)
}

/// Structs merge field by field; everything else, plain maps included, is replaced whole.
fn merged_value(
    field: &Field,
    stored: Option<&Value>,
    given: &Value,
    replace: bool,
) -> Result<Value, Refusal> {
    match (field.shape, stored, given) {
        (Shape::Struct(_, inner), Some(Value::Object(stored)), Value::Object(given)) => {
            merged(inner, stored, given, replace).map(Value::Object)
        }
        _ => Ok(without_nulls(given)),
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let kept = entries.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => value.clone(),
    }
}

/// Merges annotations or labels. A body without the map leaves them alone; otherwise each key has its class.
pub(super) fn merged_metadata(
    stored: &BTreeMap<String, String>,
    given: Option<&Value>,
) -> BTreeMap<String, String> {
    let Some(Value::Object(given)) = given else { return stored.clone() };
    let mut result = BTreeMap::new();
    for (key, value) in stored {
        if is_protected(key) || key.starts_with("field.cattle.io/") {
            result.insert(key.clone(), value.clone());
        }
    }
    for (key, value) in given {
        if let Some(value) = value.as_str().filter(|_| !is_protected(key)) {
            result.insert(key.clone(), value.to_owned());
        }
    }
    result
}

/// A protected key is neither set nor removed by a body.
fn is_protected(key: &str) -> bool {
    key == CREATOR || (key.contains("cattle.io/") && !key.starts_with("field.cattle.io/"))
}

/// Returns the texts of a body's map, for a new object.
pub(super) fn texts(given: Option<&Value>) -> BTreeMap<String, String> {
    let entries = given.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(key, value)| value.as_str().map(|value| (key.clone(), value.to_owned()))).collect()
}
