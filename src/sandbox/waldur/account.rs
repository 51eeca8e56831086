//! The server about itself, and the caller about themselves.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::render::{hex, select, time_or_null};
use super::seed::Dialect;
use super::slug;
use super::state::{State, hashed};

/// `GET /api/configuration/`: public; the real one is large.
pub(super) fn configuration() -> Answer {
    Answer::json(
        200,
        &json!({
            "LANGUAGE_CODE": "en",
            "WALDUR_CORE": {"SITE_NAME": "Waldur", "MASTERMIND_URL": ""},
        }),
    )
}

/// `GET /api/version/`: for staff.
pub(super) fn version(dialect: Dialect) -> Answer {
    Answer::json(
        200,
        &match dialect {
            Dialect::Y2024 => json!({"version": "7.0.7+2.g1ea6cb820"}),
            Dialect::Y2026 => json!({"version": "8.1.2", "latest_version": "8.1.2"}),
        },
    )
}

/// `GET /api/users/me/`: carries the token itself, unless other fields are asked for.
pub(super) fn me(state: &State, call: &Call, caller: &Caller) -> Answer {
    Answer::json(200, &Value::Object(select(call, body(state, call, caller))))
}

fn body(state: &State, call: &Call, caller: &Caller) -> Map<String, Value> {
    let user = state.users.get(&caller.user_uuid).cloned().unwrap_or_default();
    let (first, last) = user.full_name.split_once(' ').unwrap_or((&user.full_name, ""));
    let body = json!({
        "url": call.url(&format!("users/{}", hex(user.uuid))),
        "uuid": hex(user.uuid),
        "username": user.username,
        "slug": slug::next(&user.username, std::iter::empty()),
        "full_name": user.full_name,
        "native_name": "",
        "job_title": "",
        "email": user.email,
        "phone_number": "",
        "organization": "",
        "civil_number": null,
        "token": caller.key,
        "token_lifetime": caller.lifetime,
        "registration_method": "default",
        "date_joined": time_or_null(user.created),
        "agreement_date": null,
        "preferred_language": "",
        "permissions": permissions(state, caller),
        "requested_email": null,
        "affiliations": [],
        "first_name": first,
        "last_name": last,
        "identity_provider_name": "Local DB",
        "identity_provider_label": "Local DB",
        "identity_provider_management_url": "",
        "identity_provider_fields": [],
        "image": null,
        "identity_source": "",
    });
    let mut body = into_map(body);
    // Who is no staff does not see the flag in the recorded server's answer.
    if caller.is_staff() || !state.is_2024() {
        body.insert("is_staff".to_owned(), caller.is_staff().into());
    }
    body
}

fn permissions(state: &State, caller: &Caller) -> Vec<Value> {
    let user = state.users.get(&caller.user_uuid).cloned().unwrap_or_default();
    let row = |role: &str, description: &str, kind: &str, uuid: Uuid, name: &str| {
        json!({
            "user_uuid": hex(user.uuid),
            "user_name": user.full_name,
            "user_slug": slug::next(&user.username, std::iter::empty()),
            "created": time_or_null(user.created),
            "expiration_time": null,
            "role_name": role,
            "role_description": description,
            "role_uuid": hex(hashed(&format!("role {role}"))),
            "scope_type": kind,
            "scope_uuid": hex(uuid),
            "scope_name": name,
        })
    };
    let owned = caller.customers.iter().filter_map(|uuid| state.customers.get(uuid)).map(|customer| {
        row("CUSTOMER.OWNER", "Organization owner", "customer", customer.uuid, &customer.name)
    });
    let managed = caller.offerings.iter().filter_map(|uuid| state.offerings.get(uuid)).map(|offering| {
        let mut row = row("OFFERING.MANAGER", "Offering manager", "offering", offering.uuid, &offering.name);
        let customer = state.customers.get(&offering.customer_uuid);
        row["customer_uuid"] = hex(offering.customer_uuid).into();
        row["customer_name"] = customer.map(|customer| customer.name.clone()).into();
        row
    });
    let mut rows: Vec<Value> = owned.chain(managed).collect();
    if !state.is_2024() {
        // The newest dialect says here what is granted, and no longer to whom.
        let gone = ["user_uuid", "user_name", "user_slug", "created", "role_description"];
        let fields = rows.iter_mut().filter_map(Value::as_object_mut);
        fields.for_each(|row| row.retain(|name, _| !gone.contains(&name.as_str())));
    }
    rows
}

/// Returns the fields of an object; anything else has none.
pub(super) fn into_map(value: Value) -> Map<String, Value> {
    if let Value::Object(fields) = value { fields } else { Map::new() }
}
