//! What concerns single people at an offering beyond their accounts: which of their attributes the provider sees, and
//! what they used and may use of a resource, which nobody reports or sets here.

use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::filter::Filters;
use super::paging::Page;
use super::refusal::Refusal;
use super::render::{hex, time_or_null};
use super::state::{State, hashed};

/// `GET /api/marketplace-component-user-usages/` and `GET /api/component-user-usage-limits/`: no rows.
pub(super) fn none(state: &State, call: &Call) -> Result<Answer, Refusal> {
    let mut filters = Filters::of(call, state.dialect);
    filters.uuid("resource_uuid");
    filters.checked()?;
    Ok(Page::<()>::cut(call, state.dialect, Vec::new())?.answer(call, |()| Value::Null))
}

/// `GET /api/marketplace-provider-offerings/{uuid}/user-attribute-config/`: the defaults, which nobody changes. Not in
/// 2024; all of it is known from the published client alone.
pub(super) fn attributes(state: &State, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let offering = Uuid::try_parse(id)
        .ok()
        .filter(|uuid| state.sees_offering(caller, *uuid))
        .and_then(|uuid| state.offerings.get(&uuid))
        .ok_or(Refusal::NoObject("Offering"))?;
    let exposed = ["username", "full_name", "email"];
    let mut body = json!({
        "uuid": hex(hashed(&format!("attributes of {}", offering.uuid))),
        "created": time_or_null(offering.created),
        "modified": time_or_null(offering.created),
        "exposed_fields": exposed,
        "is_default": true,
        "offering_uuid": hex(offering.uuid),
        "offering_name": offering.name,
    });
    for name in exposed.into_iter().chain(["organization", "phone_number"]) {
        body[format!("expose_{name}")] = exposed.contains(&name).into();
    }
    Ok(Answer::json(200, &body))
}
