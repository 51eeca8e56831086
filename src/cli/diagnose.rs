//! `agent diagnose`

use clap::Args;

use super::connect::connect;
use super::doors::doors;
use super::exit::Exit;
use super::failure::Failure;
use super::format::Table;
use super::shell::{self, Signals};
use super::{log, style};
use crate::config::{self, Config, Environment};
use crate::diagnose::{self, Diagnosis, Site, Verdict, json, text};

/// Says what is right and what is wrong with the configuration and the three systems
///
/// Looks at the configuration; at each server's name, certificate and answer; whether the credentials are accepted, how
/// long they last, and whether their rights suffice; and at what has to fit together: offerings, components, usernames,
/// roles, realms, groups. Each check is one line, with a hint below what needs one. Systems are looked at
/// independently; what could not be looked at because of something else is said to be unknown. Nothing is ever
/// written, and nothing is tried out: rights are read off what the servers show.
///
/// Exits with 0 if nothing is wrong, remarks or not, and else with 1, also if a system cannot be reached.
#[derive(Debug, Args)]
pub(super) struct Diagnose {
    #[command(flatten)]
    config: super::ConfigFile,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Table::Text)]
    format: Table,
}

impl Diagnose {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let signals = Signals::listen()?;
        let environment = Environment::of_process();
        let diagnosis = match config::load(&config::file(self.config.config, &environment), &environment) {
            Ok(config) => {
                log::follow(config.settings.log_level);
                tokio::select! {
                    diagnosis = look(&config) => diagnosis,
                    () = signals.stop().cancelled() => {
                        return Ok(signals.received().unwrap_or(Exit::Interrupted));
                    }
                }
            }
            Err(config::Error::Problems(problems)) => diagnose::broken(&problems),
            Err(error) => unusable(&error.into()),
        };
        match self.format {
            Table::Text => style::print_findings(&text::render(&diagnosis))?,
            Table::Json => style::print(&json::render(&diagnosis).map_err(|error| Failure::of(&error))?)?,
        }
        Ok(if diagnosis.verdict() == Verdict::Wrong { Exit::Error } else { Exit::Success })
    }
}

/// Looks at everything; what the clients cannot even be made of is a mistake in the configuration.
async fn look(config: &Config) -> Diagnosis {
    match connect(config).and_then(|systems| Ok((systems, doors(config)?))) {
        Ok((systems, doors)) => {
            diagnose::diagnose(&Site { config, systems: &systems, doors: &doors, now: shell::now() }).await
        }
        Err(failure) => unusable(&failure),
    }
}

fn unusable(Failure { exit: _, what, hints }: &Failure) -> Diagnosis {
    diagnose::unusable(what, hints)
}
