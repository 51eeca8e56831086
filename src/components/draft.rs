//! What there is to do so that Waldur says of an offering's components what the configuration says. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use uuid::Uuid;

use super::wanted::{Field, Problem, Wanted};
use crate::config::Sold;
use crate::model::offered::{Components, Offered};
use crate::model::{ComponentName, OfferingUuid};

/// Everything that was looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// By offering.
    pub offerings: BTreeMap<OfferingUuid, OfferingDraft>,
}

/// One offering.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferingDraft {
    /// What the operator calls it.
    pub name: String,
    /// What there is to do, or why that is not known.
    pub loads: Result<Loads, String>,
}

/// What there is to do for one offering.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loads {
    /// Components that are made or changed.
    pub changes: Vec<Change>,
    /// Components that are as they should be.
    pub alike: BTreeSet<ComponentName>,
    /// Components that cannot be loaded, and why.
    pub unloadable: BTreeSet<(ComponentName, Problem)>,
    /// Fields that the configuration speaks of and the server does not show.
    pub hidden: BTreeMap<ComponentName, BTreeSet<Field>>,
    /// Components of which the configuration says nothing. They stay.
    pub beyond: BTreeSet<String>,
}

/// One component that is made or changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which.
    pub component: ComponentName,
    /// By what Waldur knows it; none if it is made.
    pub uuid: Option<Uuid>,
    /// What differs.
    pub fields: Vec<FieldChange>,
    /// What is sent.
    pub body: Map<String, Value>,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Which.
    pub field: Field,
    /// What it says; none where it says nothing yet.
    pub from: Option<Value>,
    /// What it should say.
    pub to: Value,
}

/// The fields that can be written. A change sends all of them that say something, whether they differ or not: newer
/// servers take what is left out for their default, and the Python agent once reset `limit_period` like that.
const WRITABLE: [Field; 20] = [
    "name",
    "billing_type",
    "measured_unit",
    "description",
    "limit_amount",
    "limit_period",
    "limit_decimal_places",
    "min_value",
    "max_value",
    "max_available_limit",
    "default_limit",
    "article_code",
    "is_boolean",
    "is_prepaid",
    "min_prepaid_duration",
    "max_prepaid_duration",
    "prepaid_duration_step",
    "min_renewal_duration",
    "max_renewal_duration",
    "renewal_duration_step",
];

impl Draft {
    /// Returns whether nothing is to be made or changed.
    pub fn is_empty(&self) -> bool {
        self.changes().next().is_none()
    }

    /// Returns everything that is to be made or changed.
    pub fn changes(&self) -> impl Iterator<Item = (OfferingUuid, &Change)> {
        let known = self.offerings.iter().filter_map(|(uuid, one)| Some((*uuid, one.loads.as_ref().ok()?)));
        known.flat_map(|(uuid, loads)| loads.changes.iter().map(move |change| (uuid, change)))
    }

    /// Returns whether something could not be read.
    pub fn is_blind(&self) -> bool {
        self.offerings.values().any(|offering| offering.loads.is_err())
    }

    /// Returns whether a component cannot be loaded.
    pub fn is_partial(&self) -> bool {
        let known = self.offerings.values().filter_map(|offering| offering.loads.as_ref().ok());
        known.into_iter().any(|loads| !loads.unloadable.is_empty())
    }
}

impl Change {
    /// Returns whether customers are billed otherwise from then on.
    pub fn bills_otherwise(&self) -> bool {
        let bills = |field| ["billing_type", "is_prepaid", "limit_period"].contains(&field);
        self.uuid.is_some() && self.fields.iter().any(|change| bills(change.field))
    }
}

/// Compares what an offering sells with what the configuration says that it does.
pub fn diff(sold: &BTreeMap<ComponentName, Sold>, offered: &Components) -> Loads {
    let mut loads = Loads::default();
    for (component, sold) in sold {
        let wanted = match Wanted::of(sold) {
            Ok(wanted) => wanted,
            Err(problem) => {
                loads.unloadable.insert((component.clone(), problem));
                continue;
            }
        };
        match offered.get(component.as_str()) {
            None => loads.changes.push(create(component, &wanted)),
            Some(there) => compare(&mut loads, component, &wanted, there),
        }
    }
    let known = |key: &&String| sold.keys().any(|component| component.as_str() == key.as_str());
    loads.beyond = offered.keys().filter(|key| !known(key)).cloned().collect();
    loads
}

fn create(component: &ComponentName, wanted: &Wanted) -> Change {
    let all = wanted.fields.iter().chain(&wanted.implied);
    let fields: Vec<FieldChange> =
        all.map(|(field, to)| FieldChange { field, from: None, to: to.clone() }).collect();
    let body = fields.iter().map(|change| (change.field.to_owned(), change.to.clone())).collect();
    Change { component: component.clone(), uuid: None, fields, body }
}

fn compare(loads: &mut Loads, component: &ComponentName, wanted: &Wanted, there: &Offered) {
    let Offered { uuid, fields: shown } = there;
    let mut fields = Vec::new();
    for (field, to) in &wanted.fields {
        match shown.get(*field) {
            // A server that does not know the field cannot be brought to show it.
            None => {
                loads.hidden.entry(component.clone()).or_default().insert(field);
            }
            Some(from) if says(from, to) => {}
            Some(from) => fields.push(FieldChange { field, from: said(from), to: to.clone() }),
        }
    }
    if fields.is_empty() {
        loads.alike.insert(component.clone());
        return;
    }
    let Some(uuid) = uuid else {
        loads.unloadable.insert((component.clone(), Problem::NoUuid));
        return;
    };
    let kept = WRITABLE.iter().filter_map(|field| Some(((*field).to_owned(), said(shown.get(*field)?)?)));
    let mut body: Map<String, Value> = kept.collect();
    body.extend(wanted.fields.iter().map(|(field, value)| ((*field).to_owned(), value.clone())));
    body.extend(fields.iter().map(|change| (change.field.to_owned(), change.to.clone())));
    loads.changes.push(Change { component: component.clone(), uuid: Some(*uuid), fields, body });
}

/// Returns what a field says, if it says something.
fn said(value: &Value) -> Option<Value> {
    (!value.is_null()).then(|| value.clone())
}

/// Returns whether a field says what it should. Numbers are compared as numbers, however they are written: servers turn
/// 10 into 10.0, and into "10.00".
fn says(there: &Value, wanted: &Value) -> bool {
    match (number(there), number(wanted)) {
        (Some(there), Some(wanted)) => there.total_cmp(&wanted).is_eq(),
        _ => text(there) == text(wanted),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns a value as a person reads it; nothing is the same as an empty text.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
