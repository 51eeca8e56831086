//! What an explanation rests on: a world, the policy, the plan of it, and what the guard made of that.

use std::collections::{BTreeMap, BTreeSet};

use super::{Deed, Remark};
use crate::model::desired::{self, Directory, Team};
use crate::model::marks::{self, Mark};
use crate::model::ordered::Ordered;
use crate::model::policy::{OfferingPolicy, Policy};
use crate::model::world::{Cluster, Group, Offering, Project, Realm, Resource, World};
use crate::model::{
    GroupId, OfferingUuid, ProjectUuid, RancherProjectId, Reading, RealmRef, ResourceUuid, UserUuid, Username,
};
use crate::plan::access::{Access, Pair};
use crate::plan::guard::Verdict;
use crate::plan::render::{Document, Review, escaped};
use crate::plan::{About, Action, Effect, Fingerprint, NoteKind, Plan, Step};

/// Everything that an explanation may look at.
#[derive(Debug)]
pub struct Ground<'a> {
    pub(super) world: &'a World,
    pub(super) policy: &'a Policy,
    pub(super) ordered: Ordered<'a>,
    verdict: &'a Verdict,
    plan: &'a Plan,
    /// The same plan in words, step by step.
    document: Document,
    directories: BTreeMap<OfferingUuid, Directory>,
    /// Who reaches what now, through what is ours.
    now: BTreeSet<Pair>,
}

/// One offering that is kept here and was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'g> {
    pub(super) uuid: OfferingUuid,
    pub(super) policy: &'g OfferingPolicy,
    pub(super) offering: &'g Offering,
    pub(super) cluster: Option<&'g Cluster>,
    pub(super) realm: Option<&'g Realm>,
    directory: &'g Directory,
    now: jiff::Timestamp,
}

/// A step that is there: taken, or held and why.
pub(super) struct Found<'g> {
    pub(super) sentence: &'g str,
    pub(super) held: Option<&'g str>,
    pub(super) releasable: bool,
    pub(super) adopts: bool,
}

// === impl Ground ===

impl<'a> Ground<'a> {
    /// Gathers what explanations rest on.
    pub fn new(world: &'a World, policy: &'a Policy, plan: &'a Plan, verdict: &'a Verdict) -> Self {
        let read =
            policy.offerings.iter().filter_map(|(uuid, kept)| Some((uuid, kept, world.offerings.get(uuid)?)));
        Self {
            world,
            policy,
            ordered: Ordered::new(world, policy),
            verdict,
            plan,
            document: Document::of(Review { plan, verdict }),
            directories: read.map(|(uuid, kept, said)| (*uuid, Directory::new(kept, said))).collect(),
            now: Access::new(world, policy).pairs(),
        }
    }

