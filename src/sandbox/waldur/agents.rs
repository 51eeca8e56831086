//! The agents that sites run, as they register themselves: an identity for each offering, its services (one for each
//! mode) and their processors. Only the newest dialect has them; all of it is known from the published client alone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::filter::{Filters, passes};
use super::paging::Page;
use super::refusal::Refusal;
use super::render::{hex, time_or_null};
use super::state::State;

/// An agent of one offering.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Agent {
    /// Identity.
    pub uuid: Uuid,
    /// Which offering it serves.
    pub offering_uuid: Uuid,
    /// What it calls itself.
    pub name: String,
    /// Its own version.
    pub version: Option<String>,
    /// The packages that it runs with, as it lists them.
    pub dependencies: Vec<Value>,
    /// Where its configuration is.
    pub config_file_path: Option<String>,
    /// What its configuration says.
    pub config_file_content: Option<String>,
    /// When it says that it started.
    pub last_restarted: Option<String>,
    /// Who registered it.
    pub created_by: Option<Uuid>,
    /// What it runs.
    pub services: Vec<Service>,
    /// When it was registered.
    pub created: Option<Timestamp>,
    /// When it last registered.
    pub modified: Option<Timestamp>,
}

/// One mode that an agent runs in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// Identity.
    pub uuid: Uuid,
    /// What it is called.
    pub name: String,
    /// The mode.
    pub mode: Option<String>,
    /// What works in it.
    pub processors: Vec<Processor>,
    /// When it was registered.
    pub created: Option<Timestamp>,
    /// When it last registered.
    pub modified: Option<Timestamp>,
}

/// What works in a service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Processor {
    /// Identity.
    pub uuid: Uuid,
    /// What it is called.
    pub name: String,
    /// What it works on.
    pub backend_type: String,
    /// The version of that.
    pub backend_version: Option<String>,
    /// When it was registered.
    pub created: Option<Timestamp>,
    /// When it last registered, which is when it last ran.
    pub last_run: Option<Timestamp>,
}

/// `GET /api/marketplace-site-agent-identities/`.
pub(super) fn list(state: &State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let mut filters = Filters::of(call, state.dialect);
    let (name, offering) = (filters.text("name"), filters.uuid("offering_uuid"));
    filters.checked()?;
    let agents = visible(state, caller)
        .filter(|agent| passes(name, |name| agent.name == name))
        .filter(|agent| passes(offering, |uuid| agent.offering_uuid == uuid));
    let page = Page::cut(call, state.dialect, in_order(agents, |agent| agent.created))?;
    Ok(page.answer(call, |agent| shown(call, agent)))
}

/// `GET /api/marketplace-site-agent-identities/{uuid}/`.
pub(super) fn retrieve(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    Ok(Answer::json(200, &shown(call, find(state, caller, id)?)))
}

/// `GET /api/marketplace-site-agent-services/`.
pub(super) fn services(state: &State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let all =
        visible(state, caller).flat_map(|agent| agent.services.iter().map(move |service| (agent, service)));
    let page = Page::cut(call, state.dialect, in_order(all, |(_, service)| service.created))?;
    Ok(page.answer(call, |(agent, service)| shown_service(call, agent, service)))
}

/// `GET /api/marketplace-site-agent-services/{uuid}/`.
pub(super) fn service(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let (agent, service) = find_service(state, caller, id)?;
    Ok(Answer::json(200, &shown_service(call, agent, service)))
}

/// `GET /api/marketplace-site-agent-processors/`.
pub(super) fn processors(state: &State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let all = in_order(processors_of(state, caller), |(_, processor)| processor.created);
    let page = Page::cut(call, state.dialect, all)?;
    Ok(page.answer(call, |(service, processor)| shown_processor(call, service, processor)))
}

/// `GET /api/marketplace-site-agent-processors/{uuid}/`.
pub(super) fn processor(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = Uuid::try_parse(id).ok();
    let (service, processor) = processors_of(state, caller)
        .find(|(_, processor)| uuid == Some(processor.uuid))
        .ok_or(Refusal::NoObject("AgentProcessor"))?;
    Ok(Answer::json(200, &shown_processor(call, service, processor)))
}

