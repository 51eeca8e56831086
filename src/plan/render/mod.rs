//! A plan for people and for programs.

pub mod json;
pub mod text;
mod words;

pub use words::{Counted, escaped, sentence, symbol};

use super::Plan;
use super::guard::Verdict;

/// A plan and what the guard made of it: what there is to show.
#[derive(Debug, Clone, Copy)]
pub struct Review<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What may be applied and what is held.
    pub verdict: &'a Verdict,
}
