//! Narrowed runs (rule 16): steps are chosen, readings are not.

use agent::model::capture::Capture;
use agent::plan::Plan;

use super::{changed, planned, steps};

#[test]
fn rule_16_a_narrowed_plan_keeps_its_colleagues_people() {
    let both = include_str!("../../../fixtures/second-cluster.yaml");
    let capture = Capture::from_yaml(both).expect("a captured world");
    let whole = planned(&capture);
    let first = "0ff00000000000000000000000000001".parse().expect("a UUID");
    let second = "0ff00000000000000000000000000002".parse().expect("a UUID");
    assert_eq!(steps(&whole.clone().narrowed_to(first)), [""; 0]);
    assert_eq!(steps(&whole.clone().narrowed_to(second)), steps(&whole));
}

#[test]
fn rule_16_a_scope_without_members_takes_no_steps_on_people() {
    let scope = (
        "role: project-member\n      keycloak",
        "role: project-member\n      scope: { members: false }\n      keycloak",
    );
    let leaver = include_str!("../../../fixtures/leaver-and-joiner.yaml");
    assert_eq!(steps(&planned(&changed(leaver, &[scope]))), [""; 0]);
}

#[test]
fn rule_16_a_scope_without_projects_makes_none_and_goes_on_with_people() {
    let scope = (
        "role: project-member\n      keycloak",
        "role: project-member\n      scope: { projects: false }\n      keycloak",
    );
    let first = include_str!("../../../fixtures/first-resource.yaml");
    let (whole, narrowed) = (planned(&changed(first, &[])), planned(&changed(first, &[scope])));
    let of_people =
        |plan: &Plan| steps(plan).into_iter().filter(|step| step.starts_with("add ")).collect::<Vec<_>>();
    assert!(!steps(&narrowed).iter().any(|step| step.contains("project waldur-")), "{:?}", steps(&narrowed));
    assert!(!of_people(&whole).is_empty());
    assert_eq!(of_people(&narrowed), of_people(&whole));
}

#[test]
fn rule_16_a_narrowed_plan_keeps_what_its_steps_need_of_others() {
    let first = include_str!("../../../fixtures/first-resource.yaml");
    let mut capture = changed(first, &[]);
    let (old, offering) = capture.world.offerings.pop_first().expect("an offering");
    let policy = capture.policy.offerings.remove(&old).expect("its policy");
    // An offering without anything comes first, so that the cluster's group is made on its behalf elsewhere.
    let new: agent::model::OfferingUuid = "eff00000000000000000000000000001".parse().expect("a UUID");
    let mut twin = policy.clone();
    twin.name = "Other".to_owned();
    // Its own group has a name of its own, or the first would stand in its way.
    twin.keycloak.as_mut().expect("it has Keycloak").role_name = "other".to_owned();
    for realm in capture.world.realms.values_mut() {
        let name = "project_a0000000000000000000000000000001_other".parse().expect("a name");
        realm.namesakes.insert(name, agent::model::Reading::Complete([].into()));
    }
    capture.policy.offerings.extend([(old, twin), (new, policy)]);
    capture.world.offerings.extend([(old, offering.clone()), (new, offering)]);
    let whole = planned(&capture);
    let makes_roof =
        |plan: &Plan| steps(plan).iter().filter(|step| step.starts_with("create group c_")).count();
    assert_eq!(makes_roof(&whole), 1);
    assert_eq!(makes_roof(&whole.clone().narrowed_to(old)), 1);
    let narrowed = whole.clone().narrowed_to(new);
    let needs_roof = steps(&narrowed).iter().any(|step| step.starts_with("create group project_"));
    assert!(needs_roof, "{:?}", steps(&narrowed));
    assert_eq!(makes_roof(&narrowed), 1);
}
