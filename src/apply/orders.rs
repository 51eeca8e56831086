//! Steps on orders. Waldur's own task runs after an approval and overwrites who was faster: it is waited for, bounded.

use std::time::Duration;

use super::ledger::Ledger;
use super::{Ended, Outcome, Tools, nobody};
use crate::http;
use crate::model::world::{OrderKind, ResourceState};
use crate::model::{OfferingUuid, OrderUuid, ResourceUuid};
use crate::plan::action::{CompleteOrder, FailOrder, TakeOrder};
use crate::systems::Systems;
use crate::waldur::{Client, Error};

/// How long Waldur may take to follow an approval. An order that was taken up again never gets there, so the wait ends by
/// itself.
const PATIENCE: Duration = Duration::from_secs(30);

fn client(systems: &Systems, offering: OfferingUuid) -> Result<&Client, Outcome> {
    systems.waldur.get(&offering).ok_or_else(|| nobody(offering))
}

/// Takes an order, and waits until its resource shows that Waldur has taken note.
pub(super) async fn take(tools: Tools<'_>, take: &TakeOrder) -> Ended {
    let TakeOrder { offering, order, resource, kind, again } = take;
    let client = client(tools.systems, *offering)?;
    if *again {
        retake(client, tools.ledger, *order).await?;
        return Ok(Outcome::Done);
    }
    let outcome = match client.approve(*order).await {
        Ok(()) => Outcome::Done,
        // Somebody, perhaps this agent before it was cut off, had taken it.
        Err(error) if error.is_untimely() || error.outcome() == http::Outcome::Unknown => {
            let standing = client.order(*order).await?;
            if !standing.is_executing() && !standing.has_erred() {
                let by_now = || Outcome::changed(format!("the order is {} by now", standing.state));
                return Err(if error.is_untimely() { by_now() } else { error.into() });
            }
            Outcome::AlreadySo
        }
        Err(error) => return Err(error.into()),
    };
    follow(client, tools, (*order, *resource, *kind)).await?;
    Ok(outcome)
}

/// Says that an order is carried out.
pub(super) async fn complete(tools: Tools<'_>, complete: &CompleteOrder) -> Ended {
    let CompleteOrder { offering, order, resource, kind, after: _ } = complete;
    let client = client(tools.systems, *offering)?;
    follow(client, tools, (*order, *resource, *kind)).await?;
    let Err(error) = client.complete(*order).await else { return Ok(Outcome::Done) };
    if !error.is_untimely() && error.outcome() != http::Outcome::Unknown {
        return Err(error.into());
    }
    let standing = client.order(*order).await?;
    if standing.state == "done" { Ok(Outcome::AlreadySo) } else { Err(error.into()) }
}

/// Says that an order cannot be carried out, if it still is: Waldur does not look, and would spoil what is done.
pub(super) async fn fail(tools: Tools<'_>, fail: &FailOrder) -> Ended {
    let FailOrder { offering, order, resource, kind, message, after: _ } = fail;
    let client = client(tools.systems, *offering)?;
    follow(client, tools, (*order, *resource, *kind)).await?;
    let standing = client.order(*order).await?;
    if standing.has_erred() {
        return Ok(Outcome::AlreadySo);
    }
    if !standing.is_executing() {
        return Ok(Outcome::changed(format!("the order is {} by now", standing.state)));
    }
    client.fail(*order, message).await?;
    Ok(Outcome::Done)
}

/// Waits until a resource shows what its order implies. An order that Waldur itself fails on the way is taken up again,
/// once.
async fn follow(
    client: &Client,
    Tools { systems: _, ledger, seat }: Tools<'_>,
    (order, resource, kind): (OrderUuid, ResourceUuid, OrderKind),
) -> Result<(), Outcome> {
    let expected = match kind {
        // A new resource shows nothing, and does not mind who is faster.
        OrderKind::Create | OrderKind::Restore => return Ok(()),
        OrderKind::Update => [ResourceState::Updating; 2],
        // What is over already waits for nothing.
        OrderKind::Terminate => [ResourceState::Terminating, ResourceState::Terminated],
    };
    if ledger.was_retaken(order) {
        return Ok(());
    }
    let mut patience = seat.patience(PATIENCE);
    loop {
        let state = client.resource(resource).await?.map(|resource| resource.state);
        if state.is_none_or(|state| expected.contains(&state)) {
            return Ok(());
        }
        if client.order(order).await?.has_erred() {
            return retake(client, ledger, order).await;
        }
        if !patience.has_another_look().await {
            return Ok(());
        }
    }
}

/// Takes up an order that failed. Waldur does nothing about it any more, so nothing is to be waited for.
async fn retake(client: &Client, ledger: &Ledger, order: OrderUuid) -> Result<(), Outcome> {
    match client.retake(order).await {
        Ok(()) => {}
        Err(error) if error.is_untimely() || error.outcome() == http::Outcome::Unknown => {
            if !client.order(order).await?.is_executing() {
                return Err(error.into());
            }
        }
        Err(error) => return Err(error.into()),
    }
    ledger.note_retaken(order);
    Ok(())
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        Self::Failed { why: format!("{error}: {}", error.cause().story()), hint: error.hint() }
    }
}
