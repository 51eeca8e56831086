//! `agent report`

use std::collections::BTreeMap;

use clap::Args;

use super::connect::connect;
use super::exit::Exit;
use super::failure::Failure;
use super::format::Table;
use super::shell::{self, Signals};
use super::{reports, style};
use crate::model::{OfferingUuid, ResourceUuid};
use crate::plan::report::{Report as Draft, json, text};
use crate::report::{Reporter, Sending};

/// Tells Waldur what resources use
///
/// Adds up what pods and volume claims request in each resource's project, by Kubernetes' own rules, and reports it
/// for the current month where it differs from what was reported last. What could not be read is not reported: never
/// zero for unknown. Waldur bills some components in ways that take no reports; those are left out.
#[derive(Debug, Args)]
#[command(after_long_help = super::exit::HELP)]
pub(super) struct Report {
    #[command(flatten)]
    config: super::ConfigFile,

    /// Report only one offering's usage, by name or UUID; everything is read all the same
    #[arg(long, value_name = "NAME")]
    offering: Option<String>,

    /// Show what would be reported, beside the limit and what was reported last, and send nothing
    #[arg(long)]
    dry_run: bool,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Table::Text)]
    format: Table,
}

impl Report {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let signals = Signals::listen()?;
        let config = shell::config(self.config.config.clone())?;
        let terms = config.settings.terms();
        if terms.offerings.is_empty() {
            return Err(Failure::new("no offering's usage is reported", SWITCH));
        }
        let only = self.offering.as_deref().map(|name| shell::offering(&config.policy, name)).transpose()?;
        if only.is_some_and(|offering| !terms.offerings.contains_key(&offering)) {
            return Err(Failure::new("that offering's usage is not reported", SWITCH));
        }
        let systems = connect(&config)?;
        let reporter = Reporter { systems: &systems, policy: &config.policy, terms: &terms };
        // Until something is written, a signal ends it at once.
        let (report, exit) = tokio::select! {
            looked = look(reporter, only, &signals) => looked?,
            () = signals.stop().cancelled() => return Ok(signals.received().unwrap_or(Exit::Interrupted)),
        };
        // People see what is about to be sent; programs get one document when all is done.
        if self.format == Table::Text {
            style::print_plan(&text::render(&report))?;
        }
        let mut sendings = Vec::new();
        let exit = if self.dry_run {
            exit
        } else {
            sendings = reporter.send(&report, shell::now, signals.stop()).await;
            exit.worst(reports::tell(&sendings)?)
        };
        if self.format == Table::Json {
            let document = json::render(&report, &outcomes(&sendings));
            style::print(&document.map_err(|error| Failure::of(&error))?)?;
        }
        Ok(signals.received().unwrap_or(Exit::Success).worst(exit))
    }
}

const SWITCH: &str = "write `reporting_backend: rancher` in the offering";

async fn look(
    reporter: Reporter<'_>,
    only: Option<OfferingUuid>,
    signals: &Signals,
) -> Result<(Draft, Exit), Failure> {
    let (report, troubles) = reporter.look(shell::now(), signals.stop()).await;
    let exit = reports::tell_troubles(&troubles)?;
    let report = match only {
        Some(offering) => report.narrowed_to(offering),
        None => report,
    };
    let exit = exit.worst(reports::exit(&report));
    Ok((report, exit))
}

fn outcomes(sendings: &[Sending]) -> BTreeMap<ResourceUuid, String> {
    sendings.iter().map(|sending| (sending.resource, sending.sent.to_string())).collect()
}
