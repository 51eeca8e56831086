//! The world searched for what is ours: what there is, indexed once.

use std::collections::BTreeMap;

use super::desired::{Directory, GroupKey, ParentKey};
use super::logins::Logins;
use super::marks::{self, GroupPurpose, Mark};
use super::policy::Policy;
use super::world::{Binding, Cluster, Group, Namespace, Project, Realm, Subject, World};
use super::{
    BindingId, ClusterRef, GroupId, NamespaceName, OfferingUuid, Principal, RancherProjectId, Reading,
    RealmRef,
};

/// What is ours, and what stands in our way, on one cluster.
#[derive(Debug, Default)]
pub struct ClusterIndex<'w> {
    /// Projects by the resource that they are marked for; the better candidate first (the older one).
    pub marked: BTreeMap<Mark, Vec<(&'w RancherProjectId, &'w Project)>>,
    /// All projects by their display name.
    pub named: BTreeMap<&'w str, Vec<&'w RancherProjectId>>,
    /// Bindings by project.
    pub bindings: BTreeMap<&'w RancherProjectId, Vec<(&'w BindingId, &'w Binding)>>,
    /// Bindings by the group that they give something to.
    pub bound: BTreeMap<&'w Principal, Vec<(&'w BindingId, &'w Binding)>>,
    /// Namespaces by project, as far as anybody asked for them.
    pub namespaces: BTreeMap<&'w RancherProjectId, Vec<(&'w NamespaceName, &'w Namespace)>>,
    /// Who logs in to the server; nothing if that was not read.
    pub logins: Option<Logins<'w>>,
}

impl<'w> ClusterIndex<'w> {
    /// Indexes what was read; what is being removed is not there.
    pub fn new(cluster: &'w Cluster) -> Self {
        let users = cluster.users.as_ref().and_then(Reading::known);
        let mut index = Self { logins: users.map(Logins::new), ..Self::default() };
        for (id, project) in cluster.projects.known().into_iter().flatten() {
            if project.removing {
                continue;
            }
            index.named.entry(project.name.as_str()).or_default().push(id);
            if project.kind.is_ordinary()
                && let Some(mark) = marks::mark(&project.annotations)
            {
                index.marked.entry(mark).or_default().push((id, project));
            }
        }
        for twins in index.marked.values_mut() {
            twins.sort_by_key(|(id, project)| (project.created, *id));
        }
        for (id, binding) in cluster.bindings.known().into_iter().flatten() {
            if binding.removing {
                continue;
            }
            index.bindings.entry(&binding.project).or_default().push((id, binding));
            if let Subject::Group(principal) = &binding.subject {
                index.bound.entry(principal).or_default().push((id, binding));
            }
        }
        let namespaces = cluster.inside.namespaces.as_ref().and_then(|reading| reading.known());
        for (name, namespace) in namespaces.into_iter().flatten() {
            if let Some(project) = &namespace.project {
                index.namespaces.entry(project).or_default().push((name, namespace));
            }
        }
        index
    }
}

/// What is ours in one realm.
#[derive(Debug, Default)]
pub struct RealmIndex<'w> {
    /// Groups by team; more than one is a mistake that somebody made by hand.
    pub teams: BTreeMap<GroupKey, Vec<(&'w GroupId, &'w Group)>>,
    /// Parent groups by cluster.
    pub parents: BTreeMap<String, Vec<(&'w GroupId, &'w Group)>>,
    /// Groups that the Python agent made below another and nobody has adopted.
    pub left: BTreeMap<&'w GroupId, &'w Group>,
    /// Groups that it made at the top.
    pub left_roofs: BTreeMap<&'w GroupId, &'w Group>,
    /// Children of an agent's, by their parent.
    pub children: BTreeMap<&'w GroupId, Vec<&'w GroupId>>,
}

impl<'w> RealmIndex<'w> {
    /// Indexes what was read.
    pub fn new(place: &RealmRef, realm: &'w Realm) -> Self {
        let mut index = Self::default();
        for (id, group) in realm.groups.known().into_iter().flatten() {
            if let Some(parent) = &group.parent {
                index.children.entry(parent).or_default().push(id);
            }
            match marks::purpose(&group.attributes) {
                Some(GroupPurpose::Team { offerings, project, role }) => {
                    for offering in offerings {
                        let key = GroupKey { realm: place.clone(), offering, project, role: role.clone() };
                        index.teams.entry(key).or_default().push((id, group));
                    }
                }
                Some(GroupPurpose::Parent { cluster }) => {
                    index.parents.entry(cluster).or_default().push((id, group));
                }
                None if marks::is_predecessors_group(&group.attributes) => {
                    let side = if group.parent.is_some() { &mut index.left } else { &mut index.left_roofs };
                    side.insert(id, group);
                }
                None => {}
            }
        }
        index
    }

    /// Returns the groups of a team: those of the role, or else those of another. A role in a name is chosen once, as
    /// the name is; configuring another one orphans nobody.
    pub fn of_team(&self, key: &GroupKey) -> Vec<(&'w GroupId, &'w Group)> {
        if let Some(groups) = self.teams.get(key) {
            return groups.clone();
        }
        self.all_of_team(key).flat_map(|(_, groups)| groups.iter().copied()).collect()
    }

    /// Returns all groups of a team by their keys, whatever their roles.
    pub fn all_of_team<'a>(
        &'a self,
        key: &GroupKey,
    ) -> impl Iterator<Item = (&'a GroupKey, &'a Vec<(&'w GroupId, &'w Group)>)> + use<'a, 'w> {
        let first = GroupKey { role: String::new(), ..key.clone() };
        let team = key.clone();
        let same = move |other: &GroupKey| {
            let GroupKey { realm, offering, project, role: _ } = other;
            *realm == team.realm && *offering == team.offering && *project == team.project
        };
        self.teams.range(first..).take_while(move |(other, _)| same(other))
    }

    /// Returns the roof of a cluster, if it has one.
    pub fn parent(&self, key: &ParentKey) -> Option<(&'w GroupId, &'w Group)> {
        self.parents.get(&marks::cluster_mark(&key.cluster))?.first().copied()
    }
}

/// Everything that is ours, everywhere.
#[derive(Debug, Default)]
pub struct Observed<'w> {
    /// By cluster; a cluster that was not read is missing.
    pub clusters: BTreeMap<&'w ClusterRef, ClusterIndex<'w>>,
    /// By realm; a realm that was not read is missing.
    pub realms: BTreeMap<&'w RealmRef, RealmIndex<'w>>,
    /// What each offering calls its people; an offering that was not read is missing.
    pub people: BTreeMap<OfferingUuid, Directory<'w>>,
}

impl<'w> Observed<'w> {
    /// Indexes a world.
    pub fn new(world: &'w World, policy: &Policy) -> Self {
        let read =
            policy.offerings.iter().filter_map(|(uuid, kept)| Some((uuid, kept, world.offerings.get(uuid)?)));
        Self {
            people: read.map(|(uuid, kept, offering)| (*uuid, Directory::new(kept, offering))).collect(),
            clusters: world.clusters.iter().map(|(place, c)| (place, ClusterIndex::new(c))).collect(),
            realms: world.realms.iter().map(|(place, r)| (place, RealmIndex::new(place, r))).collect(),
        }
    }
}
