//! Small towns in which there is a lot to do at once, and what may never happen in them on the way.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use std::collections::BTreeSet;
use std::time::Duration;

use agent::sandbox::waldur::Dialect;
use agent::sandbox::{Seed, generate};
use serde_json::{Value, json};

use super::judge::Access;
use super::{Town, act, normal, seed_of};

/// A town to be opened again and again, always the same.
pub(in super::super) struct Upheaval {
    seed: Seed,
    /// How long it has been open before anything happens.
    pub(in super::super) age: Duration,
    /// How it ends when nothing disturbs the agent.
    pub(in super::super) end: Value,
    /// Who has access and keeps it.
    keeps: BTreeSet<Access>,
    /// Who may have access at some time on the way.
    may: BTreeSet<Access>,
}

/// One project with three resources and three people.
fn hamlet() -> Town {
    let mut seed = generate(3, 3, 1).unwrap();
    for resource in &mut seed.waldur.resources {
        resource.limits = [("cpu".to_owned(), json!(4)), ("memory".to_owned(), json!(16))].into();
    }
    Town::of(seed)
}

fn people(town: &Town) -> Vec<(String, String)> {
    let snapshot = town.sandbox.snapshot();
    let grants = snapshot["waldur"]["projects"][0]["grants"].as_array().unwrap();
    let uuids = grants.iter().map(|grant| grant["user_uuid"].as_str().unwrap().to_owned());
    let name = |uuid: &String| {
        let users = snapshot["waldur"]["users"].as_array().unwrap();
        let user = users.iter().find(|user| user["uuid"] == uuid.as_str()).unwrap();
        user["username"].as_str().unwrap().to_owned()
    };
    uuids.map(|uuid| (name(&uuid), uuid)).collect()
}

impl Upheaval {
    /// Nothing is there yet.
    pub(in super::super) async fn from_nothing() -> Self {
        Self::in_town(&hamlet(), Duration::ZERO).await
    }

    /// Everything was in order; then somebody left, somebody came back, and hands were laid on things.
    pub(in super::super) async fn of_everything() -> Self {
        let mut town = hamlet();
        let team = people(&town);
        let (project, late) = (town.project_name(), &team[1].0);
        town.leaves(late, &project);
        town.converge().await;
        town.joins(late, &project);
        town.leaves(&team[2].0, &project);
        town.account("mallory");
        town.sneaks_into("mallory", &project);
        // Nobody meddles with the third, so that there is access to keep.
        let [first, second, _] = town.resource_names();
        let binding = town.bindings_of(&first).pop().unwrap();
        town.meddle(act("rancher", "delete-binding", json!({ "id": binding })));
        let id = town.project_of(&first)["id"].clone();
        let fields = json!({ "project_id": id, "description": "mine" });
        town.meddle(act("rancher", "set-description", fields));
        town.set_resource(&first, json!({ "limits": { "cpu": 2, "memory": 16 }, "backend_id": "" }));
        let id = town.project_of(&second)["id"].clone();
        town.meddle(act("rancher", "delete-project", json!({ "id": id })));
        town.settle().await;
        Self::in_town(&town, Duration::ZERO).await
    }

    /// The team was empty for longer than the grace: bindings, group and parent go.
    pub(in super::super) async fn of_an_empty_team() -> Self {
        let mut town = hamlet();
        town.converge().await;
        town.config.policy.budget.people = 100;
        let project = town.project_name();
        for (name, _) in people(&town) {
            town.leaves(&name, &project);
        }
        town.cycle().await;
        Self::in_town(&town, Duration::from_mins(15)).await
    }

    /// Everything was in order; then something new, other limits and an end were ordered.
    pub(in super::super) async fn of_orders(dialect: Dialect) -> Self {
        let mut seed = seed_of(&hamlet());
        seed.waldur.dialect = dialect;
        let mut town = Town::of(seed);
        town.converge().await;
        let project = town.project_name();
        let [first, second, _] = town.resource_names();
        town.orders("Something new", &project, json!({ "cpu": 2, "memory": 4 }));
        town.orders_limits(&first, json!({ "cpu": 8, "memory": 16 }));
        town.orders_the_end_of(&second);
        Self::in_town(&town, Duration::ZERO).await
    }

    async fn in_town(town: &Town, age: Duration) -> Self {
        let seed = seed_of(town);
        let mut upheaval = Self { seed, age, end: Value::Null, keeps: BTreeSet::new(), may: BTreeSet::new() };
        let mut town = upheaval.open().await;
        let before = town.judge();
        upheaval.keeps = before.have.intersection(&before.wanted).cloned().collect();
        // Whoever still is in the team's group when a binding comes back has it until the step that removes them.
        let people: BTreeSet<&String> =
            before.have.iter().chain(&before.wanted).map(|(_, who)| who).collect();
        let names = town.all_resource_names();
        let all = |who: &String| names.iter().map(|name| (name.clone(), who.clone())).collect::<Vec<_>>();
        upheaval.may = people.into_iter().flat_map(all).collect();
        assert!(before.have.is_empty() || before.wanted.is_empty() || !upheaval.keeps.is_empty());
        town.cycle().await;
        assert_eq!(town.converge().await, 0, "one cycle is enough where nothing disturbs");
        town.must_be_right();
        // Whatever comes to its end is kept by nobody.
        let after = town.judge();
        upheaval.keeps.retain(|access| after.wanted.contains(access));
        upheaval.end = normal(&town.sandbox.snapshot());
        upheaval
    }

    pub(in super::super) async fn open(&self) -> Town {
        let town = Town::of(self.seed.clone());
        town.wait(self.age).await;
        town.mark();
        town
    }

    /// Panics if something happened on the way that never may.
    pub(in super::super) fn must_be_sound(&self, town: &Town, when: &str) {
        let judgement = town.judge();
        let lost: Vec<_> = self.keeps.difference(&judgement.have).collect();
        assert!(lost.is_empty(), "{when}: lost access that they keep: {lost:?}");
        let gained: Vec<_> = judgement.have.difference(&self.may).collect();
        assert!(gained.is_empty(), "{when}: gained access that nobody gave: {gained:?}");
        // That Waldur does not know a project yet is the only thing that may be unfinished.
        let defects: Vec<_> =
            judgement.defects.iter().filter(|defect| !defect.starts_with("Waldur calls")).collect();
        assert!(defects.is_empty(), "{when}: {defects:?}");
    }

    /// Panics unless the town became what it becomes when nothing disturbs.
    pub(in super::super) fn must_be_at_its_end(&self, town: &Town, when: &str) {
        let now = normal(&town.sandbox.snapshot());
        assert!(now == self.end, "{when}: it is\n{now:#}\nand should be\n{:#}", self.end);
        let judgement = town.judge();
        assert_eq!(judgement.have, judgement.wanted, "{when}");
        assert_eq!(judgement.defects, Vec::<String>::new(), "{when}");
    }
}

impl Town {
    fn project_name(&self) -> String {
        self.sandbox.snapshot()["waldur"]["projects"][0]["name"].as_str().unwrap().to_owned()
    }

    fn all_resource_names(&self) -> Vec<String> {
        let snapshot = self.sandbox.snapshot();
        let resources = snapshot["waldur"]["resources"].as_array().unwrap().iter();
        resources.map(|resource| resource["name"].as_str().unwrap().to_owned()).collect()
    }

    fn resource_names(&self) -> [String; 3] {
        let snapshot = self.sandbox.snapshot();
        [0, 1, 2].map(|number| snapshot["waldur"]["resources"][number]["name"].as_str().unwrap().to_owned())
    }
}
