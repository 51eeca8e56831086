//! Who can reach what through what is ours: the oracle that the guard and the summary use.
//!
//! A person reaches a resource's project if they are in a group that is bound to it. Only what the steps touch is
//! looked at, so that a plan with nothing to take away costs nothing here.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Step;
use super::action::{Action, GroupTarget};
use crate::model::desired::{self, GroupKey};
use crate::model::marks::{self, GroupPurpose, Mark};
use crate::model::policy::Policy;
use crate::model::world::{Subject, World};
use crate::model::{
    BindingId, ClusterRef, GroupId, KeycloakUserId, OfferingUuid, Principal, RealmRef, ResourceUuid,
};

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

/// A binding that goes, and through which step (by index).
type Going<'s> = BTreeMap<&'s BindingId, usize>;

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

/// What the steps touch.
#[derive(Debug, Default)]
struct Touch<'s> {
    marks: BTreeSet<Mark>,
    joined: BTreeMap<Node, BTreeSet<&'s KeycloakUserId>>,
    left: BTreeMap<Node, BTreeMap<&'s KeycloakUserId, usize>>,
    newly_bound: BTreeMap<Mark, BTreeSet<Node>>,
    /// Groups that lose their last binding to a project, and through which steps.
    unbound: BTreeMap<Mark, BTreeMap<Node, BTreeSet<usize>>>,
}

impl<'s> Touch<'s> {
    fn of(access: &Access<'_>, steps: &'s [Step]) -> Self {
        let mut touch = Self::default();
        let mut going: BTreeMap<&ClusterRef, Going<'_>> = BTreeMap::new();
        for (index, step) in steps.iter().enumerate() {
            match &step.action {
                Action::AddMember(add) => {
                    let node = Node::of(&add.realm, &add.group);
                    touch.joined.entry(node).or_default().insert(&add.account.id);
                }
                Action::RemoveMember(remove) => {
                    let node = Node::Existing(remove.realm.clone(), remove.group.clone());
                    touch.left.entry(node).or_default().insert(&remove.person, index);
                }
                Action::Bind(bind) => {
                    if let Some(mark) = marks::mark(&bind.annotations) {
                        let bound = touch.newly_bound.entry(mark).or_default();
                        match &bind.group {
                            GroupTarget::Planned(key) => bound.extend([Node::Planned(key.clone())]),
                            GroupTarget::Existing(_) => {
                                bound.extend(access.groups.called(&bind.cluster, &bind.principal).cloned());
                            }
                        }
                        touch.marks.insert(mark);
                    }
                }
                Action::Unbind(unbind) => {
                    going.entry(&unbind.cluster).or_default().insert(&unbind.binding, index);
                }
                Action::CreateProject(_)
                | Action::UpdateProject(_)
                | Action::SetQuota(_)
                | Action::RecordBackendId(_)
                | Action::CreateParent(_)
                | Action::CreateGroup(_)
                | Action::ClearEmpty(_)
                | Action::MarkEmpty(_)
                | Action::DeleteGroup(_)
                | Action::DeleteParent(_) => {}
            }
        }
        for (cluster, going) in &going {
            touch.unbinds(access, cluster, going);
        }
        touch.creations(access, steps, &going);
        let moved: BTreeSet<&Node> = touch.joined.keys().chain(touch.left.keys()).collect();
        let touched = access.bound.iter().filter(|(_, nodes)| nodes.iter().any(|node| moved.contains(node)));
        touch.marks.extend(touched.map(|(mark, _)| *mark));
        touch
    }

    /// A group that is bound to a project twice (a role that changes) is gone only if all its bindings go.
    fn unbinds(&mut self, access: &Access<'_>, place: &ClusterRef, going: &Going<'_>) {
        let Some(cluster) = access.world.clusters.get(place) else { return };
        let mut last: BTreeMap<(Mark, &Node), Option<BTreeSet<usize>>> = BTreeMap::new();
        for (id, binding) in cluster.bindings.known().into_iter().flatten().filter(|(_, one)| !one.removing) {
            let Subject::Group(principal) = &binding.subject else { continue };
            let project = cluster.projects.known().and_then(|projects| projects.get(&binding.project));
            let mark = project.and_then(|project| marks::mark(&project.annotations));
            let Some(mark) = mark else { continue };
            for node in access.groups.called(place, principal) {
                let steps = last.entry((mark, node)).or_insert_with(|| Some(BTreeSet::new()));
                match (going.get(id), steps.as_mut()) {
                    (Some(index), Some(steps)) => {
                        steps.insert(*index);
                    }
                    (Some(_), None) => {}
                    (None, _) => *steps = None,
                }
            }
        }
        for ((mark, node), steps) in last {
            if let Some(steps) = steps {
                self.unbound.entry(mark).or_default().insert(node.clone(), steps);
                self.marks.insert(mark);
            }
        }
    }

    /// A group that is made under a name that is bound already has access from the start.
    fn creations(&mut self, access: &Access<'_>, steps: &[Step], going: &BTreeMap<&ClusterRef, Going<'_>>) {
        let mut made: BTreeMap<(&RealmRef, Principal), &GroupKey> = BTreeMap::new();
        for step in steps {
            let Action::CreateGroup(create) = &step.action else { continue };
            let offering = access.policy.offerings.get(&create.key.offering);
            let keycloak = offering.and_then(|offering| offering.keycloak.as_ref());
            if let Some(principal) = keycloak.and_then(|keycloak| desired::principal(keycloak, &create.name))
            {
                made.insert((&create.key.realm, principal), &create.key);
            }
        }
        if made.is_empty() {
            return;
        }
        for (place, cluster) in &access.world.clusters {
            let Some(projects) = cluster.projects.known() else { continue };
            let realms = access.groups.realms.get(place);
            let goes = |id: &BindingId| going.get(place).is_some_and(|going| going.contains_key(id));
            let bindings = cluster.bindings.known().into_iter().flatten();
            for (_, binding) in bindings.filter(|(id, _)| !goes(id)) {
                let Subject::Group(principal) = &binding.subject else { continue };
                let project = projects.get(&binding.project).filter(|project| !project.removing);
                let mark = project.and_then(|project| marks::mark(&project.annotations));
                let (Some(mark), false) = (mark, binding.removing) else { continue };
                let keys =
                    realms.into_iter().flatten().filter_map(|realm| made.get(&(*realm, principal.clone())));
                for key in keys {
                    self.newly_bound.entry(mark).or_default().insert(Node::Planned((*key).clone()));
                    self.marks.insert(mark);
                }
            }
        }
    }

    fn members_after<'a>(&'a self, access: &'a Access<'_>, node: &Node) -> BTreeSet<&'a KeycloakUserId> {
        let mut members: BTreeSet<&KeycloakUserId> = access.members(node);
        if let Some(left) = self.left.get(node) {
            members.retain(|person| !left.contains_key(*person));
        }
        members.extend(self.joined.get(node).into_iter().flatten());
        members
    }
}
