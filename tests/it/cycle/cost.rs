//! What a cycle costs: the README's numbers, from the journal.

use agent::sandbox::System;

use crate::town::Town;

/// How many rows Waldur gives at a time.
const PAGE: u64 = 100;

/// Counts who is in some team and has no account in Keycloak.
fn unknown_people(town: &Town) -> u64 {
    let now = town.sandbox.snapshot();
    let accounts = now["keycloak"]["realms"][crate::town::realm()]["users"].as_object().unwrap().clone();
    let users = now["waldur"]["users"].as_array().unwrap().iter();
    let people = users.filter(|user| user["username"] != "service-rancher-agent");
    people.filter(|user| !accounts.contains_key(user["username"].as_str().unwrap())).count() as u64
}

fn rows(town: &Town, table: &str) -> u64 {
    town.sandbox.snapshot_of(System::Waldur)[table].as_array().unwrap().len() as u64
}

fn grants(town: &Town) -> u64 {
    let snapshot = town.sandbox.snapshot_of(System::Waldur);
    let projects = snapshot["projects"].as_array().unwrap().iter();
    projects.map(|project| project["grants"].as_array().unwrap().len() as u64).sum()
}

#[tokio::test(start_paused = true)]
async fn a_cycle_with_nothing_to_do_over_500_resources() {
    let mut town = Town::generated(500, 10);
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete());
    let unknown = unknown_people(&town);
    assert!(unknown > 10, "the site has people who have never logged in");

    town.mark();
    let cycle = town.cycle().await;
    assert!(cycle.verdict.admitted.steps().is_empty());
    assert_eq!(town.writes(), [0, 0, 0]);
    let [waldur, rancher, keycloak] = town.reads();
    // The offering, the provider, and the pages of resources, grants and offering users.
    let pages: u64 = [rows(&town, "resources"), grants(&town), rows(&town, "offering_users")]
        .map(|rows| rows.div_ceil(PAGE))
        .iter()
        .sum();
    // The accounts of services and courses, the open orders, and seven teams whose turn it is.
    assert!(waldur <= 2 + pages + 2 + 1 + 7 && waldur <= 60, "{waldur} requests to Waldur");
    assert!(rancher <= 10, "{rancher} requests to Rancher");
    // A login, a page and the empty one after it, the members of each group, and whoever has yet to log in.
    let groups = town.groups().len() as u64;
    assert_eq!(groups, 251);
    assert!(keycloak <= 1 + 2 + groups + unknown, "{keycloak} requests to Keycloak, {unknown} are unknown");
    println!(
        "{waldur} requests to Waldur, {rancher} to Rancher, {keycloak} to Keycloak ({unknown} for strangers)"
    );
}

#[tokio::test(start_paused = true)]
async fn one_joiner_costs_a_team_a_lookup_and_a_write() {
    let mut town = Town::story();
    town.account("zofia.nowak");
    town.converge().await;
    town.mark();
    town.cycle().await;
    let nothing = town.reads();
    town.joins("jaan.tamm", "Galaxy survey");
    town.mark();
    town.cycle().await;
    let [waldur, rancher, keycloak] = town.reads();
    assert_eq!([rancher - nothing[1], keycloak - nothing[2]], [0, 1]);
    // None if it is that team's turn to be read anyway.
    assert!(waldur - nothing[0] <= 1, "{waldur} requests to Waldur, {} with nothing to do", nothing[0]);
    assert_eq!(town.writes(), [0, 0, 1]);
}
