//! What the properties compare with, worked out from the world alone, by other means than the plan's.

use std::collections::{BTreeMap, BTreeSet};

use agent::model::marks;
use agent::model::policy::Policy;
use agent::model::quota::Limits;
use agent::model::world::{Annotations, Binding, Group, OrderKind, Project, ResourceState, Subject, World};
use agent::model::{BindingId, ClusterRef, GroupId, OfferingUuid, RancherProjectId, RealmRef, ResourceUuid};

/// One person who can reach what serves one resource: (offering, resource, person).
pub(crate) type Reach = (String, String, String);

/// Returns the realms from which a cluster's people come.
pub(crate) fn realms_of<'p>(policy: &'p Policy, cluster: &ClusterRef) -> BTreeSet<&'p RealmRef> {
    let offerings = policy.offerings.values().filter(|offering| offering.cluster == *cluster);
    offerings.filter_map(|offering| offering.keycloak.as_ref()).map(|keycloak| &keycloak.realm).collect()
}

/// Returns the groups that a cluster takes for the subject of a binding.
pub(crate) fn named_by(
    world: &World,
    policy: &Policy,
    cluster: &ClusterRef,
    binding: &Binding,
) -> Vec<(RealmRef, GroupId)> {
    let Subject::Group(principal) = &binding.subject else { return Vec::new() };
    let Some(name) = principal.as_str().strip_prefix("keycloakoidc_group://") else { return Vec::new() };
    let mut found = Vec::new();
    for place in realms_of(policy, cluster) {
        let groups = world.realms.get(place).and_then(|realm| realm.groups.known());
        let ids = groups.into_iter().flatten().filter(|(_, group)| group.name.as_str() == name);
        found.extend(ids.map(|(id, _)| (place.clone(), id.clone())));
    }
    found
}

/// Returns whom a binding of ours lets in by themselves; where groups give access, too, as those know them.
fn bound_by_us(world: &World, policy: &Policy, cluster: &ClusterRef, binding: &Binding) -> Option<String> {
    let Subject::User(user) = &binding.subject else { return None };
    let offering = binding.annotations.get(marks::OFFERING)?.parse().ok()?;
    let users = world.clusters[cluster].users.as_ref().and_then(|users| users.known());
    let principals =
        users.and_then(|users| users.get(user.as_str())).into_iter().flat_map(|user| &user.principals);
    let mut accounts = principals.filter_map(|one| one.as_str().strip_prefix("keycloakoidc_user://"));
    let has_groups = policy.offerings.get(&offering).is_some_and(|offering| offering.keycloak.is_some());
    let account = accounts.next().filter(|_| has_groups);
    Some(account.map_or_else(|| format!("local://{user}"), str::to_owned))
}

/// Returns who can reach what through groups, or because we bound them; `counts` chooses among the bindings.
pub(crate) fn reach(
    world: &World,
    policy: &Policy,
    counts: impl Fn(&Project, &Binding) -> bool,
) -> BTreeSet<Reach> {
    let mut reach = BTreeSet::new();
    for (place, cluster) in &world.clusters {
        let Some(projects) = cluster.projects.known() else { continue };
        for binding in cluster.bindings.known().into_iter().flat_map(BTreeMap::values) {
            let Some(project) = projects.get(&binding.project) else { continue };
            let note = |key: &str| project.annotations.get(key).map(ToString::to_string);
            let (Some(offering), Some(resource)) = (note(marks::OFFERING), note(marks::RESOURCE)) else {
                continue;
            };
            if binding.removing || project.removing || !counts(project, binding) {
                continue;
            }
            let person = bound_by_us(world, policy, place, binding);
            reach.extend(person.map(|person| (offering.clone(), resource.clone(), person)));
            for (realm, group) in named_by(world, policy, place, binding) {
                let members = world.realms[&realm].members.get(&group).and_then(|reading| reading.known());
                for person in members.into_iter().flat_map(BTreeMap::keys) {
                    reach.insert((offering.clone(), resource.clone(), person.to_string()));
                }
            }
        }
    }
    reach
}

/// Everything that is not ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    projects: BTreeMap<(ClusterRef, RancherProjectId), Project>,
    annotations: BTreeMap<(ClusterRef, RancherProjectId), Annotations>,
    quotas: BTreeMap<(ClusterRef, RancherProjectId), Limits>,
    bindings: BTreeMap<(ClusterRef, BindingId), Binding>,
    attributes: BTreeMap<(RealmRef, GroupId), BTreeMap<String, BTreeSet<String>>>,
    groups: BTreeMap<(RealmRef, GroupId), Group>,
}

fn is_foreign(annotations: &Annotations) -> bool {
    !annotations.contains_key(marks::OFFERING)
}

