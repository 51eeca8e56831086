//! What `agent report` and `agent reconcile` tell of usage reports, and how the latter makes them in between.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};

use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::exit::Exit;
use super::failure::Failure;
use super::{shell, style};
use crate::config::Config;
use crate::plan::render::{Counted, escaped};
use crate::plan::report::{Report, text};
use crate::reconcile::schedule::pause;
use crate::report::{Reporter, Sending, Sent, USUAL};
use crate::systems::{Systems, Trouble, TroubleKind};

/// Runs `cycles` to their end, and reports usage beside them on an interval of its own: at once, and then again and
/// again. When the cycles have ended, what is on its way is finished and nothing new is begun. Unless it `sends`, it
/// only tells what it would.
pub(super) async fn beside(
    cycles: impl Future<Output = Result<Exit, Failure>>,
    config: &Config,
    systems: &Systems,
    stop: &CancellationToken,
    sends: bool,
) -> Result<Exit, Failure> {
    let over = stop.child_token();
    let cycles = async {
        let ended = cycles.await;
        over.cancel();
        ended
    };
    let (ended, reported) = tokio::join!(cycles, keep_reporting(config, systems, &over, sends));
    reported?;
    ended
}

async fn keep_reporting(
    config: &Config,
    systems: &Systems,
    over: &CancellationToken,
    sends: bool,
) -> Result<(), Failure> {
    let terms = config.settings.terms();
    if terms.offerings.is_empty() {
        return Ok(());
    }
    let reporter = Reporter { systems, policy: &config.policy, terms: &terms };
    let interval = config.settings.report_interval.unwrap_or(USUAL);
    let mut told = Vec::new();
    for number in 1_u64.. {
        let round = tracing::error_span!("usage", usage = number);
        report_once(reporter, over, sends, &mut told).instrument(round).await?;
        if over.is_cancelled() {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(pause(interval, RandomState::new().hash_one(0))) => {}
            () = over.cancelled() => {}
        }
    }
    Ok(())
}

/// Looks once, and tells and sends what is to be reported. What was `told` already is not told every half an hour.
async fn report_once(
    reporter: Reporter<'_>,
    over: &CancellationToken,
    sends: bool,
    told: &mut Vec<String>,
) -> Result<(), Failure> {
    let (report, troubles) = reporter.look(shell::now(), over).await;
    if over.is_cancelled() {
        return Ok(());
    }
    let exit = tell_troubles(&troubles)?;
    let problems: Vec<String> = report.offerings.iter().flat_map(text::problems).collect();
    for problem in problems.iter().filter(|problem| !told.contains(*problem)) {
        style::tell(&style::warning(problem, &[]))?;
    }
    *told = problems;
    if !sends {
        let count = Counted(report.dispatches().len(), "report", "reports");
        style::tell_end(&format!("{count} not sent: only observing."), exit)?;
        return Ok(());
    }
    let sendings = reporter.send(&report, shell::now, over).await;
    tell(&sendings)?;
    Ok(())
}

/// Tells which systems could not be asked, and returns what that means for the exit code.
pub(super) fn tell_troubles(troubles: &BTreeSet<Trouble>) -> Result<Exit, Failure> {
    let mut exit = Exit::Success;
    for trouble in troubles {
        style::tell(&style::error(&trouble.what, trouble.hint.as_slice()))?;
        exit = exit.worst(match trouble.kind {
            TroubleKind::Credentials => Exit::Error,
            TroubleKind::Unreachable => Exit::Unreachable,
        });
    }
    Ok(exit)
}

/// Returns what a report says in the exit code before anything is sent.
pub(super) fn exit(report: &Report) -> Exit {
    let blind = if report.is_blind_somewhere() { Exit::Unreachable } else { Exit::Success };
    blind.worst(if report.is_held_somewhere() { Exit::Held } else { Exit::Success })
}

/// Tells what became of what was sent.
pub(super) fn tell(sendings: &[Sending]) -> Result<Exit, Failure> {
    tell_failures(sendings)?;
    let is_done = |sending: &Sending| sending.sent == Sent::Done;
    let exit = if sendings.iter().all(is_done) { Exit::Success } else { Exit::Partly };
    style::tell_end(&summary(sendings), exit)?;
    Ok(exit)
}

fn tell_failures(sendings: &[Sending]) -> Result<(), Failure> {
    for Sending { resource: _, name, sent } in sendings {
        if let Sent::Failed { why } = sent {
            // A failure's story is longer than a name may be.
            let why = why.split(' ').map(escaped).collect::<Vec<_>>().join(" ");
            style::tell(&style::error(&format!("\"{}\": {why}", escaped(name)), &[]))?;
        }
    }
    Ok(())
}

fn summary(sendings: &[Sending]) -> String {
    let count = |wanted: fn(&Sent) -> bool| sendings.iter().filter(|one| wanted(&one.sent)).count();
    let done = Counted(count(|sent| *sent == Sent::Done), "report", "reports");
    let failed = count(|sent| matches!(sent, Sent::Failed { .. }));
    let late = count(|sent| *sent == Sent::TooLate);
    let mut text = format!("{done} sent");
    for (number, word) in [(failed, "failed"), (late, "too late for the month")] {
        if number > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, ", {number} {word}");
        }
    }
    text.push('.');
    text
}
