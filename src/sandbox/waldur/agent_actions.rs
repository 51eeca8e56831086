//! How an agent registers itself, its services and its processors: once more of the same name is the same one again.
//!
//! Nobody recorded what the server refuses here; the refusals are those that Django REST framework has by itself.

use axum::http::header;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::agents::{Agent, Processor, Service, find, find_service, shown, shown_processor, shown_service};
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input;
use super::refusal::Refusal;
use super::state::State;

const NAME_LENGTH: usize = 255;

/// `POST /api/marketplace-site-agent-identities/`.
pub(super) fn create(state: &mut State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let told = told(state, call, caller)?;
    let same = |agent: &Agent| agent.offering_uuid == told.offering_uuid && agent.name == told.name;
    if state.agents.values().any(same) {
        let why = "The fields offering, name must make a unique set.";
        return Err(Refusal::field("non_field_errors", why));
    }
    let (uuid, now) = (state.mint("agent"), Some(state.stamp()));
    let agent = Agent { uuid, created_by: Some(caller.user_uuid), created: now, modified: now, ..told };
    let body = shown(call, &agent);
    let location = body["url"].as_str().unwrap_or_default().to_owned();
    state.agents.insert(uuid, agent);
    Ok(Answer::json(201, &body).with(header::LOCATION, location))
}

/// `PUT /api/marketplace-site-agent-identities/{uuid}/`.
pub(super) fn replace(state: &mut State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let known = find(state, caller, id)?.clone();
    let told = told(state, call, caller)?;
    let Agent { uuid, created_by, services, created, .. } = known;
    let agent = Agent { uuid, created_by, services, created, modified: Some(state.stamp()), ..told };
    let body = shown(call, &agent);
    state.agents.insert(uuid, agent);
    Ok(Answer::json(200, &body))
}

/// `POST .../marketplace-site-agent-identities/{uuid}/register_service/`.
pub(super) fn register_service(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let mut agent = find(state, caller, id)?.clone();
    let fields = input::dictionary(call)?;
    let (name, mode) = (required(&fields, "name")?, optional(&fields, "mode")?);
    let now = Some(state.stamp());
    let at = agent.services.iter().position(|service| service.name == name);
    let service = if let Some(at) = at {
        Service { mode, modified: now, ..agent.services[at].clone() }
    } else {
        let uuid = state.mint("service");
        Service { uuid, name, mode, processors: Vec::new(), created: now, modified: now }
    };
    let body = shown_service(call, &agent, &service);
    place(&mut agent.services, at, service);
    state.agents.insert(agent.uuid, agent);
    Ok(Answer::json(if at.is_some() { 200 } else { 201 }, &body))
}

/// `POST .../marketplace-site-agent-services/{uuid}/register_processor/`.
pub(super) fn register_processor(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let (agent, service) = find_service(state, caller, id)?;
    let (agent, mut service) = (agent.uuid, service.clone());
    let fields = input::dictionary(call)?;
    let (name, backend_type) = (required(&fields, "name")?, required(&fields, "backend_type")?);
    let backend_version = optional(&fields, "backend_version")?;
    let now = Some(state.stamp());
    let at = service.processors.iter().position(|processor| processor.name == name);
    let (uuid, created) = match at {
        Some(at) => (service.processors[at].uuid, service.processors[at].created),
        None => (state.mint("processor"), now),
    };
    let processor = Processor { uuid, name, backend_type, backend_version, created, last_run: now };
    let body = shown_processor(call, &service, &processor);
    place(&mut service.processors, at, processor);
    let services = state.agents.get_mut(&agent).map(|agent| &mut agent.services);
    if let Some(old) = services.into_iter().flatten().find(|old| old.uuid == service.uuid) {
        *old = service;
    }
    Ok(Answer::json(if at.is_some() { 200 } else { 201 }, &body))
}

/// Puts a row where it was, or after all others.
fn place<T>(rows: &mut Vec<T>, at: Option<usize>, row: T) {
    match at {
        Some(at) => rows[at] = row,
        None => rows.push(row),
    }
}

/// Reads what an agent says of itself.
fn told(state: &State, call: &Call, caller: &Caller) -> Result<Agent, Refusal> {
    let fields = input::dictionary(call)?;
    let (offering, name) = (required(&fields, "offering")?, required(&fields, "name")?);
    let offering_uuid = Uuid::try_parse(&offering)
        .map_err(|_| Refusal::field("offering", format!("“{offering}” is not a valid UUID.")))?;
    if !state.sees_offering(caller, offering_uuid) {
        let why = format!("Object with uuid={offering} does not exist.");
        return Err(Refusal::field("offering", why));
    }
    let dependencies = match fields.get("dependencies") {
        None => Vec::new(),
        Some(Value::Array(rows)) => rows.clone(),
        Some(other) => {
            let kind = input::python_name(other);
            return Err(Refusal::field(
                "dependencies",
                format!("Expected a list of items but got type \"{kind}\"."),
            ));
        }
    };
    Ok(Agent {
        offering_uuid,
        name,
        version: optional(&fields, "version")?,
        dependencies,
        config_file_path: optional(&fields, "config_file_path")?,
        config_file_content: optional(&fields, "config_file_content")?,
        last_restarted: optional(&fields, "last_restarted")?
            .or_else(|| Some(super::render::time(state.now()))),
        ..Agent::default()
    })
}

fn required(fields: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    let value = fields.get(name).ok_or_else(|| Refusal::field(name, "This field is required."))?;
    let text = input::text(name, value, NAME_LENGTH)?;
    if text.is_empty() { Err(Refusal::field(name, "This field may not be blank.")) } else { Ok(text) }
}

fn optional(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => input::text(name, value, usize::MAX).map(Some),
    }
}
