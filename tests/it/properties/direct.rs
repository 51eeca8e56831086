//! The promises where there is no Keycloak, and while people change from one way to the other.

#![expect(clippy::expect_used, reason = "a test that misses what it built fails")]

use std::collections::{BTreeMap, BTreeSet};

use agent::model::capture::Capture;
use agent::model::marks;
use agent::model::policy::{KeycloakPolicy, Lookup};
use agent::model::world::{Account, Annotations, Binding, MemberAccess, RancherUser, Subject, World};
use agent::model::{OfferingUuid, ProjectUuid, Reading};
use agent::plan::guard::guard;
use agent::plan::{plan, render};
use proptest::prelude::*;

use super::checks::{shuffled, unread, within_budget};
use super::oracle::{Foreign, Reach, reach};
use super::sight::{Faults, first_look, look};
use super::site::user;
use super::{any_faults, config, cycle, sentences};
use crate::apply_model::{apply, apply_in};

/// How many people there are; the last one is a user of Rancher whom the offering does not know.
const PEOPLE: usize = 6;

/// A site in small numbers: one team, two resources, everybody bound or not.
#[derive(Debug, Clone)]
struct Site {
    team: BTreeSet<usize>,
    /// Never logged in, known by login name, or known by principal.
    logins: Vec<u8>,
    accounts: BTreeSet<usize>,
    /// For each resource: restricted or not, and whom we bound as what, and others by hand.
    resources: Vec<(bool, Vec<u8>)>,
    /// Whether Keycloak was switched on.
    groups: bool,
    budget: usize,
}

fn any_direct_site() -> impl Strategy<Value = Site> {
    (
        prop::collection::btree_set(0..PEOPLE - 1, 0..PEOPLE),
        prop::collection::vec(0_u8..3, PEOPLE),
        prop::collection::btree_set(0..PEOPLE, 2..=PEOPLE),
        prop::collection::vec((prop::bool::weighted(0.2), prop::collection::vec(0_u8..8, PEOPLE)), 2),
        any::<bool>(),
        prop_oneof![Just(1_usize), Just(1000)],
    )
        .prop_map(|(team, logins, accounts, resources, groups, budget)| Site {
            team,
            logins,
            accounts,
            resources,
            groups,
            budget,
        })
}

fn parsed<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("\"{text}\" can be read"))
}

impl Site {
    fn username(&self, person: usize) -> String {
        if self.logins[person] == 1 { format!("Person{person}") } else { format!("k-{person}") }
    }

    /// Returns the truth: the quiet world with this site's people in it.
    fn truth(&self) -> Capture {
        let mut capture =
            Capture::from_yaml(include_str!("../../../fixtures/direct-first.yaml")).expect("a world");
        let Capture { policy, world, .. } = &mut capture;
        policy.budget.people = self.budget;
        let offering = policy.offerings.values_mut().next().expect("an offering");
        if self.groups {
            let mut keycloak = KeycloakPolicy::new(parsed("https://k.example/waldur"), "member".to_owned());
            keycloak.lookup = Lookup::ByUsername;
            let name = format!("project_{}_member", team_uuid().hex());
            let roof = "c_c1000000000000000000000000000001".to_owned();
            let nobody = |name: String| (parsed(&name), Reading::Complete(BTreeSet::new()));
            let realm = agent::model::world::Realm {
                groups: Reading::Complete(BTreeMap::new()),
                members: BTreeMap::new(),
                accounts: (0..PEOPLE)
                    .map(|person| (parsed(&self.username(person)), self.account(person)))
                    .collect(),
                namesakes: BTreeMap::from([nobody(name), nobody(roof)]),
            };
            world.realms.insert(keycloak.realm.clone(), realm);
            offering.keycloak = Some(keycloak);
        }
        self.fill_waldur(world);
        self.fill_rancher(world);
        capture
    }

    fn account(&self, person: usize) -> Reading<Option<Account>> {
        let account = Account {
            id: parsed(&format!("k-{person}")),
            username: parsed(&format!("person{person}")),
            disabled: false,
            found_otherwise: false,
        };
        Reading::Complete(self.accounts.contains(&person).then_some(account))
    }

