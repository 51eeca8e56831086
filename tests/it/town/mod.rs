//! A town in which the agent's own pipeline runs: the sandbox, a configuration for it, and clients over its routers.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test's scaffolding may fail the test")]

mod acts;
mod connect;
pub(super) mod judge;
mod normal;
mod predecessor;
mod reopen;
mod upheaval;
pub(super) mod usage;

use std::time::Duration;

use agent::apply::{Applied, Executor};
use agent::config::Config;
use agent::model::policy::Policy;
use agent::model::world::Memory;
use agent::observe::{self, Sighting};
use agent::plan::guard::{Verdict, guard};
use agent::plan::render::{Review, text};
use agent::plan::{Plan, plan};
use agent::reconcile::{Cycle, Observer, Reconciler};
use agent::sandbox::{Clock, Sandbox, Seed, System, generate, story};
use agent::systems::Systems;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub(super) use acts::{act, realm};
pub(super) use connect::socket;
use judge::Judgement;
pub(super) use normal::normal;
pub(super) use predecessor::{OLD_ROLE, left_by_the_python_agent};
pub(super) use reopen::{reopened, seed_of};
pub(super) use upheaval::Upheaval;

/// A sandbox, and the agent that keeps it.
pub(super) struct Town {
    pub(super) sandbox: Sandbox,
    pub(super) config: Config,
    pub(super) systems: Systems,
    pub(super) memory: Memory,
    /// What the servers held when they opened.
    seed: Seed,
}

/// A look and what is made of it.
pub(super) struct Decision {
    pub(super) seen: Sighting,
    pub(super) plan: Plan,
    pub(super) verdict: Verdict,
}

/// Requests to each of Waldur, Rancher and Keycloak.
pub(super) type Counts = [u64; 3];

impl Decision {
    pub(super) fn text(&self) -> String {
        text::render(Review { plan: &self.plan, verdict: &self.verdict })
    }

    /// Returns the kinds of the admitted steps, as `do` names them, in order.
    pub(super) fn kinds(&self) -> Vec<String> {
        kinds(self.verdict.admitted.steps())
    }
}

/// Returns the kinds of steps, as `do` names them.
pub(super) fn kinds(steps: &[agent::plan::Step]) -> Vec<String> {
    let kind = |step: &agent::plan::Step| serde_json::to_value(&step.action).unwrap()["do"].clone();
    steps.iter().map(|step| kind(step).as_str().unwrap().to_owned()).collect()
}

impl Town {
    pub(super) fn of(seed: Seed) -> Self {
        let config = connect::configuration(&seed, connect::NOWHERE);
        let sandbox = Sandbox::new(seed.clone(), Clock::starting_at("2026-11-23T08:00:00Z".parse().unwrap()));
        let systems = connect::in_process(&sandbox, &config);
        Self { sandbox, config, systems, memory: Memory::default(), seed }
    }

    /// The small town of the demo.
    pub(super) fn story() -> Self {
        Self::of(story().unwrap())
    }

    /// The small town of the demo, changed before it opens.
    pub(super) fn story_with(change: impl FnOnce(&mut Seed)) -> Self {
        let mut seed = story().unwrap();
        change(&mut seed);
        Self::of(seed)
    }

    pub(super) fn generated(resources: usize, members: usize) -> Self {
        Self::of(generate(resources, members, 7).unwrap())
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.config.policy
    }

    /// Makes new clients that remember nothing, as after a restart.
    pub(super) fn restart(&mut self) {
        self.systems = connect::in_process(&self.sandbox, &self.config);
        self.memory = Memory::default();
    }

    /// Makes clients over sockets that lead to `running`.
    pub(super) fn connect_to(&mut self, running: &agent::sandbox::Running) {
        let roots = [&running.waldur, &running.rancher, &running.keycloak].map(ToString::to_string);
        self.config = connect::configuration(&self.seed, [&roots[0], &roots[1], &roots[2]]);
        self.systems = connect::over_sockets(&self.config);
    }

