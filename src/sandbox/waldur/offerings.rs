//! `/api/marketplace-provider-offerings/`: what the caller provides.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::into_map;
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::component::Component;
use super::filter::{Filters, contains, passes};
use super::paging::Page;
use super::plan;
use super::refusal::Refusal;
use super::render::{hex, select, time_or_null, word};
use super::seed::{Offering, OfferingState};
use super::state::{State, hashed};

/// `GET /api/marketplace-provider-offerings/`.
pub(super) fn list(state: &State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let mut filters = Filters::of(call, state.dialect);
    let customer = filters.uuid("customer_uuid");
    let states: Option<Vec<OfferingState>> = filters.choices("state");
    let (name, slug, kind) = (filters.text("name"), filters.text("slug"), filters.text("type"));
    filters.checked()?;
    let mut rows: Vec<&Offering> = state
        .offerings
        .values()
        .filter(|row| state.sees_offering(caller, row.uuid))
        .filter(|row| passes(customer, |uuid| row.customer_uuid == uuid))
        .filter(|row| passes(states.as_ref(), |states| states.contains(&row.state)))
        .filter(|row| passes(name, |name| contains(&row.name, name)))
        .filter(|row| passes(slug, |slug| row.slug == slug))
        .filter(|row| passes(kind, |kind| row.offering_type == kind))
        .collect();
    rows.sort_by_key(|row| (row.created, row.uuid));
    let page = Page::cut(call, state.dialect, rows)?;
    Ok(page.answer(call, |row| Value::Object(select(call, body(state, call, row)))))
}

/// `GET /api/marketplace-provider-offerings/{uuid}/`.
pub(super) fn retrieve(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let row = Uuid::try_parse(id)
        .ok()
        .filter(|uuid| state.sees_offering(caller, *uuid))
        .and_then(|uuid| state.offerings.get(&uuid))
        .ok_or(Refusal::NoObject("Offering"))?;
    Ok(Answer::json(200, &Value::Object(select(call, body(state, call, row)))))
}

fn body(state: &State, call: &Call, row: &Offering) -> Map<String, Value> {
    let customer = state.customers.get(&row.customer_uuid);
    let mut body = into_map(json!({
        "url": call.url(&format!("marketplace-provider-offerings/{}", hex(row.uuid))),
        "uuid": hex(row.uuid),
        "created": time_or_null(row.created),
        "name": row.name,
        "slug": row.slug,
        "type": row.offering_type,
        "state": word(row.state),
        "shared": row.shared,
        "backend_id": row.backend_id,
        "customer": call.url(&format!("customers/{}", hex(row.customer_uuid))),
        "customer_uuid": hex(row.customer_uuid),
        "customer_name": customer.map(|customer| &customer.name),
        "components": row.components.iter().map(|it| component(it, state.is_2024())).collect::<Vec<_>>(),
        "plugin_options": row.plugin_options,
        "secret_options": row.secret_options,
    }));
    body.extend(catalogue_fields(call));
    body.extend(unused_fields());
    let plans = row.plans.iter().map(|plan| Value::Object(plan::body(state, call, row, plan)));
    body.insert("plans".to_owned(), plans.collect());
    let orders = state.orders.values().map(|order| order.resource_uuid);
    let of_this = |uuid: &Uuid| state.resources.get(uuid).is_some_and(|it| it.offering_uuid == row.uuid);
    body.insert("order_count".to_owned(), orders.filter(of_this).count().into());
    body.extend(if state.is_2024() { only_2024() } else { only_2026() });
    body
}

/// How the offering shows in the catalogue: the same for all.
fn catalogue_fields(call: &Call) -> Map<String, Value> {
    let category = hashed("category HPC");
    into_map(json!({
        "category": call.url(&format!("marketplace-categories/{}", hex(category))),
        "category_uuid": hex(category),
        "category_title": "HPC",
        "description": "",
        "full_description": "",
        "privacy_policy_link": "",
        "vendor_details": "",
        "getting_started": "",
        "integration_guide": "",
        "options": {"order": [], "options": {}},
        "resource_options": {"order": [], "options": {}},
        "citation_count": -1,
        "billable": true,
        "total_customers": 0,
        "total_cost": 0,
        "total_cost_estimated": 0,
    }))
}

/// What the real server shows and the simulated one has no use for.
fn unused_fields() -> Map<String, Value> {
    let empty = |value: Value, names: &[&str]| -> Map<String, Value> {
        names.iter().map(|name| ((*name).to_owned(), value.clone())).collect()
    };
    let lists = ["endpoints", "files", "integration_status", "organization_groups", "screenshots"];
    let nulls = [
        "google_calendar_is_public",
        "google_calendar_link",
        "image",
        "latitude",
        "longitude",
        "project",
        "scope",
        "thumbnail",
    ];
    let mut fields = empty(json!([]), &lists);
    fields.extend(empty(json!({}), &["attributes", "backend_metadata", "service_attributes"]));
    fields.extend(empty(json!(""), &["country", "datacite_doi", "paused_reason"]));
    fields.extend(empty(Value::Null, &nulls));
    fields
}

fn only_2024() -> Map<String, Value> {
    into_map(json!({
        "terms_of_service": "",
        "terms_of_service_link": "",
        "roles": [],
        "rating": null,
        "native_name": "",
        "native_description": "",
    }))
}

fn only_2026() -> Map<String, Value> {
    into_map(json!({
        "helpdesk_url": "",
        "documentation_url": "",
        "access_url": "",
        "tags": [],
        "quotas": [],
        "scope_uuid": null,
        "scope_name": null,
        "parent_uuid": null,
        "parent_name": null,
        "backend_id_rules": {},
        "has_compliance_requirements": false,
        "profile_uuid": null,
    }))
}

/// Returns a component as it shows inside an offering.
pub(super) fn component(row: &Component, is_2024: bool) -> Value {
    let mut shown = into_map(json!({
        "uuid": row.uuid.map(hex),
        "billing_type": row.billing_type,
        "type": row.component_type,
        "name": row.name,
        "description": row.description,
        "measured_unit": row.measured_unit,
        "limit_period": row.limit_period,
        "limit_amount": row.limit_amount,
        "article_code": row.article_code,
        "max_value": row.max_value,
        "min_value": row.min_value,
        "max_available_limit": row.max_available_limit,
        "is_boolean": row.is_boolean,
        "default_limit": row.default_limit,
        "factor": null,
        "is_builtin": false,
    }));
    if !is_2024 {
        shown.insert("is_prepaid".to_owned(), row.is_prepaid.into());
        let duration = |name: &&str| ((*name).to_owned(), json!(row.durations.get(*name)));
        shown.extend(DURATIONS.iter().map(duration));
    }
    Value::Object(shown)
}

/// What a component says of months, since 2026.
pub(super) const DURATIONS: [&str; 6] = [
    "min_prepaid_duration",
    "max_prepaid_duration",
    "prepaid_duration_step",
    "min_renewal_duration",
    "max_renewal_duration",
    "renewal_duration_step",
];
