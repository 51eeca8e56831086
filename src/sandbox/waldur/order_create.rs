//! `POST /api/marketplace-orders/`: a consumer orders something new, which makes a resource at once.

use std::collections::BTreeMap;

use axum::http::header;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::allocation::Allocation;
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input;
use super::limits;
use super::order::{Order, OrderState, OrderType, Review};
use super::order_body::placed;
use super::refusal::Refusal;
use super::seed::{OfferingState, Resource, ResourceState};
use super::slug;
use super::state::State;

/// More than the database's column holds makes the server fall over.
const NAME_LENGTH: usize = 150;

/// What is ordered.
pub(super) struct Wish {
    pub(super) offering_uuid: Uuid,
    pub(super) project_uuid: Uuid,
    pub(super) plan_uuid: Option<Uuid>,
    pub(super) limits: BTreeMap<String, Value>,
    pub(super) attributes: Map<String, Value>,
    /// Identities, where they were chosen before.
    pub(super) order_uuid: Option<Uuid>,
    pub(super) resource_uuid: Option<Uuid>,
}

/// Creates an order, and the resource it is about.
pub(super) fn create(state: &mut State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let fields = input::dictionary(call)?;
    let wish = read(state, caller, &fields)?;
    if wish.attributes.get("name").and_then(Value::as_str).is_some_and(|it| it.chars().count() > NAME_LENGTH)
    {
        return Err(Refusal::Crash);
    }
    let approved = state.owns_project(caller, wish.project_uuid);
    let uuid = state.order_resource(wish, caller.user_uuid, approved);
    let order = state.orders.get(&uuid).ok_or(Refusal::NoObject("Order"))?;
    let body = Value::Object(placed(state, call, order));
    let location = body["url"].as_str().unwrap_or_default().to_owned();
    Ok(Answer::json(201, &body).with(header::LOCATION, location))
}

fn read(state: &State, caller: &Caller, fields: &Map<String, Value>) -> Result<Wish, Refusal> {
    let mut missing = Map::new();
    for name in ["offering", "project"] {
        if !fields.contains_key(name) {
            input::required(&mut missing, name);
        }
    }
    if !missing.is_empty() {
        return Err(Refusal::Invalid(missing));
    }
    let gone = |name: &str| Refusal::field(name, "Invalid hyperlink - Object does not exist.");
    let link = |name: &str, collection: &str| input::hyperlink(name, &fields[name], collection);
    let offering_uuid = link("offering", "marketplace-public-offerings")?;
    let offering = state.offerings.get(&offering_uuid).ok_or_else(|| gone("offering"))?;
    let project_uuid = link("project", "projects")?;
    if !state.works_in(caller, project_uuid) {
        return Err(gone("project"));
    }
    let plan_uuid = match fields.get("plan") {
        None | Some(Value::Null) => None,
        Some(value) => Some(input::hyperlink("plan", value, "marketplace-public-offerings/*/plans")?),
    };
    if plan_uuid.is_some() && state.plan(offering_uuid, plan_uuid).is_none() {
        return Err(gone("plan"));
    }
    let limits = limits::read(fields.get("limits")).map_err(limits::Wrong::in_order)?;
    if offering.state != OfferingState::Active {
        return Err(Refusal::field("offering", "Offering is not available."));
    }
    limits::check(offering, &limits).map_err(limits::Wrong::in_order)?;
    let attributes = fields.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    Ok(Wish {
        offering_uuid,
        project_uuid,
        plan_uuid,
        limits,
        attributes,
        order_uuid: None,
        resource_uuid: None,
    })
}

// === impl State ===

impl State {
    /// Makes a resource and the order for it. An order of who may approve waits for the provider at once.
    pub(super) fn order_resource(&mut self, wish: Wish, by: Uuid, approved: bool) -> Uuid {
        let Wish { offering_uuid, project_uuid, plan_uuid, limits, attributes, order_uuid, resource_uuid } =
            wish;
        let plan_uuid = self.plan(offering_uuid, plan_uuid).map(|plan| plan.uuid);
        let name = attributes.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let resource_uuid = resource_uuid.unwrap_or_else(|| self.mint("resource"));
        let now = self.stamp();
        let slugs = self.resources.values().map(|row| row.slug.as_str());
        let resource = Resource {
            uuid: resource_uuid,
            slug: slug::next(&name, slugs),
            name,
            offering_uuid,
            project_uuid,
            state: ResourceState::Creating,
            allocation: Allocation::Absent,
            plan_uuid,
            limits: limits.clone(),
            attributes: attributes.clone().into_iter().collect(),
            created: Some(now),
            modified: Some(now),
            ..Resource::default()
        };
        self.resources.insert(resource_uuid, resource);
        self.place(
            Order {
                uuid: order_uuid.unwrap_or_default(),
                kind: OrderType::Create,
                resource_uuid,
                plan_uuid,
                limits,
                attributes,
                ..Order::default()
            },
            by,
            approved,
        )
    }

    /// Places an order.
    pub(super) fn place(&mut self, order: Order, by: Uuid, approved: bool) -> Uuid {
        let uuid = if order.uuid.is_nil() { self.mint("order") } else { order.uuid };
        let now = self.stamp();
        let order = Order {
            uuid,
            state: if approved { OrderState::PendingProvider } else { OrderState::PendingConsumer },
            created_by: by,
            consumer_review: approved.then_some(Review { by, at: now }),
            created: Some(now),
            modified: Some(now),
            ..order
        };
        self.orders.insert(uuid, order);
        uuid
    }
}
