//! What is wanted (rules 9 and 11): projects by their resource's state, groups by their team.

use agent::model::Reading;
use agent::model::world::World;
use agent::plan::{Action, NoteKind};

use super::{GROUP, QUIET, changed, is_quiet, notes, planned, steps};

#[test]
fn rule_9_states_decide_whether_a_project_is_wanted() {
    let first = include_str!("../../../fixtures/first-resource.yaml");
    let with = |state: &str| planned(&changed(first, &[("state: OK", &format!("state: {state}"))]));
    for state in ["OK", "Updating"] {
        assert!(steps(&with(state)).iter().any(|step| step.starts_with("create project")), "{state}");
    }
    for state in ["Creating", "Erred"] {
        assert_eq!(steps(&with(state)), [""; 0], "{state}");
        assert_eq!(notes(&with(state), NoteKind::Waiting).len(), 1, "{state}");
    }
    // Nobody ordered the end: a person has to look why it says so.
    assert_eq!(steps(&with("Terminating")), [""; 0]);
    assert_eq!(notes(&with("Terminating"), NoteKind::Held).len(), 1);
    assert_eq!(steps(&with("Terminated")), [""; 0]);
    // An erred one that was provisioned is served on.
    let erred = ("state: OK", "state: Erred");
    is_quiet(&changed(QUIET, &[erred]));
    // So is one of which only the project tells: Waldur may have lost its backend_id.
    let nameless = ("            backend_id: c-1:p-1\n", "");
    let plan = planned(&changed(QUIET, &[erred, nameless]));
    assert!(matches!(plan.steps[0].action, Action::RecordBackendId(_)), "{:?}", steps(&plan));
}

#[test]
fn rule_11_a_team_of_whom_keycloak_knows_nobody_gets_no_group_yet() {
    let first = include_str!("../../../fixtures/first-resource.yaml");
    let ada = ("ada: { complete: { id: k-ada, username: ada } }", "ada: { complete: null }");
    let plan = planned(&changed(first, &[ada]));
    let made: Vec<_> = steps(&plan).into_iter().filter(|step| step.starts_with("create ")).collect();
    assert_eq!(made, ["create project waldur-galaxy-survey in c-1"]);
}

#[test]
fn rule_11_a_group_that_others_bound_is_shared_and_nobody_leaves_it() {
    let leaver = include_str!("../../../fixtures/leaver-and-joiner.yaml");
    let foreign = "      roles: { complete: { project-member";
    let theirs = format!(
        "          p-9:theirs:
            name: theirs
            project: c-1:p-9
            role: project-member
            subject: {{ group: \"keycloakoidc_group://{GROUP}\" }}
{foreign}"
    );
    let plan = planned(&changed(leaver, &[(foreign, &theirs)]));
    assert_eq!(steps(&plan), [format!("add eda to {GROUP}")]);
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_11_a_team_that_is_back_keeps_its_group() {
    let empty = include_str!("../../../fixtures/team-empty-after-grace.yaml");
    let mut capture = changed(empty, &[]);
    let team = changed(QUIET, &[]).world.offerings.into_values().next().expect("an offering").teams;
    capture.world.offerings.values_mut().for_each(|offering| offering.teams.clone_from(&team));
    answer_everybody(&mut capture.world);
    let plan = planned(&capture);
    assert_eq!(
        steps(&plan),
        [
            format!("note that {GROUP} is in use again"),
            format!("add ada to {GROUP}"),
            format!("add bea to {GROUP}")
        ]
    );
}

/// Answers the look-up of everybody in the teams.
fn answer_everybody(world: &mut World) {
    for realm in world.realms.values_mut() {
        for name in ["ada", "bea"] {
            let account = agent::model::world::Account {
                id: format!("k-{name}").parse().expect("an id"),
                username: name.parse().expect("a name"),
                disabled: false,
                found_otherwise: false,
            };
            realm.accounts.insert(name.parse().expect("a name"), Reading::Complete(Some(account)));
        }
    }
}

#[test]
fn rule_11_an_end_of_people_that_is_still_to_come_is_written_anew() {
    let within = include_str!("../../../fixtures/team-empty-within-grace.yaml");
    let plan = planned(&changed(within, &[("2026-11-23T07:56:00Z", "2036-11-23T07:56:00Z")]));
    assert_eq!(steps(&plan), [format!("note that the team of {GROUP} is empty")]);
}
