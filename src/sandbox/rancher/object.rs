//! One stored object, whatever its kind.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// Who made the object; norman shows it as `creatorId`.
pub(super) const CREATOR: &str = "field.cattle.io/creatorId";

/// An object: what all kinds share, and the fields of its kind in norman's spelling.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Object {
    pub(super) id: String,
    pub(super) uuid: String,
    pub(super) created: Timestamp,
    pub(super) removed: Option<Timestamp>,
    pub(super) revision: u64,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) fields: Map<String, Value>,
}

impl Object {
    /// Returns the text of a field, or nothing if it is absent or no text.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// Returns whether a flag is set.
    pub(super) fn flag(&self, field: &str) -> bool {
        self.fields.get(field).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    /// Sets a field, or leaves it absent.
    pub(super) fn set_some(&mut self, field: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(field, value);
        }
    }

    pub(super) fn creator(&self) -> Option<&str> {
        self.annotations.get(CREATOR).map(String::as_str)
    }

    /// Returns the part of the id after the colon, or all of it.
    pub(super) fn short_name(&self) -> &str {
        self.id.split_once(':').map_or(self.id.as_str(), |(_, name)| name)
    }
}
