//! What cannot be read is not reported: never zero for unknown, and nothing else is kept from being reported.

use agent::plan::report::{Now, Verdict};
use agent::sandbox::rancher::Namespace;
use agent::systems::TroubleKind;
use serde_json::json;

use crate::town::Town;
use crate::town::usage::{NOTEBOOKS, amounts, now, of};

const PIPELINE: &str = "Galaxy survey pipeline";

async fn town_in_use() -> Town {
    let town = Town::in_use().await;
    town.tell_usage().await;
    town
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_sends_nothing_for_what_rests_on_it() {
    let all = amounts(&[("cpu", "2.00"), ("memory", "8.00"), ("storage", "100.00")]);
    let not = |lost: &[&str]| -> std::collections::BTreeMap<String, String> {
        let word = |name: &String, amount: &String| {
            if lost.contains(&name.as_str()) { "unknown".to_owned() } else { amount.clone() }
        };
        all.iter().map(|(name, amount)| (name.clone(), word(name, amount))).collect()
    };
    let town = town_in_use().await;
    // Whatever is sent from now on would be wrong: the truth is hidden, and it has not changed.
    for (path, lost) in [
        ("/k8s/clusters/*/api/v1/pods", &["cpu", "memory"][..]),
        ("/k8s/clusters/*/api/v1/persistentvolumeclaims", &["storage"]),
        ("/k8s/clusters/*/api/v1/namespaces", &["cpu", "memory", "storage"]),
        ("/v3/projects", &["cpu", "memory", "storage"]),
    ] {
        for spoiled in
            ["status 503", "status 500", "status 403", "status 404", "truncate", "html", "empty", "hang"]
        {
            town.fault(&format!("rancher GET {path} {spoiled}"));
            let (report, _) = town.usage().await;
            assert_eq!(now(&report, NOTEBOOKS), not(lost), "{path} {spoiled}");
            assert!(report.is_blind_somewhere(), "{path} {spoiled}");
            assert!(report.dispatches().is_empty(), "{path} {spoiled}");
            town.sandbox.clear_faults();
        }
    }
    assert_eq!(town.told(NOTEBOOKS), all);
}

#[tokio::test(start_paused = true)]
async fn the_reason_says_which_list_and_why() {
    let town = town_in_use().await;
    town.fault("rancher GET /k8s/clusters/*/api/v1/pods status 403");
    let (report, troubles) = town.usage().await;
    assert!(troubles.is_empty(), "it is a hole in one report, and not a system that is down");
    let Now::Unknown(why) = &of(&report, NOTEBOOKS).lines["cpu"].now else { panic!("it is known") };
    assert!(why.starts_with("the pods could not be read completely: the pods of the cluster c-m-"), "{why}");
    assert!(why.contains("403") && why.ends_with("or an administrator)"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_page_of_pods_is_not_taken_for_the_rest() {
    let town = town_in_use().await;
    for number in 0..600 {
        town.pod("work", &format!("many-{number}"), json!({ "cpu": "10m" }));
    }
    town.fault("rancher GET /k8s/clusters/*/api/v1/pods #2..40 status 503");
    let (report, _) = town.usage().await;
    assert_eq!(now(&report, NOTEBOOKS)["cpu"], "unknown");
    assert_eq!(now(&report, NOTEBOOKS)["storage"], "100.00");
    town.sandbox.clear_faults();
    let (report, _) = town.usage().await;
    assert_eq!(now(&report, NOTEBOOKS)["cpu"], "8.00");
    // The server forgets the look once: the list is begun anew, and nothing is counted twice.
    town.fault("rancher GET /k8s/clusters/*/api/v1/pods #2 status 410");
    let (report, _) = town.usage().await;
    assert_eq!(now(&report, NOTEBOOKS)["cpu"], "8.00");
    town.sandbox.clear_faults();
    town.fault("rancher GET /k8s/clusters/*/api/v1/pods duplicate-rows");
    let (report, _) = town.usage().await;
    assert_eq!(now(&report, NOTEBOOKS)["cpu"], "unknown", "rows that repeat are not counted twice");
}

#[tokio::test(start_paused = true)]
async fn a_lost_page_of_namespaces_is_not_taken_for_fewer_namespaces() {
    let mut town = Town::story_with(|seed| {
        let cluster_id = seed.rancher.clusters[0].id.clone();
        // Namespaces come by the thousand; the one that is used comes last.
        seed.rancher.namespaces.extend((0..1100).map(|number| Namespace {
            cluster_id: cluster_id.clone(),
            name: format!("theirs-{number}"),
            ..Namespace::default()
        }));
    });
    town.converge().await;
    town.namespace(NOTEBOOKS, "work");
    town.pod("work", "p", json!({ "cpu": "2" }));
    let (report, _) = town.usage().await;
    assert_eq!(now(&report, NOTEBOOKS)["cpu"], "2.00");
    town.fault("rancher GET /k8s/clusters/*/api/v1/namespaces #2..40 status 503");
    let (report, sendings) = town.tell_usage().await;
    assert_eq!(now(&report, NOTEBOOKS)["cpu"], "unknown");
    assert!(report.is_blind_somewhere() && sendings.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_pod_that_cannot_be_read_keeps_its_own_project_from_being_reported_and_no_other() {
    let town = town_in_use().await;
    town.namespace(PIPELINE, "other");
    town.pod("other", "fine", json!({ "cpu": "1" }));
    town.pod("work", "odd", json!({ "cpu": "lots" }));
    let (report, sendings) = town.tell_usage().await;
    assert_eq!(
        now(&report, NOTEBOOKS),
        amounts(&[("cpu", "unknown"), ("memory", "unknown"), ("storage", "100.00")])
    );
    assert_eq!(sendings.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [PIPELINE]);
    assert!(report.is_blind_somewhere());
    let Now::Unknown(why) = &of(&report, NOTEBOOKS).lines["cpu"].now else { panic!("it is known") };
    assert_eq!(why, "odd in the namespace work requests what is no quantity");
}

#[tokio::test(start_paused = true)]
async fn while_waldur_does_not_say_what_is_billed_or_what_was_reported_nothing_is_sent() {
    let town = town_in_use().await;
    town.pod("work", "q", json!({ "cpu": "1" }));
    for path in [
        "/api/marketplace-provider-offerings/*",
        "/api/marketplace-provider-resources/",
        "/api/marketplace-component-usages/",
    ] {
        for spoiled in ["status 503", "status 404", "truncate", "html", "hang"] {
            town.fault(&format!("waldur GET {path} {spoiled}"));
            let (report, troubles) = town.usage().await;
            assert!(report.is_blind_somewhere() && !troubles.is_empty(), "{path} {spoiled}");
            assert!(report.dispatches().is_empty(), "{path} {spoiled}");
            town.sandbox.clear_faults();
        }
    }
    town.fault("waldur GET /api/** unauthorized");
    let (_, troubles) = town.usage().await;
    assert!(troubles.iter().all(|trouble| trouble.kind == TroubleKind::Credentials), "{troubles:?}");
    town.sandbox.clear_faults();
    let (report, _) = town.usage().await;
    assert_eq!(of(&report, NOTEBOOKS).verdict, Verdict::Differs);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_cannot_be_reached_is_unknown_and_not_idle() {
    let town = town_in_use().await;
    town.meddle(crate::town::act(
        "rancher",
        "set-cluster-reachable",
        json!({ "cluster_id": town.cluster(), "reachable": false }),
    ));
    let (report, _) = town.usage().await;
    assert_eq!(now(&report, NOTEBOOKS)["cpu"], "unknown");
    assert!(report.dispatches().is_empty() && report.is_blind_somewhere());
}
