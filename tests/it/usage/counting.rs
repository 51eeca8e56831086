//! What is counted: as Kubernetes itself counts it, and only what is surely the resource's.

use agent::model::Quantity;
use agent::model::policy::Factor;
use agent::model::usage::Amount;
use agent::plan::report::Verdict;
use agent::sandbox::System;
use serde_json::json;

use crate::town::usage::{amounts, now, of, sells};
use crate::town::{Town, act};

const NOTEBOOKS: &str = "Galaxy survey notebooks";
const PIPELINE: &str = "Galaxy survey pipeline";

fn seed_with_everything(seed: &mut agent::sandbox::Seed) {
    sells(seed, "gpu", "limit");
    sells(seed, "pods", "usage");
}

async fn town_with_everything() -> Town {
    let mut town = Town::story_with(seed_with_everything);
    town.component("gpu", json!({ "kind": "reported", "k8s_resource": "nvidia.com/gpu" }));
    town.component("pods", json!({ "kind": "pods" }));
    town.converge().await;
    town
}

#[tokio::test(start_paused = true)]
async fn what_is_reported_is_what_kubernetes_itself_counts() {
    let town = town_with_everything().await;
    town.use_project(NOTEBOOKS);
    let (report, _) = town.usage().await;
    let snapshot = town.sandbox.snapshot_of(System::Rancher);
    let quota =
        snapshot["objects"].as_array().unwrap().iter().find(|it| it["object"]["metadata"]["name"] == "first");
    let used = &quota.unwrap()["object"]["status"]["used"];
    let counted = |key: &str, unit: i128| {
        let used: Quantity = used[key].as_str().unwrap().parse().unwrap();
        Amount::of(used, unit, Factor::ONE).unwrap().to_string()
    };
    let (one, gibi) = (1, 1 << 30);
    let expected = [
        ("cpu", counted("requests.cpu", one)),
        ("gpu", counted("requests.nvidia.com/gpu", one)),
        ("memory", counted("requests.memory", gibi)),
        ("pods", counted("pods", one)),
        ("storage", counted("requests.storage", gibi)),
    ]
    .map(|(name, amount)| (name.to_owned(), amount));
    assert_eq!(now(&report, NOTEBOOKS), expected.into());
    // And that is what a person comes to who adds it up.
    let by_hand =
        [("cpu", "7.50"), ("gpu", "2.00"), ("memory", "11.13"), ("pods", "7.00"), ("storage", "1026.93")];
    assert_eq!(now(&report, NOTEBOOKS), amounts(&by_hand));
}

#[tokio::test(start_paused = true)]
async fn the_namespaces_of_a_project_add_up_and_those_of_others_do_not() {
    let town = town_with_everything().await;
    town.namespace(NOTEBOOKS, "one");
    town.namespace(NOTEBOOKS, "two");
    town.namespace(PIPELINE, "three");
    town.meddle(act("rancher", "add-namespace", json!({ "cluster_id": town.cluster(), "name": "nobodys" })));
    for (namespace, cores) in [("one", "1"), ("two", "500m"), ("three", "16"), ("nobodys", "32")] {
        town.pod(namespace, "p", json!({ "cpu": cores }));
    }
    let (report, _) = town.usage().await;
    assert_eq!(now(&report, NOTEBOOKS)["cpu"], "1.50");
    assert_eq!(now(&report, PIPELINE)["cpu"], "16.00");
}

#[tokio::test(start_paused = true)]
async fn a_project_that_nobody_uses_is_reported_as_nothing_and_one_that_is_not_there_is_not_reported() {
    let town = Town::story();
    let (report, _) = town.usage().await;
    assert_eq!(of(&report, NOTEBOOKS).verdict, Verdict::LeftOut("it has no project".to_owned()));
    assert!(!report.is_blind_somewhere() && report.dispatches().is_empty());
    let mut town = town;
    town.converge().await;
    town.tell_usage().await;
    assert_eq!(town.told(NOTEBOOKS), amounts(&[("cpu", "0.00"), ("memory", "0.00"), ("storage", "0.00")]));
    let id = town.project_of(PIPELINE)["id"].clone();
    town.meddle(act("rancher", "delete-project", json!({ "id": id })));
    town.settle().await;
    let (report, _) = town.usage().await;
    assert!(matches!(of(&report, PIPELINE).verdict, Verdict::LeftOut(_)), "{:?}", of(&report, PIPELINE));
}

