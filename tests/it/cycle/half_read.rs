//! Readings that are not whole: one page of a list is lost, roles cannot be read, nothing is there yet.

use agent::sandbox::Seed;
use agent::sandbox::rancher::{Binding, Project, RoleTemplate};
use serde_json::json;

use crate::town::{Town, act};

/// Rancher gives lists by the thousand.
const MORE_THAN_A_PAGE: usize = 1100;

/// Fills Rancher's lists with so much of others' that each takes two pages, with what is ours somewhere between.
fn crowded(seed: &mut Seed) {
    let cluster = seed.rancher.clusters[0].id.clone();
    let name = |number: usize| format!("{}{number:04}", if number.is_multiple_of(2) { "a" } else { "z" });
    for number in 0..MORE_THAN_A_PAGE {
        let name = name(number);
        let project_id = format!("{cluster}:p-{name}");
        seed.rancher.projects.push(Project {
            id: project_id.clone(),
            name: format!("theirs {name}"),
            cluster_id: cluster.clone(),
            ..Project::default()
        });
        seed.rancher.bindings.push(Binding {
            name: format!("theirs-{name}"),
            project_id,
            role_template_id: "read-only".to_owned(),
            group_principal_id: Some(format!("keycloakoidc_group://theirs-{name}")),
            ..Binding::default()
        });
        seed.rancher.role_templates.push(RoleTemplate {
            id: format!("rt-{name}"),
            name: name.clone(),
            context: "project".to_owned(),
            ..RoleTemplate::default()
        });
    }
}

#[tokio::test(start_paused = true)]
async fn one_lost_page_of_any_list_of_ranchers_takes_nothing_away_and_makes_nothing_twice() {
    let mut town = Town::story_with(crowded);
    town.converge().await;
    town.must_be_right();
    let id = town.project_of("Sea ice portal")["id"].clone();
    town.meddle(act("rancher", "delete-project", json!({ "id": id })));
    town.settle().await;
    town.leaves("mei.tanaka", "Sea ice");
    let before = town.judge().have;
    for (list, forbidden) in [
        ("projects", "create-project"),
        ("projectroletemplatebindings", "remove-member"),
        ("roletemplates", "delete-group"),
    ] {
        // The first page arrives, the second never does.
        town.fault(&format!("rancher GET /v3/{list} #2..40 status 503"));
        let decision = town.look().await;
        assert!(decision.plan.is_blind_somewhere(), "{list}: {}", decision.text());
        assert!(!decision.kinds().contains(&forbidden.to_owned()), "{list}: {}", decision.text());
        town.sandbox.clear_faults();
    }
    assert_eq!(town.judge().have, before);
    town.converge().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_lost_last_page_of_groups_takes_nothing_away_and_makes_no_second_group() {
    let mut town = Town::story();
    town.converge().await;
    town.leaves("mei.tanaka", "Sea ice");
    town.fault("keycloak GET /admin/realms/*/groups #2..40 status 503");
    town.mark();
    let cycle = town.cycle().await;
    assert!(cycle.plan.is_blind_somewhere());
    let made = ["create-group", "create-parent", "delete-group", "unbind"];
    let steps = crate::town::kinds(cycle.verdict.admitted.steps());
    assert!(!steps.iter().any(|step| made.contains(&step.as_str())), "{steps:?}");
    town.sandbox.clear_faults();
    town.converge().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn roles_that_cannot_be_read_are_told_and_stop_nothing_else() {
    for spoiled in ["status 503", "status 403", "truncate", "html"] {
        let mut town = Town::story();
        town.fault(&format!("rancher GET /v3/roletemplates {spoiled}"));
        let decision = town.look().await;
        assert!(
            decision.text().contains("the role templates could not be read completely"),
            "{}",
            decision.text()
        );
        town.converge().await;
        // The server itself refuses a role that cannot be given.
        town.must_be_right();
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_cluster_and_realm_are_believed_at_first_start() {
    let mut town = Town::story_with(|seed| {
        seed.rancher.projects.clear();
        seed.rancher.bindings.clear();
        seed.keycloak.realms[0].groups.clear();
    });
    let decision = town.look().await;
    assert!(!decision.plan.is_blind_somewhere(), "{}", decision.text());
    town.converge().await;
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_lost_page_of_grants_is_made_up_for_by_asking_for_each_team() {
    let mut town = Town::story();
    town.converge().await;
    let before = town.judge().have;
    town.joins("jaan.tamm", "Galaxy survey");
    for spoiled in ["truncate", "status 503", "duplicate-rows"] {
        town.fault(&format!("waldur GET /api/marketplace-service-providers/** {spoiled}"));
        town.cycle().await;
        assert!(before.is_subset(&town.judge().have), "{spoiled}");
        town.sandbox.clear_faults();
    }
    town.converge().await;
    town.must_be_right();
}
