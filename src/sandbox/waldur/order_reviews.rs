//! What both sides decide about an order before anything is done. Nothing here may be repeated: a second time is a
//! 409 that names the states in which it would have been allowed.

use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input;
use super::order::{Order, OrderState, OrderType, Review};
use super::order_list::find;
use super::refusal::Refusal;
use super::render::word;
use super::seed::ResourceState;
use super::state::State;

/// `POST .../approve_by_provider/`: the order executes from now on, and the server's own part of it runs later.
pub(super) fn approve_by_provider(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let order = for_provider(state, caller, id)?.clone();
    demand(&order, &[OrderState::PendingProvider])?;
    if state.customer_of(&order).is_some_and(|customer| customer.blocked) {
        return Err(Refusal::List(vec!["Blocked organization is not available.".to_owned()]));
    }
    let fields = input::dictionary(call)?;
    let (now, by) = (state.now(), caller.user_uuid);
    if let Some(order) = state.orders.get_mut(&order.uuid) {
        order.provider_review = Some(Review { by, at: now });
        if let Some(Value::Object(attributes)) = fields.get("attributes") {
            order.attributes.extend(attributes.clone());
        }
    }
    state.set_order_state(order.uuid, OrderState::Executing);
    state.queue(order.uuid);
    Ok(state.done("Order has been approved."))
}

/// `POST .../reject_by_provider/`.
pub(super) fn reject_by_provider(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let order = for_provider(state, caller, id)?;
    let uuid = order.uuid;
    demand(order, &[OrderState::PendingProvider])?;
    input::dictionary(call)?;
    let (now, by) = (state.now(), caller.user_uuid);
    if let Some(order) = state.orders.get_mut(&uuid) {
        order.provider_review = Some(Review { by, at: now });
    }
    state.reject(uuid);
    Ok(state.done("Order has been rejected."))
}

/// `POST .../approve_by_consumer/`.
pub(super) fn approve_by_consumer(
    state: &mut State,
    _: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let order = for_consumer(state, caller, id)?;
    let uuid = order.uuid;
    demand(order, &[OrderState::PendingConsumer])?;
    state.approve_for_consumer(uuid, caller.user_uuid)?;
    Ok(state.done("Order has been approved."))
}

/// `POST .../reject_by_consumer/`: whoever has a part in the project may.
pub(super) fn reject_by_consumer(
    state: &mut State,
    _: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let order = find(state, caller, id)?;
    let uuid = order.uuid;
    let project = state.resources.get(&order.resource_uuid).map(|row| row.project_uuid);
    if !project.is_some_and(|project| state.works_in(caller, project)) {
        return Err(Refusal::Forbidden);
    }
    demand(order, &[OrderState::PendingConsumer])?;
    state.reject(uuid);
    Ok(state.done("Order has been rejected."))
}

/// `POST .../cancel/`: not for offerings that an agent runs.
pub(super) fn cancel(state: &mut State, _: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let order = for_consumer(state, caller, id)?;
    let uuid = order.uuid;
    let kind = state.offering_type_of(order);
    if kind == super::order_states::AGENT_TYPE {
        return Err(Refusal::OfferingType(kind));
    }
    demand(order, &[OrderState::PendingConsumer, OrderState::PendingProvider, OrderState::Executing])?;
    state.set_order_state(uuid, OrderState::Canceled);
    Ok(state.done("Order has been canceled."))
}

/// `DELETE /api/marketplace-orders/{uuid}/`: the order is gone; its resource stays, in Creating, for ever.
pub(super) fn delete(state: &mut State, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let order = for_consumer(state, caller, id)?;
    let uuid = order.uuid;
    demand(order, &[OrderState::PendingConsumer, OrderState::PendingProvider])?;
    state.orders.remove(&uuid);
    Ok(Answer::empty(204))
}

/// Returns the order, if the caller decides for its provider.
pub(super) fn for_provider<'a>(state: &'a State, caller: &Caller, id: &str) -> Result<&'a Order, Refusal> {
    let order = find(state, caller, id)?;
    if state.decides_for_provider(caller, order) { Ok(order) } else { Err(Refusal::Forbidden) }
}

fn for_consumer<'a>(state: &'a State, caller: &Caller, id: &str) -> Result<&'a Order, Refusal> {
    let order = find(state, caller, id)?;
    if state.decides_for_consumer(caller, order) { Ok(order) } else { Err(Refusal::Forbidden) }
}

/// Demands one of these states, and names them all if it is another.
pub(super) fn demand(order: &Order, allowed: &[OrderState]) -> Result<(), Refusal> {
    if allowed.contains(&order.state) {
        return Ok(());
    }
    let names: Vec<String> =
        allowed.iter().map(|state| word(state).as_str().unwrap_or_default().to_owned()).collect();
    Err(Refusal::Conflict(format!("Valid states for operation: {}.", names.join(", "))))
}

// === impl State ===

impl State {
    /// Says that it worked: with nothing at all in 2024, in words today.
    pub(super) fn done(&self, words: &str) -> Answer {
        if self.is_2024() { Answer::empty(200) } else { Answer::json(200, &json!({"detail": words})) }
    }

    /// Lets a consumer agree to an order. A project that starts later makes the recorded server fall over; a newer
    /// one lets the order wait.
    pub(super) fn approve_for_consumer(&mut self, uuid: Uuid, by: Uuid) -> Result<(), Refusal> {
        let now = self.now();
        let project = self.orders.get(&uuid).and_then(|order| self.resources.get(&order.resource_uuid));
        let start = project
            .and_then(|row| self.projects.get(&row.project_uuid))
            .and_then(|project| project.start_date);
        let waits = start.is_some_and(|day| day > now.to_zoned(jiff::tz::TimeZone::UTC).date());
        if waits && self.is_2024() {
            return Err(Refusal::Crash);
        }
        if let Some(order) = self.orders.get_mut(&uuid) {
            order.consumer_review = Some(Review { by, at: now });
        }
        let next = if waits { OrderState::PendingProject } else { OrderState::PendingProvider };
        self.set_order_state(uuid, next);
        Ok(())
    }

    /// Rejects an order: what was to be made is terminated, what was to be changed stays.
    pub(super) fn reject(&mut self, uuid: Uuid) {
        let Some(order) = self.orders.get(&uuid) else { return };
        let (kind, resource) = (order.kind, order.resource_uuid);
        self.set_order_state(uuid, OrderState::Rejected);
        if kind == OrderType::Create {
            self.set_resource_state(resource, ResourceState::Terminated);
        }
    }

    /// Returns the type of the offering that an order is about.
    pub(super) fn offering_type_of(&self, order: &Order) -> String {
        self.resources
            .get(&order.resource_uuid)
            .and_then(|row| self.offerings.get(&row.offering_uuid))
            .map(|offering| offering.offering_type.clone())
            .unwrap_or_default()
    }

    fn customer_of(&self, order: &Order) -> Option<&super::seed::Customer> {
        let row = self.resources.get(&order.resource_uuid)?;
        self.customers.get(&self.projects.get(&row.project_uuid)?.customer_uuid)
    }
}
