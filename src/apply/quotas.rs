//! Steps on quotas: of projects, of what namespaces have of them, and of namespaces' own.

use std::time::Duration;

use super::ledger::Ledger;
use super::rancher::{client, fresh};
use super::seats::Seat;
use super::{Ended, Outcome, Tools, not_made};
use crate::http;
use crate::model::RancherProjectId;
use crate::model::desired::Limits;
use crate::model::world::Quota;
use crate::plan::action::{
    CreateNamespace, QuotaSpec, SetContainerDefaults, SetNamespaceQuota, SetQuota, SetResourceQuota,
};
use crate::rancher::{Client, Error, NewNamespace, ProjectChange, QuotaChange};
use crate::systems::Systems;

/// How long Rancher may take to count what namespaces gave back: seconds, unless it has lost count.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn quota(spec: &QuotaSpec) -> Quota {
    Quota { limit: spec.limit.clone(), namespace_default: spec.namespace_default.clone(), used: [].into() }
}

/// Corrects a project's quota if it still is what was read, once Rancher counts no more than it will allow.
pub(super) async fn set_quota(tools: Tools<'_>, set: &SetQuota) -> Ended {
    let SetQuota { cluster, project: id, from, to, removed, turn: _, after } = set;
    let client = client(tools.systems, cluster)?;
    let limit = to.as_ref().map(|to| &to.limit).filter(|_| !after.is_empty());
    let fresh = settled(client, tools.seat, id, limit).await?;
    if fresh.limit != from.limit || fresh.namespace_default != from.namespace_default {
        return Ok(Outcome::changed(format!("the quota of {id} was changed meanwhile")));
    }
    let change = match to {
        Some(spec) => QuotaChange::Set { quota: quota(spec), dropped: removed.clone() },
        None => QuotaChange::Clear,
    };
    let change = ProjectChange { quota: change, ..ProjectChange::default() };
    let kept = client.update_project(id, &change).await?.project.quota.unwrap_or_default();
    let missing: Vec<&str> = to
        .iter()
        .flat_map(|to| &to.limit)
        .filter(|(key, amount)| kept.limit.get(*key) != Some(*amount))
        .map(|(key, _)| key.as_str())
        .collect();
    if missing.is_empty() {
        return Ok(Outcome::Done);
    }
    // What a server does not know it drops without a word.
    let why = format!("Rancher took the quota of {id} and dropped {} from it", missing.join(", "));
    Err(Outcome::Failed { why, hint: Some("does this version of Rancher know such quotas?".to_owned()) })
}

/// Reads a project's quota; where namespaces were to give something back, waits a bounded time until Rancher has
/// counted that.
async fn settled(
    client: &Client,
    seat: &Seat,
    id: &RancherProjectId,
    limit: Option<&Limits>,
) -> Result<Quota, Outcome> {
    let mut patience = seat.patience(PATIENCE);
    loop {
        let quota = fresh(client, id).await?.quota.unwrap_or_default();
        let above = |limit: &Limits| {
            let above = quota.used.iter().find(|(key, used)| limit.get(*key).is_some_and(|it| it < *used));
            above.map(|(key, used)| format!("{key} {used}"))
        };
        let Some(above) = limit.and_then(above) else { return Ok(quota) };
        if !patience.has_another_look().await {
            return Err(Outcome::changed(format!("Rancher still counts {above} in the namespaces of {id}")));
        }
    }
}

/// Corrects what containers of a project have by default, if it still is what was read.
pub(super) async fn set_container_defaults(systems: &Systems, set: &SetContainerDefaults) -> Ended {
    let SetContainerDefaults { cluster, project: id, from, to } = set;
    let client = client(systems, cluster)?;
    if fresh(client, id).await?.container_defaults != *from {
        return Ok(Outcome::changed(format!("what containers of {id} have was changed meanwhile")));
    }
    let change = ProjectChange { container_defaults: Some(to.clone()), ..ProjectChange::default() };
    client.update_project(id, &change).await?;
    Ok(Outcome::Done)
}

