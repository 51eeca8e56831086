//! A line for each step that ends, on stderr; and what became of them all.

use super::exit::Exit;
use super::style;
use crate::apply::{Applied, Because, Outcome, Progress};
use crate::plan::guard::Admitted;
use crate::plan::render::{Counted, escaped, sentence, symbol};

/// Tells how a step ended. A terminal that went away must not stop the work.
pub(super) fn tell(progress: Progress<'_>) {
    let Progress { index: _, total, step, outcome, ended } = progress;
    let Some(outcome) = outcome else { return };
    let width = total.to_string().len();
    let sign = symbol(step.action.effect());
    let line = format!("[{ended:>width$}/{total}] {sign} {}", sentence(&step.action));
    let line = match outcome {
        Outcome::Done => line,
        Outcome::AlreadySo | Outcome::Skipped { .. } => format!("{line}: {}", escaped(&outcome.to_string())),
        Outcome::DoneWithout { why } => format!("{line}: done without: {}", escaped_whole(why)),
        Outcome::Failed { why, hint } => {
            let hint = hint.as_ref().map_or_else(String::new, |hint| format!("\n        hint: {hint}"));
            format!("{line}: FAILED: {}{hint}", escaped_whole(why))
        }
    };
    if let Err(error) = style::tell(&line) {
        tracing::debug!(%error, "stderr is closed");
    }
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
