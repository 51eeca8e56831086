//! What the Python agent left and nothing uses: named with what can be done, never swept. Said once a cluster or realm,
//! under the first offering that is kept there.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Draft;
use crate::model::desired;
use crate::model::marks;
use crate::model::policy::{KeycloakPolicy, OfferingPolicy};
use crate::model::{ClusterRef, GroupId, OfferingUuid, RoleTemplateId};
use crate::plan::note::{About, NoteKind};
use crate::plan::render::Counted;

/// So many names are shown; more are counted.
const SHOWN: usize = 3;

/// Says what nothing uses.
pub(super) fn note(draft: &mut Draft<'_>) {
    let policy = draft.policy;
    let mut clusters = BTreeSet::new();
    let mut realms = BTreeSet::new();
    for (uuid, offering) in &policy.offerings {
        if clusters.insert(&offering.cluster) {
            note_projects(draft, *uuid, &offering.cluster);
        }
        if let Some(keycloak) = offering.keycloak.as_ref().filter(|keycloak| realms.insert(&keycloak.realm)) {
            note_groups(draft, *uuid, keycloak);
            note_roofs(draft, *uuid, keycloak);
        }
    }
}

/// Says how many projects keep another role than the configured one, and what the choices are.
pub(super) fn note_kept_role(
    draft: &mut Draft<'_>,
    offering: OfferingUuid,
    role: &RoleTemplateId,
    count: usize,
) {
    let configured = draft.policy.offerings.get(&offering).map_or("", |policy| policy.role.as_str());
    let what = format!(
        "{} the role {role}, as the Python agent left {}; default_role is {configured}",
        Counted(count, "project keeps", "projects keep"),
        if count == 1 { "it" } else { "them" },
    );
    let hint = format!(
        "set default_role: {role} to have it everywhere, or take the annotation {} off a project to change that one",
        marks::ROLE
    );
    draft.note(&About::Offering { offering }, NoteKind::Unmanaged, what, &hint);
}

/// Projects with the Python agent's mark that serve no resource. Said only if every resource of the cluster was seen.
fn note_projects(draft: &mut Draft<'_>, first: OfferingUuid, place: &ClusterRef) {
    let kept = |policy: &&OfferingPolicy| policy.cluster == *place;
    let all_seen = draft.policy.offerings.iter().filter(|(_, policy)| kept(policy)).all(|(uuid, _)| {
        draft.world.offerings.get(uuid).is_some_and(|offering| offering.resources.complete().is_some())
    });
    let projects = draft.world.clusters.get(place).and_then(|cluster| cluster.projects.complete());
    let index = draft.observed.clusters.get(place).filter(|_| projects.is_some() && all_seen);
    let left = index.map(|index| index.left.as_slice()).unwrap_or_default();
    let left: Vec<_> =
        left.iter().filter(|(id, _)| !draft.adoptions.projects.contains(&(place, *id))).collect();
    if left.is_empty() {
        return;
    }
    let named: BTreeSet<&str> = draft
        .world
        .offerings
        .values()
        .filter_map(|offering| offering.resources.known())
        .flat_map(BTreeMap::values)
        .filter_map(|resource| resource.backend_id.as_deref())
        .collect();
    let orphans: Vec<String> = left
        .into_iter()
        .filter(|(id, _)| !named.contains(id.as_str()))
        .map(|(id, project)| format!("{} ({id})", project.name))
        .collect();
    say(
        draft,
        first,
        &orphans,
        (
            "project carries the Python agent's mark and serves",
            "projects carry the Python agent's mark and serve",
        ),
        "no resource of these offerings",
        "name it in the backend_id of its resource, or delete it by hand if nobody uses it",
    );
}

/// Groups of the Python agent's that give nothing to anybody. Said only if all bindings of the realm's clusters were seen.
fn note_groups(draft: &mut Draft<'_>, first: OfferingUuid, keycloak: &KeycloakPolicy) {
    let Some(index) = draft.observed.realms.get(&keycloak.realm) else { return };
    let served = draft
        .policy
        .offerings
        .values()
        .filter(|policy| policy.keycloak.as_ref().is_some_and(|other| other.realm == keycloak.realm));
    let places: BTreeSet<&ClusterRef> = served.map(|policy| &policy.cluster).collect();
    let all_seen = places.iter().all(|place| {
        draft.world.clusters.get(*place).is_some_and(|cluster| cluster.bindings.complete().is_some())
    });
    if !all_seen {
        return;
    }
    let is_bound = |name| {
        let Some(principal) = desired::principal(keycloak, name) else { return true };
        let mut indices = places.iter().filter_map(|place| draft.observed.clusters.get(*place));
        indices.any(|index| index.bound().contains_key(&principal))
    };
    let orphans: Vec<String> = index
        .left
        .values()
        .filter(|group| !is_bound(&group.name))
        .map(|group| group.name.to_string())
        .collect();
    say(
        draft,
        first,
        &orphans,
        ("group of the Python agent's is", "groups of the Python agent's are"),
        "bound to nothing here",
        "delete it by hand if no other agent uses it",
    );
}

/// Roofs of the Python agent's: empty ones, and those that several clusters share, because eight characters of an id
/// name them.
fn note_roofs(draft: &mut Draft<'_>, first: OfferingUuid, keycloak: &KeycloakPolicy) {
    let Some(index) = draft.observed.realms.get(&keycloak.realm) else { return };
    let below = |roof: &GroupId| index.children.get(roof).cloned().unwrap_or_default();
    let empty: Vec<String> = index
        .left_roofs
        .iter()
        .filter(|(id, _)| below(id).is_empty())
        .map(|(_, group)| group.name.to_string())
        .collect();
    let groups = draft.world.realms.get(&keycloak.realm).and_then(|realm| realm.groups.known());
    let clusters_of = |roof: &GroupId| -> BTreeSet<String> {
        let names = below(roof).into_iter().filter_map(|child| Some(&groups?.get(child)?.name));
        let principals: Vec<_> = names.filter_map(|name| desired::principal(keycloak, name)).collect();
        let bound =
            draft.observed.clusters.iter().filter(|(_, index)| {
                principals.iter().any(|principal| index.bound().contains_key(principal))
            });
        bound.map(|(place, _)| place.cluster.to_string()).collect()
    };
    let shared: Vec<String> = index
        .left_roofs
        .iter()
        .map(|(id, group)| (group, clusters_of(id)))
        .filter(|(_, clusters)| clusters.len() > 1)
        .map(|(group, clusters)| {
            format!("{} ({})", group.name, clusters.into_iter().collect::<Vec<_>>().join(", "))
        })
        .collect();
    say(
        draft,
        first,
        &empty,
        ("parent group of the Python agent's has", "parent groups of the Python agent's have"),
        "no group of an agent below",
        "delete it by hand if nothing of yours is below it",
    );
    say(
        draft,
        first,
        &shared,
        ("parent group of the Python agent's stands", "parent groups of the Python agent's stand"),
        "over groups of several clusters",
        "nothing needs to be done: adopted groups stay where they are, new ones get a parent for each cluster",
    );
}

fn say(
    draft: &mut Draft<'_>,
    first: OfferingUuid,
    names: &[String],
    (one, many): (&'static str, &'static str),
    what: &str,
    hint: &str,
) {
    if names.is_empty() {
        return;
    }
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    let what = format!("{} {what}: {shown}{more}", Counted(names.len(), one, many));
    draft.note(&About::Offering { offering: first }, NoteKind::Unmanaged, what, hint);
}
