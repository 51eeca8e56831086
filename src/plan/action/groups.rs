//! Actions on groups and on who is in them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::{GroupTarget, ParentTarget};
use crate::model::desired::{GroupKey, ParentKey};
use crate::model::world::{Account, GroupAttributes};
use crate::model::{
    BindingId, ClusterRef, Evidence, GroupId, GroupName, KeycloakUserId, RealmRef, UserUuid, Username,
};
use crate::plan::facts::Fact;

/// Makes a cluster's group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CreateParent {
    /// Where and for which cluster.
    pub key: ParentKey,
    /// Its name.
    pub name: GroupName,
    /// Its marks.
    pub attributes: GroupAttributes,
    /// That no group of that name is there.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// Makes a team's group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CreateGroup {
    /// Where and for which team.
    pub key: GroupKey,
    /// Its name, chosen once.
    pub name: GroupName,
    /// The group above it.
    pub parent: ParentTarget,
    /// Its marks.
    pub attributes: GroupAttributes,
    /// That no group of that name is there.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// Puts a person into a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AddMember {
    /// Where.
    pub realm: RealmRef,
    /// Into what.
    pub group: GroupTarget,
    /// What it is called.
    pub group_name: GroupName,
    /// Who, as Keycloak knows them.
    pub account: Account,
    /// Who, as Waldur knows them.
    pub user: UserUuid,
    /// What must be so first: they must not get in where the group should no longer be bound.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub after: BTreeSet<Fact>,
}

/// Notes that a group's team has people again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ClearEmpty {
    /// Where.
    pub realm: RealmRef,
    /// On what.
    pub group: GroupId,
    /// What it is called.
    pub group_name: GroupName,
}

/// Takes a person out of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RemoveMember {
    /// Where.
    pub realm: RealmRef,
    /// Out of what.
    pub group: GroupId,
    /// What it is called.
    pub group_name: GroupName,
    /// Who.
    pub person: KeycloakUserId,
    /// What they are called.
    pub username: Username,
    /// Whether they are in another group of the team by then: a change of roles, not the end of access.
    #[serde(skip)]
    pub moves: bool,
    /// What must be so first: a resource that moved with them to another team no longer uses this group, and the
    /// group of their new role has them and is bound.
    #[serde(skip)]
    pub after: BTreeSet<Fact>,
    /// That the team, the people and the members were read completely.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// Notes since when a group's team has been empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MarkEmpty {
    /// Where.
    pub realm: RealmRef,
    /// On what.
    pub group: GroupId,
    /// What it is called.
    pub group_name: GroupName,
    /// The first complete look at which it was. Not written out: the same wish a minute later is the same wish.
    #[serde(skip)]
    pub since: Timestamp,
}

/// Deletes an empty group of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DeleteGroup {
    /// Where.
    pub realm: RealmRef,
    /// Which.
    pub group: GroupId,
    /// What it is called.
    pub name: GroupName,
    /// Who is still in it and must be out first.
    pub members: BTreeSet<KeycloakUserId>,
    /// What is still bound to it and must be unbound first.
    pub bindings: BTreeSet<(ClusterRef, BindingId)>,
    /// That the team, the members and the bindings were read completely.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// Deletes a cluster's group that has no children left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DeleteParent {
    /// Where.
    pub realm: RealmRef,
    /// Which.
    pub group: GroupId,
    /// What it is called.
    pub name: GroupName,
    /// The children that must be gone first.
    pub children: BTreeSet<GroupId>,
    /// That the realm's groups were read completely.
    #[serde(skip)]
    pub evidence: Evidence,
}
