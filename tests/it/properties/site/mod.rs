//! Sites that proptest makes up: small numbers first, of which a captured world is built.

mod build;
mod clusters;
mod orders;

use std::collections::BTreeSet;
use std::fmt;

use agent::model::{ClusterRef, OfferingUuid, ProjectUuid, RealmRef, ResourceUuid, UserUuid};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

/// How many people there are; the next three are strays whom no offering knows.
pub(crate) const PEOPLE: usize = 8;
const TEAMS: usize = 3;

/// A site in small numbers.
#[derive(Clone)]
pub(crate) struct Site {
    /// One cluster and realm; two clusters in one realm; two of each.
    topology: u8,
    offerings: Vec<OfferingSeed>,
    people: Vec<Person>,
    budget: usize,
    losses: usize,
    /// Whether the groups of all offerings are called alike, which an operator should not do.
    alike: bool,
    /// Whether managers and members have groups of their own.
    roles: bool,
}

// One line a thing: a failure shows a whole site.
impl fmt::Debug for Site {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { topology, offerings, people, budget, losses, alike, roles } = self;
        writeln!(
            out,
            "topology {topology}, budget {budget}, {losses} losses, alike {alike}, roles {roles}, {people:?}"
        )?;
        for OfferingSeed { cluster, viewer, resources, teams } in offerings {
            writeln!(out, "offering: second {cluster}, viewer {viewer}")?;
            resources.iter().try_for_each(|resource| writeln!(out, "  {resource:?}"))?;
            teams.iter().try_for_each(|team| writeln!(out, "  {team:?}"))?;
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
struct Person {
    /// By username, by id, or by nothing yet.
    name: u8,
    account: bool,
}

#[derive(Debug, Clone)]
struct OfferingSeed {
    cluster: bool,
    viewer: bool,
    resources: Vec<ResourceSeed>,
    teams: Vec<TeamSeed>,
}

#[derive(Debug, Clone)]
struct ResourceSeed {
    team: usize,
    state: u8,
    access: u8,
    cpu: i64,
    slug: bool,
    project: u8,
    drift: u8,
    backend: u8,
    bindings: u8,
    /// Its open order: none up to 4, then a new one, a change, or an end; each waits for the provider or is begun.
    order: u8,
}

#[derive(Debug, Clone)]
struct TeamSeed {
    people: BTreeSet<usize>,
    expired: BTreeSet<usize>,
    group: bool,
    members: BTreeSet<usize>,
    empty_since: u8,
    by_hand: u8,
}

/// Any site at all.
pub(crate) fn any_site() -> impl Strategy<Value = Site> {
    let person = (prop_oneof![6 => Just(0_u8), 2 => Just(1), 1 => Just(2)], prop::bool::weighted(0.9));
    let person = person.prop_map(|(name, account)| Person { name, account });
    (
        0_u8..3,
        prop::collection::vec(any_offering(), 1..3),
        prop::collection::vec(person, PEOPLE),
        (
            prop_oneof![Just(1_usize), Just(3), Just(1000)],
            prop::bool::weighted(0.1),
            prop::bool::weighted(0.25),
            prop::bool::weighted(0.2),
            prop::bool::weighted(0.3),
        ),
        0_usize..3,
    )
        .prop_map(
            |(topology, mut offerings, people, (budget, ghost_town, moving, alike, roles), losses)| {
                // A Waldur project has one team, whatever offerings it uses.
                if let Some((first, others)) = offerings.split_first_mut() {
                    for (team, one) in
                        others.iter_mut().flat_map(|other| other.teams.iter_mut().zip(&first.teams))
                    {
                        team.people.clone_from(&one.people);
                        team.expired.clone_from(&one.expired);
                    }
                }
                let mut site = Site { topology, offerings, people, budget, losses, alike, roles };
                if ghost_town {
                    site.leave();
                }
                if moving {
                    site.move_on();
                }
                site
            },
        )
}

/// A site whose offerings have groups of their own names, and no order that fails.
pub(crate) fn any_well_named_site() -> impl Strategy<Value = Site> {
    any_site().prop_map(|mut site| {
        for offering in &mut site.offerings {
            let viewer = offering.viewer;
            // What an order that fails leaves behind is served on, as of any resource that erred: that is new work.
            let fails = |one: &&mut ResourceSeed| viewer || !one.slug || one.cpu < 0;
            offering.resources.iter_mut().filter(fails).for_each(|one| one.order = 0);
        }
        Site { alike: false, ..site }
    })
}

/// A site where nothing keeps the agent from doing all it should.
pub(crate) fn any_orderly_site() -> impl Strategy<Value = Site> {
    any_well_named_site().prop_map(|mut site| {
        site.budget = 1000;
        for offering in &mut site.offerings {
            offering.viewer = false;
            for resource in &mut offering.resources {
                resource.slug = true;
                resource.cpu = resource.cpu.abs();
                resource.backend = resource.backend.min(1);
                resource.project = resource.project.min(1);
                // None by hand.
                resource.bindings &= !(8 | 16);
            }
            for team in &mut offering.teams {
                team.by_hand = 0;
            }
        }
        site
    })
}

fn any_offering() -> impl Strategy<Value = OfferingSeed> {
    let resources = prop::collection::vec(any_resource(), 0..4);
    let teams = prop::collection::vec(any_team(), TEAMS);
    (any::<bool>(), prop::bool::weighted(0.2), resources, teams)
        .prop_map(|(cluster, viewer, resources, teams)| OfferingSeed { cluster, viewer, resources, teams })
}

fn any_resource() -> impl Strategy<Value = ResourceSeed> {
    (
        (
            0..TEAMS,
            prop_oneof![8 => Just(0_u8), 4 => 1_u8..6],
            prop_oneof![6 => Just(0_u8), 2 => Just(1), 1 => Just(2)],
        ),
        (prop_oneof![6 => 1_i64..4, 1 => Just(-1)], prop::bool::weighted(0.9)),
        (
            prop_oneof![3 => Just(0_u8), 6 => Just(1), 1 => 2_u8..5],
            0_u8..8,
            prop_oneof![6 => 0_u8..2, 1 => 2_u8..5],
        ),
        (0_u8..64, 0_u8..11),
    )
        .prop_map(
            |((team, state, access), (cpu, slug), (project, drift, backend), (bindings, order))| {
                ResourceSeed { team, state, access, cpu, slug, project, drift, backend, bindings, order }
            },
        )
}

fn any_team() -> impl Strategy<Value = TeamSeed> {
    let some = || prop_oneof![1 => Just(BTreeSet::new()), 4 => prop::collection::btree_set(0..PEOPLE, 0..6)];
    let members = prop::collection::btree_set(0..PEOPLE + 3, 0..8);
    (
        some(),
        prop::collection::btree_set(0..PEOPLE, 0..2),
        prop::bool::weighted(0.7),
        members,
        0_u8..4,
        0_u8..12,
    )
        .prop_map(|(people, expired, group, members, empty_since, by_hand)| TeamSeed {
            people,
            expired,
            group,
            members,
            empty_since,
            by_hand,
        })
}

fn uuid(kind: u128, number: usize) -> Uuid {
    Uuid::from_u128((kind << 64) + number as u128 + 1)
}

pub(crate) fn user(number: usize) -> UserUuid {
    UserUuid::from_uuid(uuid(0xada, number))
}

fn team_uuid(number: usize) -> ProjectUuid {
    ProjectUuid::from_uuid(uuid(0xa0, number))
}

pub(crate) fn parsed<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("\"{text}\" can be read"))
}

