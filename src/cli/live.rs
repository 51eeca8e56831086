//! One look at the live systems, and what a plan of it means for the exit code.

use std::collections::BTreeSet;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::connect::connect;
use super::exit::Exit;
use super::failure::Failure;
use super::{shell, style};
use crate::config::Config;
use crate::model::OfferingUuid;
use crate::model::policy::Policy;
use crate::model::world::{Memory, World};
use crate::observe;
use crate::plan::guard::{Verdict, guard};
use crate::plan::render::Review;
use crate::plan::{Fingerprint, Plan, Question, plan};
use crate::reconcile::LOOK;
use crate::systems::{Systems, Trouble};

/// A world, and the way to it.
pub(super) struct Live {
    pub(super) config: Config,
    pub(super) systems: Systems,
    pub(super) world: World,
    pub(super) troubles: BTreeSet<Trouble>,
}

impl Live {
    /// Connects and looks. Refused credentials end it: what could be planned without them would mislead.
    pub(super) async fn look(config: Config) -> Result<Self, Failure> {
        Self::look_also(config, |_| Vec::new()).await
    }

    /// The same, with questions that no plan asks, once everything else was read.
    pub(super) async fn look_also(
        config: Config,
        also: impl Fn(&World) -> Vec<Question>,
    ) -> Result<Self, Failure> {
        let systems = connect(&config)?;
        let mut live = Self {
            world: World::unread(shell::now(), Memory::default()),
            troubles: BTreeSet::new(),
            systems,
            config,
        };
        live.look_again_also(also).await?;
        Ok(live)
    }

    /// Looks once more.
    pub(super) async fn look_again(&mut self) -> Result<(), Failure> {
        self.look_again_also(|_| Vec::new()).await
    }

    async fn look_again_also(&mut self, also: impl Fn(&World) -> Vec<Question>) -> Result<(), Failure> {
        let memory = std::mem::take(&mut self.world.memory);
        let readers = self.systems.until(Instant::now() + LOOK, &CancellationToken::new());
        let seen = observe::look_also(&readers, &self.config.policy, (shell::now(), memory), also).await;
        self.world = seen.world;
        self.troubles = seen.troubles;
        if let Some(failure) = Failure::refused(self.troubles.iter()) {
            return Err(failure);
        }
        for trouble in &self.troubles {
            style::tell(&style::error(&trouble.what, trouble.hint.as_slice()))?;
        }
        Ok(())
    }
}

/// A plan and what the guard made of it.
pub(super) struct Decided {
    pub(super) plan: Plan,
    pub(super) verdict: Verdict,
}

impl Decided {
    /// Plans a world, narrowed to one offering if that was asked for.
    pub(super) fn on(
        world: &World,
        policy: &Policy,
        only: Option<OfferingUuid>,
        approval: Option<&Fingerprint>,
    ) -> Result<Self, Failure> {
        let plan = plan(world, policy);
        let plan = match only {
            Some(offering) => plan.narrowed_to(offering),
            None => plan,
        };
        let verdict = guard(&plan, world, policy, approval)?;
        Ok(Self { plan, verdict })
    }

    pub(super) const fn review(&self) -> Review<'_> {
        Review { plan: &self.plan, verdict: &self.verdict }
    }

    /// Returns what the plan says in its exit code before anything is applied: never hiding 3 or 6.
    pub(super) fn exit(&self) -> Exit {
        let blind = if self.plan.is_blind_somewhere() { Exit::Unreachable } else { Exit::Success };
        let held = self.plan.is_held_somewhere() || !self.verdict.held.is_empty();
        blind.worst(if held { Exit::Held } else { Exit::Success })
    }
}
