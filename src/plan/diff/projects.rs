//! Rancher projects: which one serves a resource, and what on it differs.

use std::collections::BTreeMap;

use super::{Draft, Site, adopt, quotas};
use crate::model::marks::{self, Mark};
use crate::model::world::{OrderKind, Project, Resource, ResourceState};
use crate::model::{Evidence, RancherProjectId, ResourceUuid, RoleTemplateId};
use crate::plan::action::{CreateProject, ProjectTarget, RecordBackendId, UpdateProject};
use crate::plan::note::{About, NoteKind};
use crate::plan::{Action, Reason};

/// A resource that should have a project, and the project that serves it, if that is known.
#[derive(Debug)]
pub(super) struct Served<'w> {
    pub(super) uuid: ResourceUuid,
    pub(super) resource: &'w Resource,
    pub(super) target: Option<ProjectTarget>,
    /// Whether it is ours already.
    pub(super) adoption: Adoption,
    pub(super) about: About,
}

/// Whether a project is ours.
#[derive(Debug)]
pub(super) enum Adoption {
    /// It is; its members may keep a role whatever is configured.
    Ours { kept_role: Option<RoleTemplateId> },
    /// This plan makes it ours, and does nothing else to it.
    Now { kept_role: Option<RoleTemplateId> },
    /// It is the Python agent's, and cannot become ours yet.
    Waits,
}

impl Served<'_> {
    /// Returns as what its members are bound.
    pub(super) fn role<'a>(&'a self, site: Site<'a>) -> &'a RoleTemplateId {
        match &self.adoption {
            Adoption::Ours { kept_role } | Adoption::Now { kept_role } => kept_role.as_ref(),
            Adoption::Waits => None,
        }
        .unwrap_or(&site.policy.role)
    }

    /// Returns as what a group of its team is bound: where roles are mapped, the group says.
    pub(super) fn role_as<'a>(&'a self, site: Site<'a>, group: &'a RoleTemplateId) -> &'a RoleTemplateId {
        if site.policy.role_map.is_empty() { self.role(site) } else { group }
    }
}

/// Returns whether the resource should have a project (rule 9).
pub(super) fn is_wanted(draft: &Draft<'_>, site: Site<'_>, uuid: ResourceUuid, resource: &Resource) -> bool {
    let open = draft.ordered.open(site.uuid, uuid);
    match open.map(|open| open.order.kind) {
        // Nothing is made for an order that fails.
        Some(OrderKind::Create | OrderKind::Restore) => {
            return !draft.refusals.contains_key(&(site.uuid, uuid));
        }
        Some(OrderKind::Terminate) => return false,
        Some(OrderKind::Update) | None => {}
    }
    match resource.state {
        ResourceState::Ok | ResourceState::Updating => true,
        // An order that failed before it made anything leaves an erred resource behind.
        ResourceState::Erred => resource.backend_id.is_some() || !marked(draft, site, uuid).is_empty(),
        ResourceState::Creating | ResourceState::Terminating | ResourceState::Terminated => false,
    }
}

/// Says why a resource that is still there is left alone.
pub(super) fn note_unwanted(draft: &mut Draft<'_>, about: &About, resource: &Resource) {
    let what = match resource.state {
        ResourceState::Creating => "it is being created: its order decides",
        ResourceState::Terminating => "it is being terminated: its order decides",
        ResourceState::Erred => "it is erred and was never provisioned: its order decides",
        ResourceState::Ok | ResourceState::Updating | ResourceState::Terminated => return,
    };
    draft.note(about, NoteKind::Waiting, what, "");
}

type Candidates<'w> = &'w [(&'w RancherProjectId, &'w Project)];

pub(super) fn marked<'w>(draft: &Draft<'w>, site: Site<'_>, uuid: ResourceUuid) -> Candidates<'w> {
    let mark = Mark { offering: site.uuid, resource: uuid };
    let index = draft.observed.clusters.get(&site.policy.cluster);
    index.and_then(|index| index.marked.get(&mark)).unwrap_or_default()
}