/// Returns the projects that nobody has marked and that one resource names in its `backend_id`: they may become ours,
/// and with them the bindings on them that give what ours would.
pub(crate) fn adoptable(world: &World) -> BTreeSet<RancherProjectId> {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    let resources = world.offerings.values().filter_map(|offering| offering.resources.known()).flatten();
    for id in resources.filter_map(|(_, resource)| resource.backend_id.as_deref()) {
        *named.entry(id).or_default() += 1;
    }
    let projects = world.clusters.values().filter_map(|cluster| cluster.projects.known()).flatten();
    projects
        .filter(|(id, project)| {
            is_foreign(&project.annotations)
                && project.kind.is_ordinary()
                && !project.removing
                && named.get(id.as_str()) == Some(&1)
        })
        .map(|(id, _)| id.clone())
        .collect()
}

/// A binding that gives a group of ours a role, whoever made it: it becomes ours if that is what ours would give.
fn gives_our_group(world: &World, binding: &Binding) -> bool {
    let Subject::Group(principal) = &binding.subject else { return false };
    let groups = world.realms.values().filter_map(|realm| realm.groups.known()).flatten();
    groups.filter(|(_, group)| is_ours(group)).any(|(_, group)| {
        principal.as_str().strip_prefix("keycloakoidc_group://") == Some(group.name.as_str())
    })
}

fn is_ours(group: &Group) -> bool {
    group.attributes.get("managed_by") == Some(&BTreeSet::from(["waldur-rancher-agent".to_owned()]))
}

/// Returns whether a project is ours and Waldur says that its resource is over: it goes with all that is in it.
pub(crate) fn has_ended(world: &World, project: &Project) -> bool {
    let Some(mark) = marks::mark(&project.annotations) else { return false };
    let resources = world.offerings.get(&mark.offering).and_then(|offering| offering.resources.known());
    let resource = resources.and_then(|resources| resources.get(&mark.resource));
    let is_over = resource.is_some_and(|resource| resource.state == ResourceState::Terminated);
    !project.removing && (is_over || is_to_end(world, mark.offering, mark.resource))
}

/// Returns whether the end of a resource was ordered.
pub(crate) fn is_to_end(world: &World, offering: OfferingUuid, resource: ResourceUuid) -> bool {
    let orders = world.offerings.get(&offering).and_then(|offering| offering.orders.known());
    let mut orders = orders.into_iter().flat_map(BTreeMap::values);
    orders.any(|order| order.resource == resource && order.kind == OrderKind::Terminate)
}

impl Foreign {
    pub(crate) fn of(world: &World, later: &World, adopted: &BTreeSet<RancherProjectId>) -> Self {
        let mut foreign = Self {
            projects: BTreeMap::new(),
            annotations: BTreeMap::new(),
            quotas: BTreeMap::new(),
            bindings: BTreeMap::new(),
            attributes: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        for (place, cluster) in &world.clusters {
            for (id, project) in cluster.projects.known().into_iter().flatten() {
                let key = (place.clone(), id.clone());
                if adopted.contains(id) || has_ended(world, project) {
                    continue;
                }
                if is_foreign(&project.annotations) || project.removing {
                    foreign.projects.insert(key, project.clone());
                    continue;
                }
                let others = project.annotations.iter().filter(|(name, _)| !name.starts_with("waldur/"));
                let others: BTreeMap<_, _> =
                    others.map(|(name, text)| (name.clone(), text.clone())).collect();
                let limits = project.quota.iter().flat_map(|quota| &quota.limit);
                let limits = limits.filter(|(name, _)| !name.starts_with("limits"));
                let limits: BTreeMap<_, _> = limits.map(|(name, amount)| (name.clone(), *amount)).collect();
                if !others.is_empty() {
                    foreign.annotations.insert(key.clone(), others);
                }
                if !limits.is_empty() {
                    foreign.quotas.insert(key, limits);
                }
            }
            for (id, binding) in cluster.bindings.known().into_iter().flatten() {
                let project = cluster.projects.known().and_then(|projects| projects.get(&binding.project));
                let goes = project.is_some_and(|project| has_ended(world, project));
                if is_foreign(&binding.annotations) && !gives_our_group(later, binding) && !goes {
                    foreign.bindings.insert((place.clone(), id.clone()), binding.clone());
                }
            }
        }
        for (place, realm) in &world.realms {
            for (id, group) in realm.groups.known().into_iter().flatten() {
                let key = (place.clone(), id.clone());
                if !is_ours(group) {
                    foreign.groups.insert(key, group.clone());
                }
            }
        }
        foreign
    }

    /// Notes of others on groups of ours, where the group is still there.
    pub(crate) fn with_notes(mut self, world: &World, later: &World) -> Self {
        for (place, realm) in &world.realms {
            for (id, group) in realm.groups.known().into_iter().flatten() {
                let lives = later.realms[place].groups.known().is_some_and(|groups| groups.contains_key(id));
                let others = group.attributes.iter().filter(|(key, _)| key.starts_with("team.example"));
                if lives {
                    let others = others.map(|(key, values)| (key.clone(), values.clone())).collect();
                    self.attributes.insert((place.clone(), id.clone()), others);
                }
            }
        }
        self
    }
}
