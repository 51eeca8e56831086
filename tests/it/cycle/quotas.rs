//! Quotas grow, shrink, wait and move: of projects, of their namespaces, and of namespaces' own (rule 13).

use std::time::Duration;

use agent::model::policy::{Component, ComponentKind, QuotaMode};
use agent::sandbox::System;
use agent::sandbox::rancher::{Namespace, ResourceQuota};
use serde_json::{Value, json};

use crate::town::{Town, act, kinds, reopened};

const NOTEBOOKS: &str = "Galaxy survey notebooks";

fn id(town: &Town) -> String {
    town.project_of(NOTEBOOKS)["id"].as_str().unwrap().to_owned()
}

fn cluster(town: &Town) -> Value {
    town.project_of(NOTEBOOKS)["clusterId"].clone()
}

/// Lets somebody make a namespace in the project, with what it is given by default or with a share of its own.
async fn make_namespace(town: &Town, name: &str, share: Option<Value>) {
    let share = share.map(|limit| json!({ "limit": limit }).to_string());
    let annotations = share.map_or(json!({}), |share| json!({ "field.cattle.io/resourceQuota": share }));
    let namespace = json!({ "cluster_id": cluster(town), "name": name, "project_id": id(town), "annotations": annotations });
    town.meddle(act("rancher", "add-namespace", namespace));
    town.settle().await;
}

fn buys(town: &Town, cpu: u32, memory: u32) {
    town.set_resource(NOTEBOOKS, json!({ "limits": { "cpu": cpu, "memory": memory, "storage": 200 } }));
}

/// Returns the limit, the default and the count of a key of the project.
fn project(town: &Town, key: &str) -> [Value; 3] {
    let project = town.project_of(NOTEBOOKS);
    let quota = &project["resourceQuota"];
    let default = &project["namespaceDefaultResourceQuota"];
    [quota["limit"][key].clone(), default["limit"][key].clone(), quota["usedLimit"][key].clone()]
}

/// Returns the hard limits that Kubernetes holds a namespace to.
fn hard(town: &Town, namespace: &str) -> Value {
    let snapshot = town.sandbox.snapshot_of(System::Rancher);
    let of = |row: &&Value| {
        row["resource"] == "resourcequotas" && row["object"]["metadata"]["namespace"] == namespace
    };
    let found: Vec<Value> = snapshot["objects"].as_array().unwrap().iter().filter(of).cloned().collect();
    assert_eq!(found.len(), 1, "{namespace} has one quota");
    found[0]["object"]["spec"]["hard"].clone()
}

fn set_mode(town: &mut Town, mode: QuotaMode) {
    for offering in town.config.policy.offerings.values_mut() {
        offering.quota = mode;
    }
}

