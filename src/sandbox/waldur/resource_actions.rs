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
pub(super) fn refresh_last_sync(state: &mut State, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    let now = state.now();
    if let Some(row) = state.resources.get_mut(&uuid) {
        row.last_sync = Some(now);
    }
    Ok(Answer::empty())
}

/// `POST .../set_as_ok/`: not in 2024; clears the texts of an error.
pub(super) fn set_as_ok(state: &mut State, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    if let Some(row) = state.resources.get_mut(&uuid) {
        row.error_message.clear();
        row.error_traceback.clear();
    }
    state.set_resource_state(uuid, ResourceState::Ok);
    Ok(Answer::empty())
}
