//! The plan: what to do so that Rancher and Keycloak say what Waldur says. Pure and deterministic to the byte.
//!
//! [`plan`] compares the world with the policy and gives steps; [`guard::guard`] divides them into what may be
//! applied and what is held.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::observed::Observed;
use crate::model::ordered::Ordered;
use crate::model::policy::Policy;
use crate::model::world::World;
use crate::model::{OfferingUuid, OrderUuid};

pub mod access;
pub mod action;
mod diff;
mod effect;
pub mod facts;
pub mod fingerprint;
pub mod graph;
pub mod guard;
pub mod note;
pub mod reason;
pub mod render;
pub mod report;

pub use action::Action;
pub use effect::{Effect, System};
pub use fingerprint::Fingerprint;
pub use note::{About, Detail, Note, NoteKind, Question};
pub use reason::{Hold, Reason};

/// One action and why it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Where it stands in a plan that people read.
    #[serde(flatten)]
    pub about: About,
    /// What to do.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The order that it carries out a part of, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Part>,
}

/// A part of an order: the order is carried out when all of them are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Of which order.
    pub order: OrderUuid,
    /// Whether this plan takes the order first.
    pub is_to_be_taken: bool,
}

/// A step that is not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// What should be done.
    #[serde(flatten)]
    pub step: Step,
    /// Why it is not.
    pub hold: Hold,
}

/// How much was looked at: "no changes" is worth only as much as what was compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// Resources that should have a project.
    pub resources: usize,
    /// Teams of those resources.
    pub teams: usize,
    /// People in those teams, each counted once a team.
    pub people: usize,
    /// Realms that the people's groups are in; none if everybody is bound directly.
    pub realms: usize,
}

/// Everything that there is to do, and what is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// When the world was looked at.
    pub taken_at: Timestamp,
    /// What to do, in the order in which it is read; the graph knows the order in which it is done.
    pub steps: Vec<Step>,
    /// What waits for something that nothing in the plan provides.
    pub held: Vec<Held>,
    /// What else a person should know.
    pub notes: Vec<Note>,
    /// What the plan would rest on and nobody asked yet.
    pub questions: BTreeSet<Question>,
    /// How much was looked at.
    pub compared: Compared,
    /// What the operator calls each offering.
    pub offerings: BTreeMap<OfferingUuid, String>,
    /// The offering that it was narrowed to, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub narrowed_to: Option<OfferingUuid>,
    /// What each block of the plan is called, if there is anything in it.
    #[serde(skip)]
    pub titles: BTreeMap<About, String>,
}

impl Plan {
    /// Returns a plan with only the steps and notes of one offering, and what its steps require of others; the readings
    /// stay those of all.
    #[must_use]
    pub fn narrowed_to(mut self, offering: OfferingUuid) -> Self {
        let kept = graph::with_required(&self.steps, |step| step.about.offering() == offering);
        let mut index = 0..;
        self.steps.retain(|_| index.next().is_some_and(|index| kept.contains(&index)));
        self.held.retain(|held| held.step.about.offering() == offering);
        self.notes.retain(|note| note.about.offering() == offering);
        self.narrowed_to = Some(offering);
        self
    }

    /// Returns whether some system could not be read completely.
    pub fn is_blind_somewhere(&self) -> bool {
        self.notes.iter().any(|note| note.kind == NoteKind::Unreadable)
    }

    /// Returns whether a safety rule holds something.
    pub fn is_held_somewhere(&self) -> bool {
        !self.held.is_empty() || self.notes.iter().any(|note| note.kind == NoteKind::Held)
    }
}

/// Compares the world with the policy.
pub fn plan(world: &World, policy: &Policy) -> Plan {
    let observed = Observed::new(world, policy);
    let ordered = Ordered::new(world, policy);
    let mut draft = diff::diff((world, policy), &observed, &ordered, BTreeMap::new());
    // Nothing is made for an order that cannot be carried out: whatever was found to be so is known from the start.
    let mut known = 0;
    while draft.refusals.len() > known && ordered.asks_for_new(draft.refusals.keys()) {
        known = draft.refusals.len();
        draft = diff::diff((world, policy), &observed, &ordered, draft.refusals);
    }
    let titles = draft.titles_in_use();
    let (steps, held) = graph::settle(as_read(draft.steps, &titles), BTreeMap::new());
    let mut notes = draft.notes;
    notes.sort();
    notes.dedup();
    Plan {
        taken_at: world.taken_at,
        steps,
        held,
        notes,
        questions: draft.questions,
        compared: draft.compared,
        offerings: policy.offerings.iter().map(|(uuid, offering)| (*uuid, offering.name.clone())).collect(),
        narrowed_to: None,
        titles,
    }
}

/// Returns the steps in the order in which they are read. They are sorted by their places in the list: an action is much
/// to copy.
fn as_read(steps: Vec<Step>, titles: &BTreeMap<About, String>) -> Vec<Step> {
    let mut order: Vec<_> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let title = titles.get(&step.about).map_or("", String::as_str);
            let place = render::place(&step.about, title);
            ((place, step.action.kind(), render::sentence(&step.action)), index)
        })
        .collect();
    order.sort_by(|(one, first), (other, second)| {
        one.cmp(other).then_with(|| steps[*first].action.cmp(&steps[*second].action))
    });
    let order: Vec<usize> = order.into_iter().map(|(_, index)| index).collect();
    let mut steps: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    let mut sorted = Vec::with_capacity(steps.len());
    for index in order {
        sorted.extend(steps[index].take());
    }
    sorted
}
