//! What a world at rest must look like: what Waldur says, worked out from the site's factors alone.

use std::collections::BTreeSet;

use agent::model::marks::{self, Mark};
use agent::model::world::{Project, Subject};
use agent::model::{GroupId, RancherProjectId, Reading};
use agent::plan::facts::Fact;
use agent::plan::{About, Action, Held, Hold, NoteKind, render};

use super::build::Builder;
use super::settle::Settled;
use super::sites::{Found, Part, Site, Tie, Wish};
use crate::properties::site::account_id;

/// Somebody, and as what.
type Seats = BTreeSet<(String, String)>;

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

/// Each resource has its project with the team's people in it, and the team has the groups it needs and no other.
/// Only where a project of the same name stands in the way, a note says so instead.
pub(super) fn is_as_wanted(settled: &Settled, site: &Site, builder: &Builder) -> Result<(), String> {
    let wanted = || site.resources.iter().enumerate().filter(|(_, one)| one.wish != Wish::Ended);
    for (index, one) in wanted() {
        let held = is_held(settled, builder, index);
        let project = project(settled, builder, index)?;
        if one.found == Found::Namesake {
            ensure(held && project.is_none(), || format!("resource {index} waits for a person"))?;
            continue;
        }
        ensure(!held || is_shared(site), || format!("resource {index} is held: {:#?}", settled.plan.notes))?;
        let (id, project) = project.ok_or_else(|| format!("resource {index} has no project"))?;
        let kept = marks::kept_role(&project.annotations).map(|role| role.to_string());
        let mut should = Seats::new();
        if one.wish != Wish::Restricted {
            for role in builder.roles {
                let bound = kept.clone().filter(|_| builder.roles.len() == 1);
                let bound = bound.unwrap_or_else(|| (*role).to_owned());
                should.extend(people(site, builder, role).into_iter().map(|person| (person, bound.clone())));
            }
        }
        let has = seats(settled, builder, id);
        // Nobody is taken out of a group that others use, too.
        let more = held && has.is_superset(&should);
        ensure(has == should || more, || {
            format!("resource {index}: {has:?} have access, {should:?} should")
        })?;
    }
    for held in &settled.plan.held {
        let Held { step, hold } = held;
        ensure(is_bound_by_others(settled, site, builder, (&step.action, hold)), || {
            format!("held: {}: {hold:?}", render::sentence(&step.action))
        })?;
    }
    if wanted().next().is_some() && !is_shared(site) {
        has_its_groups(settled, site, builder)
    } else {
        Ok(())
    }
}

/// Returns whether the team's group is bound to a project that is nobody's any more: the Python agent's, whose resource
/// has ended.
fn is_shared(site: &Site) -> bool {
    let mut ended = site.resources.iter().filter(|one| one.wish == Wish::Ended);
    ended.any(|one| one.found == Found::Left && one.tie != Tie::Nothing)
}

/// Returns whether a group cannot go because of a binding that is not ours to take away (yet: what has ended keeps its
/// project until its order comes), or its roof because of it.
fn is_bound_by_others(
    settled: &Settled,
    site: &Site,
    builder: &Builder,
    (action, hold): (&Action, &Hold),
) -> bool {
    match (action, hold) {
        (
            Action::DeleteGroup(_) | Action::RemoveMember(_),
            Hold::Missing { fact: Fact::Unbound { cluster: _, binding } },
        ) => {
            let cluster = builder.cluster(&settled.world);
            let binding = cluster.bindings.known().and_then(|bindings| bindings.get(binding));
            let project = binding.zip(cluster.projects.known()).map(|(one, all)| all.get(&one.project));
            let ended = |mark: Mark| {
                let mut all = site.resources.iter().enumerate();
                all.any(|(index, one)| one.wish == Wish::Ended && builder.mark(index) == mark)
            };
            let mark = binding.map(|one| marks::mark(&one.annotations));
            mark.is_some_and(|mark| mark.is_none_or(ended))
                || project.flatten().is_none_or(|project| project.removing)
        }
        (Action::DeleteGroup(_), Hold::Missing { fact: Fact::NotMember { .. } })
        | (Action::DeleteParent(_), Hold::Missing { fact: Fact::GroupGone { .. } }) => true,
        _ => false,
    }
}

