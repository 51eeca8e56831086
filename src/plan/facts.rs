//! What each action requires and provides. All order, of making and of unmaking, falls out of these two functions.

use std::fmt;

use serde::Serialize;

use super::action::{Action, Grantee, GroupTarget, NamespaceTarget, ParentTarget, ProjectTarget, Turn};
use super::{Part, Step};
use crate::model::desired::{GroupKey, ParentKey};
use crate::model::world::Capability;
use crate::model::{
    BindingId, BindingName, ClusterRef, GroupId, KeycloakUserId, NamespaceName, OrderUuid, RancherProjectId,
    RealmRef, ResourceUuid,
};

/// Something that is true or not. What was read to be so is never required: an action names what exists by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// The order was taken.
    OrderTaken {
        /// Which.
        order: OrderUuid,
    },
    /// Everything in this plan that carries out the order is done.
    OrderServed {
        /// Which.
        order: OrderUuid,
    },
    /// The resource has a project that is ready to be used.
    ProjectReady {
        /// Which resource.
        resource: ResourceUuid,
    },
    /// The project's limit is what it should be.
    LimitSet {
        /// Where.
        cluster: ClusterRef,
        /// Of which.
        project: RancherProjectId,
    },
    /// The namespace is there.
    NamespaceExists {
        /// Where.
        cluster: ClusterRef,
        /// Which.
        namespace: NamespaceName,
    },
    /// The namespace has of its project's quota what it should have.
    ShareSet {
        /// Where.
        cluster: ClusterRef,
        /// Which.
        namespace: NamespaceName,
        /// After it shrank, or after it grew.
        turn: Turn,
    },
    /// The quota of its own in the namespace is what it should be.
    OwnQuotaSet {
        /// Where.
        cluster: ClusterRef,
        /// In which.
        namespace: NamespaceName,
    },
    /// The cluster has its group.
    ParentExists {
        /// Which.
        parent: ParentKey,
    },
    /// The team has its group.
    GroupExists {
        /// Which.
        group: GroupKey,
    },
    /// The binding of that name is there.
    Bound {
        /// Where.
        cluster: ClusterRef,
        /// Which.
        binding: BindingName,
    },
    /// The binding is gone.
    Unbound {
        /// Where.
        cluster: ClusterRef,
        /// Which.
        binding: BindingId,
    },
    /// The person is in the group.
    Member {
        /// Where.
        realm: RealmRef,
        /// Of what.
        group: GroupTarget,
        /// Who.
        person: KeycloakUserId,
    },
    /// The person is not in the group.
    NotMember {
        /// Where.
        realm: RealmRef,
        /// Of what.
        group: GroupId,
        /// Who.
        person: KeycloakUserId,
    },
    /// Waldur was told that of the resource, or cannot be.
    Told {
        /// Of which resource.
        resource: ResourceUuid,
        /// What.
        what: Capability,
    },
    /// The group is gone.
    GroupGone {
        /// Where.
        realm: RealmRef,
        /// Which.
        group: GroupId,
    },
}

impl fmt::Display for Fact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrderTaken { order } => write!(out, "the order {order} is taken"),
            Self::OrderServed { order } => write!(out, "what the order {order} asks for is done"),
            Self::ProjectReady { resource: _ } => out.write_str("its project is there"),
            Self::LimitSet { cluster: _, project } => write!(out, "the limit of project {project} is set"),
            Self::NamespaceExists { cluster: _, namespace } => {
                write!(out, "the namespace {namespace} is there")
            }
            Self::ShareSet { cluster: _, namespace, turn: _ } => {
                write!(out, "the namespace {namespace} has its share")
            }
            Self::OwnQuotaSet { cluster: _, namespace } => {
                write!(out, "the namespace {namespace} has its quota")
            }
            Self::ParentExists { parent } => {
                write!(out, "the group of cluster {} is there", parent.cluster.cluster)
            }
            Self::GroupExists { group: _ } => out.write_str("the group of its team is there"),
            Self::Bound { cluster: _, binding } => write!(out, "the binding {binding} is there"),
            Self::Unbound { cluster: _, binding } => write!(out, "the binding {binding} is gone"),
            Self::Member { realm: _, group: _, person } => write!(out, "{person} is in the other group"),
            Self::NotMember { realm: _, group: _, person } => write!(out, "{person} has left the group"),
            Self::Told { resource: _, what } => write!(out, "Waldur was told ({})", what.as_str()),
            Self::GroupGone { realm: _, group } => write!(out, "the group {group} is gone"),
        }
    }
}

