//! The plugin's object behind a resource, and the old API that tells the plugin how it fares.
//!
//! Only the server of 2024 was seen to mind it: there an order changes limits only while the object is OK, and who
//! finishes orders without telling the plugin leaves it scheduled for ever.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input;
use super::order::{OrderState, OrderType};
use super::refusal::Refusal;
use super::render::word;
use super::resources::find;
use super::state::State;

/// Where in its life the plugin's object is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the vendor's words")]
pub enum Allocation {
    /// Not made yet: the resource was only ordered.
    Absent,
    #[serde(rename = "Creation Scheduled")]
    CreationScheduled,
    Creating,
    #[serde(rename = "Update Scheduled")]
    UpdateScheduled,
    Updating,
    #[serde(rename = "Deletion Scheduled")]
    DeletionScheduled,
    Deleting,
    #[default]
    #[serde(rename = "OK")]
    Ok,
    Erred,
}

/// `POST /api/marketplace-slurm-remote/{uuid}/set_state/`: tells the plugin how its object fares. An order that waits
/// for it is done by that.
pub(super) fn set_state(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let row = find(state, caller, id)?;
    let (uuid, old) = (row.uuid, row.allocation);
    let fields = input::dictionary(call)?;
    let wanted = fields.get("state").and_then(Value::as_str).unwrap_or_default();
    let Some(new) = Allocation::named(wanted) else {
        let why = "Invalid state: a corresponding method for transition is absent";
        return Err(Refusal::List(vec![why.to_owned()]));
    };
    if !old.may_become(new) {
        let why = format!("Allocation state can not be changed from {} to {wanted}.", old.code());
        return Err(Refusal::Conflict(why));
    }
    state.set_allocation(uuid, new);
    if new == Allocation::Ok {
        state.finish_executing(uuid);
    }
    Ok(Answer::json(200, &json!({"detail": format!("Allocation state has been changed to {wanted}")})))
}

/// `POST /api/marketplace-slurm-remote/{uuid}/set_limits/`: takes a bare dictionary and looks at none of it.
pub(super) fn set_limits(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let row = find(state, caller, id)?;
    let (uuid, allocation) = (row.uuid, row.allocation);
    if let Some(kind) = input::other_than_dictionary(call)? {
        let why = format!("The payload must have dictionary type, not <class '{kind}'>.");
        return Err(Refusal::List(vec![why]));
    }
    state.set_allocation(uuid, allocation);
    Ok(Answer::json(200, &json!({"status": "Limits are successfully set."})))
}

/// `POST /api/marketplace-slurm-remote/{uuid}/set_backend_id/`: the plugin's own id, not the resource's.
pub(super) fn set_backend_id(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let row = find(state, caller, id)?;
    let (uuid, allocation) = (row.uuid, row.allocation);
    input::dictionary(call)?;
    state.set_allocation(uuid, allocation);
    Ok(Answer::json(200, &json!({"status": "Allocation backend_id has been changed."})))
}

// === impl Allocation ===

impl Allocation {
    /// Returns the number that error messages of the recorded server name.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Absent => 0,
            Self::UpdateScheduled => 1,
            Self::Updating => 2,
            Self::Ok => 3,
            Self::Erred => 4,
            Self::CreationScheduled => 5,
            Self::Creating => 6,
            Self::DeletionScheduled => 7,
            Self::Deleting => 8,
        }
    }

    fn named(text: &str) -> Option<Self> {
        match text {
            "creating" => Some(Self::Creating),
            "updating" => Some(Self::Updating),
            "deleting" => Some(Self::Deleting),
            "ok" => Some(Self::Ok),
            "erred" => Some(Self::Erred),
            _ => None,
        }
    }

    fn may_become(self, new: Self) -> bool {
        match new {
            Self::Creating => self == Self::CreationScheduled,
            Self::Updating => self == Self::UpdateScheduled,
            Self::Deleting => self == Self::DeletionScheduled,
            Self::Ok => matches!(self, Self::Creating | Self::Updating | Self::Erred),
            Self::Erred => self != Self::Absent,
            Self::Absent | Self::CreationScheduled | Self::UpdateScheduled | Self::DeletionScheduled => false,
        }
    }
}

// === impl State ===

impl State {
    /// Moves the plugin's object to another state. Whenever it is saved, its state shows among the resource's notes.
    pub(super) fn set_allocation(&mut self, uuid: Uuid, wanted: Allocation) {
        let now = self.now();
        let Some(row) = self.resources.get_mut(&uuid) else { return };
        row.allocation = wanted;
        row.modified = Some(now);
        if self.dialect == super::seed::Dialect::Y2026 {
            return;
        }
        if row.backend_metadata.is_null() {
            row.backend_metadata = json!({});
        }
        if let Value::Object(notes) = &mut row.backend_metadata {
            notes.insert("state".to_owned(), word(wanted));
            for name in ["action", "action_details", "runtime_state"] {
                notes.insert(name.to_owned(), Value::Null);
            }
        }
    }

    /// Finishes the order that waits for the plugin's object.
    fn finish_executing(&mut self, resource: Uuid) {
        let waiting = |kind| kind == OrderType::Create || kind == OrderType::Update;
        let found = self.orders.values().find(|order| {
            order.resource_uuid == resource && order.state == OrderState::Executing && waiting(order.kind)
        });
        if let Some(uuid) = found.map(|order| order.uuid) {
            self.complete(uuid);
        }
    }
}
