//! What Waldur is told: only what is certain, only what differs, and nothing where it does not say what it was told.

use super::{QUIET, changed, is_quiet, planned, steps};
use agent::model::world::Capability;
use agent::plan::NoteKind;

const ERRED: &str = include_str!("../../../fixtures/resource-erred-by-rancher.yaml");
const NOTED: &str = include_str!("../../../fixtures/metadata-told.yaml");
const ASKED: &str = include_str!("../../../fixtures/membership-statuses.yaml");

const BAD: &str = "tell Waldur that something is wrong with it";
const GOOD: &str = "tell Waldur that nothing is wrong with it any more";

fn told(fixture: &str, changes: &[(&str, &str)], what: &str) -> usize {
    let plan = planned(&changed(fixture, changes));
    steps(&plan).iter().filter(|step| *step == what).count()
}

#[test]
fn a_waldur_that_does_not_say_what_it_was_told_is_told_nothing() {
    is_quiet(&changed(QUIET, &[]));
    is_quiet(&changed(
        QUIET,
        &[("            created: 2026", "            trouble: no\n            created: 2026")],
    ));
    is_quiet(&changed(QUIET, &[("      resources:\n", "      wants_statuses: true\n      resources:\n")]));
}

#[test]
fn trouble_makes_ok_erred_and_erred_stays_what_others_say() {
    assert_eq!((told(ERRED, &[], BAD), told(ERRED, &[], GOOD)), (2, 1));
    // A young project's trouble passes by itself.
    let young = [("created: 2026-09-01T08:00:00Z", "created: 2026-11-23T07:56:00Z")];
    assert_eq!(told(ERRED, &young, BAD), 1, "only that which was told already");
}

#[test]
fn orders_that_were_not_read_could_be_open() {
    let unread = [("      resources:\n", "      orders: { unavailable: \"503\" }\n      resources:\n")];
    assert_eq!((told(ERRED, &unread, BAD), told(ERRED, &unread, GOOD)), (0, 0));
    let open = "      orders: { complete: { 0d000000000000000000000000000001: { resource: ce500000000000000000000000000002, kind: Update, state: executing, since: 2026-11-23T07:00:00Z } } }\n      resources:\n";
    assert_eq!(told(ERRED, &[("      resources:\n", open)], GOOD), 0, "its order decides");
}

#[test]
fn an_erred_resource_is_not_ok_while_something_about_it_waits() {
    let locked = [
        (
            "{ project-member: { context: project } }",
            "{ project-member: { context: project, locked: true } }",
        ),
        ("            subject: { group: keycloakoidc", "            subject: { group: other"),
    ];
    assert_eq!(told(ERRED, &locked, GOOD), 0);
    let unread = [(
        "      groups:\n        complete:",
        "      groups:\n        unavailable: \"503\"\n      members: {}\n      accounts: {}\n    https://keycloak.example/other:\n      groups:\n        complete:",
    )];
    assert_eq!(told(ERRED, &unread, GOOD), 0, "a silent Keycloak decides nothing");
}

#[test]
fn what_this_waldur_cannot_be_told_is_named_and_not_tried() {
    let mut capture = changed(ERRED, &[]);
    let offering = *capture.world.offerings.keys().next().expect("an offering");
    let lacking = [Capability::SetAsErred, Capability::SetAsOk, Capability::RefreshLastSync];
    capture.world.memory.lacking.insert(offering, lacking.into());
    let plan = planned(&capture);
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(
        super::notes(&plan, NoteKind::Unmanaged).len(),
        2,
        "nobody was to be told that it was looked at"
    );
}

#[test]
fn notes_of_others_are_no_ones_business() {
    let single = [("                organization: university\n", "")];
    let plan = planned(&changed(NOTED, &single));
    let agent::plan::Action::SetMetadata(set) = &plan.steps[0].action else { panic!("{:?}", steps(&plan)) };
    assert!(!set.notes.contains_key("users"), "it is not what the Python agent wrote");
    let whole = planned(&changed(NOTED, &[]));
    let agent::plan::Action::SetMetadata(set) = &whole.steps[0].action else { panic!("{:?}", steps(&whole)) };
    assert_eq!(set.notes["users"], (Some("[]".to_owned()), None));
}

#[test]
fn groups_that_could_not_be_read_stay_noted() {
    let noted = [
        ("                rancher_role: workloads-manage\n", "                keycloak_group: a-group\n"),
        (
            "      groups:\n        complete:",
            "      groups:\n        unavailable: \"503\"\n      members: {}\n      accounts: {}\n    https://keycloak.example/other:\n      groups:\n        complete:",
        ),
    ];
    let plan = planned(&changed(NOTED, &noted));
    let agent::plan::Action::SetMetadata(set) = &plan.steps[0].action else { panic!("{:?}", steps(&plan)) };
    assert!(!set.notes.contains_key("keycloak_group") && !set.notes.contains_key("rancher_role"));
    assert!(set.notes.contains_key("rancher_project_id"));
}

#[test]
fn of_nobody_anything_is_said_while_one_was_not_looked_up() {
    let statuses = |changes: &[(&str, &str)]| {
        let plan = planned(&changed(ASKED, changes));
        steps(&plan).into_iter().any(|step| step.starts_with("tell Waldur how far"))
    };
    assert!(statuses(&[]));
    assert!(!statuses(&[("        ced: { complete: null }\n", "        ced: { unavailable: \"503\" }\n")]));
}

#[test]
fn what_cannot_be_bound_is_not_told_to_serve() {
    assert_eq!(told(NOTED, &[], "tell Waldur what serves it"), 1);
    // The role that is configured now does not exist: nobody is bound as it.
    let role = ("      role: project-member\n      keycloak", "      role: viewer\n      keycloak");
    assert_eq!(told(NOTED, &[role], "tell Waldur what serves it"), 0);
}
