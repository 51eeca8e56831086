//! What the guard counts.

use agent::model::Reading;
use agent::model::capture::Capture;
use agent::plan::guard::{Verdict, guard};
use agent::plan::{Fingerprint, NoteKind, render};

use super::{QUIET, changed, notes, planned, steps};

const EXCEEDED: &str = include_str!("../../../fixtures/budget-exceeded.yaml");
const USED_UP: &str = include_str!("../../../fixtures/budget-used-up.yaml");

fn judged(capture: &Capture, approval: Option<&Fingerprint>) -> Verdict {
    guard(&planned(capture), &capture.world, &capture.policy, approval).expect("no circle")
}

#[test]
fn guard_only_the_fingerprint_of_what_is_held_releases_it() {
    let (capture, other) = (changed(EXCEEDED, &[]), changed(USED_UP, &[]));
    let release = judged(&capture, None).release.expect("it holds something");
    let released = judged(&capture, Some(&release));
    assert_eq!((released.held.len(), released.release, released.approval_is_stale), (0, None, false));
    let foreign = judged(&other, None).release.expect("it holds something");
    let refused = judged(&capture, Some(&foreign));
    assert_eq!((refused.held.len(), refused.release, refused.approval_is_stale), (6, Some(release), true));
}

#[test]
fn guard_a_share_of_many_people_may_be_more_than_a_few() {
    let mut capture = changed(EXCEEDED, &[]);
    for (percent, held) in [(5, 6), (42, 6), (43, 0)] {
        capture.policy.budget.percent = percent;
        assert_eq!(judged(&capture, None).held.len(), held, "{percent} % of 14 people");
    }
}

#[test]
fn guard_a_binding_counts_as_many_people_as_lose_access_by_its_end() {
    let mut capture = changed(include_str!("../../../fixtures/access-restricted.yaml"), &[]);
    capture.policy.budget.people = 1;
    let verdict = judged(&capture, None);
    assert_eq!((verdict.admitted.steps().len(), verdict.held.len()), (0, 1));
}

#[test]
fn guard_a_group_whose_members_are_held_is_not_deleted() {
    let empty = include_str!("../../../fixtures/team-empty-after-grace.yaml");
    let members = ("g-1: { complete: {} }", "g-1: { complete: { k-ada: { username: ada } } }");
    let mut capture = changed(empty, &[members]);
    let deletes = |verdict: &Verdict| {
        let steps = verdict.admitted.steps().iter().map(|step| render::sentence(&step.action));
        steps.filter(|step| step.starts_with("delete ")).count()
    };
    assert_eq!(deletes(&judged(&capture, None)), 2);
    capture.policy.budget.people = 0;
    capture.policy.budget.percent = 0;
    let held = judged(&capture, None);
    assert_eq!(deletes(&held), 0, "{:?}", held.admitted.steps());
}

#[test]
fn guard_a_loss_counts_for_an_hour() {
    let minutes_later = |minutes: u32| {
        let mut capture = changed(USED_UP, &[]);
        capture.world.taken_at += jiff::SignedDuration::from_mins(minutes.into());
        judged(&capture, None).held.len()
    };
    assert_eq!(minutes_later(0), 2);
    assert_eq!(minutes_later(60), 0);
}

#[test]
fn guard_whoever_only_changes_roles_leaves_nothing() {
    let mut capture = changed(include_str!("../../../fixtures/role-map-introduced.yaml"), &[]);
    capture.policy.budget.group_members = 0;
    assert_eq!(judged(&capture, None).held.len(), 0);
}

#[test]
fn guard_ranchers_own_projects_are_never_ours_whatever_they_carry() {
    let created = "created: 2026-09-01T08:00:00Z";
    let own = format!("{created}\n            kind: built_in");
    let restricted = "limits: { cpu: 9, memory: 32 }";
    let plan = planned(&changed(QUIET, &[(created, &own), ("limits: { cpu: 8, memory: 32 }", restricted)]));
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

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
