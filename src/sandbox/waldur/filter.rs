//! Query filters: each takes its value or collects its complaint, and all complaints go out together.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::call::Call;
use super::refusal::Refusal;
use super::seed::Dialect;

/// The filters of one call.
pub(super) struct Filters<'a> {
    call: &'a Call,
    dialect: Dialect,
    complaints: Map<String, Value>,
    unknown: &'static [&'static str],
}

/// One key of an order: which, and whether backwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OrderKey {
    pub(super) name: String,
    pub(super) backwards: bool,
}

// === impl Filters ===

impl<'a> Filters<'a> {
    pub(super) fn of(call: &'a Call, dialect: Dialect) -> Self {
        Self { call, dialect, complaints: Map::new(), unknown: &[] }
    }

    /// Returns the complaints, if any filter did not hold.
    pub(super) fn checked(self) -> Result<(), Refusal> {
        if self.complaints.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.complaints)) }
    }

    /// Names words of closed lists that this server does not know yet.
    pub(super) fn unknown(&mut self, words: &'static [&'static str]) {
        self.unknown = words;
    }

    fn complain(&mut self, key: &str, text: &str) {
        self.complaints.insert(key.to_owned(), json!([text]));
    }

    /// A text; an empty one filters nothing.
    pub(super) fn text(&self, key: &'a str) -> Option<&'a str> {
        self.call.last(key).filter(|text| !text.is_empty())
    }

    /// A UUID in either spelling.
    pub(super) fn uuid(&mut self, key: &'a str) -> Option<Uuid> {
        let found = Uuid::try_parse(self.text(key)?);
        if found.is_err() {
            self.complain(key, "Enter a valid UUID.");
        }
        found.ok()
    }

    /// UUIDs of which one must fit; in 2024 only the last one counted. None given filters nothing.
    pub(super) fn uuids(&mut self, key: &'a str) -> Option<Vec<Uuid>> {
        if self.dialect == Dialect::Y2024 {
            return self.uuid(key).map(|uuid| vec![uuid]);
        }
        let texts: Vec<&str> = self.call.all(key).filter(|text| !text.is_empty()).collect();
        let found: Vec<Uuid> = texts.iter().filter_map(|text| Uuid::try_parse(text).ok()).collect();
        if found.len() < texts.len() {
            self.complain(key, "Enter a valid UUID.");
        }
        Some(found).filter(|found| !found.is_empty())
    }

    /// Words of a closed list, of which one must fit: one unknown word spoils the whole list. None given filters
    /// nothing.
    pub(super) fn choices<T: DeserializeOwned>(&mut self, key: &'a str) -> Option<Vec<T>> {
        let mut found = Vec::new();
        for word in self.call.all(key) {
            let known = Some(json!(word)).filter(|_| !self.unknown.contains(&word));
            let Some(choice) = known.and_then(|word| serde_json::from_value(word).ok()) else {
                let text = format!("Select a valid choice. {word} is not one of the available choices.");
                self.complain(key, &text);
                return None;
            };
            found.push(choice);
        }
        Some(found).filter(|found| !found.is_empty())
    }

    /// A whole number; anything else is complained about.
    pub(super) fn number(&mut self, key: &'a str) -> Option<i64> {
        let found = self.text(key)?.parse();
        if found.is_err() {
            self.complain(key, "Enter a number.");
        }
        found.ok()
    }

    /// `true` or `false`; anything else filters nothing.
    pub(super) fn flag(&self, key: &'a str) -> Option<bool> {
        match self.text(key)?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// A time; in 2024 resources take a date only, and refuse a full time stamp.
    pub(super) fn time(&mut self, key: &'a str) -> Option<Timestamp> {
        let text = self.text(key)?;
        if self.dialect == Dialect::Y2024 {
            let midnight = midnight(text);
            if midnight.is_none() {
                self.complain(key, "Enter a valid date.");
            }
            return midnight;
        }
        self.moment(key)
    }

    /// A time, as a date or a full time stamp.
    pub(super) fn moment(&mut self, key: &'a str) -> Option<Timestamp> {
        let text = self.text(key)?;
        let found = text.parse().ok().or_else(|| midnight(text));
        if found.is_none() {
            self.complain(key, "Enter a valid date/time.");
        }
        found
    }

    /// A day; nothing else is taken.
    pub(super) fn day(&mut self, key: &'a str) -> Option<Date> {
        let text = self.text(key)?;
        let found = day(text);
        if found.is_none() {
            self.complain(key, "Enter a valid date.");
        }
        found
    }

    /// The order asked for, of the allowed keys.
    pub(super) fn order(&mut self, allowed: &[&str]) -> Vec<OrderKey> {
        let mut keys = Vec::new();
        for word in self.text("o").unwrap_or_default().split(',').filter(|word| !word.is_empty()) {
            let name = word.strip_prefix('-').unwrap_or(word);
            if !allowed.contains(&name) {
                let text = format!("Select a valid choice. {word} is not one of the available choices.");
                self.complain("o", &text);
                return Vec::new();
            }
            keys.push(OrderKey { name: name.to_owned(), backwards: word.starts_with('-') });
        }
        keys
    }
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok().filter(|_| text.len() == "2026-11-23".len())
}

fn midnight(text: &str) -> Option<Timestamp> {
    day(text)?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp())
}

impl OrderKey {
    pub(super) fn apply(&self, forwards: Ordering) -> Ordering {
        if self.backwards { forwards.reverse() } else { forwards }
    }
}

/// Returns whether a row passes a filter that may be absent.
pub(super) fn passes<T>(wanted: Option<T>, fits: impl FnOnce(T) -> bool) -> bool {
    wanted.is_none_or(fits)
}

/// Returns whether a text contains another, in whatever case.
pub(super) fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
