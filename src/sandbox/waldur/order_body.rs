//! An order as it shows in lists and by itself, and as it shows to who placed it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::into_map;
use super::call::Call;
use super::order::{Order, Review};
use super::ordered;
use super::render::{hex, time_or_null, word};
use super::resource_body::{ALLOCATION_TYPE, allocation};
use super::state::State;

/// Returns what a list and a single answer show alike.
pub(super) fn body(state: &State, call: &Call, order: &Order) -> Map<String, Value> {
    let mut body = common(state, call, order);
    body.extend(plan_change(state, order));
    body.extend(owners(state, order));
    body.extend(into_map(json!({
        "consumer_reviewed_at": order.consumer_review.map(|review| time_or_null(Some(review.at))),
        "provider_reviewed_at": order.provider_review.map(|review| time_or_null(Some(review.at))),
        "created_by_full_name": state.users.get(&order.created_by).map(|user| &user.full_name),
        "created_by_civil_number": null,
        "can_terminate": false,
        "fixed_price": 0,
        "activation_price": 0,
        "termination_comment": null,
        "backend_id": order.backend_id,
        "issue": null,
    })));
    // Who decided is left out, and not null, while nobody did.
    body.extend(reviewer(state, "consumer", order.consumer_review));
    body.extend(reviewer(state, "provider", order.provider_review));
    if !state.is_2024() {
        body.extend(only_2026(state, call, order));
    }
    body
}

/// Returns what comes back from placing an order: in 2024 another set of fields, later the same.
pub(super) fn placed(state: &State, call: &Call, order: &Order) -> Map<String, Value> {
    if !state.is_2024() {
        return body(state, call, order);
    }
    let mut body = common(state, call, order);
    let creator = state.users.get(&order.created_by);
    let address = |uuid: Uuid| call.url(&format!("users/{}", hex(uuid)));
    let mut owners = owners(state, order);
    owners.retain(|name, _| !name.ends_with("_slug"));
    body.extend(owners);
    body.extend(into_map(json!({
        "url": call.url(&format!("marketplace-orders/{}", hex(order.uuid))),
        "created_by": address(order.created_by),
        "created_by_username": creator.map(|user| &user.username),
        "created_by_full_name": creator.map(|user| &user.full_name),
        "consumer_reviewed_at": order.consumer_review.map(|review| time_or_null(Some(review.at))),
        "project": state.resources.get(&order.resource_uuid)
            .map(|row| call.url(&format!("projects/{}", hex(row.project_uuid)))),
    })));
    let reviewed_by = reviewer(state, "consumer", order.consumer_review);
    if let Some(username) = reviewed_by.get("consumer_reviewed_by") {
        body.insert("consumer_reviewed_by_username".to_owned(), username.clone());
    }
    body.extend(reviewed_by);
    let by = order.consumer_review.map(|review| address(review.by));
    body.insert("consumer_reviewed_by".to_owned(), by.into());
    body
}

fn common(state: &State, call: &Call, order: &Order) -> Map<String, Value> {
    let resource = state.resources.get(&order.resource_uuid);
    let offering = resource.map(|row| row.offering_uuid).unwrap_or_default();
    let allocation = resource.and_then(allocation);
    let mut body = ordered::offering(state, call, offering);
    body.extend(ordered::plan(state, call, offering, order.plan_uuid));
    body.extend(into_map(json!({
        "attributes": order.attributes,
        "limits": order.limits,
        "uuid": hex(order.uuid),
        "created": time_or_null(order.created),
        "modified": time_or_null(order.modified),
        "type": word(order.kind),
        "resource_type": allocation.as_ref().map(|_| ALLOCATION_TYPE),
        "resource_uuid": allocation,
        "resource_name": resource.map(|row| &row.name),
        "cost": order.plan_uuid.map(|_| "0.0000000000"),
        "state": word(order.state),
        "output": "",
        "marketplace_resource_uuid": hex(order.resource_uuid),
        "error_message": order.error_message,
        "callback_url": null,
    })));
    body
}

fn plan_change(state: &State, order: &Order) -> Map<String, Value> {
    let offering = state.resources.get(&order.resource_uuid).map(|row| row.offering_uuid).unwrap_or_default();
    let plan = order.plan_uuid.and_then(|uuid| state.plan(offering, Some(uuid)));
    let mut fields = into_map(json!({"old_cost_estimate": 0.0, "new_cost_estimate": plan.map(|_| 0.0)}));
    if let Some(plan) = plan {
        fields.insert("new_plan_name".to_owned(), plan.name.clone().into());
        fields.insert("new_plan_uuid".to_owned(), hex(plan.uuid).into());
    }
    fields
}

fn owners(state: &State, order: &Order) -> Map<String, Value> {
    let project =
        state.resources.get(&order.resource_uuid).and_then(|row| state.projects.get(&row.project_uuid));
    let customer = project.and_then(|project| state.customers.get(&project.customer_uuid));
    into_map(json!({
        "customer_name": customer.map(|customer| &customer.name),
        "customer_uuid": customer.map(|customer| hex(customer.uuid)),
        "customer_slug": customer.map(|customer| &customer.slug),
        "project_name": project.map(|project| &project.name),
        "project_uuid": project.map(|project| hex(project.uuid)),
        "project_description": project.map(|project| &project.description),
        "project_slug": project.map(|project| &project.slug),
    }))
}

fn reviewer(state: &State, side: &str, review: Option<Review>) -> Map<String, Value> {
    let Some(user) = review.and_then(|review| state.users.get(&review.by)) else { return Map::new() };
    [
        (format!("{side}_reviewed_by"), user.username.clone().into()),
        (format!("{side}_reviewed_by_full_name"), user.full_name.clone().into()),
    ]
    .into_iter()
    .collect()
}

/// What the published client knows beside: nobody recorded it.
fn only_2026(state: &State, call: &Call, order: &Order) -> Map<String, Value> {
    let creator = state.users.get(&order.created_by);
    let resource = state.resources.get(&order.resource_uuid);
    let offering = resource.and_then(|row| state.offerings.get(&row.offering_uuid));
    let provider = offering.and_then(|offering| state.customers.get(&offering.customer_uuid));
    into_map(json!({
        "url": call.url(&format!("marketplace-orders/{}", hex(order.uuid))),
        "slug": format!("order-{}", &hex(order.uuid)[..8]),
        "provider_slug": provider.map(|provider| &provider.slug),
        "start_date": null,
        "completed_at": time_or_null(order.completed_at),
        "error_traceback": order.error_traceback,
        "error_updated_at": null,
        "created_by_username": creator.map(|user| &user.username),
        "created_by_email": creator.map(|user| &user.email),
        "request_comment": null,
        "auto_approved": false,
        "order_subtype": null,
        "old_plan_name": null,
        "old_plan_uuid": null,
        "provider_message": "",
        "consumer_message": "",
        "provider_rejection_comment": "",
        "consumer_rejection_comment": "",
    }))
}
