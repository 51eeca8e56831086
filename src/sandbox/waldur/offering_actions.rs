//! What a provider does to its offering: components, options, and whether it can be ordered.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::component::Component;
use super::input;
use super::offerings::DURATIONS;
use super::refusal::Refusal;
use super::render::word;
use super::seed::OfferingState;
use super::state::{State, hashed};

const BILLING_TYPES: [&str; 5] = ["fixed", "usage", "limit", "one", "few"];
const PERIODS: [&str; 4] = ["month", "annual", "total", "quarterly"];
const REQUIRED: [&str; 3] = ["billing_type", "type", "name"];
const MISSING_UUID: &str = "UUID for offering component was not provided.";

/// `POST .../create_offering_component/`: a second one of a type makes the server fall over.
pub(super) fn create_component(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let offering = find(state, caller, id)?;
    let fields = input::dictionary(call)?;
    let mut complaints = Map::new();
    for name in REQUIRED {
        if !fields.contains_key(name) {
            input::required(&mut complaints, name);
        }
    }
    complaints.extend(wrong_choices(&fields, state.is_2024()));
    if !complaints.is_empty() {
        return Err(Refusal::Invalid(complaints));
    }
    let is_2024 = state.is_2024();
    let mut component = Component::default();
    fill(&mut component, &fields, is_2024);
    component.uuid = Some(hashed(&format!("component {offering} {}", component.component_type)));
    let known = &mut state.offerings.get_mut(&offering).ok_or(Refusal::NoObject("Offering"))?.components;
    if known.iter().any(|row| row.component_type == component.component_type) {
        return Err(Refusal::Crash);
    }
    known.push(component);
    Ok(Answer::empty(201))
}

/// `POST .../update_offering_component/`: only what is sent changes. Newer clients say that the key, the name and the
/// billing are required here, too.
pub(super) fn update_component(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let offering = find(state, caller, id)?;
    let fields = input::dictionary(call)?;
    let wanted = fields.get("uuid").ok_or_else(|| Refusal::Details(MISSING_UUID.to_owned()))?;
    let uuid = wanted.as_str().and_then(|text| Uuid::try_parse(text).ok()).ok_or(Refusal::NoPart)?;
    let is_2024 = state.is_2024();
    let rows = &mut state.offerings.get_mut(&offering).ok_or(Refusal::NoObject("Offering"))?.components;
    let row = rows.iter_mut().find(|row| row.uuid == Some(uuid)).ok_or(Refusal::NoPart)?;
    let mut complaints = Map::new();
    for name in REQUIRED.iter().filter(|name| !is_2024 && !fields.contains_key(**name)) {
        input::required(&mut complaints, name);
    }
    complaints.extend(wrong_choices(&fields, is_2024));
    if !complaints.is_empty() {
        return Err(Refusal::Invalid(complaints));
    }
    fill(row, &fields, is_2024);
    Ok(Answer::empty(200))
}

/// `POST .../update_integration/`: replaces options. Another policy for usernames renames everybody at once.
pub(super) fn update_integration(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?;
    let fields = input::dictionary(call)?;
    let options = |name: &str| -> Option<std::collections::BTreeMap<String, Value>> {
        fields.get(name).and_then(Value::as_object).map(|options| options.clone().into_iter().collect())
    };
    let (plugin, secret) = (options("plugin_options"), options("secret_options"));
    state.set_options(uuid, plugin, secret);
    Ok(Answer::empty(200))
}

/// `POST .../pause/`.
pub(super) fn pause(state: &mut State, _: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?;
    turn(state, uuid, &[OfferingState::Active], OfferingState::Paused)
}

/// `POST .../unpause/`.
pub(super) fn unpause(state: &mut State, _: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?;
    turn(state, uuid, &[OfferingState::Paused], OfferingState::Active)
}

/// `POST .../activate/`: for staff.
pub(super) fn activate(state: &mut State, _: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?;
    if !caller.is_staff() {
        return Err(Refusal::Forbidden);
    }
    turn(state, uuid, &[OfferingState::Draft, OfferingState::Paused], OfferingState::Active)
}

