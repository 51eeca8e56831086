//! What one person's access takes in Rancher and Keycloak: a project, and a group that is bound to it with them in it, or
//! a binding of their own.

use std::collections::BTreeSet;

use super::account::{Account, Login};
use super::chain::Walk;
use super::ground::Found;
use super::{Link, LinkKind, Status};
use crate::model::desired::{self, GroupKey};
use crate::model::marks::{self, GroupPurpose};
use crate::model::policy::KeycloakPolicy;
use crate::model::role::GroupRole;
use crate::model::world::{Binding, Group, Project, Subject};
use crate::model::{GroupId, KeycloakUserId, RancherProjectId, Reading};
use crate::plan::Action;
use crate::plan::action::{AdoptGroup, AdoptProject, Bind, Grantee, GroupTarget, ShareGroup};
use crate::plan::render::escaped;

/// Returns the groups of the resource's team that are there, whatever their roles.
pub(super) fn groups<'g>(walk: &Walk<'g, '_>, keycloak: &KeycloakPolicy) -> Vec<(&'g GroupId, &'g Group)> {
    let realm = walk.ground.world.realms.get(&keycloak.realm);
    // The site's own reading has the longer life.
    let known = realm.and(walk.site.realm).and_then(|realm| realm.groups.known());
    let is_its = |group: &Group| match marks::purpose(&group.attributes) {
        Some(GroupPurpose::Team { offerings, project, .. }) => {
            offerings.contains(&walk.site.uuid) && project == walk.resource.project.uuid
        }
        Some(GroupPurpose::Parent { .. }) | None => false,
    };
    known.into_iter().flatten().filter(|(_, group)| is_its(group)).collect()
}

/// Returns whether somebody is in one of some groups.
pub(super) fn is_in_any(walk: &Walk<'_, '_>, groups: &[&GroupId], person: &KeycloakUserId) -> bool {
    let members = |id: &&GroupId| walk.site.realm?.members.get(*id)?.known();
    groups.iter().filter_map(members).any(|members| members.contains_key(person))
}

/// The links from a known account on, for the group that has most of them.
pub(super) fn through_groups(
    walk: &Walk<'_, '_>,
    keycloak: &KeycloakPolicy,
    account: &Account<'_>,
    roles: &[GroupRole],
) -> Vec<Link> {
    let (project, link) = project(walk);
    let mut links = vec![link];
    let there = groups(walk, keycloak);
    // Somebody who belongs into no group may be in one all the same.
    let seated = |id: &GroupId| account.id().is_some_and(|person| is_in_any(walk, &[id], person));
    let mut found: Vec<Vec<Link>> = Vec::new();
    for role in roles {
        let its = there.iter().find(|(_, group)| role_of(group) == Some(role.name.as_str()));
        let any = there.first().filter(|_| walk.site.policy.role_map.is_empty());
        found.push(way(walk, keycloak, account, project, (its.or(any).copied(), role)));
    }
    if found.is_empty() {
        let group = there.iter().find(|(id, _)| seated(id));
        if let Some(group) = group {
            let role = walk.site.policy.role.clone();
            let role = GroupRole { name: role_of(group.1).unwrap_or_default().to_owned(), template: role };
            found.push(way(walk, keycloak, account, project, (Some(*group), &role)));
        }
    }
    let holding =
        |links: &Vec<Link>| links.iter().filter(|link| matches!(link.status, Status::Holds)).count();
    found.sort_by_key(|links| std::cmp::Reverse(holding(links)));
    links.extend(found.into_iter().next().unwrap_or_default());
    links
}

fn role_of(group: &Group) -> Option<&str> {
    group.attributes.get(marks::GROUP_ROLE)?.first().map(String::as_str)
}

type Known<'g> = Option<(&'g RancherProjectId, &'g Project)>;

