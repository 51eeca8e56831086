//! The only room that writes. It makes no choices: what to do, and in which order, is the plan's.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

mod keycloak;
mod ledger;
mod orders;
mod outcome;
mod quotas;
mod rancher;
mod seats;
mod told;
mod waldur;
pub mod walk;

pub use outcome::{Because, Outcome};
pub use seats::Limits;

use crate::model::world::{Deletion, Loss, Memory, Setback};
use crate::plan::guard::Admitted;
use crate::plan::{Action, Step, System};
use crate::systems::Systems;
use ledger::Ledger;
use seats::Seat;
use walk::Node;

/// Applies admitted plans.
#[derive(Debug, Clone)]
pub struct Executor<'s> {
    systems: &'s Systems,
    limits: Limits,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// How each step ended, by index.
    pub outcomes: Vec<Outcome>,
    /// What the next cycle has to remember.
    pub memory: Memory,
}

/// What a step that waits for a server works with.
#[derive(Clone, Copy)]
struct Tools<'a> {
    systems: &'a Systems,
    ledger: &'a Ledger,
    seat: &'a Seat,
}

/// How a step ended; the error side lets `?` end it early.
type Ended = Result<Outcome, Outcome>;

/// One step begins or ends.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'p> {
    /// Which, by index.
    pub index: usize,
    /// Of how many.
    pub total: usize,
    /// What it does.
    pub step: &'p Step,
    /// How it ended; nothing while it begins.
    pub outcome: Option<&'p Outcome>,
    /// How many steps have ended, this one included if it has.
    pub ended: usize,
}

// === impl Applied ===

impl Applied {
    /// Returns whether every step succeeded.
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().all(Outcome::succeeded)
    }

    /// Returns whether some step was not begun because the program is stopping.
    pub fn was_stopped(&self) -> bool {
        self.outcomes.contains(&Outcome::Skipped { because: Because::Stopping })
    }
}

// === impl Executor ===

impl<'s> Executor<'s> {
    /// Makes an executor that writes through `systems`, with the usual number of steps at a time.
    pub fn new(systems: &'s Systems) -> Self {
        // Every write to Keycloak empties caches all over its cluster, so it gets fewer.
        let limits = BTreeMap::from([(System::Waldur, 8), (System::Rancher, 8), (System::Keycloak, 4)]);
        Self { systems, limits }
    }

