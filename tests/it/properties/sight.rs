//! What the agent sees of the truth: answers that were not asked for are missing, and readings have holes.

use std::collections::{BTreeMap, BTreeSet};

use agent::model::policy::Policy;
use agent::model::world::{Inside, Realm, World};
use agent::model::{GroupId, GroupName, Reading};
use agent::plan::guard::Verdict;
use agent::plan::{Detail, Plan, Question, guard, plan};

/// Returns the truth without what only `confirm` asks.
pub(crate) fn first_look(truth: &World) -> World {
    let mut world = truth.clone();
    for offering in world.offerings.values_mut() {
        offering.teams.clear();
    }
    for cluster in world.clusters.values_mut() {
        cluster.inside = Inside::default();
    }
    for realm in world.realms.values_mut() {
        realm.accounts.clear();
        realm.namesakes.clear();
    }
    world
}

/// Answers what a plan asks.
fn confirm(seen: &mut World, truth: &World, plan: &Plan) -> bool {
    let mut news = false;
    for question in &plan.questions {
        match question {
            Question::Team { offering, project, resource: _ } => {
                let answer = truth.offerings[offering].teams[project].clone();
                let teams = seen.offerings.get_mut(offering).map(|offering| &mut offering.teams);
                news |= teams.is_some_and(|teams| teams.insert(*project, answer).is_none());
            }
            Question::Account { realm, username, lookup: _ } => {
                let answer = truth.realms[realm].accounts[username].clone();
                let accounts = seen.realms.get_mut(realm).map(|realm| &mut realm.accounts);
                news |= accounts.is_some_and(|accounts| accounts.insert(username.clone(), answer).is_none());
            }
            Question::Inside { cluster, what } => {
                let answer = truth.clusters[cluster].inside.clone();
                let Some(inside) = seen.clusters.get_mut(cluster).map(|cluster| &mut cluster.inside) else {
                    continue;
                };
                news |= match what {
                    Detail::Namespaces => {
                        std::mem::replace(&mut inside.namespaces, answer.namespaces).is_none()
                    }
                    Detail::Quotas => std::mem::replace(&mut inside.quotas, answer.quotas).is_none(),
                    Detail::ExtendedQuota => {
                        std::mem::replace(&mut inside.extended_quota, answer.extended_quota).is_none()
                    }
                    Detail::Pods(namespace) => {
                        let count = answer.pods.get(namespace).cloned().unwrap_or(Reading::Complete(0));
                        inside.pods.insert(namespace.clone(), count).is_none()
                    }
                };
            }
            Question::Namesakes { realm, name } => {
                let answer = called(&truth.realms[realm], name);
                let names = seen.realms.get_mut(realm).map(|realm| &mut realm.namesakes);
                news |= names.is_some_and(|names| names.insert(name.clone(), answer).is_none());
            }
        }
    }
    news
}

/// All groups of a name: those that are ours, and strangers that the world knows by name only.
fn called(realm: &Realm, name: &GroupName) -> Reading<BTreeSet<GroupId>> {
    let ours = realm.groups.known().into_iter().flatten();
    let ours: BTreeSet<GroupId> =
        ours.filter(|(_, group)| group.name == *name).map(|(id, _)| id.clone()).collect();
    let known = realm.namesakes.get(name).cloned().unwrap_or(Reading::Complete(BTreeSet::new()));
    known.map(|strangers| strangers.into_iter().chain(ours).collect())
}

/// One cycle of looking: reads, asks until nothing is left to ask, and divides.
pub(crate) fn look(seen: World, truth: &World, policy: &Policy) -> (World, Plan, Verdict) {
    let mut seen = seen;
    for _ in 0..6 {
        let plan = plan(&seen, policy);
        if !confirm(&mut seen, truth, &plan) {
            let verdict =
                guard::guard(&plan, &seen, policy, None).unwrap_or_else(|circle| panic!("{circle}"));
            return (seen, plan, verdict);
        }
    }
    panic!("the plan keeps asking");
}

/// Spoils readings: each answer draws the next number.
pub(crate) struct Faults<'a> {
    numbers: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl<'a> Faults<'a> {
    pub(crate) fn new(numbers: &'a [u8]) -> Self {
        Self { numbers: numbers.iter().cycle() }
    }

    fn next(&mut self) -> u8 {
        self.numbers.next().copied().unwrap_or_default()
    }

    fn map<K: Ord + Clone, V: Clone>(&mut self, reading: &mut Reading<BTreeMap<K, V>>) {
        let Some(all) = reading.known() else { return };
        let lost = |keep: fn(usize) -> bool| {
            let kept = all.iter().enumerate().filter(|(index, _)| keep(*index));
            let got = kept.map(|(_, (key, value))| (key.clone(), value.clone())).collect();
            Reading::Partial { got, holes: vec!["a page was lost".to_owned()] }
        };
        match self.next() {
            0 => *reading = lost(|index| index % 2 == 1),
            1 => *reading = lost(|index| index % 2 == 0),
            2 => *reading = Reading::Unavailable("it is down".to_owned()),
            _ => {}
        }
    }

    fn whole<T>(&mut self, reading: &mut Reading<T>) {
        if self.next() < 2 {
            *reading = Reading::Unavailable("it is down".to_owned());
        }
    }

    /// Returns the truth as it is seen through the faults.
    pub(crate) fn blur(mut self, truth: &World) -> World {
        let mut world = truth.clone();
        for offering in world.offerings.values_mut() {
            self.map(&mut offering.resources);
            self.map(&mut offering.grants);
            self.map(&mut offering.people);
            self.map(&mut offering.accounts);
            offering.teams.retain(|_, _| self.next() > 0);
            offering.teams.values_mut().for_each(|team| self.map(team));
        }
        for cluster in world.clusters.values_mut() {
            self.map(&mut cluster.projects);
            self.map(&mut cluster.bindings);
            self.whole(&mut cluster.identity);
            cluster.inside.namespaces.iter_mut().for_each(|namespaces| self.map(namespaces));
            cluster.inside.quotas.iter_mut().for_each(|quotas| self.map(quotas));
            if let Some(users) = &mut cluster.users {
                self.map(users);
            }
        }
        for realm in world.realms.values_mut() {
            self.map(&mut realm.groups);
            realm.members.values_mut().for_each(|members| self.map(members));
            realm.accounts.retain(|_, _| self.next() > 0);
            realm.accounts.values_mut().for_each(|account| self.whole(account));
            realm.namesakes.retain(|_, _| self.next() > 0);
            realm.namesakes.values_mut().for_each(|names| self.whole(names));
        }
        world
    }
}
