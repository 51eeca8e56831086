//! Modes (rule 16): each takes its own kind of steps, and both together do everything.

use agent::reconcile::modes::{Mode, narrow};
use serde_json::json;

use crate::town::{Town, kinds};

const NEW: &str = "Dark matter";
const NOTEBOOKS: &str = "Galaxy survey notebooks";

/// A town in which something of every kind is to be done.
async fn busy() -> Town {
    let mut town = Town::story();
    town.account("zofia.nowak");
    town.converge().await;
    town.orders(NEW, "Sea ice", json!({ "cpu": 4, "memory": 8, "storage": 10 }));
    town.orders_limits(NOTEBOOKS, json!({ "cpu": 40, "memory": 80, "storage": 200 }));
    town.joins("jaan.tamm", "Galaxy survey");
    town.sneaks_into("zofia.nowak", "Sea ice");
    town
}

/// Runs one cycle in some modes, and returns what was done.
async fn cycle(town: &mut Town, modes: &[Mode]) -> Vec<String> {
    let whole = town.config.policy.clone();
    narrow(&mut town.config.policy, &modes.iter().copied().collect());
    let cycle = town.cycle().await;
    town.config.policy = whole;
    assert!(cycle.applied.is_complete(), "{:#?}", cycle.applied.outcomes);
    kinds(cycle.verdict.admitted.steps())
}

#[tokio::test(start_paused = true)]
async fn orders_are_carried_out_and_people_are_left_alone() {
    let mut town = busy().await;
    let before = town.groups();
    let done = cycle(&mut town, &[Mode::OrderProcess]).await;
    let expected = ["take-order", "create-project", "record-backend-id", "complete-order"];
    assert!(expected.iter().all(|kind| done.iter().any(|one| one == kind)), "{done:?}");
    assert_eq!(town.order_of(NEW)["state"], "done");
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
    assert_eq!(town.groups(), before);
    assert_eq!(town.bindings_of(NEW), [""; 0]);
    // The next one finds nothing, though there is something to do for people.
    assert_eq!(cycle(&mut town, &[Mode::OrderProcess]).await, [""; 0]);
    town.converge().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn people_are_kept_in_line_and_orders_are_left_alone() {
    let mut town = busy().await;
    let done = cycle(&mut town, &[Mode::MembershipSync]).await;
    assert!(!done.is_empty() && done.iter().all(|kind| kind.ends_with("-member")), "{done:?}");
    assert_eq!(town.order_of(NEW)["state"], "pending-provider");
    assert_eq!(town.order_of(NOTEBOOKS)["state"], "pending-provider");
    assert_eq!(cycle(&mut town, &[Mode::MembershipSync]).await, [""; 0]);
    town.converge().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn an_end_that_was_ordered_is_carried_out_without_the_mode_for_people() {
    let mut town = Town::story();
    town.converge().await;
    town.orders_the_end_of(NOTEBOOKS);
    assert_eq!(cycle(&mut town, &[Mode::MembershipSync]).await, [""; 0]);
    cycle(&mut town, &[Mode::OrderProcess]).await;
    assert_eq!(town.resource(NOTEBOOKS)["state"], "Terminated");
    assert_eq!(town.converge().await, 0);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_mode_does_not_switch_on_what_is_switched_off() {
    let mut town = busy().await;
    for offering in town.config.policy.offerings.values_mut() {
        offering.scope.projects = false;
    }
    let done = cycle(&mut town, &Mode::ALL).await;
    assert!(!done.is_empty() && done.iter().all(|kind| kind.ends_with("-member")), "{done:?}");
    assert_eq!(cycle(&mut town, &[Mode::OrderProcess]).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn every_mode_reads_the_same() {
    let mut town = Town::story();
    town.converge().await;
    let mut read = Vec::new();
    for modes in [&Mode::ALL[..], &[Mode::OrderProcess], &[Mode::MembershipSync], &[Mode::Report]] {
        town.mark();
        assert_eq!(cycle(&mut town, modes).await, [""; 0]);
        let paths = town.sandbox.journal().into_iter().map(|one| format!("{} {}", one.method, one.path));
        // What steps on people rest on is asked for if there can be such steps: a team in its turn, an account.
        let is_answer = |path: &String| path.contains("/team/") || path.contains("/users?");
        let mut paths: Vec<String> = paths.filter(|path| !is_answer(path)).collect();
        paths.sort();
        read.push(paths);
    }
    assert!(read.windows(2).all(|two| two[0] == two[1]), "{read:#?}");
}
