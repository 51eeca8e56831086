//! What was ordered, sent through the world: each resource's open order, and the resource as its order wants it.

use std::collections::BTreeMap;

use super::policy::Policy;
use super::world::{Offering, Order, OrderKind, OrderState, Resource, ResourceState, World};
use super::{OfferingUuid, OrderUuid, Reading, ResourceUuid};

/// The open orders that are carried out here, by what they are about.
#[derive(Debug, Default)]
pub struct Ordered<'w> {
    open: BTreeMap<(OfferingUuid, ResourceUuid), Open<'w>>,
    /// Resources with the limits that an order gives them.
    changed: BTreeMap<(OfferingUuid, ResourceUuid), Resource>,
}

/// An open order.
#[derive(Debug, Clone, Copy)]
pub struct Open<'w> {
    /// Which.
    pub uuid: OrderUuid,
    /// What it says.
    pub order: &'w Order,
}

impl Open<'_> {
    /// Returns whether it asks for a resource to be made.
    pub const fn is_for_new(self) -> bool {
        matches!(self.order.kind, OrderKind::Create | OrderKind::Restore)
    }

    /// Returns whether it has to be taken before anything is done about it.
    pub fn is_to_be_taken(self) -> bool {
        match self.order.state {
            OrderState::Pending | OrderState::Erred => true,
            OrderState::Executing => false,
        }
    }
}

impl<'w> Ordered<'w> {
    /// Reads what is to be carried out: nothing where an offering's orders are not an agent's, or switched off.
    pub fn new(world: &'w World, policy: &Policy) -> Self {
        let mut ordered = Self::default();
        let kept = policy.offerings.iter().filter(|(_, policy)| policy.scope.projects);
        for (uuid, offering) in kept.filter_map(|(uuid, _)| Some((*uuid, world.offerings.get(uuid)?))) {
            if offering.carrier.is_agent() {
                ordered.read(uuid, offering);
            }
        }
        ordered
    }

    fn read(&mut self, offering: OfferingUuid, said: &'w Offering) {
        let resources = said.resources.known();
        for (uuid, order) in said.orders.known().into_iter().flatten() {
            let resource = resources.and_then(|resources| resources.get(&order.resource));
            if !is_at_hand(order, resource) {
                continue;
            }
            let key = (offering, order.resource);
            // Waldur keeps one open order for each resource, and one that failed may lie beside it.
            if self.open.get(&key).is_some_and(|other| precedence(other.order) <= precedence(order)) {
                continue;
            }
            self.open.insert(key, Open { uuid: *uuid, order });
            self.changed.remove(&key);
            if let (Some(resource), Some(Reading::Complete(limits))) = (resource, &order.limits) {
                self.changed.insert(key, Resource { limits: limits.clone(), ..resource.clone() });
            }
        }
    }

    /// Returns the open order of a resource.
    pub fn open(&self, offering: OfferingUuid, resource: ResourceUuid) -> Option<Open<'w>> {
        self.open.get(&(offering, resource)).copied()
    }

    /// Returns the resource as its order wants it.
    pub fn as_wanted<'a>(
        &'a self,
        offering: OfferingUuid,
        uuid: ResourceUuid,
        resource: &'a Resource,
    ) -> &'a Resource {
        self.changed.get(&(offering, uuid)).unwrap_or(resource)
    }

    /// Returns whether an order asks for one of these resources to be made.
    pub fn asks_for_new<'a>(
        &self,
        mut resources: impl Iterator<Item = &'a (OfferingUuid, ResourceUuid)>,
    ) -> bool {
        resources.any(|key| self.open.get(key).is_some_and(|open| open.is_for_new()))
    }

    /// Returns the open orders of an offering, by what they are about.
    pub fn of(&self, offering: OfferingUuid) -> impl Iterator<Item = (ResourceUuid, Open<'w>)> {
        let all = self.open.iter().filter(move |((one, _), _)| *one == offering);
        all.map(|((_, resource), open)| (*resource, *open))
    }
}

/// Returns how soon it is an order's turn, if a resource has several: what was begun goes first, and what failed goes last,
/// for whoever ordered anew has something else in mind by now.
const fn precedence(order: &Order) -> u8 {
    match order.state {
        OrderState::Executing => 0,
        OrderState::Pending => 1,
        OrderState::Erred => 2,
    }
}

/// Returns whether there is something to do about an order. One that failed is taken up again only if Waldur itself
/// failed it before anybody could try: it never touches the resource then, and an agent always does.
fn is_at_hand(order: &Order, resource: Option<&Resource>) -> bool {
    match order.state {
        OrderState::Pending | OrderState::Executing => true,
        OrderState::Erred => {
            order.kind == OrderKind::Update
                && !order.failed_by_us
                && resource.is_some_and(|resource| resource.state == ResourceState::Ok)
        }
    }
}
