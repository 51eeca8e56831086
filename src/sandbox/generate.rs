//! Believable sites of any size, the same for the same numbers.

use std::collections::BTreeMap;
use std::ops::Range;

use super::chance::Chance;
use super::names::{FAMILY, GIVEN, ORGANIZATIONS, TOPICS, USES};
use super::seed::Seed;
use super::site::{Limits, Member, Person, Project, Resource, Site, slug};

/// Sizes that are ordered, from small to large.
const SIZES: [Limits; 4] = [
    Limits { cpu: 4, memory: 16, storage: 100 },
    Limits { cpu: 8, memory: 32, storage: 200 },
    Limits { cpu: 16, memory: 64, storage: 500 },
    Limits { cpu: 32, memory: 128, storage: 2000 },
];

/// The most places in teams that are made: far above any real site, and still within the memory of a laptop.
const MOST_PLACES: usize = 5_000_000;

/// How often each label was given, so that a further one gets a number.
#[derive(Debug, Default)]
struct Labels {
    given: BTreeMap<String, usize>,
}

/// Returns a site with this many resources, two to a project, and this many members in each project's team; the
/// resources are `OK` and have nothing in Rancher yet. The error says that it would be too large.
///
/// One person in 25 is unknown to Keycloak, one resource in five was ordered without limits. Neighbouring projects
/// share about a third of their members. The keys are [`Credentials::SANDBOX`](super::Credentials::SANDBOX).
pub fn generate(resources: usize, members: usize, seed: u64) -> Result<Seed, String> {
    let chance = Chance::of(seed);
    let projects = (resources / 2).max(1);
    if resources.max(projects.saturating_mul(members)) > MOST_PLACES {
        return Err(format!(
            "{resources} resources with {members} members each are more than {MOST_PLACES} places"
        ));
    }
    // Each team begins this many people after the one before it, so that the rest are shared.
    let stride = (members * 2).div_ceil(3);
    let population = (projects - 1) * stride + members;
    let mut labels = Labels::default();
    let people = (0..population).map(|number| person(chance, number, &mut labels)).collect();
    let projects: Vec<Project> = (0..projects)
        .map(|number| project(chance, number, number * stride..number * stride + members, &mut labels))
        .collect();
    let resources = (0..resources)
        .map(|number| {
            let at = number % projects.len();
            resource(chance, number, at, &projects[at].name, &mut labels)
        })
        .collect();
    Site { chance, organizations: ORGANIZATIONS.map(str::to_owned).into(), people, projects, resources }
        .seed()
}

fn person(chance: Chance, number: usize, labels: &mut Labels) -> Person {
    let (given, family) =
        (chance.pick("given name", number, &GIVEN), chance.pick("family name", number, &FAMILY));
    Person {
        given: given.to_owned(),
        family: family.to_owned(),
        username: labels.unique(format!("{given}.{family}").to_lowercase(), ""),
        in_keycloak: !chance.one_in(25, "unknown to keycloak", number),
    }
}

fn project(chance: Chance, number: usize, people: Range<usize>, labels: &mut Labels) -> Project {
    let name = labels.unique(chance.pick("topic", number, &TOPICS).to_owned(), " ");
    let first = people.start;
    let team = people.map(|person| Member {
        person,
        role: match person - first {
            0 => "PROJECT.MANAGER",
            1 => "PROJECT.ADMIN",
            _ => "PROJECT.MEMBER",
        },
        until: chance.one_in(10, "leaves one day", person).then_some("2099-12-31T00:00:00Z"),
    });
    let organization = chance.place("organization", number, &ORGANIZATIONS);
    Project { slug: slug(&name), name, organization, team: team.collect() }
}

fn resource(chance: Chance, number: usize, project: usize, of: &str, labels: &mut Labels) -> Resource {
    let name = labels.unique(format!("{of} {}", chance.pick("use", number, &USES)), " ");
    let limits = chance.pick("size", number, &SIZES);
    let limits = (!chance.one_in(5, "without limits", number)).then_some(limits);
    Resource { slug: slug(&name), name, project, limits }
}

impl Labels {
    /// Returns the label, with a number from its second use on.
    fn unique(&mut self, label: String, between: &str) -> String {
        let uses = self.given.entry(label.clone()).or_default();
        *uses += 1;
        if *uses == 1 { label } else { format!("{label}{between}{uses}") }
    }
}
