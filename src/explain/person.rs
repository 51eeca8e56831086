//! A person: what each system knows of them, and their way to each resource that concerns them.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{self, Account, Login};
use super::answer::{self, touches};
use super::ground::{Ground, Site, quoted};
use super::{Explanation, Reach, Remark, Said, Status, Subject, Who, hand};
use crate::model::desired::{self, Basis};
use crate::model::{ClusterRef, KeycloakUserId, Person, RancherUserId, Reading, RealmRef, UserUuid};
use crate::plan::System;
use crate::plan::render::{Counted, escaped};

pub(super) fn explain(ground: &Ground<'_>, who: &Who) -> Explanation {
    match who {
        Who::Waldur { user } => of_user(ground, *user),
        Who::Keycloak { realm, account } => of_account(ground, realm, account),
        Who::Rancher { cluster, login } => of_login(ground, cluster, login),
    }
}

fn of_user(ground: &Ground<'_>, user: UserUuid) -> Explanation {
    let mut access = Vec::new();
    let mut persons = BTreeSet::new();
    let (mut title, mut names) = (None, BTreeSet::new());
    let (mut waldur, mut keycloak, mut rancher) = (Vec::new(), Vec::new(), Vec::new());
    for site in ground.sites() {
        let name = account::name(site, user);
        if knows(site, user) {
            title.get_or_insert_with(|| site.called(user));
            names.extend(site.account(user).map(str::to_owned));
            names.extend(name.as_ref().map(ToString::to_string));
            waldur.push(as_offering_says(site, user));
        }
        let own = name.as_ref().map_or_else(Vec::new, |name| account::persons(site, name));
        if let Some(name) = &name {
            keycloak.extend(as_keycloak_says(site, name));
            rancher.extend(as_rancher_says(site, name));
        }
        for (uuid, resource) in site.resources() {
            let is_there = account::pairs(&own, (site.uuid, uuid)).any(|pair| ground.now().contains(&pair));
            let is_there = is_there || hand::role(site, uuid, &own).is_some();
            if is_there || concerns(site, resource.project.uuid, user) {
                access.push(answer::reach(ground, site, (uuid, resource), user));
            }
        }
        persons.extend(own);
    }
    let title = title.unwrap_or_else(|| user.to_string());
    let account = ground.sites().find_map(|site| site.account(user).map(escaped));
    let account = account.map_or_else(String::new, |account| format!(", account {account}"));
    waldur.insert(0, format!("user {user}{account}"));
    let persons: Vec<Person> = persons.into_iter().collect();
    let told = told([(System::Waldur, waldur), (System::Keycloak, keycloak), (System::Rancher, rancher)]);
    whole(
        ground,
        Subject::Person(Who::Waldur { user }),
        title,
        (told, access),
        (Some(user), &persons, &names),
    )
}

/// Returns whether an offering has anything to do with somebody.
fn knows(site: Site<'_>, user: UserUuid) -> bool {
    let people = site.offering.people.known().is_some_and(|people| people.contains_key(&user));
    let projects = site.resources().map(|(_, resource)| resource.project.uuid);
    people || projects.collect::<BTreeSet<_>>().into_iter().any(|project| concerns(site, project, user))
}

/// Returns whether somebody is in a team, or was until lately.
fn concerns(site: Site<'_>, project: crate::model::ProjectUuid, user: UserUuid) -> bool {
    let team = site.offering.teams.get(&project).and_then(Reading::known);
    let grants = site.offering.grants.known().and_then(|grants| grants.get(&project));
    let seats = site.offering.accounts.known().and_then(|accounts| accounts.get(&project));
    team.is_some_and(|team| team.contains_key(&user))
        || grants.into_iter().flatten().any(|grant| grant.user == user)
        || seats.is_some_and(|seats| seats.contains_key(&user))
}

/// Returns what an offering calls somebody, and whether they may use it.
fn as_offering_says(site: Site<'_>, user: UserUuid) -> String {
    let offering = format!("offering {}", quoted(&site.policy.name));
    let Some(people) = site.offering.people.known() else {
        let why = escaped(&site.offering.people.gap().unwrap_or_default());
        return format!("{offering}: its users could not be read: {why}");
    };
    let Some(person) = people.get(&user) else {
        let rest = site.offering.people.gap().map_or("", |_| ", as far as could be read");
        return format!("{offering}: no user of it{rest}");
    };
    let name = person.username.as_ref().map(|name| format!("username {}", escaped(name.as_str())));
    let mut parts = vec![name.unwrap_or_else(|| "no username yet".to_owned())];
    parts.extend(person.state.map(|state| format!("state {state}")));
    parts.extend(person.consent.map(|consent| {
        if consent { "agreed to the terms" } else { "has not agreed to the terms" }.to_owned()
    }));
    format!("{offering}: {}", parts.join(", "))
}

