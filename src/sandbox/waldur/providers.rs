//! `/api/marketplace-service-providers/`: the caller's organizations as providers, and all grants in their reach.
//!
//! `field=` is not read here, and neither are filters of the grants: everything comes back.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::into_map;
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::filter::{Filters, passes};
use super::paging::Page;
use super::refusal::Refusal;
use super::render::{hex, time_or_null};
use super::seed::{Grant, Project, ResourceState, ServiceProvider};
use super::state::State;
use super::team::role;

/// `GET /api/marketplace-service-providers/`.
pub(super) fn list(state: &State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let mut filters = Filters::of(call, state.dialect);
    let customer = filters.uuid("customer_uuid");
    filters.checked()?;
    let mut rows: Vec<&ServiceProvider> = state
        .service_providers
        .values()
        .filter(|row| state.sees_provider(caller, row.customer_uuid))
        .filter(|row| passes(customer, |uuid| row.customer_uuid == uuid))
        .collect();
    rows.sort_by_key(|row| (row.created, row.uuid));
    let page = Page::cut(call, state.dialect, rows)?;
    Ok(page.answer(call, |row| Value::Object(body(state, call, row))))
}

/// `GET /api/marketplace-service-providers/{uuid}/`.
pub(super) fn retrieve(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let row = find(state, caller, id)?;
    Ok(Answer::json(200, &Value::Object(body(state, call, row))))
}

/// `GET /api/marketplace-service-providers/{uuid}/project_permissions/`: one row per grant, expired ones included,
/// of the projects that have a resource of one of the provider's shared offerings that is not terminated. Only the
/// owner may ask.
pub(super) fn project_permissions(
    state: &State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let provider = find(state, caller, id)?;
    if !caller.owns(provider.customer_uuid) {
        return Err(Refusal::Forbidden);
    }
    let mut rows: Vec<(&Project, &Grant)> = state
        .projects
        .values()
        .filter(|project| reaches(state, provider.customer_uuid, project.uuid))
        .flat_map(|project| project.grants.iter().map(move |grant| (project, grant)))
        .collect();
    rows.sort_by_key(|(project, grant)| (grant.created, project.uuid));
    let page = Page::cut(call, state.dialect, rows)?;
    Ok(page.answer(call, |(project, grant)| permission(state, call, project, grant)))
}

/// `GET /api/marketplace-service-providers/{uuid}/keys/`: public keys of people, of which nobody has one here.
pub(super) fn keys(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    find(state, caller, id)?;
    Ok(Page::<()>::cut(call, state.dialect, Vec::new())?.answer(call, |()| Value::Null))
}

/// Returns the provider of this id, if the caller sees it.
pub(super) fn find<'a>(state: &'a State, caller: &Caller, id: &str) -> Result<&'a ServiceProvider, Refusal> {
    Uuid::try_parse(id)
        .ok()
        .and_then(|uuid| state.service_providers.get(&uuid))
        .filter(|row| state.sees_provider(caller, row.customer_uuid))
        .ok_or(Refusal::NoObject("ServiceProvider"))
}

fn reaches(state: &State, customer: Uuid, project: Uuid) -> bool {
    let offered = |offering: Uuid| {
        state.offerings.get(&offering).is_some_and(|row| row.shared && row.customer_uuid == customer)
    };
    state
        .resources
        .values()
        .filter(|row| row.project_uuid == project && row.state != ResourceState::Terminated)
        .any(|row| offered(row.offering_uuid))
}

fn permission(state: &State, call: &Call, project: &Project, grant: &Grant) -> Value {
    let user = state.users.get(&grant.user_uuid);
    let customer = state.customers.get(&project.customer_uuid);
    let mut row = json!({
        "created": time_or_null(grant.created),
        "expiration_time": time_or_null(grant.expiration_time),
        "created_by": grant.created_by.map(|uuid| call.url(&format!("users/{}", hex(uuid)))),
        "project": call.url(&format!("projects/{}", hex(project.uuid))),
        "project_uuid": hex(project.uuid),
        "project_name": project.name,
        "project_created": time_or_null(project.created),
        "project_end_date": null,
        "customer_uuid": hex(project.customer_uuid),
        "customer_name": customer.map(|customer| &customer.name),
        "user": call.url(&format!("users/{}", hex(grant.user_uuid))),
        "user_full_name": user.map(|user| &user.full_name),
        "user_native_name": "",
        "user_username": user.map(|user| &user.username),
        "user_uuid": hex(grant.user_uuid),
        "user_email": user.map(|user| &user.email),
    });
    if let Some(giver) = grant.created_by.and_then(|uuid| state.users.get(&uuid)) {
        row["created_by_full_name"] = giver.full_name.clone().into();
        row["created_by_username"] = giver.username.clone().into();
    }
    let key = if state.is_2024() { "role" } else { "role_name" };
    row[key] = role(state.dialect, &grant.role);
    row
}

fn body(state: &State, call: &Call, row: &ServiceProvider) -> Map<String, Value> {
    let customer = state.customers.get(&row.customer_uuid);
    let offered = state.offerings.values().filter(|offering| offering.customer_uuid == row.customer_uuid);
    let mut body = into_map(json!({
        "url": call.url(&format!("marketplace-service-providers/{}", hex(row.uuid))),
        "uuid": hex(row.uuid),
        "created": time_or_null(row.created),
        "description": "",
        "enable_notifications": true,
        "customer": call.url(&format!("customers/{}", hex(row.customer_uuid))),
        "customer_name": customer.map(|customer| &customer.name),
        "customer_uuid": hex(row.customer_uuid),
        "customer_image": null,
        "customer_abbreviation": customer.map(|customer| &customer.abbreviation),
        "customer_native_name": "",
        "customer_country": "",
        "image": null,
        "offering_count": offered.count(),
    }));
    if state.is_2024() {
        body.insert("organization_group".to_owned(), Value::Null);
    } else {
        body.insert("organization_groups".to_owned(), json!([]));
        body.insert("customer_slug".to_owned(), customer.map(|customer| customer.slug.clone()).into());
        body.insert("allowed_domains".to_owned(), json!([]));
    }
    body
}