    /// Sets how many steps run at a time, by system.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Applies a plan. After `stop`, what is in flight is finished and nothing new is begun.
    ///
    /// `memory` is that of the world the plan was made from, `at` the time to which its losses are counted.
    pub async fn run(
        &self,
        admitted: &Admitted,
        (memory, at): (Memory, Timestamp),
        stop: &CancellationToken,
        progress: impl Fn(Progress<'_>),
    ) -> Applied {
        let steps = admitted.steps();
        let total = steps.len();
        let nodes: Vec<Node> = steps
            .iter()
            .zip(admitted.graph().dependencies())
            .map(|(step, after)| Node {
                after,
                system: step.action.system(),
                exclusive: exclusive(&step.action),
            })
            .collect();
        let ledger = Ledger::default();
        let count = AtomicUsize::new(0);
        let outcomes = walk::walk(&nodes, &self.limits, stop, async |index, seat| {
            let step = &steps[index];
            let ended = count.load(Ordering::Relaxed);
            progress(Progress { index, total, step, outcome: None, ended });
            let outcome =
                self.perform(step, Tools { systems: self.systems, ledger: &ledger, seat: &seat }).await;
            let ended = count.fetch_add(1, Ordering::Relaxed) + 1;
            progress(Progress { index, total, step, outcome: Some(&outcome), ended });
            outcome
        })
        .await;
        let mut memory = remember(memory, at, admitted, &outcomes);
        for (offering, what) in ledger.lacking() {
            memory.lacking.entry(offering).or_default().insert(what);
        }
        Applied { outcomes, memory }
    }

    async fn perform(&self, step: &Step, tools: Tools<'_>) -> Outcome {
        let Tools { systems, ledger, seat: _ } = tools;
        let ended = match &step.action {
            Action::TakeOrder(take) => orders::take(tools, take).await,
            Action::CompleteOrder(complete) => orders::complete(tools, complete).await,
            Action::FailOrder(fail) => orders::fail(tools, fail).await,
            Action::DeleteProject(delete) => rancher::delete_project(tools, delete).await,
            Action::SetMetadata(set) => told::set_metadata(systems, ledger, set).await,
            Action::SetMembershipStatuses(set) => told::set_statuses(systems, ledger, set).await,
            Action::SetResourceState(set) => told::set_state(systems, ledger, set).await,
            Action::RefreshLastSync(refresh) => told::refresh(systems, ledger, refresh).await,
            Action::CreateProject(create) => rancher::create_project(tools, create).await,
            Action::AdoptProject(adopt) => rancher::adopt_project(systems, adopt).await,
            Action::AdoptBinding(adopt) => rancher::adopt_binding(systems, adopt).await,
            Action::ShareGroup(share) => keycloak::share_group(systems, share).await,
            Action::AdoptGroup(adopt) => keycloak::adopt_group(systems, adopt).await,
            Action::UpdateProject(update) => rancher::update_project(systems, update).await,
            Action::SetQuota(set) => quotas::set_quota(tools, set).await,
            Action::SetContainerDefaults(set) => quotas::set_container_defaults(systems, set).await,
            Action::CreateNamespace(create) => quotas::create_namespace(systems, ledger, create).await,
            Action::SetNamespaceQuota(set) => quotas::set_namespace_quota(systems, set).await,
            Action::SetResourceQuota(set) => quotas::set_resource_quota(systems, set).await,
            Action::Bind(bind) => rancher::bind(tools, bind).await,
            Action::Unbind(unbind) => rancher::unbind(systems, unbind).await,
            Action::RecordBackendId(record) => waldur::record_backend_id(systems, ledger, record).await,
            Action::CreateParent(create) => keycloak::create_parent(systems, ledger, create).await,
            Action::CreateGroup(create) => keycloak::create_group(systems, ledger, create).await,
            Action::AddMember(add) => keycloak::add_member(systems, ledger, add).await,
            Action::RemoveMember(remove) => keycloak::remove_member(systems, remove).await,
            Action::MarkEmpty(mark) => keycloak::mark_empty(systems, mark).await,
            Action::ClearEmpty(clear) => keycloak::clear_empty(systems, clear).await,
            Action::DeleteGroup(delete) => {
                keycloak::delete(systems, &delete.realm, &delete.group, &delete.name).await
            }
            Action::DeleteParent(delete) => {
                keycloak::delete(systems, &delete.realm, &delete.group, &delete.name).await
            }
        };
        ended.unwrap_or_else(|early| early)
    }
}

/// Returns what no other step may write to at the same time: Rancher's `PUT` has no version to compare, and Keycloak
/// locks a person's row.
fn exclusive(action: &Action) -> Option<String> {
    match action {
        Action::AdoptProject(adopt) => Some(format!("project {}", adopt.project)),
        Action::DeleteProject(delete) => Some(format!("project {}", delete.project)),
        Action::UpdateProject(update) => Some(format!("project {}", update.project)),
        Action::SetQuota(set) => Some(format!("project {}", set.project)),
        Action::SetContainerDefaults(set) => Some(format!("project {}", set.project)),
        Action::SetNamespaceQuota(set) => Some(format!("namespace {} {}", set.cluster, set.namespace)),
        Action::AddMember(add) => Some(format!("person {} {}", add.realm, add.account.id)),
        Action::RemoveMember(remove) => Some(format!("person {} {}", remove.realm, remove.person)),
        // Both read all notes and write all notes.
        Action::SetMetadata(set) => Some(format!("notes {}", set.resource)),
        Action::SetMembershipStatuses(set) => Some(format!("notes {}", set.resource)),
        Action::TakeOrder(_)
        | Action::CompleteOrder(_)
        | Action::FailOrder(_)
        | Action::SetResourceState(_)
        | Action::RefreshLastSync(_)
        | Action::CreateProject(_)
        | Action::AdoptGroup(_)
        | Action::ShareGroup(_)
        | Action::AdoptBinding(_)
        | Action::CreateNamespace(_)
        | Action::SetResourceQuota(_)
        | Action::RecordBackendId(_)
        | Action::CreateParent(_)
        | Action::CreateGroup(_)
        | Action::Bind(_)
        | Action::ClearEmpty(_)
        | Action::Unbind(_)
        | Action::MarkEmpty(_)
        | Action::DeleteGroup(_)
        | Action::DeleteParent(_) => None,
    }
}

/// Notes who lost access: whoever a step took something from counts, even if another step failed, and even if it is
/// not known whether this one did (its answer may be all that was lost).
fn remember(mut memory: Memory, at: Timestamp, admitted: &Admitted, outcomes: &[Outcome]) -> Memory {
    memory.forget_before(at);
    for (step, outcome) in admitted.steps().iter().zip(outcomes) {
        note_deletion(&mut memory, at, step, outcome);
        note_setback(&mut memory, at, step, outcome);
    }
    for (pair, steps) in admitted.losses() {
        if steps.iter().any(|step| outcomes.get(*step).is_some_and(Outcome::was_tried)) {
            memory.losses.push(Loss {
                at,
                offering: pair.offering,
                resource: pair.resource,
                person: pair.person.clone(),
            });
        }
    }
    memory
}

/// Notes whose project was deleted, or may have been.
fn note_deletion(memory: &mut Memory, at: Timestamp, step: &Step, outcome: &Outcome) {
    if let Action::DeleteProject(delete) = &step.action
        && outcome.was_tried()
    {
        memory.deletions.push(Deletion { at, offering: delete.offering, resource: delete.resource });
    }
}

/// Notes what did not work for an order: it stays as it is, and the next cycle tries again.
fn note_setback(memory: &mut Memory, at: Timestamp, step: &Step, outcome: &Outcome) {
    let order = step.action.order().or(step.order.map(|part| part.order));
    let (Some(order), Outcome::Failed { why, hint: _ }) = (order, outcome) else { return };
    let setback = memory.setbacks.entry(order).or_insert(Setback {
        since: at,
        last: Timestamp::MIN,
        times: 0,
        why: String::new(),
    });
    // Several steps of one cycle are one failure.
    if setback.last != at {
        setback.times += 1;
    }
    setback.last = at;
    setback.why.clone_from(why);
}

/// A step whose target was to be made before and was not: the walk does not let that happen.
fn not_made(what: &str) -> Outcome {
    Outcome::Failed { why: format!("{what} was not made"), hint: None }
}

/// A step for which no client is configured.
fn nobody(place: impl std::fmt::Display) -> Outcome {
    Outcome::Failed { why: format!("nothing is configured for {place}"), hint: None }
}
