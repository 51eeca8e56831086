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
            Question::Team { .. } | Question::Namesakes { .. } => None,
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
