//! `agent apply`

use std::io::{BufRead, IsTerminal};
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;

use super::exit::Exit;
use super::failure::Failure;
use super::live::{Decided, Live};
use super::shell::{self, Signals};
use super::{progress, style};
use crate::apply::Executor;
use crate::plan::render::{Counted, text};
use crate::plan::{Fingerprint, System};

/// So long a plan that was shown stays fresh; after that the world is looked at again before anything is written.
const FRESH: Duration = Duration::from_mins(1);

/// Does what the plan says
///
/// Plans as `agent plan` does, shows the plan, asks, and applies it in the order of what its steps require. What a
/// safety rule holds is not done; --approve releases exactly what a plan has shown as held.
#[derive(Debug, Args)]
#[command(after_long_help = super::exit::HELP)]
pub(super) struct Apply {
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
        let mut live = Live::look(shell::config(self.config.config.clone())?).await?;
        let only =
            self.offering.as_deref().map(|name| shell::offering(&live.config.policy, name)).transpose()?;
        let mut decided = Decided::on(&live.world, &live.config.policy, only, self.approve.as_ref())?;
        style::print_plan(&text::render(decided.review()))?;
        if decided.verdict.admitted.steps().is_empty() {
            return Ok(decided.exit());
        }
        if !self.auto_approve {
            let shown = Instant::now();
            let fingerprint = decided.verdict.admitted.fingerprint();
            if !is_confirmed(decided.verdict.admitted.steps().len()).await? {
                style::tell("Nothing was done.")?;
                return Ok(signals.received().unwrap_or(Exit::Error));
            }
            if shown.elapsed() > FRESH {
                live.look_again().await?;
                decided = Decided::on(&live.world, &live.config.policy, only, self.approve.as_ref())?;
                if decided.verdict.admitted.fingerprint() != fingerprint {
                    style::print_plan(&text::render(decided.review()))?;
                    let hint = "look at the new plan above and apply it".to_owned();
                    style::tell(&style::error(
                        "the world has changed since the plan was shown; nothing was done",
                        &[hint],
                    ))?;
                    return Ok(decided.exit().worst(Exit::Stale));
                }
            }
        }
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
        style::tell(&line)?;
        Ok(signals.received().unwrap_or(Exit::Success).worst(exit).worst(decided.exit()))
    }
}

/// Asks on the terminal. Anything but "yes" is a no.
async fn is_confirmed(steps: usize) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        let hint = "look at the plan above, then pass --auto-approve";
        return Err(Failure::new("nobody can be asked: the input is no terminal; nothing was done", hint));
    }
    let it = if steps == 1 { "this step" } else { "these" };
    style::tell(&format!("Apply {it}? {} will be done. Type \"yes\":", Counted(steps, "step", "steps")))?;
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    })
    .await
    .map_err(std::io::Error::other)??;
    Ok(answer.trim() == "yes")
}
