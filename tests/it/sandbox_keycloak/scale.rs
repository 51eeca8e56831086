//! A hundred thousand memberships, read page by page.

use std::time::Instant;

use agent::sandbox::keycloak::Seed;
use agent::sandbox::keycloak::seed::{Client, Group, Realm, User};
use serde_json::Value;

use super::town::Town;

fn crowd(people: usize) -> Seed {
    let name = |number: usize| format!("user-{number:06}");
    let users = (0..people).map(|n| User { id: name(n), username: name(n), ..User::default() });
    // The members are seeded backwards: the order of the seed must not matter.
    let everybody = (0..people).rev().map(name).collect();
    let group = Group { id: "all".into(), name: "all".into(), members: everybody, ..Group::default() };
    let client = Client {
        client_id: "with-manage-users".into(),
        secret: Some("s".into()),
        service_account: true,
        roles: vec!["manage-users".into()],
        ..Client::default()
    };
    let users = users.collect();
    let t1 =
        Realm { realm: "t1".into(), users, groups: vec![group], clients: vec![client], ..Realm::default() };
    Seed { realms: vec![t1], ..Seed::default() }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test measures real work, in real time")]
async fn pages_at_the_end_cost_as_little_as_pages_at_the_start() {
    let people = 100_000;
    let town = Town::of(crowd(people));
    let token = town.token_of("with-manage-users").await;
    let started = Instant::now();
    let mut seen = Vec::new();
    loop {
        let path = format!("groups/all/members?first={}&max=2000&briefRepresentation=true", seen.len());
        let page = town.ask("GET", &path, &token, &Value::Null).await.names();
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    assert_eq!(seen.len(), people);
    assert!(seen.is_sorted() && seen.windows(2).all(|pair| pair[0] != pair[1]));
    for number in 0..100 {
        let path = format!("users/user-{number:06}/groups/all");
        assert_eq!(town.ask("DELETE", &path, &token, &Value::Null).await.status, 204);
    }
    // Generous for a slow machine; a quadratic reading takes minutes.
    assert!(started.elapsed().as_secs() < 60, "reading and leaving took {:?}", started.elapsed());
}
