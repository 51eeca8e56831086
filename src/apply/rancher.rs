//! Steps on Rancher: a lost answer is followed by a look, and what is taken away is looked at first.

use std::time::Duration;

use super::seats::Seat;
use super::{Ended, Outcome, Tools, nobody, not_made};
use crate::http::{self, StatusCode};
use crate::model::marks::{self, Mark};
use crate::model::world::{Binding, Project};
use crate::model::{ClusterRef, RancherProjectId};
use crate::plan::action::{
    AdoptBinding, AdoptProject, Bind, CreateProject, DeleteProject, Unbind, UpdateProject,
};
use crate::rancher::{Client, Error, NewBinding, NewProject, ProjectChange, Removal};
use crate::systems::Systems;

/// How long a new project may take to get its namespace and roles: large clusters were seen to take a minute.
const PATIENCE: Duration = Duration::from_secs(90);

pub(super) fn client<'s>(systems: &'s Systems, cluster: &ClusterRef) -> Result<&'s Client, Outcome> {
    systems.rancher.get(cluster).ok_or_else(|| nobody(cluster))
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        Self::Failed { why: format!("{error}: {}", error.cause().story()), hint: error.hint() }
    }
}

/// Makes a project and waits until roles can be bound to it.
pub(super) async fn create_project(tools: Tools<'_>, create: &CreateProject) -> Ended {
    let Tools { systems, ledger, seat } = tools;
    let client = client(systems, &create.cluster)?;
    let new = NewProject {
        cluster: create.cluster.cluster.clone(),
        name: create.name.clone(),
        description: create.description.clone(),
        annotations: create.annotations.clone(),
        quota: create.quota.as_ref().map(super::quotas::quota),
        container_defaults: create.container_defaults.clone(),
    };
    let (id, outcome) = match client.create_project(&new).await {
        Ok((id, _)) => (id, Outcome::Done),
        Err(error) if error.outcome() == http::Outcome::Unknown => {
            match find_project(client, create).await? {
                Some(id) => (id, Outcome::AlreadySo),
                None => return Err(error.into()),
            }
        }
        Err(error) => return Err(error.into()),
    };
    ledger.note_project(create.resource, id.clone());
    wait_until_ready(client, seat, &id).await?;
    Ok(outcome)
}

/// Looks for a project that a lost answer may have left behind: its mark went with the creation.
async fn find_project(client: &Client, create: &CreateProject) -> Result<Option<RancherProjectId>, Error> {
    let wanted = marks::mark(&create.annotations);
    let projects = client.projects(&create.cluster.cluster).await?;
    let found = projects
        .known()
        .into_iter()
        .flatten()
        .find(|(_, project)| !project.removing && marks::mark(&project.annotations) == wanted);
    Ok(found.map(|(id, _)| id.clone()))
}

/// Waits until roles can be bound to a project, for a bounded time. Its `state` says nothing: conditions do.
async fn wait_until_ready(client: &Client, seat: &Seat, id: &RancherProjectId) -> Result<(), Outcome> {
    let mut patience = seat.patience(PATIENCE);
    loop {
        let trouble = match client.project(id).await? {
            Some(view) if view.is_ready() => return Ok(()),
            Some(view) => view.project.trouble,
            None => return Err(Outcome::changed(format!("the project {id} is gone again"))),
        };
        if !patience.has_another_look().await {
            let why = trouble.unwrap_or_else(|| "Rancher does not say why".to_owned());
            let why = format!("the project {id} is not ready after {} s: {why}", PATIENCE.as_secs());
            let hint = "is the cluster reachable for Rancher? The next cycle goes on from here".to_owned();
            return Err(Outcome::Failed { why, hint: Some(hint) });
        }
    }
}

/// Reads a project as it is now.
pub(super) async fn fresh(client: &Client, id: &RancherProjectId) -> Result<Project, Outcome> {
    let view = client.project(id).await?.filter(|view| !view.project.removing);
    view.map(|view| view.project).ok_or_else(|| Outcome::changed(format!("the project {id} is gone")))
}

/// Corrects description and marks, on the project as it is now: annotations that others wrote meanwhile survive.
pub(super) async fn update_project(systems: &Systems, update: &UpdateProject) -> Ended {
    let UpdateProject { cluster, project: id, description, annotations } = update;
    let client = client(systems, cluster)?;
    let fresh = fresh(client, id).await?;
    let mut all = fresh.annotations;
    all.extend(annotations.iter().map(|(key, (_, to))| (key.clone(), to.clone())));
    let change = ProjectChange {
        name: None,
        description: description.as_ref().map(|(_, to)| to.clone()),
        annotations: (!annotations.is_empty()).then_some(all),
        ..ProjectChange::default()
    };
    client.update_project(id, &change).await?;
    Ok(Outcome::Done)
}

/// Writes our mark on a project if it still is nobody's.
pub(super) async fn adopt_project(systems: &Systems, adopt: &AdoptProject) -> Ended {
    let AdoptProject { cluster, project: id, name, annotations, evidence: _ } = adopt;
    let client = client(systems, cluster)?;
    let fresh = fresh(client, id).await?;
    let wanted = annotations.iter().map(|(key, (_, to))| (key.clone(), to.clone()));
    let mut all = fresh.annotations.clone();
    all.extend(wanted);
    if fresh.annotations == all {
        return Ok(Outcome::AlreadySo);
    }
    if marks::is_signed_by_anyone(&fresh.annotations) || fresh.name != *name {
        return Ok(Outcome::changed(format!("the project {id} was changed meanwhile")));
    }
    client.update_project(id, &ProjectChange { annotations: Some(all), ..ProjectChange::default() }).await?;
    Ok(Outcome::Done)
}

