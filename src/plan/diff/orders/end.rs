//! The end of a resource: its bindings go, then its project, on positive evidence only (rule 9).

use std::collections::BTreeSet;

use super::super::adopt::projects::find;
use super::super::projects::{Adoption, marked};
use super::super::{Draft, Site, adopt, bindings};
use super::Progress;
use crate::model::marks::{self, Mark};
use crate::model::world::{Namespace, OrderKind, Project, Resource, ResourceState, Subject};
use crate::model::{Evidence, NamespaceName, RancherProjectId, Reading, ResourceUuid};
use crate::plan::action::{Contents, DeleteProject, Holder, Unbind};
use crate::plan::facts::Fact;
use crate::plan::note::{About, Detail, NoteKind, Question};
use crate::plan::{Action, Reason};

/// Why a resource has come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan::diff) enum Why {
    /// An order says so.
    Ordered,
    /// Waldur says that it is over.
    Terminated,
}

/// Returns why the resource should have nothing any more, if that is certain.
pub(in crate::plan::diff) fn why(
    draft: &Draft<'_>,
    site: Site<'_>,
    uuid: ResourceUuid,
    resource: &Resource,
) -> Option<Why> {
    let order = draft.ordered.open(site.uuid, uuid).map(|open| open.order.kind);
    match (order, resource.state) {
        (Some(OrderKind::Terminate), _) => Some(Why::Ordered),
        // Somebody wants it back.
        (Some(OrderKind::Create | OrderKind::Restore), _) => None,
        (_, ResourceState::Terminated) if site.policy.scope.projects => Some(Why::Terminated),
        (
            _,
            ResourceState::Creating
            | ResourceState::Ok
            | ResourceState::Erred
            | ResourceState::Updating
            | ResourceState::Terminating
            | ResourceState::Terminated,
        ) => None,
    }
}

/// Compares a resource that has come to its end with what is left of it.
pub(in crate::plan::diff) fn diff<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    about: &About,
    (uuid, resource): (ResourceUuid, &'w Resource),
    (why, progress): (Why, &mut Progress),
) {
    let left = marked(draft, site, uuid);
    for (id, project) in left {
        delete(draft, site, about, (id, project), uuid, why);
    }
    let is_gone = left.is_empty()
        && !is_going(draft, site, about, uuid)
        && !is_adopted(draft, site, about, (uuid, resource), why);
    // What is not there is only gone if everything was read.
    let is_whole = site.cluster.is_some_and(|cluster| cluster.projects.complete().is_some());
    if is_gone && !is_whole && why == Why::Ordered {
        let what = "its order waits: its project may be among those that could not be read";
        draft.note(about, NoteKind::Waiting, what, "");
    }
    let is_planned =
        |step: &&crate::plan::Step| step.about == *about && matches!(step.action, Action::DeleteProject(_));
    if is_gone && is_whole || !left.is_empty() && draft.steps.iter().filter(is_planned).count() == left.len()
    {
        progress.compared.insert(uuid);
    }
}

/// Returns whether a project of the resource is being removed, and says so.
fn is_going(draft: &mut Draft<'_>, site: Site<'_>, about: &About, uuid: ResourceUuid) -> bool {
    let mark = Mark { offering: site.uuid, resource: uuid };
    let projects = site.cluster.and_then(|cluster| cluster.projects.known());
    let mut going = projects
        .into_iter()
        .flatten()
        .filter(|(_, project)| project.removing && marks::mark(&project.annotations) == Some(mark));
    let Some((id, project)) = going.next() else { return false };
    let trouble = project.trouble.as_deref().map(|trouble| format!(": {trouble}")).unwrap_or_default();
    let what = format!("its project {id} is being removed{trouble}");
    let hint = "Rancher needs the cluster to finish: is it reachable?";
    draft.note(about, NoteKind::Waiting, what, hint);
    true
}

/// Makes the Python agent's project ours first, where an order ends it: what carries nobody's mark is not deleted.
fn is_adopted<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    about: &About,
    (uuid, resource): (ResourceUuid, &'w Resource),
    why: Why,
) -> bool {
    if why != Why::Ordered {
        return false;
    }
    let Some(found) = find(draft, site, uuid, resource) else { return false };
    let adoption = adopt::projects::adopt(draft, site, about, found, uuid, resource);
    if matches!(adoption, Adoption::Now { .. }) {
        draft.note(about, NoteKind::Waiting, "its end waits until its project is ours", "");
    }
    true
}

