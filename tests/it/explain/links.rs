//! Each link that may break has an answer of its own, and it stands in the first line.

use agent::explain::{LinkKind, Reach, Status};
use agent::model::capture::Capture;
use agent::model::reading::Reading;
use agent::model::world::{
    Cluster, MemberAccess, Offering, OfferingUser, Realm, Resource, ResourceState, UserState,
};
use agent::model::{GroupId, ProjectUuid, UserUuid};

use super::{capture, explained};

/// Eda is in the team and is about to be put into its group: everything else is there.
const EDA: &str = "eda00000000000000000000000000001";

type Change = fn(&mut Capture);

fn offering(capture: &mut Capture) -> &mut Offering {
    capture.world.offerings.values_mut().next().expect("there is one")
}

fn resource(capture: &mut Capture) -> &mut Resource {
    let resources = offering(capture).resources.known_mut().expect("they were read");
    resources.values_mut().next().expect("there is one")
}

fn cluster(capture: &mut Capture) -> &mut Cluster {
    capture.world.clusters.values_mut().next().expect("there is one")
}

fn realm(capture: &mut Capture) -> &mut Realm {
    capture.world.realms.values_mut().next().expect("there is one")
}

fn eda() -> UserUuid {
    EDA.parse().expect("it is a UUID")
}

fn user(capture: &mut Capture) -> &mut OfferingUser {
    offering(capture).people.known_mut().and_then(|people| people.get_mut(&eda())).expect("she is there")
}

fn project() -> ProjectUuid {
    "a0000000000000000000000000000001".parse().expect("it is a UUID")
}

/// Takes Eda out of what Waldur's team says; the bulk list still has her.
fn leave_team(capture: &mut Capture) {
    offering(capture).teams.values_mut().for_each(|team| {
        team.known_mut().expect("it was read").remove(&eda());
    });
}

fn leave_list(capture: &mut Capture) {
    let grants = offering(capture).grants.known_mut().expect("they were read");
    for grants in grants.values_mut() {
        grants.retain(|grant| grant.user != eda());
    }
}

fn answered(change: Change) -> Reach {
    let mut capture = capture("leaver-and-joiner");
    change(&mut capture);
    let explanation = explained(&capture, EDA);
    let [reach] = explanation.access.as_slice() else { panic!("{explanation:#?}") };
    assert_eq!(explanation.answer, reach.answer, "the answer is the first line");
    reach.clone()
}

/// What breaks, which link that is, and what the first line then says.
const BREAKS: &[(&str, Change, LinkKind, &str)] = &[
    (
        "her membership ended",
        |world| {
            leave_team(world);
            let end = "2026-11-20T00:00:00Z".parse().ok();
            let grants = offering(world).grants.known_mut().expect("they were read");
            grants.values_mut().flatten().filter(|it| it.user == eda()).for_each(|it| it.expires = end);
        },
        LinkKind::Team,
        "their membership of \"Astronomy\" expired on 2026-11-20T00:00:00Z",
    ),
    (
        "she did not agree to the terms",
        |world| {
            leave_team(world);
            user(world).consent = Some(false);
        },
        LinkKind::Team,
        "they have not agreed to the offering's terms",
    ),
    (
        "the team leaves her out, and nobody says why",
        leave_team,
        LinkKind::Team,
        "Waldur's list of roles has them and its team of the resource leaves them out",
    ),
    (
        "the team could not be read",
        |world| {
            offering(world).teams.insert(project(), Reading::Unavailable("503".to_owned()));
        },
        LinkKind::Team,
        "who is in the team of \"Astronomy\" could not be read: 503",
    ),
    (
        "members may not use it",
        |world| resource(world).access = MemberAccess::Restricted,
        LinkKind::Open,
        "the resource restricts the access of its members",
    ),
    (
        "it is paused, and that counts",
        |world| {
            resource(world).access = MemberAccess::Paused;
            world.policy.offerings.values_mut().for_each(|policy| policy.paused_restricts = true);
        },
        LinkKind::Open,
        "the resource is paused",
    ),
    (
        "it waits for its order",
        |world| resource(world).state = ResourceState::Creating,
        LinkKind::Resource,
        "the resource is Creating in Waldur, and no order of it is open",
    ),
    (
        "it came to its end",
        |world| resource(world).state = ResourceState::Terminating,
        LinkKind::Resource,
        "the resource is Terminating in Waldur",
    ),
    (
        "she has no username",
        |world| {
            user(world).username = None;
            user(world).state = Some(UserState::PendingAccountLinking);
            let team = offering(world).teams.get_mut(&project()).expect("it is there");
            team.known_mut().and_then(|team| team.get_mut(&eda())).expect("she is there").username = None;
        },
        LinkKind::Name,
        "the offering has no username for them yet (its state: Pending account linking)",
    ),
    (
        "her role is mapped to nothing",
        |world| {
            let map = [("manager".parse().expect("a role"), "project-owner".parse().expect("a role"))];
            world.policy.offerings.values_mut().for_each(|policy| policy.role_map = map.clone().into());
        },
        LinkKind::Role,
        "role_map gives nothing to member",
    ),
    (
        "Keycloak does not know her",
        |world| {
            realm(world).accounts.values_mut().for_each(|answer| *answer = Reading::Complete(None));
        },
        LinkKind::Account,
        "Keycloak knows nobody of the id or name eda",
    ),
    (
        "Keycloak did not say",
        |world| {
            let answer = || Reading::Unavailable("time-out".to_owned());
            realm(world).accounts.values_mut().for_each(|it| *it = answer());
        },
        LinkKind::Account,
        "eda could not be looked up in Keycloak: time-out",
    ),
    (
        "somebody else is called so",
        |world| {
            let people = offering(world).people.known_mut().expect("they were read");
            let other = people.get(&eda()).cloned().expect("she is there");
            people.insert("20e00000000000000000000000000001".parse().expect("a UUID"), other);
        },
        LinkKind::Account,
        "eda is also the name of somebody who is not in the team",
    ),
    (
        "there is no project, and none is made",
        |world| {
            cluster(world).projects.known_mut().expect("they were read").clear();
            world.policy.offerings.values_mut().for_each(|policy| policy.scope.projects = false);
        },
        LinkKind::Project,
        "there is no project for the resource, and order_processing_backend does not switch such steps on",
    ),
    (
        "the list of projects is cut",
        |world| {
            resource(world).backend_id = None;
            let holes = vec!["page 2 is missing".to_owned()];
            cluster(world).projects = Reading::Partial { got: [].into(), holes };
        },
        LinkKind::Project,
        "whether there is a project for the resource is not known: the cluster's projects could not be read completely",
    ),
    (
        "the groups were not read",
        |world| {
            let realm = realm(world);
            realm.groups = Reading::Unavailable("connection refused".to_owned());
            realm.members.clear();
        },
        LinkKind::Group,
        "whether the team has a group in Keycloak is not known: the realm's groups could not be read completely",
    ),
    (
        "the role is locked",
        |world| {
            let cluster = cluster(world);
            cluster.bindings.known_mut().expect("they were read").clear();
            let roles = cluster.roles.known_mut().expect("they were read");
            for role in roles.values_mut() {
                role.locked = true;
            }
        },
        LinkKind::Binding,
        "the group has no role in the project: the role project-member is locked in Rancher",
    ),
    (
        "the members were not read",
        |world| {
            let answer = || Reading::Unavailable("500".to_owned());
            realm(world).members.values_mut().for_each(|it| *it = answer());
        },
        LinkKind::Member,
        "whether they are in the group is not known: ",
    ),
    (
        "people are not kept here",
        |world| {
            world.policy.offerings.values_mut().for_each(|policy| policy.scope.members = false);
        },
        LinkKind::Member,
        "they are not in the group, and membership_sync_backend does not switch such steps on",
    ),
    (
        "nobody asked the team",
        |world| offering(world).teams.clear(),
        LinkKind::Member,
        "they are not in the group: not confirmed by Waldur's team of the resource",
    ),
];