    fn fill_waldur(&self, world: &mut World) {
        let offering = world.offerings.values_mut().next().expect("an offering");
        let resources = offering.resources.known_mut().expect("resources");
        let first = resources.values().next().expect("a resource").clone();
        resources.clear();
        for (number, (restricted, _)) in self.resources.iter().enumerate() {
            let mut resource = first.clone();
            resource.name = format!("Resource {number}");
            resource.backend_id = Some(format!("c-1:p-{number}"));
            resource.access = if *restricted { MemberAccess::Restricted } else { MemberAccess::Open };
            resources.insert(parsed(&resource_uuid(number)), resource);
        }
        let username = |person: usize| Some(parsed(&self.username(person)));
        let mate = |person: usize| {
            (
                user(person),
                agent::model::world::Teammate {
                    username: username(person),
                    account: String::new(),
                    role: None,
                    expires: None,
                },
            )
        };
        let grant = |person: usize| agent::model::world::Grant {
            user: user(person),
            account: String::new(),
            role: None,
            expires: None,
        };
        let known = |person: usize| {
            let account = format!("person{person}@uni.example");
            let (username, rest) = (username(person), agent::model::world::OfferingUser::default());
            (user(person), agent::model::world::OfferingUser { username, account, ..rest })
        };
        offering.people = Reading::Complete((0..PEOPLE - 1).map(known).collect());
        let grants = self.team.iter().map(|person| grant(*person)).collect();
        offering.grants = Reading::Complete([(team_uuid(), grants)].into());
        offering.teams =
            [(team_uuid(), Reading::Complete(self.team.iter().map(|one| mate(*one)).collect()))].into();
    }

    fn fill_rancher(&self, world: &mut World) {
        let cluster = world.clusters.values_mut().next().expect("a cluster");
        let projects = cluster.projects.known_mut().expect("projects");
        let first = projects.values().next().expect("a project").clone();
        projects.clear();
        let bindings = cluster.bindings.known_mut().expect("bindings");
        bindings.clear();
        for (number, (_, bound)) in self.resources.iter().enumerate() {
            let mut project = first.clone();
            project.annotations.insert(marks::RESOURCE.into(), resource_uuid(number).into());
            project.description = format!("Resource {number} (Customer: University, Project: Astronomy)");
            let id = parsed(&format!("c-1:p-{number}"));
            let marks: Annotations = [marks::MANAGED, marks::OFFERING, marks::RESOURCE]
                .into_iter()
                .map(|key| (key.into(), project.annotations[key].clone()))
                .collect();
            projects.insert(id, project);
            for (person, how) in bound.iter().enumerate() {
                for (bit, role, annotations) in [
                    (1, "project-member", marks.clone()),
                    (2, "read-only", marks.clone()),
                    (4, "read-only", Annotations::new()),
                ] {
                    // Rancher forgets the bindings of nobody, so only who is there is bound.
                    if how & bit != 0 && self.logins[person] > 0 {
                        let name = format!("b{bit}-{number}-{person}");
                        let binding = Binding {
                            name: parsed(&name),
                            project: parsed(&format!("c-1:p-{number}")),
                            role: parsed(role),
                            subject: Subject::User(format!("u-{person}")),
                            annotations,
                            removing: false,
                        };
                        bindings.insert(parsed(&format!("p-{number}:{name}")), binding);
                    }
                }
            }
        }
        let users = cluster.users.as_mut().and_then(Reading::known_mut).expect("users");
        users.retain(|_, user| user.own);
        for person in (0..PEOPLE).filter(|person| self.logins[*person] > 0) {
            let by_name = self.logins[person] == 1;
            let local = parsed(&format!("local://u-{person}"));
            let oidc = parsed(&format!("keycloakoidc_user://k-{person}"));
            let principals = if by_name { BTreeSet::from([local]) } else { BTreeSet::from([local, oidc]) };
            let username = by_name.then(|| parsed(&format!("person{person}")));
            users.insert(
                parsed(&format!("u-{person}")),
                RancherUser { username, principals, disabled: false, own: false },
            );
        }
    }

    /// Returns who should reach what when everything has settled.
    fn entitled(&self, world: &World) -> BTreeSet<Reach> {
        let offering = world.offerings.keys().next().map(OfferingUuid::hex).unwrap_or_default();
        let open = self.resources.iter().enumerate().filter(|(_, (restricted, _))| !restricted);
        open.flat_map(|(number, _)| {
            let offering = offering.clone();
            self.team.iter().filter_map(move |person| {
                Some((offering.clone(), resource_uuid(number), self.known_as(*person)?))
            })
        })
        .collect()
    }

    fn known_as(&self, person: usize) -> Option<String> {
        let by_group = self.groups && self.accounts.contains(&person);
        let login = self.logins[person];
        match (by_group, login) {
            (true, _) => Some(format!("k-{person}")),
            (false, 0) => None,
            (false, 2) if self.groups => Some(format!("k-{person}")),
            (false, _) => Some(format!("local://u-{person}")),
        }
    }
}