/// Returns whether a note says that a person has to settle something about the resource or its team.
fn is_held(settled: &Settled, builder: &Builder, index: usize) -> bool {
    let notes = settled.plan.notes.iter().filter(|note| note.kind == NoteKind::Held);
    let mut about = notes.map(|note| &note.about);
    about.any(|about| match about {
        About::Resource { offering: _, resource } => *resource == builder.mark(index).resource,
        About::Team { .. } | About::Offering { .. } | About::Cluster { .. } => true,
    })
}

/// Returns the one project that serves a resource.
fn project<'w>(
    settled: &'w Settled,
    builder: &Builder,
    index: usize,
) -> Result<Option<(&'w RancherProjectId, &'w Project)>, String> {
    let all = builder.cluster(&settled.world).projects.known().into_iter().flatten();
    let mark = Some(builder.mark(index));
    let mut its = all.filter(|(_, one)| !one.removing && marks::mark(&one.annotations) == mark);
    let first = its.next();
    ensure(its.next().is_none(), || format!("resource {index} has two projects"))?;
    Ok(first)
}

/// Returns who reaches a project through bindings of ours, and as what.
fn seats(settled: &Settled, builder: &Builder, project: &RancherProjectId) -> Seats {
    let bindings = builder.cluster(&settled.world).bindings.known().into_iter().flatten();
    let ours = bindings.filter(|(_, one)| one.project == *project && marks::mark(&one.annotations).is_some());
    let realm = builder.realm(&settled.world);
    let mut seats = Seats::new();
    for (_, binding) in ours {
        let Subject::Group(principal) = &binding.subject else { continue };
        for (id, group) in realm.groups.known().into_iter().flatten() {
            if principal.as_str() != format!("keycloakoidc_group://{}", group.name) {
                continue;
            }
            let members = realm.members.get(id).and_then(Reading::known).into_iter().flatten();
            seats.extend(members.map(|(person, _)| (person.to_string(), binding.role.to_string())));
        }
    }
    seats
}

/// Returns who belongs into the group of a role.
fn people(site: &Site, builder: &Builder, role: &str) -> BTreeSet<String> {
    let is_for = |part: Part| match part {
        Part::Nothing => false,
        Part::Member => role == "member",
        Part::Manager => role == "owner" || builder.roles.len() == 1,
        Part::Both => true,
    };
    let people = site.people.iter().enumerate();
    people.filter(|(_, part)| is_for(**part)).map(|(person, _)| account_id(person)).collect()
}

/// Returns whether something keeps a group from being deleted.
fn is_held_back(settled: &Settled, group: &GroupId) -> bool {
    let mut held = settled.plan.held.iter().map(|held| &held.step.action);
    held.any(|action| matches!(action, Action::DeleteGroup(delete) if delete.group == *group))
}

/// A group with everybody who belongs in it and nobody else; none where nobody does.
fn has_its_groups(settled: &Settled, site: &Site, builder: &Builder) -> Result<(), String> {
    let realm = builder.realm(&settled.world);
    for role in builder.roles {
        let purpose = Some(builder.purpose(role));
        let groups = realm.groups.known().into_iter().flatten();
        let its: Vec<_> = groups.filter(|(_, group)| marks::purpose(&group.attributes) == purpose).collect();
        let should = people(site, builder, role);
        let stays = its.iter().any(|(id, _)| is_held_back(settled, id));
        ensure(stays && should.is_empty() || its.len() == usize::from(!should.is_empty()), || {
            format!("{} groups for {role}, in which {should:?} belong", its.len())
        })?;
        for (id, _) in its {
            let members = realm.members.get(id).and_then(Reading::known).into_iter().flatten();
            let has: BTreeSet<String> = members.map(|(person, _)| person.to_string()).collect();
            ensure(has == should, || {
                format!("{has:?} are in the group for {role}, {should:?} belong there")
            })?;
        }
    }
    Ok(())
}
