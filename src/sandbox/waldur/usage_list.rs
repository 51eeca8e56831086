//! `/api/marketplace-component-usages/`: what was reported.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::into_map;
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::filter::{Filters, passes};
use super::paging::Page;
use super::refusal::Refusal;
use super::render::{hex, select, time_or_null};
use super::state::State;
use super::usage::Usage;

/// `GET /api/marketplace-component-usages/`: the newest report first.
pub(super) fn list(state: &State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let mut filters = Filters::of(call, state.dialect);
    let mut rows: Vec<&Usage> = state.usages.values().filter(|row| sees(state, caller, row)).collect();
    keep_by_place(state, &mut filters, &mut rows);
    keep_by_month(&mut filters, &mut rows);
    filters.checked()?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.date, row.created, row.uuid)));
    let page = Page::cut(call, state.dialect, rows)?;
    Ok(page.answer(call, |row| Value::Object(select(call, body(state, call, row)))))
}

/// `GET /api/marketplace-component-usages/{uuid}/`.
pub(super) fn retrieve(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let row = Uuid::try_parse(id)
        .ok()
        .and_then(|uuid| state.usages.get(&uuid))
        .filter(|row| sees(state, caller, row))
        .ok_or(Refusal::NoObject("ComponentUsage"))?;
    Ok(Answer::json(200, &Value::Object(select(call, body(state, call, row)))))
}

fn sees(state: &State, caller: &Caller, row: &Usage) -> bool {
    state.resources.get(&row.resource_uuid).is_some_and(|row| {
        state.sees_offering(caller, row.offering_uuid) || state.works_in(caller, row.project_uuid)
    })
}

fn keep_by_place(state: &State, filters: &mut Filters<'_>, rows: &mut Vec<&Usage>) {
    let (resource, offering) = (filters.uuid("resource_uuid"), filters.uuid("offering_uuid"));
    let (project, customer) = (filters.uuid("project_uuid"), filters.uuid("customer_uuid"));
    let kind = filters.text("type");
    rows.retain(|row| {
        let of = state.resources.get(&row.resource_uuid);
        let owner = of.and_then(|of| state.projects.get(&of.project_uuid)).map(|it| it.customer_uuid);
        passes(resource, |uuid| row.resource_uuid == uuid)
            && passes(offering, |uuid| of.is_some_and(|of| of.offering_uuid == uuid))
            && passes(project, |uuid| of.is_some_and(|of| of.project_uuid == uuid))
            && passes(customer, |uuid| owner == Some(uuid))
            && passes(kind, |kind| row.component_type == kind)
    });
}

fn keep_by_month(filters: &mut Filters<'_>, rows: &mut Vec<&Usage>) {
    let period = filters.day("billing_period");
    let (after, before) = (filters.day("date_after"), filters.day("date_before"));
    let (year, month) = (filters.number("billing_period_year"), filters.number("billing_period_month"));
    rows.retain(|row| {
        let day = row.date.map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).date());
        passes(period, |period| row.billing_period == period)
            && passes(after, |after| day >= Some(after))
            && passes(before, |before| day <= Some(before))
            && passes(year, |year| i64::from(row.billing_period.year()) == year)
            && passes(month, |month| i64::from(row.billing_period.month()) == month)
    });
}

/// Returns a report as it shows.
pub(super) fn body(state: &State, _: &Call, row: &Usage) -> Map<String, Value> {
    let resource = state.resources.get(&row.resource_uuid);
    let offering = resource.and_then(|of| state.offerings.get(&of.offering_uuid));
    let project = resource.and_then(|of| state.projects.get(&of.project_uuid));
    let customer = project.and_then(|project| state.customers.get(&project.customer_uuid));
    let component = offering.and_then(|offering| {
        offering.components.iter().find(|known| known.component_type == row.component_type)
    });
    let mut body = into_map(json!({
        "uuid": hex(row.uuid),
        "created": time_or_null(row.created),
        "description": row.description,
        "type": row.component_type,
        "name": component.map(|component| &component.name),
        "measured_unit": component.map(|component| &component.measured_unit),
        "usage": row.amount,
        "date": time_or_null(row.date),
        "resource_name": resource.map(|of| &of.name),
        "resource_uuid": hex(row.resource_uuid),
        "offering_name": offering.map(|offering| &offering.name),
        "offering_uuid": offering.map(|offering| hex(offering.uuid)),
        "project_name": project.map(|project| &project.name),
        "project_uuid": project.map(|project| hex(project.uuid)),
        "customer_name": customer.map(|customer| &customer.name),
        "customer_uuid": customer.map(|customer| hex(customer.uuid)),
        "billing_period": row.billing_period.to_string(),
        // The database's own number of the user, which says nothing outside of it.
        "modified_by": state.users.keys().position(|uuid| *uuid == row.modified_by),
    }));
    if state.is_2024() {
        body.insert("recurring".to_owned(), row.recurring.into());
    } else {
        let policy = if row.recurring { "reuse" } else { "none" };
        body.insert("missing_usage_policy".to_owned(), policy.into());
    }
    body
}