/// Whether there is a project that serves the resource.
fn project<'g>(walk: &Walk<'g, '_>) -> (Known<'g>, Link) {
    let found = walk.site.marked(walk.uuid).into_iter().next();
    if let Some((id, project)) = found {
        let what = format!("{} ({})", escaped(&project.name), escaped(id.as_str()));
        let link = Link::new(LinkKind::Project, Status::Holds, what);
        return (found, link);
    }
    let backend = walk.resource.backend_id.as_deref();
    let is_named = |adopt: &AdoptProject| {
        Some(adopt.project.as_str()) == backend
            || adopt.annotations.values().any(|(_, to)| walk.uuid.is_hex(to))
    };
    let step = walk.ground.step(|action| {
        matches!(action, Action::CreateProject(create) if create.resource == walk.uuid)
            || matches!(action, Action::AdoptProject(adopt) if is_named(adopt))
    });
    let unread = walk.site.cluster.is_none_or(|cluster| cluster.projects.complete().is_none());
    let lack = Lack {
        unread,
        missing: "there is no project for the resource",
        unknown: "whether there is a project for the resource is not known",
    };
    (None, missing(walk, LinkKind::Project, step, lack, &[]))
}

/// One group of the team, its binding to the project, and whether the person is in it.
fn way(
    walk: &Walk<'_, '_>,
    keycloak: &KeycloakPolicy,
    account: &Account<'_>,
    project: Known<'_>,
    (group, role): (Option<(&GroupId, &Group)>, &GroupRole),
) -> Vec<Link> {
    let key = GroupKey {
        realm: keycloak.realm.clone(),
        offering: walk.site.uuid,
        project: walk.resource.project.uuid,
        role: role.name.clone(),
    };
    let Some((id, found)) = group else {
        let (offering, team) = (walk.site.uuid.hex(), walk.resource.project.uuid.hex());
        let is_its = |adopt: &AdoptGroup| {
            let has = |attribute: &str, value: &str| {
                adopt.attributes.get(attribute).is_some_and(|values| values.contains(value))
            };
            has(marks::GROUP_OFFERING, &offering) && has(marks::GROUP_PROJECT, &team)
        };
        let is_shared = |share: &ShareGroup| share.offering == walk.site.uuid && shares(walk, &share.group);
        let step = walk.ground.step(|action| {
            matches!(action, Action::CreateGroup(create) if create.key == key)
                || matches!(action, Action::AdoptGroup(adopt) if is_its(adopt))
                || matches!(action, Action::ShareGroup(share) if is_shared(share))
        });
        let unread = walk.site.realm.is_none_or(|realm| realm.groups.complete().is_none());
        let lack = Lack {
            unread,
            missing: "the team has no group in Keycloak",
            unknown: "whether the team has a group in Keycloak is not known",
        };
        let mut links = vec![missing(walk, LinkKind::Group, step, lack, &[])];
        links.push(binding_of_planned(walk, &key));
        links.push(member(walk, None, account, &GroupTarget::Planned(key)));
        return links;
    };
    let name = escaped(found.name.as_str());
    let mut links =
        vec![Link::new(LinkKind::Group, Status::Holds, format!("{name} ({})", escaped(id.as_str())))];
    links.push(binding(walk, keycloak, project, (id, found)));
    links.push(member(walk, Some((id, found)), account, &GroupTarget::Existing(id.clone())));
    links
}

/// Returns whether another offering's group is that of the same Waldur project.
fn shares(walk: &Walk<'_, '_>, group: &GroupId) -> bool {
    let found = walk.site.realm.and_then(|realm| realm.groups.known()?.get(group));
    matches!(
        found.and_then(|group| marks::purpose(&group.attributes)),
        Some(GroupPurpose::Team { project, .. }) if project == walk.resource.project.uuid
    )
}

