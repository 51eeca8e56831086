//! Orders, and the end of projects, as Waldur and Rancher carry them out.

use agent::model::marks::{self, Mark};
use agent::model::world::{Offering, OrderKind, OrderState, ResourceState};
use agent::model::{OfferingUuid, OrderUuid, Reading};
use agent::plan::action::{CompleteOrder, DeleteProject, FailOrder, TakeOrder};

use super::{Impossible, Scene, ensure, there};

impl Scene<'_> {
    fn offering(&mut self, uuid: OfferingUuid) -> Result<&mut Offering, Impossible> {
        self.world.offerings.get_mut(&uuid).ok_or_else(|| "no such offering".to_owned())
    }

    fn be(
        &mut self,
        offering: OfferingUuid,
        order: OrderUuid,
        state: ResourceState,
    ) -> Result<(), Impossible> {
        let offering = self.offering(offering)?;
        let resource = there(&mut offering.orders)?.get(&order).ok_or("no such order")?.resource;
        there(&mut offering.resources)?.get_mut(&resource).ok_or("no such resource")?.state = state;
        Ok(())
    }

    pub(super) fn take_order(&mut self, take: &TakeOrder) -> Result<(), Impossible> {
        match take.kind {
            OrderKind::Update if !take.again => {
                self.be(take.offering, take.order, ResourceState::Updating)?;
            }
            OrderKind::Terminate => self.be(take.offering, take.order, ResourceState::Terminating)?,
            OrderKind::Create | OrderKind::Update | OrderKind::Restore => {}
        }
        let orders = there(&mut self.offering(take.offering)?.orders)?;
        let order = orders.get_mut(&take.order).ok_or("no such order")?;
        let from = if take.again { OrderState::Erred } else { OrderState::Pending };
        ensure(order.state == from, "it cannot be taken")?;
        order.state = OrderState::Executing;
        Ok(())
    }

    pub(super) fn complete_order(&mut self, complete: &CompleteOrder) -> Result<(), Impossible> {
        let state = match complete.kind {
            OrderKind::Create | OrderKind::Update | OrderKind::Restore => ResourceState::Ok,
            OrderKind::Terminate => ResourceState::Terminated,
        };
        self.be(complete.offering, complete.order, state)?;
        let offering = self.offering(complete.offering)?;
        let order = there(&mut offering.orders)?.remove(&complete.order).ok_or("no such order")?;
        ensure(order.state == OrderState::Executing, "it was not taken")?;
        if let Some(Reading::Complete(limits)) = order.limits {
            let resources = there(&mut offering.resources)?;
            resources.get_mut(&order.resource).ok_or("no such resource")?.limits = limits;
        }
        Ok(())
    }

    pub(super) fn fail_order(&mut self, fail: &FailOrder) -> Result<(), Impossible> {
        let state = match fail.kind {
            OrderKind::Create | OrderKind::Update | OrderKind::Restore => ResourceState::Erred,
            OrderKind::Terminate => ResourceState::Ok,
        };
        self.be(fail.offering, fail.order, state)?;
        let order = there(&mut self.offering(fail.offering)?.orders)?.remove(&fail.order);
        ensure(order.is_some_and(|order| order.state == OrderState::Executing), "it was not taken")
    }

    pub(super) fn delete_project(&mut self, delete: &DeleteProject) -> Result<(), Impossible> {
        let project = self.project(&delete.cluster, &delete.project)?;
        let ours = Mark { offering: delete.offering, resource: delete.resource };
        ensure(marks::mark(&project.annotations) == Some(ours), "it is not ours")?;
        let cluster = self.cluster(&delete.cluster)?;
        there(&mut cluster.projects)?.remove(&delete.project);
        there(&mut cluster.bindings)?.retain(|_, binding| binding.project != delete.project);
        if let Some(namespaces) = cluster.inside.namespaces.as_mut().and_then(Reading::known_mut) {
            let inside = |namespace: &agent::model::world::Namespace| {
                namespace.project.as_ref() == Some(&delete.project)
            };
            namespaces.retain(|_, one| !(inside(one) && one.goes_with_project));
            namespaces.values_mut().filter(|one| inside(one)).for_each(|one| one.project = None);
        }
        Ok(())
    }
}
