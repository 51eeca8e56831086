//! What a report costs, counted by the sandbox's journal.

use agent::sandbox::rancher::{Claim, Namespace, Pod, Project};
use agent::sandbox::{Seed, generate};
use serde_json::json;

use crate::town::Town;

const PROJECTS: usize = 500;
const PODS: usize = 5_000;
const CLAIMS: usize = 1_000;

/// A site whose resources have their projects already, with a namespace in each, pods and claims.
fn crowded() -> Seed {
    let mut seed = generate(PROJECTS, 1, 7).unwrap();
    let cluster_id = seed.rancher.clusters[0].id.clone();
    for (number, resource) in seed.waldur.resources.iter_mut().enumerate() {
        let id = format!("{cluster_id}:p-{number:05}");
        resource.backend_id.clone_from(&id);
        let namespace = format!("work-{number}");
        seed.rancher.projects.push(Project { id: id.clone(), name: namespace.clone(), ..Project::default() });
        seed.rancher.namespaces.push(Namespace {
            cluster_id: cluster_id.clone(),
            name: namespace,
            project_id: Some(id),
            ..Namespace::default()
        });
    }
    let namespace = |number: usize| format!("work-{}", number % PROJECTS);
    for number in 0..PODS {
        seed.rancher.pods.push(Pod {
            cluster_id: cluster_id.clone(),
            namespace: namespace(number),
            name: format!("pod-{number}"),
            spec: json!({ "containers": [{ "name": "c", "resources": { "requests": { "cpu": "100m" } } }] }),
            ..Pod::default()
        });
    }
    for number in 0..CLAIMS {
        seed.rancher.claims.push(Claim {
            cluster_id: cluster_id.clone(),
            namespace: namespace(number),
            name: format!("claim-{number}"),
            spec: json!({ "resources": { "requests": { "storage": "1Gi" } } }),
            ..Claim::default()
        });
    }
    seed
}

#[tokio::test(start_paused = true)]
async fn a_report_over_500_projects_reads_a_few_lists_and_nothing_per_project() {
    let town = Town::of(crowded());
    town.mark();
    let (report, _) = town.usage().await;
    let resources = &report.offerings[0].resources;
    assert_eq!(resources.len(), PROJECTS);
    assert_eq!(report.dispatches().len(), PROJECTS);
    let amounts = resources[0].amounts();
    assert_eq!([&amounts["cpu"], &amounts["storage"]].map(ToString::to_string), ["1.00", "2.00"]);
    let [waldur, rancher, keycloak] = town.reads();
    // Pods and claims by 500, namespaces by 1,000; and the list of projects.
    let pages = (PODS.div_ceil(500) + CLAIMS.div_ceil(500) + 1) as u64;
    assert!(rancher <= pages + 2, "{rancher} requests to Rancher, {pages} pages");
    // The components, the pages of resources, and what was reported: nothing yet.
    assert!(waldur <= 2 + (PROJECTS as u64).div_ceil(100), "{waldur} requests to Waldur");
    assert_eq!(keycloak, 0);
    println!("{waldur} requests to Waldur, {rancher} to Rancher");
}
