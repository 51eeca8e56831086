//! Which project of the Python agent's serves a resource: the one that Waldur names, or the one of its very name,
//! slugs and mark. A name alone proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::super::projects::Adoption;
use super::super::{Draft, Site};
use super::{left_on, of_current_slug};
use crate::model::marks;
use crate::model::world::{Project, Resource, ResourceState};
use crate::model::{ClusterRef, Evidence, RancherProjectId, ResourceUuid, RoleTemplateId};
use crate::plan::action::AdoptProject;
use crate::plan::note::{About, NoteKind};
use crate::plan::{Action, Reason};

type Found<'w> = (&'w RancherProjectId, &'w Project, Reason);

/// Returns the project that the Python agent left for a resource, if it is one beyond doubt.
pub(in super::super) fn find<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    uuid: ResourceUuid,
    resource: &'w Resource,
) -> Option<Found<'w>> {
    let known = site.cluster?.projects.known()?;
    let is_free = |project: &Project| {
        !project.removing && project.kind.is_ordinary() && !marks::is_signed_by_anyone(&project.annotations)
    };
    if let Some(named) = resource.backend_id.as_deref()
        && let Some((id, project)) = known.get_key_value(named)
        && !project.removing
    {
        // Two resources that name one project: which of them it serves is for a person to say.
        let found = is_free(project) && claims(draft, site, named) == 1;
        return found.then_some((id, project, Reason::NamedByWaldur));
    }
    let name = site.naming(uuid, resource).project().ok()?;
    let [id] = draft.observed.clusters.get(&site.policy.cluster)?.named().get(name.as_str())? else {
        return None;
    };
    let project = known.get(*id)?;
    let label = |key: &str| project.annotations.get(key).map(SmolStr::as_str);
    let same = |key: &str, slug: &'w Option<crate::model::Slug>| {
        slug.as_ref().is_some_and(|slug| label(key) == Some(slug.as_str()))
    };
    let is_its_own = marks::is_predecessors(&project.annotations)
        && same(marks::PROJECT_SLUG, &resource.project.slug)
        && same(marks::ORGANIZATION, &resource.customer.slug);
    let found = is_free(project)
        && is_its_own
        && claims(draft, site, id.as_str()) == 0
        && !draft.adoptions.projects.contains(&(&site.policy.cluster, *id));
    found.then_some((*id, project, Reason::LeftByThePythonAgent))
}

/// Returns how many resources on the cluster name a project in their `backend_id`.
fn claims(draft: &mut Draft<'_>, site: Site<'_>, id: &str) -> usize {
    claimants(draft, &site.policy.cluster, id).len()
}

/// Returns the resources on a cluster that name a project in their `backend_id`.
pub(in super::super) fn claimants<'w>(
    draft: &mut Draft<'w>,
    place: &ClusterRef,
    id: &str,
) -> Vec<&'w Resource> {
    let (world, policy) = (draft.world, draft.policy);
    let claims = draft.adoptions.claims.get_or_insert_with(|| {
        let mut claims: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (uuid, offering) in &world.offerings {
            let Some(place) = policy.offerings.get(uuid).map(|policy| &policy.cluster) else { continue };
            let resources = offering.resources.known().into_iter().flat_map(BTreeMap::values);
            let alive = resources.filter(|resource| resource.state != ResourceState::Terminated);
            for (named, resource) in alive.filter_map(|one| Some((one.backend_id.as_deref()?, one))) {
                claims.entry((place, named)).or_default().push(resource);
            }
        }
        claims
    });
    claims.get(&(place, id)).cloned().unwrap_or_default()
}

/// Makes a project ours: its mark, and the role that its members have, which stays theirs.
pub(in super::super) fn adopt<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    about: &About,
    (id, project, reason): Found<'w>,
    uuid: ResourceUuid,
    resource: &Resource,
) -> Adoption {
    draft.adoptions.projects.insert((&site.policy.cluster, id));
    if !site.policy.scope.projects {
        let what =
            format!("the Python agent's project {id} is not adopted: the steps on projects are switched off");
        draft.note(
            about,
            NoteKind::Waiting,
            what,
            "set `order_processing_backend: rancher`, or run the mode order_process too, to adopt it",
        );
        return Adoption::Waits;
    }
    let Some(evidence) = evidence(draft, site) else {
        let what = format!("the Python agent's project {id} is adopted once everything is read completely");
        draft.note(about, NoteKind::Waiting, what, "");
        return Adoption::Waits;
    };
    let Ok(role) = role(draft, site, about, id, resource) else { return Adoption::Waits };
    let mut wanted = marks::project_annotations(site.uuid, uuid, resource);
    wanted.extend(marks::adoption(&project.annotations, role.as_ref()));
    let differing = wanted
        .into_iter()
        .filter(|(key, value)| project.annotations.get(key) != Some(value))
        .map(|(key, value)| (key.clone(), (project.annotations.get(&key).cloned(), value)))
        .collect();
    let action = AdoptProject {
        cluster: site.policy.cluster.clone(),
        project: id.clone(),
        name: project.name.clone(),
        annotations: differing,
        evidence,
    };
    draft.step(about, Action::AdoptProject(action), reason);
    Adoption::Now { kept_role: role }
}

/// Returns evidence that nothing else could be meant, and that all groups with a role in the project were seen.
fn evidence(draft: &Draft<'_>, site: Site<'_>) -> Option<Evidence> {
    let cluster = site.cluster?;
    let evidence = Evidence::of(cluster.projects.complete()?).and(cluster.bindings.complete()?);
    match &site.policy.keycloak {
        Some(keycloak) => Some(evidence.and(draft.world.realms.get(&keycloak.realm)?.groups.complete()?)),
        None => Some(evidence),
    }
}

/// Groups of the Python agent's with different roles; that was noted.
struct Undecided;

/// Returns the role that the Python agent gave, if that is not the configured one: it wins, because another one would
/// raise or lower rights unasked (rule 3).
fn role<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    about: &About,
    id: &RancherProjectId,
    resource: &Resource,
) -> Result<Option<RoleTemplateId>, Undecided> {
    let all = left_on(draft, site, id);
    let current = of_current_slug(&all, resource.project.slug.as_ref().map(crate::model::Slug::as_str));
    let meant = if current.is_empty() { all } else { current };
    let roles: BTreeSet<&RoleTemplateId> = meant.iter().map(|left| &left.binding.role).collect();
    let mut roles = roles.into_iter();
    match (roles.next(), roles.next()) {
        (Some(first), Some(second)) => {
            let what = format!("the Python agent's groups have several roles in {id} ({first}, {second})");
            draft.note(about, NoteKind::Held, what, "remove the bindings that are not meant");
            Err(Undecided)
        }
        (Some(only), None) => Ok(Some(only.clone()).filter(|only| *only != site.policy.role)),
        (None, _) => Ok(None),
    }
}
