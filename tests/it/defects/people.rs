//! Who gets access, and who keeps it: D1, D2, D3, D14, D15, D16, D24.

use agent::model::policy::Lookup;
use agent::plan::NoteKind;
use agent::sandbox::waldur::{AccountKind, AccountState, ProjectAccount};
use serde_json::json;

use crate::town::{Town, act, kinds};

/// Calls somebody otherwise at the offering.
fn call(town: &Town, user: &str, username: &str) {
    let offering = town.uuid("offerings", "Kubernetes projects");
    let user = town.uuid("users", user);
    let fields = json!({ "offering_uuid": offering, "user_uuid": user, "username": username });
    town.meddle(act("waldur", "set-offering-user", fields));
}

#[tokio::test(start_paused = true)]
async fn d1_people_found_by_name_do_not_flip() {
    let mut town = Town::story();
    for offering in town.config.policy.offerings.values_mut() {
        offering.keycloak.as_mut().unwrap().lookup = Lookup::ById;
    }
    call(&town, "ada.lindqvist", "ADA.LINDQVIST");
    town.converge().await;
    assert!(town.judge().have.iter().any(|(_, who)| who == "ada.lindqvist"));
    for _ in 0..3 {
        town.mark();
        town.cycle().await;
        assert_eq!(town.writes(), [0, 0, 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn d2_a_list_of_members_that_fails_deletes_no_group() {
    let mut town = Town::story();
    town.converge().await;
    town.leaves("bruno.costa", "Galaxy survey");
    let (groups, have) = (town.groups().len(), town.judge().have);
    town.fault("keycloak GET **/members status 500");
    town.mark();
    let cycle = town.cycle().await;
    assert!(cycle.plan.is_blind_somewhere(), "it is told");
    assert_eq!(town.writes(), [0, 0, 0]);
    assert_eq!((town.groups().len(), town.judge().have), (groups, have));
}

#[tokio::test(start_paused = true)]
async fn d3_a_login_that_fails_is_no_success() {
    let mut town = Town::story();
    town.converge().await;
    town.restart();
    town.leaves("bruno.costa", "Galaxy survey");
    town.fault("keycloak POST **/token unauthorized");
    town.mark();
    let cycle = town.cycle().await;
    assert_eq!(cycle.troubles.len(), 1, "{:?}", cycle.troubles);
    assert!(cycle.plan.is_blind_somewhere());
    assert_eq!(town.writes(), [0, 0, 0], "nobody is told that people were synchronised");
}

#[tokio::test(start_paused = true)]
async fn d14_restricted_access_keeps_no_former_member() {
    let mut town = Town::story();
    town.converge().await;
    town.set_resource("Galaxy survey pipeline", json!({ "restrict_member_access": true }));
    town.leaves("bruno.costa", "Galaxy survey");
    town.cycle().await;
    town.must_be_right();
    let members = town.group_of("Galaxy survey").unwrap()["members"].clone();
    assert!(!members.to_string().contains("bruno.costa"), "{members}");
}

/// The demo's town with an account of a service and a seat in a course, both in the galaxy survey.
fn with_accounts() -> Town {
    let town = Town::story_with(|seed| {
        let project_uuid = seed.waldur.projects[0].uuid;
        let account = |number: u128, kind, username: &str| ProjectAccount {
            uuid: uuid::Uuid::from_u128(0xacc_0000 + number),
            kind,
            username: username.to_owned(),
            state: AccountState::Ok,
            project_uuid,
            user_uuid: None,
        };
        seed.waldur.accounts.push(account(1, AccountKind::Service, "svc-pipeline"));
        seed.waldur.accounts.push(account(2, AccountKind::Course, "seat-7"));
    });
    town.account("svc-pipeline");
    town.account("seat-7");
    town.account("zofia.nowak");
    town
}

#[tokio::test(start_paused = true)]
async fn d15_accounts_of_services_and_courses_do_not_flip() {
    let mut town = with_accounts();
    town.converge().await;
    town.must_be_right();
    let pair = |who: &str| ("Galaxy survey pipeline".to_owned(), who.to_owned());
    assert!(town.judge().have.contains(&pair("svc-pipeline")));
    assert!(town.judge().have.contains(&pair("seat-7")));
    town.mark();
    town.cycle().await;
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
    // One that is closed is out.
    let uuid = uuid::Uuid::from_u128(0xacc_0002);
    town.meddle(act("waldur", "set-account", json!({ "uuid": uuid, "state": "Closed" })));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["remove-member"]);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn d15_accounts_that_could_not_be_read_stay() {
    let mut town = with_accounts();
    town.converge().await;
    town.leaves("bruno.costa", "Galaxy survey");
    town.fault("waldur GET **/list_course_accounts/** status 500");
    town.mark();
    let cycle = town.cycle().await;
    assert!(cycle.plan.is_blind_somewhere());
    assert_eq!(town.writes(), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn d16_who_loses_one_role_of_two_stays() {
    let mut town = Town::story();
    town.joins("ada.lindqvist", "Galaxy survey");
    town.converge().await;
    let (project, user) = (town.uuid("projects", "Galaxy survey"), town.uuid("users", "ada.lindqvist"));
    for role in ["PROJECT.MANAGER", "PROJECT.MEMBER"] {
        assert!(town.judge().have.iter().any(|(_, who)| who == "ada.lindqvist"));
        let fields = json!({ "project_uuid": project, "user_uuid": user, "role": role });
        town.meddle(act("waldur", "leave-project", fields));
        town.cycle().await;
        town.must_be_right();
    }
    assert!(!town.judge().have.iter().any(|(_, who)| who == "ada.lindqvist"));
}

#[tokio::test(start_paused = true)]
async fn d24_who_is_unknown_to_keycloak_is_told_and_counts_as_nothing() {
    let mut town = Town::story();
    town.converge().await;
    let decision = town.look().await;
    let waiting: Vec<_> = decision.plan.notes.iter().filter(|note| note.kind == NoteKind::Waiting).collect();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert!(waiting[0].what.starts_with("zofia.nowak is in the team and unknown to Keycloak"));
    town.account("zofia.nowak");
    // A join that fails is a failure, told as one, and tried again.
    town.fault("keycloak PUT **/users/*/groups/* #1..9 status 403");
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["add-member"]);
    assert!(!cycle.applied.is_complete());
    town.sandbox.clear_faults();
    town.converge().await;
    town.must_be_right();
}
