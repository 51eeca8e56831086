//! `agent reconcile`

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use super::connect::connect;
use super::exit::Exit;
use super::failure::Failure;
use super::reports;
use super::rounds::{Agent, Keeping};
use super::shell::{self, Signals};
use crate::config::Settings;
use crate::plan::System;
use crate::reconcile::modes::{Mode, narrow};
use crate::reconcile::rounds::Rounds;
use crate::reconcile::schedule::{Intervals, USUAL_CYCLE, USUAL_ORDERS};
use crate::reconcile::{Observer, Reconciler};

/// Keeps everything in line: plans and applies again and again
///
/// Never asks: what the safety rules admit is applied, what they hold stays held and is reported. Between two cycles it
/// looks for new orders; one that is new, or has changed its state, begins a cycle at once, and so does the signal
/// SIGHUP. Beside the cycles, usage is reported as `agent report` does it, every half an hour unless the configuration's
/// report_interval says otherwise. The first signal to stop finishes what is in flight, the second stops at once.
#[derive(Debug, Args)]
#[command(after_long_help = super::exit::HELP)]
pub(super) struct Reconcile {
    #[command(flatten)]
    config: super::ConfigFile,

    /// Stop after one cycle; usage is not reported then
    #[arg(long)]
    once: bool,

    /// Only look and plan, again and again; nothing is written
    ///
    /// For the first days beside another agent, or to watch what would be done.
    #[arg(long)]
    observe_only: bool,

    /// The time between two cycles, such as 90s or 5m [default: the configuration's, else 5m]
    #[arg(long, value_name = "TIME")]
    interval: Option<Interval>,

    /// The time between two looks for new orders alone [default: the configuration's, else 15s]
    ///
    /// Such a look costs one small request for each offering.
    #[arg(long, value_name = "TIME")]
    orders_interval: Option<Interval>,

    /// Which steps to take: order_process (orders, projects and quotas), membership_sync (groups, bindings and
    /// members), report (usage) [default: all]
    ///
    /// Everything is read all the same. What the configuration switches off stays off.
    #[arg(short, long, value_name = "MODES", value_delimiter = ',')]
    mode: Vec<Mode>,
}

/// A time that an operator writes.
#[derive(Debug, Clone, Copy)]
struct Interval(Duration);

impl FromStr for Interval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span: SignedDuration = text.parse().map_err(|_| "write it as 90s, 5m or 1h".to_owned())?;
        let span = Duration::try_from(span).map_err(|_| "it is negative".to_owned())?;
        if (Duration::from_secs(1)..=Duration::from_hours(24)).contains(&span) {
            Ok(Self(span))
        } else {
            Err("it is between a second and a day".to_owned())
        }
    }
}

impl Reconcile {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let signals = Signals::listen()?;
        let named: Option<PathBuf> = self.config.config.clone();
        let mut config = shell::config(named)?;
        narrow(&mut config.policy, &self.modes());
        let intervals = self.intervals(&config.settings);
        let concurrency = config.settings.concurrency;
        let systems = connect(&config)?;
        let observer = Observer { systems: &systems, policy: &config.policy };
        let agent = if self.observe_only {
            Agent::Observes(observer)
        } else {
            let limits = [
                (System::Waldur, concurrency.waldur),
                (System::Rancher, concurrency.rancher),
                (System::Keycloak, concurrency.keycloak),
            ];
            Agent::Keeps(Reconciler::new(observer, limits.into()))
        };
        let mut keeping = Keeping::new(agent);
        if self.once {
            return keeping.once(&signals).await;
        }
        let cycles = keeping.go_on(Rounds::new(&systems, &config.policy, intervals), &signals);
        if !self.modes().contains(&Mode::Report) {
            return cycles.await;
        }
        reports::beside(cycles, &config, &systems, signals.stop(), !self.observe_only).await
    }

    fn modes(&self) -> BTreeSet<Mode> {
        if self.mode.is_empty() { Mode::ALL.into() } else { self.mode.iter().copied().collect() }
    }

    fn intervals(&self, settings: &Settings) -> Intervals {
        let chosen = |interval: Option<Interval>| interval.map(|Interval(span)| span);
        let cycle = chosen(self.interval).or(settings.interval).unwrap_or(USUAL_CYCLE);
        let orders = chosen(self.orders_interval).or(settings.orders_interval).unwrap_or(USUAL_ORDERS);
        Intervals { cycle, orders: Some(orders) }
    }
}
