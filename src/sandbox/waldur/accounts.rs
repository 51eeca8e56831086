//! `list_project_service_accounts/` and `list_course_accounts/` of an offering: accounts that are no person's own.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::account::into_map;
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::paging::Page;
use super::refusal::Refusal;
use super::render::{hex, select, word};
use super::state::State;

/// An account of a project's service, or of a seat in a course.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProjectAccount {
    /// Identity.
    pub uuid: Uuid,
    /// Which of the two it is.
    pub kind: AccountKind,
    /// Its name at the identity provider.
    pub username: String,
    /// Where in its life it is.
    pub state: AccountState,
    /// Whose project it works in.
    pub project_uuid: Uuid,
    /// Who sits on the seat of a course.
    pub user_uuid: Option<Uuid>,
}

/// Which of the two lists an account is in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A service of the project.
    #[default]
    Service,
    /// A seat in a course.
    Course,
}

/// Where in its life an account is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the vendor's words")]
pub enum AccountState {
    #[default]
    #[serde(rename = "OK")]
    Ok,
    Pending,
    Closed,
    Erred,
}

/// Lists the accounts in the projects that have a resource of the offering.
pub(super) fn list(
    state: &State,
    call: &Call,
    caller: &Caller,
    (offering, kind): (&str, AccountKind),
) -> Result<Answer, Refusal> {
    let offering = Uuid::try_parse(offering)
        .ok()
        .filter(|uuid| state.sees_offering(caller, *uuid))
        .ok_or(Refusal::NoObject("Offering"))?;
    let has_one = |project: Uuid| {
        state.resources.values().any(|row| row.offering_uuid == offering && row.project_uuid == project)
    };
    let mut rows: Vec<&ProjectAccount> =
        state.accounts.values().filter(|row| row.kind == kind && has_one(row.project_uuid)).collect();
    rows.sort_by_key(|row| row.uuid);
    let page = Page::cut(call, state.dialect, rows)?;
    Ok(page.answer(call, |row| Value::Object(select(call, into_map(body(state, row))))))
}

fn body(state: &State, row: &ProjectAccount) -> Value {
    let project = state.projects.get(&row.project_uuid);
    let mut body = json!({
        "uuid": hex(row.uuid),
        "username": row.username,
        "state": word(row.state),
        "email": "",
        "description": "",
        "project_uuid": hex(row.project_uuid),
        "project_name": project.map(|project| &project.name),
        "customer_uuid": project.map(|project| hex(project.customer_uuid)),
        "error_message": "",
    });
    match row.kind {
        AccountKind::Service => {
            body["preferred_identifier"] = "".into();
            body["token"] = format!("secret-of-{}", hex(row.uuid)).into();
            body["expires_at"] = Value::Null;
        }
        AccountKind::Course => {
            body["user_uuid"] = row.user_uuid.map(hex).into();
            body["project_slug"] = project.map(|project| project.slug.clone()).into();
            body["project_start_date"] = Value::Null;
            body["project_end_date"] = Value::Null;
        }
    }
    body
}
