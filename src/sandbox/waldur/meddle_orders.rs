//! What consumers and operators do about orders while an agent runs.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::changes::OrderChange;
use super::consumer_acts::{change_of_limits, termination};
use super::meddle::row;
use super::order::{Order, OrderState};
use super::order_create::Wish;
use super::seed::Resource;
use super::state::State;

// === impl State ===

impl State {
    /// Orders something new.
    pub(super) fn order_something(&mut self, wish: Wish, approved: bool) -> Result<(), String> {
        row(&mut self.offerings, "offering", wish.offering_uuid)?;
        row(&mut self.projects, "project", wish.project_uuid)?;
        if let Some(uuid) = wish.resource_uuid.filter(|uuid| self.resources.contains_key(uuid)) {
            return Err(format!("there is a resource {uuid} already"));
        }
        self.free(wish.order_uuid)?;
        let by = self.somebody(wish.project_uuid);
        self.order_resource(wish, by, approved);
        Ok(())
    }

    /// Orders other limits for a resource, or, without any, its end.
    pub(super) fn order_change(
        &mut self,
        resource: &Resource,
        limits: Option<BTreeMap<String, Value>>,
        order_uuid: Option<Uuid>,
    ) -> Result<(), String> {
        self.free(order_uuid)?;
        if let Some(open) = self.order_in_progress(resource.uuid) {
            return Err(format!("order {} of resource {} is open", open.uuid, resource.uuid));
        }
        let resource =
            Resource { plan_uuid: self.plan_of(resource).map(|plan| plan.uuid), ..resource.clone() };
        let order = match limits {
            Some(limits) => change_of_limits(&resource, limits),
            None => termination(&resource),
        };
        let by = self.somebody(resource.project_uuid);
        self.place(Order { uuid: order_uuid.unwrap_or_default(), ..order }, by, true);
        Ok(())
    }

    /// Agrees to an order for its consumer, or rejects it.
    pub(super) fn review(&mut self, uuid: Uuid, approve: bool) -> Result<(), String> {
        let order = row(&mut self.orders, "order", uuid)?;
        if order.state != OrderState::PendingConsumer {
            return Err(format!("order {uuid} does not wait for its consumer"));
        }
        let resource = order.resource_uuid;
        if !approve {
            self.reject(uuid);
            return Ok(());
        }
        let project = self.resources.get(&resource).map(|row| row.project_uuid).unwrap_or_default();
        let by = self.somebody(project);
        self.approve_for_consumer(uuid, by).map_err(|_| format!("the project of order {uuid} starts later"))
    }

    /// Changes an order, whatever its state was.
    pub(super) fn change_order(&mut self, uuid: Uuid, set: OrderChange) -> Result<(), String> {
        let OrderChange { state, limits, error_message } = set;
        let order = row(&mut self.orders, "order", uuid)?;
        order.limits = limits.unwrap_or_else(|| std::mem::take(&mut order.limits));
        order.error_message = error_message.unwrap_or_else(|| std::mem::take(&mut order.error_message));
        let state = state.unwrap_or(order.state);
        self.set_order_state(uuid, state);
        Ok(())
    }

    fn free(&self, order: Option<Uuid>) -> Result<(), String> {
        match order.filter(|uuid| self.orders.contains_key(uuid)) {
            Some(uuid) => Err(format!("there is an order {uuid} already")),
            None => Ok(()),
        }
    }

    /// Returns who is said to have asked: the owner of the project's organization, or somebody of its team.
    fn somebody(&self, project: Uuid) -> Uuid {
        let customer = self.projects.get(&project).map(|project| project.customer_uuid).unwrap_or_default();
        let owner = self.tokens.values().find(|session| session.token.customers.contains(&customer));
        if let Some(session) = owner {
            return session.user_uuid;
        }
        let team = self.projects.get(&project).map(|project| project.grants.as_slice()).unwrap_or_default();
        team.first().map(|grant| grant.user_uuid).unwrap_or_default()
    }
}
