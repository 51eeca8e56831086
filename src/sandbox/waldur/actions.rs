//! What can be done by `POST`: each action with its collection, and since when it is known.

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::refusal::Refusal;
use super::seed::Dialect;
use super::state::State;
use super::{
    agent_actions, allocation, consumer_acts, membership_statuses, offering_actions, offering_user_actions,
    order_reviews, order_states, project_roles, resource_actions, usage_set,
};

/// How an action is carried out on the object of an id.
type Run = fn(&mut State, &Call, &Caller, &str) -> Result<Answer, Refusal>;

/// An action on an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Action {
    collection: &'static str,
    word: &'static str,
    known: Known,
    run: Run,
}

/// Which servers know an action. Where it is not known, its path is not there at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Always,
    Since2024,
    Only2024,
}

const fn always(collection: &'static str, word: &'static str, run: Run) -> Action {
    Action { collection, word, known: Known::Always, run }
}

const fn newer(collection: &'static str, word: &'static str, run: Run) -> Action {
    Action { collection, word, known: Known::Since2024, run }
}

const fn older(collection: &'static str, word: &'static str, run: Run) -> Action {
    Action { collection, word, known: Known::Only2024, run }
}

const ORDERS: &str = "marketplace-orders";
const RESOURCES: &str = "marketplace-provider-resources";
const CONSUMER: &str = "marketplace-resources";
const OFFERINGS: &str = "marketplace-provider-offerings";
const ACCOUNTS: &str = "marketplace-offering-users";
const PLUGIN: &str = "marketplace-slurm-remote";
const AGENTS: &str = "marketplace-site-agent-identities";
const SERVICES: &str = "marketplace-site-agent-services";
const PROJECTS: &str = "projects";

const ACTIONS: &[Action] = &[
    always(ORDERS, "approve_by_provider", order_reviews::approve_by_provider),
    always(ORDERS, "reject_by_provider", order_reviews::reject_by_provider),
    always(ORDERS, "approve_by_consumer", order_reviews::approve_by_consumer),
    always(ORDERS, "reject_by_consumer", order_reviews::reject_by_consumer),
    always(ORDERS, "cancel", order_reviews::cancel),
    always(ORDERS, "set_state_executing", order_states::set_executing),
    always(ORDERS, "set_state_done", order_states::set_done),
    always(ORDERS, "set_state_erred", order_states::set_erred),
    newer(ORDERS, "set_backend_id", order_states::set_backend_id),
    always(RESOURCES, "set_backend_id", resource_actions::set_backend_id),
    always(RESOURCES, "set_backend_metadata", resource_actions::set_backend_metadata),
    always(RESOURCES, "set_as_erred", resource_actions::set_as_erred),
    always(RESOURCES, "submit_report", resource_actions::submit_report),
    always(RESOURCES, "unlink", resource_actions::unlink),
    always(RESOURCES, "terminate", consumer_acts::terminate),
    newer(RESOURCES, "set_limits", resource_actions::set_limits),
    newer(RESOURCES, "set_endpoints", resource_actions::set_endpoints),
    newer(RESOURCES, "refresh_last_sync", resource_actions::refresh_last_sync),
    newer(RESOURCES, "set_as_ok", resource_actions::set_as_ok),
    newer(RESOURCES, "set_membership_sync_statuses", membership_statuses::set),
    always(CONSUMER, "update_limits", consumer_acts::update_limits),
    always(CONSUMER, "terminate", consumer_acts::terminate),
    always(CONSUMER, "switch_plan", consumer_acts::switch_plan),
    always(OFFERINGS, "create_offering_component", offering_actions::create_component),
    always(OFFERINGS, "update_offering_component", offering_actions::update_component),
    always(OFFERINGS, "update_integration", offering_actions::update_integration),
    always(OFFERINGS, "add_user", offering_actions::add_manager),
    always(OFFERINGS, "pause", offering_actions::pause),
    always(OFFERINGS, "unpause", offering_actions::unpause),
    always(OFFERINGS, "activate", offering_actions::activate),
    always(ACCOUNTS, "update_restricted", offering_user_actions::update_restricted),
    newer(ACCOUNTS, "begin_creating", offering_user_actions::begin_creating),
    newer(ACCOUNTS, "set_validation_complete", offering_user_actions::set_validation_complete),
    newer(ACCOUNTS, "set_error_creating", offering_user_actions::set_error_creating),
    newer(ACCOUNTS, "set_pending_account_linking", offering_user_actions::set_pending_account_linking),
    newer(
        ACCOUNTS,
        "set_pending_additional_validation",
        offering_user_actions::set_pending_additional_validation,
    ),
    always(
        "marketplace-service-providers",
        "set_offerings_username",
        offering_user_actions::set_offerings_username,
    ),
    older(PLUGIN, "set_state", allocation::set_state),
    older(PLUGIN, "set_limits", allocation::set_limits),
    older(PLUGIN, "set_backend_id", allocation::set_backend_id),
    always(PROJECTS, "add_user", project_roles::add),
    always(PROJECTS, "delete_user", project_roles::remove),
    newer(AGENTS, "register_service", agent_actions::register_service),
    newer(SERVICES, "register_processor", agent_actions::register_processor),
];

/// The one action that belongs to a collection and not to an object.
pub(super) const SET_USAGE: Action = always("marketplace-component-usages", "set_usage", usage_set::set);

// === impl Action ===

impl Action {
    /// Returns the action of this path, if the server knows it.
    pub(super) fn of(collection: &str, word: &str, dialect: Dialect) -> Option<Self> {
        let knows = |action: &&Self| match action.known {
            Known::Always => true,
            Known::Since2024 => dialect == Dialect::Y2026,
            Known::Only2024 => dialect == Dialect::Y2024,
        };
        let named = |action: &&Self| action.collection == collection && action.word == word;
        ACTIONS.iter().find(|action| named(action) && knows(action)).copied()
    }

    pub(super) fn run(
        self,
        state: &mut State,
        call: &Call,
        caller: &Caller,
        id: &str,
    ) -> Result<Answer, Refusal> {
        (self.run)(state, call, caller, id)
    }
}
