//! What the provider's agent says about an order: that it works on it, that it is done, that it failed.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input;
use super::order::{Order, OrderState, OrderType};
use super::order_list::find;
use super::order_reviews::{demand, for_provider};
use super::refusal::Refusal;
use super::seed::ResourceState;
use super::state::State;

/// The type of offerings that an agent runs.
pub(super) const AGENT_TYPE: &str = "Marketplace.Slurm";

/// The types whose orders may be set done.
const DONE_TYPES: [&str; 3] = [AGENT_TYPE, "Marketplace.Basic", "Marketplace.Support"];

const BACKEND_ID_LENGTH: usize = 255;

/// `POST .../set_state_executing/`: past both reviews, and the server's own part never runs. It also takes up an
/// order again that failed; the text of the failure stays.
pub(super) fn set_executing(
    state: &mut State,
    _: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let order = for_agent(state, caller, id, &[AGENT_TYPE])?;
    let uuid = order.uuid;
    demand(order, &[OrderState::PendingConsumer, OrderState::PendingProvider, OrderState::Erred])?;
    state.set_order_state(uuid, OrderState::Executing);
    Ok(state.done("Order is executing."))
}

/// `POST .../set_state_done/`.
pub(super) fn set_done(state: &mut State, _: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let order = for_agent(state, caller, id, &DONE_TYPES)?;
    let uuid = order.uuid;
    demand(order, &[OrderState::Executing])?;
    state.complete(uuid);
    Ok(state.done("Order has been completed."))
}

/// `POST .../set_state_erred/`: does not look at the order's state. Only an executing order fails by it, but its
/// resource always follows.
pub(super) fn set_erred(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let order = for_agent(state, caller, id, &[AGENT_TYPE])?.clone();
    let fields = input::dictionary(call)?;
    let (message, traceback) = texts(state, &fields)?;
    let resource = order.resource_uuid;
    let follows = match order.kind {
        OrderType::Create | OrderType::Update | OrderType::Restore => ResourceState::Erred,
        OrderType::Terminate => ResourceState::Ok,
    };
    let now_in = state.resources.get(&resource).map(|row| row.state);
    let stuck = matches!(now_in, Some(ResourceState::Ok | ResourceState::Terminated));
    if follows == ResourceState::Ok && stuck {
        // Nothing leads from these states to OK, and the server does not expect that.
        return Err(Refusal::Crash);
    }
    if let Some(order) = state.orders.get_mut(&order.uuid) {
        order.error_message = message;
        order.error_traceback = traceback;
    }
    let wanted = if order.state == OrderState::Executing { OrderState::Erred } else { order.state };
    state.set_order_state(order.uuid, wanted);
    state.set_resource_state(resource, follows);
    Ok(state.done("Order has failed."))
}

/// `POST .../set_backend_id/`: not in 2024.
pub(super) fn set_backend_id(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let order = find(state, caller, id)?;
    let (uuid, old) = (order.uuid, order.backend_id.clone());
    let fields = input::dictionary(call)?;
    let value =
        fields.get("backend_id").ok_or_else(|| Refusal::field("backend_id", "This field is required."))?;
    let wanted = input::text("backend_id", value, BACKEND_ID_LENGTH)?;
    if wanted == old {
        return Ok(Answer::json(200, &json!({"status": "Order backend_id is not changed."})));
    }
    if let Some(order) = state.orders.get_mut(&uuid) {
        order.backend_id = wanted;
    }
    Ok(Answer::json(200, &json!({"status": "Order backend_id has been changed."})))
}

fn for_agent<'a>(state: &'a State, caller: &Caller, id: &str, types: &[&str]) -> Result<&'a Order, Refusal> {
    let order = for_provider(state, caller, id)?;
    let kind = state.offering_type_of(order);
    if types.contains(&kind.as_str()) { Ok(order) } else { Err(Refusal::OfferingType(kind)) }
}

/// Reads both texts. The recorded server takes them without looking whether they are there.
fn texts(state: &State, fields: &Map<String, Value>) -> Result<(String, String), Refusal> {
    let mut complaints = Map::new();
    let mut read = |name: &str| match fields.get(name) {
        None if state.is_2024() => Err(Refusal::Crash),
        None => Ok(String::new()),
        Some(value) => match input::text(name, value, usize::MAX) {
            Err(Refusal::Invalid(complaint)) => {
                complaints.extend(complaint);
                Ok(String::new())
            }
            read => read,
        },
    };
    let both = (read("error_message")?, read("error_traceback")?);
    if complaints.is_empty() { Ok(both) } else { Err(Refusal::Invalid(complaints)) }
}

// === impl State ===

impl State {
    /// Completes an order: its resource is what was asked for.
    pub(super) fn complete(&mut self, uuid: Uuid) {
        self.set_order_state(uuid, OrderState::Done);
        let Some(order) = self.orders.get(&uuid).cloned() else { return };
        if order.kind == OrderType::Update
            && let Some(row) = self.resources.get_mut(&order.resource_uuid)
        {
            row.limits = order.limits;
            row.plan_uuid = order.plan_uuid.or(row.plan_uuid);
        }
        let follows = match order.kind {
            OrderType::Create | OrderType::Update | OrderType::Restore => ResourceState::Ok,
            OrderType::Terminate => ResourceState::Terminated,
        };
        self.set_resource_state(order.resource_uuid, follows);
    }
}
