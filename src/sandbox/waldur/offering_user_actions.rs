//! What a provider does to people's accounts at its offerings.

use axum::http::header;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::input;
use super::offering_users::{USERNAME_LENGTH, body, find};
use super::refusal::Refusal;
use super::seed::{OfferingUser, OfferingUserState};
use super::state::State;

/// `POST /api/marketplace-offering-users/`: user and offering are named by their addresses.
pub(super) fn create(state: &mut State, call: &Call, caller: &Caller) -> Result<Answer, Refusal> {
    let fields = input::dictionary(call)?;
    let (user, offering) = links(state, &fields)?;
    let username = username(&fields)?;
    if state.offering_user(offering, user).is_some() {
        let why = "The fields offering, user must make a unique set.";
        return Err(Refusal::field("non_field_errors", why));
    }
    if !state.owns_provider(caller, offering) {
        return Err(Refusal::Forbidden);
    }
    let (uuid, now) = (state.mint("offering user"), state.stamp());
    let named = username.as_ref().is_some_and(|name| !name.is_empty());
    let row = OfferingUser {
        uuid,
        offering_uuid: offering,
        user_uuid: user,
        username,
        state: if named { OfferingUserState::Ok } else { OfferingUserState::Requested },
        created: Some(now),
        modified: Some(now),
        ..OfferingUser::default()
    };
    let shown = Value::Object(body(state, call, &row));
    let location = shown["url"].as_str().unwrap_or_default().to_owned();
    state.offering_users.insert(uuid, row);
    Ok(Answer::json(201, &shown).with(header::LOCATION, location))
}

/// `PUT /api/marketplace-offering-users/{uuid}/`: wants user and offering too.
pub(super) fn replace(state: &mut State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    find(state, caller, id)?;
    links(state, &input::dictionary(call)?)?;
    super::offering_users::rename(state, call, caller, id)
}

/// `DELETE /api/marketplace-offering-users/{uuid}/`.
pub(super) fn delete(state: &mut State, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    state.offering_users.remove(&uuid);
    Ok(Answer::empty(204))
}

/// `POST .../update_restricted/`.
pub(super) fn update_restricted(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    let fields = input::dictionary(call)?;
    let Some(Value::Bool(restricted)) = fields.get("is_restricted") else {
        return Err(Refusal::field("is_restricted", "This field is required."));
    };
    if let Some(row) = state.offering_users.get_mut(&uuid) {
        row.is_restricted = *restricted;
    }
    Ok(Answer::empty(200))
}

/// `POST .../begin_creating/`: not in 2024, like all steps of an account's life.
pub(super) fn begin_creating(
    state: &mut State,
    _: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    step(state, caller, id, OfferingUserState::Creating)
}

/// `POST .../set_validation_complete/`.
pub(super) fn set_validation_complete(
    state: &mut State,
    _: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    step(state, caller, id, OfferingUserState::Ok)
}

/// `POST .../set_error_creating/`.
pub(super) fn set_error_creating(
    state: &mut State,
    _: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    step(state, caller, id, OfferingUserState::ErrorCreating)
}

/// `POST .../set_pending_account_linking/`.
pub(super) fn set_pending_account_linking(
    state: &mut State,
    _: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    step(state, caller, id, OfferingUserState::PendingAccountLinking)
}

/// `POST .../set_pending_additional_validation/`.
pub(super) fn set_pending_additional_validation(
    state: &mut State,
    _: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    step(state, caller, id, OfferingUserState::PendingAdditionalValidation)
}

/// `POST /api/marketplace-service-providers/{uuid}/set_offerings_username/`: one name at all of the provider's
/// offerings.
pub(super) fn set_offerings_username(
    state: &mut State,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> Result<Answer, Refusal> {
    let customer = super::providers::find(state, caller, id)?.customer_uuid;
    let fields = input::dictionary(call)?;
    let user = fields.get("user_uuid").and_then(Value::as_str).and_then(|text| Uuid::try_parse(text).ok());
    let (Some(user), Some(name)) = (user, username(&fields)?) else {
        return Err(Refusal::field("user_uuid", "This field is required."));
    };
    let offered: Vec<Uuid> =
        state.offerings.values().filter(|row| row.customer_uuid == customer).map(|row| row.uuid).collect();
    for account in state.offering_users.values_mut() {
        if account.user_uuid == user && offered.contains(&account.offering_uuid) {
            account.name(Some(name.clone()));
        }
    }
    Ok(Answer::json(201, &json!({"detail": "Offering users have been set."})))
}

fn step(state: &mut State, caller: &Caller, id: &str, wanted: OfferingUserState) -> Result<Answer, Refusal> {
    let uuid = find(state, caller, id)?.uuid;
    let now = state.now();
    if let Some(row) = state.offering_users.get_mut(&uuid) {
        row.state = wanted;
        row.modified = Some(now);
    }
    Ok(Answer::empty(200))
}

fn links(state: &State, fields: &Map<String, Value>) -> Result<(Uuid, Uuid), Refusal> {
    let mut complaints = Map::new();
    let mut link = |name: &str, collection: &str, known: &dyn Fn(Uuid) -> bool| {
        let Some(value) = fields.get(name) else {
            input::required(&mut complaints, name);
            return Uuid::nil();
        };
        match input::hyperlink(name, value, collection) {
            Ok(uuid) if known(uuid) => uuid,
            Ok(_) => {
                complaints.insert(name.to_owned(), json!(["Invalid hyperlink - Object does not exist."]));
                Uuid::nil()
            }
            Err(Refusal::Invalid(complaint)) => {
                complaints.extend(complaint);
                Uuid::nil()
            }
            Err(_) => Uuid::nil(),
        }
    };
    let user = link("user", "users", &|uuid| state.users.contains_key(&uuid));
    let offering =
        link("offering", "marketplace-provider-offerings", &|uuid| state.offerings.contains_key(&uuid));
    if complaints.is_empty() { Ok((user, offering)) } else { Err(Refusal::Invalid(complaints)) }
}

fn username(fields: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    match fields.get("username") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => Ok(Some(input::text("username", value, USERNAME_LENGTH)?)),
    }
}
