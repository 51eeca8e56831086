//! `/api/projects/{uuid}/add_user/` and `delete_user/`: how a consumer makes a team.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input;
use super::refusal::Refusal;
use super::render::time_or_null;
use super::seed::Grant;
use super::state::State;

/// `POST .../add_user/`: one more role, beside those that the person has.
pub(super) fn add(state: &mut State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let project = find(state, caller, id)?;
    let fields = input::dictionary(call)?;
    let (user, role) = grant(&fields)?;
    let end = fields.get("expiration_time").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let created_by = Some(caller.user_uuid);
    let row = Grant { user_uuid: user, role, expiration_time: end, created: None, created_by };
    state.join(project, row).map_err(|_| unknown_user())?;
    Ok(Answer::json(201, &json!({"expiration_time": time_or_null(end)})))
}

/// `POST .../delete_user/`.
pub(super) fn remove(state: &mut State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let project = find(state, caller, id)?;
    let (user, role) = grant(&input::dictionary(call)?)?;
    state.leave(project, user, Some(&role)).map_err(|_| unknown_user())?;
    Ok(Answer::empty(200))
}

/// Who provides something to a project does not see it.
fn find(state: &State, caller: &Caller, id: &str) -> Result<Uuid, Refusal> {
    let uuid = Uuid::try_parse(id)
        .ok()
        .filter(|uuid| state.works_in(caller, *uuid))
        .ok_or(Refusal::NoObject("Project"))?;
    if state.owns_project(caller, uuid) { Ok(uuid) } else { Err(Refusal::Forbidden) }
}

fn grant(fields: &Map<String, Value>) -> Result<(Uuid, String), Refusal> {
    let mut complaints = Map::new();
    for name in ["user", "role"] {
        if !fields.contains_key(name) {
            input::required(&mut complaints, name);
        }
    }
    if !complaints.is_empty() {
        return Err(Refusal::Invalid(complaints));
    }
    let text = |name: &str| fields[name].as_str().unwrap_or_default();
    let user = Uuid::try_parse(text("user")).map_err(|_| unknown_user())?;
    Ok((user, text("role").to_owned()))
}

fn unknown_user() -> Refusal {
    Refusal::field("user", "Object does not exist.")
}