fn team_uuid() -> ProjectUuid {
    parsed("a0000000000000000000000000000001")
}

fn resource_uuid(number: usize) -> String {
    format!("ce5{number:029}")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn promises_1_and_2_one_cycle_is_enough_and_a_second_changes_nothing(site in any_direct_site()) {
        let Capture { policy, world, .. } = Site { budget: 1000, ..site }.truth();
        let after = cycle(&world, &policy)?;
        let (_, _, again) = look(first_look(&after), &after, &policy);
        prop_assert_eq!(sentences(again.admitted.steps().iter()), Vec::<String>::new());
    }

    #[test]
    fn promise_5_nobody_is_unbound_without_a_complete_reading(site in any_direct_site(), faults in any_faults()) {
        let Capture { policy, world, .. } = site.truth();
        let seen = Faults::new(&faults).blur(&world);
        let plan = plan(&seen, &policy);
        for step in plan.steps.iter().chain(plan.held.iter().map(|held| &held.step)) {
            let gaps = unread(&seen, &policy, step);
            prop_assert!(gaps.is_empty(), "{} rests on {:?}", render::sentence(&step.action), gaps);
        }
        let verdict = guard(&plan, &seen, &policy, None).expect("no circle");
        let later = apply(&world, &policy, &verdict.admitted).map_err(TestCaseError::fail)?;
        let entitled = site.entitled(&world);
        let (before, after) = (reach(&world, &policy, |_, _| true), reach(&later, &policy, |_, _| true));
        let robbed: Vec<_> = before.intersection(&entitled).filter(|one| !after.contains(*one)).collect();
        prop_assert!(robbed.is_empty(), "{robbed:?}");
    }

    #[test]
    fn promise_6_direct_losses_stay_within_the_budget(site in any_direct_site()) {
        let Capture { policy, world, .. } = site.truth();
        let (_, _, verdict) = look(first_look(&world), &world, &policy);
        within_budget(&world, &policy, &verdict.admitted)?;
    }

    #[test]
    fn promise_7_what_others_bound_is_not_touched(site in any_direct_site(), faults in any_faults()) {
        let Capture { policy, world, .. } = site.truth();
        let seen = Faults::new(&faults).blur(&world);
        let verdict = guard(&plan(&seen, &policy), &seen, &policy, None).expect("no circle");
        for later in [cycle(&world, &policy)?, apply(&world, &policy, &verdict.admitted).map_err(TestCaseError::fail)?] {
            let none = BTreeSet::new();
            prop_assert_eq!(Foreign::of(&world, &later, &none), Foreign::of(&later, &later, &none));
        }
    }

    #[test]
    fn promise_8_in_every_order_whoever_keeps_access_has_it_all_the_time(
        site in any_direct_site(), keys in prop::collection::vec(any::<u32>(), 64),
    ) {
        let Capture { policy, world, .. } = site.truth();
        let (_, _, verdict) = look(first_look(&world), &world, &policy);
        let all = |world: &World| reach(world, &policy, |_, _| true);
        let usual = apply(&world, &policy, &verdict.admitted).map_err(TestCaseError::fail)?;
        let keep: BTreeSet<Reach> = all(&world).intersection(&all(&usual)).cloned().collect();
        let watch = |world: &World| match keep.difference(&all(world)).next() {
            Some(one) => Err(format!("{one:?} loses access in between")),
            None => Ok(()),
        };
        let order = shuffled(&verdict.admitted, &keys);
        let other = apply_in(&world, &policy, &verdict.admitted, &order, watch).map_err(TestCaseError::fail)?;
        prop_assert_eq!(usual, other);
    }

    #[test]
    fn promise_9_access_is_what_waldur_says_for_whoever_has_logged_in(site in any_direct_site()) {
        let site = Site { budget: 1000, groups: false, ..site };
        let Capture { policy, world, .. } = site.truth();
        let settled = cycle(&world, &policy)?;
        let has = reach(&settled, &policy, |_, _| true);
        let entitled = site.entitled(&world);
        prop_assert!(entitled.is_subset(&has), "{:?}", entitled.difference(&has).collect::<Vec<_>>());
        // Strays wait while somebody in the team is unknown.
        if site.team.iter().all(|person| site.logins[*person] > 0) {
            prop_assert_eq!(has, entitled);
        }
    }
}
