//! What is asked of orders, and done with them. Nothing here is idempotent in Waldur but what says so.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Client, Error, PAGE, one, parse, wire, with_fields};
use crate::http::{Listing, StatusCode};
use crate::model::world::{Order, OrderState};
use crate::model::{ComponentName, OfferingUuid, OrderUuid, Reading};

/// What stands where Waldur keeps the traces of failures: who said that the order failed. A trace helps no customer.
pub(super) const SIGNATURE: &str = "waldur-rancher-agent";

/// The states of an order that somebody has to do something about.
const OPEN: [(&str, &str); 2] = [("state", "pending-provider"), ("state", "executing")];

/// An order, and the plan that says its limits if it says none itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOrder {
    /// The order.
    pub order: Order,
    /// The plan.
    pub plan: Option<Uuid>,
}

/// Where an order is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its state in Waldur's word.
    pub state: String,
    /// What was said of its failure.
    pub message: String,
}

impl Standing {
    /// Returns whether the provider is carrying it out.
    pub fn is_executing(&self) -> bool {
        self.state == "executing"
    }

    /// Returns whether it failed.
    pub fn has_erred(&self) -> bool {
        self.state == "erred"
    }
}

impl Client {
    /// Reads the orders of an offering that wait for its provider, and those that the provider is carrying out.
    pub async fn open_orders(
        &self,
        offering: OfferingUuid,
    ) -> Result<Reading<BTreeMap<OrderUuid, OpenOrder>>, Error> {
        self.orders(offering, &OPEN).await
    }

    /// Reads the orders of an offering that failed since then.
    pub async fn failed_orders(
        &self,
        offering: OfferingUuid,
        since: Timestamp,
    ) -> Result<Reading<BTreeMap<OrderUuid, OpenOrder>>, Error> {
        let failed = self.orders(offering, &[("state", "erred"), ("modified", &since.to_string())]).await?;
        // A server that does not know the filter says everything that ever failed.
        Ok(failed.map(|orders| orders.into_iter().filter(|(_, one)| one.order.since >= since).collect()))
    }

    /// Reads which orders are open, and nothing of them but their states: cheap enough to be asked every few seconds.
    pub async fn order_states(
        &self,
        offering: OfferingUuid,
    ) -> Result<Reading<BTreeMap<OrderUuid, OrderState>>, Error> {
        let listing = self.order_list(offering, &OPEN, wire::ORDER_STATE_FIELDS).await?;
        let (rows, holes) = parse::whole_list(listing, "order", |row: &wire::OrderInState| row.uuid);
        let of_offering = rows.into_iter().filter(|row| row.offering_uuid == offering);
        Ok(parse::reading(of_offering.map(|row| (row.uuid, row.state)).collect(), holes))
    }

    async fn orders(
        &self,
        offering: OfferingUuid,
        filters: &[(&str, &str)],
    ) -> Result<Reading<BTreeMap<OrderUuid, OpenOrder>>, Error> {
        let listing = self.order_list(offering, filters, wire::ORDER_FIELDS).await?;
        let (rows, holes) = parse::whole_list(listing, "order", |row: &wire::Order| row.uuid);
        Ok(parse::reading(parse::orders(rows, offering), holes))
    }

    async fn order_list(
        &self,
        offering: OfferingUuid,
        filters: &[(&str, &str)],
        fields: &[&str],
    ) -> Result<Listing, Error> {
        let request = self.at(&["marketplace-orders"]).query("offering_uuid", &offering.hex());
        let request = filters.iter().fold(request, |request, (key, value)| request.query(key, value));
        let listing = with_fields(request, fields).numbered_pages(PAGE).await;
        listing.map_err(|source| Error::Orders { offering, source })
    }

    /// Reads what a plan includes.
    pub async fn plan_quotas(&self, plan: Uuid) -> Result<BTreeMap<ComponentName, i64>, Error> {
        let request = self.at(&["marketplace-plans", &plan.simple().to_string()]);
        let plan_row: Result<wire::Plan, _> = one(with_fields(request, &["quotas"])).await;
        plan_row.map(|row| parse::limits(row.quotas)).map_err(|source| Error::Plan { plan, source })
    }

    /// Reads where an order is now.
    pub async fn order(&self, order: OrderUuid) -> Result<Standing, Error> {
        let request = self.at(&["marketplace-orders", &order.hex()]);
        let row: Result<wire::OrderStanding, _> =
            one(with_fields(request, &["state", "error_message"])).await;
        let row = row.map_err(|source| Error::Order { order, source })?;
        Ok(Standing { state: row.state, message: row.error_message.unwrap_or_default() })
    }

    /// Takes an order that waits for the provider. What Waldur does about it, it does later.
    pub async fn approve(&self, order: OrderUuid) -> Result<(), Error> {
        self.act(order, "approve_by_provider", &json!({})).await
    }

    /// Takes an order again that failed. Waldur does nothing about it.
    pub async fn retake(&self, order: OrderUuid) -> Result<(), Error> {
        self.act(order, "set_state_executing", &json!({})).await
    }

    /// Says that an order is carried out.
    pub async fn complete(&self, order: OrderUuid) -> Result<(), Error> {
        self.act(order, "set_state_done", &json!({})).await
    }

    /// Says that an order failed, and why. To be called only for one that is being carried out: Waldur does not look.
    pub async fn fail(&self, order: OrderUuid, message: &str) -> Result<(), Error> {
        // Without both texts the server breaks.
        let words = json!({ "error_message": message, "error_traceback": SIGNATURE });
        self.act(order, "set_state_erred", &words).await
    }

    async fn act(&self, order: OrderUuid, action: &'static str, body: &Value) -> Result<(), Error> {
        let path = ["api", "marketplace-orders", &order.hex(), action];
        let sent = self.http.post(&path).slash().json(body).send().await;
        sent.map(drop).map_err(|source| Error::OrderAction { order, action, source })
    }
}

impl Error {
    /// Says whether an order is not in a state in which that can be done with it.
    pub fn is_untimely(&self) -> bool {
        self.cause().status() == Some(StatusCode::CONFLICT)
    }
}
