//! What this run has made, by what it is for: how later steps find it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::desired::{GroupKey, ParentKey};
use crate::model::world::Capability;
use crate::model::{GroupId, OfferingUuid, OrderUuid, RancherProjectId, ResourceUuid};
use crate::plan::action::{GroupTarget, ParentTarget, ProjectTarget};

/// The ids of what this run has made.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    made: Mutex<Made>,
}

#[derive(Debug, Default)]
struct Made {
    projects: BTreeMap<ResourceUuid, RancherProjectId>,
    groups: BTreeMap<GroupKey, GroupId>,
    parents: BTreeMap<ParentKey, GroupId>,
    retaken: BTreeSet<OrderUuid>,
    lacking: BTreeSet<(OfferingUuid, Capability)>,
}

impl Ledger {
    /// A thread that panicked while it held the lock wrote nothing by halves: each entry is one insertion.
    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note_project(&self, resource: ResourceUuid, id: RancherProjectId) {
        self.made().projects.insert(resource, id);
    }

    pub(super) fn note_group(&self, key: GroupKey, id: GroupId) {
        self.made().groups.insert(key, id);
    }

    pub(super) fn note_parent(&self, key: ParentKey, id: GroupId) {
        self.made().parents.insert(key, id);
    }

    /// Notes that an order was taken up again: Waldur does nothing about it.
    pub(super) fn note_retaken(&self, order: OrderUuid) {
        self.made().retaken.insert(order);
    }

    pub(super) fn was_retaken(&self, order: OrderUuid) -> bool {
        self.made().retaken.contains(&order)
    }

    /// Notes that an offering's Waldur cannot be told something: it is not asked again.
    pub(super) fn note_lacking(&self, offering: OfferingUuid, what: Capability) {
        self.made().lacking.insert((offering, what));
    }

    pub(super) fn lacks(&self, offering: OfferingUuid, what: Capability) -> bool {
        self.made().lacking.contains(&(offering, what))
    }

    /// Returns what was found out that Waldur cannot be told.
    pub(super) fn lacking(&self) -> BTreeSet<(OfferingUuid, Capability)> {
        self.made().lacking.clone()
    }

    /// Returns the id of a project; nothing if this run was to make it and has not.
    pub(super) fn project(&self, target: &ProjectTarget) -> Option<RancherProjectId> {
        match target {
            ProjectTarget::Existing(id) => Some(id.clone()),
            ProjectTarget::Planned(resource) => self.made().projects.get(resource).cloned(),
        }
    }

    /// Returns the id of a team's group; nothing if this run was to make it and has not.
    pub(super) fn group(&self, target: &GroupTarget) -> Option<GroupId> {
        match target {
            GroupTarget::Existing(id) => Some(id.clone()),
            GroupTarget::Planned(key) => self.made().groups.get(key).cloned(),
        }
    }

    /// Returns the id of a cluster's group; nothing if this run was to make it and has not.
    pub(super) fn parent(&self, target: &ParentTarget) -> Option<GroupId> {
        match target {
            ParentTarget::Existing(id) => Some(id.clone()),
            ParentTarget::Planned(key) => self.made().parents.get(key).cloned(),
        }
    }
}
