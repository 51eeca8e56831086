//! What `reconcile` does in each of its rounds, and what it tells of it.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

use tracing::Instrument;

use super::exit::Exit;
use super::failure::Failure;
use super::shell::{self, Signals};
use super::{progress, style};
use crate::model::world::Memory;
use crate::plan::NoteKind;
use crate::plan::render::{Counted, Document, Review, text};
use crate::reconcile::known::{self, OpenOrders};
use crate::reconcile::rounds::{Rounds, Turn};
use crate::reconcile::schedule::Cause;
use crate::reconcile::{Observer, Outlook, Reconciler};
use crate::systems::{Trouble, TroubleKind};

/// What keeps on running: only one of the two can write.
pub(super) enum Agent<'a> {
    Observes(Observer<'a>),
    Keeps(Reconciler<'a>),
}

/// It, with what it remembers from cycle to cycle.
pub(super) struct Keeping<'a> {
    agent: Agent<'a>,
    memory: Memory,
    last_shown: String,
    /// How many cycles have begun.
    cycles: u64,
}

impl<'a> Keeping<'a> {
    /// Makes it; it remembers nothing.
    pub(super) fn new(agent: Agent<'a>) -> Self {
        Self { agent, memory: Memory::default(), last_shown: String::new(), cycles: 0 }
    }

    /// Does one cycle.
    pub(super) async fn once(&mut self, signals: &Signals) -> Result<Exit, Failure> {
        let (exit, _) = self.turn(Cause::First, signals).await?;
        Ok(signals.received().unwrap_or(exit))
    }

    /// Goes on until a signal.
    pub(super) async fn go_on(&mut self, mut rounds: Rounds<'_>, signals: &Signals) -> Result<Exit, Failure> {
        let calls = shell::calls()?;
        loop {
            match rounds.next(signals.stop(), &calls).await {
                Turn::Cycle(cause) => {
                    let (_, orders) = self.turn(cause, signals).await?;
                    rounds.ended(orders, RandomState::new().hash_one(0));
                }
                Turn::Blind(troubles) => rounds.span().in_scope(|| tell_blindness(&troubles))?,
                Turn::Sighted => {
                    let again = style::note("new orders can be looked for again");
                    rounds.span().in_scope(|| style::tell(&again))?;
                }
                Turn::Stop => return Ok(signals.received().unwrap_or(Exit::Success)),
            }
        }
    }

    /// Does a cycle, of which everything that is said bears the number.
    async fn turn(&mut self, cause: Cause, signals: &Signals) -> Result<(Exit, OpenOrders), Failure> {
        self.cycles += 1;
        let cycle = tracing::error_span!("cycle", cycle = self.cycles);
        async {
            tell_cause(cause)?;
            self.look_and_apply(signals).await
        }
        .instrument(cycle)
        .await
    }

    /// Looks, tells, and applies if it may. Returns the orders that are no news after that.
    async fn look_and_apply(&mut self, signals: &Signals) -> Result<(Exit, OpenOrders), Failure> {
        let observer = match &self.agent {
            Agent::Observes(observer) => *observer,
            Agent::Keeps(reconciler) => reconciler.observer(),
        };
        let memory = std::mem::take(&mut self.memory);
        let outlook = observer.look(shell::now(), memory, signals.stop()).await?;
        let exit = tell(&outlook, &mut self.last_shown)?;
        let mut orders = outlook.orders.clone();
        let (done, exit) = match &self.agent {
            Agent::Observes(_) => {
                self.memory = outlook.memory.clone();
                let count = outlook.verdict.admitted.steps().len();
                (format!("{} not taken: only observing.", Counted(count, "step", "steps")), exit)
            }
            Agent::Keeps(reconciler) => {
                let applied = reconciler.apply(&outlook, signals.stop(), progress::tell).await;
                let (line, ended) = progress::summary(&outlook.verdict.admitted, &applied);
                known::add_taken(&mut orders, &outlook.verdict.admitted, &applied.outcomes);
                self.memory = applied.memory;
                (line, exit.worst(ended))
            }
        };
        style::tell_end(&format!("{done}{}", left(&outlook)), exit)?;
        Ok((exit, orders))
    }
}

/// Tells why a cycle begins, where nobody could guess.
fn tell_cause(cause: Cause) -> Result<(), Failure> {
    match cause {
        Cause::First | Cause::Interval => {}
        Cause::Orders(_) | Cause::Call => style::tell(&style::note(&format!("{cause}: a cycle begins")))?,
    }
    Ok(())
}

fn tell_blindness(troubles: &BTreeSet<Trouble>) -> Result<(), Failure> {
    tell_troubles(troubles)?;
    Ok(style::tell(&style::note("until that works again, new orders wait for the next cycle"))?)
}

fn tell_troubles(troubles: &BTreeSet<Trouble>) -> Result<(), Failure> {
    for trouble in troubles {
        style::tell(&style::error(&trouble.what, trouble.hint.as_slice()))?;
    }
    Ok(())
}

/// Tells what a look found, before anything is done about it: the plan whenever it says something new.
fn tell(outlook: &Outlook, last_shown: &mut String) -> Result<Exit, Failure> {
    let Outlook { troubles, plan, verdict, memory: _, orders: _ } = outlook;
    let mut exit = Exit::Success;
    tell_troubles(troubles)?;
    for trouble in troubles {
        exit = exit.worst(match trouble.kind {
            TroubleKind::Credentials => Exit::Error,
            TroubleKind::Unreachable => Exit::Unreachable,
        });
    }
    let document = Document::of(Review { plan, verdict });
    let shown = text::shown(&document);
    if shown != *last_shown {
        style::tell_plan(&document)?;
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
