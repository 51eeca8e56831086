//! What a consumer asks of a resource it has: `/api/marketplace-resources/`. Each makes an order, and while one is
//! open there is no second.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input;
use super::limits;
use super::order::{Order, OrderType};
use super::refusal::Refusal;
use super::render::word;
use super::seed::{Resource, ResourceState};
use super::state::State;

/// `POST /api/marketplace-resources/{uuid}/update_limits/`.
pub(super) fn update_limits(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let row = for_change(state, caller, id)?;
    demand(&row, &[ResourceState::Ok])?;
    let fields = input::dictionary(call)?;
    let wanted = limits::read(fields.get("limits")).map_err(limits::Wrong::in_change)?;
    let offering = state.offerings.get(&row.offering_uuid).ok_or(Refusal::NoObject("Offering"))?;
    limits::check(offering, &wanted).map_err(limits::Wrong::in_change)?;
    alone(state, &row)?;
    if wanted == row.limits {
        let why = "Impossible to create update orders with limits set to exactly the same.";
        return Err(Refusal::List(vec![why.to_owned()]));
    }
    let order = change_of_limits(&row, wanted);
    Ok(placed(state, caller, &row, order))
}

/// `POST .../terminate/`, from the consumer's side and from the provider's.
pub(super) fn terminate(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let row = for_change(state, caller, id)?;
    input::dictionary(call)?;
    demand(&row, &[ResourceState::Ok, ResourceState::Erred])?;
    alone(state, &row)?;
    let order = termination(&row);
    Ok(placed(state, caller, &row, order))
}

/// `POST /api/marketplace-resources/{uuid}/switch_plan/`: the order carries the plan and the limits as they are.
pub(super) fn switch_plan(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let row = for_change(state, caller, id)?;
    demand(&row, &[ResourceState::Ok])?;
    let fields = input::dictionary(call)?;
    let value = fields.get("plan").ok_or_else(|| Refusal::field("plan", "This field is required."))?;
    let plan = input::hyperlink("plan", value, "marketplace-public-offerings/*/plans")?;
    if state.plan(row.offering_uuid, Some(plan)).is_none() {
        return Err(Refusal::field("plan", "Invalid hyperlink - Object does not exist."));
    }
    alone(state, &row)?;
    let order =
        Order { attributes: Map::new(), plan_uuid: Some(plan), ..change_of_limits(&row, row.limits.clone()) };
    Ok(placed(state, caller, &row, order))
}

/// Returns the order that changes a resource's limits.
pub(super) fn change_of_limits(row: &Resource, limits: std::collections::BTreeMap<String, Value>) -> Order {
    Order {
        kind: OrderType::Update,
        resource_uuid: row.uuid,
        plan_uuid: row.plan_uuid,
        limits,
        attributes: Map::from_iter([("old_limits".to_owned(), json!(row.limits))]),
        ..Order::default()
    }
}

/// Returns the order that ends a resource: it says nothing but that.
pub(super) fn termination(row: &Resource) -> Order {
    Order { kind: OrderType::Terminate, resource_uuid: row.uuid, ..Order::default() }
}

/// Returns the resource, if the caller sees it on either side and may change it.
fn for_change(state: &State, caller: &Caller, id: &str) -> Result<Resource, Refusal> {
    let row = super::consumer_resources::find(state, caller, id)?;
    let may = state.leads_project(caller, row.project_uuid) || state.owns_provider(caller, row.offering_uuid);
    if !may {
        return Err(Refusal::Forbidden);
    }
    let plan_uuid = state.plan_of(row).map(|plan| plan.uuid);
    Ok(Resource { plan_uuid, ..row.clone() })
}

fn demand(row: &Resource, allowed: &[ResourceState]) -> Result<(), Refusal> {
    if allowed.contains(&row.state) {
        return Ok(());
    }
    let names: Vec<String> =
        allowed.iter().map(|state| word(state).as_str().unwrap_or_default().to_owned()).collect();
    Err(Refusal::Conflict(format!("Valid states for operation: {}.", names.join(", "))))
}

fn alone(state: &State, row: &Resource) -> Result<(), Refusal> {
    match state.order_in_progress(row.uuid) {
        None => Ok(()),
        Some(_) => Err(Refusal::List(vec!["Pending order for resource already exists.".to_owned()])),
    }
}

fn placed(state: &mut State, caller: &Caller, row: &Resource, order: Order) -> Answer {
    let approved =
        state.owns_project(caller, row.project_uuid) || state.owns_provider(caller, row.offering_uuid);
    let uuid: Uuid = state.place(order, caller.user_uuid, approved);
    Answer::json(200, &json!({"order_uuid": super::render::hex(uuid)}))
}
