//! How many projects may be deleted within an hour, and which wait for a person whatever their number.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::marks;
use crate::model::policy::{Deletions, Policy};
use crate::model::world::World;
use crate::model::{ClusterRef, OfferingUuid, RancherProjectId};
use crate::plan::action::DeleteProject;
use crate::plan::{Action, Hold, Step};

/// Returns which deletions are held, with the steps that take people out of those projects first.
pub(super) fn held(
    steps: &[Step],
    world: &World,
    policy: &Policy,
    already: &BTreeMap<usize, Hold>,
) -> BTreeMap<usize, Hold> {
    let mut by_offering: BTreeMap<OfferingUuid, Vec<&DeleteProject>> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        if let Action::DeleteProject(delete) = &step.action
            && !already.contains_key(&index)
        {
            by_offering.entry(delete.offering).or_default().push(delete);
        }
    }
    let mut held = BTreeMap::new();
    for (offering, deletions) in by_offering {
        let Some(hold) = hold(world, policy, offering, deletions.len()) else { continue };
        let projects: BTreeSet<_> = deletions.iter().map(|one| (&one.cluster, &one.project)).collect();
        let ends =
            steps.iter().enumerate().filter(|(_, step)| place(step).is_some_and(|it| projects.contains(&it)));
        held.extend(ends.map(|(index, _)| (index, hold.clone())));
    }
    held
}

fn hold(world: &World, policy: &Policy, offering: OfferingUuid, count: usize) -> Option<Hold> {
    let kept = policy.offerings.get(&offering)?;
    if kept.deletions == Deletions::Approved {
        return Some(Hold::ToBeApproved);
    }
    let projects = world.clusters.get(&kept.cluster).and_then(|cluster| cluster.projects.known());
    let ours = projects.into_iter().flatten().filter(|(_, project)| {
        !project.removing && marks::mark(&project.annotations).is_some_and(|mark| mark.offering == offering)
    });
    let would = count + world.memory.recent_deletions(offering, world.taken_at);
    let may = policy.budget.projects.max(ours.count() * policy.budget.percent / 100);
    (would > may).then_some(Hold::TooManyProjects { would, may })
}

/// Returns the project that a step ends, or whose binding it takes away.
fn place(step: &Step) -> Option<(&ClusterRef, &RancherProjectId)> {
    if let Action::Unbind(unbind) = &step.action {
        return Some((&unbind.cluster, &unbind.project));
    }
    step.action.deletion().map(|delete| (&delete.cluster, &delete.project))
}
