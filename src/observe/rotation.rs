//! Teams that are read in turn although nothing is to be done: the bulk list does not say who withdrew their consent.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::model::policy::Policy;
use crate::model::world::{Offering, ResourceState, World};
use crate::model::{OfferingUuid, ProjectUuid, ResourceUuid};
use crate::plan::Question;

/// Twelve looks go round: an hour, at the default interval.
const LOOKS: usize = 12;

/// So many teams of an offering at most in one look; more of them take longer.
const MOST: usize = 7;

/// Returns the teams whose turn it is, and remembers where the next turn begins.
pub(super) fn turn(world: &mut World, policy: &Policy) -> Vec<Question> {
    let mut questions = Vec::new();
    for (uuid, offering_policy) in &policy.offerings {
        let Some(offering) = world.offerings.get(uuid) else { continue };
        // Without the bulk list every team is asked anyway.
        if !offering_policy.scope.members || offering.grants.complete().is_none() {
            continue;
        }
        let teams = teams(offering);
        let last = world.memory.reread.get(uuid).copied();
        let last = last.unwrap_or_else(|| somewhere(*uuid, world.taken_at));
        let some = teams.len().div_ceil(LOOKS).min(MOST);
        let round = teams.range(last..).filter(|(project, _)| **project != last).chain(teams.range(..=last));
        for (project, resource) in round.take(some) {
            world.memory.reread.insert(*uuid, *project);
            questions.push(Question::Team { offering: *uuid, project: *project, resource: *resource });
        }
    }
    questions
}

/// Returns a resource of each team that has one in use.
fn teams(offering: &Offering) -> BTreeMap<ProjectUuid, ResourceUuid> {
    let resources = offering.resources.known().into_iter().flatten();
    let used = resources.filter(|(_, it)| matches!(it.state, ResourceState::Ok | ResourceState::Updating));
    used.map(|(uuid, resource)| (resource.project.uuid, *uuid)).collect()
}

/// Returns where to begin without a memory: each time elsewhere, or a run that remembers nothing would read the same
/// teams for ever. The constant is the golden ratio's, which scatters neighbouring times.
fn somewhere(offering: OfferingUuid, now: jiff::Timestamp) -> ProjectUuid {
    let seconds = u128::from(now.as_second().unsigned_abs());
    let scattered = seconds.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    ProjectUuid::from_uuid(Uuid::from_u128(scattered ^ offering.uuid().as_u128()))
}
