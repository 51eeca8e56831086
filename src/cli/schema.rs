//! `agent schema`

use clap::Args;
use schemars::schema_for;
use serde::Serialize;

use super::exit::Exit;
use super::failure::Failure;
use super::style;
use crate::config;
use crate::model::capture::Capture;
use crate::plan::render::Document;

/// Prints the JSON Schema of the configuration, or of a file that this program writes
///
/// Editors check and complete a configuration by it: `agent schema > agent.schema.json`, and as the configuration's first
/// line `# yaml-language-server: $schema=agent.schema.json`.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Of a saved plan (and of plan --format json)
    #[arg(long, conflicts_with = "world")]
    plan: bool,

    /// Of a captured world
    #[arg(long)]
    world: bool,
}

impl Schema {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let text = match self {
            Self { plan: true, world: _ } => pretty(&schema_for!(Document)),
            Self { plan: false, world: true } => pretty(&schema_for!(Capture)),
            Self { plan: false, world: false } => pretty(&config::schema::schema()),
        };
        style::print(&text.map_err(|error| Failure::of(&error))?)?;
        Ok(Exit::Success)
    }
}

fn pretty(schema: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(schema).map(|text| text + "\n")
}
