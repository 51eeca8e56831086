//! What would happen: admitted steps carried out on a World, as strictly as the servers would, or more so.

use std::collections::{BTreeMap, BTreeSet};

use agent::model::desired::{self, GroupKey, ParentKey};
use agent::model::marks;
use agent::model::policy::Policy;
use agent::model::world::{Binding, Cluster, Deletion, Group, Loss, Member, Project, Realm, Subject, World};
use agent::model::{ClusterRef, GroupId, GroupName, RancherProjectId, Reading, RealmRef, ResourceUuid};
use agent::plan::Action;
use agent::plan::action::{
    self, Bind, CreateProject, DeleteGroup, Grantee, GroupTarget, ParentTarget, ProjectTarget, UpdateProject,
};
use agent::plan::guard::Admitted;

mod orders;
mod quotas;
mod told;

use quotas::quota;

/// A step that could not be done at its time.
pub(crate) type Impossible = String;

/// A world in which steps are carried out.
pub(crate) struct Scene<'p> {
    pub(crate) world: World,
    policy: &'p Policy,
    projects: BTreeMap<ResourceUuid, RancherProjectId>,
    groups: BTreeMap<GroupKey, GroupId>,
    parents: BTreeMap<ParentKey, GroupId>,
}

/// Carries out everything, in the graph's own order, and remembers who lost access.
pub(crate) fn apply(world: &World, policy: &Policy, admitted: &Admitted) -> Result<World, Impossible> {
    apply_in(world, policy, admitted, &admitted.graph().order(), |_| Ok(()))
}

/// Carries out everything in a given order; `watch` sees the world after each step.
pub(crate) fn apply_in(
    world: &World,
    policy: &Policy,
    admitted: &Admitted,
    order: &[usize],
    mut watch: impl FnMut(&World) -> Result<(), Impossible>,
) -> Result<World, Impossible> {
    let mut scene = Scene::new(world.clone(), policy);
    for index in order {
        let step = admitted.steps().get(*index).ok_or("no such step")?;
        scene.act(&step.action).map_err(|why| format!("{why}: {:?}", step.action))?;
        watch(&scene.world)?;
    }
    let losses = admitted.losses().keys().map(|pair| Loss {
        at: world.taken_at,
        offering: pair.offering,
        resource: pair.resource,
        person: pair.person.clone(),
    });
    scene.world.memory.losses.extend(losses);
    let deletions = admitted
        .steps()
        .iter()
        .filter_map(|step| step.action.deletion())
        .map(|delete| Deletion { at: world.taken_at, offering: delete.offering, resource: delete.resource });
    scene.world.memory.deletions.extend(deletions);
    Ok(scene.world)
}

fn there<T>(reading: &mut Reading<T>) -> Result<&mut T, Impossible> {
    reading.known_mut().ok_or_else(|| "nothing was read there".to_owned())
}

fn ensure(holds: bool, why: &str) -> Result<(), Impossible> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, Impossible> {
    text.parse().map_err(|_| format!("no id: {text}"))
}

impl<'p> Scene<'p> {
    pub(crate) fn new(world: World, policy: &'p Policy) -> Self {
        Self { world, policy, projects: BTreeMap::new(), groups: BTreeMap::new(), parents: BTreeMap::new() }
    }

