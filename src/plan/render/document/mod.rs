//! The plan as one document: what is written to a file, read back, and shown in every form.
//!
//! An action cannot be read back, because only complete readings make the evidence that it carries. A document can: it
//! holds the words and the JSON of what was decided, and carries nothing out. All renderings are made of it, so that a
//! saved plan looks as it did when it was made.

mod made;
mod read;

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::words::{escaped, harmless, symbol};
use crate::model::{OfferingUuid, OrderUuid};
use crate::plan::access::Pair;
use crate::plan::note::{About, NoteKind};
use crate::plan::{Compared, Effect, Fingerprint, System};

pub use read::InvalidDocument;

/// Grows by one whenever a field changes its meaning or goes away; new fields do not count.
pub const FORMAT_VERSION: u32 = 1;

/// A plan, as it was decided and divided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Of this form.
    pub format_version: u32,
    /// When the world was looked at.
    pub taken_at: Timestamp,
    /// The fingerprint of its steps.
    pub fingerprint: Fingerprint,
    /// The approval that it was made with, if it released something: what that released is among the steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Fingerprint>,
    /// Whether an approval was given that fits nothing that is held.
    #[serde(default, skip_serializing_if = "is_false")]
    pub approval_is_stale: bool,
    /// The offering that it was narrowed to, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowed_to: Option<OfferingUuid>,
    /// What the operator calls each offering, by its UUID.
    pub offerings: BTreeMap<OfferingUuid, String>,
    /// What to do, in the order in which it is read.
    pub steps: Vec<StepDocument>,
    /// What is held, and what waits for it.
    pub held: Vec<HeldDocument>,
    /// The fingerprint that releases exactly what the budget holds, if it holds something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Fingerprint>,
    /// What else a person should know.
    pub notes: Vec<NoteDocument>,
    /// What the steps do to access.
    pub access: AccessDocument,
    /// How much was looked at.
    pub compared: Compared,
}

/// What a step, a held step or a note is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// What that is called.
    pub title: String,
}

/// An action in words and as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deed {
    /// What it does, in one sentence.
    pub what: String,
    /// What it changes in detail, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// What it does to the world.
    pub effect: Effect,
    /// Where it writes.
    pub system: System,
    /// How many requests it costs at least.
    pub requests: usize,
    /// Whom it gives something to or takes something from, as far as it names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// The order that it carries out a part of, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderUuid>,
    /// The action; its field `do` says which. Other fields depend on that.
    pub action: Value,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepDocument {
    /// Its number.
    pub step: usize,
    /// About what.
    #[serde(flatten)]
    pub subject: Subject,
    /// What is done.
    #[serde(flatten)]
    pub deed: Deed,
    /// Why; its field `because` says which reason it is.
    pub reason: Value,
    /// Why, in words.
    pub why: String,
    /// The numbers of the steps that must be done before.
    pub after: Vec<usize>,
}

/// One step that is not taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeldDocument {
    /// About what.
    #[serde(flatten)]
    pub subject: Subject,
    /// What should be done.
    #[serde(flatten)]
    pub deed: Deed,
    /// Why it should; its field `because` says which reason it is.
    pub reason: Value,
    /// Why it should, in words.
    pub wanted: String,
    /// Why it is not; its field `held` says which rule holds it.
    pub hold: Value,
    /// Why it is not, in words.
    pub why: String,
    /// Whether a person can release it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub releasable: bool,
}

/// One note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoteDocument {
    /// About what.
    #[serde(flatten)]
    pub subject: Subject,
    /// Of which kind.
    pub kind: NoteKind,
    /// What is the case.
    pub what: String,
    /// What to do, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What the steps do to access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessDocument {
    /// Who gains access that they have not had.
    pub gained: Vec<PairDocument>,
    /// Who loses all access.
    pub lost: Vec<PairDocument>,
    /// Whether somebody leaves a group: Rancher forgets them at its next refresh only.
    #[serde(default, skip_serializing_if = "is_false")]
    pub forgotten_later: bool,
}

/// One person's access to one resource's project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct PairDocument {
    /// Who, and to which resource's project.
    #[serde(flatten)]
    pub pair: Pair,
    /// What the person is called, if that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the resource is called, if that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// For flags that are left out where they say nothing.
const fn is_false(flag: &bool) -> bool {
    !*flag
}

// === impl Document ===

impl Document {
    /// Returns the document as pretty-printed JSON, ending in a newline.
    ///
    /// # Errors
    /// None in practice: it has only string keys.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }

    /// Returns whether two plans do the same, in the same words, to the same people. When they were made, what is
    /// noted, and how much was compared does not count.
    pub fn does_the_same(&self, other: &Self) -> bool {
        let deeds = |document: &Self| {
            let mut deeds: Vec<String> = document.steps.iter().map(|step| step.deed.as_line()).collect();
            deeds.sort_unstable();
            deeds
        };
        let people = |pairs: &[PairDocument]| {
            let mut pairs: Vec<Pair> = pairs.iter().map(|one| one.pair.clone()).collect();
            pairs.sort_unstable();
            pairs
        };
        self.fingerprint == other.fingerprint
            && deeds(self) == deeds(other)
            && people(&self.access.gained) == people(&other.access.gained)
            && people(&self.access.lost) == people(&other.access.lost)
    }

    /// Returns whether two plans hold the same, in the same words.
    pub fn holds_the_same(&self, other: &Self) -> bool {
        let deeds = |document: &Self| {
            let mut deeds: Vec<String> = document.held.iter().map(|held| held.deed.as_line()).collect();
            deeds.sort_unstable();
            deeds
        };
        self.release == other.release && deeds(self) == deeds(other)
    }

    /// Returns what an offering is called, safe to show.
    pub(super) fn offering(&self, uuid: OfferingUuid) -> String {
        escaped(self.offerings.get(&uuid).map_or("?", String::as_str))
    }
}

impl Subject {
    /// Returns the heading of what is about it, safe to show; none for a whole offering.
    pub(super) fn heading(&self) -> Option<String> {
        let title = escaped(&self.title);
        match &self.about {
            About::Offering { offering: _ } => None,
            About::Cluster { offering: _, cluster: _ } => Some(title),
            About::Resource { offering: _, resource } => Some(format!("resource \"{title}\" ({resource})")),
            About::Team { offering: _, project } => Some(format!("team of \"{title}\" ({project})")),
        }
    }
}

impl Deed {
    /// Returns everything that is said and done, in one line that differs whenever something of it does.
    fn as_line(&self) -> String {
        let Self { what, details, effect: _, system: _, requests: _, people: _, order, action } = self;
        let order = order.map_or(Value::Null, |order| order.to_string().into());
        Value::from(vec![what.clone().into(), details.clone().into(), order, action.clone()]).to_string()
    }

    /// Returns the sign and the sentence, safe to show.
    pub(super) fn line(&self) -> String {
        format!("{} {}", symbol(self.effect), harmless(&self.what))
    }

    /// Returns the lines below it, safe to show.
    pub(super) fn details(&self) -> impl Iterator<Item = String> {
        self.details.iter().map(|line| harmless(line))
    }
}

impl PairDocument {
    /// Returns what the person is called, safe to show: by name where it was read, else by id.
    pub(super) fn who(&self) -> String {
        self.name.as_deref().map_or_else(|| escaped(&self.pair.person.to_string()), escaped)
    }

    /// Returns to which resource's project, safe to show.
    pub(super) fn place(&self) -> String {
        match &self.title {
            Some(title) => format!("\"{}\" ({})", escaped(title), self.pair.resource),
            None => self.pair.resource.to_string(),
        }
    }
}
