//! What the server checks about limits, and what it lets pass: negative ones, and ones that are missing.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::input::python_name;
use super::refusal::Refusal;
use super::seed::Offering;

/// Limits that do not hold.
pub(super) enum Wrong {
    /// They cannot be read, or are no limits of the offering.
    Field(Value),
    /// They are out of bounds.
    Bounds(String),
}

/// Reads limits: texts become numbers, fractions do not.
pub(super) fn read(value: Option<&Value>) -> Result<BTreeMap<String, Value>, Wrong> {
    let fields = match value {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(fields)) => fields,
        Some(other) => {
            let why = format!("Expected a dictionary of items but got type \"{}\".", python_name(other));
            return Err(Wrong::Field(json!([why])));
        }
    };
    let (mut limits, mut complaints) = (BTreeMap::new(), Map::new());
    for (name, value) in fields {
        let number = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        match number {
            Some(number) => drop(limits.insert(name.clone(), Value::from(number))),
            None => drop(complaints.insert(name.clone(), json!(["A valid integer is required."]))),
        }
    }
    if complaints.is_empty() { Ok(limits) } else { Err(Wrong::Field(Value::Object(complaints))) }
}

/// Checks limits against what the offering accounts for.
pub(super) fn check(offering: &Offering, limits: &BTreeMap<String, Value>) -> Result<(), Wrong> {
    let component = |name: &str| {
        offering.components.iter().find(|row| row.component_type == name && row.billing_type == "limit")
    };
    let unknown: Vec<&str> =
        limits.keys().map(String::as_str).filter(|name| component(name).is_none()).collect();
    if !unknown.is_empty() {
        return Err(Wrong::Field(json!([format!("Invalid types: {}", unknown.join(", "))])));
    }
    for (name, value) in limits {
        let (Some(component), Some(number)) = (component(name), value.as_i64()) else { continue };
        if let Some(most) = component.max_value.filter(|most| number > *most) {
            return Err(Wrong::Bounds(format!("The limit {number} value cannot be more than {most}.")));
        }
        if let Some(least) = component.min_value.filter(|least| number < *least) {
            return Err(Wrong::Bounds(format!("The limit {number} value cannot be less than {least}.")));
        }
    }
    Ok(())
}

// === impl Wrong ===

impl Wrong {
    /// Returns the refusal of an order.
    pub(super) fn in_order(self) -> Refusal {
        match self {
            Self::Field(complaint) => Refusal::Invalid(Map::from_iter([("limits".to_owned(), complaint)])),
            Self::Bounds(why) => Refusal::field("non_field_errors", why),
        }
    }

    /// Returns the refusal of a change of a resource's limits.
    pub(super) fn in_change(self) -> Refusal {
        match self {
            Self::Field(complaint) => Refusal::Invalid(Map::from_iter([("limits".to_owned(), complaint)])),
            Self::Bounds(why) => Refusal::List(vec![why]),
        }
    }
}