/// Whether the group is bound to the project.
fn binding(
    walk: &Walk<'_, '_>,
    keycloak: &KeycloakPolicy,
    project: Known<'_>,
    (id, group): (&GroupId, &Group),
) -> Link {
    let bindings = walk.site.cluster.map(|cluster| &cluster.bindings);
    let principal = desired::principal(keycloak, &group.name);
    let is_it = |binding: &&Binding| {
        Some(&binding.project) == project.map(|(id, _)| id)
            && !binding.removing
            && principal.as_ref().is_some_and(|principal| binding.subject.is_group(principal))
    };
    let found =
        bindings.and_then(Reading::known).into_iter().flatten().map(|(_, binding)| binding).find(is_it);
    if let Some(binding) = found {
        let what = format!("the group has the role {} in the project", escaped(binding.role.as_str()));
        return Link::new(LinkKind::Binding, Status::Holds, what);
    }
    let target = GroupTarget::Existing(id.clone());
    let step = walk.ground.step(|action| matches!(action, Action::Bind(bind) if binds(walk, bind, &target)));
    let unread = bindings.is_none_or(|reading| reading.complete().is_none());
    let names = [group.name.as_str()];
    let lack = Lack {
        unread,
        missing: "the group has no role in the project",
        unknown: "whether the group has a role in the project is not known",
    };
    missing(walk, LinkKind::Binding, step, lack, &names)
}

/// Whether the plan binds the group that it makes.
fn binding_of_planned(walk: &Walk<'_, '_>, key: &GroupKey) -> Link {
    let target = GroupTarget::Planned(key.clone());
    let step = walk.ground.step(|action| matches!(action, Action::Bind(bind) if binds(walk, bind, &target)));
    match step {
        Some(step) => planned(LinkKind::Binding, &step, walk),
        None => Link::new(LinkKind::Binding, Status::Open, "follows the group"),
    }
}

/// Returns whether a binding gives a group a role in the resource's project.
fn binds(walk: &Walk<'_, '_>, bind: &Bind, target: &GroupTarget) -> bool {
    bind.resource == walk.uuid
        && matches!(&bind.who, Grantee::Group { group, principal: _ } if group == target)
}

/// Whether the person is in the group.
fn member(
    walk: &Walk<'_, '_>,
    group: Option<(&GroupId, &Group)>,
    account: &Account<'_>,
    target: &GroupTarget,
) -> Link {
    let Some(person) = account.id() else {
        return Link::new(LinkKind::Member, Status::Open, "nobody knows whom to put in");
    };
    let members = group.and_then(|(id, _)| walk.site.realm?.members.get(id));
    if members.and_then(Reading::known).is_some_and(|members| members.contains_key(person)) {
        return Link::new(LinkKind::Member, Status::Holds, "they are in the group");
    }
    let step = walk.ground.step(
        |action| matches!(action, Action::AddMember(add) if add.user == walk.user && add.group == *target),
    );
    if group.is_none() && step.is_none() {
        return Link::new(LinkKind::Member, Status::Open, "follows the group");
    }
    let unread = group.is_some() && members.is_none_or(|reading| reading.complete().is_none());
    let names = group.map(|(_, group)| group.name.as_str());
    let names: Vec<&str> = names.into_iter().collect();
    let lack = Lack {
        unread,
        missing: "they are not in the group",
        unknown: "whether they are in the group is not known",
    };
    missing(walk, LinkKind::Member, step, lack, &names)
}

