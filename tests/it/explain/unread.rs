//! What could not be read is never empty and never "no", and what others gave is access all the same.

use agent::explain::{Found, LinkKind, Status, find, text};
use agent::model::capture::Capture;
use agent::model::reading::Reading;
use agent::model::world::{Binding, Offering, Realm, Subject};

use super::{capture, explained, on};

/// Bea is in the group and left the team; Eda is in the team and about to be put into the group.
const BEA: &str = "bea00000000000000000000000000001";
const EDA: &str = "eda00000000000000000000000000001";
const GALAXY: &str = "resource:galaxy-survey";

fn offering(capture: &mut Capture) -> &mut Offering {
    capture.world.offerings.values_mut().next().expect("there is one")
}

fn realm(capture: &mut Capture) -> &mut Realm {
    capture.world.realms.values_mut().next().expect("there is one")
}

fn unavailable<T>() -> Reading<T> {
    Reading::Unavailable("503".to_owned())
}

fn unread_teams(capture: &mut Capture) {
    offering(capture).teams.values_mut().for_each(|team| *team = unavailable());
}

#[test]
fn whoever_has_no_name_that_could_be_read_may_have_access() {
    let mut world = capture("leaver-and-joiner");
    // She has access, and only her name tells so.
    offering(&mut world).people = unavailable();
    unread_teams(&mut world);
    let grants = offering(&mut world).grants.known_mut().expect("they were read");
    let one = grants.values().flatten().next().cloned().expect("there is one");
    for grants in grants.values_mut() {
        let mut bea = one.clone();
        (bea.user, bea.account) = (BEA.parse().expect("a UUID"), "bea@uni.example".to_owned());
        grants.push(bea);
    }
    for name in [BEA, EDA] {
        let explanation = explained(&world, name);
        let [reach] = explanation.access.as_slice() else { panic!("{explanation:#?}") };
        assert_eq!((reach.now, reach.after), (None, None), "{reach:#?}");
        assert!(reach.answer.contains(" is not known: "), "{}", reach.answer);
        assert!(!reach.answer.contains("has no access"), "{}", reach.answer);
        let link = reach.links.iter().find(|link| link.link == LinkKind::Name).expect("it is there");
        assert_eq!(link.status, Status::Unread);
        assert_eq!(link.what, "what the offering calls them could not be read: 503");
    }
}

#[test]
fn members_that_were_not_read_are_not_counted_as_none() {
    let mut world = capture("leaver-and-joiner");
    realm(&mut world).members.values_mut().for_each(|members| *members = unavailable());
    let explanation = explained(&world, "g-1");
    assert!(explanation.members.iter().all(|seat| seat.is_in.is_none()), "{explanation:#?}");
    assert!(explanation.answer.ends_with("is not known: its members: 503"), "{}", explanation.answer);
    let text = text::render(&explanation);
    assert!(text.contains("  ?     who else could not be read: its members: 503"), "{text}");
    assert!(!text.contains("not in the group"), "{text}");
}

#[test]
fn people_of_a_team_that_was_not_read_are_not_odd() {
    let mut world = capture("leaver-and-joiner");
    unread_teams(&mut world);
    offering(&mut world).grants = unavailable();
    let resources = offering(&mut world).resources.known().cloned().expect("they were read");
    offering(&mut world).resources = Reading::Partial { got: resources, holes: vec!["page 2".to_owned()] };
    let explanation = explained(&world, "g-1");
    assert!(explanation.answer.ends_with("is not known: its team: 503"), "{}", explanation.answer);
    let text = text::render(&explanation);
    assert!(text.contains("resources could not be read completely: page 2"), "{text}");
    assert!(!text.contains("1 resource"), "{text}");
}

#[test]
fn a_team_that_was_not_read_is_not_nobody() {
    let mut world = capture("leaver-and-joiner");
    unread_teams(&mut world);
    offering(&mut world).grants = unavailable();
    realm(&mut world).members.values_mut().for_each(|members| *members = unavailable());
    let text = text::render(&explained(&world, GALAXY));
    assert!(!text.contains("nobody is in its team"), "{text}");
    assert!(text.contains("  ?     who else could not be read: 503"), "{text}");
}

