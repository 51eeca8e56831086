//! `/api/marketplace-offering-users/`: people's accounts at the caller's offerings.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::into_map;
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::filter::{Filters, contains, passes};
use super::input;
use super::paging::Page;
use super::refusal::Refusal;
use super::render::{hex, select, time_or_null, word};
use super::seed::{OfferingUser, OfferingUserState, User};
use super::state::State;

pub(super) const USERNAME_LENGTH: usize = 100;

/// `GET /api/marketplace-offering-users/`.
pub(super) fn list(state: &State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let mut filters = Filters::of(call, state.dialect);
    let mut rows: Vec<&OfferingUser> =
        state.offering_users.values().filter(|row| sees(state, caller, row)).collect();
    keep_by_person(state, &mut filters, &mut rows);
    if !state.is_2024() {
        // The recorded server knows no states here and lets the parameters pass unread.
        keep_by_life(&mut filters, &mut rows);
    }
    filters.checked()?;
    rows.sort_by_key(|row| (row.created, row.uuid));
    let page = Page::cut(call, state.dialect, rows)?;
    Ok(page.answer(call, |row| Value::Object(select(call, body(state, call, row)))))
}

/// `GET /api/marketplace-offering-users/{uuid}/`.
pub(super) fn retrieve(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let row = find(state, caller, id)?;
    Ok(Answer::json(200, &Value::Object(select(call, body(state, call, row)))))
}

/// `PATCH /api/marketplace-offering-users/{uuid}/`: sets the username, unique or not. Other fields are not read.
pub(super) fn rename(state: &mut State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    let fields = input::dictionary(call)?;
    let wanted = match fields.get("username") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(value) => Some(Some(input::text("username", value, USERNAME_LENGTH)?)),
    };
    let now = state.now();
    let row = state.offering_users.get_mut(&uuid).ok_or(Refusal::NoObject("OfferingUser"))?;
    if let Some(username) = wanted {
        row.name(username);
    }
    row.modified = Some(now);
    retrieve(state, call, caller, id)
}

/// In 2024 the offerings whose option forbids offering users hid them from all but staff.
fn sees(state: &State, caller: &Caller, row: &OfferingUser) -> bool {
    state.sees_offering(caller, row.offering_uuid)
        && (!state.is_2024() || caller.is_staff() || state.makes_offering_users(row.offering_uuid))
}

pub(super) fn find<'a>(state: &'a State, caller: &Caller, id: &str) -> Result<&'a OfferingUser, Refusal> {
    Uuid::try_parse(id)
        .ok()
        .and_then(|uuid| state.offering_users.get(&uuid))
        .filter(|row| sees(state, caller, row))
        .ok_or(Refusal::NoObject("OfferingUser"))
}

fn keep_by_person(state: &State, filters: &mut Filters<'_>, rows: &mut Vec<&OfferingUser>) {
    let (offerings, user) = (filters.uuids("offering_uuid"), filters.uuid("user_uuid"));
    let (account, query) = (filters.text("user_username"), filters.text("query"));
    let restricted = filters.flag("is_restricted");
    let nobody = User::default();
    rows.retain(|row| {
        let person = state.users.get(&row.user_uuid).unwrap_or(&nobody);
        passes(offerings.as_ref(), |offerings| offerings.contains(&row.offering_uuid))
            && passes(user, |user| row.user_uuid == user)
            && passes(account, |account| person.username == account)
            && passes(query, |query| mentions(row, person, query))
            && passes(restricted, |flag| row.is_restricted == flag)
    });
}

fn mentions(row: &OfferingUser, person: &User, query: &str) -> bool {
    [row.username.as_deref().unwrap_or_default(), &person.username, &person.full_name, &person.email]
        .into_iter()
        .any(|text| contains(text, query))
}

fn keep_by_life(filters: &mut Filters<'_>, rows: &mut Vec<&OfferingUser>) {
    let states: Option<Vec<OfferingUserState>> = filters.choices("state");
    let (created, created_before) = (filters.time("created"), filters.time("created_before"));
    let (modified, modified_before) = (filters.time("modified"), filters.time("modified_before"));
    rows.retain(|row| {
        passes(states.as_ref(), |states| states.contains(&row.state))
            && passes(created, |time| row.created >= Some(time))
            && passes(created_before, |time| row.created <= Some(time))
            && passes(modified, |time| row.modified >= Some(time))
            && passes(modified_before, |time| row.modified <= Some(time))
    });
}

/// Returns an account as it shows.
pub(super) fn body(state: &State, call: &Call, row: &OfferingUser) -> Map<String, Value> {
    let offering = state.offerings.get(&row.offering_uuid);
    let customer = offering.and_then(|offering| state.customers.get(&offering.customer_uuid));
    let user = state.users.get(&row.user_uuid);
    let mut body = into_map(json!({
        "url": call.url(&format!("marketplace-offering-users/{}", hex(row.uuid))),
        "uuid": hex(row.uuid),
        "user": call.url(&format!("users/{}", hex(row.user_uuid))),
        "offering": call.url(&format!("marketplace-provider-offerings/{}", hex(row.offering_uuid))),
        "username": row.username,
        "offering_uuid": hex(row.offering_uuid),
        "offering_name": offering.map(|offering| &offering.name),
        "user_uuid": hex(row.user_uuid),
        "user_username": user.map(|user| &user.username),
        "user_full_name": user.map(|user| &user.full_name),
        "created": time_or_null(row.created),
        "modified": time_or_null(row.modified),
        "customer_uuid": offering.map(|offering| hex(offering.customer_uuid)),
        "customer_name": customer.map(|customer| &customer.name),
        "is_restricted": row.is_restricted,
    }));
    if state.is_2024() {
        body.insert("propagation_date".to_owned(), time_or_null(row.propagation_date));
    } else {
        let agreed = offering.is_none_or(|offering| !offering.consent_missing.contains(&row.user_uuid));
        body.extend(into_map(json!({
            "user_email": user.map(|user| &user.email),
            "state": word(row.state),
            "runtime_state": "Active",
            "service_provider_comment": "",
            "service_provider_comment_url": "",
            "has_consent": agreed,
            "requires_reconsent": false,
        })));
    }
    body
}
