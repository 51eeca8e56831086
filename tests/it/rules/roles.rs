//! Mapped roles (rules 5, 10, 11 and 12): who is in which of a team's groups.

use std::collections::BTreeSet;

use agent::plan::NoteKind;
use agent::plan::guard::guard;

use super::access::before;
use super::{changed, notes, planned, steps};

const MAPPED: &str = include_str!("../../../fixtures/roles-mapped.yaml");
const INTRODUCED: &str = include_str!("../../../fixtures/role-map-introduced.yaml");
const HELD: &str = include_str!("../../../fixtures/role-changes-held.yaml");
const MEMBERS: &str = "project_a0000000000000000000000000000001_project-member";
const OWNERS: &str = "project_a0000000000000000000000000000001_project-owner";
const EVERYBODY: &str = "project_a0000000000000000000000000000001_team";

fn set<const N: usize>(steps: [String; N]) -> BTreeSet<String> {
    steps.into()
}

#[test]
fn rule_12_who_changes_roles_is_in_the_new_group_before_out_of_the_old() {
    let order = before(&changed(MAPPED, &[]));
    let joins = format!("add bea to {OWNERS}");
    assert_eq!(order[&format!("remove bea from {MEMBERS}")], set([joins]));
}

#[test]
fn rule_12_who_changes_roles_waits_for_the_new_groups_binding_too() {
    let order = before(&changed(INTRODUCED, &[]));
    let bound = format!("bind keycloakoidc_group://{OWNERS} as project-owner to c-1:p-1");
    assert_eq!(
        order[&format!("remove ada from {EVERYBODY}")],
        set([format!("add ada to {OWNERS}"), bound.clone()])
    );
    let other = format!("bind keycloakoidc_group://{MEMBERS} as project-member to c-1:p-1");
    assert_eq!(
        order[&format!("unbind keycloakoidc_group://{EVERYBODY} as project-member from c-1:p-1")],
        set([format!("add ada to {OWNERS}"), format!("add bea to {MEMBERS}"), bound, other])
    );
}

#[test]
fn rule_12_a_new_role_that_cannot_be_bound_leaves_everybody_where_they_are() {
    let locked = ("project-owner: { context: project }", "project-owner: { context: project, locked: true }");
    let plan = planned(&changed(INTRODUCED, &[locked]));
    assert!(!steps(&plan).iter().any(|step| step.starts_with("unbind")), "{:?}", steps(&plan));
    assert!(!steps(&plan).contains(&format!("remove ada from {EVERYBODY}")), "{:?}", steps(&plan));
}

#[test]
fn guard_a_change_of_roles_is_no_loss() {
    for world in [MAPPED, INTRODUCED] {
        let mut capture = changed(world, &[]);
        // Of two who move, more than one and more than half leave their group.
        capture.policy.budget.group_members = 1;
        let verdict = guard(&planned(&capture), &capture.world, &capture.policy, None).expect("no circle");
        let lost: Vec<_> = verdict.admitted.losses().keys().map(|pair| pair.person.to_string()).collect();
        let expected: &[&str] = if world == MAPPED { &["k-dee"] } else { &[] };
        assert_eq!(lost, expected);
        assert_eq!(verdict.held, []);
    }
}

#[test]
fn rule_10_both_spellings_of_a_role_are_one_role() {
    let plan = planned(&changed(MAPPED, &[("role_map: { manager:", "role_map: { PROJECT.MANAGER:")]));
    assert_eq!(steps(&plan), steps(&planned(&changed(MAPPED, &[]))));
}

#[test]
fn rule_10_an_unmapped_role_is_named_with_who_holds_it() {
    let plan = planned(&changed(MAPPED, &[]));
    assert_eq!(notes(&plan, NoteKind::Unmanaged), ["role_map has no auditor: it gives nothing to dee"]);
}

#[test]
fn rule_10_the_team_alone_moves_nobody_and_lets_newcomers_in() {
    let plan = planned(&changed(HELD, &[]));
    assert_eq!(steps(&plan), [format!("add eda to {OWNERS}")]);
    let held = notes(&plan, NoteKind::Held);
    assert!(held.len() == 1 && held[0].starts_with("the roles of bea may have changed"), "{held:?}");
}

#[test]
fn rule_10_the_team_alone_still_says_who_left() {
    let gone = ("            bea00000000000000000000000000001: { username: bea, role: manager }\n", "");
    let plan = planned(&changed(HELD, &[gone]));
    assert!(steps(&plan).contains(&format!("remove bea from {MEMBERS}")), "{:?}", steps(&plan));
}

#[test]
fn rule_11_the_group_of_a_role_that_nobody_holds_is_emptied_and_then_goes() {
    let alone = [
        (
            "user: c1e00000000000000000000000000001, role: manager",
            "user: c1e00000000000000000000000000001, role: member",
        ),
        ("{ username: cleo, role: manager }", "{ username: cleo, role: member }"),
        ("role: PROJECT.MANAGER", "role: member"),
    ];
    let plan = planned(&changed(MAPPED, &alone));
    assert_eq!(
        steps(&plan),
        [
            format!("add cleo to {MEMBERS}"),
            format!("remove cleo from {OWNERS}"),
            format!("remove dee from {MEMBERS}"),
            format!("note that the team of {OWNERS} is empty"),
        ]
    );
    let since = (
        "waldur_role: [project-owner]",
        "waldur_role: [project-owner]\n              waldur_empty_since: [\"2026-11-23T07:00:00Z\"]",
    );
    let plan = planned(&changed(MAPPED, &[alone[0], alone[1], alone[2], since]));
    let delete = format!("delete group {OWNERS}");
    assert!(steps(&plan).iter().any(|step| step.starts_with(&delete)), "{:?}", steps(&plan));
}

#[test]
fn rule_7_the_groups_name_says_the_mapped_role() {
    let plan = planned(&changed(INTRODUCED, &[]));
    let made: Vec<_> = steps(&plan).into_iter().filter(|step| step.starts_with("create group")).collect();
    assert_eq!(made.len(), 2, "{made:?}");
    assert!(made[0].contains(MEMBERS) && made[1].contains(OWNERS), "{made:?}");
}

#[test]
fn rule_3_without_a_map_again_everybody_is_in_the_one_group() {
    let unmapped = ("      role_map: { manager: project-owner, member: project-member }\n", "");
    let plan = planned(&changed(MAPPED, &[unmapped]));
    let order = before(&changed(MAPPED, &[unmapped]));
    assert!(steps(&plan).contains(&format!("add cleo to {MEMBERS}")), "{:?}", steps(&plan));
    assert_eq!(order[&format!("remove cleo from {OWNERS}")], set([format!("add cleo to {MEMBERS}")]));
    assert!(!steps(&plan).contains(&format!("remove dee from {MEMBERS}")), "{:?}", steps(&plan));
}
