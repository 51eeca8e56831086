//! A resource as it shows in lists and by itself.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::into_map;
use super::allocation::Allocation;
use super::call::Call;
use super::offerings::component;
use super::order::{Order, OrderType};
use super::order_body;
use super::ordered;
use super::render::{hex, time_or_null, word};
use super::seed::{Customer, Offering, Project, Resource, ResourceState};
use super::state::{State, hashed};

/// What the plugin calls its objects.
pub(super) const ALLOCATION_TYPE: &str = "SLURM.Allocation";

/// Everything that the answer is joined from. What is missing in the seed shows as null.
struct Joined<'a> {
    row: &'a Resource,
    offering: Option<&'a Offering>,
    provider: Option<&'a Customer>,
    project: Option<&'a Project>,
    customer: Option<&'a Customer>,
}

/// Returns the fields that a list shows.
pub(super) fn body(state: &State, call: &Call, row: &Resource) -> Map<String, Value> {
    let offering = state.offerings.get(&row.offering_uuid);
    let project = state.projects.get(&row.project_uuid);
    let joined = Joined {
        row,
        offering,
        provider: offering.and_then(|offering| state.customers.get(&offering.customer_uuid)),
        project,
        customer: project.and_then(|project| state.customers.get(&project.customer_uuid)),
    };
    let mut body = own_fields(call, row);
    body.extend(ordered::offering(state, call, row.offering_uuid));
    body.extend(ordered::plan(state, call, row.offering_uuid, state.plan_of(row).map(|plan| plan.uuid)));
    body.extend(component_fields(&joined));
    body.extend(project_fields(call, &joined));
    body.extend(if state.is_2024() { only_2024(&joined) } else { only_2026(&joined) });
    body
}

/// Returns the fields that only a full answer about one resource has. The order that made it shows as it was when
/// somebody asked first: each process of the real server remembers it.
pub(super) fn orders(state: &State, call: &Call, row: &Resource) -> Map<String, Value> {
    let show = |order: &Order| Value::Object(order_body::body(state, call, order));
    into_map(json!({
        "order_in_progress": state.order_in_progress(row.uuid).map(show),
        "creation_order": state.creation_orders.get(&row.uuid),
    }))
}

impl State {
    /// Remembers how the order that made a resource looks, if nobody asked before.
    pub(super) fn remember_creation_order(&mut self, call: &Call, id: &str) {
        let Ok(uuid) = Uuid::try_parse(id) else { return };
        let made = |order: &&Order| order.resource_uuid == uuid && order.kind == OrderType::Create;
        if self.creation_orders.contains_key(&uuid) {
            return;
        }
        if let Some(order) = self.orders.values().find(made) {
            let shown = Value::Object(order_body::body(self, call, order));
            self.creation_orders.insert(uuid, shown);
        }
    }
}

/// Returns the plugin's object behind a resource, once it is there.
pub(super) fn allocation(row: &Resource) -> Option<String> {
    (row.allocation != Allocation::Absent).then(|| hex(hashed(&format!("allocation {}", row.uuid))))
}

fn own_fields(call: &Call, row: &Resource) -> Map<String, Value> {
    // `resource_uuid` is the plugin's object, not this one: a trap that clients must not step into.
    let allocation = allocation(row);
    let can_terminate = matches!(row.state, ResourceState::Ok | ResourceState::Erred);
    let metadata = if row.backend_metadata.is_null() { json!({}) } else { row.backend_metadata.clone() };
    into_map(json!({
        "url": call.url(&format!("marketplace-resources/{}", hex(row.uuid))),
        "uuid": hex(row.uuid),
        "name": row.name,
        "slug": row.slug,
        "description": row.description,
        "state": word(row.state),
        "created": time_or_null(row.created),
        "modified": time_or_null(row.modified),
        "scope": allocation.as_ref().map(|uuid| call.url(&format!("slurm-allocations/{uuid}"))),
        "resource_type": allocation.as_ref().map(|_| ALLOCATION_TYPE),
        "resource_uuid": allocation,
        "backend_id": row.backend_id,
        "effective_id": "",
        "backend_metadata": metadata,
        "attributes": row.attributes,
        "limits": row.limits,
        "current_usages": row.current_usages,
        "can_terminate": can_terminate,
        "report": row.report,
        "end_date": null,
        "end_date_requested_by": null,
        "username": null,
        "downscaled": row.downscaled,
        "restrict_member_access": row.restrict_member_access,
        "paused": row.paused,
        "endpoints": row.endpoints,
        "error_message": row.error_message,
        "error_traceback": row.error_traceback,
        "options": null,
        "available_actions": [],
    }))
}

fn component_fields(joined: &Joined<'_>) -> Map<String, Value> {
    let components = joined.offering.map(|offering| offering.components.as_slice()).unwrap_or_default();
    let limited = components.iter().filter(|component| component.billing_type == "limit");
    let limit_usage: Map<String, Value> =
        limited.map(|component| (component.component_type.clone(), Value::Null)).collect();
    into_map(json!({
        "is_usage_based": components.iter().any(|component| component.billing_type == "usage"),
        "is_limit_based": !limit_usage.is_empty(),
        "limit_usage": limit_usage,
    }))
}

fn project_fields(call: &Call, joined: &Joined<'_>) -> Map<String, Value> {
    let Joined { row, project, customer, .. } = joined;
    into_map(json!({
        "project": call.url(&format!("projects/{}", hex(row.project_uuid))),
        "project_uuid": hex(row.project_uuid),
        "project_name": project.map(|project| &project.name),
        "project_description": project.map(|project| &project.description),
        "project_end_date": null,
        "project_end_date_requested_by": null,
        "customer_uuid": project.map(|project| hex(project.customer_uuid)),
        "customer_name": customer.map(|customer| &customer.name),
    }))
}

/// The recorded server has no slugs of project and customer here.
fn only_2024(joined: &Joined<'_>) -> Map<String, Value> {
    into_map(json!({
        "offering_customer_uuid": joined.offering.map(|offering| hex(offering.customer_uuid)),
    }))
}

fn only_2026(joined: &Joined<'_>) -> Map<String, Value> {
    let Joined { row, offering, provider, project, customer } = joined;
    let components = offering.map(|offering| offering.components.as_slice()).unwrap_or_default();
    into_map(json!({
        "offering_slug": offering.map(|offering| &offering.slug),
        "offering_state": offering.map(|offering| word(offering.state)),
        "offering_backend_id": offering.map(|offering| &offering.backend_id),
        "offering_components": components.iter().map(|it| component(it, false)).collect::<Vec<_>>(),
        "provider_slug": provider.map(|provider| &provider.slug),
        "provider_description": "",
        "project_slug": project.map(|project| &project.slug),
        "customer_slug": customer.map(|customer| &customer.slug),
        "project_effective_end_date": null,
        "project_is_in_grace_period": false,
        "resource_effective_end_date": null,
        "end_date_updated_at": null,
        "usage_limit_restriction": "",
        // Never null: the published client takes no null here. Nobody looked yet, so it is the time of the order.
        "last_sync": time_or_null(row.last_sync.or(row.created)),
        "user_requires_reconsent": false,
        "renewal_date": null,
        "has_api_keys": false,
    }))
}