/// Compares a resource's project; returns the project that serves it, there or planned.
pub(super) fn diff<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    about: About,
    uuid: ResourceUuid,
    resource: &'w Resource,
) -> Served<'w> {
    let served = |target, adoption, about| Served { uuid, resource, target, adoption, about };
    let candidates = marked(draft, site, uuid);
    let Some((id, project)) = choose(draft, &about, candidates, resource) else {
        return if let Some(found) = adopt::projects::find(draft, site, uuid, resource) {
            let target = ProjectTarget::Existing(found.0.clone());
            let adoption = adopt::projects::adopt(draft, site, &about, found, uuid, resource);
            served(Some(target), adoption, about)
        } else {
            let target = create(draft, site, &about, uuid, resource);
            served(target, Adoption::Ours { kept_role: None }, about)
        };
    };
    let target = ProjectTarget::Existing(id.clone());
    if site.policy.scope.projects {
        update(draft, site, &about, (id, project), uuid, resource);
        quotas::diff(draft, site, &about, (id, project), (uuid, resource));
        record(draft, site, &about, uuid, resource, &target);
    }
    let kept_role = marks::kept_role(&project.annotations).filter(|role| *role != site.policy.role);
    if let Some(role) = &kept_role {
        *draft.adoptions.kept_roles.entry((site.uuid, role.clone())).or_default() += 1;
    }
    served(Some(target), Adoption::Ours { kept_role }, about)
}

/// Of two projects with our mark (a crash made them), the one that Waldur names is the right one, else the oldest.
fn choose<'w>(
    draft: &mut Draft<'_>,
    about: &About,
    candidates: Candidates<'w>,
    resource: &Resource,
) -> Option<(&'w RancherProjectId, &'w Project)> {
    let named = |id: &RancherProjectId| resource.backend_id.as_deref() == Some(id.as_str());
    let chosen = candidates.iter().find(|(id, _)| named(id)).or_else(|| candidates.first()).copied()?;
    for (id, _) in candidates.iter().filter(|(id, _)| *id != chosen.0) {
        draft.note(
            about,
            NoteKind::Unmanaged,
            format!("a second project carries its mark: {id}"),
            "move what runs in it, then delete it by hand",
        );
    }
    Some(chosen)
}

fn update(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    (id, project): (&RancherProjectId, &Project),
    uuid: ResourceUuid,
    resource: &Resource,
) {
    let Project {
        name: _,
        description,
        annotations,
        quota: _,
        container_defaults: _,
        created: _,
        kind: _,
        removing: _,
        trouble: _,
    } = project;
    let wanted = site.naming(uuid, resource).description();
    if *description == wanted && marks::is_signed(annotations, site.uuid, uuid, resource) {
        return;
    }
    let described = (*description != wanted).then(|| (description.clone(), wanted));
    let differing: BTreeMap<_, _> = marks::project_annotations(site.uuid, uuid, resource)
        .into_iter()
        .filter(|(key, value)| annotations.get(key) != Some(value))
        .map(|(key, value)| (key.clone(), (annotations.get(&key).cloned(), value)))
        .collect();
    let reason = if described.is_some() { Reason::DescriptionDiffers } else { Reason::MarksDiffer };
    let action = UpdateProject {
        cluster: site.policy.cluster.clone(),
        project: id.clone(),
        description: described,
        annotations: differing,
    };
    draft.step(about, Action::UpdateProject(action), reason);
}

fn record(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    uuid: ResourceUuid,
    resource: &Resource,
    target: &ProjectTarget,
) {
    if let ProjectTarget::Existing(id) = target
        && resource.backend_id.as_deref() == Some(id.as_str())
    {
        return;
    }
    let action = RecordBackendId {
        offering: site.uuid,
        resource: uuid,
        from: resource.backend_id.clone(),
        project: target.clone(),
    };
    draft.step(about, Action::RecordBackendId(action), Reason::BackendIdDiffers);
}

