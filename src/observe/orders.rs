//! What was ordered: the open orders of an offering, and those that failed lately.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};

use crate::model::world::{Carrier, Order, Orders};
use crate::model::{OfferingUuid, OrderUuid, Reading};
use crate::waldur::{Client, Error, OfferingCard, OpenOrder};

/// Waldur's name for offerings whose orders an agent carries out.
const OF_AGENTS: &str = "Marketplace.Slurm";

/// How long an order that failed is looked at again. Waldur itself fails some that are not at fault.
const LATELY: SignedDuration = SignedDuration::from_hours(1);

/// Returns who carries out the orders of an offering.
pub(super) fn carrier(card: &OfferingCard) -> Carrier {
    if card.kind == OF_AGENTS { Carrier::Agent } else { Carrier::Other(card.kind.clone()) }
}

/// Reads what was ordered. What failed lately is read once, by an agent that begins: while it runs, it sees such a
/// failure as it takes the order.
pub(super) async fn read(client: &Client, offering: OfferingUuid, begins_at: Option<Timestamp>) -> Orders {
    let failed = async {
        let Some(at) = begins_at else { return Ok(Reading::Complete(BTreeMap::new())) };
        client.failed_orders(offering, at.checked_sub(LATELY).unwrap_or(at)).await
    };
    match join(client.open_orders(offering), failed).await {
        (Ok(open), Ok(failed)) => {
            // An order that failed between the two calls is in both: the later answer is believed.
            let both = open.joined_with(failed, |open, failed| open.into_iter().chain(failed).collect());
            with_plans(client, both).await
        }
        (Err(error), _) | (_, Err(error)) => Reading::Unavailable(error.why()),
    }
}

/// Reads the plans that say what orders without limits change to; each once.
async fn with_plans(client: &Client, orders: Reading<BTreeMap<OrderUuid, OpenOrder>>) -> Orders {
    let plans: BTreeSet<_> = orders.known().into_iter().flatten().filter_map(|(_, one)| one.plan).collect();
    let read = plans.into_iter().map(async |plan| (plan, client.plan_quotas(plan).await));
    let plans: BTreeMap<_, Result<_, Error>> = join_all(read).await.into_iter().collect();
    let settled = |one: OpenOrder| {
        let limits = match one.plan.and_then(|plan| plans.get(&plan)) {
            // A plan without quotas changes no limit.
            Some(Ok(quotas)) => (!quotas.is_empty()).then(|| Reading::Complete(quotas.clone())),
            Some(Err(error)) => Some(Reading::Unavailable(error.why())),
            None => one.order.limits,
        };
        Order { limits, ..one.order }
    };
    orders.map(|orders| orders.into_iter().map(|(uuid, one)| (uuid, settled(one))).collect())
}
