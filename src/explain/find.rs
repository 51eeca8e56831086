//! What a name means: a resource, a person or a group, by anything that a system calls it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::account::{Bearers, keycloak_names};
use super::ground::{Ground, Site, quoted};
use super::{Subject, Who};
use crate::model::logins;
use crate::model::{Reading, UserUuid, Username, desired, marks};
use crate::plan::Action;
use crate::plan::render::escaped;

/// What was found under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// One thing.
    One(Subject),
    /// Several; each with what it is, and a name that means it alone.
    Several(Vec<(String, String)>),
    /// A group that is not there yet: the plan makes it, and this says for what.
    Planned(String),
    /// Nothing; what it may have been meant to be.
    Nothing(Vec<String>),
}

/// The kinds that may stand before a name, with a colon.
const KINDS: [&str; 3] = ["resource", "person", "group"];

/// Nothing is suggested for longer names.
const LONGEST: usize = 200;

/// Finds what a name means. `person:ada` looks among people only, and so on.
pub fn find(ground: &Ground<'_>, name: &str) -> Found {
    let (kind, name) = match name.split_once(':') {
        Some((kind, rest)) if KINDS.contains(&kind) => (Some(kind), rest.trim()),
        Some(_) | None => (None, name.trim()),
    };
    let everything = Everything::of(ground);
    let is_kind = |subject: &Subject| kind.is_none_or(|kind| kind == kind_of(subject));
    // An id means one thing, whatever else is called so.
    for names in [&everything.ids, &everything.names] {
        let found = names.get(&folded(name)).into_iter().flatten().filter(|subject| is_kind(subject));
        let found: Vec<&Subject> = found.collect();
        match found.as_slice() {
            [] => {}
            [only] => return Found::One((*only).clone()),
            several => return Found::Several(several.iter().map(|it| described(ground, it)).collect()),
        }
    }
    if kind.is_none_or(|kind| kind == "group")
        && let Some(what) = planned(ground, name)
    {
        return Found::Planned(what);
    }
    Found::Nothing(everything.meant(name, is_kind))
}

/// Returns the resource or project of whose team the plan makes a group of that name.
fn planned(ground: &Ground<'_>, name: &str) -> Option<String> {
    ground.action(|action| {
        let Action::CreateGroup(create) = action else { return None };
        if folded(create.name.as_str()) != folded(name) {
            return None;
        }
        let site = ground.site(create.key.offering)?;
        let mut its = site.resources().filter(|(_, it)| it.project.uuid == create.key.project);
        let project = its.next().map(|(_, it)| &it.project)?;
        Some(format!("the team of {} at offering {}", quoted(&project.name), quoted(&site.policy.name)))
    })
}

fn kind_of(subject: &Subject) -> &'static str {
    match subject {
        Subject::Resource { .. } => "resource",
        Subject::Person(_) => "person",
        Subject::Group { .. } => "group",
    }
}

/// Returns a text as it is compared: a UUID without dashes, anything else in lower case.
fn folded(text: &str) -> String {
    Uuid::try_parse(text).map_or_else(|_| text.to_lowercase(), |uuid| uuid.as_simple().to_string())
}

/// Everything that something is called, folded.
#[derive(Default)]
struct Everything {
    ids: BTreeMap<String, BTreeSet<Subject>>,
    names: BTreeMap<String, BTreeSet<Subject>>,
    /// Names as they are written, for who mistyped one.
    written: BTreeSet<(String, String)>,
}

impl Everything {
    fn of(ground: &Ground<'_>) -> Self {
        let mut all = Self::default();
        for site in ground.sites() {
            all.read_resources(site);
            all.read_people(site);
            all.read_logins(site);
        }
        all.read_realms(ground);
        all
    }

    fn id(&mut self, id: &str, subject: &Subject) {
        self.ids.entry(folded(id)).or_default().insert(subject.clone());
    }

    fn name(&mut self, name: &str, subject: &Subject) {
        if !name.is_empty() {
            self.names.entry(folded(name)).or_default().insert(subject.clone());
            self.written.insert((name.to_owned(), kind_of(subject).to_owned()));
        }
    }

