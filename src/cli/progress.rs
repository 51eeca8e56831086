//! A line for each step that ends, on stderr; and what became of them all.

use tracing::Level;

use super::exit::Exit;
use crate::apply::{Applied, Because, Outcome, Progress};
use crate::plan::guard::Admitted;
use crate::plan::render::{Counted, escaped, sentence, symbol};
use crate::telemetry::{Detail, Told};

/// Tells how a step ended.
pub(super) fn tell(progress: Progress<'_>) {
    let Progress { index: _, total, step, outcome, ended } = progress;
    let Some(outcome) = outcome else { return };
    let width = total.to_string().len();
    let sign = symbol(step.action.effect());
    let line = format!("[{ended:>width$}/{total}] {sign} {}", sentence(&step.action));
    let said = || escaped(&outcome.to_string());
    let (line, level, word, hint) = match outcome {
        Outcome::Done => (line, Level::INFO, "done", None),
        Outcome::AlreadySo => (format!("{line}: {}", said()), Level::INFO, "already so", None),
        Outcome::Skipped { .. } => (format!("{line}: {}", said()), Level::WARN, "skipped", None),
        Outcome::DoneWithout { why } => {
            (format!("{line}: done without: {}", escaped_whole(why)), Level::INFO, "done without", None)
        }
        Outcome::Failed { why, hint } => {
            (format!("{line}: FAILED: {}", escaped_whole(why)), Level::ERROR, "failed", hint.as_deref())
        }
    };
    let detail = Detail { outcome: Some(word), because: Some(step.reason.to_string()), about: None };
    // A stderr that cannot be written to does not stop work that is under way; whoever tells its end learns of it.
    Told::new(line).at(level).with_hint(hint).with(detail).emit();
}

/// A failure's story is longer than a name may be.
fn escaped_whole(text: &str) -> String {
    text.split(' ').map(escaped).collect::<Vec<_>>().join(" ")
}

/// Returns what became of a plan in one line, and in the exit code.
pub(super) fn summary(admitted: &Admitted, applied: &Applied) -> (String, Exit) {
    let count =
        |wanted: fn(&Outcome) -> bool| applied.outcomes.iter().filter(|outcome| wanted(outcome)).count();
    let done = count(|outcome| matches!(outcome, Outcome::Done));
    let so = count(|outcome| matches!(outcome, Outcome::AlreadySo));
    let without = count(|outcome| matches!(outcome, Outcome::DoneWithout { .. }));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed { .. }));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped { .. }));
    let mut parts = vec![format!("{} done", Counted(done, "step", "steps"))];
    for (number, word) in
        [(so, "already so"), (without, "done without"), (failed, "failed"), (skipped, "skipped")]
    {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    let stopped = applied
        .outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Outcome::Skipped { because: Because::Stopping }))
        .count();
    let total = Counted(admitted.steps().len(), "step", "steps");
    let end = if stopped > 0 { format!("; stopped before {stopped} of {total}") } else { String::new() };
    let exit = if failed + skipped > 0 { Exit::Partly } else { Exit::Success };
    (format!("{}{end}.", parts.join(", ")), exit)
}
