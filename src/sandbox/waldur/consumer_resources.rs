//! `/api/marketplace-resources/`: resources as those see them who have a part in their project, and who provides
//! them.

use serde_json::Value;
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::refusal::Refusal;
use super::render::select;
use super::resource_body::body;
use super::seed::Resource;
use super::state::State;
use super::{resources, team};

/// `GET /api/marketplace-resources/`.
pub(super) fn list(state: &State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let rows = state.resources.values().filter(|row| sees(state, caller, row)).collect();
    resources::page(state, call, rows)
}

/// `GET /api/marketplace-resources/{uuid}/`.
pub(super) fn retrieve(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let row = find(state, caller, id)?;
    Ok(Answer::json(200, &Value::Object(select(call, body(state, call, row)))))
}

/// `GET /api/marketplace-resources/{uuid}/team/`.
pub(super) fn team(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    Ok(team::of(state, call, caller, find(state, caller, id)?))
}

/// Returns the resource of this id, if the caller sees it on either side.
pub(super) fn find<'a>(state: &'a State, caller: &Caller, id: &str) -> Result<&'a Resource, Refusal> {
    Uuid::try_parse(id)
        .ok()
        .and_then(|uuid| state.resources.get(&uuid))
        .filter(|row| sees(state, caller, row))
        .ok_or(Refusal::NoObject("Resource"))
}

fn sees(state: &State, caller: &Caller, row: &Resource) -> bool {
    state.works_in(caller, row.project_uuid) || state.sees_offering(caller, row.offering_uuid)
}
