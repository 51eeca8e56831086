//! What a group is still bound to and should not be: whoever joins it would get in there.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use super::TeamSite;
use crate::model::world::Resource;
use crate::model::{Principal, RancherProjectId, ResourceUuid, desired, marks};
use crate::plan::diff::{Draft, Site, projects};
use crate::plan::facts::Fact;

/// A binding that should not be there could not be looked for.
#[derive(Debug)]
pub(super) struct NotSeen;

impl<'w> TeamSite<'_, 'w> {
    /// Returns which bindings must be gone before somebody joins the group that Rancher calls `principal`: those to
    /// projects that nobody may use, and to projects of resources that were not read.
    pub(super) fn closed(&self, draft: &Draft<'w>, principal: &Principal) -> Result<BTreeSet<Fact>, NotSeen> {
        let others =
            self.joint.iter().flat_map(|joint| &joint.offerings).filter(|uuid| **uuid != self.site.uuid);
        let others = others.filter_map(|uuid| Site::of(draft, *uuid));
        let mut closed = BTreeSet::new();
        for site in iter::once(self.site).chain(others) {
            closed.extend(self.closed_by(draft, site, principal)?);
        }
        Ok(closed)
    }

    fn closed_by(
        &self,
        draft: &Draft<'w>,
        site: Site<'w>,
        principal: &Principal,
    ) -> Result<Vec<Fact>, NotSeen> {
        let known = site.offering.resources.known();
        let is_whole = site.offering.resources.complete().is_some();
        let is_closed = |uuid: ResourceUuid, resource: &Resource| {
            resource.project.uuid == self.project
                && !desired::is_open(site.policy, resource.access)
                && projects::is_wanted(draft, site, uuid, resource)
        };
        if site.cluster.and_then(|cluster| cluster.bindings.complete()).is_none() {
            let mut all = known.into_iter().flatten();
            if !is_whole || all.any(|(uuid, resource)| is_closed(*uuid, resource)) {
                return Err(NotSeen);
            }
        }
        let index = draft.observed.clusters.get(&site.policy.cluster);
        let bound = index.and_then(|index| index.bound().get(principal)).into_iter().flatten();
        let projects = site.cluster.map(|cluster| &cluster.projects);
        // A project that goes, or is gone, lets nobody in.
        let is_there = |project: &RancherProjectId| {
            let known = projects.and_then(|projects| projects.known()?.get(project));
            let is_whole = projects.is_some_and(|projects| projects.complete().is_some());
            known.map_or(!is_whole, |project| !project.removing)
        };
        let stale = bound.filter(|(_, binding)| is_there(&binding.project)).filter(|(_, binding)| {
            marks::mark(&binding.annotations).filter(|mark| mark.offering == site.uuid).is_some_and(|mark| {
                let resource = known.and_then(|known: &BTreeMap<_, _>| known.get(&mark.resource));
                resource.map_or(!is_whole, |resource| is_closed(mark.resource, resource))
            })
        });
        let cluster = &site.policy.cluster;
        Ok(stale.map(|(id, _)| Fact::Unbound { cluster: cluster.clone(), binding: (*id).clone() }).collect())
    }
}
