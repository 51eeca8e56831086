//! `agent plan`

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::failure::{Failure, on};
use super::format::{Format, json};
use super::live::{Decided, Live};
use super::shell;
use crate::plan::Fingerprint;
use crate::plan::render::Document;

/// Shows what would be done, and does nothing
///
/// Reads Waldur, Rancher and Keycloak (or a captured world) and prints a plan: what to add, change and remove, why,
/// what is held and what releases it. Nothing is written to any system.
#[derive(Debug, Args)]
#[command(after_long_help = super::exit::HELP)]
pub(super) struct Plan {
    #[command(flatten)]
    config: super::ConfigFile,

    /// Plan a captured world in place of the live systems; needs no secrets
    ///
    /// With -c as well, the world is captured and the policy is the configuration's: that is how a change of the
    /// configuration is reviewed. Without -c, the policy is the one that was captured.
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,

    /// Plan only one offering, by name or UUID; everything is read all the same
    #[arg(long, value_name = "NAME")]
    offering: Option<String>,

    /// How to print the plan
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Also save the plan to a file, for `agent show` and `agent apply`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Show what an approval would release
    #[arg(long, value_name = "FINGERPRINT")]
    approve: Option<Fingerprint>,

    /// Exit with 2 if there is something to do
    #[arg(long)]
    detailed_exitcode: bool,
}

impl Plan {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let (world, policy) = if let Some(file) = &self.world {
            shell::captured(file, self.config.config.as_deref())?
        } else {
            let live = Live::look(shell::config(self.config.config.clone())?).await?;
            (live.world, live.config.policy)
        };
        let only = self.offering.as_deref().map(|name| shell::offering(&policy, name)).transpose()?;
        let decided = Decided::on(&world, &policy, only, self.approve.as_ref())?;
        let document = Document::of(decided.review());
        if let Some(file) = &self.out {
            let what = format!("the plan cannot be written to {}", file.display());
            std::fs::write(file, json(&document)?).map_err(on(what))?;
        }
        self.format.print(&document)?;
        let pending = self.detailed_exitcode && !decided.verdict.admitted.steps().is_empty();
        Ok(decided.exit().worst(if pending { Exit::Changes } else { Exit::Success }))
    }
}
