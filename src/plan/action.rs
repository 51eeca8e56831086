//! What can be done, as data. What exists is named by the id as read; what this plan makes, by what it is for.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use smol_str::SmolStr;

use super::facts::Fact;
use crate::model::desired::{GroupKey, Limits, ParentKey};
use crate::model::world::{Annotations, Subject};
use crate::model::{
    BindingId, BindingName, ClusterRef, Evidence, GroupId, OfferingUuid, OrderUuid, Principal,
    RancherProjectId, RancherUserId, ResourceUuid, RoleTemplateId,
};

mod adoptions;
mod groups;
mod orders;
mod quotas;
mod told;

pub use adoptions::{AdoptBinding, AdoptGroup, AdoptProject, ShareGroup};
pub use groups::{
    AddMember, ClearEmpty, CreateGroup, CreateParent, DeleteGroup, DeleteParent, MarkEmpty, RemoveMember,
};
pub use orders::{CompleteOrder, Contents, DeleteProject, FailOrder, TakeOrder};
pub use quotas::{
    CreateNamespace, NamespaceTarget, QuotaSpec, SetContainerDefaults, SetNamespaceQuota, SetQuota,
    SetResourceQuota, Turn,
};
pub use told::{
    Health, MembershipState, MembershipStatus, RefreshLastSync, SetMembershipStatuses, SetMetadata,
    SetResourceState,
};

/// One thing to do. Closed: whoever matches it handles all of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Action {
    /// Takes an order that waits for the provider.
    TakeOrder(TakeOrder),
    /// Makes a Rancher project with its marks and quota.
    CreateProject(CreateProject),
    /// Makes a project of the Python agent's ours.
    AdoptProject(AdoptProject),
    /// Makes a group of the Python agent's ours.
    AdoptGroup(AdoptGroup),
    /// Makes a group of one offering of ours another's as well.
    ShareGroup(ShareGroup),
    /// Makes a binding ours that gives what ours would.
    AdoptBinding(AdoptBinding),
    /// Corrects a project's description and our annotations.
    UpdateProject(UpdateProject),
    /// Corrects a project's quota.
    SetQuota(SetQuota),
    /// Corrects what containers of a project have unless they say otherwise.
    SetContainerDefaults(SetContainerDefaults),
    /// Makes a namespace in a project.
    CreateNamespace(CreateNamespace),
    /// Corrects what a namespace has of its project's quota.
    SetNamespaceQuota(SetNamespaceQuota),
    /// Puts a quota of its own into a namespace, or corrects it.
    SetResourceQuota(SetResourceQuota),
    /// Tells Waldur which project serves a resource.
    RecordBackendId(RecordBackendId),
    /// Makes a cluster's group.
    CreateParent(CreateParent),
    /// Makes a team's group.
    CreateGroup(CreateGroup),
    /// Gives a group, or one person, a role in a project.
    Bind(Bind),
    /// Puts a person into a group.
    AddMember(AddMember),
    /// Notes that a group's team has people again.
    ClearEmpty(ClearEmpty),
    /// Takes a person out of a group.
    RemoveMember(RemoveMember),
    /// Takes a binding of ours away.
    Unbind(Unbind),
    /// Notes since when a group's team has been empty.
    MarkEmpty(MarkEmpty),
    /// Deletes a project of ours.
    DeleteProject(DeleteProject),
    /// Deletes an empty group of ours.
    DeleteGroup(DeleteGroup),
    /// Deletes a cluster's group that has no children left.
    DeleteParent(DeleteParent),
    /// Says that an order is carried out.
    CompleteOrder(CompleteOrder),
    /// Says that an order cannot be carried out.
    FailOrder(FailOrder),
    /// Corrects our notes on a resource in Waldur.
    SetMetadata(SetMetadata),
    /// Says how far everybody has access to a resource.
    SetMembershipStatuses(SetMembershipStatuses),
    /// Says whether something is wrong with a resource.
    SetResourceState(SetResourceState),
    /// Says that a resource was looked at just now.
    RefreshLastSync(RefreshLastSync),
}

impl Action {
    /// Returns the order that the action is done to.
    pub const fn order(&self) -> Option<OrderUuid> {
        if let Self::TakeOrder(TakeOrder { order, .. })
        | Self::CompleteOrder(CompleteOrder { order, .. })
        | Self::FailOrder(FailOrder { order, .. }) = self
        {
            Some(*order)
        } else {
            None
        }
    }

