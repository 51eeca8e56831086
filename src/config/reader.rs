//! What every part of the reading shares: where it runs, whether secrets are needed, and all that was found.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::{Note, Problem, Severity};
use super::locate::line_of;
use super::path::KeyPath;

/// Each line costs one more reading of the text; so many bytes are read again at most, a second's work.
const MOST_READ_AGAIN: usize = 32 * 1024 * 1024;

/// Whether secrets and CA files must be there: a plan from a captured world talks to nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrets {
    Needed,
    Unneeded,
}

/// The reading of one document.
pub(super) struct Reader<'a> {
    pub(super) environment: &'a Environment,
    pub(super) secrets: Secrets,
    base: &'a Path,
    found: RefCell<BTreeSet<Finding>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Problem,
    Noted(Severity),
}

/// Something found; the same thing found twice (what all offerings share) is one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: KeyPath,
    weight: Weight,
    what: String,
    hint: String,
}

impl<'a> Reader<'a> {
    pub(super) fn new(base: &'a Path, environment: &'a Environment, secrets: Secrets) -> Self {
        Self { environment, secrets, base, found: RefCell::default() }
    }

    pub(super) fn problem(&self, path: &KeyPath, what: impl Into<String>, hint: impl Into<String>) {
        self.add(path, Weight::Problem, what.into(), hint.into());
    }

    pub(super) fn warning(&self, path: &KeyPath, what: impl Into<String>, hint: impl Into<String>) {
        self.add(path, Weight::Noted(Severity::Warning), what.into(), hint.into());
    }

    pub(super) fn note(&self, path: &KeyPath, what: impl Into<String>, hint: impl Into<String>) {
        self.add(path, Weight::Noted(Severity::Note), what.into(), hint.into());
    }

    /// Returns the file that the document names; paths are relative to the document.
    pub(super) fn file(&self, named: &str) -> PathBuf {
        self.base.join(named)
    }

    /// Returns whether nothing so far must be changed.
    pub(super) fn is_sound(&self) -> bool {
        !self.found.borrow().iter().any(|finding| finding.weight == Weight::Problem)
    }

    /// Returns all that was found, in the order of the document.
    pub(super) fn finish(self, text: &str) -> (Vec<Problem>, Vec<Note>) {
        let (mut problems, mut notes) = (Vec::new(), Vec::new());
        let affordable = MOST_READ_AGAIN / text.len().max(1);
        for (count, Finding { path, weight, what, hint }) in self.found.into_inner().into_iter().enumerate() {
            let line = if count < affordable { line_of(text, &path) } else { None };
            let path = path.to_string();
            match weight {
                Weight::Problem => problems.push(Problem { path, line, what, hint }),
                Weight::Noted(severity) => notes.push(Note { severity, path, line, what, hint }),
            }
        }
        problems.sort_by_key(|problem| problem.line);
        notes.sort_by_key(|note| note.line);
        (problems, notes)
    }

    fn add(&self, path: &KeyPath, weight: Weight, what: String, hint: String) {
        self.found.borrow_mut().insert(Finding { path: path.clone(), weight, what, hint });
    }
}
