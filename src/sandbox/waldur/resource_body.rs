//! A resource as it shows in lists and by itself.

use serde_json::{Map, Value, json};

use super::account::into_map;
use super::call::Call;
use super::offerings::component;
use super::render::{hex, time_or_null, word};
use super::seed::{Customer, Offering, Project, Resource, ResourceState};
use super::state::{State, hashed};

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
    body.extend(offering_fields(call, &joined));
    body.extend(project_fields(call, &joined));
    body.extend(if state.is_2024() { only_2024(&joined) } else { only_2026(&joined) });
    body
}

/// Returns the fields that only a full answer about one resource has.
pub(super) fn orders() -> Map<String, Value> {
    into_map(json!({"order_in_progress": null, "creation_order": null}))
}

fn own_fields(call: &Call, row: &Resource) -> Map<String, Value> {
    // `resource_uuid` is the plugin's object, not this one: a trap that clients must not step into.
    let allocation = hex(hashed(&format!("allocation {}", row.uuid)));
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
        "scope": call.url(&format!("slurm-allocations/{allocation}")),
        "resource_uuid": allocation,
        "resource_type": "SLURM.Allocation",
        "backend_id": row.backend_id,
        "effective_id": "",
        "backend_metadata": metadata,
        "attributes": row.attributes,
        "limits": row.limits,
        "current_usages": row.current_usages,
        "can_terminate": can_terminate,
        "report": null,
        "end_date": null,
        "end_date_requested_by": null,
        "username": null,
        "downscaled": row.downscaled,
        "restrict_member_access": row.restrict_member_access,
        "paused": row.paused,
        "endpoints": [],
        "error_message": row.error_message,
        "error_traceback": row.error_traceback,
        "options": null,
        "available_actions": [],
    }))
}

fn offering_fields(call: &Call, joined: &Joined<'_>) -> Map<String, Value> {
    let Joined { row, offering, provider, .. } = joined;
    let uuid = hex(row.offering_uuid);
    let plan = hex(hashed(&format!("plan {}", row.offering_uuid)));
    let components = offering.map(|offering| offering.components.as_slice()).unwrap_or_default();
    let limited = components.iter().filter(|component| component.billing_type == "limit");
    let limit_usage: Map<String, Value> =
        limited.map(|component| (component.component_type.clone(), Value::Null)).collect();
    into_map(json!({
        "offering": call.url(&format!("marketplace-public-offerings/{uuid}")),
        "offering_name": offering.map(|offering| &offering.name),
        "offering_uuid": uuid,
        "offering_description": "",
        "offering_image": null,
        "offering_thumbnail": null,
        "offering_type": offering.map(|offering| &offering.offering_type),
        "offering_shared": offering.map(|offering| offering.shared),
        "offering_billable": true,
        "offering_plugin_options": offering.map(|offering| &offering.plugin_options),
        "provider_name": provider.map(|provider| &provider.name),
        "provider_uuid": offering.map(|offering| hex(offering.customer_uuid)),
        "category_title": "HPC",
        "category_uuid": hex(hashed("category HPC")),
        "category_icon": null,
        "plan": call.url(&format!("marketplace-public-offerings/{uuid}/plans/{plan}")),
        "plan_unit": "month",
        "plan_name": "Default plan",
        "plan_uuid": plan,
        "plan_description": "",
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
        "offering_terms_of_service": "",
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
        "offering_components": components.iter().map(component).collect::<Vec<_>>(),
        "provider_slug": provider.map(|provider| &provider.slug),
        "provider_description": "",
        "project_slug": project.map(|project| &project.slug),
        "customer_slug": customer.map(|customer| &customer.slug),
        "project_effective_end_date": null,
        "project_is_in_grace_period": false,
        "resource_effective_end_date": null,
        "end_date_updated_at": null,
        "usage_limit_restriction": "",
        "last_sync": time_or_null(row.last_sync),
        "user_requires_reconsent": false,
        "renewal_date": null,
        "has_api_keys": false,
    }))
}