/// Returns what must be so before the step may be done.
pub fn required(step: &Step) -> Vec<Fact> {
    let mut facts = requires(&step.action);
    if let Some(Part { order, is_to_be_taken: true }) = step.order {
        facts.push(Fact::OrderTaken { order });
    }
    facts
}

/// Returns what is so once the step is done; a part of an order only together with all its other parts.
pub fn provided(step: &Step) -> impl Iterator<Item = Fact> {
    let part = step.order.map(|part| Fact::OrderServed { order: part.order });
    provides(&step.action).into_iter().chain(part)
}

/// Returns what must be so before the action may run.
fn requires(action: &Action) -> Vec<Fact> {
    match action {
        Action::Bind(bind) => {
            let group = match &bind.who {
                Grantee::Group { group, principal: _ } => needs_group(group),
                Grantee::Person(_) => None,
            };
            [needs_project(&bind.project), group].into_iter().flatten().collect()
        }
        Action::SetQuota(set) => set.after.iter().cloned().collect(),
        Action::CreateNamespace(create) => {
            needs_project(&create.project).into_iter().chain(create.after.iter().cloned()).collect()
        }
        Action::SetNamespaceQuota(set) => set
            .after_project
            .then(|| Fact::LimitSet { cluster: set.cluster.clone(), project: set.project.clone() })
            .into_iter()
            .collect(),
        Action::SetResourceQuota(set) => match &set.namespace {
            NamespaceTarget::Existing(_) => Vec::new(),
            NamespaceTarget::Planned(namespace) => {
                vec![Fact::NamespaceExists { cluster: set.cluster.clone(), namespace: namespace.clone() }]
            }
        },
        Action::RecordBackendId(record) => needs_project(&record.project).into_iter().collect(),
        Action::CreateGroup(create) => match &create.parent {
            ParentTarget::Existing(_) => Vec::new(),
            ParentTarget::Planned(parent) => vec![Fact::ParentExists { parent: parent.clone() }],
        },
        Action::AddMember(add) => {
            needs_group(&add.group).into_iter().chain(add.after.iter().cloned()).collect()
        }
        Action::Unbind(unbind) => unbind
            .replaced_by
            .iter()
            .map(|binding| Fact::Bound { cluster: unbind.cluster.clone(), binding: binding.clone() })
            .chain(unbind.after.iter().cloned())
            .collect(),
        Action::RemoveMember(remove) => remove.after.iter().cloned().collect(),
        Action::DeleteGroup(delete) => delete
            .members
            .iter()
            .map(|person| Fact::NotMember {
                realm: delete.realm.clone(),
                group: delete.group.clone(),
                person: person.clone(),
            })
            .chain(delete.bindings.iter().map(|(cluster, binding)| Fact::Unbound {
                cluster: cluster.clone(),
                binding: binding.clone(),
            }))
            .collect(),
        Action::DeleteProject(delete) => delete.after.iter().cloned().collect(),
        Action::CompleteOrder(complete) => complete.after.iter().cloned().collect(),
        Action::FailOrder(fail) => fail.after.iter().cloned().collect(),
        Action::SetMetadata(set) => {
            needs_project(&set.project).into_iter().chain(set.after.iter().cloned()).collect()
        }
        Action::SetMembershipStatuses(set) => set.after.iter().cloned().collect(),
        Action::SetResourceState(set) => set.after.iter().cloned().collect(),
        Action::RefreshLastSync(refresh) => refresh.after.iter().cloned().collect(),
        Action::DeleteParent(delete) => delete
            .children
            .iter()
            .map(|group| Fact::GroupGone { realm: delete.realm.clone(), group: group.clone() })
            .collect(),
        Action::TakeOrder(_)
        | Action::CreateProject(_)
        | Action::AdoptProject(_)
        | Action::AdoptGroup(_)
        | Action::ShareGroup(_)
        | Action::AdoptBinding(_)
        | Action::UpdateProject(_)
        | Action::SetContainerDefaults(_)
        | Action::CreateParent(_)
        | Action::ClearEmpty(_)
        | Action::MarkEmpty(_) => Vec::new(),
    }
}

