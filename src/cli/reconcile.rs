//! `agent reconcile`

use std::collections::BTreeSet;
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
use super::{progress, reports, style};
use crate::model::world::Memory;
use crate::plan::render::{Counted, Review, text};
use crate::plan::{NoteKind, System};
use crate::reconcile::modes::{Mode, narrow};
use crate::reconcile::{Observer, Outlook, Reconciler, pause};
use crate::systems::TroubleKind;

/// The Python agent's interval.
const USUAL: Duration = Duration::from_mins(5);

/// Keeps everything in line: plans and applies again and again
///
/// Never asks: what the safety rules admit is applied, what they hold stays held and is reported. Beside the cycles,
/// usage is reported as `agent report` does it, every half an hour unless the configuration's report_interval says
/// otherwise. The first signal finishes what is in flight, the second stops at once.
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
        let interval = self.interval.map(|interval| interval.0).or(config.settings.interval).unwrap_or(USUAL);
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
        let cycles = agent.cycles(&signals, interval, self.once);
        if self.once {
            return cycles.await;
        }
        if !self.modes().contains(&Mode::Report) {
            return cycles.await;
        }
        reports::beside(cycles, &config, &systems, signals.stop(), !self.observe_only).await
    }

    fn modes(&self) -> BTreeSet<Mode> {
        if self.mode.is_empty() { Mode::ALL.into() } else { self.mode.iter().copied().collect() }
    }
}

/// What keeps on running: only one of the two can write.
enum Agent<'a> {
    Observes(Observer<'a>),
    Keeps(Reconciler<'a>),
}

impl Agent<'_> {
    /// Runs one cycle after the other until a signal comes, or only one.
    async fn cycles(&self, signals: &Signals, interval: Duration, once: bool) -> Result<Exit, Failure> {
        let mut memory = Memory::default();
        let mut last_shown = String::new();
        loop {
            let exit = self.turn(&mut memory, signals, &mut last_shown).await?;
            if let Some(signal) = signals.received() {
                return Ok(signal);
            }
            if once {
                return Ok(exit);
            }
            let pause = pause(interval, RandomState::new().hash_one(0));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = signals.stop().cancelled() => return Ok(signals.received().unwrap_or(Exit::Success)),
            }
        }
    }

    /// Looks, tells, and applies if it may.
    async fn turn(
        &self,
        memory: &mut Memory,
        signals: &Signals,
        last_shown: &mut String,
    ) -> Result<Exit, Failure> {
        let observer = match self {
            Self::Observes(observer) => *observer,
            Self::Keeps(reconciler) => reconciler.observer(),
        };
        let outlook = observer.look(shell::now(), std::mem::take(memory), signals.stop()).await?;
        let exit = tell(&outlook, last_shown)?;
        let (done, exit) = match self {
            Self::Observes(_) => {
                *memory = outlook.memory.clone();
                let count = outlook.verdict.admitted.steps().len();
                (format!("{} not taken: only observing.", Counted(count, "step", "steps")), exit)
            }
            Self::Keeps(reconciler) => {
                let applied = reconciler.apply(&outlook, signals.stop(), progress::tell).await;
                let (line, ended) = progress::summary(&outlook.verdict.admitted, &applied);
                *memory = applied.memory;
                (line, exit.worst(ended))
            }
        };
        style::tell(&format!("{} cycle: {done}{}", outlook.plan.taken_at, left(&outlook)))?;
        Ok(exit)
    }
}

/// Tells what a look found, before anything is done about it: the plan whenever it says something new.
fn tell(outlook: &Outlook, last_shown: &mut String) -> Result<Exit, Failure> {
    let Outlook { troubles, plan, verdict, memory: _ } = outlook;
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
    let held = if plan.is_held_somewhere() || !verdict.held.is_empty() { Exit::Held } else { Exit::Success };
    let blind = if plan.is_blind_somewhere() { Exit::Unreachable } else { Exit::Success };
    Ok(exit.worst(held).worst(blind))
}

/// Says what a cycle leaves undone: an operator who reads only this line must not miss it.
fn left(outlook: &Outlook) -> String {
    let notes = |kind| outlook.plan.notes.iter().filter(|note| note.kind == kind).count();
    let counts = [
        (outlook.verdict.held.len(), "step is held", "steps are held"),
        (notes(NoteKind::Held), "thing needs a person", "things need a person"),
        (notes(NoteKind::Unreadable), "thing could not be read", "things could not be read"),
    ];
    let told = counts.into_iter().filter(|(count, _, _)| *count > 0);
    let words: Vec<String> =
        told.map(|(count, one, many)| format!(" {}.", Counted(count, one, many))).collect();
    words.concat()
}