#[test]
fn each_broken_link_has_its_own_answer() {
    for (story, change, link, says) in BREAKS {
        let reach = answered(*change);
        assert_eq!(reach.broken, Some(*link), "{story}: {reach:#?}");
        assert!(reach.answer.contains(says), "{story}: {}", reach.answer);
        // What could not be read is not absent.
        let ways = reach.links.iter().filter(|it| it.link > LinkKind::Name && it.status == Status::Unread);
        if ways.count() > 0 {
            assert!(reach.answer.starts_with("whether eda has access to \"Galaxy survey\" is not known: "));
            assert_eq!((reach.now, reach.after), (None, None), "{story}: {reach:#?}");
        } else {
            assert!(reach.answer.contains(" has no access to \"Galaxy survey\": "), "{story}: {reach:#?}");
            assert_eq!((reach.now, reach.after), (Some(false), Some(false)), "{story}: {reach:#?}");
        }
    }
}

#[test]
fn whether_access_is_wanted_is_waldurs_to_say() {
    for (story, change, link, _) in BREAKS {
        let wanted = match link {
            LinkKind::Team if story.contains("could not be read") => None,
            LinkKind::Resource | LinkKind::Team | LinkKind::Open | LinkKind::Role => Some(false),
            LinkKind::Name
            | LinkKind::Account
            | LinkKind::Project
            | LinkKind::Group
            | LinkKind::Binding
            | LinkKind::Member => Some(true),
        };
        assert_eq!(answered(*change).wanted, wanted, "{story}");
    }
}

#[test]
fn whoever_is_in_no_team_is_told_so() {
    let mut world = capture("leaver-and-joiner");
    leave_team(&mut world);
    leave_list(&mut world);
    let explanation = explained(&world, EDA);
    assert_eq!(explanation.answer, "eda has no access to anything here: they are in no team");
    offering(&mut world).grants = Reading::Partial { got: [].into(), holes: vec!["page 2".to_owned()] };
    let explanation = explained(&world, EDA);
    assert!(explanation.answer.contains("could not be read completely: page 2"), "{}", explanation.answer);
}

#[test]
fn a_membership_of_the_wrong_group_is_no_access_to_the_right_one() {
    let mut world = capture("leaver-and-joiner");
    let other: GroupId = "g-2".parse().expect("an id");
    let members = realm(&mut world).members.values().next().cloned().expect("it is there");
    realm(&mut world).members.insert(other, members);
    assert_eq!(answered(|_| {}).now, Some(false));
    assert_eq!(explained(&world, EDA).access[0].now, Some(false));
}
