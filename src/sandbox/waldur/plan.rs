//! What an offering can be ordered under: `/api/marketplace-plans/`, and the time a resource spends in a plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::into_map;
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::component::Component;
use super::refusal::Refusal;
use super::render::{hex, select, time_or_null};
use super::resources::find;
use super::seed::{Offering, Resource, ResourceState};
use super::state::{State, hashed};

/// A price list with, for fixed components, amounts of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// Identity.
    pub uuid: Uuid,
    /// Display name.
    pub name: String,
    /// The time that a price is for.
    pub unit: String,
    /// Amounts by component, where the plan and not the order says how much.
    pub quotas: BTreeMap<String, i64>,
    /// What it has prices for: the components that the offering had when the plan was made.
    pub components: Vec<String>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            uuid: Uuid::nil(),
            name: "Default plan".to_owned(),
            unit: "month".to_owned(),
            quotas: BTreeMap::new(),
            components: Vec::new(),
        }
    }
}

/// `GET /api/marketplace-plans/{uuid}/`.
pub(super) fn retrieve(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let wanted = Uuid::try_parse(id).map_err(|_| Refusal::NoObject("Plan"))?;
    let (offering, plan) = state
        .offerings
        .values()
        .filter(|offering| state.sees_offering(caller, offering.uuid))
        .find_map(|offering| Some((offering, offering.plans.iter().find(|plan| plan.uuid == wanted)?)))
        .ok_or(Refusal::NoObject("Plan"))?;
    let mut full = body(state, call, offering, plan);
    full.insert(
        "offering".to_owned(),
        call.url(&format!("marketplace-provider-offerings/{}", hex(offering.uuid))).into(),
    );
    Ok(Answer::json(200, &Value::Object(select(call, full))))
}

/// `GET /api/marketplace-provider-resources/{uuid}/plan_periods/`: here a resource keeps its first plan.
pub(super) fn periods(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let row = find(state, caller, id)?;
    let mut periods = Vec::new();
    if !matches!(row.state, ResourceState::Creating) {
        let plan = state.plan_of(row);
        let usages = state.usages.values().filter(|usage| usage.resource_uuid == row.uuid);
        periods.push(json!({
            "uuid": hex(period(row.uuid)),
            "plan_name": plan.map(|plan| &plan.name),
            "plan_uuid": plan.map(|plan| hex(plan.uuid)),
            "start": time_or_null(row.created),
            "end": null,
            "components": usages.map(|usage| super::usage_list::body(state, call, usage)).collect::<Vec<_>>(),
        }));
    }
    Ok(Answer::json(200, &Value::Array(periods)))
}

/// Returns the identity of the time that a resource spends in its plan.
pub(super) fn period(resource: Uuid) -> Uuid {
    hashed(&format!("plan period {resource}"))
}

/// Returns a plan as it shows inside an offering.
pub(super) fn body(state: &State, call: &Call, offering: &Offering, plan: &Plan) -> Map<String, Value> {
    let by_component = |value: &dyn Fn(&str) -> Value| -> Map<String, Value> {
        plan.components.iter().map(|kind| (kind.clone(), value(kind))).collect()
    };
    let resources = state.resources.values().filter(|row| {
        row.offering_uuid == offering.uuid && state.plan_of(row).map(|known| known.uuid) == Some(plan.uuid)
    });
    let mut shown = into_map(json!({
        "url": call.url(&format!("marketplace-plans/{}", hex(plan.uuid))),
        "uuid": hex(plan.uuid),
        "name": plan.name,
        "description": "",
        "article_code": "",
        "max_amount": null,
        "archived": false,
        "is_active": true,
        "unit_price": "0.0000000000",
        "unit": plan.unit,
        "init_price": 0,
        "switch_price": 0,
        "backend_id": "",
        "organization_groups": [],
        "prices": by_component(&|_| json!(0.0)),
        "future_prices": by_component(&|_| Value::Null),
        "quotas": by_component(&|kind| plan.quotas.get(kind).copied().unwrap_or(0).into()),
        "resources_count": resources.count(),
        "plan_type": null,
        "minimal_price": 0,
    }));
    if !state.is_2024() {
        let priced = offering.components.iter().filter(|row| plan.components.contains(&row.component_type));
        let components = priced.map(|row| component(plan, row)).collect();
        shown.insert("components".to_owned(), components);
    }
    shown
}

/// Returns what a plan says of a component, which the newest dialect shows; nothing costs anything here.
fn component(plan: &Plan, row: &Component) -> Value {
    json!({
        "type": row.component_type,
        "name": row.name,
        "measured_unit": row.measured_unit,
        "billing_type": row.billing_type,
        "amount": plan.quotas.get(&row.component_type).copied().unwrap_or(0),
        "price": "0.0000000000",
        "future_price": null,
    })
}

// === impl State ===

impl State {
    /// Returns the plan of a resource.
    pub(super) fn plan_of(&self, row: &Resource) -> Option<&Plan> {
        self.plan(row.offering_uuid, row.plan_uuid)
    }

    /// Returns a plan of an offering: its first one, unless another is named.
    pub(super) fn plan(&self, offering: Uuid, wanted: Option<Uuid>) -> Option<&Plan> {
        let plans = &self.offerings.get(&offering)?.plans;
        plans.iter().find(|plan| wanted.is_none_or(|wanted| plan.uuid == wanted))
    }

    /// Gives every offering that names no plan one, and every plan that names no component all there are.
    pub(super) fn make_plans(&mut self) {
        self.offerings.values_mut().for_each(Offering::make_plans);
    }
}

impl Offering {
    pub(super) fn make_plans(&mut self) {
        if self.plans.is_empty() {
            let uuid = hashed(&format!("plan {}", self.uuid));
            self.plans.push(Plan { uuid, ..Plan::default() });
        }
        let all = self.components.iter().map(|component| component.component_type.clone());
        for plan in self.plans.iter_mut().filter(|plan| plan.components.is_empty()) {
            plan.components = all.clone().collect();
        }
    }
}
