//! The small town of the demo: two projects, four resources, seven people, and nothing in Rancher yet.

use super::chance::Chance;
use super::seed::Seed;
use super::site::{Limits, Member, Person, Project, Resource, Site, slug};

/// The people: given name, family name, whether Keycloak knows them.
const PEOPLE: [(&str, &str, bool); 7] = [
    ("Ada", "Lindqvist", true),
    ("Bruno", "Costa", true),
    ("Chidi", "Okafor", true),
    ("Elif", "Demir", true),
    ("Jaan", "Tamm", true),
    ("Mei", "Tanaka", true),
    // Has never logged in to the identity provider.
    ("Zofia", "Nowak", false),
];

/// A team: who, by place in the list above, and in which role.
type Team = &'static [(usize, &'static str)];

/// The projects: name, place of the organization, team. Chidi is in both.
const PROJECTS: [(&str, usize, Team); 2] = [
    (
        "Galaxy survey",
        0,
        &[(0, "PROJECT.MANAGER"), (1, "PROJECT.ADMIN"), (2, "PROJECT.MEMBER"), (6, "PROJECT.MEMBER")],
    ),
    (
        "Sea ice",
        1,
        &[(3, "PROJECT.MANAGER"), (2, "PROJECT.MEMBER"), (4, "PROJECT.MEMBER"), (5, "PROJECT.MEMBER")],
    ),
];

/// The resources: name, project, limits.
const RESOURCES: [(&str, usize, Option<Limits>); 4] = [
    ("Galaxy survey notebooks", 0, Some(Limits { cpu: 8, memory: 32, storage: 200 })),
    ("Galaxy survey pipeline", 0, Some(Limits { cpu: 16, memory: 64, storage: 500 })),
    ("Sea ice forecasts", 1, Some(Limits { cpu: 4, memory: 16, storage: 100 })),
    ("Sea ice portal", 1, None),
];

/// Returns the small town. The keys are [`Credentials::SANDBOX`](super::Credentials::SANDBOX).
pub fn story() -> Result<Seed, String> {
    let person = |(given, family, in_keycloak): (&str, &str, bool)| Person {
        given: given.to_owned(),
        family: family.to_owned(),
        username: format!("{given}.{family}").to_lowercase(),
        in_keycloak,
    };
    let project = |(name, organization, team): (&str, usize, Team)| Project {
        name: name.to_owned(),
        slug: slug(name),
        organization,
        team: team.iter().map(|(person, role)| Member { person: *person, role, until: None }).collect(),
    };
    let resource = |(name, project, limits): (&str, usize, Option<Limits>)| Resource {
        name: name.to_owned(),
        slug: slug(name),
        project,
        limits,
    };
    let site = Site {
        chance: Chance::of(0),
        organizations: vec!["Institute of Astronomy".to_owned(), "Climate Research Institute".to_owned()],
        people: PEOPLE.map(person).into(),
        projects: PROJECTS.map(project).into(),
        resources: RESOURCES.map(resource).into(),
    };
    site.seed()
}
