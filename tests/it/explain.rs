//! Explanations: how they read, whatever the answer; that each broken link has its own; that names find what they mean.

#![expect(clippy::expect_used, reason = "a test that cannot read its own files fails")]

mod everything;
mod links;
mod names;
mod questions;
mod unread;

use agent::explain::{self, Explanation, Found, Ground, text};
use agent::model::capture::Capture;
use agent::plan::guard::guard;
use agent::plan::plan;

/// Returns a captured world.
fn capture(fixture: &str) -> Capture {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{fixture}.yaml"));
    let text = std::fs::read_to_string(path).expect("the fixture is there");
    Capture::from_yaml(&text).expect("the fixture is a captured world")
}

/// Does something on the ground of a captured world.
fn on<T>(Capture { world, policy, .. }: &Capture, what: impl FnOnce(&Ground<'_>) -> T) -> T {
    let plan = plan(world, policy);
    let verdict = guard(&plan, world, policy, None).expect("no circle");
    what(&Ground::new(world, policy, &plan, &verdict))
}

/// Explains what a name means in a captured world.
fn explained(capture: &Capture, name: &str) -> Explanation {
    on(capture, |ground| match explain::find(ground, name) {
        Found::One(subject) => explain::explain(ground, &subject),
        Found::Several(several) => panic!("{name} is {several:?}"),
        Found::Planned(what) => panic!("{name} is made for {what}"),
        Found::Nothing(meant) => panic!("{name} is nothing, may be {meant:?}"),
    })
}

macro_rules! shown {
    ($($test:ident = $fixture:literal $name:literal;)+) => { $(
        #[test]
        fn $test() {
            let text = text::render(&explained(&capture($fixture), $name));
            insta::with_settings!({
                snapshot_path => "snapshots/explain", prepend_module_to_snapshot => false, omit_expression => true,
            }, { insta::assert_snapshot!(stringify!($test), text); });
        }
    )+ };
}

shown! {
    a_person_who_has_access = "nothing-to-do" "ada";
    a_person_who_joins = "leaver-and-joiner" "eda";
    a_person_who_leaves = "leaver-and-joiner" "BEA";
    a_person_whose_removal_is_held = "budget-exceeded" "n1";
    a_person_whom_keycloak_does_not_know = "unknown-people" "dee";
    a_person_without_a_username = "unknown-people" "bea@uni.example";
    a_person_of_a_restricted_resource = "access-restricted" "ada";
    a_person_whose_name_another_has = "username-shared" "person:bea00000-0000-0000-0000-000000000001";
    a_person_whose_role_is_mapped_to_nothing = "roles-mapped" "dee";
    a_person_whose_role_may_have_changed = "role-changes-held" "bea";
    a_person_whom_only_keycloak_knows = "stray-kept" "zoe";
    a_person_who_never_logged_in_to_rancher = "direct-never-logged-in" "eda";
    a_person_whose_account_is_switched_off = "accounts-switched-off" "ada";
    a_person_while_keycloak_is_down = "keycloak-down" "ada";
    a_person_of_two_resources = "second-cluster" "ada";
    a_person_in_what_the_python_agent_left = "moving-over" "ada";
    a_person_of_a_hostile_resource = "hostile-names" "ada";
    a_resource_that_is_new = "first-resource" "Galaxy survey";
    a_resource_of_which_something_is_held = "budget-exceeded" "galaxy-survey";
    a_resource_of_the_python_agents = "moving-over" "c-1:p-1";
    a_resource_whose_order_is_impossible = "order-impossible" "ce500000000000000000000000000001";
    a_resource_whose_quota_waits = "quota-below-used" "waldur-galaxy-survey";
    a_resource_with_its_quota_in_a_namespace = "quota-as-the-python-agent-left-it" "resource:Galaxy survey";
    a_resource_with_nothing_to_do = "nothing-to-do" "astronomy";
    a_group_that_somebody_joins_and_leaves =
        "leaver-and-joiner" "keycloakoidc_group://project_a0000000000000000000000000000001_project-member";
    a_group_with_a_stray = "stray-kept" "g-1";
    a_group_that_offerings_share = "shared-teams-differ" "g-1";
    a_group_that_is_a_roof = "nothing-to-do" "c_c1000000000000000000000000000001";
}

#[test]
fn programs_are_told_the_same() {
    let json = explained(&capture("unknown-people"), "dee").to_json().expect("it has a JSON form");
    insta::with_settings!({
        snapshot_path => "snapshots/explain", prepend_module_to_snapshot => false, omit_expression => true,
    }, { insta::assert_snapshot!("a_person_whom_keycloak_does_not_know.json", json); });
}
