//! Systems that are down or half read (rule 15).

use agent::model::capture::Capture;
use agent::model::{Reading, ServerUrl};

use super::{planned, steps};

#[test]
fn rule_15_one_cluster_down_does_not_stop_another() {
    let both = include_str!("../../../fixtures/second-cluster.yaml");
    let mut capture = Capture::from_yaml(both).expect("a captured world");
    let before = steps(&planned(&capture));
    let down: ServerUrl = "https://rancher.example".parse().expect("an address");
    for (place, cluster) in &mut capture.world.clusters {
        if place.server == down && place.cluster.as_str() == "c-1" {
            cluster.projects = Reading::Unavailable("connection refused".to_owned());
            cluster.bindings = Reading::Unavailable("connection refused".to_owned());
        }
    }
    assert_eq!(steps(&planned(&capture)), before);
}