fn delete<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    about: &About,
    (id, project): (&RancherProjectId, &Project),
    uuid: ResourceUuid,
    why: Why,
) {
    let Some(cluster) = site.cluster else { return };
    let Some(bindings) = cluster.bindings.complete() else { return };
    let place = &site.policy.cluster;
    let Some(namespaces) = &cluster.inside.namespaces else {
        draft.questions.insert(Question::Inside { cluster: place.clone(), what: Detail::Namespaces });
        let hint = "capture the world again, or plan against the live systems";
        draft.note(about, NoteKind::Waiting, "its end waits: nobody looked what lies in its project", hint);
        return;
    };
    let Some(namespaces) = namespaces.complete() else {
        let what = "its end waits: what lies in its project could not be read completely";
        draft.note(about, NoteKind::Waiting, what, "");
        return;
    };
    let mut evidence = Evidence::of(namespaces).and(bindings);
    if let (Why::Terminated, Some(keycloak)) = (why, &site.policy.keycloak) {
        // Nobody asked for it: then the guard must be able to tell who loses access.
        let groups = draft.world.realms.get(&keycloak.realm).and_then(|realm| realm.groups.complete());
        let Some(groups) = groups else {
            draft.note(about, NoteKind::Waiting, "its end waits: who has access to it could not be read", "");
            return;
        };
        evidence = evidence.and(groups);
    }
    let reason = || match why {
        Why::Ordered => Reason::EndOrdered,
        Why::Terminated => Reason::ResourceTerminated,
    };
    let mut after = BTreeSet::new();
    let target = crate::plan::action::ProjectTarget::Existing(id.clone());
    for (binding_id, binding) in bindings::on_project(draft, site, &target) {
        let Subject::Group(principal) = &binding.subject else { continue };
        let is_ours = marks::mark(&binding.annotations) == Some(Mark { offering: site.uuid, resource: uuid });
        if !is_ours {
            continue;
        }
        if why == Why::Terminated && !bindings::are_members_known(draft, site, principal) {
            let what = "its end waits: who has access to it could not be read completely";
            draft.note(about, NoteKind::Unreadable, what, "");
            return;
        }
        let unbind = Unbind {
            cluster: place.clone(),
            binding: (*binding_id).clone(),
            project: id.clone(),
            role: binding.role.clone(),
            who: Holder::Group { principal: principal.clone() },
            replaced_by: None,
            after: BTreeSet::new(),
            evidence,
        };
        draft.step(about, Action::Unbind(unbind), reason());
        after.insert(Fact::Unbound { cluster: place.clone(), binding: (*binding_id).clone() });
    }
    let index = draft.observed.clusters.get(place);
    let inside = index.and_then(|index| index.namespaces.get(id)).unwrap_or_default();
    let contents = contents(draft, site, inside);
    let delete = DeleteProject {
        cluster: place.clone(),
        project: id.clone(),
        name: project.name.clone(),
        offering: site.uuid,
        resource: uuid,
        ordered: why == Why::Ordered,
        contents,
        after,
        evidence,
    };
    draft.step(about, Action::DeleteProject(delete), reason());
}

/// Says what goes with a project that has these namespaces, and asks how much runs in those that go.
fn contents(draft: &mut Draft<'_>, site: Site<'_>, namespaces: &[(&NamespaceName, &Namespace)]) -> Contents {
    let counted = site.cluster.map(|cluster| &cluster.inside.pods);
    let mut contents = Contents { pods: Some(0), ..Contents::default() };
    for (name, namespace) in namespaces.iter().filter(|(_, namespace)| !namespace.removing) {
        if !namespace.goes_with_project {
            contents.unassigned.insert(name.to_string());
            continue;
        }
        contents.deleted.insert(name.to_string());
        let count = counted.and_then(|counted| counted.get(*name));
        if count.is_none() {
            let what = Detail::Pods((*name).clone());
            draft.questions.insert(Question::Inside { cluster: site.policy.cluster.clone(), what });
        }
        let count = count.and_then(Reading::complete).map(|count| *count.get());
        contents.pods = contents.pods.zip(count).map(|(all, more)| all.saturating_add(more));
    }
    contents
}

/// Says what is stuck in Waldur: a resource between two states with no order that would bring it out of there. Returns
/// whether it is.
pub(in crate::plan::diff) fn is_stuck(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    about: &About,
    (uuid, resource): (ResourceUuid, &Resource),
) -> bool {
    let what = match resource.state {
        ResourceState::Updating => "it is Updating in Waldur and has no open order: no change can be ordered",
        ResourceState::Terminating => "it is Terminating in Waldur and has no open order: nobody can end it",
        ResourceState::Creating | ResourceState::Ok | ResourceState::Erred | ResourceState::Terminated => {
            return false;
        }
    };
    let is_certain = site.offering.orders.complete().is_some() && site.offering.carrier.is_agent();
    if !is_certain || draft.ordered.open(site.uuid, uuid).is_some() || !site.policy.scope.projects {
        return false;
    }
    let hint =
        "have a Waldur staff member set its state: Waldur's own task came later than the end of its order";
    draft.note(about, NoteKind::Held, what, hint);
    true
}