/// Returns the agent of this id, if the caller has its offering.
pub(super) fn find<'a>(state: &'a State, caller: &Caller, id: &str) -> Result<&'a Agent, Refusal> {
    let uuid = Uuid::try_parse(id).ok();
    visible(state, caller).find(|agent| uuid == Some(agent.uuid)).ok_or(Refusal::NoObject("AgentIdentity"))
}

/// Returns the service of this id with its agent, if the caller has the offering.
pub(super) fn find_service<'a>(
    state: &'a State,
    caller: &Caller,
    id: &str,
) -> Result<(&'a Agent, &'a Service), Refusal> {
    let uuid = Uuid::try_parse(id).ok();
    visible(state, caller)
        .flat_map(|agent| agent.services.iter().map(move |service| (agent, service)))
        .find(|(_, service)| uuid == Some(service.uuid))
        .ok_or(Refusal::NoObject("AgentService"))
}

fn visible<'a>(state: &'a State, caller: &Caller) -> impl Iterator<Item = &'a Agent> {
    state.agents.values().filter(move |agent| state.sees_offering(caller, agent.offering_uuid))
}

fn processors_of<'a>(
    state: &'a State,
    caller: &Caller,
) -> impl Iterator<Item = (&'a Service, &'a Processor)> {
    let services = visible(state, caller).flat_map(|agent| &agent.services);
    services.flat_map(|service| service.processors.iter().map(move |processor| (service, processor)))
}

fn in_order<T>(rows: impl Iterator<Item = T>, age: impl Fn(&T) -> Option<Timestamp>) -> Vec<T> {
    let mut rows: Vec<T> = rows.collect();
    rows.sort_by_key(age);
    rows
}

// The client wants every key of these bodies, except those that may be null.

/// Returns an agent as it shows, with its services in short.
pub(super) fn shown(call: &Call, agent: &Agent) -> Value {
    json!({
        "uuid": hex(agent.uuid),
        "url": call.url(&format!("marketplace-site-agent-identities/{}", hex(agent.uuid))),
        "offering": hex(agent.offering_uuid),
        "created_by": agent.created_by.map(hex),
        "name": agent.name,
        "version": agent.version,
        "dependencies": agent.dependencies,
        "config_file_path": agent.config_file_path,
        "config_file_content": agent.config_file_content,
        "last_restarted": agent.last_restarted,
        "compatibility": {"status": "compatible", "message": ""},
        "services": agent.services.iter().map(|service| nested_service(call, service)).collect::<Vec<_>>(),
        "created": time_or_null(agent.created),
        "modified": time_or_null(agent.modified),
    })
}

/// Returns a service as it shows, with its processors in short.
pub(super) fn shown_service(call: &Call, agent: &Agent, service: &Service) -> Value {
    let mut body = nested_service(call, service);
    body["identity"] = hex(agent.uuid).into();
    body["identity_name"] = agent.name.clone().into();
    body["processors"] = service.processors.iter().map(|row| nested_processor(call, row)).collect();
    body
}

/// Returns a processor as it shows.
pub(super) fn shown_processor(call: &Call, service: &Service, processor: &Processor) -> Value {
    let mut body = nested_processor(call, processor);
    body["service"] = hex(service.uuid).into();
    body["service_name"] = service.name.clone().into();
    body
}

fn nested_service(call: &Call, service: &Service) -> Value {
    json!({
        "uuid": hex(service.uuid),
        "url": call.url(&format!("marketplace-site-agent-services/{}", hex(service.uuid))),
        "name": service.name,
        "mode": service.mode,
        "state": "Active",
        "statistics": {},
        "created": time_or_null(service.created),
        "modified": time_or_null(service.modified),
    })
}

fn nested_processor(call: &Call, processor: &Processor) -> Value {
    json!({
        "uuid": hex(processor.uuid),
        "url": call.url(&format!("marketplace-site-agent-processors/{}", hex(processor.uuid))),
        "name": processor.name,
        "backend_type": processor.backend_type,
        "backend_version": processor.backend_version,
        "last_run": time_or_null(processor.last_run),
        "created": time_or_null(processor.created),
        "modified": time_or_null(processor.last_run),
    })
}