    /// Returns the action without what it only tells and what changes by itself.
    pub(super) fn decided(&self) -> Cow<'_, Self> {
        let Some(delete) = self.deletion() else { return Cow::Borrowed(self) };
        let contents = Contents { pods: None, ..delete.contents.clone() };
        Cow::Owned(Self::DeleteProject(DeleteProject { contents, ..delete.clone() }))
    }

    /// Returns the project that the action deletes.
    pub const fn deletion(&self) -> Option<&DeleteProject> {
        if let Self::DeleteProject(delete) = self { Some(delete) } else { None }
    }
}

/// A Rancher project, there or to be made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectTarget {
    /// There.
    Existing(RancherProjectId),
    /// Made by this plan, for a resource.
    Planned(ResourceUuid),
}

/// A team's group, there or to be made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupTarget {
    /// There.
    Existing(GroupId),
    /// Made by this plan, for a team.
    Planned(GroupKey),
}

/// A cluster's group, there or to be made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParentTarget {
    /// There.
    Existing(GroupId),
    /// Made by this plan, for a cluster.
    Planned(ParentKey),
}

/// Who gets a role by a binding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Grantee {
    /// Everybody in a team's group.
    Group {
        /// Who, as Keycloak knows it.
        group: GroupTarget,
        /// Who, as Rancher knows it.
        principal: Principal,
    },
    /// One person, without a group.
    Person(Login),
}

/// Who has a role by a binding that is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Holder {
    /// Everybody in a group.
    Group {
        /// Who, as Rancher knows it.
        principal: Principal,
    },
    /// One person, without a group.
    Person(Login),
}

/// One person as Rancher knows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Login {
    /// Their user.
    pub user: RancherUserId,
    /// What people call them.
    pub username: String,
    /// Whether they are switched off there; says nothing about who may be bound.
    #[serde(skip)]
    pub disabled: bool,
}

impl Grantee {
    /// Returns whom the binding will name.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Group { group: _, principal } => Subject::Group(principal.clone()),
            Self::Person(login) => Subject::User(login.user.to_string()),
        }
    }
}

impl Holder {
    /// Returns whom the binding names.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Group { principal } => Subject::Group(principal.clone()),
            Self::Person(login) => Subject::User(login.user.to_string()),
        }
    }
}

/// Makes a Rancher project. Rancher keeps no project unique, so this needs complete readings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CreateProject {
    /// Where.
    pub cluster: ClusterRef,
    /// For what.
    pub resource: ResourceUuid,
    /// Its display name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Our marks, sent with the creation itself.
    pub annotations: Annotations,
    /// Its quota, if it has one.
    pub quota: Option<QuotaSpec>,
    /// What its containers have unless they say otherwise.
    pub container_defaults: Limits,
    /// That nothing there serves the resource yet.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// Corrects a project's description and our annotations; everything else on it stays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UpdateProject {
    /// Where.
    pub cluster: ClusterRef,
    /// Which.
    pub project: RancherProjectId,
    /// The new description, if it differs: from, to.
    pub description: Option<(String, String)>,
    /// The annotations that differ: key to (what it says, what it should say).
    pub annotations: BTreeMap<SmolStr, (Option<SmolStr>, SmolStr)>,
}

/// Tells Waldur which project serves a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RecordBackendId {
    /// Whose offering.
    pub offering: OfferingUuid,
    /// Which resource.
    pub resource: ResourceUuid,
    /// What it says now.
    pub from: Option<String>,
    /// What it should say.
    pub project: ProjectTarget,
}

/// Gives a group, or one person, a role in a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Bind {
    /// Where.
    pub cluster: ClusterRef,
    /// For which resource.
    pub resource: ResourceUuid,
    /// To what.
    pub project: ProjectTarget,
    /// As what.
    pub role: RoleTemplateId,
    /// Who.
    #[serde(flatten)]
    pub who: Grantee,
    /// The binding's own name: the same each time, so that a second one is refused.
    pub name: BindingName,
    /// Our marks.
    pub annotations: Annotations,
}

/// Takes a binding of ours away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unbind {
    /// Where.
    pub cluster: ClusterRef,
    /// Which.
    pub binding: BindingId,
    /// From what.
    pub project: RancherProjectId,
    /// As what.
    pub role: RoleTemplateId,
    /// Who.
    #[serde(flatten)]
    pub who: Holder,
    /// The binding that takes its place and must be there first.
    pub replaced_by: Option<BindingName>,
    /// What else must be so first: whoever keeps access through another group is in it, and a group that goes
    /// with its team is empty.
    #[serde(skip)]
    pub after: BTreeSet<Fact>,
    /// That the bindings were read completely, and either groups and the members of the bound one, or users and team.
    #[serde(skip)]
    pub evidence: Evidence,
}
