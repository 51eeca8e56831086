//! What Rancher says: each cluster's projects, bindings and roles; and whether a list was cut.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{OptionFuture, join_all};
use futures_util::{StreamExt, stream};
use tokio::join;

use super::{AHEAD, Named, users};
use crate::model::policy::Policy;
use crate::model::world::{Cluster, Inside, Project};
use crate::model::{ClusterRef, RancherProjectId, Reading};
use crate::plan::System;
use crate::rancher::{Client, Error};
use crate::systems::{Systems, Trouble};

type Clusters = BTreeMap<ClusterRef, Cluster>;

/// Reads all clusters of the policy.
pub(super) async fn clusters(systems: &Systems, policy: &Policy) -> (Clusters, BTreeSet<Trouble>) {
    let places: BTreeSet<&ClusterRef> = policy.offerings.values().map(|offering| &offering.cluster).collect();
    let read = join_all(places.into_iter().map(async |place| {
        let binds_people = binds_people(policy, place);
        let read = match systems.rancher.get(place) {
            // Several lists that are read at once make a large future.
            Some(client) => Box::pin(read(client, place, binds_people)).await,
            None => (silent("no Rancher is configured for it", binds_people), None),
        };
        (place.clone(), read)
    }))
    .await;
    let troubles = read.iter().filter_map(|(_, (_, trouble))| trouble.clone()).collect();
    (read.into_iter().map(|(place, (cluster, _))| (place, cluster)).collect(), troubles)
}

/// Returns whether some offering of the cluster binds people directly, so that it must be known who they are.
fn binds_people(policy: &Policy, place: &ClusterRef) -> bool {
    policy.offerings.values().any(|offering| offering.cluster == *place && offering.keycloak.is_none())
}

async fn read(client: &Client, place: &ClusterRef, binds_people: bool) -> (Cluster, Option<Trouble>) {
    let identity = match client.cluster(&place.cluster).await {
        Ok(identity) => identity,
        Err(error) => return (silent(&error.why(), binds_people), Some(trouble(&error))),
    };
    let (projects, bindings, roles, users) = join!(
        client.projects(&place.cluster),
        client.bindings(&place.cluster),
        client.role_templates(),
        OptionFuture::from(binds_people.then(|| client.users())),
    );
    // A key that opens the cluster and nothing else is a mistake that only the operator can mend; whatever else is
    // refused as a whole is said once, too.
    let trouble = projects.as_ref().err().or(bindings.as_ref().err()).map(trouble);
    let bindings = bindings.unwrap_or_else(|error| Reading::Unavailable(error.why()));
    let cluster = Cluster {
        identity: Reading::Complete(identity),
        projects: projects.unwrap_or_else(|error| Reading::Unavailable(error.why())),
        roles: roles.unwrap_or_else(|error| Reading::Unavailable(error.why())),
        users: users::of(client, users, &bindings).await,
        bindings,
        gone: BTreeSet::new(),
        inside: Inside::default(),
    };
    (cluster, trouble)
}

/// Asks for the projects that resources name and the lists lack.
pub(super) async fn with_named(systems: &Systems, clusters: Clusters, named: &Named) -> Clusters {
    let asked = clusters.into_iter().map(async |(place, cluster)| {
        let (Some(client), Some(named)) = (systems.rancher.get(&place), named.get(&place)) else {
            return (place, cluster);
        };
        let (projects, gone) = missing(client, cluster.projects, named).await;
        (place, Cluster { projects, gone, ..cluster })
    });
    join_all(asked).await.into_iter().collect()
}

type Projects = Reading<BTreeMap<RancherProjectId, Project>>;

/// Asks one by one for the projects that a resource names and the list lacks: a list is cut by permission without a
/// word, so one that is there after all makes the list incomplete (rule 15).
async fn missing(
    client: &Client,
    mut projects: Projects,
    named: &BTreeSet<RancherProjectId>,
) -> (Projects, BTreeSet<RancherProjectId>) {
    let Some(known) = projects.known() else { return (projects, BTreeSet::new()) };
    let lacking: Vec<&RancherProjectId> = named.iter().filter(|id| !known.contains_key(*id)).collect();
    let answers: BTreeMap<&RancherProjectId, _> = stream::iter(lacking)
        .map(async |id| (id, client.project(id).await))
        .buffer_unordered(AHEAD)
        .collect()
        .await;
    let mut gone = BTreeSet::new();
    for (id, answer) in answers {
        match answer {
            Ok(None) => {
                gone.insert(id.clone());
            }
            Ok(Some(found)) => {
                if let Some(known) = projects.known_mut() {
                    known.insert(id.clone(), found.project);
                }
                projects =
                    projects.with_hole(format!("the list lacks {id}, which exists: it is cut by permission"));
            }
            Err(error) => projects = projects.with_hole(error.why()),
        }
    }
    (projects, gone)
}

/// A cluster of which nothing could be read.
fn silent(why: &str, binds_people: bool) -> Cluster {
    Cluster {
        identity: Reading::Unavailable(why.to_owned()),
        projects: Reading::Unavailable(why.to_owned()),
        bindings: Reading::Unavailable(why.to_owned()),
        roles: Reading::Unavailable(why.to_owned()),
        users: binds_people.then(|| Reading::Unavailable(why.to_owned())),
        gone: BTreeSet::new(),
        inside: Inside::default(),
    }
}

fn trouble(error: &Error) -> Trouble {
    Trouble::new(System::Rancher, error, Some(error.cause()), error.hint())
}
