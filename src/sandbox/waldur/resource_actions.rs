//! What an agent does to a resource. None of it looks at the resource's state.

use serde_json::{Value, json};

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input;
use super::refusal::Refusal;
use super::resources::find;
use super::seed::ResourceState;
use super::state::State;

const BACKEND_ID_LENGTH: usize = 255;
const NAME_LENGTH: usize = 150;

/// `POST .../set_backend_id/`: blanks around it go, and nothing checks whether another resource has it.
pub(super) fn set_backend_id(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let (uuid, old) = {
        let row = find(state, caller, id)?;
        (row.uuid, row.backend_id.clone())
    };
    let fields = input::dictionary(call)?;
    // The real server reads the key without looking whether it is there.
    let value = fields.get("backend_id").ok_or(Refusal::Crash)?;
    let wanted = input::text("backend_id", value, BACKEND_ID_LENGTH)?;
    if wanted == old {
        return Ok(Answer::json(200, &json!({"status": "Resource backend_id is not changed."})));
    }
    let now = state.now();
    if let Some(row) = state.resources.get_mut(&uuid) {
        row.backend_id = wanted;
        row.modified = Some(now);
    }
    Ok(Answer::json(200, &json!({"status": "Resource backend_id has been changed."})))
}

/// `POST .../set_backend_metadata/`: replaces the whole value, whatever JSON it is.
pub(super) fn set_backend_metadata(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    let mut fields = input::dictionary(call)?;
    let value = match fields.remove("backend_metadata") {
        None => return Err(Refusal::field("backend_metadata", "This field is required.")),
        Some(Value::Null) => return Err(Refusal::field("backend_metadata", "This field may not be null.")),
        Some(value) => value,
    };
    if input::has_nul(&value) {
        return Err(Refusal::Crash);
    }
    let now = state.now();
    if let Some(row) = state.resources.get_mut(&uuid) {
        row.backend_metadata = value;
        row.modified = Some(now);
    }
    Ok(Answer::json(200, &json!({"status": "The backend metadata is updated"})))
}

/// `POST .../refresh_last_sync/`: not in 2024; the published client expects no body.
pub(super) fn refresh_last_sync(
    state: &mut State,
    _: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    let now = state.now();
    if let Some(row) = state.resources.get_mut(&uuid) {
        row.last_sync = Some(now);
    }
    Ok(Answer::empty(200))
}

/// `POST .../set_as_ok/`: not in 2024; clears the texts of an error.
pub(super) fn set_as_ok(state: &mut State, _: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    if let Some(row) = state.resources.get_mut(&uuid) {
        row.error_message.clear();
        row.error_traceback.clear();
    }
    state.set_resource_state(uuid, ResourceState::Ok);
    Ok(Answer::empty(200))
}

/// `POST .../set_as_erred/`: in 2024 for staff, and the texts are not read; any state becomes Erred.
pub(super) fn set_as_erred(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    if state.is_2024() && !caller.is_staff() {
        return Err(Refusal::Forbidden);
    }
    if !state.is_2024() {
        let fields = input::dictionary(call)?;
        let text = |name| fields.get(name).map(|value| input::text(name, value, usize::MAX)).transpose();
        let (message, traceback) = (text("error_message")?, text("error_traceback")?);
        if let Some(row) = state.resources.get_mut(&uuid) {
            row.error_message = message.unwrap_or_default();
            row.error_traceback = traceback.unwrap_or_default();
        }
    }
    state.set_resource_state(uuid, ResourceState::Erred);
    Ok(Answer::empty(200))
}

/// `POST .../set_limits/`: not in 2024; past all orders.
pub(super) fn set_limits(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    let fields = input::dictionary(call)?;
    let limits = match fields.get("limits") {
        None => return Err(Refusal::field("limits", "This field is required.")),
        Some(Value::Object(limits)) => limits.clone(),
        Some(_) => return Err(Refusal::field("limits", "This field must be a dictionary.")),
    };
    let now = state.now();
    if let Some(row) = state.resources.get_mut(&uuid) {
        row.limits = limits.into_iter().collect();
        row.modified = Some(now);
    }
    Ok(Answer::json(200, &json!({"status": "Resource limits have been changed."})))
}

/// `POST .../set_endpoints/`: not in 2024; replaces all of them.
pub(super) fn set_endpoints(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    let fields = input::dictionary(call)?;
    let Some(Value::Array(endpoints)) = fields.get("endpoints") else {
        return Err(Refusal::field("endpoints", "This field is required."));
    };
    if let Some(row) = state.resources.get_mut(&uuid) {
        row.endpoints.clone_from(endpoints);
    }
    Ok(Answer::json(200, &json!({"status": "Endpoints have been set."})))
}

/// `POST .../submit_report/`: what people of the resource are to read.
pub(super) fn submit_report(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    let report = input::dictionary(call)?
        .remove("report")
        .ok_or_else(|| Refusal::field("report", "This field is required."))?;
    if let Some(row) = state.resources.get_mut(&uuid) {
        row.report = report;
    }
    Ok(Answer::json(200, &json!({"status": "Report is submitted"})))
}

/// `POST .../unlink/`: for staff, who alone can make Waldur forget a resource.
pub(super) fn unlink(state: &mut State, _: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    if !caller.is_staff() {
        return Err(Refusal::Forbidden);
    }
    state.resources.remove(&uuid);
    state.orders.retain(|_, order| order.resource_uuid != uuid);
    Ok(Answer::empty(204))
}

/// `PATCH /api/marketplace-provider-resources/{uuid}/`: name and description; what else is sent is not read.
pub(super) fn rename(state: &mut State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    let fields = input::dictionary(call)?;
    let text = |name, longest| fields.get(name).map(|value| input::text(name, value, longest)).transpose();
    let (name, description) = (text("name", NAME_LENGTH)?, text("description", usize::MAX)?);
    let now = state.now();
    let row = state.resources.get_mut(&uuid).ok_or(Refusal::NoObject("Resource"))?;
    row.name = name.unwrap_or_else(|| row.name.clone());
    row.description = description.unwrap_or_else(|| row.description.clone());
    row.modified = Some(now);
    let shown = json!({"name": row.name, "description": row.description, "end_date": null});
    Ok(Answer::json(200, &shown))
}
