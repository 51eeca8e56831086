//! What happens later: controllers' work, derived from the clock whenever the state is touched.

use super::state::{State, cluster_of};

/// Work of a controller that comes due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Due {
    /// A project gets its backing namespace, its creator's binding and its conditions.
    ProjectReady(String),
    /// A project's finalizers are done.
    ProjectGone(String),
    /// A binding's finalizers are done.
    BindingGone(String),
    /// A user binding gets its other spelling of the user.
    BindingFilled(String),
    /// A namespace gets its label and its quota.
    NamespaceSettled(String, String),
    /// A namespace and all in it is gone.
    NamespaceGone(String, String),
    /// A project's `usedLimit` follows its namespaces.
    UsedLimit(String),
}

impl State {
    /// Lets everything happen that is due by now, in order.
    pub(super) fn settle(&mut self) {
        let now = self.clock.now();
        while let Some(entry) = self.agenda.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let ((moment, _), due) = entry.remove_entry();
            // What follows from an event is counted from its own moment, however late anybody looks.
            self.moment = self.moment.max(moment);
            self.happen(due);
        }
        self.moment = now;
    }

    pub(super) fn schedule(&mut self, after_ms: u64, due: Due) {
        self.scheduled += 1;
        self.agenda.insert((self.later(after_ms), self.scheduled), due);
    }

    /// Gives what was held up another try.
    pub(super) fn retry_stalled(&mut self) {
        for due in std::mem::take(&mut self.stalled) {
            self.schedule(0, due);
        }
    }

    fn happen(&mut self, due: Due) {
        if self.is_blocked(&due) {
            self.stalled.push(due);
            return;
        }
        match due {
            Due::ProjectReady(id) => self.project_becomes_ready(&id),
            Due::ProjectGone(id) => self.project_goes(&id),
            Due::BindingGone(id) => {
                self.bindings.remove(&id);
            }
            Due::BindingFilled(id) => self.binding_is_filled(&id),
            Due::NamespaceSettled(cluster, name) => self.namespace_settles(&cluster, &name),
            Due::NamespaceGone(cluster, name) => self.namespace_goes(&cluster, &name),
            Due::UsedLimit(project) => self.used_limit_follows(&project),
        }
    }

    /// Work in a downstream cluster waits until the cluster is reachable.
    fn is_blocked(&self, due: &Due) -> bool {
        let cluster = match due {
            Due::ProjectGone(id) if self.held.contains(id) => return true,
            Due::ProjectGone(id) => cluster_of(id),
            Due::BindingGone(id) => {
                self.bindings.get(id).and_then(|binding| binding.text("projectId")).map_or("", cluster_of)
            }
            Due::NamespaceSettled(cluster, _) | Due::NamespaceGone(cluster, _) => cluster,
            Due::ProjectReady(_) | Due::BindingFilled(_) | Due::UsedLimit(_) => return false,
        };
        self.unreachable.contains(cluster)
    }
}