    /// Returns an offering that is kept here and was read.
    pub(super) fn site(&self, uuid: OfferingUuid) -> Option<Site<'_>> {
        let policy = self.policy.offerings.get(&uuid)?;
        let keycloak = policy.keycloak.as_ref();
        Some(Site {
            uuid,
            policy,
            offering: self.world.offerings.get(&uuid)?,
            cluster: self.world.clusters.get(&policy.cluster),
            realm: keycloak.and_then(|keycloak| self.world.realms.get(&keycloak.realm)),
            directory: self.directories.get(&uuid)?,
            now: self.world.taken_at,
        })
    }

    /// Returns all of them.
    pub(super) fn sites(&self) -> impl Iterator<Item = Site<'_>> {
        self.policy.offerings.keys().filter_map(|uuid| self.site(*uuid))
    }

    /// Returns who reaches what now.
    pub(super) const fn now(&self) -> &BTreeSet<Pair> {
        &self.now
    }

    /// Returns whether somebody reaches something once the plan is applied.
    pub(super) fn is_after(&self, pair: &Pair) -> bool {
        let admitted = &self.verdict.admitted;
        admitted.gains().contains(pair) || self.now.contains(pair) && !admitted.losses().contains_key(pair)
    }

    /// Returns why the plan takes access away, if it does.
    pub(super) fn loss(&self, pair: &Pair) -> Option<String> {
        let first = self.verdict.admitted.losses().get(pair)?.first()?;
        self.verdict.admitted.steps().get(*first).map(|step| step.reason.to_string())
    }

    /// Returns the first step of which something is true, taken or held.
    pub(super) fn step(&self, is: impl Fn(&Action) -> bool) -> Option<Found<'_>> {
        let taken = self.verdict.admitted.steps().iter().zip(&self.document.steps);
        let taken = taken.filter(|(step, _)| is(&step.action)).map(|(_, said)| Found {
            sentence: &said.deed.what,
            held: None,
            releasable: false,
            adopts: said.deed.effect == Effect::Adopts,
        });
        let held = self.verdict.held.iter().zip(&self.document.held);
        let held = held.filter(|(held, _)| is(&held.step.action)).map(|(_, said)| Found {
            sentence: &said.deed.what,
            held: Some(&said.why),
            releasable: said.releasable,
            adopts: false,
        });
        taken.chain(held).next()
    }

    /// Returns what becomes of the action of the first step of which something is true.
    pub(super) fn action<T>(&self, of: impl Fn(&Action) -> Option<T>) -> Option<T> {
        let taken = self.verdict.admitted.steps().iter();
        let held = self.verdict.held.iter().map(|held| &held.step);
        taken.chain(held).find_map(|step| of(&step.action))
    }

    /// Returns all steps of which something is true, the taken ones first.
    pub(super) fn deeds(&self, is: impl Fn(&Step) -> bool) -> Vec<Deed> {
        let taken = self.verdict.admitted.steps().iter().zip(&self.document.steps);
        let taken = taken.filter(|(step, _)| is(step)).map(|(_, said)| Deed {
            what: said.deed.what.clone(),
            details: said.deed.details.clone(),
            effect: said.deed.effect,
            why: said.why.clone(),
            held: None,
        });
        let held = self.verdict.held.iter().zip(&self.document.held);
        let held = held.filter(|(held, _)| is(&held.step)).map(|(_, said)| Deed {
            what: said.deed.what.clone(),
            details: said.deed.details.clone(),
            effect: said.deed.effect,
            why: said.wanted.clone(),
            held: Some(said.why.clone()),
        });
        taken.chain(held).collect()
    }

    /// Returns what releases the held steps of which something is true, if a person can release them.
    pub(super) fn release(&self, is: impl Fn(&Step) -> bool) -> Option<Fingerprint> {
        let held = self.verdict.held.iter().zip(&self.document.held);
        let mut releasable = held.filter(|(held, said)| said.releasable && is(&held.step));
        releasable.next().and_then(|_| self.verdict.release.clone())
    }

    /// Returns how to release what the budget holds.
    pub(super) fn how_to_release(&self) -> Option<String> {
        let release = self.verdict.release.as_ref()?;
        Some(format!("release what the budget holds with `agent apply --approve {release}`"))
    }

    /// Returns the notes of which something is true.
    pub(super) fn notes(&self, is: impl Fn(&About, &str) -> bool) -> Vec<Remark> {
        let notes = self.plan.notes.iter().filter(|note| is(&note.about, &note.what));
        notes
            .map(|note| Remark { kind: note.kind, what: note.what.clone(), hint: note.hint.clone() })
            .collect()
    }

    /// Returns the note that says best why something about a resource is not done: one that names `names`, else what
    /// was not read if that is the matter, else what needs a person. A note that names others of the team is about them.
    pub(super) fn why_not(
        &self,
        site: Site<'_>,
        (resource, project): (ResourceUuid, ProjectUuid),
        (names, others): (&BTreeSet<&str>, &BTreeSet<&str>),
        unread: bool,
    ) -> Option<Remark> {
        let here = |about: &About| match about {
            About::Offering { offering } | About::Cluster { offering, cluster: _ } => *offering == site.uuid,
            About::Resource { offering, resource: it } => *offering == site.uuid && *it == resource,
            About::Team { offering, project: it } => *offering == site.uuid && *it == project,
        };
        let rank = |kind: NoteKind, what: &str| {
            let words = words(what);
            let is_named = |names: &BTreeSet<&str>| words.iter().any(|word| names.contains(word));
            let general = match kind {
                NoteKind::Unreadable if unread => 1,
                NoteKind::Held => 2,
                NoteKind::Unreadable => 3,
                NoteKind::Waiting => 4,
                NoteKind::Unmanaged => return None,
            };
            match (is_named(names), is_named(others)) {
                (true, _) => Some(0),
                (false, true) => None,
                (false, false) => Some(general),
            }
        };
        let notes = self.plan.notes.iter().filter(|note| here(&note.about));
        let ranked = notes.filter_map(|note| Some((rank(note.kind, &note.what)?, note)));
        let (_, note) = ranked.min_by_key(|(rank, _)| *rank)?;
        Some(Remark { kind: note.kind, what: note.what.clone(), hint: note.hint.clone() })
    }

    /// Returns the group of a realm.
    pub(super) fn group(&self, realm: &RealmRef, id: &GroupId) -> Option<&'a Group> {
        self.world.realms.get(realm)?.groups.known()?.get(id)
    }
}