fn as_keycloak_says(site: Site<'_>, name: &crate::model::Username) -> Option<String> {
    let keycloak = site.policy.keycloak.as_ref()?;
    let realm = escaped(keycloak.realm.realm.as_str());
    Some(match account::in_keycloak(site.realm, keycloak, name, &[]) {
        Account::Known { id, username, disabled } => {
            let off = if disabled { ", switched off" } else { "" };
            format!("realm {realm}: {} ({}){off}", escaped(username.as_str()), escaped(id.as_str()))
        }
        Account::Missing => format!("realm {realm}: nobody of the id or name {}", escaped(name.as_str())),
        Account::Unread(why) => format!("realm {realm}: could not be asked: {}", escaped(&why)),
        Account::Unasked => format!("realm {realm}: nobody asked for {}", escaped(name.as_str())),
    })
}

fn as_rancher_says(site: Site<'_>, name: &crate::model::Username) -> Option<String> {
    site.cluster?.users.as_ref()?;
    let server = escaped(site.policy.cluster.server.as_str());
    Some(match account::in_rancher(site, name) {
        Login::Known(id, user) => {
            let off = if user.disabled { ", switched off" } else { "" };
            format!("{server}: user {}{off}", escaped(id.as_str()))
        }
        Login::Missing => format!("{server}: nobody of that name has logged in"),
        Login::Several(ids) => format!("{server}: {} are called so", Counted(ids.len(), "user", "users")),
        Login::Unread(why) => format!("{server}: could not be asked: {}", escaped(&why)),
    })
}

/// Somebody in a group whom no offering knows.
fn of_account(ground: &Ground<'_>, realm: &RealmRef, id: &KeycloakUserId) -> Explanation {
    let person = Person::Keycloak(id.clone());
    let read = ground.world.realms.get(realm);
    let name = read.and_then(|realm| account::username(realm, id));
    let title = name.map_or_else(|| escaped(id.as_str()), |name| escaped(name.as_str()));
    let mut lines =
        vec![format!("realm {}: {title} ({})", escaped(realm.realm.as_str()), escaped(id.as_str()))];
    for (group, reading) in read.into_iter().flat_map(|realm| &realm.members) {
        if reading.known().is_some_and(|members| members.contains_key(id)) {
            let name = ground.group(realm, group).map_or(group.as_str(), |group| group.name.as_str());
            lines.push(format!("in group {}", escaped(name)));
        }
    }
    let told = told([(System::Waldur, unknown(ground)), (System::Keycloak, lines)]);
    let subject = Subject::Person(Who::Keycloak { realm: realm.clone(), account: id.clone() });
    of_stranger(ground, subject, title, told, &person)
}

/// Somebody whom Rancher alone knows.
fn of_login(ground: &Ground<'_>, cluster: &ClusterRef, id: &RancherUserId) -> Explanation {
    let users = ground.world.clusters.get(cluster).and_then(|cluster| cluster.users.as_ref()?.known());
    let user = users.and_then(|users| users.get(id));
    let title = user
        .and_then(|user| user.username.as_ref())
        .map_or_else(|| escaped(id.as_str()), |name| escaped(name.as_str()));
    let own = if user.is_some_and(|user| user.own) { ", the user of the agent's own key" } else { "" };
    let lines = vec![format!("{}: user {}{own}", escaped(cluster.server.as_str()), escaped(id.as_str()))];
    let told = told([(System::Waldur, unknown(ground)), (System::Rancher, lines)]);
    let subject = Subject::Person(Who::Rancher { cluster: cluster.clone(), login: id.clone() });
    of_stranger(ground, subject, title, told, &Person::Rancher(id.clone()))
}

/// Says that nobody in Waldur is a stranger, as far as could be read.
fn unknown(ground: &Ground<'_>) -> Vec<String> {
    let gaps = ground.sites().filter_map(|site| Some((site, site.offering.people.gap()?)));
    let gaps = gaps.map(|(site, gap)| {
        let offering = quoted(&site.policy.name);
        format!("the users of offering {offering} could not be read completely: {}", escaped(&gap))
    });
    let gaps: Vec<String> = gaps.collect();
    let rest = if gaps.is_empty() { "" } else { ", as far as could be read" };
    [format!("no user of any offering here is called so{rest}")].into_iter().chain(gaps).collect()
}

fn of_stranger(
    ground: &Ground<'_>,
    subject: Subject,
    title: String,
    told: Vec<Said>,
    person: &Person,
) -> Explanation {
    let pairs = ground.now().iter().filter(|pair| pair.person == *person);
    let mut places: BTreeSet<_> = pairs.map(|pair| (pair.offering, pair.resource)).collect();
    for site in ground.sites() {
        let persons = std::slice::from_ref(person);
        let by_hand = site.resources().filter(|(uuid, _)| hand::role(site, *uuid, persons).is_some());
        places.extend(by_hand.map(|(uuid, _)| (site.uuid, uuid)));
    }
    let access = places
        .into_iter()
        .filter_map(|(offering, resource)| {
            let site = ground.site(offering)?;
            let place = (resource, site.resource(resource)?);
            Some(answer::reach_of_stranger(ground, site, place, (person, title.clone())))
        })
        .collect();
    let names = BTreeSet::from([title.clone()]);
    whole(ground, subject, title, (told, access), (None, std::slice::from_ref(person), &names))
}

