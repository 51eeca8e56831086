//! A group: whose it is, to what it is bound, and how each of its members stands to the team.

use std::collections::BTreeMap;

use super::account::{self, Bearers, keycloak_names};
use super::answer::touches;
use super::ground::{Ground, Site, quoted};
use super::{Deed, Explanation, Said, Seat, Standing, Subject};
use crate::model::desired::{self, Basis};
use crate::model::marks::{self, GroupPurpose};
use crate::model::role;
use crate::model::world::{Group, Member};
use crate::model::{GroupId, KeycloakUserId, Person, Principal, Reading, RealmRef, UserUuid};
use crate::plan::action::GroupTarget;
use crate::plan::render::{Counted, escaped};
use crate::plan::{Action, Step, System};

pub(super) fn explain(ground: &Ground<'_>, realm: &RealmRef, id: &GroupId) -> Explanation {
    let subject = Subject::Group { realm: realm.clone(), group: id.clone() };
    let found = ground.group(realm, id);
    let title = found.map_or_else(|| escaped(id.as_str()), |group| escaped(group.name.as_str()));
    let purpose = found.and_then(|group| marks::purpose(&group.attributes));
    let is_its = |step: &Step| touches_group(&step.action, ground, realm, (id, found));
    let unlisted = gap(ground, (realm, id), purpose.as_ref());
    let members = match &purpose {
        Some(GroupPurpose::Team { offerings, project, role }) => {
            let team = Team { ground, realm, id, project: *project, role };
            let sites: Vec<Site<'_>> = offerings.iter().filter_map(|uuid| ground.site(*uuid)).collect();
            (!sites.is_empty()).then(|| team.seats(&sites))
        }
        Some(GroupPurpose::Parent { .. }) | None => None,
    };
    let members = members.unwrap_or_else(|| bare(ground, realm, id));
    let steps = ground.deeds(is_its);
    let (answer, hint) =
        answer(ground, (realm, id), (&title, purpose.as_ref()), (&members, &steps, unlisted.as_deref()));
    let said = [
        (System::Keycloak, in_keycloak(ground, (realm, id), found)),
        (System::Waldur, in_waldur(ground, purpose.as_ref())),
        (System::Rancher, bindings(ground, realm, found)),
    ];
    Explanation {
        subject,
        answer,
        hint,
        said: said.into_iter().map(|(system, lines)| Said { system, lines }).collect(),
        access: Vec::new(),
        members,
        unlisted,
        steps,
        notes: ground.notes(|_, what| found.is_some_and(|group| what.contains(group.name.as_str()))),
        release: ground.release(is_its),
        title,
    }
}

/// Returns why who is in a group, or who should be, is not known.
fn gap(
    ground: &Ground<'_>,
    (realm, id): (&RealmRef, &GroupId),
    purpose: Option<&GroupPurpose>,
) -> Option<String> {
    let members = ground.world.realms.get(realm).and_then(|realm| realm.members.get(id));
    // Nobody asks who is in a group that is not a team's.
    let Some(GroupPurpose::Team { offerings, project, .. }) = purpose else {
        return members.and_then(Reading::gap).map(|gap| format!("its members: {}", escaped(&gap)));
    };
    let inside = members.map_or_else(|| Some("they were not read".to_owned()), Reading::gap);
    let inside = inside.map(|gap| format!("its members: {}", escaped(&gap)));
    let team = || {
        offerings.iter().find_map(|uuid| {
            let Some(site) = ground.site(*uuid) else {
                return Some(format!("its team: offering {uuid} is not kept here"));
            };
            let unread = matches!(site.team(*project).basis, Basis::Unknown);
            unread.then(|| format!("its team: {}", escaped(&site.team_gap(*project))))
        })
    };
    inside.or_else(team)
}

