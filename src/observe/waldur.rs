//! What Waldur says: each offering's card, resources, people, and the provider's bulk list of grants.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, join_all, join3};
use uuid::Uuid;

use crate::model::policy::Policy;
use crate::model::world::{Grant, Offering};
use crate::model::{OfferingUuid, ProjectUuid, Reading};
use crate::plan::System;
use crate::systems::{Systems, Trouble};
use crate::waldur::{Client, Error};

type Grants = Reading<BTreeMap<ProjectUuid, Vec<Grant>>>;

/// Reads all offerings of the policy.
pub(super) async fn offerings(
    systems: &Systems,
    policy: &Policy,
) -> (BTreeMap<OfferingUuid, Offering>, BTreeSet<Trouble>) {
    let cards = join_all(policy.offerings.keys().map(async |uuid| {
        let Some(client) = systems.waldur.get(uuid) else { return (*uuid, None) };
        (*uuid, Some((client, client.offering(*uuid).await)))
    }))
    .await;
    let mut offerings = BTreeMap::new();
    let mut troubles = BTreeSet::new();
    let mut open = Vec::new();
    for (uuid, card) in cards {
        match card {
            Some((client, Ok(card))) => open.push((uuid, client, card.customer)),
            Some((_, Err(error))) => {
                offerings.insert(uuid, silent(&error.why()));
                troubles.insert(trouble(&error));
            }
            None => {
                offerings.insert(uuid, silent("no Waldur is configured for it"));
            }
        }
    }
    let (read, grants) = join(join_all(open.iter().map(read)), grants(&open)).await;
    for ((uuid, _, customer), (mut offering, trouble)) in open.into_iter().zip(read) {
        troubles.extend(trouble);
        offering.grants = relevant(&offering, grants.get(&customer));
        offerings.insert(uuid, offering);
    }
    (offerings, troubles)
}

/// One offering that answered, with the organisation that provides it.
type Open<'s> = (OfferingUuid, &'s Client, Uuid);

/// Reads an offering's lists. A list that is refused as a whole is trouble, said once; one that is cut is not.
async fn read((uuid, client, _): &Open<'_>) -> (Offering, Option<Trouble>) {
    let (resources, people, accounts) =
        join3(client.resources(*uuid), client.offering_users(*uuid), client.accounts(*uuid)).await;
    let trouble = resources.as_ref().err().or(people.as_ref().err()).map(trouble);
    let offering = Offering {
        resources: resources.unwrap_or_else(|error| Reading::Unavailable(error.why())),
        grants: Reading::Unavailable("not asked".to_owned()),
        people: people.unwrap_or_else(|error| Reading::Unavailable(error.why())),
        accounts: accounts.unwrap_or_else(|error| Reading::Unavailable(error.why())),
        teams: BTreeMap::new(),
    };
    (offering, trouble)
}

/// Reads the grants of each provider once, however many offerings it has.
async fn grants(open: &[Open<'_>]) -> BTreeMap<Uuid, Grants> {
    let providers: BTreeMap<Uuid, &Client> =
        open.iter().map(|(_, client, customer)| (*customer, *client)).collect();
    let read = providers.into_iter().map(async |(customer, client)| {
        let grants = match client.service_provider(customer).await {
            Ok(Some(provider)) => client.project_grants(provider).await,
            Ok(None) => {
                let why = "the organisation that provides the offering is no service provider that the token may see";
                return (customer, Reading::Unavailable(why.to_owned()));
            }
            Err(error) => Err(error),
        };
        (customer, grants.unwrap_or_else(|error| Reading::Unavailable(error.why())))
    });
    join_all(read).await.into_iter().collect()
}

/// Keeps the grants in projects that have resources of this offering: the list is the whole provider's.
fn relevant(offering: &Offering, grants: Option<&Grants>) -> Grants {
    let Some(grants) = grants else { return Reading::Unavailable("not asked".to_owned()) };
    let projects: BTreeSet<ProjectUuid> = offering
        .resources
        .known()
        .into_iter()
        .flat_map(BTreeMap::values)
        .map(|resource| resource.project.uuid)
        .collect();
    let kept = |all: &BTreeMap<ProjectUuid, Vec<Grant>>| {
        all.iter().filter(|(project, _)| projects.contains(project)).map(|(p, g)| (*p, g.clone())).collect()
    };
    match grants {
        Reading::Complete(all) => Reading::Complete(kept(all)),
        Reading::Partial { got, holes } => Reading::Partial { got: kept(got), holes: holes.clone() },
        Reading::Unavailable(why) => Reading::Unavailable(why.clone()),
    }
}

/// An offering of which nothing could be read.
fn silent(why: &str) -> Offering {
    Offering {
        resources: Reading::Unavailable(why.to_owned()),
        grants: Reading::Unavailable(why.to_owned()),
        people: Reading::Unavailable(why.to_owned()),
        accounts: Reading::Unavailable(why.to_owned()),
        teams: BTreeMap::new(),
    }
}

fn trouble(error: &Error) -> Trouble {
    Trouble::new(System::Waldur, error, Some(error.cause()), error.hint())
}
