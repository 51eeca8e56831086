//! What the Python agent left behind: its projects, groups and bindings become ours by steps that everybody sees, and
//! what nobody can place is named, never swept (rules 2 and 3).
//!
//! A plan that adopts something does nothing else to it: nobody gains or loses anything on the day a site moves over.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Site};
use crate::model::desired;
use crate::model::world::{Binding, Group, Resource, Subject};
use crate::model::{
    ClusterRef, GroupId, OfferingUuid, Principal, RancherProjectId, RealmRef, RoleTemplateId,
};

mod orphans;
pub(super) mod projects;

/// What the comparison has found out about things to adopt.
#[derive(Debug, Default)]
pub(super) struct Adoptions<'w> {
    /// Which resources name each project in their `backend_id`; made when the first one is asked for.
    claims: Option<BTreeMap<(&'w ClusterRef, &'w str), Vec<&'w Resource>>>,
    /// The projects that are taken care of.
    pub(super) projects: BTreeSet<(&'w ClusterRef, &'w RancherProjectId)>,
    /// The groups that are taken care of, and for which offering.
    pub(super) groups: BTreeMap<(RealmRef, &'w GroupId), OfferingUuid>,
    /// As what Rancher knows the Python agent's groups of each offering's realm.
    called: BTreeMap<OfferingUuid, BTreeMap<Principal, (&'w GroupId, &'w Group)>>,
    /// How many projects of each offering keep a role that is not the configured one.
    pub(super) kept_roles: BTreeMap<(OfferingUuid, RoleTemplateId), usize>,
}

/// One binding of a project to a group of the Python agent's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left<'w> {
    pub(super) binding: &'w Binding,
    pub(super) group: &'w GroupId,
    pub(super) called: &'w Group,
}

/// Returns the Python agent's group that Rancher knows as `principal`.
pub(super) fn group_called<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    principal: &Principal,
) -> Option<(&'w GroupId, &'w Group)> {
    let keycloak = site.policy.keycloak.as_ref()?;
    let index = draft.observed.realms.get(&keycloak.realm)?;
    let called = draft.adoptions.called.entry(site.uuid).or_insert_with(|| {
        let left = index.left.iter();
        left.filter_map(|(id, group)| Some((desired::principal(keycloak, &group.name)?, (*id, *group))))
            .collect()
    });
    called.get(principal).copied()
}

/// Returns the bindings of a project to groups of the Python agent's.
pub(super) fn left_on<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    project: &RancherProjectId,
) -> Vec<Left<'w>> {
    let index = draft.observed.clusters.get(&site.policy.cluster);
    let bindings = index.and_then(|index| index.bindings.get(project));
    bindings
        .into_iter()
        .flatten()
        .filter_map(|(_, binding)| {
            let Subject::Group(principal) = &binding.subject else { return None };
            let (group, called) = group_called(draft, site, principal)?;
            Some(Left { binding, group, called })
        })
        .collect()
}

/// Of several groups, keeps those that are called as the Python agent would call the team's group today: an older slug
/// leaves its group and binding behind.
pub(super) fn of_current_slug<'w>(left: &[Left<'w>], slug: Option<&str>) -> Vec<Left<'w>> {
    let Some(slug) = slug else { return Vec::new() };
    let prefix = format!("project_{slug}_");
    left.iter().filter(|one| one.called.name.as_str().starts_with(&prefix)).copied().collect()
}

/// Says what is left over once everything was compared.
pub(super) fn settle(draft: &mut Draft<'_>) {
    orphans::note(draft);
    for ((offering, role), count) in std::mem::take(&mut draft.adoptions.kept_roles) {
        orphans::note_kept_role(draft, offering, &role, count);
    }
}