/// Asserts that the agent waits, says so in these words, and does not try what is refused, cycle after cycle.
async fn waits_coldly(town: &mut Town, words: &str) {
    town.mark();
    for _ in 0..3 {
        let text = town.look().await.text();
        assert!(text.contains(words), "{text}");
        town.cycle().await;
    }
    assert_eq!(town.writes(), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_project_grows_and_then_the_namespace_that_has_all_of_it() {
    let mut town = Town::story();
    town.converge().await;
    make_namespace(&town, "work", None).await;
    assert_eq!(town.converge().await, 0, "a namespace with its default is as it should be");
    buys(&town, 16, 32);
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    let steps = kinds(cycle.verdict.admitted.steps());
    assert_eq!(steps, ["set-quota", "set-namespace-quota", "set-quota"]);
    assert_eq!(project(&town, "limitsCpu"), ["16", "16", "16"]);
    assert_eq!(hard(&town, "work")["limits.cpu"], "16");
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_gives_back_and_then_its_project_shrinks() {
    let mut town = Town::story();
    town.converge().await;
    make_namespace(&town, "work", None).await;
    buys(&town, 2, 64);
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    assert_eq!(project(&town, "limitsCpu"), ["2", "2", "2"]);
    assert_eq!(project(&town, "limitsMemory"), ["64Gi", "64Gi", "64Gi"]);
    let has = hard(&town, "work");
    assert_eq!((&has["limits.cpu"], &has["limits.memory"]), (&json!("2"), &json!("64Gi")));
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cut_off_after_the_project_grew_goes_on_with_its_namespaces() {
    let mut town = Town::story();
    town.converge().await;
    make_namespace(&town, "work", None).await;
    buys(&town, 16, 32);
    town.fault("rancher PUT /k8s/** status 500");
    let cycle = town.cycle().await;
    assert!(!cycle.applied.is_complete());
    assert_eq!(project(&town, "limitsCpu")[..2], ["16", "8"]);
    town.sandbox.clear_faults();
    town.restart();
    town.converge().await;
    assert_eq!(project(&town, "limitsCpu"), ["16", "16", "16"]);
    assert_eq!(hard(&town, "work")["limits.cpu"], "16");
}

#[tokio::test(start_paused = true)]
async fn a_quota_waits_for_a_namespace_that_somebody_gave_more_and_then_shrinks() {
    let mut town = Town::story();
    town.converge().await;
    make_namespace(&town, "work", Some(json!({ "limitsCpu": "5", "limitsMemory": "4Gi" }))).await;
    assert_eq!(project(&town, "limitsCpu"), ["8", "8", "5"]);
    buys(&town, 2, 32);
    waits_coldly(&mut town, "limitsCpu would be 2, its namespaces have 5 (work 5)").await;
    town.meddle(act("rancher", "delete-namespace", json!({ "cluster_id": cluster(&town), "name": "work" })));
    town.settle().await;
    town.cycle().await;
    assert_eq!(project(&town, "limitsCpu")[0], "2");
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_count_that_rancher_lost_is_not_argued_with() {
    let mut town = Town::story();
    town.converge().await;
    make_namespace(&town, "work", None).await;
    let lost = json!({ "project_id": id(&town), "used_limit": { "limitsCpu": "8", "limitsMemory": "4Gi" } });
    town.meddle(act("rancher", "set-used-limit", lost));
    buys(&town, 2, 32);
    // The namespace gives back; Rancher is waited for, in vain.
    let cycle = town.cycle().await;
    assert!(!cycle.applied.is_complete());
    assert_eq!(hard(&town, "work")["limits.cpu"], "2");
    waits_coldly(&mut town, "limitsCpu should be 2, Rancher counts 8 in its namespaces, which have 2").await;
    town.meddle(act("rancher", "set-used-limit", json!({ "project_id": id(&town) })));
    town.settle().await;
    town.cycle().await;
    assert_eq!(project(&town, "limitsCpu"), ["2", "2", "2"]);
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_first_quota_waits_until_it_fits_once_for_each_namespace() {
    let mut town = Town::story();
    set_mode(&mut town, QuotaMode::None);
    town.converge().await;
    for name in ["archive", "notebooks", "work"] {
        make_namespace(&town, name, None).await;
    }
    set_mode(&mut town, QuotaMode::Project);
    town.converge().await;
    waits_coldly(
        &mut town,
        "each of its 3 namespaces a share at once: limitsCpu 8 each, of 8, limitsMemory 32Gi each, of 32Gi",
    )
    .await;
    for offering in town.config.policy.offerings.values_mut() {
        offering.namespace_share = "0.25".parse().unwrap();
    }
    town.converge().await;
    assert_eq!(project(&town, "limitsCpu"), ["8", "2", "6"]);
    assert_eq!(hard(&town, "work")["limits.cpu"], "2");
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_quota_lives_in_a_namespace_where_that_is_configured() {
    let mut town = Town::story();
    set_mode(&mut town, QuotaMode::Namespace);
    town.converge().await;
    town.must_be_right();
    let name = town.project_of(NOTEBOOKS)["name"].as_str().unwrap().to_owned();
    assert_eq!(hard(&town, &name), json!({ "limits.cpu": "8", "limits.memory": "32Gi" }));
    let snapshot = town.sandbox.snapshot_of(System::Rancher);
    let rows = snapshot["namespaces"].as_array().unwrap();
    let made = rows.iter().find(|row| row["id"] == name.as_str()).unwrap();
    assert_eq!(made["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
    assert_eq!(made["annotations"]["waldur/managed"], "true");
    assert_eq!(made["annotations"]["field.cattle.io/projectId"], id(&town));

    town.mark();
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
    assert!(town.reads()[1] <= 6, "two lists more than otherwise: {:?}", town.reads());

    buys(&town, 2, 64);
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["set-resource-quota"]);
    assert_eq!(hard(&town, &name), json!({ "limits.cpu": "2", "limits.memory": "64Gi" }));
    let gone = json!({ "cluster_id": cluster(&town), "name": name });
    town.meddle(act("rancher", "delete-namespace", gone));
    town.settle().await;
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["create-namespace", "set-resource-quota"]);
    assert_eq!(hard(&town, &name)["limits.cpu"], "2");
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_site_that_changes_its_mode_is_never_without_a_quota_twice() {
    let mut town = Town::story();
    town.converge().await;
    make_namespace(&town, "work", None).await;
    set_mode(&mut town, QuotaMode::Namespace);
    town.converge().await;
    assert_eq!(town.project_of(NOTEBOOKS)["resourceQuota"], Value::Null);
    let name = town.project_of(NOTEBOOKS)["name"].as_str().unwrap().to_owned();
    assert_eq!(hard(&town, &name)["limits.cpu"], "8");
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn an_adopted_project_keeps_the_quota_of_its_namespace() {
    let mut before = Town::story();
    set_mode(&mut before, QuotaMode::None);
    before.converge().await;
    let (cluster_id, project_id) = (cluster(&before).as_str().unwrap().to_owned(), id(&before));
    let mut town = reopened(&before, |seed| {
        let name = "waldur-galaxy".to_owned();
        let managed = ("waldur/managed".to_owned(), "true".to_owned());
        seed.rancher.namespaces.push(Namespace {
            cluster_id: cluster_id.clone(),
            name: name.clone(),
            project_id: Some(project_id),
            annotations: [managed].into(),
            ..Namespace::default()
        });
        let hard = [("limits.cpu", "4000m"), ("limits.memory", "32768Mi"), ("pods", "50")];
        seed.rancher.resource_quotas.push(ResourceQuota {
            cluster_id,
            namespace: name,
            name: "custom-resource-quota".to_owned(),
            hard: hard.map(|(key, amount)| (key.to_owned(), amount.to_owned())).into(),
            ..ResourceQuota::default()
        });
    });
    town.settle().await;
    town.converge().await;
    let has = json!({ "limits.cpu": "8", "limits.memory": "32768Mi", "pods": "50" });
    assert_eq!(hard(&town, "waldur-galaxy"), has);
    assert_eq!(town.project_of(NOTEBOOKS)["resourceQuota"], Value::Null);
    let others = town.project_of("Sea ice forecasts")["resourceQuota"].clone();
    assert!(others.is_object(), "the others have quotas of their own: {others}");
    assert_eq!(town.converge().await, 0);
}

fn sell_gpus(town: &mut Town) {
    let resource = Some("nvidia.com/gpu".parse().unwrap());
    for offering in town.config.policy.offerings.values_mut() {
        let gpu = Component { k8s_resource: resource.clone(), ..Component::new(ComponentKind::Reported) };
        offering.components.insert("gpu".parse().unwrap(), gpu);
    }
    town.set_resource(NOTEBOOKS, json!({ "limits": { "cpu": 8, "memory": 32, "gpu": 2 } }));
}

#[tokio::test(start_paused = true)]
async fn gpus_are_limited_where_rancher_can_hold_them_and_only_there() {
    let extended = |town: &Town| town.project_of(NOTEBOOKS)["resourceQuota"]["limit"]["extended"].clone();
    for (version, holds) in [("v2.13.8", Value::Null), ("v2.14.4", json!({ "requests.nvidia.com/gpu": "2" }))]
    {
        let mut town = Town::story_with(|seed| version.clone_into(&mut seed.rancher.version));
        sell_gpus(&mut town);
        town.converge().await;
        assert_eq!(extended(&town), holds, "{version}");
        town.mark();
        let decision = town.look().await;
        let said = decision.text().contains("requests.nvidia.com/gpu: reported only");
        assert_eq!(said, holds.is_null(), "{version}: {}", decision.text());
        town.cycle().await;
        assert_eq!(town.writes(), [0, 0, 0], "{version}");
        set_mode(&mut town, QuotaMode::Namespace);
        town.converge().await;
        let name = town.project_of(NOTEBOOKS)["name"].as_str().unwrap().to_owned();
        assert_eq!(hard(&town, &name)["requests.nvidia.com/gpu"], "2", "{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn containers_get_a_default_where_that_is_configured() {
    let mut town = Town::story();
    town.converge().await;
    for offering in town.config.policy.offerings.values_mut() {
        offering.container_defaults = [("limitsCpu".into(), "500m".parse().unwrap())].into();
    }
    let cycle = town.cycle().await;
    assert!(kinds(cycle.verdict.admitted.steps()).iter().all(|kind| kind == "set-container-defaults"));
    let defaults = town.project_of(NOTEBOOKS)["containerDefaultResourceLimit"].clone();
    assert_eq!(defaults["limitsCpu"], "500m");
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_cannot_be_looked_into_changes_no_quota() {
    let mut town = Town::story();
    set_mode(&mut town, QuotaMode::Namespace);
    town.converge().await;
    let reachable =
        |town: &Town, reachable: bool| json!({ "cluster_id": cluster(town), "reachable": reachable });
    town.meddle(act("rancher", "set-cluster-reachable", reachable(&town, false)));
    buys(&town, 2, 64);
    town.mark();
    let decision = town.look().await;
    assert!(decision.plan.is_blind_somewhere(), "{}", decision.text());
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
    town.meddle(act("rancher", "set-cluster-reachable", reachable(&town, true)));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(town.converge().await, 1);
}
