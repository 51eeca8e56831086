//! Somebody meddles, or Waldur says something new: what is ours is put right, what is not is left alone.

use agent::sandbox::System;
use serde_json::{Value, json};

use crate::town::{Town, act, kinds};

const NOTEBOOKS: &str = "Galaxy survey notebooks";
const PORTAL: &str = "Sea ice portal";

async fn converged() -> Town {
    let mut town = Town::story();
    town.converge().await;
    town.must_be_right();
    town.mark();
    town
}

fn limits(town: &Town, resource: &str) -> Value {
    let project = town.project_of(resource);
    json!([project["resourceQuota"]["limit"], project["namespaceDefaultResourceQuota"]["limit"]])
}

#[tokio::test(start_paused = true)]
async fn a_project_that_was_deleted_by_hand_is_made_again_and_waldur_is_told() {
    let mut town = converged().await;
    let before = town.project_of(NOTEBOOKS)["id"].clone();
    town.meddle(act("rancher", "delete-project", json!({ "id": before })));
    town.settle().await;
    let cycle = town.cycle().await;
    let expected = ["create-project", "record-backend-id", "bind", "set-metadata", "refresh-last-sync"];
    assert_eq!(kinds(cycle.verdict.admitted.steps()), expected);
    let after = town.project_of(NOTEBOOKS)["id"].clone();
    assert_ne!(before, after);
    town.must_be_right();
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_project_that_is_just_being_removed_is_not_bound_to_and_is_made_again() {
    let mut town = Town::story_with(|seed| seed.rancher.timing.removed_after_ms = 600_000);
    town.converge().await;
    let id = town.project_of(NOTEBOOKS)["id"].clone();
    town.meddle(act("rancher", "delete-project", json!({ "id": id })));
    town.cycle().await;
    town.must_be_right();
    assert_ne!(town.project_of(NOTEBOOKS)["id"], id);
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_backend_id_that_somebody_cleared_is_written_again() {
    let mut town = converged().await;
    town.set_resource(NOTEBOOKS, json!({ "backend_id": "" }));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["record-backend-id"]);
    assert_eq!(town.writes(), [1, 0, 0]);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_binding_that_was_deleted_by_hand_comes_back_under_its_name() {
    let mut town = converged().await;
    let before = town.bindings_of(PORTAL);
    town.meddle(act("rancher", "delete-binding", json!({ "id": before[0] })));
    assert!(town.bindings_of(PORTAL).is_empty());
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["bind"]);
    assert_eq!(town.bindings_of(PORTAL), before);
    town.must_be_right();
}

/// As when two agents saw the same and the other one was faster: both names are taken, and by what is wanted.
#[tokio::test(start_paused = true)]
async fn a_binding_and_a_group_that_are_there_already_are_no_failure() {
    let mut town = converged().await;
    let id = town.bindings_of(PORTAL)[0].clone();
    town.meddle(act("rancher", "delete-binding", json!({ "id": id })));
    let group = town.group_of("Sea ice").unwrap()["id"].clone();
    town.meddle(act("keycloak", "delete-group", json!({ "realm": crate::town::realm(), "group_id": group })));
    let decision = town.look().await;
    for _ in 0..2 {
        let applied = town.apply(&decision).await;
        assert!(applied.is_complete());
    }
    assert_eq!(town.converge().await, 0);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_group_that_was_deleted_by_hand_comes_back_with_everybody() {
    let mut town = converged().await;
    let id = town.group_of("Sea ice").unwrap()["id"].clone();
    town.meddle(act("keycloak", "delete-group", json!({ "realm": crate::town::realm(), "group_id": id })));
    town.cycle().await;
    town.must_be_right();
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_was_meddled_with_and_one_that_was_bought_are_both_put_right() {
    let mut town = converged().await;
    let bought = limits(&town, NOTEBOOKS);
    let id = town.project_of(NOTEBOOKS)["id"].clone();
    for cpu in ["1", "900"] {
        let wrong = json!({ "limit": { "limitsCpu": cpu, "limitsMemory": "2Gi" } });
        let fields =
            json!({ "project_id": id, "resource_quota": wrong, "namespace_default_resource_quota": wrong });
        town.meddle(act("rancher", "set-quota", fields));
        let cycle = town.cycle().await;
        assert_eq!(kinds(cycle.verdict.admitted.steps()), ["set-quota"]);
        assert_eq!(limits(&town, NOTEBOOKS), bought);
    }
    for (cpu, says) in [(40, "40"), (2, "2")] {
        town.set_resource(NOTEBOOKS, json!({ "limits": { "cpu": cpu, "memory": 32, "storage": 200 } }));
        let cycle = town.cycle().await;
        assert_eq!(kinds(cycle.verdict.admitted.steps()), ["set-quota"]);
        assert_eq!(limits(&town, NOTEBOOKS)[0]["limitsCpu"], says);
    }
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn foreign_annotations_survive_and_ours_are_put_right() {
    let mut town = converged().await;
    let id = town.project_of(NOTEBOOKS)["id"].clone();
    let annotate = |key: &str, value: &str| {
        act("rancher", "set-annotation", json!({ "project_id": id, "key": key, "value": value }))
    };
    town.meddle(annotate("example.org/cost-centre", "1234"));
    town.meddle(annotate("waldur/project_slug", "nonsense"));
    let fields = json!({ "project_id": id, "description": "mine!" });
    town.meddle(act("rancher", "set-description", fields));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["update-project"]);
    let project = town.project_of(NOTEBOOKS);
    assert_eq!(project["annotations"]["example.org/cost-centre"], "1234");
    assert_eq!(project["annotations"]["waldur/project_slug"], "galaxy-survey");
    assert!(project["description"].as_str().unwrap().starts_with("Galaxy survey notebooks (Customer: "));
    assert_eq!(project["resourceQuota"]["limit"]["limitsCpu"], "8");
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_renamed_project_and_resource_keep_their_groups_and_rancher_project() {
    let mut town = converged().await;
    let (group, project) = (town.group_of("Sea ice").unwrap(), town.project_of(PORTAL));
    let uuid = town.uuid("projects", "Sea ice");
    let set = json!({ "name": "Melting ice", "slug": "melting-ice" });
    town.meddle(act("waldur", "set-project", json!({ "uuid": uuid, "set": set })));
    town.set_resource(PORTAL, json!({ "name": "Ice gate", "slug": "ice-gate" }));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["update-project", "update-project"]);
    let after = town.group_of("Melting ice").unwrap();
    assert_eq!((&after["id"], &after["name"]), (&group["id"], &group["name"]));
    let after = town.project_of("Ice gate");
    assert_eq!((&after["id"], &after["name"]), (&project["id"], &project["name"]));
    assert_eq!(after["annotations"]["waldur/project_slug"], "melting-ice");
    town.must_be_right();
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn restricted_access_takes_the_binding_of_that_resource_and_nothing_else() {
    let mut town = converged().await;
    let members = town.group_of("Sea ice").unwrap()["members"].clone();
    town.set_resource(PORTAL, json!({ "restrict_member_access": true }));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["unbind"]);
    assert_eq!(town.group_of("Sea ice").unwrap()["members"], members);
    assert_eq!(town.bindings_of("Sea ice forecasts").len(), 1);
    town.must_be_right();
    town.set_resource(PORTAL, json!({ "restrict_member_access": false }));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["bind"]);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_moves_to_another_project_is_bound_anew_before_it_is_unbound() {
    let mut town = converged().await;
    let target = town.uuid("projects", "Galaxy survey");
    town.config.policy.budget.people = 100;
    town.set_resource(PORTAL, json!({ "project_uuid": target }));
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    let order: Vec<String> = town
        .sandbox
        .journal()
        .iter()
        .filter(|it| it.write && it.system == System::Rancher && it.path.contains("rolet"))
        .map(|it| it.method.to_string())
        .collect();
    assert_eq!(order, ["POST", "DELETE"]);
    town.must_be_right();
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_others_bound_by_hand_is_told_and_left_alone() {
    let mut town = converged().await;
    let id = town.project_of(PORTAL)["id"].clone();
    let fields = json!({ "name": "by-hand", "project_id": id, "role_template_id": "project-owner", "user_id": "user-4kz9t" });
    town.meddle(act("rancher", "add-binding", fields));
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
    assert!(town.look().await.text().contains("1 person has access by hand"));
}

#[tokio::test(start_paused = true)]
async fn a_terminated_resource_loses_its_project() {
    let mut town = converged().await;
    let portal = town.project_of(PORTAL)["id"].clone();
    town.set_resource(PORTAL, json!({ "state": "Terminated" }));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["unbind", "delete-project"]);
    let snapshot = town.sandbox.snapshot_of(System::Rancher);
    let mut projects = snapshot["projects"].as_array().unwrap().iter();
    assert!(projects.all(|project| project["id"] != portal || !project["removed"].is_null()));
    town.must_be_right();
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_second_offering_has_groups_of_its_own() {
    let mut town = Town::story_with(|seed| {
        let mut second = seed.waldur.offerings[0].clone();
        second.uuid = "0f000000-0000-0000-0000-000000000002".parse().unwrap();
        second.name = "Small projects".to_owned();
        second.components.iter_mut().for_each(|component| component.uuid = None);
        let mut people = seed.waldur.offering_users.clone();
        for (number, person) in people.iter_mut().enumerate() {
            person.offering_uuid = second.uuid;
            person.uuid = uuid::Uuid::from_u128(0xabc_0000 + number as u128);
        }
        let mut resource = seed.waldur.resources[0].clone();
        resource.uuid = uuid::Uuid::from_u128(0xdef);
        resource.offering_uuid = second.uuid;
        resource.name = "Galaxy survey small".to_owned();
        resource.slug = "galaxy-survey-small".to_owned();
        seed.waldur.offerings.push(second);
        seed.waldur.offering_users.extend(people);
        seed.waldur.resources.push(resource);
    });
    for offering in town.config.policy.offerings.values_mut() {
        // Two offerings of one project would give their groups one name.
        let keycloak = offering.keycloak.as_mut().unwrap();
        let own = if offering.name == "Small projects" { "small_" } else { "" };
        keycloak.child_group = format!("{own}project_{{project_uuid_hex}}_{{role_name}}").parse().unwrap();
    }
    town.converge().await;
    town.must_be_right();
    assert_eq!(town.groups().len(), 4);
    town.leaves("bruno.costa", "Galaxy survey");
    town.joins("jaan.tamm", "Galaxy survey");
    town.cycle().await;
    town.must_be_right();
    assert_eq!(town.converge().await, 0);
}
