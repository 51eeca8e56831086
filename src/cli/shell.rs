//! What a command finds around it: files, the clock, the signals. Only the shell knows these.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{Timestamp, Unit};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::exit::Exit;
use super::failure::{Failure, on};
use super::{log, style};
use crate::config::{self, Config, Environment, Note, PolicyFile, Severity};
use crate::model::OfferingUuid;
use crate::model::capture::{Capture, InvalidCapture};
use crate::model::policy::Policy;
use crate::model::world::World;
use crate::plan::render::document::InvalidDocument;
use crate::plan::render::{Document, escaped};

/// A captured world of ten thousand resources has a tenth of this.
const LARGEST_CAPTURE: u64 = 512 * 1024 * 1024;

/// Returns the time to the second: what a plan prints and compares needs no more.
pub(super) fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the shell is where the time comes from")]
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now)
}

/// Reads the configuration and tells what a person should know about it.
pub(super) fn config(named: Option<PathBuf>) -> Result<Config, Failure> {
    let environment = Environment::of_process();
    let config = config::load(&config::file(named, &environment), &environment)?;
    log::follow(config.settings.log_level);
    tell_notes(&config.notes)?;
    Ok(config)
}

/// Reads the policy of a configuration, which needs no secrets.
pub(super) fn policy(file: &Path) -> Result<Policy, Failure> {
    let PolicyFile { policy, settings, notes } = config::load_policy(file, &Environment::of_process())?;
    log::follow(settings.log_level);
    tell_notes(&notes)?;
    Ok(policy)
}

fn tell_notes(notes: &[Note]) -> Result<(), Failure> {
    for note in notes {
        match note.severity {
            Severity::Warning => style::tell(&style::warning(&note.to_string(), &[]))?,
            Severity::Note => style::tell(&style::note(&note.to_string()))?,
        }
    }
    Ok(())
}

/// Reads a captured world, and the policy of the configuration, if one is named, in place of the captured one.
pub(super) fn captured(file: &Path, config: Option<&Path>) -> Result<(World, Policy), Failure> {
    let capture = capture(file)?;
    let policy = config.map(policy).transpose()?;
    Ok((capture.world, policy.unwrap_or(capture.policy)))
}

/// Reads a captured world.
pub(super) fn capture(file: &Path) -> Result<Capture, Failure> {
    let what = format!("the captured world {}", file.display());
    let text = text(file, &what)?;
    Capture::from_yaml(&text).map_err(|error| {
        let hint = match &error {
            InvalidCapture::Malformed(_) => "make one with `agent capture -o FILE`",
            InvalidCapture::Version { .. } => "capture the world again with this version",
        };
        Failure::new(format!("{what}: {}", super::failure::story(&error)), hint)
    })
}

/// Reads a saved plan.
pub(super) fn saved(file: &Path) -> Result<Document, Failure> {
    let what = format!("the saved plan {}", file.display());
    let text = text(file, &what)?;
    Document::from_json(&text).map_err(|error| {
        let hint = match &error {
            InvalidDocument::Malformed(_) | InvalidDocument::Disordered => {
                "save one with `agent plan --out FILE`"
            }
            InvalidDocument::Version { found: _ } => "save the plan again with this version",
        };
        Failure::new(format!("{what}: {}", super::failure::story(&error)), hint)
    })
}

/// Reads a file that a person names, unless it is larger than any such file.
fn text(file: &Path, what: &str) -> Result<String, Failure> {
    let size = std::fs::metadata(file).map_err(on(what))?.len();
    if size > LARGEST_CAPTURE {
        let hint = "check that this is the right file";
        return Err(Failure::new(format!("{what} is larger than {LARGEST_CAPTURE} bytes"), hint));
    }
    std::fs::read_to_string(file).map_err(on(what))
}

/// Finds an offering by what the operator calls it, or by its UUID.
pub(super) fn offering(policy: &Policy, named: &str) -> Result<OfferingUuid, Failure> {
    if let Ok(uuid) = named.parse::<OfferingUuid>()
        && policy.offerings.contains_key(&uuid)
    {
        return Ok(uuid);
    }
    let mut found = policy.offerings.iter().filter(|(_, offering)| offering.name == named);
    match (found.next(), found.next()) {
        (Some((uuid, _)), None) => Ok(*uuid),
        (Some(_), Some(_)) => {
            let hint = "name it by its UUID";
            Err(Failure::new(format!("several offerings are called \"{}\"", escaped(named)), hint))
        }
        (None, _) => {
            let names: Vec<String> = policy
                .offerings
                .values()
                .map(|offering| format!("\"{}\"", escaped(&offering.name)))
                .collect();
            let hint = format!("the configuration has {}", names.join(", "));
            Err(Failure::new(format!("there is no offering \"{}\"", escaped(named)), hint))
        }
    }
}

/// Listens for SIGHUP, by which whoever changed something asks for a cycle at once. Several are one until it is heard.
#[cfg(unix)]
pub(super) fn calls() -> Result<Arc<Notify>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let calls = Arc::new(Notify::new());
    let mut hangup = signal(SignalKind::hangup())?;
    let call = Arc::clone(&calls);
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            call.notify_one();
        }
    });
    Ok(calls)
}

/// There is no such signal here.
#[cfg(not(unix))]
pub(super) fn calls() -> Result<Arc<Notify>, Failure> {
    Ok(Arc::new(Notify::new()))
}

/// Listens for signals: the first one asks to stop, the second one ends the program at once.
#[derive(Debug, Clone)]
pub(super) struct Signals {
    stop: CancellationToken,
    which: tokio::sync::watch::Receiver<Option<Exit>>,
}

impl Signals {
    /// Begins to listen.
    pub(super) fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let stop = CancellationToken::new();
        let (say, which) = tokio::sync::watch::channel(None);
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let token = stop.clone();
        tokio::spawn(async move {
            loop {
                let exit = tokio::select! {
                    Some(()) = interrupt.recv() => Exit::Interrupted,
                    Some(()) = terminate.recv() => Exit::Terminated,
                    else => return,
                };
                if token.is_cancelled() {
                    // The operator does not want to wait for what is in flight.
                    std::process::exit(exit.code().into());
                }
                say.send_replace(Some(exit));
                token.cancel();
            }
        });
        Ok(Self { stop, which })
    }

    /// Returns what is cancelled by the first signal.
    pub(super) const fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Returns the exit code of the signal that came, if any.
    pub(super) fn received(&self) -> Option<Exit> {
        *self.which.borrow()
    }
}
