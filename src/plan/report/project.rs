//! Which project's usage is a resource's: the one that carries its mark, or the one that Waldur names and nobody else has.

use std::collections::BTreeMap;

use crate::model::marks::{self, Mark};
use crate::model::usage::{Books, Workload};
use crate::model::world::{Project, Resource, ResourceState};
use crate::model::{OfferingUuid, RancherProjectId, Reading, ResourceUuid};

/// The projects of one cluster, searched for those of resources.
pub(super) struct Projects<'w> {
    reading: &'w Reading<BTreeMap<RancherProjectId, Project>>,
    marked: BTreeMap<Mark, Vec<(&'w RancherProjectId, &'w Project)>>,
    /// How many resources on the cluster name each project.
    claims: BTreeMap<&'w str, usize>,
    /// Why some resources that name projects may not have been seen.
    unseen: Option<String>,
}

/// Why a resource has no project to count.
pub(super) enum Without {
    /// It has none, or none that is surely its own.
    None(String),
    /// It may have one that could not be read.
    Unread(String),
}

impl<'w> Projects<'w> {
    /// Indexes the projects of a cluster; `books` are those of all offerings that live there.
    pub(super) fn new(workload: &'w Workload, books: &[&'w Books]) -> Self {
        let mut marked: BTreeMap<Mark, Vec<_>> = BTreeMap::new();
        for (id, project) in workload.projects.known().into_iter().flatten().filter(|(_, it)| is_there(it)) {
            if let Some(mark) = marks::mark(&project.annotations) {
                marked.entry(mark).or_default().push((id, project));
            }
        }
        for twins in marked.values_mut() {
            twins.sort_by_key(|(id, project)| (project.created, *id));
        }
        let mut claims = BTreeMap::new();
        let resources = books.iter().filter_map(|books| books.resources.known()).flat_map(BTreeMap::values);
        let alive = resources.filter(|account| account.resource.state != ResourceState::Terminated);
        for named in alive.filter_map(|account| account.resource.backend_id.as_deref()) {
            *claims.entry(named).or_default() += 1;
        }
        let unseen = books.iter().find_map(|books| books.resources.gap());
        Self { reading: &workload.projects, marked, claims, unseen }
    }

    /// Finds the project of a resource. An empty `backend_id` names none: what a filter by nothing shows is everybody's.
    pub(super) fn of(
        &self,
        offering: OfferingUuid,
        uuid: ResourceUuid,
        resource: &Resource,
    ) -> Result<(&'w RancherProjectId, &'w Project), Without> {
        let named = resource.backend_id.as_deref();
        if let Some(twins) = self.marked.get(&Mark { offering, resource: uuid }) {
            let chosen = twins.iter().find(|(id, _)| named == Some(id.as_str())).or_else(|| twins.first());
            if let Some(chosen) = chosen {
                return Ok(*chosen);
            }
        }
        let unread = |why| Without::Unread(format!("the projects could not be read completely: {why}"));
        let Some(named) = named else {
            return Err(self
                .reading
                .gap()
                .map_or_else(|| Without::None("it has no project".to_owned()), unread));
        };
        let found = self.reading.known().and_then(|known| known.get_key_value(named));
        let Some((id, project)) = found.filter(|(_, project)| is_there(project)) else {
            let gone = || Without::None(format!("its project {named} is not there"));
            return Err(self.reading.gap().filter(|_| found.is_none()).map_or_else(gone, unread));
        };
        if marks::is_signed_by_anyone(&project.annotations) {
            return Err(Without::None(format!("the project {named} carries the mark of another resource")));
        }
        match (self.claims.get(named), &self.unseen) {
            (Some(2..), _) => Err(Without::None(format!("another resource names the project {named}, too"))),
            (_, Some(why)) => {
                let what = "whether other resources name its project, which carries no mark, is not known";
                Err(Without::Unread(format!("{what}: {why}")))
            }
            (_, None) => Ok((id, project)),
        }
    }
}

/// Rancher's own projects are nobody's, and what is being removed is not there.
fn is_there(project: &Project) -> bool {
    project.kind.is_ordinary() && !project.removing
}
