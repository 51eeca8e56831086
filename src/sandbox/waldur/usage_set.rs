//! `POST /api/marketplace-component-usages/set_usage/`: a provider reports what a resource used. It replaces what was
//! reported for the month before, be that more or less.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::amount;
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input::{self, python_name};
use super::plan;
use super::refusal::Refusal;
use super::seed::{Resource, ResourceState};
use super::state::State;
use super::usage::Usage;

/// What billing can be based on: nothing else may be reported.
const REPORTED: [&str; 2] = ["limit", "usage"];

/// One component's part of a report.
#[derive(Debug)]
struct Line {
    component_type: String,
    amount: String,
    description: String,
    recurring: bool,
}

/// Takes a report, as a whole or not at all.
pub(super) fn set(state: &mut State, call: &Call, caller: &Caller, _: &str) -> Result<Answer, Refusal> {
    let fields = input::dictionary(call)?;
    let (resource, lines) = read(state, &fields)?;
    let row = resource.clone();
    if !matches!(row.state, ResourceState::Ok | ResourceState::Updating | ResourceState::Terminating) {
        return Err(Refusal::field("resource", "Resource is not in valid state."));
    }
    let month = month(state, &fields)?;
    check_components(state, &row, &lines, month)?;
    if !state.sees_offering(caller, row.offering_uuid) {
        return Err(Refusal::Forbidden);
    }
    let now = state.now();
    // What was not reported this time does not show at the resource any more.
    let shown = lines.iter().map(|line| (line.component_type.clone(), line.amount.clone().into())).collect();
    for line in &lines {
        state.record(row.uuid, month, line, caller.user_uuid, now);
    }
    if let Some(row) = state.resources.get_mut(&row.uuid) {
        row.current_usages = shown;
    }
    Ok(Answer::empty(201))
}

fn read<'a>(state: &'a State, fields: &Map<String, Value>) -> Result<(&'a Resource, Vec<Line>), Refusal> {
    let mut complaints = Map::new();
    let by_resource = find(state, fields, "resource", &mut complaints, |row, uuid| row.uuid == uuid);
    let by_period =
        find(state, fields, "plan_period", &mut complaints, |row, uuid| plan::period(row.uuid) == uuid);
    let mut lines = Vec::new();
    match fields.get("usages") {
        None => input::required(&mut complaints, "usages"),
        Some(Value::Array(items)) => {
            let read: Vec<Result<Line, Map<String, Value>>> = items.iter().map(line).collect();
            if read.iter().any(Result::is_err) {
                let failed = read.into_iter().map(|line| Value::Object(line.err().unwrap_or_default()));
                complaints.insert("usages".to_owned(), failed.collect());
            } else {
                lines.extend(read.into_iter().flatten());
            }
        }
        Some(other) => {
            let why = format!("Expected a list of items but got type \"{}\".", python_name(other));
            complaints.insert("usages".to_owned(), json!({"non_field_errors": [why]}));
        }
    }
    if !complaints.is_empty() {
        return Err(Refusal::Invalid(complaints));
    }
    let either = "Either plan_period or resource should be provided.";
    let row = by_resource.or(by_period).ok_or_else(|| Refusal::field("non_field_errors", either))?;
    Ok((row, lines))
}

fn find<'a>(
    state: &'a State,
    fields: &Map<String, Value>,
    name: &str,
    complaints: &mut Map<String, Value>,
    fits: impl Fn(&Resource, Uuid) -> bool,
) -> Option<&'a Resource> {
    let wanted = fields.get(name)?;
    let text = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
    let found =
        Uuid::try_parse(&text).ok().and_then(|uuid| state.resources.values().find(|row| fits(row, uuid)));
    if found.is_none() {
        complaints.insert(name.to_owned(), json!([format!("Object with uuid={text} does not exist.")]));
    }
    found
}

