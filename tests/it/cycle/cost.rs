//! What a cycle costs: the README's numbers, from the journal.

use std::collections::BTreeMap;
use std::time::Duration;

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

/// Says how many requests there were from the order's list call to its end, waiting left out.
fn of_the_order(town: &Town) -> [usize; 3] {
    let journal = town.sandbox.journal();
    let first = journal.iter().position(|one| one.path.contains("/marketplace-orders/?")).unwrap();
    let last = journal.iter().rposition(|one| one.path.contains("/set_state_done/")).unwrap();
    let mut ready = std::collections::BTreeSet::new();
    let counts = |one: &&agent::sandbox::Exchange| {
        // Rancher is asked again and again whether the new project is ready: the first time counts.
        let asks = one.system == System::Rancher && !one.write && one.path.contains("/v3/projects/");
        // Nor is it counted what Waldur is told of the resource beside the order.
        let told = ["backend_metadata", "refresh_last_sync"].iter().any(|it| one.path.contains(it))
            && !one.path.contains("/?offering_uuid");
        !told && (!asks || ready.insert(one.path.clone()))
    };
    let counted: Vec<_> = journal[first..=last].iter().filter(counts).collect();
    System::ALL.map(|system| counted.iter().filter(|one| one.system == system).count())
}

/// A town with ten people in one project, whom the offering knows by their usernames or by their ids in Keycloak.
fn with_ten_people(by_id: bool) -> Town {
    let mut seed = agent::sandbox::generate(1, 10, 7).unwrap();
    seed.waldur.resources.clear();
    if by_id {
        for person in &mut seed.waldur.offering_users {
            let mut users = seed.keycloak.realms[0].users.iter();
            let account = users.find(|user| Some(&user.username) == person.username.as_ref()).unwrap();
            person.username = Some(account.id.clone());
        }
    }
    let mut town = Town::of(seed);
    if by_id {
        for offering in town.config.policy.offerings.values_mut() {
            offering.keycloak.as_mut().unwrap().lookup = agent::model::policy::Lookup::ById;
        }
    }
    town
}

#[tokio::test(start_paused = true)]
async fn a_new_order_with_ten_members_on_an_empty_realm() {
    for by_id in [true, false] {
        let mut town = with_ten_people(by_id);
        let project = town.sandbox.snapshot_of(System::Waldur)["projects"][0]["name"].clone();
        let limits = serde_json::json!({ "cpu": 4, "memory": 8 });
        town.orders("Dark matter", project.as_str().unwrap(), limits);
        town.mark();
        let cycle = town.cycle().await;
        assert!(cycle.applied.is_complete());
        assert_eq!(town.order_of("Dark matter")["state"], "done");
        town.must_be_right();
        assert_eq!(town.judge().have.len(), 10);
        let [waldur, rancher, keycloak] = of_the_order(&town);
        println!("{waldur} requests to Waldur, {rancher} to Rancher, {keycloak} to Keycloak");
        assert!(waldur <= 12 && rancher <= 11 && keycloak <= 18, "{waldur} {rancher} {keycloak}");
    }
}

/// Places 200 orders at once and carries them out, so many requests at a time to each system; returns how long it took.
async fn two_hundred_orders(concurrency: [usize; 3]) -> Duration {
    let mut seed = agent::sandbox::generate(200, 5, 7).unwrap();
    let resources = std::mem::take(&mut seed.waldur.resources);
    let names: BTreeMap<_, _> = seed.waldur.projects.iter().map(|one| (one.uuid, one.name.clone())).collect();
    let mut town = Town::of(seed);
    for resource in resources {
        let limits = serde_json::json!({ "cpu": 4, "memory": 8 });
        town.orders(&resource.name, &names[&resource.project_uuid], limits);
    }
    let now = &mut town.config.settings.concurrency;
    [now.waldur, now.rancher, now.keycloak] = concurrency;
    town.restart();
    town.sandbox.set_latency(Duration::from_millis(20));
    let begun = tokio::time::Instant::now();
    let cycle = town.cycle_alone().await;
    let took = begun.elapsed();
    assert!(cycle.applied.is_complete());
    let orders = town.sandbox.snapshot_of(System::Waldur)["orders"].clone();
    assert!(orders.as_array().unwrap().iter().all(|order| order["state"] == "done"));
    took
}

#[tokio::test(start_paused = true)]
async fn two_hundred_orders_at_once() {
    let usual = agent::config::Concurrency::default();
    let one = two_hundred_orders([1; 3]).await;
    let some = two_hundred_orders([usual.waldur, usual.rancher, usual.keycloak]).await;
    let many = two_hundred_orders([16; 3]).await;
    let [faster, fastest] = [some, many].map(|took| one.as_secs_f64() / took.as_secs_f64());
    println!(
        "{one:?} one at a time, {some:?} by default ({faster:.1} times), {many:?} with 16 ({fastest:.1} times)"
    );
    assert!(faster >= 6.0 && fastest >= 15.0, "{faster:.1} and {fastest:.1} times faster");
}
