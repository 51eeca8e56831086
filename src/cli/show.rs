//! `agent show`

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::failure::Failure;
use super::format::Format;
use super::{shell, style};
use crate::plan::render::{changes, markdown};

/// Shows a saved plan, or what differs between two of them
///
/// Reads what `agent plan --out FILE` wrote; no server and no configuration is needed. What is shown is what was decided
/// then: whether it is still so, `agent apply FILE` finds out before it does anything.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The saved plan
    #[arg(value_name = "FILE")]
    plan: PathBuf,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Show what differs from this saved plan to the other; as text or Markdown only
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

impl Show {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let document = shell::saved(&self.plan)?;
        let Some(file) = &self.against else {
            self.format.print(&document)?;
            return Ok(Exit::Success);
        };
        let other = shell::saved(file)?;
        let names = (file.display().to_string(), self.plan.display().to_string());
        let lines = changes::between((&names.0, &other), (&names.1, &document));
        match self.format {
            Format::Text if lines.is_empty() => style::print("The plans do not differ.\n")?,
            Format::Text => style::print_changes(&lines)?,
            Format::Markdown => style::print(&markdown::changes(&lines))?,
            Format::Json | Format::Graph | Format::Html => {
                let hint = "leave --format out, or say --format markdown";
                let what = "what differs is shown as text or Markdown";
                return Err(Failure { exit: Exit::Usage, ..Failure::new(what, hint) });
            }
        }
        Ok(Exit::Success)
    }
}
