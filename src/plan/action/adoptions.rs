//! What is there and becomes ours: our mark is written on it, and nothing else changes.

use std::collections::BTreeMap;

use serde::Serialize;
use smol_str::SmolStr;

use crate::model::world::{Annotations, GroupAttributes};
use crate::model::{
    BindingId, ClusterRef, Evidence, GroupId, GroupName, OfferingUuid, Principal, RancherProjectId, RealmRef,
    RoleTemplateId,
};

/// Makes a project of the Python agent's ours: writes our mark, and changes nothing else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AdoptProject {
    /// Where.
    pub cluster: ClusterRef,
    /// Which.
    pub project: RancherProjectId,
    /// Its display name.
    pub name: String,
    /// The annotations that it gets: key to (what it says, what it should say).
    pub annotations: BTreeMap<SmolStr, (Option<SmolStr>, SmolStr)>,
    /// That no other project could be meant.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// Makes a group of the Python agent's ours: writes our mark; its name, its place and who is in it stay.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AdoptGroup {
    /// Where.
    pub realm: RealmRef,
    /// Which.
    pub group: GroupId,
    /// What it is called.
    pub name: GroupName,
    /// The attributes that it gets; others stay.
    pub attributes: GroupAttributes,
    /// That no other group could be meant.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// Makes a group of one offering of ours another's as well: their teams are one, or it lets both in already.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ShareGroup {
    /// Where.
    pub realm: RealmRef,
    /// Which.
    pub group: GroupId,
    /// What it is called.
    pub name: GroupName,
    /// Whose it becomes as well.
    pub offering: OfferingUuid,
    /// That no other group could be meant.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// Makes a binding ours that gives the team's group what ours would: writes our mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AdoptBinding {
    /// Where.
    pub cluster: ClusterRef,
    /// Which.
    pub binding: BindingId,
    /// To what.
    pub project: RancherProjectId,
    /// As what.
    pub role: RoleTemplateId,
    /// Who, as Rancher knows it.
    pub principal: Principal,
    /// Our marks.
    pub annotations: Annotations,
}
