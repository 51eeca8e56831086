//! Systems that are down or half read (rule 15).

use agent::model::capture::Capture;
use agent::model::{Reading, ServerUrl};
use agent::plan::NoteKind;

use super::{GROUP, changed, notes, planned, steps};

#[test]
fn rule_15_one_cluster_down_does_not_stop_another() {
    let both = include_str!("../../../fixtures/second-cluster.yaml");
    let mut capture = Capture::from_yaml(both).expect("a captured world");
    let before = steps(&planned(&capture));
    let down: ServerUrl = "https://rancher.example".parse().expect("an address");
    for (place, cluster) in &mut capture.world.clusters {
        if place.server == down && place.cluster.as_str() == "c-1" {
            cluster.projects = Reading::Unavailable("connection refused".to_owned());
            cluster.bindings = Reading::Unavailable("connection refused".to_owned());
        }
    }
    assert_eq!(steps(&planned(&capture)), before);
}

const UNBOUND: &str = include_str!("../../../fixtures/binding-deleted-by-hand.yaml");
const BINDS: &str = "bind keycloakoidc_group://project_a0000000000000000000000000000001_project-member as project-member to c-1:p-1";

/// The world of the binding that somebody deleted, with one more in the group, whom the offering knows and who left.
fn with_a_leaver() -> Capture {
    let members = "k-bea: { username: bea } } }";
    let known = "bea00000000000000000000000000001: { username: bea, account: bea@uni.example }";
    changed(
        UNBOUND,
        &[
            (members, "k-bea: { username: bea }, k-cleo: { username: cleo } } }"),
            (known, &format!("{known}\n          c1e00000000000000000000000000001: {{ username: cleo }}")),
        ],
    )
}

#[test]
fn rule_15_a_group_is_bound_nowhere_anew_while_a_leaver_cannot_be_taken_out_of_it() {
    let mut capture = with_a_leaver();
    assert_eq!(steps(&planned(&capture)).iter().filter(|step| *step == BINDS).count(), 1, "she goes with it");
    for offering in capture.world.offerings.values_mut() {
        offering.accounts = Reading::Unavailable("bad gateway".to_owned());
    }
    let plan = planned(&capture);
    assert_eq!(steps(&plan), [""; 0]);
    let waits = format!("{GROUP} is bound once it is certain that nobody is in it who does not belong there");
    assert_eq!(notes(&plan, NoteKind::Waiting), [waits]);
}

#[test]
fn rule_15_a_group_is_bound_nowhere_anew_while_some_of_its_members_are_not_seen() {
    let mut capture = changed(UNBOUND, &[]);
    assert_eq!(steps(&planned(&capture)), [BINDS]);
    for members in capture.world.realms.values_mut().flat_map(|realm| realm.members.values_mut()) {
        *members = members.clone().with_hole("a page was lost".to_owned());
    }
    assert_eq!(steps(&planned(&capture)), [""; 0]);
}

#[test]
fn rule_6_a_stray_who_may_be_one_of_the_team_keeps_nobody_waiting_for_a_binding() {
    let capture = changed(
        UNBOUND,
        &[(
            "k-bea: { username: bea } } }",
            "k-zoe: { username: zoe } } }\n      accounts: { bea: { complete: null } }",
        )],
    );
    assert_eq!(steps(&planned(&capture)), [BINDS]);
}
