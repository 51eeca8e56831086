//! How far people have access to a resource, as its agent says: `POST .../set_membership_sync_statuses/`, not in 2024.
//!
//! The published client names the fields and the shape of the answer; nobody recorded the words of the refusals.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input;
use super::refusal::Refusal;
use super::resources::find;
use super::state::State;

const SCOPES: &[&str] = &["resource", "resource_project"];
const STATES: &[&str] = &["synced", "pending", "missing_in_idp", "error"];
const NAME_LENGTH: usize = 255;

/// Replaces everything that was said of the resource before. Whoever is not known is left out, and named.
pub(super) fn set(state: &mut State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let (uuid, offering) = {
        let row = find(state, caller, id)?;
        (row.uuid, row.offering_uuid)
    };
    let option = state.offerings.get(&offering).and_then(|row| row.plugin_options.get(OPTION));
    if option != Some(&Value::Bool(true)) {
        return Err(Refusal::Conflict("Membership sync status is not enabled for this offering.".to_owned()));
    }
    let fields = input::dictionary(call)?;
    let statuses = match fields.get("statuses") {
        None => return Err(Refusal::field("statuses", "This field is required.")),
        Some(Value::Array(statuses)) => statuses,
        Some(other) => {
            let why = format!("Expected a list of items but got type \"{}\".", input::python_name(other));
            return Err(Refusal::field("statuses", why));
        }
    };
    let (mut stored, mut skipped) = (Vec::new(), Vec::new());
    for status in statuses {
        let who = checked(status)?;
        if is_known(state, &who) { stored.push(status.clone()) } else { skipped.push(who) }
    }
    let answer = json!({"stored": stored.len(), "skipped": skipped});
    if let Some(row) = state.resources.get_mut(&uuid) {
        row.membership_sync_statuses = stored;
    }
    Ok(Answer::json(200, &answer))
}

const OPTION: &str = "enable_membership_sync_status";

/// Returns of whom a status speaks.
fn checked(status: &Value) -> Result<String, Refusal> {
    let Value::Object(status) = status else {
        return Err(Refusal::field("statuses", "Invalid data. Expected a dictionary."));
    };
    choice(status, "scope_type", SCOPES)?;
    choice(status, "state", STATES)?;
    let text = |name: &str| status.get(name).map(|value| input::text(name, value, NAME_LENGTH)).transpose();
    text("message")?;
    text("role_name")?.ok_or_else(|| Refusal::field("role_name", "This field is required."))?;
    if status["scope_type"] == "resource_project" && status.get("resource_project_uuid").is_none() {
        return Err(Refusal::field("resource_project_uuid", "This field is required."));
    }
    let who = text("user_uuid")?.or(text("username")?);
    who.ok_or_else(|| Refusal::field("username", "Either username or user_uuid is required."))
}

fn choice(status: &Map<String, Value>, name: &str, choices: &[&str]) -> Result<(), Refusal> {
    match status.get(name) {
        None => Err(Refusal::field(name, "This field is required.")),
        Some(Value::String(text)) if choices.contains(&text.as_str()) => Ok(()),
        Some(other) => {
            let text = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
            Err(Refusal::field(name, format!("\"{text}\" is not a valid choice.")))
        }
    }
}

fn is_known(state: &State, who: &str) -> bool {
    let uuid = Uuid::try_parse(who).ok();
    state.users.values().any(|user| Some(user.uuid) == uuid || user.username == who)
}