    fn read_resources(&mut self, site: Site<'_>) {
        for (uuid, resource) in site.resources() {
            let subject = Subject::resource(site.uuid, uuid);
            self.id(&uuid.hex(), &subject);
            self.id(&resource.project.uuid.hex(), &subject);
            if let Some(id) = &resource.backend_id {
                self.id(id, &subject);
            }
            self.name(&resource.name, &subject);
            self.name(&resource.project.name, &subject);
            let slugs = [&resource.slug, &resource.project.slug];
            for slug in slugs.into_iter().flatten() {
                self.name(slug.as_str(), &subject);
            }
        }
        let projects = site.cluster.and_then(|cluster| cluster.projects.known()).into_iter().flatten();
        for (id, project) in projects {
            let Some(mark) = marks::mark(&project.annotations).filter(|it| it.offering == site.uuid) else {
                continue;
            };
            if site.resource(mark.resource).is_some() {
                let subject = Subject::resource(site.uuid, mark.resource);
                self.id(id.as_str(), &subject);
                self.name(&project.name, &subject);
            }
        }
    }

    fn read_people(&mut self, site: Site<'_>) {
        let mut person = |user: UserUuid, username: Option<&str>, account: &str| {
            let subject = Subject::Person(Who::Waldur { user });
            self.id(&user.hex(), &subject);
            self.name(account, &subject);
            self.name(username.unwrap_or_default(), &subject);
        };
        for (user, it) in site.offering.people.known().into_iter().flatten() {
            person(*user, it.username.as_ref().map(Username::as_str), &it.account);
        }
        for grant in site.offering.grants.known().into_iter().flat_map(BTreeMap::values).flatten() {
            person(grant.user, None, &grant.account);
        }
        for (user, mate) in site.offering.teams.values().filter_map(Reading::known).flatten() {
            person(*user, mate.username.as_ref().map(Username::as_str), &mate.account);
        }
        let seats = site.offering.accounts.known().into_iter().flat_map(BTreeMap::values).flatten();
        for (user, seat) in seats {
            person(*user, seat.username.as_ref().map(Username::as_str), "");
        }
    }

    /// Whoever logs in to Rancher is the user of Waldur who is called so, if there is one.
    fn read_logins(&mut self, site: Site<'_>) {
        let users = site.cluster.and_then(|cluster| cluster.users.as_ref()?.known());
        let called = Bearers::of(site);
        for (id, user) in users.into_iter().flatten() {
            let names = logins::names(id, user);
            let bearers = called.any(&names);
            let keycloak = site.policy.keycloak.as_ref();
            let known = keycloak.and_then(|it| Some((it, desired::account(it, &user.principals)?)));
            let stranger = known.map_or_else(
                || Who::Rancher { cluster: site.policy.cluster.clone(), login: id.clone() },
                |(it, account)| Who::Keycloak { realm: it.realm.clone(), account },
            );
            for subject in subjects(bearers, stranger) {
                self.id(id.as_str(), &subject);
                for name in &names {
                    self.name(name, &subject);
                }
            }
        }
    }

    fn read_realms(&mut self, ground: &Ground<'_>) {
        for (place, realm) in &ground.world.realms {
            for (id, group) in realm.groups.known().into_iter().flatten() {
                let subject = Subject::Group { realm: place.clone(), group: id.clone() };
                self.id(id.as_str(), &subject);
                self.name(group.name.as_str(), &subject);
                let policies = ground.policy.offerings.values().filter_map(|it| it.keycloak.as_ref());
                for keycloak in policies.filter(|keycloak| keycloak.realm == *place) {
                    let principal = desired::principal(keycloak, &group.name);
                    if let Some(principal) = principal {
                        self.id(principal.as_str(), &subject);
                    }
                }
            }
            let members = realm.members.values().filter_map(Reading::known).flatten();
            let members = members.map(|(id, member)| (id, &member.username));
            let accounts = realm.accounts.values().filter_map(|answer| answer.known()?.as_ref());
            let accounts = accounts.map(|account| (&account.id, &account.username));
            let everybody: BTreeMap<_, _> = members.chain(accounts).collect();
            let here = |site: &Site<'_>| site.policy.keycloak.as_ref().is_some_and(|it| it.realm == *place);
            let called: Vec<Bearers> = ground.sites().filter(here).map(Bearers::of).collect();
            for (id, username) in everybody {
                let names = keycloak_names(id, Some(username));
                let bearers = called.iter().flat_map(|called| called.any(&names));
                let stranger = Who::Keycloak { realm: place.clone(), account: id.clone() };
                for subject in subjects(bearers.collect(), stranger) {
                    self.id(id.as_str(), &subject);
                    self.name(username.as_str(), &subject);
                }
            }
        }
    }

