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

/// Prints the JSON Schema of the configuration or of a file that this program writes, or an example
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

    /// No schema, but a configuration with every key, its default, and what it means
    #[arg(long, conflicts_with_all = ["plan", "world"])]
    example: bool,
}

impl Schema {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let text = match self {
            Self { example: true, .. } => Ok(config::example::example()),
            Self { plan: true, .. } => pretty(&schema_for!(Document)),
            Self { world: true, .. } => pretty(&schema_for!(Capture)),
            Self { plan: false, world: false, example: false } => pretty(&config::schema::schema()),
        };
        style::print(&text.map_err(|error| Failure::of(&error))?)?;
        Ok(Exit::Success)
    }
}

fn pretty(schema: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(schema).map(|text| text + "\n")
}