    pub(crate) fn act(&mut self, action: &Action) -> Result<(), Impossible> {
        match action {
            Action::TakeOrder(take) => self.take_order(take),
            Action::CompleteOrder(complete) => self.complete_order(complete),
            Action::FailOrder(fail) => self.fail_order(fail),
            Action::DeleteProject(delete) => self.delete_project(delete),
            Action::SetMetadata(set) => self.set_metadata(set),
            Action::SetMembershipStatuses(set) => self.set_statuses(set),
            Action::SetResourceState(set) => self.set_state(set),
            Action::RefreshLastSync(refresh) => self.refresh(refresh),
            Action::CreateProject(create) => self.create_project(create),
            Action::AdoptProject(adopt) => {
                let project = self.project(&adopt.cluster, &adopt.project)?;
                ensure(!marks::is_signed_by_anyone(&project.annotations), "it is somebody's")?;
                for (key, (from, to)) in &adopt.annotations {
                    let before = project.annotations.insert(key.clone(), to.clone());
                    ensure(before == *from, "it was annotated otherwise")?;
                }
                Ok(())
            }
            Action::AdoptGroup(adopt) => {
                let group = self.existing_group(&adopt.realm, &adopt.group)?;
                ensure(marks::is_predecessors_group(&group.attributes), "it is not the Python agent's")?;
                group.attributes.extend(adopt.attributes.clone());
                Ok(())
            }
            Action::ShareGroup(share) => {
                let group = self.existing_group(&share.realm, &share.group)?;
                let offerings = group.attributes.get_mut(marks::GROUP_OFFERING).ok_or("it is nobody's")?;
                ensure(offerings.insert(share.offering.hex()), "it is shared already")
            }
            Action::AdoptBinding(adopt) => {
                let bindings = there(&mut self.cluster(&adopt.cluster)?.bindings)?;
                let binding = bindings.get_mut(&adopt.binding).ok_or("there is no such binding")?;
                ensure(!marks::is_signed_by_anyone(&binding.annotations), "it is somebody's")?;
                binding.annotations.extend(adopt.annotations.clone());
                Ok(())
            }
            Action::UpdateProject(update) => self.update_project(update),
            Action::SetQuota(set) => self.set_quota(set),
            Action::SetContainerDefaults(set) => {
                let project = self.project(&set.cluster, &set.project)?;
                ensure(project.container_defaults == set.from, "the defaults changed meanwhile")?;
                project.container_defaults.clone_from(&set.to);
                Ok(())
            }
            Action::CreateNamespace(create) => self.create_namespace(create),
            Action::SetNamespaceQuota(set) => self.set_namespace_quota(set),
            Action::SetResourceQuota(set) => self.set_resource_quota(set),
            Action::RecordBackendId(record) => self.record(record),
            Action::CreateParent(create) => {
                let id = self.create_group(&create.key.realm, &create.name, None, &create.attributes)?;
                self.parents.insert(create.key.clone(), id);
                Ok(())
            }
            Action::CreateGroup(create) => {
                let parent = match &create.parent {
                    ParentTarget::Existing(id) => id.clone(),
                    ParentTarget::Planned(key) => {
                        self.parents.get(key).ok_or("its parent is missing")?.clone()
                    }
                };
                let realm = &create.key.realm;
                let id = self.create_group(realm, &create.name, Some(parent), &create.attributes)?;
                self.groups.insert(create.key.clone(), id);
                Ok(())
            }
            Action::Bind(bind) => self.bind(bind),
            Action::AddMember(add) => {
                let group = self.group(&add.group)?;
                let member =
                    Member { username: add.account.username.clone(), disabled: add.account.disabled };
                there(self.members(&add.realm, &group)?)?.insert(add.account.id.clone(), member);
                Ok(())
            }
            Action::RemoveMember(remove) => {
                let members = there(self.members(&remove.realm, &remove.group)?)?;
                ensure(members.remove(&remove.person).is_some(), "they are no member")
            }
            Action::ClearEmpty(clear) => {
                let group = self.existing_group(&clear.realm, &clear.group)?;
                ensure(group.attributes.remove(marks::GROUP_EMPTY_SINCE).is_some(), "there is no such note")
            }
            Action::MarkEmpty(mark) => {
                let group = self.existing_group(&mark.realm, &mark.group)?;
                let since = BTreeSet::from([mark.since.to_string()]);
                let before = group.attributes.insert(marks::GROUP_EMPTY_SINCE.to_owned(), since);
                ensure(before.is_none(), "it was noted before")
            }
            Action::Unbind(unbind) => {
                let cluster = self.cluster(&unbind.cluster)?;
                let gone = there(&mut cluster.bindings)?.remove(&unbind.binding);
                ensure(gone.is_some_and(|binding| !binding.removing), "there is no such binding")
            }
            Action::DeleteGroup(delete) => self.delete_group(delete),
            Action::DeleteParent(delete) => self.end_group(&delete.realm, &delete.group),
        }
    }

    fn cluster(&mut self, place: &ClusterRef) -> Result<&mut Cluster, Impossible> {
        self.world.clusters.get_mut(place).ok_or_else(|| format!("no cluster {place}"))
    }

    fn realm(&mut self, place: &RealmRef) -> Result<&mut Realm, Impossible> {
        self.world.realms.get_mut(place).ok_or_else(|| format!("no realm {place}"))
    }

