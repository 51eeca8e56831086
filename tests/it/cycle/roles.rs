//! Waldur's roles mapped to Rancher's: a group for each, and moves between them.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use crate::town::{Town, act, kinds};

fn map_roles(town: &mut Town) {
    for offering in town.config.policy.offerings.values_mut() {
        for (role, template) in
            [("manager", "project-owner"), ("admin", "project-owner"), ("member", "project-member")]
        {
            offering.role_map.insert(role.parse().unwrap(), template.parse().unwrap());
        }
    }
}

/// Returns who is in the group of a Waldur project for a role.
fn members(town: &Town, project: &str, role: &str) -> BTreeSet<String> {
    let uuid = town.uuid("projects", project).replace('-', "");
    let is = |group: &&serde_json::Value| {
        let attributes = &group["attributes"];
        attributes["waldur_project_uuid"][0] == uuid.as_str() && attributes["waldur_role"][0] == role
    };
    let groups = town.groups();
    let group = groups.iter().find(is).unwrap_or_else(|| panic!("{project} has no group for {role}"));
    group["members"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[tokio::test(start_paused = true)]
async fn each_mapped_role_has_its_group() {
    let mut town = Town::story();
    map_roles(&mut town);
    town.converge().await;
    town.must_be_right();
    assert_eq!(members(&town, "Galaxy survey", "project-owner"), names(["ada.lindqvist", "bruno.costa"]));
    assert_eq!(members(&town, "Galaxy survey", "project-member"), names(["chidi.okafor"]));
    assert_eq!(town.bindings_of("Galaxy survey pipeline").len(), 2);
    town.mark();
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn who_becomes_a_manager_moves_without_losing_anything() {
    let mut town = Town::story();
    map_roles(&mut town);
    town.converge().await;
    let (project, user) = (town.uuid("projects", "Galaxy survey"), town.uuid("users", "chidi.okafor"));
    let role = |role: &str| json!({ "project_uuid": project, "user_uuid": user, "role": role });
    town.meddle(act("waldur", "join-project", role("PROJECT.MANAGER")));
    town.meddle(act("waldur", "leave-project", role("PROJECT.MEMBER")));
    let cycle = town.cycle().await;
    let mut did = kinds(cycle.verdict.admitted.steps());
    did.sort();
    assert_eq!(did, ["add-member", "remove-member"]);
    assert!(cycle.verdict.admitted.losses().is_empty());
    town.must_be_right();
    assert!(members(&town, "Galaxy survey", "project-owner").contains("chidi.okafor"));
    assert!(members(&town, "Galaxy survey", "project-member").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_running_site_takes_a_role_map_up_and_gives_it_up_again() {
    let mut town = Town::story();
    for offering in town.config.policy.offerings.values_mut() {
        offering.keycloak.as_mut().unwrap().role_name = "team".to_owned();
    }
    town.converge().await;
    let before = town.judge().have;
    map_roles(&mut town);
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    assert!(cycle.verdict.held.is_empty() && cycle.verdict.admitted.losses().is_empty());
    town.must_be_right();
    assert_eq!(town.judge().have, before, "nobody gains or loses anything");
    assert_eq!(members(&town, "Sea ice", "team"), BTreeSet::new());
    town.wait(Duration::from_mins(11)).await;
    town.converge().await;
    assert_eq!(town.groups().len(), 5, "a parent, and two groups for each team");

    town.config.policy.offerings.values_mut().for_each(|offering| offering.role_map.clear());
    for offering in town.config.policy.offerings.values_mut() {
        offering.keycloak.as_mut().unwrap().role_name = "project-member".to_owned();
    }
    town.cycle().await;
    town.must_be_right();
    assert_eq!(town.judge().have, before);
    town.wait(Duration::from_mins(11)).await;
    town.converge().await;
    assert_eq!(town.groups().len(), 3);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_page_of_grants_that_shifted_moves_nobody() {
    let mut town = Town::story();
    map_roles(&mut town);
    town.converge().await;
    let (project, user) = (town.uuid("projects", "Galaxy survey"), town.uuid("users", "chidi.okafor"));
    let role = |role: &str| json!({ "project_uuid": project, "user_uuid": user, "role": role });
    town.meddle(act("waldur", "join-project", role("PROJECT.MANAGER")));
    town.meddle(act("waldur", "leave-project", role("PROJECT.MEMBER")));
    town.fault("waldur GET **/project_permissions/** duplicate-rows");
    town.mark();
    let decision = town.look().await;
    assert_eq!(decision.kinds(), [""; 0], "{}", decision.text());
    assert!(decision.text().contains("the roles of chidi.okafor may have changed"), "{}", decision.text());
    // Whoever leaves is out all the same: the team says that.
    town.leaves("bruno.costa", "Galaxy survey");
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["remove-member"]);
}
