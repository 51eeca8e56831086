//! The whole life of groups and members, driven by the agent's own pipeline: Waldur and Rancher are simulated, Keycloak is
//! whichever server is asked.

use agent::http::Grant;
use agent::keycloak::{Client, Settings};
use agent::sandbox::{Credentials, System};
use serde_json::{Value, json};

use super::onlooker::keycloak_of;
use super::realm::Realm;
use super::server::Server;
use crate::town::{Town, act, judge, kinds};

/// The realm of the life.
pub(super) const REALM: &str = "contract-life";

/// Everybody in the town of the story who has an account at first, and somebody who is in no team.
const PEOPLE: [&str; 7] =
    ["ada.lindqvist", "bruno.costa", "chidi.okafor", "elif.demir", "jaan.tamm", "mei.tanaka", "mallory"];

/// The team that comes and goes, and the one that stays.
const TEAM: [&str; 3] = ["ada.lindqvist", "bruno.costa", "chidi.okafor"];

pub(super) fn realm() -> Realm {
    let keys = Credentials::SANDBOX;
    Realm::people(REALM, 4, &PEOPLE, (keys.keycloak_username, keys.keycloak_password))
}

/// How the agent logs in.
pub(super) fn as_a_client(client_id: &str) -> Grant {
    Grant::ClientCredentials { client_id: client_id.to_owned(), client_secret: "s".into() }
}

/// The service user with a password, and nothing but `manage-users`.
pub(super) fn as_a_user() -> Grant {
    let keys = Credentials::SANDBOX;
    Grant::Password {
        client_id: "admin-cli".to_owned(),
        client_secret: None,
        username: keys.keycloak_username.to_owned(),
        password: keys.keycloak_password.into(),
    }
}

/// A town whose people are in a server's Keycloak.
pub(super) struct Life<'s> {
    pub(super) server: &'s Server,
    pub(super) town: Town,
    /// What was made sure of.
    pub(super) checks: usize,
}

impl<'s> Life<'s> {
    pub(super) fn of(server: &'s Server, grant: Grant) -> Self {
        Self::in_town(server, Town::story(), grant)
    }

    pub(super) fn in_town(server: &'s Server, mut town: Town, grant: Grant) -> Self {
        // Two looks at once are enough to let an empty group go.
        town.config.policy.grace = jiff::SignedDuration::ZERO;
        town.config.policy.budget.people = 100;
        let mut life = Self { server, town, checks: 0 };
        life.log_in(grant);
        life
    }

    /// Logs the agent in otherwise, as after a change of its configuration.
    pub(super) fn log_in(&mut self, grant: Grant) {
        let client = client(self.server, REALM, REALM, grant);
        self.town.systems.keycloak.values_mut().for_each(|known| *known = client.clone());
    }

    /// Returns what the server holds, in the manner of the sandbox.
    pub(super) async fn keycloak(&self) -> Value {
        keycloak_of(self.server, REALM).await
    }

    /// Makes sure that everybody reaches exactly what Waldur says.
    pub(super) async fn must_be_right(&mut self, when: &str) {
        let mut snapshot = self.town.sandbox.snapshot();
        snapshot["keycloak"] = self.keycloak().await;
        let judgement = judge::judge(&snapshot, &self.town.sandbox.clock().now().to_string());
        assert_eq!(judgement.have, judgement.wanted, "{when}: who can reach what, and who should");
        assert_eq!(judgement.defects, Vec::<String>::new(), "{when}");
        self.checks += 2;
    }

    /// Runs a cycle that must do exactly this.
    pub(super) async fn cycle(&mut self, when: &str, steps: &[&str]) {
        let cycle = self.town.cycle().await;
        assert!(cycle.troubles.is_empty(), "{when}: {:?}", cycle.troubles);
        // What Waldur is told of it is no matter of Keycloak's.
        let is_told = |kind: &String| ["set-metadata", "refresh-last-sync"].contains(&kind.as_str());
        let mut did = kinds(cycle.verdict.admitted.steps());
        did.retain(|kind| !is_told(kind));
        assert_eq!(did, steps, "{when}");
        assert!(cycle.applied.is_complete(), "{when}: {:?}", cycle.applied.outcomes);
        self.checks += 3;
    }

    /// Lets the agent work until it has nothing more to do.
    pub(super) async fn converge(&mut self, when: &str) {
        self.town.converge().await;
        self.checks += 1;
        self.must_be_right(when).await;
    }

