//! How a plan is printed.

use clap::ValueEnum;

use super::failure::Failure;
use super::style;
use crate::plan::render::{Document, html, markdown, mermaid, text};

/// A form of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs, and to be read again
    Json,
    /// For a comment on a pull or merge request
    Markdown,
    /// The steps and what waits for what, for Mermaid
    Graph,
    /// One page for a browser, with filters
    Html,
}

/// A form of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Table {
    /// For people
    Text,
    /// For programs
    Json,
}

impl Format {
    /// Prints a plan.
    pub(super) fn print(self, document: &Document) -> Result<(), Failure> {
        match self {
            Self::Text => style::print_plan(&text::shown(document))?,
            Self::Json => style::print(&json(document)?)?,
            Self::Markdown => style::print(&markdown::shown(document))?,
            Self::Graph => style::print(&mermaid::shown(document))?,
            Self::Html => style::print(&html::shown(document))?,
        }
        Ok(())
    }
}

/// Returns a plan as it is saved.
pub(super) fn json(document: &Document) -> Result<String, Failure> {
    document.to_json().map_err(|error| Failure::of(&error))
}