fn told<const N: usize>(said: [(System, Vec<String>); N]) -> Vec<Said> {
    let said = said.into_iter().map(|(system, mut lines)| {
        lines.dedup();
        Said { system, lines }
    });
    said.filter(|said| !said.lines.is_empty()).collect()
}

/// Puts everything together, with what the plan does to the person and notes of them.
fn whole(
    ground: &Ground<'_>,
    subject: Subject,
    title: String,
    (said, access): (Vec<Said>, Vec<Reach>),
    (user, persons, names): (Option<UserUuid>, &[Person], &BTreeSet<String>),
) -> Explanation {
    let (answer, hint) = answer(ground, &title, &access);
    let is_theirs = |what: &str| {
        let marks = |letter: char| matches!(letter, ',' | ';' | ':' | '"' | '(' | ')');
        what.split(' ').any(|word| names.contains(word.trim_matches(marks)))
    };
    Explanation {
        subject,
        title,
        answer,
        hint,
        said,
        access,
        members: Vec::new(),
        unlisted: None,
        steps: ground.deeds(|step| touches(step, user, persons)),
        notes: ground.notes(|_, what| is_theirs(what)).into_iter().collect::<Vec<Remark>>(),
        release: ground.release(|step| touches(step, user, persons)),
    }
}

/// Returns the answer: that of the only resource, or how many they reach and what is the matter with the first of the
/// others.
fn answer(ground: &Ground<'_>, title: &str, access: &[Reach]) -> (String, Option<String>) {
    let [only] = access else {
        let Some(first) = access.iter().find(|reach| is_odd(reach)) else {
            if access.is_empty() {
                return none(ground, title);
            }
            return (format!("{title} has access to all {} resources that concern them", access.len()), None);
        };
        // What is not adopted yet is not counted: who reaches it is not known here.
        if first.links.iter().any(|link| link.status == Status::Adopting) {
            return (first.answer.clone(), first.hint.clone());
        }
        let reached = access.iter().filter(|reach| reach.is_there()).count();
        let unknown = access.iter().filter(|reach| reach.now.is_none() && !reach.is_there()).count();
        let all = Counted(access.len(), "resource", "resources");
        if unknown == access.len() {
            let what = format!("which of {all} {title} reaches is not known; {}", first.answer);
            return (what, first.hint.clone());
        }
        let unknown = if unknown > 0 { format!(", and of {unknown} it is not known") } else { String::new() };
        return (
            format!("{title} reaches {reached} of {all}{unknown}; {}", first.answer),
            first.hint.clone(),
        );
    };
    (only.answer.clone(), only.hint.clone())
}

/// Returns whether there is something to say about a person's way to a resource.
pub(super) fn is_odd(reach: &Reach) -> bool {
    (reach.now, reach.wanted, reach.after) != (Some(true), Some(true), Some(true))
}

/// Nobody has anything to do with them. What was not read may say otherwise.
fn none(ground: &Ground<'_>, title: &str) -> (String, Option<String>) {
    let mut unread = BTreeMap::new();
    for site in ground.sites() {
        let name = &site.policy.name;
        let offering = site.offering;
        let gap =
            offering.resources.gap().or_else(|| offering.grants.gap()).or_else(|| offering.people.gap());
        let realm = || site.realm.and_then(|realm| realm.groups.gap());
        let members = || site.realm.and_then(|realm| realm.members.values().find_map(Reading::gap));
        let cluster = || site.cluster.and_then(|it| it.projects.gap().or_else(|| it.bindings.gap()));
        let outside = || {
            let keycloak = realm().or_else(members).map(|gap| (System::Keycloak, gap));
            keycloak.or_else(|| cluster().map(|gap| (System::Rancher, gap)))
        };
        let gap = gap.map(|gap| (System::Waldur, gap)).or_else(outside);
        unread.extend(gap.map(|gap| (name, gap)));
    }
    if let Some((offering, (system, why))) = unread.first_key_value() {
        let what = format!(
            "{title} is in no team that could be read; what {} says for offering {} could not be read completely: {}",
            system.as_str(),
            quoted(offering),
            escaped(why)
        );
        return (what, None);
    }
    let hint = "give them a role in the Waldur project of a resource";
    (format!("{title} has no access to anything here: they are in no team"), Some(hint.to_owned()))
}

/// Returns everybody in the team of a project, and why that may not be all.
pub(super) fn teammates(
    site: Site<'_>,
    project: crate::model::ProjectUuid,
) -> (Vec<UserUuid>, Option<String>) {
    let team: desired::Team<'_> = site.team(project);
    let gap = match team.basis {
        Basis::Unknown => Some(site.team_gap(project)),
        Basis::Confirmed(_) | Basis::Hint => None,
    };
    (team.people.users().collect(), gap)
}
