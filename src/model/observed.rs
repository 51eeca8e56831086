//! The world searched for what is ours: what there is, indexed once.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::desired::{Directory, ParentKey};
use super::logins::Logins;
use super::marks::{self, GroupPurpose, Mark};
use super::policy::Policy;
use super::table::Grouped;
use super::world::{Binding, Cluster, Group, Namespace, Project, Realm, Subject, World};
use super::{
    BindingId, ClusterRef, GroupId, NamespaceName, OfferingUuid, Principal, ProjectUuid, RancherProjectId,
    Reading, RealmRef,
};

/// What is ours, and what stands in our way, on one cluster.
#[derive(Debug)]
pub struct ClusterIndex<'w> {
    cluster: &'w Cluster,
    /// Projects by the resource that they are marked for; the better candidate first (the older one).
    pub marked: Grouped<Mark, (&'w RancherProjectId, &'w Project)>,
    /// Projects that the Python agent made and nobody has adopted.
    pub left: Vec<(&'w RancherProjectId, &'w Project)>,
    /// Bindings by project.
    pub bindings: Grouped<&'w RancherProjectId, (&'w BindingId, &'w Binding)>,
    /// Namespaces by project, as far as anybody asked for them.
    pub namespaces: Grouped<&'w RancherProjectId, (&'w NamespaceName, &'w Namespace)>,
    named: OnceCell<Grouped<&'w str, &'w RancherProjectId>>,
    bound: OnceCell<Grouped<&'w Principal, (&'w BindingId, &'w Binding)>>,
    /// Who logs in to the server; nothing if that was not read.
    pub logins: Option<Logins<'w>>,
}

impl<'w> ClusterIndex<'w> {
    /// Indexes what was read; what is being removed is not there.
    pub fn new(cluster: &'w Cluster) -> Self {
        let (mut marked, mut left) = (Vec::new(), Vec::new());
        for (id, project) in projects(cluster).filter(|(_, project)| project.kind.is_ordinary()) {
            match marks::mark(&project.annotations) {
                Some(mark) => marked.push((mark, (id, project))),
                None if marks::is_predecessors(&project.annotations) => left.push((id, project)),
                None => {}
            }
        }
        marked.sort_by_key(|(mark, (id, project))| (*mark, project.created, *id));
        let namespaces = cluster.inside.namespaces.as_ref().and_then(|reading| reading.known());
        let namespaces = namespaces.into_iter().flatten();
        let users = cluster.users.as_ref().and_then(Reading::known);
        Self {
            cluster,
            marked: Grouped::new(marked),
            left,
            bindings: Grouped::new(bindings(cluster).map(|one| (&one.1.project, one))),
            namespaces: Grouped::new(namespaces.filter_map(|one| Some((one.1.project.as_ref()?, one)))),
            named: OnceCell::new(),
            bound: OnceCell::new(),
            logins: users.map(Logins::new),
        }
    }

    /// Returns all projects by their display name. Nobody asks as long as every resource has its project.
    pub fn named(&self) -> &Grouped<&'w str, &'w RancherProjectId> {
        self.named.get_or_init(|| {
            Grouped::new(projects(self.cluster).map(|(id, project)| (project.name.as_str(), id)))
        })
    }

    /// Returns the bindings by the group that they give something to. Nobody asks as long as nobody leaves a group.
    pub fn bound(&self) -> &Grouped<&'w Principal, (&'w BindingId, &'w Binding)> {
        self.bound.get_or_init(|| {
            let to_groups = bindings(self.cluster).filter_map(|one| match &one.1.subject {
                Subject::Group(principal) => Some((principal, one)),
                Subject::User(_) | Subject::Other => None,
            });
            Grouped::new(to_groups)
        })
    }
}

fn projects(cluster: &Cluster) -> impl Iterator<Item = (&RancherProjectId, &Project)> {
    cluster.projects.known().into_iter().flatten().filter(|(_, project)| !project.removing)
}

fn bindings(cluster: &Cluster) -> impl Iterator<Item = (&BindingId, &Binding)> {
    cluster.bindings.known().into_iter().flatten().filter(|(_, binding)| !binding.removing)
}

/// One group of a team. A group that several offerings share is in the list of each.
#[derive(Debug)]
pub struct TeamGroup<'w> {
    /// Whose it is.
    pub offering: OfferingUuid,
    /// Whose team it is.
    pub project: ProjectUuid,
    /// The role in its name.
    pub role: String,
    /// The group itself.
    pub group: (&'w GroupId, &'w Group),
}

/// What is ours in one realm.
#[derive(Debug, Default)]
pub struct RealmIndex<'w> {
    /// Groups by offering and Waldur project, in the order of their roles; more than one of a role is a mistake that
    /// somebody made by hand.
    pub teams: Grouped<(OfferingUuid, ProjectUuid), TeamGroup<'w>>,
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
    pub fn new(realm: &'w Realm) -> Self {
        let mut index = Self::default();
        let mut teams = Vec::new();
        for (id, group) in realm.groups.known().into_iter().flatten() {
            if let Some(parent) = &group.parent {
                index.children.entry(parent).or_default().push(id);
            }
            match marks::purpose(&group.attributes) {
                Some(GroupPurpose::Team { offerings, project, role }) => {
                    let of =
                        |offering| TeamGroup { offering, project, role: role.clone(), group: (id, group) };
                    teams.extend(offerings.into_iter().map(of));
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
        // Those of one role stay in the order of their ids.
        teams.sort_by(|one, other| one.role.cmp(&other.role));
        index.teams = Grouped::new(teams.into_iter().map(|team| ((team.offering, team.project), team)));
        index
    }

    /// Returns the groups of a team, whatever their roles.
    pub fn of_team(&self, offering: OfferingUuid, project: ProjectUuid) -> &[TeamGroup<'w>] {
        self.teams.get(&(offering, project)).unwrap_or_default()
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
    pub people: BTreeMap<OfferingUuid, Directory>,
}

impl<'w> Observed<'w> {
    /// Indexes a world.
    pub fn new(world: &'w World, policy: &Policy) -> Self {
        let read =
            policy.offerings.iter().filter_map(|(uuid, kept)| Some((uuid, kept, world.offerings.get(uuid)?)));
        Self {
            people: read.map(|(uuid, kept, offering)| (*uuid, Directory::new(kept, offering))).collect(),
            clusters: world.clusters.iter().map(|(place, c)| (place, ClusterIndex::new(c))).collect(),
            realms: world.realms.iter().map(|(place, r)| (place, RealmIndex::new(r))).collect(),
        }
    }
}
