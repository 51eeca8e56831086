//! How values look on the wire: time stamps, UUIDs, and the fields a caller asked for.

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::call::Call;

/// Returns a time as Waldur writes it: microseconds, or none at all on the full second.
pub(super) fn time(time: Timestamp) -> String {
    let shape = if time.subsec_microsecond() == 0 && time.subsec_millisecond() == 0 {
        "%FT%TZ"
    } else {
        "%FT%T.%6fZ"
    };
    time.strftime(shape).to_string()
}

/// Returns a time or null.
pub(super) fn time_or_null(moment: Option<Timestamp>) -> Value {
    moment.map_or(Value::Null, |moment| Value::from(time(moment)))
}

/// Returns a UUID as Waldur writes it: 32 hex digits.
pub(super) fn hex(uuid: Uuid) -> String {
    uuid.simple().to_string()
}

/// Returns a word of one of the vendor's closed lists.
pub(super) fn word(choice: impl serde::Serialize) -> Value {
    serde_json::to_value(choice).unwrap_or_default()
}

/// Keeps the fields that were asked for by name. Unknown names are ignored; if none is known, everything stays.
pub(super) fn select(call: &Call, mut full: Map<String, Value>) -> Map<String, Value> {
    let asked: Vec<&str> = call.all("field").filter(|name| full.contains_key(*name)).collect();
    if !asked.is_empty() {
        full.retain(|name, _| asked.contains(&name.as_str()));
    }
    full
}