/// Writes our mark on a binding if it still gives what was read and is nobody's.
pub(super) async fn adopt_binding(systems: &Systems, adopt: &AdoptBinding) -> Ended {
    let AdoptBinding { cluster, binding: id, project, role, principal, annotations } = adopt;
    let client = client(systems, cluster)?;
    let Some(fresh) = client.binding(id).await?.filter(|binding| !binding.removing) else {
        return Ok(Outcome::changed(format!("the binding {id} is gone")));
    };
    let same = fresh.project == *project && fresh.role == *role && fresh.subject.is_group(principal);
    if !same || marks::is_signed_by_anyone(&fresh.annotations) {
        let signed = same && marks::mark(&fresh.annotations) == marks::mark(annotations);
        let meanwhile = || Outcome::changed(format!("the binding {id} was changed meanwhile"));
        return Ok(if signed { Outcome::AlreadySo } else { meanwhile() });
    }
    let mut all = fresh.annotations;
    all.extend(annotations.clone());
    client.annotate_binding(id, &all).await?;
    Ok(Outcome::Done)
}

/// Gives a group, or one person, a role. The name is the same each time, so saying it twice does no harm.
pub(super) async fn bind(tools: Tools<'_>, bind: &Bind) -> Ended {
    let Tools { systems, ledger, seat } = tools;
    let client = client(systems, &bind.cluster)?;
    let Some(project) = ledger.project(&bind.project) else { return Err(not_made("the project")) };
    let new = NewBinding {
        name: bind.name.clone(),
        project: project.clone(),
        role: bind.role.clone(),
        subject: bind.who.subject(),
        annotations: bind.annotations.clone(),
    };
    let Err(error) = client.create_binding(&new).await else { return Ok(Outcome::Done) };
    if error.is_conflict() || error.outcome() == http::Outcome::Unknown {
        return after_conflict(client, bind, &project, error).await;
    }
    // Rancher's caches lag behind a new project: "not found" may only mean "not yet".
    let not_yet =
        matches!(error.cause().status(), Some(StatusCode::NOT_FOUND | StatusCode::INTERNAL_SERVER_ERROR));
    if !not_yet {
        return Err(error.into());
    }
    wait_until_ready(client, seat, &project).await?;
    match client.create_binding(&new).await {
        Ok(_) => Ok(Outcome::Done),
        Err(error) if error.is_conflict() => after_conflict(client, bind, &project, error).await,
        Err(error) => Err(error.into()),
    }
}

/// Looks what stands where our binding should be.
async fn after_conflict(client: &Client, bind: &Bind, project: &RancherProjectId, error: Error) -> Ended {
    let bindings = client.bindings(&bind.cluster.cluster).await?;
    let subject = bind.who.subject();
    let gives_the_same = |binding: &&Binding| {
        binding.project == *project && binding.role == bind.role && binding.subject == subject
    };
    let mut same = bindings.known().into_iter().flat_map(|all| all.values()).filter(gives_the_same);
    match same.next() {
        Some(found) if found.removing => Err(Outcome::Failed {
            why: format!("the binding {} is still being removed", found.name),
            hint: Some("the next cycle makes it anew".to_owned()),
        }),
        Some(_) => Ok(Outcome::AlreadySo),
        None if error.is_conflict() => Err(Outcome::Failed {
            why: format!("Rancher says that the binding {} exists, and does not show it", bind.name),
            hint: Some(
                "may the API key's user see all bindings of the cluster? Make it a cluster owner".to_owned(),
            ),
        }),
        None => Err(error.into()),
    }
}

/// Takes a binding of ours away if it still is what was read.
pub(super) async fn unbind(systems: &Systems, unbind: &Unbind) -> Ended {
    let client = client(systems, &unbind.cluster)?;
    let Some(binding) = client.binding(&unbind.binding).await?.filter(|binding| !binding.removing) else {
        return Ok(Outcome::AlreadySo);
    };
    let same = binding.project == unbind.project
        && binding.role == unbind.role
        && binding.subject == unbind.who.subject()
        && marks::mark(&binding.annotations).is_some();
    if !same {
        return Ok(Outcome::changed(format!("the binding {} was changed meanwhile", unbind.binding)));
    }
    match client.delete_binding(&unbind.binding).await? {
        Removal::Done | Removal::Begun => Ok(Outcome::Done),
        Removal::AlreadyGone => Ok(Outcome::AlreadySo),
    }
}

/// Deletes a project if it still carries the mark that was read, and waits until it is gone.
pub(super) async fn delete_project(tools: Tools<'_>, delete: &DeleteProject) -> Ended {
    let Tools { systems, ledger: _, seat } = tools;
    let DeleteProject { cluster, project: id, offering, resource, .. } = delete;
    let client = client(systems, cluster)?;
    let Some(view) = client.project(id).await? else { return Ok(Outcome::AlreadySo) };
    let ours = Some(Mark { offering: *offering, resource: *resource });
    if marks::mark(&view.project.annotations) != ours || !view.project.kind.is_ordinary() {
        return Ok(Outcome::changed(format!("the project {id} was changed meanwhile")));
    }
    if !view.project.removing && matches!(client.delete_project(id).await?, Removal::AlreadyGone) {
        return Ok(Outcome::AlreadySo);
    }
    let mut patience = seat.patience(PATIENCE);
    while let Some(view) = client.project(id).await? {
        if !patience.has_another_look().await {
            let why = view.project.trouble.unwrap_or_else(|| "Rancher does not say why".to_owned());
            let why =
                format!("the project {id} is still being removed after {} s: {why}", PATIENCE.as_secs());
            let hint = "is the cluster reachable for Rancher? The next cycle goes on from here".to_owned();
            return Err(Outcome::Failed { why, hint: Some(hint) });
        }
    }
    Ok(Outcome::Done)
}