/// Returns whether an action is about a group.
fn touches_group(
    action: &Action,
    ground: &Ground<'_>,
    realm: &RealmRef,
    (id, group): (&GroupId, Option<&Group>),
) -> bool {
    let here = GroupTarget::Existing(id.clone());
    let principals = group.map_or_else(Vec::new, |group| principals(ground, realm, group));
    let names = |subject: crate::model::world::Subject| principals.iter().any(|one| subject.is_group(one));
    matches!(action, Action::AddMember(add) if add.realm == *realm && add.group == here)
        || matches!(action, Action::RemoveMember(remove) if remove.realm == *realm && remove.group == *id)
        || matches!(action, Action::MarkEmpty(mark) if mark.realm == *realm && mark.group == *id)
        || matches!(action, Action::ClearEmpty(clear) if clear.realm == *realm && clear.group == *id)
        || matches!(action, Action::DeleteGroup(delete) if delete.realm == *realm && delete.group == *id)
        || matches!(action, Action::DeleteParent(delete) if delete.realm == *realm && delete.group == *id)
        || matches!(action, Action::AdoptGroup(adopt) if adopt.realm == *realm && adopt.group == *id)
        || matches!(action, Action::ShareGroup(share) if share.realm == *realm && share.group == *id)
        || matches!(action, Action::Bind(bind) if names(bind.who.subject()))
        || matches!(action, Action::Unbind(unbind) if names(unbind.who.subject()))
}

/// Returns as what the offerings that are kept here know a group in Rancher.
fn principals(ground: &Ground<'_>, realm: &RealmRef, group: &Group) -> Vec<Principal> {
    let policies = ground.policy.offerings.values().filter_map(|offering| offering.keycloak.as_ref());
    let here = policies.filter(|keycloak| keycloak.realm == *realm);
    let mut all: Vec<Principal> =
        here.filter_map(|keycloak| desired::principal(keycloak, &group.name)).collect();
    all.sort();
    all.dedup();
    all
}

fn answer(
    ground: &Ground<'_>,
    (realm, id): (&RealmRef, &GroupId),
    (title, purpose): (&str, Option<&GroupPurpose>),
    (members, steps, unlisted): (&[Seat], &[Deed], Option<&str>),
) -> (String, Option<String>) {
    if let Some(held) = steps.iter().find(|deed| deed.held.is_some()) {
        let why = held.held.as_deref().unwrap_or_default();
        let is_its = |step: &Step| touches_group(&step.action, ground, realm, (id, ground.group(realm, id)));
        let hint = ground.release(is_its).and_then(|_| ground.how_to_release());
        return (format!("something of {title} is held: to {}: {why}", held.what), hint);
    }
    if !steps.is_empty() {
        let steps = Counted(steps.len(), "step", "steps");
        let hint = "`agent apply` does it, or `agent reconcile` within its interval".to_owned();
        return (format!("{title} is not yet as Waldur wants it: the plan has {steps} for it"), Some(hint));
    }
    let inside = Counted(members.iter().filter(|seat| seat.is_in == Some(true)).count(), "member", "members");
    match purpose {
        Some(GroupPurpose::Team { .. }) => {
            if let Some(gap) = unlisted {
                let what = format!("whether {title} has who it should have is not known: {gap}");
                return (what, None);
            }
            let odd = members.iter().filter(|seat| !is_fine(seat)).count();
            if odd == 0 {
                return (format!("{title} has who it should have: {inside}"), None);
            }
            let odd = Counted(odd, "person is", "people are");
            (format!("{title} has {inside}; {odd} not as they should be, and the plan leaves that"), None)
        }
        Some(GroupPurpose::Parent { .. }) => {
            (format!("{title} is the roof over a cluster's groups, and gives nothing to anybody"), None)
        }
        None => {
            let hint = "`agent plan` adopts it if it serves a resource, and names it if it serves nobody";
            (format!("{title} is the Python agent's: nobody has adopted it"), Some(hint.to_owned()))
        }
    }
}

fn in_keycloak(
    ground: &Ground<'_>,
    (realm, id): (&RealmRef, &GroupId),
    found: Option<&Group>,
) -> Vec<String> {
    let mut lines = vec![format!("realm {}, id {}", escaped(realm.realm.as_str()), escaped(id.as_str()))];
    let Some(group) = found else { return lines };
    if let Some(parent) = &group.parent {
        let name = ground.group(realm, parent).map_or(parent.as_str(), |group| group.name.as_str());
        lines.push(format!("below {}", escaped(name)));
    }
    for (key, values) in &group.attributes {
        let values: Vec<String> = values.iter().map(|value| escaped(value)).collect();
        lines.push(format!("{}: {}", escaped(key), values.join(", ")));
    }
    lines
}