#[test]
fn what_a_cluster_or_a_realm_did_not_say_is_not_none() {
    let mut world = capture("quota-as-the-python-agent-left-it");
    let cluster = world.world.clusters.values_mut().next().expect("there is one");
    cluster.inside.quotas = Some(unavailable());
    cluster.bindings = unavailable();
    for offering in world.policy.offerings.values_mut() {
        offering.quota = agent::model::policy::QuotaMode::Namespace;
    }
    let text = text::render(&explained(&world, "resource:Galaxy survey"));
    assert!(text.contains("quota: not known (503); wanted in one namespace"), "{text}");
    assert!(text.contains("bindings could not be read completely: 503"), "{text}");

    let mut world = capture("leaver-and-joiner");
    realm(&mut world).groups = Reading::Partial { got: [].into(), holes: vec!["page 2".to_owned()] };
    let text = text::render(&explained(&world, GALAXY));
    assert!(text.contains("groups could not be read completely: page 2"), "{text}");
    assert!(!text.contains("the team has no group\n"), "{text}");
}

#[test]
fn a_stranger_may_be_one_of_the_users_who_could_not_be_read() {
    let mut world = capture("stray-kept");
    offering(&mut world).people = unavailable();
    let explanation = explained(&world, "zoe");
    let text = text::render(&explanation);
    assert!(text.contains("no user of any offering here is called so, as far as could be read"), "{text}");
    assert!(!explanation.answer.contains("nobody of the offering is called so"), "{}", explanation.answer);
}

/// Binds somebody to the project by hand, as its owner.
fn bind_by_hand(capture: &mut Capture, user: &str) {
    let cluster = capture.world.clusters.values_mut().next().expect("there is one");
    let bindings = cluster.bindings.known_mut().expect("they were read");
    let (id, binding) = bindings.first_key_value().expect("there is one");
    let (id, mut binding): (_, Binding) = (id.clone(), binding.clone());
    assert_eq!(binding.role.as_str(), "project-owner");
    binding.subject = Subject::User(user.to_owned());
    bindings.insert(id, binding);
}

#[test]
fn whoever_others_let_in_is_never_told_to_have_no_access() {
    for (user, who) in [("u-eda", EDA), ("u-bea", BEA), ("u-zoe", "zoe")] {
        let mut world = capture("direct-leaver");
        bind_by_hand(&mut world, user);
        let cluster = world.world.clusters.values_mut().next().expect("there is one");
        let bindings = cluster.bindings.known_mut().expect("they were read");
        bindings.retain(|_, binding| binding.subject != Subject::User("u-bea".to_owned()) || user == "u-bea");
        bindings.retain(|_, binding| !(user == "u-bea" && binding.name.as_str() == "waldur-b2"));
        let users = cluster.users.as_mut().and_then(Reading::known_mut).expect("they were read");
        let mut zoe = users.values().next().cloned().expect("there is one");
        (zoe.username, zoe.own) = ("zoe".parse().ok(), false);
        zoe.principals = [].into();
        users.insert("u-zoe".parse().expect("an id"), zoe);
        let explanation = explained(&world, who);
        let [reach] = explanation.access.as_slice() else { panic!("{explanation:#?}") };
        assert_eq!(reach.by_hand.as_deref(), Some("project-owner"), "{reach:#?}");
        let says = " reaches \"Galaxy survey\" by a binding that others made (project-owner)";
        assert!(explanation.answer.contains(says), "{}", explanation.answer);
        let text = text::render(&explanation);
        assert!(text.contains("access now: by others"), "{text}");
        assert!(!text.contains("no access"), "{text}");
    }
}

#[test]
fn a_group_that_the_plan_makes_is_told_by_its_name() {
    let name = "project_a0000000000000000000000000000001_project-member";
    for name in [name.to_owned(), format!("group:{name}")] {
        let found = on(&capture("first-resource"), |ground| find(ground, &name));
        assert!(matches!(&found, Found::Planned(what) if what.contains("\"Astronomy\"")), "{found:?}");
    }
    let found = on(&capture("first-resource"), |ground| find(ground, &format!("person:{name}")));
    assert!(matches!(found, Found::Nothing(_)), "{found:?}");
}

#[test]
fn a_name_as_long_as_a_book_finds_nothing_at_once() {
    let name = "galaxy ".repeat(20_000);
    assert_eq!(on(&capture("nothing-to-do"), |ground| find(ground, &name)), Found::Nothing(Vec::new()));
}

#[test]
fn an_error_message_that_is_empty_is_not_shown() {
    let mut world = capture("nothing-to-do");
    let resources = offering(&mut world).resources.known_mut().expect("they were read");
    for resource in resources.values_mut() {
        resource.told.error = Some(String::new());
    }
    let text = text::render(&explained(&world, GALAXY));
    assert!(!text.contains("its error message"), "{text}");
}
