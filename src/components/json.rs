//! The same for programs: what there is to do, and what became of it.

use serde::Serialize;
use serde_json::Value;

use super::draft::{Change, Draft, FieldChange};
use super::send::{Sending, Sent};
use crate::model::{ComponentName, OfferingUuid};

#[derive(Serialize)]
struct Document<'a> {
    offerings: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    offering: OfferingUuid,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<&'a str>,
    changes: Vec<ChangeDocument<'a>>,
    alike: Vec<&'a ComponentName>,
    not_loaded: Vec<NotLoaded<'a>>,
    not_compared: Vec<NotCompared<'a>>,
    left_alone: Vec<&'a str>,
}

#[derive(Serialize)]
struct ChangeDocument<'a> {
    component: &'a ComponentName,
    #[serde(rename = "do")]
    deed: &'static str,
    fields: Vec<FieldDocument<'a>>,
    bills_otherwise: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    became: Option<String>,
}

#[derive(Serialize)]
struct FieldDocument<'a> {
    field: &'a str,
    from: Option<&'a Value>,
    to: &'a Value,
}

#[derive(Serialize)]
struct NotLoaded<'a> {
    component: &'a ComponentName,
    why: String,
}

#[derive(Serialize)]
struct NotCompared<'a> {
    component: &'a ComponentName,
    fields: Vec<&'a str>,
}

/// Returns a draft, and what became of it, as pretty-printed JSON, ending in a newline.
///
/// # Errors
/// None in practice: it has only string keys.
pub fn render(draft: &Draft, sendings: &[Sending]) -> Result<String, serde_json::Error> {
    let offerings = draft.offerings.iter().map(|(uuid, offering)| {
        let loads = offering.loads.as_ref().ok();
        let changes = loads.into_iter().flat_map(|loads| &loads.changes);
        One {
            offering: *uuid,
            name: &offering.name,
            unread: offering.loads.as_ref().err().map(String::as_str),
            changes: changes.map(|change| document(*uuid, change, sendings)).collect(),
            alike: loads.into_iter().flat_map(|loads| &loads.alike).collect(),
            not_loaded: loads
                .into_iter()
                .flat_map(|loads| &loads.unloadable)
                .map(|(component, problem)| NotLoaded { component, why: problem.to_string() })
                .collect(),
            not_compared: loads
                .into_iter()
                .flat_map(|loads| &loads.hidden)
                .map(|(component, fields)| NotCompared {
                    component,
                    fields: fields.iter().copied().collect(),
                })
                .collect(),
            left_alone: loads.into_iter().flat_map(|loads| &loads.beyond).map(String::as_str).collect(),
        }
    });
    let mut text = serde_json::to_string_pretty(&Document { offerings: offerings.collect() })?;
    text.push('\n');
    Ok(text)
}

fn document<'a>(offering: OfferingUuid, change: &'a Change, sendings: &[Sending]) -> ChangeDocument<'a> {
    let own = |sending: &&Sending| sending.offering == offering && sending.component == change.component;
    let became = sendings.iter().find(own).map(|sending: &Sending| -> &Sent { &sending.sent });
    ChangeDocument {
        component: &change.component,
        deed: if change.uuid.is_none() { "create" } else { "change" },
        fields: change
            .fields
            .iter()
            .map(|FieldChange { field, from, to }| FieldDocument { field, from: from.as_ref(), to })
            .collect(),
        bills_otherwise: change.bills_otherwise(),
        became: became.map(ToString::to_string),
    }
}
