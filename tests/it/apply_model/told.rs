//! What Waldur is told of resources, as it keeps it.

use agent::model::told;
use agent::model::world::{OrderState, Resource, ResourceState};
use agent::model::{OfferingUuid, ResourceUuid};
use agent::plan::action::{
    Health, ProjectTarget, RefreshLastSync, SetMembershipStatuses, SetMetadata, SetResourceState,
};

use super::{Impossible, Scene, ensure, there};

impl Scene<'_> {
    fn resource(&mut self, offering: OfferingUuid, uuid: ResourceUuid) -> Result<&mut Resource, Impossible> {
        let offering = self.world.offerings.get_mut(&offering).ok_or("no such offering")?;
        there(&mut offering.resources)?.get_mut(&uuid).ok_or_else(|| "no such resource".to_owned())
    }

    pub(super) fn set_metadata(&mut self, set: &SetMetadata) -> Result<(), Impossible> {
        let project = self.project_id(&set.project)?;
        self.project(&set.cluster, &project)?;
        let resource = self.resource(set.offering, set.resource)?;
        let kept = resource.told.metadata.as_mut().ok_or("what is noted was not read")?;
        let mut notes: Vec<(String, Option<String>)> = Vec::new();
        for (key, (from, to)) in &set.notes {
            ensure(kept.get(key) == from.as_ref(), "it was noted otherwise")?;
            notes.push((key.clone(), to.clone()));
        }
        if let ProjectTarget::Planned(_) = set.project {
            let place = told::place(&set.cluster, &project);
            notes.extend(place.map(|(key, text)| (key.to_owned(), Some(text))));
        }
        for (key, text) in notes {
            match text {
                Some(text) => kept.insert(key, text),
                None => kept.remove(&key),
            };
        }
        Ok(())
    }

    pub(super) fn set_statuses(&mut self, set: &SetMembershipStatuses) -> Result<(), Impossible> {
        let wants = self.world.offerings.get(&set.offering).is_some_and(|offering| offering.wants_statuses);
        ensure(wants, "nobody wants to know")?;
        let resource = self.resource(set.offering, set.resource)?;
        let kept = resource.told.metadata.as_mut().ok_or("what is noted was not read")?;
        let before = kept.insert(told::MEMBERSHIP.to_owned(), set.summary.clone());
        ensure(before.as_ref() != Some(&set.summary), "it was said before")
    }

    pub(super) fn set_state(&mut self, set: &SetResourceState) -> Result<(), Impossible> {
        let offering = self.world.offerings.get_mut(&set.offering).ok_or("no such offering")?;
        let mut orders = there(&mut offering.orders)?.values();
        let is_open = orders.any(|order| order.resource == set.resource && order.state != OrderState::Erred);
        ensure(!is_open, "its order decides")?;
        let resource = self.resource(set.offering, set.resource)?;
        ensure(resource.state == set.from.state(), "it is in another state")?;
        (resource.state, resource.told.error) = match &set.to {
            Health::Ok => (ResourceState::Ok, Some(String::new())),
            Health::Erred { message } => (ResourceState::Erred, Some(message.clone())),
        };
        Ok(())
    }

    pub(super) fn refresh(&mut self, refresh: &RefreshLastSync) -> Result<(), Impossible> {
        let resource = self.resource(refresh.offering, refresh.resource)?;
        ensure(resource.told.sync, "the server does not keep that")
    }
}