pub(crate) fn now() -> Timestamp {
    parsed("2026-11-23T08:00:00Z")
}

/// What Keycloak calls a person's account.
pub(crate) fn account_id(person: usize) -> String {
    format!("k-{person}")
}

impl Site {
    /// Everybody left long ago.
    fn leave(&mut self) {
        for offering in &mut self.offerings {
            let served: BTreeSet<usize> = offering.resources.iter().map(|one| one.team).collect();
            for (index, team) in offering.teams.iter_mut().enumerate() {
                team.people.clear();
                team.members.clear();
                team.empty_since = 3;
                team.group &= served.contains(&index);
            }
        }
    }

    /// The first resource of each offering moved to another team, and its people with it.
    fn move_on(&mut self) {
        for OfferingSeed { cluster: _, viewer: _, resources, teams } in &mut self.offerings {
            let Some((moved, others)) = resources.split_first_mut() else { continue };
            *moved = ResourceSeed { state: 0, access: 0, project: 1, bindings: 4, order: 0, ..moved.clone() };
            let former = (moved.team + 1) % TEAMS;
            if let Some(other) = others.first_mut() {
                *other = ResourceSeed { team: former, state: 0, order: 0, ..other.clone() };
            }
            let people = teams[moved.team].people.clone();
            teams[former].group = true;
            teams[former].members.extend(people);
        }
    }

    /// Returns what Waldur calls a person.
    fn username(&self, person: usize) -> Option<String> {
        match self.people[person].name {
            0 => Some(format!("Person{person}")),
            1 => Some(account_id(person)),
            _ => None,
        }
    }

    /// Returns who can be let in: the offering has a name for them and Keycloak an account.
    pub(crate) fn can_be_let_in(&self, person: usize) -> bool {
        self.people[person].name < 2 && self.people[person].account
    }

    /// Returns what the group of a team is called.
    fn group_name(&self, offering: usize, team: usize) -> String {
        let prefix = if self.alike { String::new() } else { format!("o{offering}_") };
        format!("{prefix}project_{}_member", team_uuid(team).hex())
    }

    fn place(&self, offering: usize) -> (ClusterRef, RealmRef) {
        let second = self.offerings[offering].cluster;
        let (cluster, realm) = match (self.topology, second) {
            (0, _) | (_, false) => ("https://r1.example/c-1", "https://k1.example/one"),
            (1, true) => ("https://r1.example/c-2", "https://k1.example/one"),
            (_, true) => ("https://r2.example/c-1", "https://k2.example/two"),
        };
        (parsed(cluster), parsed(realm))
    }

    fn offering_uuid(number: usize) -> OfferingUuid {
        OfferingUuid::from_uuid(uuid(0x0ff, number))
    }

    fn resource_uuid(offering: usize, number: usize) -> ResourceUuid {
        ResourceUuid::from_uuid(uuid(0xce5, offering * 100 + number))
    }
}
