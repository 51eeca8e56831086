//! Names (rules 7 and 8): what may be one, and whose it is.

use agent::model::capture::Capture;
use agent::plan::NoteKind;

use super::{GROUP, QUIET, changed, notes, planned, steps};

#[test]
fn rule_7_a_name_that_would_be_no_safe_one_is_refused() {
    let plan = planned(&changed(
        include_str!("../../../fixtures/first-resource.yaml"),
        &[("slug: galaxy-survey", "slug: galaxy/survey")],
    ));
    assert!(!steps(&plan).iter().any(|step| step.starts_with("create project")), "{:?}", steps(&plan));
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_7_an_empty_part_makes_no_name() {
    let template = (
        "role: project-member\n      keycloak",
        "role: project-member\n      project_name: \"{project_prefix}{customer_name}\"\n      keycloak",
    );
    let first = include_str!("../../../fixtures/first-resource.yaml");
    let nameless = ("customer: { name: University", "customer: { name: \"\"");
    let plan = planned(&changed(first, &[template, nameless]));
    assert!(!steps(&plan).iter().any(|step| step.starts_with("create project")), "{:?}", steps(&plan));
    assert_eq!(notes(&plan, NoteKind::Held), ["its project has no name: {customer_name} is empty for it"]);
}

#[test]
fn rule_7_the_namespaces_share_is_a_part_of_the_limit() {
    let capture = changed(
        QUIET,
        &[
            (
                "role: project-member\n      keycloak",
                "role: project-member\n      namespace_share: 0.25\n      keycloak",
            ),
            (
                "      roles: { complete:",
                "      inside: { namespaces: { complete: {} } }\n      roles: { complete:",
            ),
        ],
    );
    let plan = planned(&capture);
    assert_eq!(steps(&plan), ["set the quota of project c-1:p-1"]);
}

#[test]
fn rule_8_two_teams_of_one_plan_get_no_groups_of_one_name() {
    let first = include_str!("../../../fixtures/first-resource.yaml");
    let (one, other) = ("a0000000000000000000000000000001", "a0000000000000000000000000000002");
    let named =
        ("lookup: by_username", "lookup: by_username\n        child_group: \"{cluster_id}_{role_name}\"");
    let free = format!("{GROUP}: {{ complete: [] }}");
    let mut capture = changed(first, &[named, (&free, "c-1_project-member: { complete: [] }")]);
    let twin = changed(
        first,
        &[(one, other), ("ce500000000000000000000000000001", "ce500000000000000000000000000002")],
    );
    let second = twin.world.offerings.into_values().next().expect("an offering");
    for offering in capture.world.offerings.values_mut() {
        offering.teams.extend(second.teams.clone());
        let resources = offering.resources.known_mut().expect("they were read");
        resources.extend(second.resources.known().expect("they were read").clone());
        let grants = offering.grants.known_mut().expect("they were read");
        grants.extend(second.grants.known().expect("they were read").clone());
    }
    let plan = planned(&capture);
    let made = steps(&plan).into_iter().filter(|step| step.starts_with("create group c-1_project-member"));
    assert_eq!(made.count(), 1, "{:?}", steps(&plan));
}

#[test]
fn rule_8_a_foreign_group_of_the_name_is_in_the_way() {
    let first = include_str!("../../../fixtures/first-resource.yaml");
    let free = format!("{GROUP}: {{ complete: [] }}");
    let plan = planned(&changed(first, &[(&free, &format!("{GROUP}: {{ complete: [g-foreign] }}"))]));
    assert!(!steps(&plan).iter().any(|step| step.starts_with("create group") || step.starts_with("add")));
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_8_a_group_whose_name_is_not_alone_gets_no_role() {
    let unbound = include_str!("../../../fixtures/binding-deleted-by-hand.yaml");
    assert_eq!(steps(&planned(&changed(unbound, &[]))).len(), 1);
    let plan = planned(&changed(unbound, &[("{ complete: [g-1] }", "{ complete: [g-1, g-theirs] }")]));
    assert_eq!(steps(&plan), [""; 0]);
    let held = notes(&plan, NoteKind::Held);
    assert!(held.iter().any(|what| what.contains("(g-theirs)")), "{held:?}");
}

#[test]
fn rule_7_two_resources_of_one_slug_do_not_become_two_projects_of_one_name() {
    let first = include_str!("../../../fixtures/first-resource.yaml");
    let resource = "          ce500000000000000000000000000001:\n";
    let (before, after) = first.split_once(resource).expect("a resource");
    let (body, rest) = after.split_once("      grants:").expect("grants");
    let twin = resource.replace("01:", "02:");
    let plan = planned(
        &Capture::from_yaml(&format!("{before}{resource}{body}{twin}{body}      grants:{rest}"))
            .expect("a world"),
    );
    let made = steps(&plan).into_iter().filter(|step| step.starts_with("create project")).count();
    assert_eq!(made, 1);
    assert_eq!(
        notes(&plan, NoteKind::Held),
        ["the new project of another resource takes its name: waldur-galaxy-survey"]
    );
}
