//! `/api/marketplace-orders/`: what was asked, as both sides see it.

use serde_json::Value;
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::filter::{Filters, contains, passes};
use super::order::{Order, OrderState, OrderType};
use super::order_body::body;
use super::paging::Page;
use super::refusal::Refusal;
use super::render::select;
use super::state::State;

const ORDER_KEYS: [&str; 4] = ["consumer_reviewed_at", "cost", "created", "state"];

/// What the recorded server did not know.
const ONLY_2026: [&str; 2] = ["pending-start-date", "Restore"];

/// `GET /api/marketplace-orders/`.
pub(super) fn list(state: &State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let mut filters = Filters::of(call, state.dialect);
    if state.is_2024() {
        filters.unknown(&ONLY_2026);
    }
    let order = filters.order(&ORDER_KEYS);
    let mut rows: Vec<&Order> = state.orders.values().filter(|row| state.sees_order(caller, row)).collect();
    keep_by_kind(&mut filters, &mut rows);
    keep_by_place(state, &mut filters, &mut rows);
    keep_by_time(&mut filters, &mut rows);
    let approvable = filters.flag("can_approve_as_provider");
    filters.checked()?;
    rows.retain(|row| {
        passes(approvable, |flag| {
            let waits = row.state == OrderState::PendingProvider;
            (waits && state.decides_for_provider(caller, row)) == flag
        })
    });
    rows.sort_by(|one, other| {
        let by_key = order.iter().map(|key| {
            key.apply(match key.name.as_str() {
                "created" => one.created.cmp(&other.created),
                "state" => (one.state as u8).cmp(&(other.state as u8)),
                "consumer_reviewed_at" => {
                    one.consumer_review.map(|review| review.at).cmp(&other.consumer_review.map(|it| it.at))
                }
                // Nothing costs anything here.
                _ => std::cmp::Ordering::Equal,
            })
        });
        let by_age = (one.created, one.uuid).cmp(&(other.created, other.uuid));
        by_key.into_iter().find(|ordering| ordering.is_ne()).unwrap_or(by_age)
    });
    let page = Page::cut(call, state.dialect, rows)?;
    Ok(page.answer(call, |row| Value::Object(select(call, body(state, call, row)))))
}

/// `GET /api/marketplace-orders/{uuid}/`.
pub(super) fn retrieve(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let row = find(state, caller, id)?;
    Ok(Answer::json(200, &Value::Object(select(call, body(state, call, row)))))
}

/// Returns the order of this id, if the caller sees it.
pub(super) fn find<'a>(state: &'a State, caller: &Caller, id: &str) -> Result<&'a Order, Refusal> {
    Uuid::try_parse(id)
        .ok()
        .and_then(|uuid| state.orders.get(&uuid))
        .filter(|order| state.sees_order(caller, order))
        .ok_or(Refusal::NoObject("Order"))
}

fn keep_by_kind(filters: &mut Filters<'_>, rows: &mut Vec<&Order>) {
    let states: Option<Vec<OrderState>> = filters.choices("state");
    let kinds: Option<Vec<OrderType>> = filters.choices("type");
    rows.retain(|row| {
        passes(states.as_ref(), |states| states.contains(&row.state))
            && passes(kinds.as_ref(), |kinds| kinds.contains(&row.kind))
    });
}

fn keep_by_place(state: &State, filters: &mut Filters<'_>, rows: &mut Vec<&Order>) {
    let (offering, resource) = (filters.uuid("offering_uuid"), filters.uuid("resource_uuid"));
    let (project, customer) = (filters.uuid("project_uuid"), filters.uuid("customer_uuid"));
    let (provider, query) = (filters.uuid("provider_uuid"), filters.text("query"));
    rows.retain(|order| {
        let Some(row) = state.resources.get(&order.resource_uuid) else { return false };
        let owner = state.projects.get(&row.project_uuid).map(|project| project.customer_uuid);
        let offered_by = state.offerings.get(&row.offering_uuid).map(|offering| offering.customer_uuid);
        passes(offering, |uuid| row.offering_uuid == uuid)
            && passes(resource, |uuid| row.uuid == uuid)
            && passes(project, |uuid| row.project_uuid == uuid)
            && passes(customer, |uuid| owner == Some(uuid))
            && passes(provider, |uuid| offered_by == Some(uuid))
            && passes(query, |query| contains(&row.name, query))
    });
}

fn keep_by_time(filters: &mut Filters<'_>, rows: &mut Vec<&Order>) {
    // Other than on resources, a full time stamp is taken in 2024 too.
    let (created, created_before) = (filters.moment("created"), filters.moment("created_before"));
    let (modified, modified_before) = (filters.moment("modified"), filters.moment("modified_before"));
    rows.retain(|row| {
        passes(created, |time| row.created >= Some(time))
            && passes(created_before, |time| row.created <= Some(time))
            && passes(modified, |time| row.modified >= Some(time))
            && passes(modified_before, |time| row.modified <= Some(time))
    });
}

// === impl State ===

impl State {
    /// Returns whether the caller sees an order: from the provider's side, or from the project's.
    pub(super) fn sees_order(&self, caller: &Caller, order: &Order) -> bool {
        self.resources.get(&order.resource_uuid).is_some_and(|row| {
            self.sees_offering(caller, row.offering_uuid) || self.works_in(caller, row.project_uuid)
        })
    }

    /// Returns whether the caller decides for the provider: its owner does, an offering's manager does not.
    pub(super) fn decides_for_provider(&self, caller: &Caller, order: &Order) -> bool {
        self.resources
            .get(&order.resource_uuid)
            .is_some_and(|row| self.owns_provider(caller, row.offering_uuid))
    }

    /// Returns whether the caller decides for the consumer: the owner of its organization does.
    pub(super) fn decides_for_consumer(&self, caller: &Caller, order: &Order) -> bool {
        self.resources
            .get(&order.resource_uuid)
            .is_some_and(|row| self.owns_project(caller, row.project_uuid))
    }
}
