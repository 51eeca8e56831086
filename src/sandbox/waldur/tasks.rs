//! The server's own part of an approved order. It runs later, in a task queue, looks at nothing that happened
//! meanwhile, and so overwrites who was faster.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::allocation::Allocation;
use super::order::{Order, OrderState, OrderType};
use super::seed::ResourceState;
use super::state::State;

/// How late the task runs where the seed says nothing: later than a fast agent, sooner than a patient one.
const DELAY: u32 = 300;

/// The tasks that wait, and the worker that runs them.
#[derive(Debug)]
pub(super) struct Queue {
    delay: SignedDuration,
    waiting: Vec<Task>,
    held: bool,
}

#[derive(Debug)]
struct Task {
    order: Uuid,
    due: Timestamp,
}

// === impl Queue ===

impl Queue {
    pub(super) fn new(delay: Option<u32>) -> Self {
        let delay = SignedDuration::from_millis(delay.unwrap_or(DELAY).into());
        Self { delay, waiting: Vec::new(), held: false }
    }
}

// === impl State ===

impl State {
    /// Leaves an approved order to the task queue.
    pub(super) fn queue(&mut self, order: Uuid) {
        let due = self.now().checked_add(self.tasks.delay).unwrap_or(Timestamp::MAX);
        self.tasks.waiting.push(Task { order, due });
    }

    /// Stops the worker, or lets it go on with what has waited long enough.
    pub(super) fn hold_tasks(&mut self, held: bool) {
        self.tasks.held = held;
        self.run_tasks();
    }

    /// Runs the tasks that are due.
    pub(super) fn run_tasks(&mut self) {
        if self.tasks.held {
            return;
        }
        let now = self.now();
        let (due, waiting) =
            std::mem::take(&mut self.tasks.waiting).into_iter().partition(|task| task.due <= now);
        self.tasks.waiting = waiting;
        let due: Vec<Task> = due;
        for task in due {
            self.run(task.order);
        }
    }

    fn run(&mut self, uuid: Uuid) {
        let Some(order) = self.orders.get(&uuid) else { return };
        let (kind, resource) = (order.kind, order.resource_uuid);
        let Some(allocation) = self.resources.get(&resource).map(|row| row.allocation) else { return };
        match kind {
            OrderType::Create | OrderType::Restore => self.attach(resource),
            OrderType::Update if self.is_2024() && allocation != Allocation::Ok => {
                self.fail_update(uuid, allocation);
            }
            OrderType::Update => {
                self.set_allocation(resource, Allocation::UpdateScheduled);
                self.set_resource_state(resource, ResourceState::Updating);
            }
            OrderType::Terminate => {
                if let Some(row) = self.resources.get_mut(&resource) {
                    row.allocation = Allocation::DeletionScheduled;
                }
                self.set_resource_state(resource, ResourceState::Terminating);
            }
        }
    }

    /// Makes the plugin's object. Its state does not show among the resource's notes yet.
    fn attach(&mut self, resource: Uuid) {
        let now = self.now();
        if let Some(row) = self.resources.get_mut(&resource) {
            row.allocation = Allocation::CreationScheduled;
            row.modified = Some(now);
        }
    }

    /// The recorded server turns an approved order to erred by itself, with its own words, if the plugin was never
    /// told that its object is fine.
    fn fail_update(&mut self, uuid: Uuid, allocation: Allocation) {
        let executing = |order: &&mut Order| order.state == OrderState::Executing;
        if let Some(order) = self.orders.get_mut(&uuid).filter(executing) {
            order.error_message =
                format!("Can't switch from state '{}' using method 'schedule_updating'", allocation.code());
            self.set_order_state(uuid, OrderState::Erred);
        }
    }
}
