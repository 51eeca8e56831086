//! Everything in every captured world is explained: on lines that fit, in characters that no terminal obeys, the same each
//! time, and in agreement with who can reach what.

use std::collections::BTreeSet;

use agent::explain::{Found, Subject, explain, find, text};
use agent::model::capture::Capture;
use agent::model::reading::Reading;
use agent::plan::access::Access;

use super::{capture, on};
use crate::plans::FIXTURES;

/// Returns the ids of everything that a world names.
fn ids(Capture { world, .. }: &Capture) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for offering in world.offerings.values() {
        ids.extend(offering.resources.known().into_iter().flatten().map(|(uuid, _)| uuid.to_string()));
        ids.extend(offering.people.known().into_iter().flatten().map(|(user, _)| format!("person:{user}")));
    }
    for realm in world.realms.values() {
        ids.extend(realm.groups.known().into_iter().flatten().map(|(id, _)| format!("group:{id}")));
        let members = realm.members.values().filter_map(Reading::known).flatten();
        ids.extend(members.map(|(id, _)| format!("person:{id}")));
    }
    ids
}

#[test]
fn everything_is_explained_on_lines_that_fit_and_no_terminal_obeys() {
    for fixture in FIXTURES {
        let capture = capture(fixture);
        for id in ids(&capture) {
            let shown = || {
                on(&capture, |ground| {
                    let Found::One(subject) = find(ground, &id) else { return String::new() };
                    text::render(&explain(ground, &subject))
                })
            };
            let text = shown();
            assert_eq!(text, shown(), "{fixture} {id}: the same each time");
            for line in text.lines() {
                let is_one_word = line.trim().split(' ').count() <= 3;
                assert!(line.chars().count() <= 100 || is_one_word, "{fixture} {id}: {line}");
                assert!(!line.contains(char::is_control), "{fixture} {id}: {line:?}");
            }
        }
    }
}

#[test]
fn explanations_agree_with_who_can_reach_what() {
    for fixture in FIXTURES {
        let capture = capture(fixture);
        let pairs = Access::new(&capture.world, &capture.policy).pairs();
        let mut seen = 0;
        for id in ids(&capture) {
            on(&capture, |ground| {
                let Found::One(subject @ Subject::Resource { resource, .. }) = find(ground, &id) else {
                    return;
                };
                let explained = explain(ground, &subject).access;
                let reached = explained.iter().filter(|reach| reach.now == Some(true)).count();
                let wanted = pairs.iter().filter(|pair| pair.resource == resource).count();
                assert_eq!(reached, wanted, "{fixture} {id}: {explained:#?}");
                seen += reached;
            });
        }
        let known = capture.world.offerings.values().filter_map(|offering| offering.resources.known());
        let known: BTreeSet<_> = known.flat_map(|resources| resources.keys().copied()).collect();
        let all = pairs.iter().filter(|pair| known.contains(&pair.resource)).count();
        assert_eq!(seen, all, "{fixture}: nobody is left out");
    }
}
