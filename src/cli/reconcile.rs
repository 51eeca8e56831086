//! `agent reconcile`

use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use super::connect::connect;
use super::exit::Exit;
use super::failure::Failure;
use super::shell::{self, Signals};
use super::{progress, style};
use crate::model::world::Memory;
use crate::plan::System;
use crate::plan::render::{Review, text};
use crate::reconcile::{Cycle, Reconciler, pause};
use crate::systems::TroubleKind;

/// The Python agent's interval.
const USUAL: Duration = Duration::from_mins(5);

/// Keeps everything in line: plans and applies again and again
///
/// Never asks: what the safety rules admit is applied, what they hold stays held and is reported. The first signal
/// finishes what is in flight, the second stops at once.
#[derive(Debug, Args)]
#[command(after_long_help = super::exit::HELP)]
pub(super) struct Reconcile {
    #[command(flatten)]
    config: super::ConfigFile,

    /// Stop after one cycle
    #[arg(long)]
    once: bool,

    /// The time between two cycles, such as 90s or 5m [default: the configuration's, else 5m]
    #[arg(long, value_name = "TIME")]
    interval: Option<Interval>,
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
        let named: Option<PathBuf> = self.config.config;
        let config = shell::config(named)?;
        let interval = self.interval.map(|interval| interval.0).or(config.settings.interval).unwrap_or(USUAL);
        let concurrency = config.settings.concurrency;
        let systems = connect(&config)?;
        let reconciler = Reconciler {
            systems: &systems,
            policy: &config.policy,
            limits: [
                (System::Waldur, concurrency.waldur),
                (System::Rancher, concurrency.rancher),
                (System::Keycloak, concurrency.keycloak),
            ]
            .into(),
        };
        let mut memory = Memory::default();
        let mut last_shown = String::new();
        loop {
            let cycle = reconciler.cycle(shell::now(), memory, signals.stop(), progress::tell).await?;
            let exit = tell(&cycle, &mut last_shown)?;
            memory = cycle.applied.memory;
            if let Some(signal) = signals.received() {
                return Ok(signal);
            }
            if self.once {
                return Ok(exit);
            }
            let pause = pause(interval, RandomState::new().hash_one(0));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = signals.stop().cancelled() => return Ok(signals.received().unwrap_or(Exit::Success)),
            }
        }
    }
}

/// Tells what a cycle was about: the plan whenever it says something new, and one line in any case.
fn tell(cycle: &Cycle, last_shown: &mut String) -> Result<Exit, Failure> {
    let Cycle { troubles, plan, verdict, applied } = cycle;
    let mut exit = Exit::Success;
    for trouble in troubles {
        style::tell(&style::error(&trouble.what, trouble.hint.as_slice()))?;
        exit = exit.worst(match trouble.kind {
            TroubleKind::Credentials => Exit::Error,
            TroubleKind::Unreachable => Exit::Unreachable,
        });
    }
    let shown = text::render(Review { plan, verdict });
    if shown != *last_shown {
        style::print_plan(&shown)?;
        *last_shown = shown;
    }
    let (line, applied) = progress::summary(&verdict.admitted, applied);
    style::tell(&format!("{} cycle: {line}", plan.taken_at))?;
    let held = if plan.is_held_somewhere() || !verdict.held.is_empty() { Exit::Held } else { Exit::Success };
    let blind = if plan.is_blind_somewhere() { Exit::Unreachable } else { Exit::Success };
    Ok(exit.worst(applied).worst(held).worst(blind))
}
