//! `agent sandbox`

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::failure::{Failure, on};
use super::shell::{self, Signals};
use super::{seed, style, town};
use crate::sandbox::waldur::Dialect;
use crate::sandbox::{Clock, Sandbox as Town, Seed, generate, serve};

/// Opens simulated Waldur, Rancher and Keycloak servers to try things on
///
/// Prints a configuration that is ready to use, and serves until it is stopped. A fourth address, the control address,
/// shows the servers' state and the journal of requests, lets somebody meddle, and injects faults: open it with a
/// browser or curl to see how.
#[derive(Debug, Args)]
pub(super) struct Sandbox {
    /// Fill the servers with a captured world, in place of a generated site
    #[arg(long, value_name = "FILE", conflicts_with_all = ["resources", "members", "seed"])]
    world: Option<PathBuf>,

    /// How many resources the generated site has
    #[arg(long, value_name = "N", default_value_t = 6)]
    resources: usize,

    /// How many members each project of the generated site has
    #[arg(long, value_name = "M", default_value_t = 4)]
    members: usize,

    /// Which site is generated: the same number, the same site
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,

    /// The Waldur of which year it imitates: the one of 2024 as it was recorded, or the newest one
    #[arg(long, value_name = "YEAR", value_enum, default_value_t = Year::Y2026)]
    waldur: Year,

    /// The port of Waldur; Rancher, Keycloak and the control address take the next three (0: any free ones)
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,

    /// Where to write the configuration, in place of stdout
    #[arg(long, value_name = "FILE")]
    config_out: Option<PathBuf>,

    /// How long each answer takes, such as 20ms
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = latency)]
    latency: Duration,
}

/// Whose dialect the simulated Waldur speaks.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Year {
    /// No slugs, empty answers to actions, a late task behind approvals
    #[value(name = "2024")]
    Y2024,
    /// Slugs, plain answers, and all that an agent may tell
    #[value(name = "2026")]
    Y2026,
}

impl From<Year> for Dialect {
    fn from(year: Year) -> Self {
        match year {
            Year::Y2024 => Self::Y2024,
            Year::Y2026 => Self::Y2026,
        }
    }
}

fn latency(text: &str) -> Result<Duration, String> {
    let span: jiff::SignedDuration = text.parse().map_err(|_| "write it as 20ms or 1s".to_owned())?;
    Duration::try_from(span).map_err(|_| "it is negative".to_owned())
}

impl Sandbox {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let signals = Signals::listen()?;
        let (mut seed, capture) = match &self.world {
            Some(file) => {
                let capture = shell::capture(file)?;
                (seed::of_capture(&capture)?, Some(capture))
            }
            None => (generated(self.resources, self.members, self.seed)?, None),
        };
        seed.waldur.dialect = self.waldur.into();
        let sandbox = Town::new(seed.clone(), Clock::starting_at(shell::now()));
        sandbox.set_latency(self.latency);
        let running = serve(sandbox, IpAddr::V4(Ipv4Addr::LOCALHOST), self.port).await.map_err(|error| {
            Failure::new(format!("the sandbox cannot be opened: {error}"), "choose another --port, or none")
        })?;
        let text = match &capture {
            Some(capture) => seed::configuration(&running, capture)?,
            None => town::configuration(&running, &seed)?,
        };
        match &self.config_out {
            Some(file) => {
                let what = format!("the configuration cannot be written to {}", file.display());
                std::fs::write(file, &text).map_err(on(what))?;
                style::tell(&format!("Configuration: {}", file.display()))?;
            }
            None => style::print(&text)?,
        }
        style::tell(&format!(
            "Waldur:   {}\nRancher:  {}\nKeycloak: {}\nControl:  {}\nServing until Ctrl-C.",
            running.waldur, running.rancher, running.keycloak, running.control
        ))?;
        signals.stop().cancelled().await;
        running.stop().await.map_err(on("the sandbox"))?;
        Ok(Exit::Success)
    }
}

fn generated(resources: usize, members: usize, seed: u64) -> Result<Seed, Failure> {
    generate(resources, members, seed).map_err(|why| Failure::new(why, "ask for a smaller site"))
}
