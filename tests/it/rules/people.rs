//! People (rules 5, 6 and 10): who is in a team, and who that is in Keycloak.

use agent::model::Reading;
use agent::plan::{NoteKind, Plan, Question};

use super::{GROUP, QUIET, changed, is_quiet, notes, planned, steps};

#[test]
fn rule_5_a_wanted_id_or_a_name_in_any_case_is_met_by_the_member() {
    is_quiet(&changed(QUIET, &[("{ username: ada, role: member }", "{ username: k-ada, role: member }")]));
    is_quiet(&changed(QUIET, &[("{ username: ada, role: member }", "{ username: ADA, role: member }")]));
}

#[test]
fn rule_5_only_who_is_not_a_member_is_looked_up() {
    let plan = planned(&changed(QUIET, &[("k-bea: { username: bea }", "k-old: { username: old }")]));
    let asked: Vec<&str> = plan
        .questions
        .iter()
        .filter_map(|question| match question {
            Question::Account { realm: _, username, lookup: _ } => Some(username.as_str()),
            Question::Team { .. } | Question::Inside { .. } | Question::Namesakes { .. } => None,
        })
        .collect();
    assert_eq!(asked, ["bea"]);
}

#[test]
fn rule_6_a_leaver_goes_although_somebody_is_unknown() {
    let unknown = include_str!("../../../fixtures/stray-kept.yaml");
    let leaver = "ada00000000000000000000000000001: { username: ada, account: ada@uni.example }";
    let known = format!("{leaver}\n          cab00000000000000000000000000001: {{ username: zoe }}");
    let plan = planned(&changed(unknown, &[(leaver, &known)]));
    assert_eq!(steps(&plan), [format!("remove zoe from {GROUP}")]);
}

/// The quiet world in which Bea's role in the team, or in the team and in the bulk list, ends at `time`.
fn ending(time: &str, in_the_list_too: bool) -> Plan {
    let mate = "bea00000000000000000000000000001: { username: bea, role: member }";
    let ends = mate.replace(" }", &format!(", expires: \"{time}\" }}"));
    let grant = "{ user: bea00000000000000000000000000001, role: member }";
    let ended = grant.replace(" }", &format!(", expires: \"{time}\" }}"));
    let listed = if in_the_list_too { ended.as_str() } else { grant };
    planned(&changed(QUIET, &[(mate, &ends), (grant, listed)]))
}

#[test]
fn rule_10_an_expired_grant_is_gone_at_that_moment() {
    assert_eq!(steps(&ending("2026-11-23T08:00:01Z", true)), [""; 0]);
    assert_eq!(steps(&ending("2026-11-23T08:00:00Z", true)), [format!("remove bea from {GROUP}")]);
}

#[test]
fn rule_10_whoever_holds_another_role_stays_when_one_expires() {
    // Waldur's team shows one role of each person, and not always the one that lasts.
    assert_eq!(steps(&ending("2026-11-23T08:00:00Z", false)), [""; 0]);
}

#[test]
fn rule_6_whoever_is_in_the_team_under_a_new_name_has_not_left() {
    // The list of users was read before the name changed, the team after; Keycloak knows the new name not yet.
    let renamed = (
        "ada00000000000000000000000000001: { username: ada, role",
        "ada00000000000000000000000000001: { username: ada-new, role",
    );
    let mut capture = changed(QUIET, &[renamed]);
    let nobody = Reading::Complete(None);
    for realm in capture.world.realms.values_mut() {
        realm.accounts.insert("ada-new".parse().expect("a username"), nobody.clone());
    }
    let plan = planned(&capture);
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_5_a_uuid_in_waldurs_spelling_is_met_by_the_member_of_that_id() {
    let known = "ada00000-0000-0000-0000-000000000001";
    let identity = (
        "role: project-member\n      keycloak",
        "role: project-member\n      member_identity: user_uuid\n      keycloak",
    );
    is_quiet(&changed(
        QUIET,
        &[identity, ("k-ada:", &format!("{known}:")), ("k-bea:", "bea00000-0000-0000-0000-000000000001:")],
    ));
}

#[test]
fn rule_5_the_offerings_name_is_the_one_that_counts_unless_another_is_chosen() {
    let world = include_str!("../../../fixtures/member-identity.yaml");
    let plan = planned(&changed(world, &[("      member_identity: user_username\n", "")]));
    // Ada is p0001 then, whom nobody has looked up, and Bea has no name.
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(notes(&plan, NoteKind::Waiting).len(), 2, "{:?}", plan.notes);
}

#[test]
fn rule_6_whose_name_vanished_is_unknown_and_no_leaver() {
    let blanked = [
        (
            "bea00000000000000000000000000001: { username: bea, role",
            "bea00000000000000000000000000001: { role",
        ),
        (
            "bea00000000000000000000000000001: { username: bea, account",
            "bea00000000000000000000000000001: { account",
        ),
    ];
    let plan = planned(&changed(QUIET, &blanked));
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(notes(&plan, NoteKind::Waiting).len(), 1, "{:?}", plan.notes);
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_6_of_two_who_bear_one_name_the_one_who_stays_keeps_the_account_in() {
    // Zoe, who is in no team, is called bea too; Bea stays.
    let people = "bea00000000000000000000000000001: { username: bea, account";
    let twin = format!("\"20e00000000000000000000000000001\": {{ username: bea }}\n          {people}");
    is_quiet(&changed(QUIET, &[(people, &twin)]));
}

#[test]
fn rule_6_two_of_one_team_who_bear_one_name_share_the_account() {
    let shared = include_str!("../../../fixtures/username-shared.yaml");
    let mate = "bea00000000000000000000000000001: { username: bea, role: member }";
    let both = format!(
        "{mate}\n            \"20e00000000000000000000000000001\": {{ username: bea, role: member }}"
    );
    let plan = planned(&changed(shared, &[(mate, &both)]));
    assert_eq!(steps(&plan), [format!("add bea to {GROUP}")]);
}
