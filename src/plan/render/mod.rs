//! A plan for people and for programs.

pub mod changes;
pub mod document;
pub mod html;
pub mod log;
pub mod markdown;
pub mod mermaid;
mod orders;
mod quota;
pub mod text;
mod told;
mod words;

pub use document::Document;
pub use words::{Counted, escaped, harmless, sentence, symbol};

use super::guard::Verdict;
use super::{About, Plan};
use crate::model::OfferingUuid;

/// A plan and what the guard made of it: what there is to show.
#[derive(Debug, Clone, Copy)]
pub struct Review<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What may be applied and what is held.
    pub verdict: &'a Verdict,
}

/// Where a block stands among the others: by offering; what is about the whole of it first; then by title.
pub(super) fn place<'a>(about: &'a About, title: &'a str) -> (OfferingUuid, u8, &'a str, &'a About) {
    let rank = match about {
        About::Offering { .. } => 0,
        About::Cluster { .. } => 1,
        About::Resource { .. } | About::Team { .. } => 2,
    };
    (about.offering(), rank, title, about)
}