fn line(item: &Value) -> Result<Line, Map<String, Value>> {
    let Value::Object(fields) = item else {
        let why = format!("Invalid data. Expected a dictionary, but got {}.", python_name(item));
        return Err(Map::from_iter([("non_field_errors".to_owned(), json!([why]))]));
    };
    let mut complaints = Map::new();
    let component_type = fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    if component_type.is_empty() {
        input::required(&mut complaints, "type");
    }
    let amount = match fields.get("amount").map(amount::read) {
        Some(Ok(amount)) => amount,
        Some(Err(why)) => {
            complaints.insert("amount".to_owned(), json!([why]));
            String::new()
        }
        None => {
            input::required(&mut complaints, "amount");
            String::new()
        }
    };
    let reuse = fields.get("missing_usage_policy").and_then(Value::as_str) == Some("reuse");
    let recurring = fields.get("recurring").and_then(Value::as_bool).unwrap_or(reuse);
    let description = fields.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    if complaints.is_empty() {
        Ok(Line { component_type, amount, description, recurring })
    } else {
        Err(complaints)
    }
}

/// Returns the month that a report is for. The recorded server does not read the date: it is always this month.
fn month(state: &State, fields: &Map<String, Value>) -> Result<Date, Refusal> {
    let now = state.now().to_zoned(TimeZone::UTC).date();
    let day = match fields.get("date").and_then(Value::as_str) {
        Some(text) if !state.is_2024() => {
            let time = text.parse::<Timestamp>().map(|time| time.to_zoned(TimeZone::UTC).date());
            time.or_else(|_| text.parse::<Date>()).map_err(|_| {
                Refusal::field(
                    "date",
                    "Datetime has wrong format. Use one of these formats instead: ISO 8601.",
                )
            })?
        }
        _ => now,
    };
    Ok(day.first_of_month())
}

fn check_components(state: &State, row: &Resource, lines: &[Line], month: Date) -> Result<(), Refusal> {
    let components = state.offerings.get(&row.offering_uuid).map(|it| it.components.as_slice());
    let billing = |name: &str| {
        let found = components.unwrap_or_default().iter().find(|known| known.component_type == name);
        found.map(|known| known.billing_type.as_str())
    };
    let mut invalid: Vec<&str> = Vec::new();
    for line in lines {
        let reported = billing(&line.component_type).is_some_and(|kind| REPORTED.contains(&kind));
        if !reported && !invalid.contains(&line.component_type.as_str()) {
            invalid.push(&line.component_type);
        }
    }
    if !invalid.is_empty() {
        let why = format!("These components are invalid: {}.", invalid.join(", "));
        return Err(Refusal::field("non_field_errors", why));
    }
    let now = state.now().to_zoned(TimeZone::UTC).date().first_of_month();
    let billed = lines.iter().any(|line| billing(&line.component_type) == Some("usage"));
    if month < now && billed {
        // Nobody recorded it; clients know these words.
        let why = "Usage-billed components do not allow backfilling past billing periods.";
        return Err(Refusal::field("non_field_errors", why));
    }
    Ok(())
}

// === impl State ===

impl State {
    fn record(&mut self, resource: Uuid, month: Date, line: &Line, by: Uuid, now: Timestamp) {
        let known = |row: &&mut Usage| {
            row.resource_uuid == resource
                && row.component_type == line.component_type
                && row.billing_period == month
        };
        let Line { component_type, amount, description, recurring } = line;
        if let Some(row) = self.usages.values_mut().find(known) {
            row.amount.clone_from(amount);
            row.description.clone_from(description);
            row.recurring = *recurring;
            row.modified_by = by;
            row.date = Some(now);
            return;
        }
        let (uuid, created) = (self.mint("usage"), self.stamp());
        let row = Usage {
            uuid,
            resource_uuid: resource,
            component_type: component_type.clone(),
            billing_period: month,
            amount: amount.clone(),
            description: description.clone(),
            recurring: *recurring,
            modified_by: by,
            created: Some(created),
            date: Some(now),
        };
        self.usages.insert(uuid, row);
    }
}
