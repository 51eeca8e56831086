//! The safety budget: divides a plan into what may be applied and what a person must release.
//!
//! One currency: (person, project) pairs that lose all access, whatever the edges are.

use std::collections::{BTreeMap, BTreeSet};

mod deletions;

use super::access::{Access, Change, Names, Pair};
use super::graph::{self, Cycle, Graph};
use super::{Action, Fingerprint, Held, Hold, Plan, Step};
use crate::model::policy::{Budget, Policy};
use crate::model::world::World;
use crate::model::{GroupId, OfferingUuid, RealmRef};

/// Steps that passed the guard. Only these can be applied, and nothing but [`guard`] makes them.
#[derive(Debug, Clone)]
pub struct Admitted {
    steps: Vec<Step>,
    graph: Graph,
    losses: BTreeMap<Pair, BTreeSet<usize>>,
    gains: BTreeSet<Pair>,
}

impl Admitted {
    /// Returns the steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns the order in which they may be done.
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Returns who loses all access if everything is done, and through which steps.
    pub const fn losses(&self) -> &BTreeMap<Pair, BTreeSet<usize>> {
        &self.losses
    }

    /// Returns who gains access if everything is done.
    pub const fn gains(&self) -> &BTreeSet<Pair> {
        &self.gains
    }

    /// Returns the fingerprint of the steps.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.steps.iter().map(|step| &step.action))
    }
}

/// A plan, divided.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What may be applied.
    pub admitted: Admitted,
    /// What is held, with what waited for it.
    pub held: Vec<Held>,
    /// The fingerprint that releases exactly what the budget holds; none if it holds nothing.
    pub release: Option<Fingerprint>,
    /// The approval that was given, if it released something.
    pub approved: Option<Fingerprint>,
    /// Whether an approval was given that fits nothing that is held.
    pub approval_is_stale: bool,
    /// What those are called whose access changes, and what they gain or lose it to.
    pub names: Names,
}

impl Verdict {
    /// A plan without steps takes nothing from anybody: who can reach what need not be worked out.
    fn of_nothing(plan: &Plan, approval: Option<&Fingerprint>) -> Result<Self, Cycle> {
        let graph = Graph::new(&[])?;
        let admitted = Admitted { steps: Vec::new(), graph, losses: BTreeMap::new(), gains: BTreeSet::new() };
        let approval_is_stale = approval.is_some();
        let (held, names) = (plan.held.clone(), Names::default());
        Ok(Self { admitted, held, release: None, approved: None, approval_is_stale, names })
    }
}

/// Divides a plan. `approval` releases what the budget would hold if it is exactly what was approved.
///
/// # Errors
/// If the plan's steps wait for each other in a circle.
pub fn guard(
    plan: &Plan,
    world: &World,
    policy: &Policy,
    approval: Option<&Fingerprint>,
) -> Result<Verdict, Cycle> {
    if plan.steps.is_empty() {
        return Verdict::of_nothing(plan, approval);
    }
    let access = Access::new(world, policy);
    let change = unordered(access.change(&plan.steps), &plan.steps);
    let mut over = over_group(&plan.steps, &change, world, policy.budget);
    over.extend(deletions::held(&plan.steps, world, policy, &over));
    over.extend(over_budget(&access, &change, world, policy.budget, &over));
    let release =
        (!over.is_empty()).then(|| Fingerprint::of(over.keys().map(|index| &plan.steps[*index].action)));
    let approved = approval.is_some() && approval == release.as_ref();
    if approved {
        over.clear();
    }
    let (steps, fallen) = graph::settle(plan.steps.clone(), over);
    let change = unordered(access.change(&steps), &steps);
    let graph = Graph::new(&steps)?;
    let mut held = plan.held.clone();
    held.extend(fallen);
    let names = Names::of(world, change.gained.iter().chain(change.lost.keys()));
    Ok(Verdict {
        admitted: Admitted { steps, graph, losses: change.lost, gains: change.gained },
        held,
        release: release.filter(|_| !approved),
        approved: approval.filter(|_| approved).cloned(),
        approval_is_stale: approval.is_some() && !approved,
        names,
    })
}

/// Leaves out what ends because its end was ordered: whoever has access through it, loses it at the customer's wish.
fn unordered(mut change: Change, steps: &[Step]) -> Change {
    let deletions = steps.iter().filter_map(|step| step.action.deletion()).filter(|delete| delete.ordered);
    let ordered = deletions.map(|delete| (delete.offering, delete.resource));
    let ordered: BTreeSet<_> = ordered.collect();
    change.lost.retain(|pair, _| !ordered.contains(&(pair.offering, pair.resource)));
    change
}

/// A group that would lose more than a few members and more than half of them. One that goes itself and gives nothing to
/// anybody is only tidied up.
fn over_group(steps: &[Step], change: &Change, world: &World, budget: Budget) -> BTreeMap<usize, Hold> {
    let felt: BTreeSet<usize> = change.lost.values().flatten().copied().collect();
    let gone: BTreeSet<(&RealmRef, &GroupId)> = steps
        .iter()
        .filter_map(|step| {
            let Action::DeleteGroup(delete) = &step.action else { return None };
            Some((&delete.realm, &delete.group))
        })
        .collect();
    let mut leaving: BTreeMap<(&RealmRef, &GroupId), Vec<usize>> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        // Whoever only changes roles is in another group of the team by then.
        if let Action::RemoveMember(remove) = &step.action
            && !remove.moves
            && (felt.contains(&index) || !gone.contains(&(&remove.realm, &remove.group)))
        {
            leaving.entry((&remove.realm, &remove.group)).or_default().push(index);
        }
    }
    let mut held = BTreeMap::new();
    for ((realm, group), indices) in leaving {
        let members = world.realms.get(realm).and_then(|realm| realm.members.get(group));
        let of = members.and_then(|reading| reading.known()).map_or(0, BTreeMap::len);
        let would = indices.len();
        if would > budget.group_members && would * 2 > of {
            held.extend(indices.into_iter().map(|index| (index, Hold::TooManyOfGroup { would, of })));
        }
    }
    held
}

/// An offering through which more people would lose access within an hour than may.
fn over_budget(
    access: &Access<'_>,
    change: &Change,
    world: &World,
    budget: Budget,
    already: &BTreeMap<usize, Hold>,
) -> BTreeMap<usize, Hold> {
    let mut by_offering: BTreeMap<OfferingUuid, Vec<&BTreeSet<usize>>> = BTreeMap::new();
    for (pair, steps) in &change.lost {
        // What is held anyway takes nothing away.
        if steps.iter().any(|index| !already.contains_key(index)) {
            by_offering.entry(pair.offering).or_default().push(steps);
        }
    }
    let mut held = BTreeMap::new();
    for (offering, losses) in by_offering {
        let would = losses.len() + world.memory.recent_losses(offering, world.taken_at);
        let may = budget.people.max(access.count(offering) * budget.percent / 100);
        if would > may {
            let steps = losses.into_iter().flatten().filter(|index| !already.contains_key(index));
            held.extend(steps.map(|index| (*index, Hold::OverBudget { would, may })));
        }
    }
    held
}
