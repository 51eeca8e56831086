//! What an explanation asks that no plan does: first who somebody is, then as many teams as are worth it.

use agent::explain::questions;
use agent::model::world::Resource;
use agent::model::{ProjectUuid, ResourceUuid};
use agent::plan::Question;
use uuid::Uuid;

use super::capture;

/// More projects than anybody's explanation asks for the teams of.
const PROJECTS: u128 = 40;

#[test]
fn whoever_is_in_many_teams_is_looked_up_before_any_of_them_is_asked() {
    let mut capture = capture("first-resource");
    let offering = capture.world.offerings.values_mut().next().expect("there is one");
    let resources = offering.resources.known_mut().expect("they were read");
    let (_, first) = resources.pop_first().expect("there is one");
    let grants = offering.grants.known_mut().expect("they were read");
    let (_, roles) = grants.pop_first().expect("there is one");
    for number in 1..=PROJECTS {
        let project = ProjectUuid::from_uuid(Uuid::from_u128(number));
        let mut resource = Resource { slug: format!("r-{number}").parse().ok(), ..first.clone() };
        resource.project.uuid = project;
        resources.insert(ResourceUuid::from_uuid(Uuid::from_u128(number)), resource);
        grants.insert(project, roles.clone());
    }
    offering.teams.clear();
    capture.world.realms.values_mut().for_each(|realm| realm.accounts.clear());

    let asked = questions(&capture.world, &capture.policy, "ada");
    let [Question::Account { username, .. }, teams @ ..] = asked.as_slice() else {
        panic!("who she is comes first: {asked:?}")
    };
    assert_eq!(username.as_str(), "ada");
    assert!(teams.iter().all(|one| matches!(one, Question::Team { .. })), "{teams:?}");
    assert_eq!(asked.len(), 25, "her other teams are explained by the list of roles");
}

#[test]
fn whoever_is_known_is_not_looked_up_again() {
    let capture = capture("first-resource");
    assert_eq!(questions(&capture.world, &capture.policy, "ada"), []);
}