    /// Returns what may have been meant: what differs in a few letters, else what contains the name.
    fn meant(&self, name: &str, is_kind: impl Fn(&Subject) -> bool) -> Vec<String> {
        let wanted = folded(name);
        let length = wanted.chars().count();
        // Nothing is called so, and to compare it would take long.
        if length > LONGEST {
            return Vec::new();
        }
        let may = (length / 3).clamp(1, 3);
        let kinds: Vec<&str> =
            KINDS.into_iter().filter(|kind| self.any(kind).is_some_and(&is_kind)).collect();
        let known = self.written.iter().filter(|(_, kind)| kinds.contains(&kind.as_str()));
        let mut near: Vec<(usize, &str)> = known
            .filter_map(|(written, _)| {
                let other = folded(written);
                let part = length > 2 && other.contains(&wanted);
                // As many letters as the lengths differ by are wrong at least.
                let least = other.chars().count().abs_diff(length);
                if least > may {
                    return part.then_some((least, written.as_str()));
                }
                let distance = strsim::damerau_levenshtein(&wanted, &other);
                (distance <= may || part).then_some((distance, written.as_str()))
            })
            .collect();
        near.sort_unstable();
        near.dedup_by_key(|(_, written)| *written);
        near.into_iter().take(3).map(|(_, written)| quoted(written)).collect()
    }

    fn any(&self, kind: &str) -> Option<&Subject> {
        self.ids.values().flatten().find(|subject| kind_of(subject) == kind)
    }
}

fn subjects(bearers: BTreeSet<UserUuid>, stranger: Who) -> Vec<Subject> {
    if bearers.is_empty() {
        return vec![Subject::Person(stranger)];
    }
    bearers.into_iter().map(|user| Subject::Person(Who::Waldur { user })).collect()
}

/// Returns what a thing is, and a name that means it alone.
fn described(ground: &Ground<'_>, subject: &Subject) -> (String, String) {
    match subject {
        Subject::Resource { offering, resource } => {
            let site = ground.site(*offering);
            let found = site.and_then(|site| site.resource(*resource));
            let name = found.map_or_else(|| "?".to_owned(), |found| quoted(&found.name));
            let place = site.map_or_else(|| offering.to_string(), |site| quoted(&site.policy.name));
            let project =
                found.map_or_else(String::new, |it| format!(", project {}", quoted(&it.project.name)));
            (format!("resource {name} of offering {place}{project}"), format!("resource:{resource}"))
        }
        Subject::Person(Who::Waldur { user }) => {
            let mut sites = ground.sites();
            let called = sites.find_map(|site| {
                let named = site.called(*user);
                (named != user.to_string()).then(|| {
                    let account = site.account(*user).map(escaped).filter(|account| *account != named);
                    account.map_or_else(|| named.clone(), |account| format!("{named} (account {account})"))
                })
            });
            (format!("person {}", called.unwrap_or_else(|| user.to_string())), format!("person:{user}"))
        }
        Subject::Person(Who::Keycloak { realm, account }) => {
            let id = escaped(account.as_str());
            (format!("account {id} in realm {}", escaped(realm.realm.as_str())), format!("person:{id}"))
        }
        Subject::Person(Who::Rancher { cluster, login }) => {
            let id = escaped(login.as_str());
            (format!("user {id} of {}", escaped(cluster.server.as_str())), format!("person:{id}"))
        }
        Subject::Group { realm, group } => {
            let name = ground.group(realm, group).map_or("?", |found| found.name.as_str());
            let (name, realm) = (escaped(name), escaped(realm.realm.as_str()));
            (format!("group {name} in realm {realm}"), format!("group:{}", escaped(group.as_str())))
        }
    }
}
