//! Who can reach what through what is ours: the oracle that the guard and the summary use.
//!
//! A person reaches a resource's project if they are in a group that is bound to it, or are bound by us themselves. Only what the steps touch is
//! looked at, so that a plan with nothing to take away costs nothing here.

mod names;
mod touch;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::names::Names;
use self::touch::Touch;
use super::Step;
use super::action::GroupTarget;
use crate::model::desired::{self, GroupKey};
use crate::model::marks::{self, GroupPurpose, Mark};
use crate::model::policy::Policy;
use crate::model::world::{Binding, Subject, World};
use crate::model::{
    BindingId, ClusterRef, GroupId, OfferingUuid, Person, PersonRef, Principal, RancherProjectId, Reading,
    RealmRef, ResourceUuid,
};

/// One person's access to one resource's project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    /// Through which offering.
    pub offering: OfferingUuid,
    /// To which resource's project.
    pub resource: ResourceUuid,
    /// Who.
    pub person: Person,
}

/// What a set of steps does to access.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Who gains access that they have not had.
    pub gained: BTreeSet<Pair>,
    /// Who loses all access, and through which steps (by index).
    pub lost: BTreeMap<Pair, BTreeSet<usize>>,
}

/// What can be bound: a group, there or planned, or somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Existing(RealmRef, GroupId),
    Planned(GroupKey),
    Person(Person),
}

impl Node {
    fn of(realm: &RealmRef, target: &GroupTarget) -> Self {
        match target {
            GroupTarget::Existing(id) => Self::Existing(realm.clone(), id.clone()),
            GroupTarget::Planned(key) => Self::Planned(key.clone()),
        }
    }
}

/// Access as it is.
#[derive(Debug)]
pub struct Access<'w> {
    world: &'w World,
    policy: &'w Policy,
    /// What is bound to each of our projects.
    bound: BTreeMap<Mark, BTreeSet<Node>>,
    groups: Groups<'w>,
}

/// The groups that Rancher may know. It knows them by name alone, and two realms may use the same names.
#[derive(Debug)]
struct Groups<'w> {
    nodes: BTreeMap<(&'w RealmRef, Principal), Node>,
    /// From which realms the people of each cluster come.
    realms: BTreeMap<&'w ClusterRef, BTreeSet<&'w RealmRef>>,
}

impl<'w> Access<'w> {
    /// Reads who can reach what.
    pub fn new(world: &'w World, policy: &'w Policy) -> Self {
        let groups = Groups::new(world, policy);
        let mut bound: BTreeMap<Mark, BTreeSet<Node>> = BTreeMap::new();
        for (place, cluster) in &world.clusters {
            let Some(projects) = cluster.projects.known() else { continue };
            for binding in cluster.bindings.known().into_iter().flat_map(BTreeMap::values) {
                if binding.removing || !names_somebody(binding) {
                    continue;
                }
                let project = projects.get(&binding.project).filter(|project| !project.removing);
                if let Some(mark) = project.and_then(|project| marks::mark(&project.annotations)) {
                    let nodes = groups.nodes_of(world, policy, (place, mark), binding);
                    bound.entry(mark).or_default().extend(nodes);
                }
            }
        }
        Self { world, policy, bound, groups }
    }

    fn members<'a>(&'a self, node: &'a Node) -> BTreeSet<PersonRef<'a>> {
        match node {
            Node::Existing(realm, id) => {
                let realm = self.world.realms.get(realm);
                let reading =
                    realm.and_then(|realm| realm.members.get(id)).and_then(|reading| reading.known());
                reading.into_iter().flat_map(BTreeMap::keys).map(PersonRef::Keycloak).collect()
            }
            Node::Planned(_) => BTreeSet::new(),
            Node::Person(person) => [person.as_ref()].into(),
        }
    }

