//! Whether something is wrong with a resource: Rancher's word for its project.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::super::orders::Progress;
use super::super::projects::Served;
use super::super::{Draft, Site};
use super::can_be_told;
use crate::model::world::{Capability, OrderState, Project, ResourceState};
use crate::model::{ResourceUuid, told};
use crate::plan::action::{Health, ProjectTarget, SetResourceState};
use crate::plan::facts::Fact;
use crate::plan::{Action, Reason};

/// How old a project is before its trouble is told: Rancher says that something is wrong with it while it still works on
/// it, for a minute or two.
const SETTLING: SignedDuration = SignedDuration::from_mins(5);

/// Compares the states of resources with what Rancher says. A resource with an open order is left to that.
pub(super) fn diff(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    served: &[&Served<'_>],
    (progress, facts): (&Progress, &BTreeMap<ResourceUuid, BTreeSet<Fact>>),
) {
    let Some(orders) = site.offering.orders.complete() else { return };
    let open = orders.get().values().filter(|order| order.state != OrderState::Erred);
    let ordered: BTreeSet<ResourceUuid> = open.map(|order| order.resource).collect();
    for one in served {
        // One that failed may be taken up again by this plan.
        if ordered.contains(&one.uuid) || draft.ordered.open(site.uuid, one.uuid).is_some() {
            continue;
        }
        let Some((from, to, reason)) = verdict(draft, site, one, progress) else { continue };
        let what = match to {
            Health::Ok => Capability::SetAsOk,
            Health::Erred { message: _ } => Capability::SetAsErred,
        };
        if !can_be_told(draft, site, what) {
            continue;
        }
        let after = match to {
            // Nothing is well before what this plan repairs is repaired.
            Health::Ok => facts.get(&one.uuid).cloned().unwrap_or_default(),
            Health::Erred { message: _ } => BTreeSet::new(),
        };
        let set = SetResourceState { offering: site.uuid, resource: one.uuid, from, to, after };
        draft.step(&one.about, Action::SetResourceState(set), reason);
    }
}

/// Returns what Waldur should say instead of what it says, if anything.
fn verdict(
    draft: &Draft<'_>,
    site: Site<'_>,
    served: &Served<'_>,
    progress: &Progress,
) -> Option<(Health, Health, Reason)> {
    let said = served.resource.told.error.clone()?;
    let project = match served.target.as_ref()? {
        ProjectTarget::Existing(id) => Some(site.cluster?.projects.known()?.get(id)?),
        // Nothing is wrong with what is only about to be made.
        ProjectTarget::Planned(_) => None,
    };
    let trouble = project.and_then(|project| Some((project, told::trouble(project.trouble.as_deref()?))));
    match (served.resource.state, trouble) {
        (ResourceState::Ok, Some((project, message))) if is_lasting(draft, project) => {
            Some((Health::Ok, Health::Erred { message }, Reason::InTrouble))
        }
        // What somebody else said is wrong with it stays.
        (ResourceState::Erred, Some((_, message))) if said != told::OTHERS && said != message => {
            Some((Health::Erred { message: said }, Health::Erred { message }, Reason::InTrouble))
        }
        // A change that failed leaves an erred resource behind, and nobody can order another one.
        (ResourceState::Erred, None) if progress.is_unhindered(served.uuid) => {
            Some((Health::Erred { message: said }, Health::Ok, Reason::Healthy))
        }
        (
            ResourceState::Creating
            | ResourceState::Ok
            | ResourceState::Erred
            | ResourceState::Updating
            | ResourceState::Terminating
            | ResourceState::Terminated,
            _,
        ) => None,
    }
}

fn is_lasting(draft: &Draft<'_>, project: &Project) -> bool {
    draft.world.taken_at.duration_since(project.created) >= SETTLING
}