/// Makes a namespace. Its name is unique in the cluster: one that is there already is looked at.
pub(super) async fn create_namespace(systems: &Systems, ledger: &Ledger, create: &CreateNamespace) -> Ended {
    let client = client(systems, &create.cluster)?;
    let Some(project) = ledger.project(&create.project) else { return Err(not_made("the project")) };
    let new = NewNamespace {
        name: create.name.clone(),
        project: project.clone(),
        labels: create.labels.clone(),
        annotations: create.annotations.clone(),
    };
    let cluster = &create.cluster.cluster;
    let Err(error) = client.create_namespace(cluster, &new).await else { return Ok(Outcome::Done) };
    if !error.is_conflict() && error.outcome() != http::Outcome::Unknown {
        return Err(error.into());
    }
    match client.namespace(cluster, &create.name).await? {
        Some(view) if view.namespace.project.as_ref() == Some(&project) && !view.namespace.removing => {
            Ok(Outcome::AlreadySo)
        }
        Some(_) => Err(Outcome::Failed {
            why: format!("a namespace {} is there and is not the project's", create.name),
            hint: Some("the next plan says what to do".to_owned()),
        }),
        None => Err(error.into()),
    }
}

/// Corrects what a namespace has of its project's quota, if it still is what was read.
pub(super) async fn set_namespace_quota(systems: &Systems, set: &SetNamespaceQuota) -> Ended {
    let SetNamespaceQuota { cluster, project, namespace, from, to, turn: _, after_project: _ } = set;
    let client = client(systems, cluster)?;
    let view = client.namespace(&cluster.cluster, namespace).await?;
    let Some(view) = view.filter(|view| !view.namespace.removing) else {
        return Ok(Outcome::changed(format!("the namespace {namespace} is gone")));
    };
    let is = &view.namespace;
    if is.project.as_ref() != Some(project) || is.quota.as_ref() != Some(from) {
        return Ok(Outcome::changed(format!("the namespace {namespace} was changed meanwhile")));
    }
    match client.set_namespace_quota(&cluster.cluster, namespace, view, to).await {
        Ok(()) => Ok(Outcome::Done),
        Err(error) => {
            Err(unless_changed(error, || format!("the namespace {namespace} was changed meanwhile")))
        }
    }
}

/// Puts a quota into a namespace, or corrects it if it still is what was read.
pub(super) async fn set_resource_quota(systems: &Systems, set: &SetResourceQuota) -> Ended {
    let SetResourceQuota { cluster, namespace, from, to, annotations } = set;
    let (client, namespace) = (client(systems, cluster)?, namespace.name());
    let Some(from) = from else {
        let made = client.create_resource_quota(&cluster.cluster, namespace, annotations, to).await;
        let Err(error) = made else { return Ok(Outcome::Done) };
        if !error.is_conflict() && error.outcome() != http::Outcome::Unknown {
            return Err(error.into());
        }
        return match client.resource_quota(&cluster.cluster, namespace).await? {
            Some(view) if view.hard == *to => Ok(Outcome::AlreadySo),
            Some(_) => Ok(Outcome::changed(format!("somebody else put a quota into {namespace}"))),
            None => Err(error.into()),
        };
    };
    let view = client.resource_quota(&cluster.cluster, namespace).await?;
    let Some(view) = view.filter(|view| view.hard == *from) else {
        return Ok(Outcome::changed(format!("the quota in {namespace} was changed meanwhile")));
    };
    match client.set_resource_quota(&cluster.cluster, namespace, view, to).await {
        Ok(()) => Ok(Outcome::Done),
        Err(error) => {
            Err(unless_changed(error, || format!("the quota in {namespace} was changed meanwhile")))
        }
    }
}

/// Kubernetes refuses a write to what changed since it was read.
fn unless_changed(error: Error, what: impl Fn() -> String) -> Outcome {
    if error.is_conflict() { Outcome::changed(what()) } else { error.into() }
}
