//! What a resource forbids, and resources that move (rule 12).

use std::collections::{BTreeMap, BTreeSet};

use agent::model::Reading;
use agent::model::capture::Capture;
use agent::model::world::MemberAccess;
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

/// Bea is new in the team of a resource whose members may not use it any more.
fn closed_to_a_newcomer() -> Capture {
    let team = "teams:
        a0000000000000000000000000000001:
          complete:
            ada00000000000000000000000000001: { username: ada, role: member }
            bea00000000000000000000000000001: { username: bea, role: member }
  clusters:";
    let accounts = "accounts: { bea: { complete: { id: k-bea, username: bea } } }\n      members:";
    changed(
        include_str!("../../../fixtures/access-restricted.yaml"),
        &[("clusters:", &format!("    {team}")), (", k-bea: { username: bea }", ""), ("members:", accounts)],
    )
}

#[test]
fn rule_12_nobody_joins_before_what_is_closed_is_unbound() {
    let unbind = format!("unbind keycloakoidc_group://{GROUP} as project-member from c-1:p-1");
    let join = format!("add bea to {GROUP}");
    assert_eq!(before(&closed_to_a_newcomer())[&join], BTreeSet::from([unbind]));
}

#[test]
fn rule_12_nobody_joins_while_a_closed_project_may_still_be_bound() {
    let mut capture = closed_to_a_newcomer();
    let cluster = capture.world.clusters.values_mut().next().expect("a cluster");
    cluster.bindings = Reading::Unavailable("it is down".to_owned());
    let plan = planned(&capture);
    assert_eq!(steps(&plan), Vec::<String>::new());
    assert!(plan.notes.iter().any(|note| note.what.starts_with("nobody joins ")), "{:?}", plan.notes);
    // Where nothing is closed, nothing needs to be looked for.
    let resources = capture.world.offerings.values_mut().next().expect("an offering").resources.known_mut();
    for resource in resources.expect("the resources").values_mut() {
        resource.access = MemberAccess::Open;
    }
    assert_eq!(steps(&planned(&capture)), [format!("add bea to {GROUP}")]);
}
