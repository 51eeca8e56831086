//! What the guard counts.

use agent::model::Reading;
use agent::plan::NoteKind;
use agent::plan::guard::guard;

use super::{QUIET, changed, notes, planned, steps};

#[test]
fn the_guard_counts_a_shared_name_in_two_realms_by_the_realm_of_the_cluster() {
    // Two Ranchers, each with a realm of its own; the same Waldur project has a group of the same name in both.
    let mut capture = changed(include_str!("../../../fixtures/access-restricted.yaml"), &[]);
    let place = "https://keycloak.example/waldur".parse().expect("a realm");
    let other = "https://keycloak.example/zzz".parse().expect("a realm");
    let mut twin = capture.world.realms.get(&place).expect("the realm").clone();
    for members in twin.members.values_mut() {
        members.known_mut().expect("they were read").clear();
    }
    capture.world.realms.insert(other, twin);
    let plan = planned(&capture);
    let verdict = guard(&plan, &capture.world, &capture.policy, None).expect("no circle");
    assert_eq!(verdict.admitted.losses().len(), 2);
}

#[test]
fn guard_an_empty_list_of_resources_takes_nothing_away_and_is_said() {
    let mut capture = changed(QUIET, &[]);
    for offering in capture.world.offerings.values_mut() {
        offering.resources = Reading::Complete([].into());
    }
    let plan = planned(&capture);
    assert_eq!(steps(&plan), [""; 0]);
    let held = notes(&plan, NoteKind::Held);
    assert!(held.len() == 1 && held[0].starts_with("Waldur lists no resource at all"), "{held:?}");
}
