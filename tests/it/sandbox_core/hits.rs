//! Which requests a fault hits.

use agent::sandbox::{Sandbox, System};
use axum::http::Method;

use super::{ask, get, statuses, town_with};

/// Refused with 503 or not, over so many calls.
async fn hits(town: &Sandbox, calls: usize) -> Vec<usize> {
    let seen = statuses(town, calls).await;
    (1..=calls).filter(|call| seen[call - 1] == 503).collect()
}

#[tokio::test]
async fn calls_are_counted_from_one_and_both_ends_belong() {
    for (when, hit) in
        [("#3", vec![3]), ("#3..5", vec![3, 4, 5]), ("#6..", vec![6, 7]), ("", (1..=7).collect())]
    {
        let town = town_with(&[&format!("rancher GET /v3/projects {when} status 503")]);
        assert_eq!(hits(&town, 7).await, hit, "{when}");
    }
}

#[tokio::test]
async fn a_share_is_about_that_large_and_the_same_in_every_run() {
    let ten = "rancher * * 10% status 503";
    let first = hits(&town_with(&[ten]), 1000).await;
    assert!((70..=130).contains(&first.len()), "{} of 1000", first.len());
    assert_eq!(hits(&town_with(&[ten]), 1000).await, first);
    assert_ne!(hits(&town_with(&["rancher * * 10% seed 1 status 503"]), 1000).await, first);
    assert_eq!(hits(&town_with(&["rancher * * 0% status 503"]), 100).await.len(), 0);
    assert_eq!(hits(&town_with(&["rancher * * 100% status 503"]), 100).await.len(), 100);
}

#[tokio::test]
async fn only_what_matches_is_hit_or_counted() {
    let town = town_with(&["keycloak POST /admin/*/groups* #2 status 503"]);
    let post = async |system, path| ask(town.router(system), Method::POST, path, "").await.status().as_u16();
    assert_ne!(post(System::Keycloak, "/admin/realms/x/groups").await, 503);
    assert_ne!(post(System::Rancher, "/admin/realms/x/groups").await, 503);
    assert_ne!(post(System::Keycloak, "/admin/realms/x/users").await, 503);
    assert_ne!(get(&town, System::Keycloak, "/admin/realms/x/groups").await.status().as_u16(), 503);
    assert_eq!(post(System::Keycloak, "/admin/realms/x/groups/7/children?a=b").await, 503);
    let armed = town.faults();
    assert_eq!((armed[0].matched, armed[0].hit), (2, 1));
}

#[tokio::test]
async fn a_pattern_with_a_question_mark_looks_at_the_query_too() {
    let town = town_with(&["waldur GET /api/x/?*page=2* status 503"]);
    assert_ne!(get(&town, System::Waldur, "/api/x/?page=1").await.status().as_u16(), 503);
    assert_ne!(get(&town, System::Waldur, "/api/x/").await.status().as_u16(), 503);
    assert_eq!(get(&town, System::Waldur, "/api/x/?size=5&page=2").await.status().as_u16(), 503);
}

#[tokio::test]
async fn the_first_fault_that_hits_wins_and_the_next_still_counts() {
    let town = town_with(&["rancher * * #1 status 503", "rancher * * #2 status 502"]);
    assert_eq!(statuses(&town, 2).await, [503, 502]);
    town.clear_faults();
    assert_ne!(statuses(&town, 1).await, [503]);
    assert!(town.faults().is_empty());
}
