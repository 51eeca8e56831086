//! `agent capture`

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::failure::{Failure, on};
use super::live::Live;
use super::{shell, style};
use crate::model::capture::Capture as Document;
use crate::model::pseudonym;
use crate::plan::plan;

/// Writes what the three systems say to a file that `plan --world` reads
///
/// Holds the world, the answers that its plan rests on, and the policy; no secrets. It does hold names of people:
/// use --pseudonymise before it leaves the house.
#[derive(Debug, Args)]
#[command(after_long_help = super::exit::HELP)]
pub(super) struct Capture {
    #[command(flatten)]
    config: super::ConfigFile,

    /// Where to write it, in place of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Give people other names, the same ones everywhere
    ///
    /// Usernames, accounts and Keycloak ids are replaced; a plan of the result is the same but for them. Names of
    /// resources, projects and organisations stay.
    #[arg(long)]
    pseudonymise: bool,
}

impl Capture {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let live = Live::look(shell::config(self.config.config.clone())?).await?;
        let blind = plan(&live.world, &live.config.policy).is_blind_somewhere();
        let world = if self.pseudonymise { pseudonym::world(live.world) } else { live.world };
        let document = Document::new(live.config.policy, world);
        let text = document.to_yaml().map_err(|error| Failure::of(&error))?;
        match &self.output {
            Some(file) => {
                let what = format!("the captured world cannot be written to {}", file.display());
                std::fs::write(file, &text).map_err(on(what))?;
                style::tell(&format!("Captured to {}.", file.display()))?;
            }
            None => style::print(&text)?,
        }
        Ok(if blind { Exit::Unreachable } else { Exit::Success })
    }
}
