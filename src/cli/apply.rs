//! `agent apply`

use std::path::{Path, PathBuf};

use clap::Args;

use super::ask::is_confirmed;
use super::exit::Exit;
use super::failure::Failure;
use super::live::{Decided, Live};
use super::shell::{self, Signals};
use super::{progress, style};
use crate::apply::Executor;
use crate::plan::render::{Counted, Document, changes, text};
use crate::plan::{Fingerprint, System};

/// Does what the plan says
///
/// Plans as `agent plan` does, shows the plan, asks, and applies it in the order of what its steps require. What a
/// safety rule holds is not done; --approve releases exactly what a plan has shown as held.
///
/// With FILE, it does what that saved plan says, or nothing: it looks and plans anew, and if that is not the same plan any
/// more, it shows what differs and ends with 4. Nothing is asked, because the saved plan was there to be read.
#[derive(Debug, Args)]
#[command(after_long_help = super::exit::HELP)]
pub(super) struct Apply {
    /// A plan that `agent plan --out FILE` saved
    #[arg(value_name = "FILE", conflicts_with = "offering")]
    plan: Option<PathBuf>,

    #[command(flatten)]
    config: super::ConfigFile,

    /// Apply only one offering's steps, by name or UUID; everything is read all the same
    #[arg(long, value_name = "NAME")]
    offering: Option<String>,

    /// Do not ask
    #[arg(long)]
    auto_approve: bool,

    /// Release what the budget holds if it is exactly this
    #[arg(long, value_name = "FINGERPRINT")]
    approve: Option<Fingerprint>,
}

impl Apply {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let signals = Signals::listen()?;
        // Until something is written, a signal ends it at once.
        let ready = tokio::select! {
            ready = self.prepare() => ready?,
            () = signals.stop().cancelled() => return Ok(signals.received().unwrap_or(Exit::Interrupted)),
        };
        let (live, decided) = match ready {
            Ready::Go(live, decided) => (live, decided),
            Ready::Stop(exit) => return Ok(exit),
        };
        let concurrency = live.config.settings.concurrency;
        let limits = [
            (System::Waldur, concurrency.waldur),
            (System::Rancher, concurrency.rancher),
            (System::Keycloak, concurrency.keycloak),
        ];
        let executor = Executor::new(&live.systems).with_limits(limits.into());
        let admitted = &decided.verdict.admitted;
        let remembered = (live.world.memory.clone(), live.world.taken_at);
        let applied = executor.run(admitted, remembered, signals.stop(), progress::tell).await;
        let (line, exit) = progress::summary(admitted, &applied);
        style::tell_end(&line, exit)?;
        Ok(signals.received().unwrap_or(Exit::Success).worst(exit).worst(decided.exit()))
    }

    async fn prepare(&self) -> Result<Ready, Failure> {
        match &self.plan {
            Some(file) => self.prepare_saved(file).await,
            None => self.prepare_anew().await,
        }
    }

    /// Looks, and compares what there is to do now with what was saved.
    async fn prepare_saved(&self, file: &Path) -> Result<Ready, Failure> {
        let saved = shell::saved(file)?;
        let live = Live::look(shell::config(self.config.config.clone())?).await?;
        let policy = &live.config.policy;
        let decided = Decided::on(&live.world, policy, saved.narrowed_to, saved.approved.as_ref())?;
        let now = Document::of(decided.review());
        let approval = self.approve.as_ref().filter(|approval| saved.approved.as_ref() != Some(approval));
        // What an approval releases is part of what was saved, too: with all that waited for it.
        if !now.does_the_same(&saved) || approval.is_some() && !now.holds_the_same(&saved) {
            style::print_changes(&changes::between(("the saved plan", &saved), ("the plan now", &now)))?;
            let what = "the world has changed since the plan was saved; nothing was done";
            return stale(&decided, what, "save a plan anew, and have that read");
        }
        let decided = match approval {
            None => decided,
            Some(approval) => Decided::on(&live.world, policy, saved.narrowed_to, Some(approval))?,
        };
        style::print_plan(&text::render(decided.review()))?;
        if decided.verdict.approval_is_stale {
            let what = "the approval fits nothing that the saved plan holds; nothing was done";
            return stale(&decided, what, "approve what the plan above says");
        }
        if decided.verdict.admitted.steps().is_empty() {
            return Ok(Ready::Stop(decided.exit()));
        }
        Ok(Ready::Go(Box::new(live), Box::new(decided)))
    }

    /// Looks, shows the plan, and asks.
    async fn prepare_anew(&self) -> Result<Ready, Failure> {
        let mut live = Live::look(shell::config(self.config.config.clone())?).await?;
        let only =
            self.offering.as_deref().map(|name| shell::offering(&live.config.policy, name)).transpose()?;
        let decided = Decided::on(&live.world, &live.config.policy, only, self.approve.as_ref())?;
        style::print_plan(&text::render(decided.review()))?;
        if decided.verdict.approval_is_stale {
            return stale(&decided, "the approval fits nothing that is held; nothing was done", LOOK_ABOVE);
        }
        if decided.verdict.admitted.steps().is_empty() {
            return Ok(Ready::Stop(decided.exit()));
        }
        if self.auto_approve {
            return Ok(Ready::Go(Box::new(live), Box::new(decided)));
        }
        if !is_confirmed(&question(decided.verdict.admitted.steps().len()), "the plan").await? {
            style::tell("Nothing was done.")?;
            return Ok(Ready::Stop(Exit::Error));
        }
        // Whoever was asked took their time: what they said yes to must still be what there is to do.
        live.look_again().await?;
        let fresh = Decided::on(&live.world, &live.config.policy, only, self.approve.as_ref())?;
        if !Document::of(fresh.review()).does_the_same(&Document::of(decided.review())) {
            style::print_plan(&text::render(fresh.review()))?;
            let what = "the world has changed since the plan was shown; nothing was done";
            return stale(&fresh, what, LOOK_ABOVE);
        }
        Ok(Ready::Go(Box::new(live), Box::new(fresh)))
    }
}

/// Whether there is something to apply.
enum Ready {
    Go(Box<Live>, Box<Decided>),
    Stop(Exit),
}

const LOOK_ABOVE: &str = "look at the plan above and apply that";

fn stale(decided: &Decided, what: &str, hint: &str) -> Result<Ready, Failure> {
    style::tell(&style::error(what, &[hint.to_owned()]))?;
    Ok(Ready::Stop(decided.exit().worst(Exit::Stale)))
}

fn question(steps: usize) -> String {
    let it = if steps == 1 { "this step" } else { "these" };
    format!("Apply {it}? {} will be done. Type \"yes\":", Counted(steps, "step", "steps"))
}
