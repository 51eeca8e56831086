//! What somebody is called, so that they are quickly found among others.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::Deref;

use foldhash::fast::FixedState;

use crate::model::Username;

/// A number that stands for a folded name: names that are alike have the same, others hardly ever. Names lie anywhere in
/// memory, and most comparisons are over before one has been fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Print(u64);

impl Print {
    /// Returns the print of a name.
    pub fn of(name: &Username) -> Self {
        Self(FixedState::default().hash_one(name.folded().as_ref()))
    }
}

/// A name and its print, which is taken once for each plan and not for each team.
#[derive(Debug, Clone)]
pub struct Called<'w> {
    name: Cow<'w, Username>,
    print: Print,
}

impl<'w> Called<'w> {
    /// Returns what somebody is called.
    pub fn new(name: Cow<'w, Username>) -> Self {
        let print = Print::of(&name);
        Self { name, print }
    }

    /// Returns the print of the name.
    pub const fn print(&self) -> Print {
        self.print
    }

    /// Returns the same name, borrowed.
    #[must_use]
    pub fn as_borrowed(&'w self) -> Self {
        Self { name: Cow::Borrowed(self.name.as_ref()), print: self.print }
    }
}

impl Deref for Called<'_> {
    type Target = Username;

    fn deref(&self) -> &Username {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_fold_to_one_have_one_print() {
        let print = |name: &str| Print::of(&name.parse().unwrap());
        assert_eq!(print("Ada"), print("ada"));
        assert_ne!(print("ada"), print("bea"));
    }
}
