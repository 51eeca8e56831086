//! What is to be reported to Waldur: a pure function of what was read. It compares, and decides nothing about when.

mod draft;
pub mod json;
mod project;
pub mod text;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use draft::draft;

use crate::model::usage::{Amount, Month};
use crate::model::{ComponentName, OfferingUuid, RancherProjectId, ResourceUuid};

/// What there is to report, and what cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// When it was read.
    pub taken_at: Timestamp,
    /// For which month.
    pub month: Month,
    /// Whether the month is over where servers count: then nothing is sent.
    pub is_closed: bool,
    /// Offering by offering, in the order of their UUIDs.
    pub offerings: Vec<OfferingReport>,
}

/// What there is to report of one offering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferingReport {
    /// Which.
    pub offering: OfferingUuid,
    /// What the operator calls it.
    pub name: String,
    /// What keeps the whole of it from being reported, or from being seen whole.
    pub gaps: Vec<String>,
    /// The components that cannot be reported, and why.
    pub not_sold: BTreeMap<ComponentName, String>,
    /// Resource by resource, by name.
    pub resources: Vec<ResourceReport>,
}

/// What there is to report of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceReport {
    /// Which.
    pub resource: ResourceUuid,
    /// Its display name, as Waldur has it.
    pub name: String,
    /// The project that is counted.
    pub project: Option<RancherProjectId>,
    /// What is to be done.
    pub verdict: Verdict,
    /// Component by component; empty if it is left out.
    pub lines: BTreeMap<ComponentName, Line>,
}

/// What is to be done about a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Something differs from the last report: all that is known is sent together.
    Differs,
    /// It is as it was last reported.
    Same,
    /// Nothing of it is known that could be sent.
    Unknown,
    /// It has nothing to report, and why.
    LeftOut(String),
}

/// One component of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was ordered, in the component's unit.
    pub limit: Option<i64>,
    /// What was reported for this month last; nothing if that is not known, or nothing was.
    pub last: Option<Amount>,
    /// What it is now.
    pub now: Now,
}

/// What a component's usage is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Now {
    /// So much.
    Amount(Amount),
    /// Not known, because something could not be read. Never zero.
    Unknown(String),
    /// Known, and not sent until a person decides.
    Held(String),
}

/// One report to be sent: all components of a resource that are known, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// To the Waldur of which offering.
    pub offering: OfferingUuid,
    /// Of which resource.
    pub resource: ResourceUuid,
    /// What that is called.
    pub name: String,
    /// How much of what.
    pub amounts: BTreeMap<ComponentName, Amount>,
}

impl Report {
    /// Returns what is left of it for one offering.
    #[must_use]
    pub fn narrowed_to(mut self, offering: OfferingUuid) -> Self {
        self.offerings.retain(|one| one.offering == offering);
        self
    }

    /// Returns what is to be sent.
    pub fn dispatches(&self) -> Vec<Dispatch> {
        let open = self.offerings.iter().filter(|_| !self.is_closed);
        let all = open.flat_map(|one| one.resources.iter().map(move |resource| (one.offering, resource)));
        let differing = all.filter(|(_, resource)| resource.verdict == Verdict::Differs);
        let dispatch = |(offering, resource): (OfferingUuid, &ResourceReport)| Dispatch {
            offering,
            resource: resource.resource,
            name: resource.name.clone(),
            amounts: resource.amounts(),
        };
        differing.map(dispatch).collect()
    }

    /// Returns whether something could not be read.
    pub fn is_blind_somewhere(&self) -> bool {
        let unknown = |line: &Line| matches!(line.now, Now::Unknown(_));
        self.offerings.iter().any(|one| {
            !one.gaps.is_empty() || one.resources.iter().flat_map(|it| it.lines.values()).any(unknown)
        })
    }

    /// Returns whether something waits for a person.
    pub fn is_held_somewhere(&self) -> bool {
        let lines = self.offerings.iter().flat_map(|one| &one.resources).flat_map(|it| it.lines.values());
        lines.into_iter().any(|line| matches!(line.now, Now::Held(_)))
    }
}

impl ResourceReport {
    /// Returns all that is known and not held.
    pub fn amounts(&self) -> BTreeMap<ComponentName, Amount> {
        let known = |(name, line): (&ComponentName, &Line)| match line.now {
            Now::Amount(amount) => Some((name.clone(), amount)),
            Now::Unknown(_) | Now::Held(_) => None,
        };
        self.lines.iter().filter_map(known).collect()
    }
}
