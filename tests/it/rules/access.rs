//! What a resource forbids, and resources that move (rule 12).

use std::collections::{BTreeMap, BTreeSet};

use agent::model::Reading;
use agent::model::capture::Capture;
use agent::plan::guard::guard;
use agent::plan::render;

use super::{GROUP, QUIET, changed, is_quiet, planned, steps};

#[test]
fn rule_12_a_pause_takes_access_away_only_where_configured() {
    let paused =
        ("limits: { cpu: 8, memory: 32 }", "limits: { cpu: 8, memory: 32 }\n            access: paused");
    is_quiet(&changed(QUIET, &[paused]));
    let configured = (
        "role: project-member\n      keycloak",
        "role: project-member\n      paused_restricts: true\n      keycloak",
    );
    let plan = planned(&changed(QUIET, &[paused, configured]));
    assert_eq!(steps(&plan).len(), 1);
    assert!(steps(&plan).iter().all(|step| step.starts_with("unbind ")), "{:?}", steps(&plan));
}

/// Returns, as sentences, what must be done before each admitted step.
pub(super) fn before(capture: &Capture) -> BTreeMap<String, BTreeSet<String>> {
    let plan = planned(capture);
    let verdict = guard(&plan, &capture.world, &capture.policy, None).expect("no circle");
    let sentence = |index: usize| render::sentence(&verdict.admitted.steps()[index].action);
    let all = verdict.admitted.graph().dependencies();
    all.into_iter()
        .enumerate()
        .map(|(step, first)| (sentence(step), first.into_iter().map(sentence).collect()))
        .collect()
}

const OTHER_GROUP: &str = "project_a0000000000000000000000000000002_project-member";

#[test]
fn rule_12_a_former_teams_binding_goes_once_whoever_stays_is_in_the_new_group() {
    let capture = changed(include_str!("../../../fixtures/resource-moved.yaml"), &[]);
    let unbind = format!("unbind keycloakoidc_group://{GROUP} as project-member from c-1:p-1");
    let bind = format!("bind keycloakoidc_group://{OTHER_GROUP} as project-member to c-1:p-1");
    let bea = format!("add bea to {OTHER_GROUP}");
    assert_eq!(before(&capture)[&unbind], BTreeSet::from([bind, bea]));
}

#[test]
fn rule_12_whoever_leaves_with_a_resource_leaves_last() {
    // Bea is in the new team only, and the old one still has another resource.
    let mut capture = changed(include_str!("../../../fixtures/resource-moved.yaml"), &[]);
    let offering = capture.world.offerings.values_mut().next().expect("an offering");
    let old = "a0000000000000000000000000000001".parse().expect("a UUID");
    let bea = "bea00000000000000000000000000001".parse().expect("a UUID");
    offering.teams.get_mut(&old).and_then(Reading::known_mut).expect("the old team").remove(&bea);
    let resources = offering.resources.known_mut().expect("the resources");
    let mut other = resources.values().next().expect("a resource").clone();
    other.project.uuid = old;
    other.backend_id = None;
    other.slug = Some("another".parse().expect("a slug"));
    resources.insert("ce500000000000000000000000000002".parse().expect("a UUID"), other);
    let unbind = format!("unbind keycloakoidc_group://{GROUP} as project-member from c-1:p-1");
    assert_eq!(before(&capture)[&format!("remove bea from {GROUP}")], BTreeSet::from([unbind]));
}
