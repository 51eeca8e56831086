//! What a set of steps touches: who joins and leaves which group, who is bound and unbound.

use std::collections::{BTreeMap, BTreeSet};

use super::{Access, Node};
use crate::model::desired::{self, GroupKey};
use crate::model::marks::{self, Mark};
use crate::model::world::Subject;
use crate::model::{BindingId, ClusterRef, PersonRef, Principal, RealmRef};
use crate::plan::Step;
use crate::plan::action::{Action, Grantee, GroupTarget};

/// A binding that goes, and through which step (by index).
type Going<'s> = BTreeMap<&'s BindingId, usize>;

/// What the steps touch.
#[derive(Debug, Default)]
pub(super) struct Touch<'s> {
    pub(super) marks: BTreeSet<Mark>,
    joined: BTreeMap<Node, BTreeSet<PersonRef<'s>>>,
    pub(super) left: BTreeMap<Node, BTreeMap<PersonRef<'s>, usize>>,
    pub(super) newly_bound: BTreeMap<Mark, BTreeSet<Node>>,
    /// Groups and people that lose their last binding to a project, and through which steps.
    pub(super) unbound: BTreeMap<Mark, BTreeMap<Node, BTreeSet<usize>>>,
}

impl<'s> Touch<'s> {
    pub(super) fn of(access: &'s Access<'_>, steps: &'s [Step]) -> Self {
        let mut touch = Self::default();
        let mut going: BTreeMap<&ClusterRef, Going<'_>> = BTreeMap::new();
        for (index, step) in steps.iter().enumerate() {
            match &step.action {
                Action::AddMember(add) => {
                    let node = Node::of(&add.realm, &add.group);
                    touch.joined.entry(node).or_default().insert(PersonRef::Keycloak(&add.account.id));
                }
                Action::RemoveMember(remove) => {
                    let node = Node::Existing(remove.realm.clone(), remove.group.clone());
                    touch.left.entry(node).or_default().insert(PersonRef::Keycloak(&remove.person), index);
                }
                Action::Bind(bind) => {
                    if let Some(mark) = marks::mark(&bind.annotations) {
                        let bound = touch.newly_bound.entry(mark).or_default();
                        match &bind.who {
                            Grantee::Group { group: GroupTarget::Planned(key), principal: _ } => {
                                bound.extend([Node::Planned(key.clone())]);
                            }
                            Grantee::Group { group: GroupTarget::Existing(_), principal } => {
                                bound.extend(access.groups.called(&bind.cluster, principal).cloned());
                            }
                            Grantee::Person(login) => {
                                bound.extend(access.person((&bind.cluster, mark), login.user.as_str()));
                            }
                        }
                        touch.marks.insert(mark);
                    }
                }
                Action::Unbind(unbind) => {
                    going.entry(&unbind.cluster).or_default().insert(&unbind.binding, index);
                }
                Action::DeleteProject(delete) => {
                    for id in access.bound_to(&delete.cluster, &delete.project) {
                        // Whatever unbinds it before is what takes it away.
                        going.entry(&delete.cluster).or_default().entry(id).or_insert(index);
                    }
                }
                Action::TakeOrder(_)
                | Action::CompleteOrder(_)
                | Action::FailOrder(_)
                | Action::SetMetadata(_)
                | Action::SetMembershipStatuses(_)
                | Action::SetResourceState(_)
                | Action::RefreshLastSync(_)
                | Action::CreateProject(_)
                | Action::AdoptProject(_)
                | Action::AdoptGroup(_)
                | Action::ShareGroup(_)
                | Action::AdoptBinding(_)
                | Action::UpdateProject(_)
                | Action::SetQuota(_)
                | Action::SetContainerDefaults(_)
                | Action::CreateNamespace(_)
                | Action::SetNamespaceQuota(_)
                | Action::SetResourceQuota(_)
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

    /// What is bound to a project twice (a role that changes) is gone only if all its bindings go.
    fn unbinds(&mut self, access: &Access<'_>, place: &ClusterRef, going: &Going<'_>) {
        let Some(cluster) = access.world.clusters.get(place) else { return };
        let mut last: BTreeMap<(Mark, Node), Option<BTreeSet<usize>>> = BTreeMap::new();
        for (id, binding) in cluster.bindings.known().into_iter().flatten().filter(|(_, one)| !one.removing) {
            let project = cluster.projects.known().and_then(|projects| projects.get(&binding.project));
            let mark = project.and_then(|project| marks::mark(&project.annotations));
            let Some(mark) = mark else { continue };
            for node in access.nodes_of((place, mark), binding) {
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
                self.unbound.entry(mark).or_default().insert(node, steps);
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

    pub(super) fn members_after<'a>(
        &'a self,
        access: &'a Access<'_>,
        node: &'a Node,
    ) -> BTreeSet<PersonRef<'a>> {
        let mut members = access.members(node);
        if let Some(left) = self.left.get(node) {
            members.retain(|person| !left.contains_key(person));
        }
        members.extend(self.joined.get(node).into_iter().flatten());
        members
    }
}