fn in_waldur(ground: &Ground<'_>, purpose: Option<&GroupPurpose>) -> Vec<String> {
    match purpose {
        Some(GroupPurpose::Team { offerings, project, role }) => offerings
            .iter()
            .map(|uuid| {
                let Some(site) = ground.site(*uuid) else {
                    return format!("offering {uuid}, which is not kept here");
                };
                let named = site.resources().find(|(_, it)| it.project.uuid == *project);
                let team = named.map_or_else(|| project.to_string(), |(_, it)| quoted(&it.project.name));
                let served = site.resources().filter(|(_, it)| it.project.uuid == *project).count();
                let served = match site.offering.resources.gap() {
                    None => Counted(served, "resource", "resources").to_string(),
                    Some(gap) => format!("resources could not be read completely: {}", escaped(&gap)),
                };
                let offering = quoted(&site.policy.name);
                format!("the team of {team} at offering {offering}, in the role {}; {served}", escaped(role))
            })
            .collect(),
        Some(GroupPurpose::Parent { cluster }) => vec![format!("the roof of cluster {}", escaped(cluster))],
        None => vec!["no mark of ours says whose it is".to_owned()],
    }
}

fn bindings(ground: &Ground<'_>, realm: &RealmRef, found: Option<&Group>) -> Vec<String> {
    let Some(group) = found else { return Vec::new() };
    let principals = principals(ground, realm, group);
    let mut lines = Vec::new();
    for cluster in ground.world.clusters.values() {
        let projects = cluster.projects.known();
        let known = cluster.bindings.known().into_iter().flatten().map(|(_, binding)| binding);
        let its = known.filter(|binding| principals.iter().any(|one| binding.subject.is_group(one)));
        for binding in its.filter(|binding| !binding.removing) {
            let project = projects.and_then(|projects| projects.get(&binding.project));
            let name = project.map_or_else(String::new, |project| format!("{} ", escaped(&project.name)));
            let (role, id) = (escaped(binding.role.as_str()), escaped(binding.project.as_str()));
            lines.push(format!("bound as {role} to {name}({id})"));
        }
        if let Some(gap) = cluster.bindings.gap() {
            lines.push(format!("bindings could not be read completely: {}", escaped(&gap)));
        }
    }
    if lines.is_empty() { vec!["bound to nothing".to_owned()] } else { lines }
}

/// The members of a group that no team of ours stands behind.
fn bare(ground: &Ground<'_>, realm: &RealmRef, id: &GroupId) -> Vec<Seat> {
    let members = ground.world.realms.get(realm).and_then(|realm| realm.members.get(id)?.known());
    let seat = |(id, member): (&KeycloakUserId, &Member)| Seat {
        person: escaped(member.username.as_str()),
        standing: Standing::Unread,
        is_in: Some(true),
        what: format!("in the group ({})", escaped(id.as_str())),
    };
    members.into_iter().flatten().map(seat).collect()
}

/// Returns whether somebody is in the team, belongs into the group, and is in it.
fn is_fine(seat: &Seat) -> bool {
    seat.standing == Standing::Teammate && seat.is_in == Some(true)
}

/// The group of a team while its people are looked at.
struct Team<'g, 'a> {
    ground: &'g Ground<'a>,
    realm: &'g RealmRef,
    id: &'g GroupId,
    project: crate::model::ProjectUuid,
    role: &'g str,
}

