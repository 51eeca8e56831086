//! What a name finds: one thing, several to choose from, or what was meant.

use agent::explain::{Found, Subject, Who, find};

use super::{capture, explained, on};

fn found(fixture: &str, name: &str) -> Found {
    on(&capture(fixture), |ground| find(ground, name))
}

#[test]
fn a_resource_is_found_by_everything_that_it_is_called() {
    for name in [
        "Galaxy survey",
        "galaxy SURVEY",
        "galaxy-survey",
        "ce500000000000000000000000000001",
        "CE500000-0000-0000-0000-000000000001",
        "c-1:p-1",
        "waldur-galaxy-survey",
        "Astronomy",
        "a0000000000000000000000000000001",
        "resource:galaxy-survey",
    ] {
        let found = found("nothing-to-do", name);
        assert!(matches!(found, Found::One(Subject::Resource { .. })), "{name}: {found:?}");
    }
}

#[test]
fn a_person_is_found_by_everything_that_they_are_called() {
    let ada = Found::One(Subject::Person(Who::Waldur {
        user: "ada00000000000000000000000000001".parse().expect("a UUID"),
    }));
    for name in ["ada", "Ada", "ada@uni.example", "k-ada", "ada00000000000000000000000000001", "person:ada"] {
        assert_eq!(found("nothing-to-do", name), ada, "{name}");
    }
    for name in ["k-ada", "u-ada", "local://u-ada"] {
        assert_eq!(found("direct-leaver", name), ada, "{name}");
    }
}

#[test]
fn of_several_each_is_told_with_a_name_that_means_it_alone() {
    let Found::Several(several) = found("username-shared", "bea") else { panic!("two are called so") };
    let names: Vec<&str> = several.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["person:20e00000000000000000000000000001", "person:bea00000000000000000000000000001"]);
    for (what, name) in &several {
        assert!(what.starts_with("person bea (account "), "{what}");
        let world = capture("username-shared");
        assert_eq!(explained(&world, name).title, "bea");
    }
}

#[test]
fn whoever_mistypes_is_told_what_may_have_been_meant() {
    for (name, meant) in [
        ("dda", vec!["\"ada\""]),
        ("galaxy", vec!["\"Galaxy survey\"", "\"galaxy-survey\"", "\"waldur-galaxy-survey\""]),
        ("person:galaxy", vec![]),
        ("q", vec![]),
        ("", vec![]),
    ] {
        let meant = meant.into_iter().map(str::to_owned).collect();
        assert_eq!(found("nothing-to-do", name), Found::Nothing(meant), "{name}");
    }
}

#[test]
fn a_kind_before_a_name_looks_among_that_kind_alone() {
    assert!(matches!(found("nothing-to-do", "group:ada"), Found::Nothing(_)));
    assert!(matches!(found("nothing-to-do", "group:g-1"), Found::One(Subject::Group { .. })));
    assert!(matches!(found("nothing-to-do", "person:g-1"), Found::Nothing(_)));
}