    /// Returns the bindings to a project.
    fn bound_to<'a>(
        &'a self,
        cluster: &ClusterRef,
        project: &'a RancherProjectId,
    ) -> impl Iterator<Item = &'a BindingId> {
        let bindings = self.world.clusters.get(cluster).and_then(|cluster| cluster.bindings.known());
        let here = bindings.into_iter().flatten().filter(move |(_, binding)| binding.project == *project);
        here.map(|(id, _)| id)
    }

    /// Returns whether somebody reaches what the node is bound to.
    fn has(&self, node: &Node, somebody: PersonRef<'_>) -> bool {
        match (node, somebody) {
            (Node::Existing(realm, id), PersonRef::Keycloak(account)) => {
                let members = self.world.realms.get(realm).and_then(|realm| realm.members.get(id)?.known());
                members.is_some_and(|members| members.contains_key(account))
            }
            (Node::Person(person), _) => person.as_ref() == somebody,
            (Node::Existing(..), PersonRef::Rancher(_)) | (Node::Planned(_), _) => false,
        }
    }

    /// Returns what a binding on the project of `mark` gives something to.
    fn nodes_of(&self, at: (&ClusterRef, Mark), binding: &Binding) -> Vec<Node> {
        self.groups.nodes_of(self.world, self.policy, at, binding)
    }

    /// Returns whom a binding to `subject` on the project of `mark` lets in.
    fn person(&self, at: (&ClusterRef, Mark), subject: &str) -> Option<Node> {
        person(self.world, self.policy, at, subject).map(Node::Person)
    }

    fn people(&self, mark: Mark) -> BTreeSet<PersonRef<'_>> {
        self.bound.get(&mark).into_iter().flatten().flat_map(|node| self.members(node)).collect()
    }

    /// Returns all pairs that there are.
    pub fn pairs(&self) -> BTreeSet<Pair> {
        self.bound
            .keys()
            .flat_map(|mark| self.people(*mark).into_iter().map(|person| pair(*mark, person)))
            .collect()
    }

    /// Returns how many pairs there are through an offering.
    pub fn count(&self, offering: OfferingUuid) -> usize {
        self.bound.keys().filter(|mark| mark.offering == offering).map(|mark| self.people(*mark).len()).sum()
    }

    /// Returns what `steps` do to access.
    pub fn change(&self, steps: &[Step]) -> Change {
        let touch = Touch::of(self, steps);
        let mut change = Change::default();
        for mark in &touch.marks {
            let none = BTreeSet::new();
            let bound = self.bound.get(mark).unwrap_or(&none);
            let before = self.people(*mark);
            let mut after: BTreeSet<PersonRef<'_>> = BTreeSet::new();
            let newly_bound = touch.newly_bound.get(mark).unwrap_or(&none);
            // A group that is bound anew as its old binding goes (a role that changes) stays.
            let unbound = |node: &Node| {
                touch
                    .unbound
                    .get(mark)
                    .and_then(|gone| gone.get(node))
                    .filter(|_| !newly_bound.contains(node))
            };
            for node in bound.iter().filter(|node| unbound(node).is_none()).chain(newly_bound) {
                after.extend(touch.members_after(self, node));
            }
            change.gained.extend(after.difference(&before).map(|person| pair(*mark, *person)));
            for person in before.difference(&after) {
                let steps = bound
                    .iter()
                    .flat_map(|node| {
                        let left = touch.left.get(node).and_then(|left| left.get(person));
                        left.into_iter()
                            .chain(unbound(node).filter(|_| self.has(node, *person)).into_iter().flatten())
                            .copied()
                            .collect::<Vec<_>>()
                    })
                    .collect();
                change.lost.insert(pair(*mark, *person), steps);
            }
        }
        change
    }
}

fn pair(mark: Mark, person: PersonRef<'_>) -> Pair {
    Pair { offering: mark.offering, resource: mark.resource, person: person.to_owned() }
}

/// Returns whether a binding lets in somebody whom we let in: a group may be ours whoever bound it, a person is bound
/// by us or by hand.
fn names_somebody(binding: &Binding) -> bool {
    match &binding.subject {
        Subject::Group(_) => true,
        Subject::User(_) => marks::mark(&binding.annotations).is_some(),
        Subject::Other => false,
    }
}

/// Returns whom a binding's subject means. Where groups give access, too, they are known as those know them, so that
/// whoever changes from one way to the other loses nothing.
fn person(
    world: &World,
    policy: &Policy,
    (place, mark): (&ClusterRef, Mark),
    subject: &str,
) -> Option<Person> {
    let users = world.clusters.get(place)?.users.as_ref().and_then(Reading::known);
    let found = users.and_then(|users| {
        let by_principal = || {
            let is = |principal: &Principal| principal.as_str() == subject;
            users.iter().find(|(_, user)| user.principals.iter().any(is))
        };
        users.get_key_value(subject).or_else(by_principal)
    });
    let keycloak = policy.offerings.get(&mark.offering)?.keycloak.as_ref();
    let account =
        keycloak.zip(found).and_then(|(keycloak, (_, user))| desired::account(keycloak, &user.principals));
    match (account, found) {
        (Some(account), _) => Some(Person::Keycloak(account)),
        (None, Some((id, _))) => Some(Person::Rancher(id.clone())),
        (None, None) => subject.parse().ok().map(Person::Rancher),
    }
}

impl<'w> Groups<'w> {
    fn new(world: &'w World, policy: &'w Policy) -> Self {
        let mut groups = Self { nodes: BTreeMap::new(), realms: BTreeMap::new() };
        for offering in policy.offerings.values() {
            let realm = offering.keycloak.as_ref().map(|keycloak| &keycloak.realm);
            groups.realms.entry(&offering.cluster).or_default().extend(realm);
        }
        for (place, realm) in &world.realms {
            for (id, group) in realm.groups.known().into_iter().flatten() {
                let Some(GroupPurpose::Team { offerings, .. }) = marks::purpose(&group.attributes) else {
                    continue;
                };
                let kept = offerings.iter().filter_map(|uuid| policy.offerings.get(uuid)?.keycloak.as_ref());
                for principal in kept.filter_map(|keycloak| desired::principal(keycloak, &group.name)) {
                    groups.nodes.insert((place, principal), Node::Existing(place.clone(), id.clone()));
                }
            }
        }
        groups
    }

    /// Returns what a binding on the project of a mark gives something to.
    fn nodes_of(
        &self,
        world: &World,
        policy: &Policy,
        (place, mark): (&ClusterRef, Mark),
        binding: &Binding,
    ) -> Vec<Node> {
        match &binding.subject {
            _ if !names_somebody(binding) => Vec::new(),
            Subject::Group(principal) => self.called(place, principal).cloned().collect(),
            Subject::User(subject) => {
                person(world, policy, (place, mark), subject).map(Node::Person).into_iter().collect()
            }
            Subject::Other => Vec::new(),
        }
    }

    /// Returns the groups that a cluster's Rancher takes for `principal`.
    fn called<'a>(
        &'a self,
        cluster: &ClusterRef,
        principal: &'a Principal,
    ) -> impl Iterator<Item = &'a Node> {
        let realms = self.realms.get(cluster).into_iter().flatten();
        realms.filter_map(move |realm| self.nodes.get(&(*realm, principal.clone())))
    }
}
