//! Reads a World: each thing once, all at the same time as far as the systems allow, and what is in doubt twice.
//!
//! Nothing here fails: what could not be read is a reading that says so, and a [`Trouble`] if a whole system is
//! silent.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join3;
use jiff::Timestamp;

use crate::model::Reading;
use crate::model::policy::Policy;
use crate::model::world::{Memory, World};
use crate::plan::{Question, plan};
use crate::systems::{Systems, Trouble};

mod confirm;
mod keycloak;
mod orders;
mod rancher;
mod rotation;
mod users;
mod waldur;

/// Answers lead to questions (who is that, whom the team names?), but not for ever.
const ROUNDS: usize = 4;

/// How many requests are prepared at a time; each client bounds how many it really sends.
const AHEAD: usize = 64;

/// What was seen, and who could not be asked.
#[derive(Debug)]
pub struct Sighting {
    /// The world.
    pub world: World,
    /// The systems that are silent.
    pub troubles: BTreeSet<Trouble>,
    /// Accounts that were seen by the way: no part of the world, which knows only those that somebody asked for.
    acquaintances: keycloak::Acquaintances,
}

/// Reads the world, and asks at the source what its plan would rest on.
pub async fn look(systems: &Systems, policy: &Policy, taken_at: Timestamp, memory: Memory) -> Sighting {
    look_also(systems, policy, (taken_at, memory), |_| Vec::new()).await
}

/// The same, with questions that no plan asks, once everything else was read.
pub async fn look_also(
    systems: &Systems,
    policy: &Policy,
    (taken_at, memory): (Timestamp, Memory),
    also: impl Fn(&World) -> Vec<Question>,
) -> Sighting {
    let mut seen = observe(systems, policy, taken_at, memory).await;
    let mut turn = rotation::turn(&mut seen.world, policy);
    turn.extend(also(&seen.world));
    confirm::confirm(systems, &mut seen, &turn).await;
    let mut asked: BTreeSet<Question> = turn.into_iter().collect();
    for _ in 0..ROUNDS {
        let draft = plan(&seen.world, policy);
        let new: Vec<Question> = draft.questions.difference(&asked).cloned().collect();
        if new.is_empty() {
            break;
        }
        confirm::confirm(systems, &mut seen, &new).await;
        asked.extend(new);
    }
    seen
}

/// Reads everything once.
async fn observe(systems: &Systems, policy: &Policy, taken_at: Timestamp, memory: Memory) -> Sighting {
    let begins_at = (!memory.looked).then_some(taken_at);
    let ((offerings, t1), (realms, t2, acquaintances), (clusters, t3)) = join3(
        waldur::offerings(systems, policy, begins_at),
        keycloak::realms(systems, policy),
        rancher::clusters(systems, policy),
    )
    .await;
    let mut world = World::unread(taken_at, memory);
    world.offerings = offerings;
    forget_closed(&mut world);
    world.realms = realms;
    // What resources name must be known before it can be said that one of those projects is gone.
    world.clusters = rancher::with_named(systems, clusters, &named_projects(&world, policy)).await;
    Sighting { world, troubles: t1.into_iter().chain(t2).chain(t3).collect(), acquaintances }
}

/// Forgets what did not work for orders that are no longer open.
fn forget_closed(world: &mut World) {
    let readings = || world.offerings.values().map(|offering| &offering.orders);
    if readings().any(|orders| orders.complete().is_none()) {
        return;
    }
    let open: BTreeSet<_> = readings().filter_map(Reading::known).flatten().map(|(uuid, _)| *uuid).collect();
    world.memory.setbacks.retain(|order, _| open.contains(order));
}

type Named = BTreeMap<crate::model::ClusterRef, BTreeSet<crate::model::RancherProjectId>>;

/// Returns the projects that resources name in their `backend_id`, by cluster.
fn named_projects(world: &World, policy: &Policy) -> Named {
    let mut named = Named::new();
    for (uuid, offering) in &policy.offerings {
        let resources = world.offerings.get(uuid).and_then(|offering| offering.resources.known());
        let prefix = format!("{}:", offering.cluster.cluster);
        let ids = resources
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter_map(|resource| resource.backend_id.as_deref())
            .filter(|id| id.starts_with(&prefix))
            .filter_map(|id| id.parse().ok());
        named.entry(offering.cluster.clone()).or_default().extend(ids);
    }
    named
}