/// The links from a known login on, where people are bound directly.
pub(super) fn directly(walk: &Walk<'_, '_>, login: &Login<'_>) -> Vec<Link> {
    let (project, link) = project(walk);
    let Login::Known(id, user) = login else {
        return vec![link, Link::new(LinkKind::Binding, Status::Open, "nobody knows whom to bind")];
    };
    let bindings = walk.site.cluster.map(|cluster| &cluster.bindings);
    let names_them = |binding: &Binding| match &binding.subject {
        Subject::User(subject) => {
            subject == id.as_str() || user.principals.iter().any(|principal| principal.as_str() == subject)
        }
        Subject::Group(_) | Subject::Other => false,
    };
    let known = bindings.and_then(Reading::known).into_iter().flatten().map(|(_, binding)| binding);
    let mut on_project = known.filter(|one| Some(&one.project) == project.map(|(id, _)| id) && !one.removing);
    if let Some(binding) = on_project.find(|binding| names_them(binding)) {
        let by_hand =
            if marks::mark(&binding.annotations).is_none() { "; somebody bound them by hand" } else { "" };
        let what = format!("they have the role {} in the project{by_hand}", escaped(binding.role.as_str()));
        return vec![link, Link::new(LinkKind::Binding, Status::Holds, what)];
    }
    let is_it = |bind: &Bind| {
        bind.resource == walk.uuid && matches!(&bind.who, Grantee::Person(one) if one.user == **id)
    };
    let step = walk.ground.step(|action| matches!(action, Action::Bind(bind) if is_it(bind)));
    let unread = bindings.is_none_or(|reading| reading.complete().is_none());
    let lack = Lack {
        unread,
        missing: "they have no role in the project",
        unknown: "whether they have a role in the project is not known",
    };
    vec![link, missing(walk, LinkKind::Binding, step, lack, &[])]
}

/// What was not found, in words for when everything was read and for when it was not.
#[derive(Clone, Copy)]
struct Lack {
    unread: bool,
    missing: &'static str,
    unknown: &'static str,
}

/// What is missing: planned, held, not read, or for a reason that the plan notes.
fn missing(
    walk: &Walk<'_, '_>,
    link: LinkKind,
    step: Option<Found<'_>>,
    Lack { unread, missing, unknown }: Lack,
    names: &[&str],
) -> Link {
    if let Some(step) = step {
        return planned(link, &step, walk);
    }
    let scope = walk.site.policy.scope;
    let key = if link == LinkKind::Project {
        Some("order_processing_backend").filter(|_| !scope.projects)
    } else {
        Some("membership_sync_backend").filter(|_| !scope.members)
    };
    let what = if unread { unknown } else { missing };
    if let Some(key) = key.filter(|_| !unread) {
        let what = format!("{what}, and {key} does not switch such steps on");
        return Link::new(link, Status::Broken, what).hint(format!("write `{key}: rancher` in the offering"));
    }
    let mut words: BTreeSet<&str> = names.iter().copied().collect();
    let people = walk.site.offering.people.known().into_iter().flatten();
    let called: Vec<(bool, String)> = people
        .filter_map(|(user, person)| Some((*user == walk.user, person.username.as_ref()?.to_string())))
        .collect();
    let account = walk.site.account(walk.user);
    words.extend(account);
    words.extend(called.iter().filter(|(own, _)| *own).map(|(_, name)| name.as_str()));
    let others: BTreeSet<&str> =
        called.iter().filter(|(own, _)| !own).map(|(_, name)| name.as_str()).collect();
    let status = if unread { Status::Unread } else { Status::Broken };
    let place = (walk.uuid, walk.resource.project.uuid);
    match walk.ground.why_not(walk.site, place, (&words, &others), unread) {
        Some(note) => {
            let link = Link::new(link, status, format!("{what}: {}", escaped_note(&note.what)));
            match note.hint {
                Some(hint) => link.hint(escaped_note(&hint)),
                None => link,
            }
        }
        None if unread => Link::new(link, status, what),
        None => Link::new(link, status, format!("{what}, and nothing is planned for it"))
            .hint("follows from another link, or from the next look; `agent plan` shows everything"),
    }
}

/// A note quotes names within sentences of ours.
fn escaped_note(text: &str) -> String {
    text.split(' ').map(escaped).collect::<Vec<_>>().join(" ")
}

fn planned(link: LinkKind, step: &Found<'_>, walk: &Walk<'_, '_>) -> Link {
    match step.held {
        None => {
            let status = if step.adopts { Status::Adopting } else { Status::Planned };
            Link::new(link, status, format!("the plan is to {}", step.sentence))
        }
        Some(why) => {
            let held = Link::new(link, Status::Held, format!("to {} is held: {why}", step.sentence));
            match walk.ground.how_to_release().filter(|_| step.releasable) {
                Some(hint) => held.hint(hint),
                None => held,
            }
        }
    }
}
