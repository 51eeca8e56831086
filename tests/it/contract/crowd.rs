//! A realm with a thousand groups, one of them with three thousand people: pages, and how long they take.

use std::time::Instant;

use agent::model::marks::OURSELVES;
use futures_util::future::join_all;
use serde_json::json;

use super::life::{as_a_client, client};
use super::realm::{CROWD, Realm};
use super::server::{Body, Server};

/// The realm, which `.ci/keycloak` imports when the server starts.
pub(super) const REALM: &str = "contract-crowd";

pub(super) fn realm() -> Realm {
    Realm::crowd(REALM, 5)
}

/// Reads it, turns its pages, races for it, and joins people.
pub(super) async fn is_read_whole(server: &Server) -> usize {
    clients_read_all(server).await + pages(server).await + races(server).await + joins(server).await
}

/// Reads all there is through the agent's own client.
async fn clients_read_all(server: &Server) -> usize {
    let (groups, people) = CROWD;
    let client = client(server, REALM, REALM, as_a_client("with-manage-users"));
    let mut clock = Stopwatch::of(server);
    let found = client.groups_of_maker(OURSELVES).await.expect("our groups");
    let found = found.complete().expect("all of them").get();
    assert_eq!(found.len(), groups, "our groups, which fill the first page to the last place");
    clock.lap(&format!("our {groups} groups"));
    let all = &server.ids(REALM)["c_all"].parse().expect("an id");
    let below = client.children(all).await.expect("children");
    assert_eq!(below.complete().expect("all of them").get().len(), groups - 1, "the children of the parent");
    clock.lap("all but one of them as children");
    let largest = server.ids(REALM)["c_all/team_0000"].parse().expect("an id");
    let members = client.members(&largest).await.expect("members");
    assert_eq!(
        members.complete().expect("all of them").get().len(),
        people,
        "the members of the largest group"
    );
    clock.lap(&format!("{people} members"));
    let name = "team_0500".parse().expect("a name");
    let namesakes = client.groups_named(&name).await.expect("a search");
    assert_eq!(namesakes.complete().expect("all of them").get().len(), 1, "one group among them by its name");
    clock.lap("one group by its name");
    4
}

/// Turns pages as another client would: a hundred by default, and as many as one asks for.
async fn pages(server: &Server) -> usize {
    let token = server.token(REALM, "with-manage-users").await;
    let largest = &server.ids(REALM)["c_all/team_0000"];
    let rows = async |what: &str| {
        let url = format!("{}/admin/realms/{REALM}/{what}", server.base);
        let got = server.ask("GET", &url, &token, Body::None).await;
        got.json().as_array().map_or(usize::MAX, Vec::len)
    };
    let members = format!("groups/{largest}/members?briefRepresentation=true");
    let cases = [
        (members.clone(), 100),
        (format!("{members}&first=2950"), 50),
        (format!("{members}&first=1000&max=1000"), 1_000),
        (format!("{members}&first=3000&max=1000"), 0),
        (format!("{members}&max=-1"), CROWD.1),
        ("users".to_owned(), 100),
        ("users?max=-1&briefRepresentation=true".to_owned(), CROWD.1),
        ("groups?q=managed_by:waldur-rancher-agent&populateHierarchy=false&first=990".to_owned(), 10),
        ("groups?search=team_&populateHierarchy=false&max=1000".to_owned(), CROWD.0 - 1),
    ];
    for (what, expected) in &cases {
        assert_eq!(rows(what).await, *expected, "{what}");
    }
    cases.len()
}

/// Does the same thing from several sides at once. One wins; the others are told so, or had the same wish.
async fn races(server: &Server) -> usize {
    let token = &server.token(REALM, "with-manage-users").await;
    let ids = server.ids(REALM);
    let (person, group) = (&ids["person0000"], &ids["c_all/team_0001"]);
    let join = format!("{}/admin/realms/{REALM}/users/{person}/groups/{group}", server.base);
    let joins = join_all((0..8).map(async |_| server.ask("PUT", &join, token, Body::None).await)).await;
    let create = format!("{}/admin/realms/{REALM}/groups", server.base);
    let body = json!({ "name": "wanted by all" });
    let creations =
        join_all((0..8).map(async |_| server.ask("POST", &create, token, Body::Json(body.clone())).await))
            .await;
    let told = |answers: &[super::server::Got]| {
        answers
            .iter()
            .map(|got| format!("{} {}", got.status, got.text))
            .collect::<std::collections::BTreeSet<_>>()
    };
    println!(
        "contract: joins at once: {:?}, creations at once: {:?} on {}",
        told(&joins),
        told(&creations),
        server.title
    );
    assert!(joins.iter().all(|got| [204, 409].contains(&got.status)), "{:?}", told(&joins));
    assert!(joins.iter().any(|got| got.status == 204), "{:?}", told(&joins));
    assert_eq!(creations.iter().filter(|got| got.status == 201).count(), 1, "{:?}", told(&creations));
    assert!(creations.iter().all(|got| [201, 409].contains(&got.status)), "{:?}", told(&creations));
    4
}

/// Joins people at several rates. Says how many a second there are, and makes sure that all of them got in.
async fn joins(server: &Server) -> usize {
    let token = &server.token(REALM, "with-manage-users").await;
    let ids = server.ids(REALM);
    for (at_once, group) in [(4, "c_all/team_0002"), (16, "c_all/team_0003")] {
        let group = &ids[group];
        let mut clock = Stopwatch::of(server);
        for batch in (0..96).collect::<Vec<_>>().chunks(at_once) {
            let joins = batch.iter().map(async |n| {
                let person = &ids[&format!("person{n:04}")];
                let url = format!("{}/admin/realms/{REALM}/users/{person}/groups/{group}", server.base);
                server.ask("PUT", &url, token, Body::None).await.status
            });
            assert!(join_all(joins).await.iter().all(|status| *status == 204), "{at_once} at once");
        }
        clock.lap(&format!("96 joins, {at_once} at once"));
    }
    2
}

/// Says how long things took.
struct Stopwatch {
    on: String,
    since: Instant,
}

impl Stopwatch {
    fn of(server: &Server) -> Self {
        Self { on: server.title.clone(), since: now() }
    }

    fn lap(&mut self, what: &str) {
        println!("contract: {what}: {} ms on {}", self.since.elapsed().as_millis(), self.on);
        self.since = now();
    }
}

#[expect(clippy::disallowed_methods, reason = "a test says how long a server took")]
fn now() -> Instant {
    Instant::now()
}
