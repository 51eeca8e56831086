//! Who can reach what through what is ours: the oracle that the guard and the summary use.
//!
//! A person reaches a resource's project if they are in a group that is bound to it. Only what the steps touch is
//! looked at, so that a plan with nothing to take away costs nothing here.

mod touch;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use self::touch::Touch;
use super::Step;
use super::action::GroupTarget;
use crate::model::desired::{self, GroupKey};
use crate::model::marks::{self, GroupPurpose, Mark};
use crate::model::policy::Policy;
use crate::model::world::{Subject, World};
use crate::model::{ClusterRef, GroupId, KeycloakUserId, OfferingUuid, Principal, RealmRef, ResourceUuid};

/// One person's access to one resource's project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Pair {
    /// Through which offering.
    pub offering: OfferingUuid,
    /// To which resource's project.
    pub resource: ResourceUuid,
    /// Who.
    pub person: KeycloakUserId,
}

/// What a set of steps does to access.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Who gains access that they have not had.
    pub gained: BTreeSet<Pair>,
    /// Who loses all access, and through which steps (by index).
    pub lost: BTreeMap<Pair, BTreeSet<usize>>,
}

/// A group, there or planned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Existing(RealmRef, GroupId),
    Planned(GroupKey),
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
    /// Which groups are bound to each of our projects.
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
                let Subject::Group(principal) = &binding.subject else { continue };
                let project = projects.get(&binding.project).filter(|project| !project.removing);
                let mark = project.and_then(|project| marks::mark(&project.annotations));
                if let (Some(mark), false) = (mark, binding.removing) {
                    bound.entry(mark).or_default().extend(groups.called(place, principal).cloned());
                }
            }
        }
        Self { world, policy, bound, groups }
    }

    fn members(&self, node: &Node) -> BTreeSet<&'w KeycloakUserId> {
        match node {
            Node::Existing(realm, id) => {
                let realm = self.world.realms.get(realm);
                let reading =
                    realm.and_then(|realm| realm.members.get(id)).and_then(|reading| reading.known());
                reading.into_iter().flat_map(BTreeMap::keys).collect()
            }
            Node::Planned(_) => BTreeSet::new(),
        }
    }

    fn people(&self, mark: Mark) -> BTreeSet<&'w KeycloakUserId> {
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
            let mut after: BTreeSet<&KeycloakUserId> = BTreeSet::new();
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
            change.gained.extend(after.difference(&before).map(|person| pair(*mark, person)));
            for person in before.difference(&after) {
                let steps = bound
                    .iter()
                    .flat_map(|node| {
                        let left = touch.left.get(node).and_then(|left| left.get(*person));
                        left.into_iter()
                            .chain(unbound(node).into_iter().flatten())
                            .copied()
                            .collect::<Vec<_>>()
                    })
                    .collect();
                change.lost.insert(pair(*mark, person), steps);
            }
        }
        change
    }
}

fn pair(mark: Mark, person: &KeycloakUserId) -> Pair {
    Pair { offering: mark.offering, resource: mark.resource, person: person.clone() }
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
                let Some(GroupPurpose::Team { offering, .. }) = marks::purpose(&group.attributes) else {
                    continue;
                };
                let keycloak =
                    policy.offerings.get(&offering).and_then(|offering| offering.keycloak.as_ref());
                if let Some(principal) =
                    keycloak.and_then(|keycloak| desired::principal(keycloak, &group.name))
                {
                    groups.nodes.insert((place, principal), Node::Existing(place.clone(), id.clone()));
                }
            }
        }
        groups
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
