//! What Waldur says: each offering's card, resources, people, and the provider's bulk list of grants.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt;
use futures_util::future::{join, join_all, join4};
use jiff::Timestamp;

use super::orders;
use crate::model::policy::Policy;
use crate::model::world::{Carrier, Grant, Offering};
use crate::model::{OfferingUuid, ProjectUuid, Reading};
use crate::plan::System;
use crate::systems::{Systems, Trouble};
use crate::waldur::{Client, Error, OfferingCard};

type Grants = Reading<BTreeMap<ProjectUuid, Vec<Grant>>>;

/// Reads all offerings of the policy; `begins_at` is the time of an agent that looks for the first time.
pub(super) async fn offerings(
    systems: &Systems,
    policy: &Policy,
    begins_at: Option<Timestamp>,
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
            Some((client, Ok(card))) => open.push(Open { uuid, client, card }),
            Some((_, Err(error))) => {
                offerings.insert(uuid, silent(&error.why()));
                troubles.insert(trouble(&error));
            }
            None => {
                offerings.insert(uuid, silent("no Waldur is configured for it"));
            }
        }
    }
    let (read, grants) = join(join_all(open.iter().map(|one| read(one, begins_at))), grants(&open)).await;
    for (Open { uuid, client: _, card }, (mut offering, trouble)) in open.into_iter().zip(read) {
        troubles.extend(trouble);
        offering.grants = relevant(&offering, grants.get(&card.customer));
        offerings.insert(uuid, offering);
    }
    (offerings, troubles)
}

/// One offering that answered, with the organisation that provides it.
struct Open<'s> {
    uuid: OfferingUuid,
    client: &'s Client,
    card: OfferingCard,
}

/// Reads an offering's lists. A list that is refused as a whole is trouble, said once; one that is cut is not.
async fn read(
    Open { uuid, client, card }: &Open<'_>,
    begins_at: Option<Timestamp>,
) -> (Offering, Option<Trouble>) {
    let (resources, people, accounts, orders) = join4(
        client.resources(*uuid),
        client.offering_users(*uuid),
        client.accounts(*uuid),
        orders::read(client, *uuid, begins_at).boxed(),
    )
    .await;
    let trouble = resources.as_ref().err().or(people.as_ref().err()).map(trouble);
    let offering = Offering {
        carrier: orders::carrier(card),
        wants_statuses: card.wants_statuses,
        orders,
        resources: resources.unwrap_or_else(|error| Reading::Unavailable(error.why())),
        grants: Reading::Unavailable("not asked".to_owned()),
        people: people.unwrap_or_else(|error| Reading::Unavailable(error.why())),
        accounts: accounts.unwrap_or_else(|error| Reading::Unavailable(error.why())),
        teams: BTreeMap::new(),
    };
    (offering, trouble)
}

/// Reads the grants of each provider once, however many offerings it has.
async fn grants(open: &[Open<'_>]) -> BTreeMap<uuid::Uuid, Grants> {
    let providers: BTreeMap<uuid::Uuid, &Client> =
        open.iter().map(|one| (one.card.customer, one.client)).collect();
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
        carrier: Carrier::Agent,
        wants_statuses: false,
        orders: Reading::Unavailable(why.to_owned()),
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
