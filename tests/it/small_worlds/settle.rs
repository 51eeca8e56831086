//! A world carried on until nothing is left to do, and what must hold at every step of the way.

use std::collections::{BTreeMap, BTreeSet};

use agent::model::marks::{self, Mark};
use agent::model::policy::Policy;
use agent::model::world::{ResourceState, World};
use agent::model::{BindingId, KeycloakUserId, RancherProjectId, Reading};
use agent::plan::guard::{Verdict, guard};
use agent::plan::{Hold, Plan, plan, render};
use jiff::SignedDuration;

use crate::apply_model::apply;
use crate::properties::checks::{entitled, unread};
use crate::properties::oracle::{Reach, named_by};
use crate::properties::sight::{Faults, first_look, look};

/// Adopt, compare, note what is empty, let it go: no small world needs more.
const CYCLES: usize = 8;

/// How the truth is seen.
pub(super) enum Sight<'a> {
    /// Whole, and questions are answered.
    Whole,
    /// Through one fault, the same in each cycle.
    Spoilt(&'a [u8]),
}

/// A world at rest.
pub(super) struct Settled {
    pub(super) world: World,
    /// What the last look still says.
    pub(super) plan: Plan,
    pub(super) cycles: usize,
}

impl Sight<'_> {
    fn look(&self, truth: &World, policy: &Policy) -> Result<(World, Plan, Verdict), String> {
        match self {
            Self::Whole => Ok(look(first_look(truth), truth, policy)),
            Self::Spoilt(numbers) => {
                let seen = Faults::new(numbers).blur(truth);
                let plan = plan(&seen, policy);
                let verdict = guard(&plan, &seen, policy, None).map_err(|circle| circle.to_string())?;
                Ok((seen, plan, verdict))
            }
        }
    }

    /// Returns whether the fault hits nothing that there is.
    pub(super) fn blurs_nothing(&self, truth: &World) -> bool {
        match self {
            Self::Whole => true,
            Self::Spoilt(numbers) => Faults::new(numbers).blur(truth) == *truth,
        }
    }
}

/// Carries a world on until a look changes nothing more, now and after everything that waits for time.
pub(super) fn settle(truth: &World, policy: &Policy, sight: &Sight<'_>) -> Result<Settled, String> {
    let (may, must) = (may_have_access(truth), entitled(truth, |_| true));
    let mut world = truth.clone();
    let mut waited = false;
    let mut before = Access::of(&world, policy);
    for cycles in 1..=CYCLES {
        let (seen, plan, verdict) = sight.look(&world, policy)?;
        is_sound(&seen, policy, &plan, &verdict)?;
        let steps = verdict.admitted.steps();
        let later = if steps.is_empty() { world.clone() } else { apply(&world, policy, &verdict.admitted)? };
        let is_at_rest = match sight {
            Sight::Whole => steps.is_empty(),
            // What could not be read may be asked for again and again: it is there already.
            Sight::Spoilt(_) => later == world,
        };
        if is_at_rest {
            if waited || !waits(&world) {
                return Ok(Settled { world, plan, cycles });
            }
            world.taken_at += policy.grace + SignedDuration::from_secs(1);
            waited = true;
            continue;
        }
        let after = Access::of(&later, policy);
        before.becomes(&after, &may, &must).map_err(|why| {
            let steps: Vec<String> = steps.iter().map(|step| render::sentence(&step.action)).collect();
            format!("{why} by {steps:#?}")
        })?;
        (world, before, waited) = (later, after, false);
    }
    let (_, _, verdict) = sight.look(&world, policy)?;
    let steps = verdict.admitted.steps().iter().map(|step| render::sentence(&step.action));
    Err(format!("it does not come to rest: {:#?}", steps.collect::<Vec<_>>()))
}

/// Returns who may reach what: those who should, and the team of what has ended, as long as its project is there.
fn may_have_access(truth: &World) -> BTreeSet<Reach> {
    let mut open = truth.clone();
    let offerings = open.offerings.values_mut().filter_map(|offering| offering.resources.known_mut());
    for resource in offerings.flat_map(BTreeMap::values_mut) {
        if resource.state == ResourceState::Terminated {
            resource.state = ResourceState::Ok;
        }
    }
    entitled(&open, |_| true)
}

