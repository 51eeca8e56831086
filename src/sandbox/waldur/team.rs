//! `GET /api/marketplace-provider-resources/{uuid}/team/`: who works in the resource's project.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::refusal::Refusal;
use super::render::{hex, time_or_null, word};
use super::resources::find;
use super::seed::{Dialect, Grant, Project, Resource};
use super::state::State;

/// The whole team at once, without paging: one row per person with one of their roles. Expired grants are gone,
/// and so, for all but staff, is who has not agreed to the offering's terms.
pub(super) fn list(state: &State, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refusal> {
    Ok(of(state, call, caller, find(state, caller, id)?))
}

/// Returns the team of a resource's project.
pub(super) fn of(state: &State, call: &Call, caller: &Caller, resource: &Resource) -> Answer {
    let offering = state.offerings.get(&resource.offering_uuid);
    let hidden = offering.map(|offering| offering.consent_missing.as_slice()).unwrap_or_default();
    let project = state.projects.get(&resource.project_uuid);
    let rows: Vec<Value> = project
        .map(|project| one_role_each(project, state.now()))
        .unwrap_or_default()
        .into_iter()
        .filter(|grant| caller.is_staff() || !hidden.contains(&grant.user_uuid))
        .map(|grant| row(state, call, resource.offering_uuid, grant))
        .collect();
    Answer::json(200, &Value::Array(rows))
}

/// Returns each person's first grant that holds at this time.
fn one_role_each(project: &Project, now: Timestamp) -> Vec<&Grant> {
    let mut grants: Vec<&Grant> = project.grants.iter().filter(|grant| grant.holds_at(now)).collect();
    grants.sort_by_key(|grant| grant.created);
    let mut team: Vec<&Grant> = Vec::new();
    for grant in grants {
        if !team.iter().any(|known| known.user_uuid == grant.user_uuid) {
            team.push(grant);
        }
    }
    team
}

fn row(state: &State, call: &Call, offering: Uuid, grant: &Grant) -> Value {
    let user = state.users.get(&grant.user_uuid);
    let account = state.offering_user(offering, grant.user_uuid);
    let mut row = json!({
        "url": call.url(&format!("users/{}", hex(grant.user_uuid))),
        "uuid": hex(grant.user_uuid),
        "username": user.map(|user| &user.username),
        "full_name": user.map(|user| &user.full_name),
        "email": user.map(|user| &user.email),
        "role": role(state.dialect, &grant.role),
        "expiration_time": time_or_null(grant.expiration_time),
        "offering_user_username": account.and_then(|account| account.username.as_ref()),
    });
    if !state.is_2024() {
        row["offering_user_state"] = account.map(|account| word(account.state)).into();
    }
    row
}

/// Returns a role as it shows to providers: the recorded server writes short names and has none for a role of
/// one's own; what the newest writes is not settled, so that the seed's own word stands.
pub(super) fn role(dialect: Dialect, role: &str) -> Value {
    if dialect == Dialect::Y2026 {
        return role.into();
    }
    let short = role.strip_prefix("PROJECT.").unwrap_or(role).to_ascii_lowercase();
    if matches!(short.as_str(), "manager" | "admin" | "member") { short.into() } else { Value::Null }
}