    pub(super) async fn look(&self) -> Decision {
        let now = self.sandbox.clock().now();
        let seen = observe::look(&self.systems, self.policy(), now, self.memory.clone()).await;
        let plan = plan(&seen.world, self.policy());
        let verdict = guard(&plan, &seen.world, self.policy(), None).expect("no circle");
        Decision { seen, plan, verdict }
    }

    pub(super) async fn apply(&mut self, decision: &Decision) -> Applied {
        let remembered = (decision.seen.world.memory.clone(), decision.seen.world.taken_at);
        let executor = Executor::new(&self.systems);
        let stop = CancellationToken::new();
        let applied = executor.run(&decision.verdict.admitted, remembered, &stop, |_| {}).await;
        self.memory = applied.memory.clone();
        applied
    }

    /// Runs one cycle as `agent reconcile` would, and lets the servers finish what they are at.
    pub(super) async fn cycle(&mut self) -> Cycle {
        let cycle = self.cycle_alone().await;
        self.settle().await;
        cycle
    }

    /// Runs one cycle and nothing else: for who measures it.
    pub(super) async fn cycle_alone(&mut self) -> Cycle {
        let concurrency = &self.config.settings.concurrency;
        let limits = [
            (agent::plan::System::Waldur, concurrency.waldur),
            (agent::plan::System::Rancher, concurrency.rancher),
            (agent::plan::System::Keycloak, concurrency.keycloak),
        ];
        let observer = Observer { systems: &self.systems, policy: &self.config.policy };
        let reconciler = Reconciler::new(observer, limits.into());
        let now = self.sandbox.clock().now();
        let memory = std::mem::take(&mut self.memory);
        let cycle =
            reconciler.cycle(now, memory, &CancellationToken::new(), |_| {}).await.expect("no circle");
        self.memory = cycle.applied.memory.clone();
        cycle
    }

    /// Runs cycles until one has nothing to do; returns how many had something. More than four is no convergence.
    pub(super) async fn converge(&mut self) -> usize {
        for done in 0..5 {
            let cycle = self.cycle().await;
            if cycle.verdict.admitted.steps().is_empty() {
                return done;
            }
        }
        panic!("no convergence:\n{}", self.look().await.text());
    }

    /// Lets the servers' own controllers finish what they are at.
    pub(super) async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        // The simulated Rancher catches up when it is spoken to; this says nothing.
        self.meddle(act("rancher", "contend", serde_json::json!({ "updates": 0 })));
    }

    /// Lets time pass. Only with a paused clock.
    pub(super) async fn wait(&self, span: Duration) {
        tokio::time::advance(span).await;
    }

    /// Puts a fault in force, written as on the command line.
    pub(super) fn fault(&self, fault: &str) {
        self.sandbox.inject(fault.parse().unwrap());
    }

    /// Does something behind the agent's back, written as JSON.
    pub(super) fn meddle(&self, act: Value) {
        let shown = act.to_string();
        let act = serde_json::from_value(act).unwrap_or_else(|why| panic!("{shown}: {why}"));
        self.sandbox.meddle(act).unwrap_or_else(|why| panic!("{shown}: {why}"));
    }

    /// Begins to count requests anew.
    pub(super) fn mark(&self) {
        self.sandbox.clear_journal();
    }

    pub(super) fn reads(&self) -> Counts {
        System::ALL.map(|system| self.sandbox.reads(system))
    }

    pub(super) fn writes(&self) -> Counts {
        System::ALL.map(|system| self.sandbox.writes(system))
    }

    /// Returns what an onlooker says who sees all three servers from inside.
    pub(super) fn judge(&self) -> Judgement {
        judge::judge(&self.sandbox.snapshot(), &self.sandbox.clock().now().to_string())
    }

    /// Panics unless everybody has exactly the access that Waldur says, through exactly one of everything.
    pub(super) fn must_be_right(&self) {
        let judgement = self.judge();
        assert_eq!(judgement.have, judgement.wanted, "who can reach what, and who should");
        assert_eq!(judgement.defects, Vec::<String>::new());
    }
}