/// What takes away, or makes what is not unique, rests on complete readings; and nothing is over the budget.
fn is_sound(seen: &World, policy: &Policy, plan: &Plan, verdict: &Verdict) -> Result<(), String> {
    for step in plan.steps.iter().chain(plan.held.iter().map(|held| &held.step)) {
        let gaps = unread(seen, policy, step);
        if !gaps.is_empty() {
            return Err(format!("{} rests on {gaps:?}", render::sentence(&step.action)));
        }
    }
    for held in &verdict.held {
        match held.hold {
            Hold::Missing { .. } => {}
            Hold::OverBudget { .. }
            | Hold::TooManyOfGroup { .. }
            | Hold::TooManyProjects { .. }
            | Hold::ToBeApproved => {
                return Err(format!("the guard holds {}", render::sentence(&held.step.action)));
            }
        }
    }
    Ok(())
}

/// Returns whether time would change anything: a group that is noted as empty goes after a while.
fn waits(world: &World) -> bool {
    let groups = world.realms.values().filter_map(|realm| realm.groups.known()).flatten();
    groups.into_iter().any(|(_, group)| group.attributes.contains_key(marks::GROUP_EMPTY_SINCE))
}

/// Who can reach which Rancher project.
struct Access {
    /// Through whatever binding.
    all: BTreeSet<(RancherProjectId, KeycloakUserId)>,
    /// Through each binding of ours.
    ours: BTreeSet<(BindingId, RancherProjectId, KeycloakUserId)>,
    /// What others bound.
    by_hand: BTreeSet<BindingId>,
    /// The resources whose projects they are.
    meant: BTreeMap<RancherProjectId, Mark>,
}

impl Access {
    fn of(world: &World, policy: &Policy) -> Self {
        let mut access = Self {
            all: BTreeSet::new(),
            ours: BTreeSet::new(),
            by_hand: BTreeSet::new(),
            meant: BTreeMap::new(),
        };
        for (place, cluster) in &world.clusters {
            let projects = cluster.projects.known().into_iter().flatten().filter(|(_, one)| !one.removing);
            for (id, project) in projects {
                access.meant.extend(marks::mark(&project.annotations).map(|mark| (id.clone(), mark)));
                let bindings = cluster.bindings.known().into_iter().flatten();
                for (name, binding) in bindings.filter(|(_, one)| one.project == *id && !one.removing) {
                    let people =
                        named_by(world, policy, place, binding).into_iter().flat_map(|(realm, group)| {
                            let members = world.realms[&realm].members.get(&group).and_then(Reading::known);
                            members.into_iter().flatten().map(|(person, _)| (id.clone(), person.clone()))
                        });
                    let people: Vec<_> = people.collect();
                    if marks::mark(&binding.annotations).is_some() {
                        let people = people.iter().cloned();
                        access.ours.extend(people.map(|(id, person)| (name.clone(), id, person)));
                    } else {
                        access.by_hand.insert(name.clone());
                    }
                    access.all.extend(people);
                }
            }
        }
        access
    }

    /// Nobody who must have access loses what they had through us, and through us nobody gets in who may not. What
    /// somebody bound by hand lets in whom it lets in, also while it is adopted.
    fn becomes(&self, after: &Self, may: &BTreeSet<Reach>, must: &BTreeSet<Reach>) -> Result<(), String> {
        let reach = |meant: &Self, project: &RancherProjectId, person: &KeycloakUserId| {
            let mark = meant.meant.get(project)?;
            Some((mark.offering.hex(), mark.resource.hex(), person.to_string()))
        };
        let still: BTreeSet<Reach> =
            after.all.iter().filter_map(|(project, person)| reach(after, project, person)).collect();
        let had = self.ours.iter().filter_map(|(_, project, person)| reach(self, project, person));
        if let Some(robbed) = had.filter(|one| must.contains(one)).find(|one| !still.contains(one)) {
            return Err(format!("{robbed:?} loses access"));
        }
        let is_new = |(binding, project, person): &&(BindingId, RancherProjectId, KeycloakUserId)| {
            !self.by_hand.contains(binding) && !self.all.contains(&(project.clone(), person.clone()))
        };
        let in_order = |(_, project, person): &&(BindingId, RancherProjectId, KeycloakUserId)| {
            reach(after, project, person).is_some_and(|reach| may.contains(&reach))
        };
        match after.ours.iter().filter(is_new).find(|one| !in_order(one)) {
            Some(intruder) => Err(format!("{intruder:?} gets in")),
            None => Ok(()),
        }
    }
}