/// `POST .../add_user/`: gives somebody the offering to manage.
pub(super) fn add_manager(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?;
    if !state.owns_provider(caller, uuid) {
        return Err(Refusal::Forbidden);
    }
    let fields = input::dictionary(call)?;
    let user = fields.get("user").and_then(Value::as_str).and_then(|text| Uuid::try_parse(text).ok());
    let user = user
        .filter(|user| state.users.contains_key(user))
        .ok_or_else(|| Refusal::field("user", "Object does not exist."))?;
    if let Some(offering) = state.offerings.get_mut(&uuid) {
        offering.managers.push(user);
    }
    Ok(Answer::json(201, &json!({"expiration_time": null})))
}

fn find(state: &State, caller: &Caller, id: &str) -> Result<Uuid, Refusal> {
    Uuid::try_parse(id)
        .ok()
        .filter(|uuid| state.sees_offering(caller, *uuid))
        .ok_or(Refusal::NoObject("Offering"))
}

fn turn(state: &mut State, uuid: Uuid, from: &[OfferingState], to: OfferingState) -> Result<Answer, Refusal> {
    let offering = state.offerings.get_mut(&uuid).ok_or(Refusal::NoObject("Offering"))?;
    if !from.contains(&offering.state) {
        return Err(Refusal::List(vec!["Offering state is invalid.".to_owned()]));
    }
    offering.state = to;
    Ok(Answer::json(200, &json!({"detail": "Offering state updated.", "state": word(to)})))
}

/// Servers of 2024 have no `quarterly`.
fn wrong_choices(fields: &Map<String, Value>, is_2024: bool) -> Map<String, Value> {
    let periods = if is_2024 { &PERIODS[..3] } else { &PERIODS[..] };
    let mut complaints = Map::new();
    for (name, choices) in [("billing_type", &BILLING_TYPES[..]), ("limit_period", periods)] {
        match fields.get(name) {
            Some(Value::String(known)) if choices.contains(&known.as_str()) => {}
            // No period is one, too.
            Some(Value::Null) if name == "limit_period" => {}
            None => {}
            Some(other) => {
                let text = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
                let why = format!("\"{text}\" is not a valid choice.");
                complaints.insert(name.to_owned(), json!([why]));
            }
        }
    }
    complaints
}

fn fill(row: &mut Component, fields: &Map<String, Value>, is_2024: bool) {
    let text = |name: &str, old: &mut String| {
        if let Some(text) = fields.get(name).and_then(Value::as_str) {
            text.clone_into(old);
        }
    };
    let number = |name: &str, old: &mut Option<i64>| {
        if let Some(value) = fields.get(name) {
            *old = whole(value);
        }
    };
    text("billing_type", &mut row.billing_type);
    text("type", &mut row.component_type);
    text("name", &mut row.name);
    text("measured_unit", &mut row.measured_unit);
    text("description", &mut row.description);
    number("min_value", &mut row.min_value);
    number("max_value", &mut row.max_value);
    number("limit_amount", &mut row.limit_amount);
    number("max_available_limit", &mut row.max_available_limit);
    number("default_limit", &mut row.default_limit);
    text("article_code", &mut row.article_code);
    let flag = |name: &str, old: &mut bool| {
        if let Some(flag) = fields.get(name).and_then(Value::as_bool) {
            *old = flag;
        }
    };
    flag("is_boolean", &mut row.is_boolean);
    if !is_2024 {
        flag("is_prepaid", &mut row.is_prepaid);
        for name in DURATIONS {
            let mut months = row.durations.get(name).copied();
            number(name, &mut months);
            match months {
                Some(months) => row.durations.insert(name.to_owned(), months),
                None => row.durations.remove(name),
            };
        }
    }
    if let Some(period) = fields.get("limit_period") {
        row.limit_period = period.as_str().map(str::to_owned);
    }
}

/// Returns a number without what is behind its point.
#[expect(clippy::cast_possible_truncation, reason = "the server keeps whole numbers here")]
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|number| number as i64))
}