/// Returns what is so once the action has run.
pub(super) fn provides(action: &Action) -> Option<Fact> {
    Some(match action {
        Action::TakeOrder(take) => Fact::OrderTaken { order: take.order },
        Action::CreateProject(create) => Fact::ProjectReady { resource: create.resource },
        Action::SetQuota(set) if set.turn == Turn::First => {
            Fact::LimitSet { cluster: set.cluster.clone(), project: set.project.clone() }
        }
        Action::CreateNamespace(create) => {
            Fact::NamespaceExists { cluster: create.cluster.clone(), namespace: create.name.clone() }
        }
        Action::SetNamespaceQuota(set) => {
            Fact::ShareSet { cluster: set.cluster.clone(), namespace: set.namespace.clone(), turn: set.turn }
        }
        Action::SetResourceQuota(set) => {
            Fact::OwnQuotaSet { cluster: set.cluster.clone(), namespace: set.namespace.name().clone() }
        }
        Action::CreateParent(create) => Fact::ParentExists { parent: create.key.clone() },
        Action::CreateGroup(create) => Fact::GroupExists { group: create.key.clone() },
        Action::Bind(bind) => Fact::Bound { cluster: bind.cluster.clone(), binding: bind.name.clone() },
        Action::Unbind(unbind) => {
            Fact::Unbound { cluster: unbind.cluster.clone(), binding: unbind.binding.clone() }
        }
        Action::AddMember(add) => Fact::Member {
            realm: add.realm.clone(),
            group: add.group.clone(),
            person: add.account.id.clone(),
        },
        Action::RemoveMember(remove) => Fact::NotMember {
            realm: remove.realm.clone(),
            group: remove.group.clone(),
            person: remove.person.clone(),
        },
        Action::DeleteGroup(delete) => {
            Fact::GroupGone { realm: delete.realm.clone(), group: delete.group.clone() }
        }
        Action::SetMetadata(set) => told(set.resource, Capability::SetBackendMetadata),
        Action::SetMembershipStatuses(set) => told(set.resource, Capability::SetMembershipSyncStatuses),
        Action::SetResourceState(set) => told(set.resource, Capability::SetAsErred),
        Action::AdoptProject(_)
        | Action::AdoptGroup(_)
        | Action::ShareGroup(_)
        | Action::AdoptBinding(_)
        | Action::UpdateProject(_)
        | Action::SetQuota(_)
        | Action::SetContainerDefaults(_)
        | Action::RecordBackendId(_)
        | Action::ClearEmpty(_)
        | Action::MarkEmpty(_)
        | Action::DeleteProject(_)
        | Action::CompleteOrder(_)
        | Action::FailOrder(_)
        | Action::RefreshLastSync(_)
        | Action::DeleteParent(_) => return None,
    })
}

const fn told(resource: ResourceUuid, what: Capability) -> Fact {
    Fact::Told { resource, what }
}

fn needs_project(project: &ProjectTarget) -> Option<Fact> {
    match project {
        ProjectTarget::Existing(_) => None,
        ProjectTarget::Planned(resource) => Some(Fact::ProjectReady { resource: *resource }),
    }
}

fn needs_group(group: &GroupTarget) -> Option<Fact> {
    match group {
        GroupTarget::Existing(_) => None,
        GroupTarget::Planned(group) => Some(Fact::GroupExists { group: group.clone() }),
    }
}
