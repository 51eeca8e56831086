//! Reads what a report rests on: a few lists of Waldur's for each offering, and of each cluster at most five.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{OptionFuture, join, join_all};
use jiff::Timestamp;
use tokio::join;

use crate::model::policy::Policy;
use crate::model::usage::{Books, Measure, Month, Sight, Source, Terms, Workload};
use crate::model::{ClusterRef, OfferingUuid, Reading};
use crate::plan::System;
use crate::systems::{Systems, Trouble};
use crate::{rancher, waldur};

/// Reads everything once.
pub(super) async fn sight(
    systems: &Systems,
    policy: &Policy,
    terms: &Terms,
    month: Month,
    now: Timestamp,
) -> (Sight, BTreeSet<Trouble>) {
    let reported = || terms.offerings.keys().filter(|uuid| policy.offerings.contains_key(uuid));
    let offerings = join_all(reported().map(async |uuid| match systems.waldur.get(uuid) {
        Some(client) => (*uuid, books(client, *uuid, month).await),
        None => (*uuid, (silent_books("no Waldur is configured for it"), None)),
    }));
    let mut sources: BTreeMap<&ClusterRef, BTreeSet<Source>> = BTreeMap::new();
    for offering in reported().filter_map(|uuid| policy.offerings.get(uuid)) {
        let needed = offering.components.values().filter_map(Measure::of).map(|measure| measure.source());
        sources.entry(&offering.cluster).or_default().extend(needed);
    }
    let clusters = join_all(sources.iter().map(async |(place, sources)| {
        let read = match systems.rancher.get(*place) {
            // Several lists that are read at once make a large future.
            Some(client) => Box::pin(workload(client, place, sources, now)).await,
            None => (silent_workload("no Rancher is configured for it"), None),
        };
        ((*place).clone(), read)
    }));
    let (offerings, clusters) = join(offerings, clusters).await;
    let mut troubles = BTreeSet::new();
    let mut kept = |trouble: Option<Trouble>| troubles.extend(trouble);
    let mut sight = Sight { taken_at: now, offerings: BTreeMap::new(), clusters: BTreeMap::new() };
    for (uuid, (books, trouble)) in offerings {
        sight.offerings.insert(uuid, books);
        kept(trouble);
    }
    for (place, (workload, trouble)) in clusters {
        sight.clusters.insert(place, workload);
        kept(trouble);
    }
    (sight, troubles)
}

/// Reads what Waldur says of an offering. The first question decides whether the others are asked.
async fn books(client: &waldur::Client, offering: OfferingUuid, month: Month) -> (Books, Option<Trouble>) {
    let billing = match client.billing(offering).await {
        Ok(billing) => billing,
        Err(error) => return (silent_books(&error.why()), Some(of_waldur(&error))),
    };
    let (resources, reported) =
        join(client.accounts_of_usage(offering), client.usages(offering, month)).await;
    let trouble = resources.as_ref().err().or(reported.as_ref().err()).map(of_waldur);
    let books = Books {
        billing: Reading::Complete(billing),
        resources: resources.unwrap_or_else(|error| Reading::Unavailable(error.why())),
        reported: reported.unwrap_or_else(|error| Reading::Unavailable(error.why())),
    };
    (books, trouble)
}

/// Reads what runs in a cluster. Namespaces are read last: whatever is in one that is not listed then is going away with
/// it, and nothing is taken for nobody's because its namespace was too new.
async fn workload(
    client: &rancher::Client,
    place: &ClusterRef,
    sources: &BTreeSet<Source>,
    now: Timestamp,
) -> (Workload, Option<Trouble>) {
    let cluster = &place.cluster;
    // Rancher itself answers in Kubernetes' place that it knows no such cluster, or cannot reach it.
    let projects = match client.projects(cluster).await {
        Ok(projects) => projects,
        Err(error) => return (silent_workload(&error.why()), Some(of_rancher(&error))),
    };
    let needed = |source: Source| sources.contains(&source);
    let (pods, claims) = join!(
        OptionFuture::from(needed(Source::Pods).then(|| client.pods(cluster, now))),
        OptionFuture::from(needed(Source::Claims).then(|| client.claims(cluster))),
    );
    let namespaces = client.namespaces(cluster).await;
    let workload = Workload {
        projects,
        namespaces: namespaces.unwrap_or_else(|error| Reading::Unavailable(error.why())),
        pods: told(pods),
        claims: told(claims),
    };
    (workload, None)
}

/// What nobody needs is not asked for.
fn told<T>(answer: Option<Result<Reading<T>, rancher::Error>>) -> Reading<T> {
    match answer {
        Some(Ok(reading)) => reading,
        Some(Err(error)) => Reading::Unavailable(error.why()),
        None => Reading::Unavailable("not asked".to_owned()),
    }
}

/// An offering of which nothing could be read.
fn silent_books(why: &str) -> Books {
    Books {
        billing: Reading::Unavailable(why.to_owned()),
        resources: Reading::Unavailable(why.to_owned()),
        reported: Reading::Unavailable(why.to_owned()),
    }
}

/// A cluster of which nothing could be read.
fn silent_workload(why: &str) -> Workload {
    Workload {
        projects: Reading::Unavailable(why.to_owned()),
        namespaces: Reading::Unavailable(why.to_owned()),
        pods: Reading::Unavailable(why.to_owned()),
        claims: Reading::Unavailable(why.to_owned()),
    }
}

fn of_waldur(error: &waldur::Error) -> Trouble {
    Trouble::new(System::Waldur, error, Some(error.cause()), error.hint())
}

fn of_rancher(error: &rancher::Error) -> Trouble {
    Trouble::new(System::Rancher, error, Some(error.cause()), error.hint())
}