    fn project(&mut self, place: &ClusterRef, id: &RancherProjectId) -> Result<&mut Project, Impossible> {
        let project = there(&mut self.cluster(place)?.projects)?.get_mut(id);
        project
            .filter(|project| !project.removing && project.kind.is_ordinary())
            .ok_or_else(|| "no such project".to_owned())
    }

    fn project_id(&self, target: &ProjectTarget) -> Result<RancherProjectId, Impossible> {
        match target {
            ProjectTarget::Existing(id) => Ok(id.clone()),
            ProjectTarget::Planned(resource) => {
                self.projects.get(resource).cloned().ok_or_else(|| "the project is not there yet".to_owned())
            }
        }
    }

    fn group(&self, target: &GroupTarget) -> Result<GroupId, Impossible> {
        match target {
            GroupTarget::Existing(id) => Ok(id.clone()),
            GroupTarget::Planned(key) => {
                self.groups.get(key).cloned().ok_or_else(|| "the group is not there yet".to_owned())
            }
        }
    }

    fn existing_group(&mut self, realm: &RealmRef, id: &GroupId) -> Result<&mut Group, Impossible> {
        there(&mut self.realm(realm)?.groups)?.get_mut(id).ok_or_else(|| "no such group".to_owned())
    }

    fn members(
        &mut self,
        realm: &RealmRef,
        group: &GroupId,
    ) -> Result<&mut Reading<BTreeMap<agent::model::KeycloakUserId, Member>>, Impossible> {
        self.existing_group(realm, group)?;
        self.realm(realm)?.members.get_mut(group).ok_or_else(|| "no such group".to_owned())
    }

    fn create_project(&mut self, create: &CreateProject) -> Result<(), Impossible> {
        let made = self.world.taken_at;
        let projects = there(&mut self.cluster(&create.cluster)?.projects)?;
        let mark = marks::mark(&create.annotations).ok_or("it carries no mark")?;
        let twin = |one: &Project| !one.removing && marks::mark(&one.annotations) == Some(mark);
        ensure(!projects.values().any(twin), "a project with its mark is there already")?;
        let new: RancherProjectId = id(&format!("{}:p-{}", create.cluster.cluster, create.resource))?;
        let project = Project {
            name: create.name.clone(),
            description: create.description.clone(),
            annotations: create.annotations.clone(),
            quota: create.quota.as_ref().map(|spec| quota(spec, BTreeMap::new())).transpose()?,
            container_defaults: create.container_defaults.clone(),
            created: made,
            kind: agent::model::world::ProjectKind::Ordinary,
            removing: false,
            trouble: None,
        };
        projects.insert(new.clone(), project);
        self.projects.insert(create.resource, new);
        Ok(())
    }

    fn update_project(&mut self, update: &UpdateProject) -> Result<(), Impossible> {
        let project = self.project(&update.cluster, &update.project)?;
        if let Some((from, to)) = &update.description {
            ensure(project.description == *from, "the description changed meanwhile")?;
            project.description.clone_from(to);
        }
        for (key, (from, to)) in &update.annotations {
            let before = project.annotations.insert(key.clone(), to.clone());
            ensure(before == *from, "an annotation changed meanwhile")?;
        }
        Ok(())
    }

    fn record(&mut self, record: &action::RecordBackendId) -> Result<(), Impossible> {
        let project = self.project_id(&record.project)?;
        let offering = self.world.offerings.get_mut(&record.offering).ok_or("no such offering")?;
        let resource = there(&mut offering.resources)?.get_mut(&record.resource).ok_or("no such resource")?;
        ensure(resource.backend_id == record.from, "the backend_id changed meanwhile")?;
        resource.backend_id = Some(project.to_string());
        Ok(())
    }