impl Team<'_, '_> {
    /// Returns everybody who is in the group or should be. Of offerings that share it, one whose team has somebody is
    /// enough to keep them.
    fn seats(&self, sites: &[Site<'_>]) -> Vec<Seat> {
        let read = self.ground.world.realms.get(self.realm);
        let reading = read.and_then(|realm| realm.members.get(self.id));
        let members = reading.and_then(Reading::known);
        let all_read = reading.is_some_and(|reading| reading.complete().is_some());
        let mut inside: BTreeMap<&KeycloakUserId, &Member> = members.into_iter().flatten().collect();
        let mut seats: BTreeMap<UserUuid, Seat> = BTreeMap::new();
        let mut unread = false;
        for site in sites {
            let team = site.team(self.project);
            unread |= matches!(team.basis, Basis::Unknown);
            for (user, mate) in team.people.iter() {
                let found = site.policy.keycloak.as_ref().zip(mate.name.as_ref());
                let account = found.map(|(it, name)| account::in_keycloak(site.realm, it, name, &[self.id]));
                let person = account.as_ref().and_then(account::Account::id);
                let is_found =
                    person.is_some_and(|id| members.is_some_and(|members| members.contains_key(id)));
                // Whoever has no name that could be read may be anybody in it.
                let is_named = mate.name.is_some() || site.offering.people.complete().is_some();
                let is_in = (is_found || all_read && is_named).then_some(is_found);
                inside.retain(|id, _| Some(*id) != person);
                let standing = match (person, self.belongs(*site, mate)) {
                    (_, false) if !is_found => continue,
                    (None, _) => Standing::Unknown,
                    (Some(_), true) => Standing::Teammate,
                    (Some(_), false) => Standing::OtherRole,
                };
                let seat = || self.seat(site.called(user), standing, is_in, (Some(user), person));
                seats.entry(user).or_insert_with(seat);
            }
        }
        let called: Vec<Bearers> = sites.iter().map(|site| Bearers::of(*site)).collect();
        let mut seats: Vec<Seat> = seats.into_values().collect();
        for (id, member) in inside {
            let names = keycloak_names(id, Some(&member.username));
            let is_known = called.iter().any(|called| !called.any(&names).is_empty());
            let standing = match (unread, is_known) {
                (true, _) => Standing::Unread,
                (false, true) => Standing::Leaver,
                (false, false) => Standing::Stray,
            };
            let name = escaped(member.username.as_str());
            seats.push(self.seat(name, standing, Some(true), (None, Some(id))));
        }
        // Whoever is as they should be stands last.
        seats.sort_by(|one, other| (is_fine(one), &one.person).cmp(&(is_fine(other), &other.person)));
        seats
    }

    /// Returns whether a teammate belongs into this group by their roles.
    fn belongs(&self, site: Site<'_>, mate: &desired::Mate) -> bool {
        let map = &site.policy.role_map;
        let Some(keycloak) = site.policy.keycloak.as_ref().filter(|_| !map.is_empty()) else { return true };
        let own = role::groups(site.policy, keycloak).into_iter().find(|group| group.name == self.role);
        let Some(own) = own else { return false };
        let gives = |role: &role::WaldurRole| map.get(role) == Some(&own.template);
        match &mate.roles {
            desired::Roles::Alike => true,
            desired::Roles::All(roles) => roles.iter().any(gives),
            desired::Roles::One(role) => role.as_ref().is_some_and(gives),
        }
    }

    fn seat(
        &self,
        person: String,
        standing: Standing,
        is_in: Option<bool>,
        (user, id): (Option<UserUuid>, Option<&KeycloakUserId>),
    ) -> Seat {
        let how = match (standing, is_in) {
            (Standing::Teammate, Some(true)) => "in the team and in the group",
            (Standing::Teammate, Some(false)) => "in the team and not in the group",
            (Standing::Teammate, None) => "in the team; who is in the group was not read completely",
            (Standing::OtherRole, _) => "in the team, in a role that this group is not for",
            (Standing::Unknown, _) => "in the team, and nobody knows yet who they are in Keycloak",
            (Standing::Leaver, _) => "known to the offering and not in the team",
            (Standing::Stray, _) => "known to no user of the offering",
            (Standing::Unread, _) => "in the group; the team was not read",
        };
        let persons: Vec<Person> = id.into_iter().cloned().map(Person::Keycloak).collect();
        let found = self.ground.group(self.realm, self.id);
        let deeds = self.ground.deeds(|step| {
            touches(step, user, &persons)
                && touches_group(&step.action, self.ground, self.realm, (self.id, found))
        });
        let plan = deeds.first().map_or_else(String::new, |deed| match &deed.held {
            Some(why) => format!("; to {} is held: {why}", deed.what),
            None => format!("; the plan is to {}", deed.what),
        });
        Seat { person, standing, is_in, what: format!("{how}{plan}") }
    }
}