fn create(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    uuid: ResourceUuid,
    resource: &Resource,
) -> Option<ProjectTarget> {
    // What could not be read is said once for the whole offering.
    let cluster = site.cluster?;
    let Some(projects) = cluster.projects.complete() else {
        if cluster.projects.known().is_some() {
            let what = "no project is made for it: it may have one among those that could not be read";
            draft.note(about, NoteKind::Waiting, what, "");
        }
        return None;
    };
    let name = match site.naming(uuid, resource).project() {
        Ok(name) => name,
        Err(problem) => {
            draft.refuse_new(about, format!("The project has no name: {problem}. Please ask your provider."));
            draft.note(
                about,
                NoteKind::Held,
                format!("its project has no name: {problem}"),
                "have a Waldur staff member give it a slug, or change project_name_template",
            );
            return None;
        }
    };
    if is_obstructed(draft, site, about, &name, resource) {
        return None;
    }
    if !site.policy.scope.projects {
        let what = "it has no project, and none is made: the steps on projects are switched off";
        draft.note(
            about,
            NoteKind::Waiting,
            what,
            "set `order_processing_backend: rancher`, or run the mode order_process too, to make projects here",
        );
        return None;
    }
    let Ok(quota) = quotas::of_new(draft, site, about, &name, resource) else { return None };
    let action = CreateProject {
        cluster: site.policy.cluster.clone(),
        resource: uuid,
        name,
        description: site.naming(uuid, resource).description(),
        annotations: marks::project_annotations(site.uuid, uuid, resource),
        quota: quota.whole.clone(),
        container_defaults: quotas::container_defaults(site),
        evidence: Evidence::of(projects),
    };
    let reason = Reason::ResourceWithoutProject { state: resource.state };
    draft.step(about, Action::CreateProject(action), reason);
    quotas::settle_new(draft, site, about, uuid, quota);
    record(draft, site, about, uuid, resource, &ProjectTarget::Planned(uuid));
    Some(ProjectTarget::Planned(uuid))
}

/// Returns whether something stands where a new project would: making a second one beside it would be worse.
fn is_obstructed(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    name: &str,
    resource: &Resource,
) -> bool {
    let known = site.cluster.and_then(|cluster| cluster.projects.known());
    let backend = resource.backend_id.as_deref().and_then(|id| id.parse::<RancherProjectId>().ok());
    if let Some(id) = backend {
        let there = known.and_then(|projects| projects.get(&id)).filter(|project| !project.removing);
        let gone = site.cluster.is_some_and(|cluster| cluster.gone.contains(&id))
            || known.and_then(|projects| projects.get(&id)).is_some_and(|project| project.removing);
        let what = match there {
            Some(project) if marks::is_signed_by_anyone(&project.annotations) => {
                Some(format!("its backend_id names {id}, which carries the mark of another resource"))
            }
            Some(project) if !project.kind.is_ordinary() => {
                Some(format!("its backend_id names {id}, which is Rancher's own"))
            }
            Some(_) => Some(format!("its backend_id names {id}, and so does that of another resource")),
            None if !gone => Some(format!("its backend_id names {id}, and whether that exists is not known")),
            None => None,
        };
        if let Some(what) = what {
            let hint = "correct backend_id in Waldur: it names the resource's own project, or nothing";
            draft.note(about, NoteKind::Held, what, hint);
            return true;
        }
    }
    // Slugs are not unique: of two resources that ask for one name, the next look would take one for the other.
    if !draft.project_names.insert((site.policy.cluster.clone(), name.to_owned())) {
        let what = format!("the new project of another resource takes its name: {name}");
        let hint = "put {resource_uuid_hex} into project_name_template, or have a slug changed";
        draft.note(about, NoteKind::Held, what, hint);
        return true;
    }
    let index = draft.observed.clusters.get(&site.policy.cluster);
    let namesake =
        index.and_then(|index| index.named().get(name)).and_then(|ids| ids.first().copied().cloned());
    if let Some(id) = namesake {
        draft.note(
            about,
            NoteKind::Held,
            format!("a project of its name is there and does not carry its mark: {name} ({id})"),
            "rename that project, or name it in the resource's backend_id if it is the right one: then it is adopted",
        );
        return true;
    }
    false
}