    fn create_group(
        &mut self,
        realm: &RealmRef,
        name: &GroupName,
        parent: Option<GroupId>,
        attributes: &agent::model::world::GroupAttributes,
    ) -> Result<GroupId, Impossible> {
        let new: GroupId = id(&format!("g-{name}"))?;
        let realm = self.realm(realm)?;
        let groups = there(&mut realm.groups)?;
        ensure(!groups.values().any(|group| group.name == *name), "a group of that name is there")?;
        if let Some(parent) = &parent {
            ensure(groups.contains_key(parent), "its parent is missing")?;
        }
        let group = Group { name: name.clone(), parent, attributes: attributes.clone() };
        groups.insert(new.clone(), group);
        realm.members.insert(new.clone(), Reading::Complete(BTreeMap::new()));
        let namesakes = realm.namesakes.entry(name.clone());
        let namesakes = there(namesakes.or_insert(Reading::Complete(BTreeSet::new())))?;
        ensure(namesakes.is_empty(), "a group of that name is there")?;
        namesakes.insert(new.clone());
        Ok(new)
    }

    fn bind(&mut self, bind: &Bind) -> Result<(), Impossible> {
        let project = self.project_id(&bind.project)?;
        self.project(&bind.cluster, &project)?;
        match &bind.who {
            Grantee::Group { group, principal } => {
                let group = self.group(group)?;
                let named = self.principals_of(&group);
                ensure(named.contains(principal), "the principal does not name the group")?;
            }
            Grantee::Person(login) => {
                let users = self.cluster(&bind.cluster)?.users.as_ref().and_then(Reading::known);
                let user = users.and_then(|users| users.get(&login.user)).ok_or("no such user")?;
                ensure(!user.own, "the agent's own user is never touched")?;
            }
        }
        let cluster = self.cluster(&bind.cluster)?;
        if let Some(roles) = cluster.roles.complete() {
            let fits =
                roles.get().get(&bind.role).is_some_and(|role| !role.locked && role.context == "project");
            ensure(fits, "the role cannot be given")?;
        }
        let namespace = project.as_str().rsplit(':').next().unwrap_or_default();
        let new = id(&format!("{namespace}:{}", bind.name))?;
        let binding = Binding {
            name: bind.name.clone(),
            project,
            role: bind.role.clone(),
            subject: bind.who.subject(),
            annotations: bind.annotations.clone(),
            removing: false,
        };
        // A second one of the same name is refused, and the first one does the same.
        let before = there(&mut cluster.bindings)?.insert(new, binding.clone());
        ensure(before.is_none_or(|before| before == binding), "another binding has that name")
    }

    fn delete_group(&mut self, delete: &DeleteGroup) -> Result<(), Impossible> {
        let members = there(self.members(&delete.realm, &delete.group)?)?;
        ensure(members.is_empty(), "somebody is in it")?;
        let principals = self.principals_of(&delete.group);
        // Another realm's people come to another Rancher; a group there may have the same name.
        let serves = |place: &ClusterRef| {
            let mut offerings = self.policy.offerings.values().filter(|offering| offering.cluster == *place);
            offerings.any(|offering| offering.keycloak.as_ref().is_some_and(|one| one.realm == delete.realm))
        };
        let clusters = self.world.clusters.iter().filter(|(place, _)| serves(place));
        let mut bindings = clusters.filter_map(|(_, cluster)| cluster.bindings.known());
        let bound = bindings.any(|bindings| {
            bindings.values().any(|binding| {
                let Subject::Group(principal) = &binding.subject else { return false };
                !binding.removing && principals.contains(principal)
            })
        });
        ensure(!bound, "it is bound")?;
        self.end_group(&delete.realm, &delete.group)
    }

    fn end_group(&mut self, realm: &RealmRef, group: &GroupId) -> Result<(), Impossible> {
        let realm = self.realm(realm)?;
        let groups = there(&mut realm.groups)?;
        ensure(!groups.values().any(|child| child.parent.as_ref() == Some(group)), "it has children")?;
        let gone = groups.remove(group).ok_or("no such group")?;
        realm.members.remove(group);
        if let Some(namesakes) = realm.namesakes.get_mut(&gone.name) {
            there(namesakes)?.remove(group);
        }
        Ok(())
    }

    /// Returns as what Rancher may know a group.
    fn principals_of(&self, group: &GroupId) -> BTreeSet<agent::model::Principal> {
        let groups = self.world.realms.values().filter_map(|realm| realm.groups.known()?.get(group));
        let keycloaks: Vec<_> =
            self.policy.offerings.values().filter_map(|one| one.keycloak.as_ref()).collect();
        groups
            .flat_map(|group| {
                keycloaks.iter().filter_map(|keycloak| desired::principal(keycloak, &group.name))
            })
            .collect()
    }
}