#[tokio::test(start_paused = true)]
async fn a_project_that_is_anothers_by_its_mark_or_that_two_name_is_counted_for_nobody() {
    let mut town = Town::story();
    town.converge().await;
    let [ours, theirs] = [NOTEBOOKS, PIPELINE].map(|name| town.project_of(name)["id"].clone());
    town.use_project(PIPELINE);
    // The project of ours loses its mark; Waldur names the neighbour's.
    for key in ["waldur/offering_uuid", "waldur/resource_uuid"] {
        town.meddle(act("rancher", "set-annotation", json!({ "project_id": ours, "key": key })));
    }
    town.set_resource(NOTEBOOKS, json!({ "backend_id": theirs }));
    let (report, _) = town.usage().await;
    let Verdict::LeftOut(why) = &of(&report, NOTEBOOKS).verdict else { panic!("it is counted") };
    assert!(why.contains("carries the mark of another resource"), "{why}");
    assert_eq!(now(&report, PIPELINE)["cpu"], "7.50", "whose mark it is");
    // Two resources name one project without a mark.
    town.set_resource(NOTEBOOKS, json!({ "backend_id": ours }));
    let (report, _) = town.usage().await;
    assert_eq!(now(&report, NOTEBOOKS)["cpu"], "0.00", "Waldur alone names it");
    town.set_resource("Sea ice portal", json!({ "backend_id": ours }));
    let (report, _) = town.usage().await;
    let Verdict::LeftOut(why) = &of(&report, NOTEBOOKS).verdict else { panic!("it is counted") };
    assert!(why.contains("another resource names the project"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn usage_is_divided_by_the_factor_that_limits_are_multiplied_with() {
    let mut town = Town::story();
    town.component("memory", json!({ "kind": "memory", "unit_factor": 0.5 }));
    town.component("cpu", json!({ "kind": "cpu", "unit_factor": 4 }));
    town.converge().await;
    town.namespace(NOTEBOOKS, "work");
    town.pod("work", "p", json!({ "cpu": "2", "memory": "8Gi" }));
    let (report, _) = town.usage().await;
    assert_eq!(
        now(&report, NOTEBOOKS),
        amounts(&[("cpu", "0.50"), ("memory", "16.00"), ("storage", "0.00")])
    );
}

#[tokio::test(start_paused = true)]
async fn a_factor_on_what_the_python_agent_reported_is_a_finding_first() {
    let mut town = Town::story();
    town.converge().await;
    town.namespace(NOTEBOOKS, "work");
    town.pod("work", "p", json!({ "cpu": "2", "memory": "8Gi" }));
    let id = town.project_of(NOTEBOOKS)["id"].clone();
    let adopted = json!({ "project_id": id, "key": "waldur/adopted_from", "value": "waldur-site-agent" });
    town.meddle(act("rancher", "set-annotation", adopted));
    town.component("memory", json!({ "kind": "memory", "unit_factor": 1024 }));
    let (report, sendings) = town.tell_usage().await;
    assert!(report.is_held_somewhere() && !report.is_blind_somewhere());
    assert_eq!(now(&report, NOTEBOOKS)["memory"], "held");
    assert_eq!(sendings.len(), 4, "all others are reported");
    assert_eq!(town.told(NOTEBOOKS), amounts(&[("cpu", "2.00"), ("storage", "0.00")]));
    // The operator says which it shall be.
    for (factor, amount) in [("1", "8.00"), ("1024", "0.01")] {
        for offering in town.config.settings.offerings.values_mut() {
            offering.components.get_mut("memory").unwrap().report_factor = Some(factor.parse().unwrap());
        }
        let (report, _) = town.usage().await;
        assert_eq!(now(&report, NOTEBOOKS)["memory"], amount);
        assert!(!report.is_held_somewhere());
    }
}
