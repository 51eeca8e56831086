//! `agent components`

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use super::ask::is_confirmed;
use super::connect::connect;
use super::exit::Exit;
use super::failure::Failure;
use super::format::Table;
use super::shell::{self, Signals};
use super::{reports, style};
use crate::components::{Draft, Loader, Sending, Sent, json, text};
use crate::plan::render::Counted;

/// Brings what an offering sells in line with the configuration
#[derive(Debug, Args)]
pub(super) struct Components {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Load(Load),
}

/// Loads the configuration's components into Waldur
///
/// Compares each offering's components in Waldur with `backend_components`, shows what differs, asks, and creates and
/// changes what is needed. Nothing is removed, and what the configuration does not say stays as it is: components and
/// fields that are only in Waldur are left alone. If one component is refused, the others go on.
#[derive(Debug, Args)]
#[command(after_long_help = super::exit::HELP)]
struct Load {
    #[command(flatten)]
    config: super::ConfigFile,

    /// Load only one offering's components, by name or UUID
    #[arg(long, value_name = "NAME")]
    offering: Option<String>,

    /// Do not ask before loading
    #[arg(long)]
    auto_approve: bool,

    /// Show what would be loaded, and load nothing
    #[arg(long, conflicts_with = "auto_approve")]
    dry_run: bool,

    /// How to print it; json wants --auto-approve or --dry-run
    #[arg(long, value_enum, default_value_t = Table::Text)]
    format: Table,
}

impl Components {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        match self.what {
            What::Load(load) => load.run().await,
        }
    }
}

impl Load {
    async fn run(self) -> Result<Exit, Failure> {
        // Nobody can say yes to a list that they were not shown.
        if self.format == Table::Json && !self.auto_approve && !self.dry_run {
            return Err(Failure::new("nobody can be asked about JSON", "pass --dry-run, or --auto-approve"));
        }
        let signals = Signals::listen()?;
        let config = shell::config(self.config.config.clone())?;
        let only = self.offering.as_deref().map(|name| shell::offering(&config.policy, name)).transpose()?;
        let named = |uuid| config.policy.offerings.get(uuid).map_or("?", |offering| offering.name.as_str());
        let offerings =
            config.settings.offerings.iter().filter(|(uuid, _)| only.is_none_or(|it| it == **uuid));
        let offerings: BTreeMap<_, _> = offerings
            .map(|(uuid, offering)| (*uuid, (named(uuid).to_owned(), offering.components.clone())))
            .collect();
        let systems = connect(&config)?;
        let loader = Loader { systems: &systems, offerings: &offerings };
        // Until something is written, a signal ends it at once.
        let decided = tokio::select! {
            decided = self.decide(loader, &signals) => decided?,
            () = signals.stop().cancelled() => return Ok(signals.received().unwrap_or(Exit::Interrupted)),
        };
        let (draft, exit) = match decided {
            Decided::Send(draft, exit) => (draft, exit),
            Decided::Stop(draft, exit) => {
                self.print_document(&draft, &[])?;
                return Ok(exit);
            }
        };
        let sendings = loader.send(&draft, signals.stop()).await;
        self.print_document(&draft, &sendings)?;
        let exit = exit.worst(tell(&draft, &sendings)?);
        Ok(signals.received().unwrap_or(Exit::Success).worst(exit))
    }

    /// Looks, shows what differs, and asks.
    async fn decide(&self, loader: Loader<'_>, signals: &Signals) -> Result<Decided, Failure> {
        let (draft, exit) = look(loader, signals).await?;
        if self.format == Table::Text {
            style::print_plan(&text::render(&draft))?;
        }
        if self.dry_run || draft.is_empty() {
            return Ok(Decided::Stop(draft, exit));
        }
        if self.auto_approve {
            return Ok(Decided::Send(draft, exit));
        }
        let count = draft.changes().count();
        let question = format!("Load {}? Type \"yes\":", Counted(count, "component", "components"));
        if !is_confirmed(&question, "the list").await? {
            style::tell("Nothing was done.")?;
            return Ok(Decided::Stop(draft, Exit::Error));
        }
        // Whoever was asked took their time: what they said yes to must still be what there is to do.
        let (fresh, exit) = look(loader, signals).await?;
        if fresh != draft {
            style::print_plan(&text::render(&fresh))?;
            let what = "the components have changed since they were shown; nothing was done";
            style::tell(&style::error(what, &["look at the list above and load that".to_owned()]))?;
            return Ok(Decided::Stop(fresh, exit.worst(Exit::Stale)));
        }
        Ok(Decided::Send(fresh, exit))
    }

    /// Programs get one document when all is done.
    fn print_document(&self, draft: &Draft, sendings: &[Sending]) -> Result<(), Failure> {
        if self.format == Table::Json {
            style::print(&json::render(draft, sendings).map_err(|error| Failure::of(&error))?)?;
        }
        Ok(())
    }
}

/// Whether there is something to send.
enum Decided {
    Send(Draft, Exit),
    Stop(Draft, Exit),
}

async fn look(loader: Loader<'_>, signals: &Signals) -> Result<(Draft, Exit), Failure> {
    let (draft, troubles) = loader.look(signals.stop()).await;
    // Refused credentials are an error; with several offerings, the others may have others.
    if draft.offerings.len() == 1
        && let Some(failure) = Failure::refused(troubles.iter())
    {
        return Err(failure);
    }
    let mut exit = reports::tell_troubles(&troubles.into_iter().collect())?;
    if draft.is_blind() {
        exit = exit.worst(Exit::Unreachable);
    }
    Ok((draft.clone(), if draft.is_partial() { exit.worst(Exit::Partly) } else { exit }))
}

/// Tells what became of each component.
fn tell(draft: &Draft, sendings: &[Sending]) -> Result<Exit, Failure> {
    let mut failed = 0;
    for Sending { offering, component, sent } in sendings {
        let place = text::place(draft, *offering, component.as_str());
        match sent {
            Sent::Created | Sent::Changed => style::tell(&format!("{place}: {sent}"))?,
            Sent::Failed { .. } | Sent::Skipped => {
                failed += 1;
                style::tell(&style::error(&format!("{place}: {sent}"), &[]))?;
            }
        }
    }
    let loaded = sendings.len() - failed;
    let rest = if failed > 0 { format!(", {failed} not") } else { String::new() };
    style::tell(&format!("{} loaded{rest}.", Counted(loaded, "component", "components")))?;
    Ok(if failed > 0 { Exit::Partly } else { Exit::Success })
}
