//! What an order and a resource alike say about the offering and the plan they stand for.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::into_map;
use super::call::Call;
use super::render::hex;
use super::state::{State, hashed};

/// Returns the offering as orders and resources show it. What is missing in the seed shows as null.
pub(super) fn offering(state: &State, call: &Call, uuid: Uuid) -> Map<String, Value> {
    let offering = state.offerings.get(&uuid);
    let provider = offering.and_then(|offering| state.customers.get(&offering.customer_uuid));
    let mut fields = into_map(json!({
        "offering": call.url(&format!("marketplace-public-offerings/{}", hex(uuid))),
        "offering_name": offering.map(|offering| &offering.name),
        "offering_uuid": hex(uuid),
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
    }));
    if state.is_2024() {
        fields.insert("offering_terms_of_service".to_owned(), "".into());
    }
    fields
}

/// Returns the plan as orders and resources show it; without one, only the address shows, as null.
pub(super) fn plan(state: &State, call: &Call, offering: Uuid, plan: Option<Uuid>) -> Map<String, Value> {
    let Some(plan) = plan.and_then(|uuid| state.plan(offering, Some(uuid))) else {
        return into_map(json!({"plan": null}));
    };
    let (offering, uuid) = (hex(offering), hex(plan.uuid));
    into_map(json!({
        "plan": call.url(&format!("marketplace-public-offerings/{offering}/plans/{uuid}")),
        "plan_unit": plan.unit,
        "plan_name": plan.name,
        "plan_uuid": uuid,
        "plan_description": "",
    }))
}
