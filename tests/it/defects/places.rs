//! Whose projects, groups and bindings there are: D4, D5, D12, D18, D19, D26.

use agent::model::capture::Capture;
use agent::plan::{Action, plan};
use agent::sandbox::System;
use serde_json::json;

use crate::town::{Town, act, kinds, left_by_the_python_agent};

const NOTEBOOKS: &str = "Galaxy survey notebooks";
const PIPELINE: &str = "Galaxy survey pipeline";

#[tokio::test(start_paused = true)]
async fn d4_the_end_of_one_resource_leaves_its_neighbour_alone() {
    let mut town = Town::story();
    town.converge().await;
    let group = town.group_of("Galaxy survey").unwrap();
    town.set_resource(NOTEBOOKS, json!({ "state": "Terminated" }));
    town.converge().await;
    let after = town.group_of("Galaxy survey").unwrap();
    assert_eq!((&after["id"], &after["members"]), (&group["id"], &group["members"]));
    assert!(!town.bindings_of(PIPELINE).is_empty(), "its neighbour is still bound");
}

#[tokio::test(start_paused = true)]
async fn d5_a_binding_that_was_lost_is_made_again() {
    let mut town = Town::story();
    // The first cycle makes the group, and Rancher refuses its binding.
    town.fault("rancher POST /v3/projectroletemplatebindings #1..8 status 422");
    town.cycle().await;
    assert!(town.judge().have.is_empty());
    town.sandbox.clear_faults();
    town.converge().await;
    town.must_be_right();
    let lost = town.bindings_of(PIPELINE);
    town.meddle(act("rancher", "delete-binding", json!({ "id": lost[0] })));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["bind"]);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn d12_a_project_of_the_right_name_is_not_taken_for_its_name_alone() {
    let mut town = Town::story();
    town.converge().await;
    town.set_resource(NOTEBOOKS, json!({ "backend_id": "" }));
    let mut town = left_by_the_python_agent(&town, |seed| {
        for project in &mut seed.rancher.projects {
            project.annotations.remove("waldur/managed");
        }
    });
    let text = town.look().await.text();
    assert!(text.contains("a project of its name is there and does not carry its mark"), "{text}");
    town.cycle().await;
    let snapshot = town.sandbox.snapshot_of(System::Rancher);
    let untouched = snapshot["projects"].as_array().unwrap().iter().any(|project| {
        project["name"] == "waldur-galaxy-survey-notebooks"
            && project["annotations"]["waldur/resource_uuid"].is_null()
    });
    assert!(untouched, "{}", snapshot["projects"]);
}

#[tokio::test(start_paused = true)]
async fn d18_a_changed_slug_or_role_orphans_nobody() {
    let mut town = Town::story();
    town.converge().await;
    let before = town.group_of("Galaxy survey").unwrap();
    let uuid = town.uuid("projects", "Galaxy survey");
    town.meddle(act("waldur", "set-project", json!({ "uuid": uuid, "set": { "slug": "renamed" } })));
    for offering in town.config.policy.offerings.values_mut() {
        offering.role = "workloads-manage".parse().unwrap();
    }
    town.converge().await;
    let after = town.group_of("Galaxy survey").unwrap();
    assert_eq!((&after["id"], &after["name"]), (&before["id"], &before["name"]));
    assert_eq!(town.bindings_of(PIPELINE).len(), 1, "the binding of the former role is gone");
    town.must_be_right();
}

#[test]
fn d19_clusters_of_like_ids_have_a_parent_each() {
    let text = include_str!("../../../fixtures/second-cluster.yaml");
    // The first eight characters are the same: the Python agent would give both one parent.
    let alike = text.replace("c-1", "c-m-7k2xq4vd").replace("c-2", "c-m-7k2xzzzz");
    let Capture { policy, world, .. } = Capture::from_yaml(&alike).unwrap();
    let steps = plan(&world, &policy).steps;
    let parents: Vec<_> =
        steps.iter().filter(|step| matches!(step.action, Action::CreateParent(_))).collect();
    assert_eq!(parents.len(), 1, "the second cluster gets one of its own: {parents:?}");
}

#[tokio::test(start_paused = true)]
async fn d26_nothing_is_reported_as_erred_after_it_was_done() {
    let mut town = Town::story();
    town.converge().await;
    // Whatever fails later, Waldur is told nothing about orders or resources that are in order.
    town.leaves("bruno.costa", "Galaxy survey");
    town.fault("keycloak DELETE * status 500");
    town.mark();
    town.cycle().await;
    town.cycle().await;
    assert_eq!(town.writes()[0], 0, "nothing was written to Waldur");
}