    /// Returns the id and the name of the group of a team.
    pub(super) async fn group_of(&self, project: &str) -> Option<(String, String)> {
        let uuid = self.town.uuid("projects", project).replace('-', "");
        let keycloak = self.keycloak().await;
        let groups = keycloak["realms"]["waldur"]["groups"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut of_team =
            groups.iter().filter(|group| group["attributes"]["waldur_project_uuid"][0] == uuid.as_str());
        of_team.next().map(|group| (text(&group["id"]), text(&group["name"])))
    }
}

/// Makes the agent's client.
pub(super) fn client(server: &Server, realm: &str, user_realm: &str, grant: Grant) -> Client {
    client_at(&server.base, realm, user_realm, grant)
}

/// Makes the agent's client for an address.
pub(super) fn client_at(base: &str, realm: &str, user_realm: &str, grant: Grant) -> Client {
    let [realm, user_realm] = [realm, user_realm].map(|name| name.parse().expect("a realm's name"));
    let settings = Settings::new(base.to_owned(), realm, user_realm, grant);
    Client::new(settings, crate::town::socket(), "agent/contract").expect("a client")
}

/// Tells a whole life.
pub(super) async fn tell_a_life(server: &Server) -> usize {
    let mut life = Life::of(server, as_a_client("with-manage-users"));
    life.converge("from nothing").await;
    life.cycle("a second time", &[]).await;

    life.town.joins("jaan.tamm", "Galaxy survey");
    life.cycle("somebody joins", &["add-member"]).await;
    life.must_be_right("somebody joined").await;
    life.town.leaves("jaan.tamm", "Galaxy survey");
    life.cycle("somebody leaves", &["remove-member"]).await;
    life.must_be_right("somebody left").await;

    let group = life.group_of("Galaxy survey").await.expect("the team has a group");
    sneak_in(&life, "mallory", &group.0).await;
    life.cycle("a stray while one of the team is unknown", &[]).await;
    server.add_account(REALM, "zofia.nowak").await;
    life.cycle("a new account, and the stray", &["add-member", "remove-member"]).await;
    life.must_be_right("the stray is out").await;

    let uuid = life.town.uuid("projects", "Galaxy survey");
    let set = json!({ "name": "Star survey", "slug": "star-survey" });
    life.town.meddle(act("waldur", "set-project", json!({ "uuid": uuid, "set": set })));
    life.converge("a project has another name").await;
    assert_eq!(life.group_of("Star survey").await.as_ref(), Some(&group), "its group is what it was");
    rename(&life, &group.0, "by_hand").await;
    life.converge("a group was renamed by hand").await;
    let renamed = (group.0, "by_hand".to_owned());
    assert_eq!(life.group_of("Star survey").await.as_ref(), Some(&renamed), "it is known by its marks");

    remove(&life, &renamed.0).await;
    life.converge("a group was deleted by hand").await;
    life.checks += 2;

    for person in TEAM.iter().chain(&["zofia.nowak"]) {
        life.town.leaves(person, "Star survey");
    }
    life.cycle(
        "a team is empty",
        &["remove-member", "remove-member", "remove-member", "remove-member", "mark-empty"],
    )
    .await;
    life.town.joins(TEAM[0], "Star survey");
    life.cycle("the team is back", &["clear-empty", "add-member"]).await;
    life.must_be_right("the team is back").await;
    life.town.leaves(TEAM[0], "Star survey");
    life.cycle("and gone", &["remove-member", "mark-empty"]).await;
    life.converge("its group is gone").await;
    assert_eq!(life.group_of("Star survey").await, None);
    for person in ["elif.demir", "chidi.okafor", "jaan.tamm", "mei.tanaka"] {
        life.town.leaves(person, "Sea ice");
    }
    life.converge("the last team is gone").await;
    assert_eq!(
        life.keycloak().await["realms"]["waldur"]["groups"],
        json!([]),
        "and the cluster's group with it"
    );
    life.town.joins(TEAM[0], "Star survey");
    life.converge("all begins anew").await;
    life.checks += 2;
    assert_eq!(life.town.sandbox.writes(System::Keycloak), 0, "the simulated Keycloak had no part in it");
    life.checks
}

async fn sneak_in(life: &Life<'_>, username: &str, group: &str) {
    let user = &life.server.ids(REALM)[username];
    let at = format!("/admin/realms/{REALM}/users/{user}/groups/{group}");
    let got = life.server.as_admin("PUT", &at, super::server::Body::None).await;
    assert_eq!(got.status, 204, "{}", got.text);
}

async fn rename(life: &Life<'_>, group: &str, name: &str) {
    let at = format!("/admin/realms/{REALM}/groups/{group}");
    let got = life.server.as_admin("PUT", &at, super::server::Body::Json(json!({ "name": name }))).await;
    assert_eq!(got.status, 204, "{}", got.text);
}

async fn remove(life: &Life<'_>, group: &str) {
    let at = format!("/admin/realms/{REALM}/groups/{group}");
    let got = life.server.as_admin("DELETE", &at, super::server::Body::None).await;
    assert_eq!(got.status, 204, "{}", got.text);
}
