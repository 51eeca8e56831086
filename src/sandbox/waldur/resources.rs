//! `/api/marketplace-provider-resources/`: what projects have of the caller's offerings, in all states.

use std::cmp::Ordering;

use serde_json::Value;
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::filter::{Filters, OrderKey, contains, passes};
use super::paging::Page;
use super::refusal::Refusal;
use super::render::select;
use super::resource_body::{body, orders};
use super::seed::{Resource, ResourceState};
use super::state::State;

const ORDER_KEYS: [&str; 9] = [
    "backend_id",
    "created",
    "customer_name",
    "end_date",
    "name",
    "offering_name",
    "plan_name",
    "project_name",
    "state",
];

/// `GET /api/marketplace-provider-resources/`.
pub(super) fn list(state: &State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let rows =
        state.resources.values().filter(|row| state.sees_offering(caller, row.offering_uuid)).collect();
    page(state, call, rows)
}

/// Returns the page of these resources that the call asks for.
pub(super) fn page(state: &State, call: &Call, mut rows: Vec<&Resource>) -> Result<Answer, Refusal> {
    let mut filters = Filters::of(call, state.dialect);
    let order = filters.order(&ORDER_KEYS);
    keep_by_identity(state, &mut filters, &mut rows);
    keep_by_text(&filters, &mut rows);
    keep_by_time(&mut filters, &mut rows);
    filters.checked()?;
    rows.sort_by(|one, other| {
        order
            .iter()
            .map(|key| key.apply(compare(state, key, one, other)))
            .find(|ordering| ordering.is_ne())
            .unwrap_or_else(|| (one.created, one.uuid).cmp(&(other.created, other.uuid)))
    });
    let page = Page::cut(call, state.dialect, rows)?;
    Ok(page.answer(call, |row| Value::Object(select(call, body(state, call, row)))))
}

/// `GET /api/marketplace-provider-resources/{uuid}/`.
pub(super) fn retrieve(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let row = find(state, caller, id)?;
    let known = body(state, call, row);
    let asked = call.all("field").any(|name| known.contains_key(name));
    let mut shown = select(call, known);
    if !asked {
        // Orders show in a full answer only, and cannot be asked for by name.
        shown.extend(orders(state, call, row));
    }
    Ok(Answer::json(200, &Value::Object(shown)))
}

/// Returns the resource of this id, if the caller sees it.
pub(super) fn find<'a>(state: &'a State, caller: &Caller, id: &str) -> Result<&'a Resource, Refusal> {
    Uuid::try_parse(id)
        .ok()
        .and_then(|uuid| state.resources.get(&uuid))
        .filter(|row| state.sees_offering(caller, row.offering_uuid))
        .ok_or(Refusal::NoObject("Resource"))
}

fn keep_by_identity(state: &State, filters: &mut Filters<'_>, rows: &mut Vec<&Resource>) {
    let states: Option<Vec<ResourceState>> = filters.choices("state");
    let offerings = filters.uuids("offering_uuid");
    let (project, customer) = (filters.uuid("project_uuid"), filters.uuid("customer_uuid"));
    let provider = filters.uuid("provider_uuid");
    rows.retain(|row| {
        let owner = state.projects.get(&row.project_uuid).map(|project| project.customer_uuid);
        let offered_by = state.offerings.get(&row.offering_uuid).map(|offering| offering.customer_uuid);
        passes(states.as_ref(), |states| states.contains(&row.state))
            && passes(offerings.as_ref(), |offerings| offerings.contains(&row.offering_uuid))
            && passes(project, |project| row.project_uuid == project)
            && passes(customer, |customer| owner == Some(customer))
            && passes(provider, |provider| offered_by == Some(provider))
    });
}

fn keep_by_text(filters: &Filters<'_>, rows: &mut Vec<&Resource>) {
    let (backend_id, slug) = (filters.text("backend_id"), filters.text("slug"));
    let (name, name_exact) = (filters.text("name"), filters.text("name_exact"));
    let (paused, downscaled) = (filters.flag("paused"), filters.flag("downscaled"));
    let restricted = filters.flag("restrict_member_access");
    rows.retain(|row| {
        passes(backend_id, |text| row.backend_id == text)
            && passes(slug, |text| row.slug == text)
            && passes(name, |text| contains(&row.name, text))
            && passes(name_exact, |text| row.name == text)
            && passes(paused, |flag| row.paused == flag)
            && passes(downscaled, |flag| row.downscaled == flag)
            && passes(restricted, |flag| row.restrict_member_access == flag)
    });
}

fn keep_by_time(filters: &mut Filters<'_>, rows: &mut Vec<&Resource>) {
    let (created, created_before) = (filters.time("created"), filters.time("created_before"));
    let (modified, modified_before) = (filters.time("modified"), filters.time("modified_before"));
    rows.retain(|row| {
        passes(created, |time| row.created >= Some(time))
            && passes(created_before, |time| row.created <= Some(time))
            && passes(modified, |time| row.modified >= Some(time))
            && passes(modified_before, |time| row.modified <= Some(time))
    });
}

fn compare(state: &State, key: &OrderKey, one: &Resource, other: &Resource) -> Ordering {
    let project = |row: &Resource| state.projects.get(&row.project_uuid);
    let project_name = |row: &Resource| project(row).map(|project| project.name.clone());
    let customer_name = |row: &Resource| {
        project(row)
            .and_then(|project| state.customers.get(&project.customer_uuid))
            .map(|customer| customer.name.clone())
    };
    let offering_name =
        |row: &Resource| state.offerings.get(&row.offering_uuid).map(|offering| offering.name.clone());
    match key.name.as_str() {
        "backend_id" => one.backend_id.cmp(&other.backend_id),
        "created" => one.created.cmp(&other.created),
        "name" => one.name.cmp(&other.name),
        "state" => one.state.cmp(&other.state),
        "project_name" => project_name(one).cmp(&project_name(other)),
        "customer_name" => customer_name(one).cmp(&customer_name(other)),
        "offering_name" => offering_name(one).cmp(&offering_name(other)),
        // No resource here has an end date or a plan: all are alike.
        _ => Ordering::Equal,
    }
}