// === impl Site ===

impl<'g> Site<'g> {
    /// Returns the team of a Waldur project.
    pub(super) fn team(self, project: ProjectUuid) -> Team<'g> {
        desired::team(self.policy, (self.offering, self.directory), project, self.now)
    }

    /// Returns why the team of a Waldur project is not known.
    pub(super) fn team_gap(self, project: ProjectUuid) -> String {
        let asked = self.offering.teams.get(&project).and_then(Reading::gap);
        asked.or_else(|| self.offering.grants.gap()).unwrap_or_else(|| "it was not read".to_owned())
    }

    /// Returns a resource.
    pub(super) fn resource(self, uuid: ResourceUuid) -> Option<&'g Resource> {
        self.offering.resources.known()?.get(&uuid)
    }

    /// Returns all resources.
    pub(super) fn resources(self) -> impl Iterator<Item = (ResourceUuid, &'g Resource)> {
        self.offering.resources.known().into_iter().flatten().map(|(uuid, resource)| (*uuid, resource))
    }

    /// Returns the projects that carry a resource's mark, the one that serves it first.
    pub(super) fn marked(self, uuid: ResourceUuid) -> Vec<(&'g RancherProjectId, &'g Project)> {
        let mark = Mark { offering: self.uuid, resource: uuid };
        let projects = self.cluster.and_then(|cluster| cluster.projects.known()).into_iter().flatten();
        let is_its = |project: &Project| !project.removing && marks::mark(&project.annotations) == Some(mark);
        let mut marked: Vec<_> = projects.filter(|(_, project)| is_its(project)).collect();
        let named = self.resource(uuid).and_then(|resource| resource.backend_id.as_deref());
        marked.sort_by_key(|(id, project)| (named != Some(id.as_str()), project.created, *id));
        marked
    }

    /// Returns what the offering calls somebody, else what Waldur does, safe to show.
    pub(super) fn called(self, user: UserUuid) -> String {
        let person = self.offering.people.known().and_then(|people| people.get(&user));
        let mut mates = self.offering.teams.values().filter_map(Reading::known);
        let mate = mates.find_map(|team| team.get(&user));
        let mut accounts = self.offering.accounts.known().into_iter().flat_map(BTreeMap::values);
        let seat = accounts.find_map(|accounts| accounts.get(&user));
        let names = [
            person.and_then(|person| person.username.as_ref()),
            mate.and_then(|mate| mate.username.as_ref()),
            seat.and_then(|seat| seat.username.as_ref()),
        ];
        let name = names.into_iter().flatten().next().map(Username::as_str);
        let account = self.account(user);
        name.or(account).map_or_else(|| user.to_string(), escaped)
    }

    /// Returns what Waldur itself calls somebody.
    pub(super) fn account(self, user: UserUuid) -> Option<&'g str> {
        let person = self.offering.people.known().and_then(|people| people.get(&user));
        let mates = self.offering.teams.values().filter_map(Reading::known);
        let mate = mates.filter_map(|team| team.get(&user)).map(|mate| mate.account.as_str());
        let grants = self.offering.grants.known().into_iter().flat_map(BTreeMap::values).flatten();
        let grant = grants.filter(|grant| grant.user == user).map(|grant| grant.account.as_str());
        person
            .map(|person| person.account.as_str())
            .into_iter()
            .chain(mate)
            .chain(grant)
            .find(|account| !account.is_empty())
    }
}

/// Returns the words of a sentence, without the marks around them.
fn words(text: &str) -> BTreeSet<&str> {
    let marks = |letter: char| matches!(letter, ',' | ';' | ':' | '"' | '(' | ')');
    text.split(' ').map(|word| word.trim_matches(marks)).filter(|word| !word.is_empty()).collect()
}

/// Returns text of ours, in which names may be quoted, on one line and safe to show.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", escaped(name))
}
