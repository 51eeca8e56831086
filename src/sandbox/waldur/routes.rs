//! From a path to its endpoint, in the order of checks that the real server has: path, format, token, rights,
//! method, object, body.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract;
use axum::http::{Method, Request, Response, StatusCode};

use super::accounts::AccountKind;
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::refusal::Refusal;
use super::seed::Dialect;
use super::state::State;
use super::{account, accounts, offering_users, offerings, providers, resource_actions, resources, team};

/// What a path names. Ids stay as they were written: what is no UUID is simply not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint<'a> {
    Configuration,
    Version,
    Me,
    Resources,
    Resource(&'a str),
    Team(&'a str),
    SetBackendId(&'a str),
    SetBackendMetadata(&'a str),
    RefreshLastSync(&'a str),
    SetAsOk(&'a str),
    OfferingUsers,
    OfferingUser(&'a str),
    Offerings,
    Offering(&'a str),
    ServiceAccounts(&'a str),
    CourseAccounts(&'a str),
    Providers,
    Provider(&'a str),
    ProjectPermissions(&'a str),
}

/// Answers any request.
pub(super) async fn answer(
    extract::State(state): extract::State<Arc<Mutex<State>>>,
    request: Request<Body>,
) -> Response<Body> {
    let Some(call) = Call::read(request).await else {
        // This is the proxy in front of Waldur speaking: the body was too large, or broke off.
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return response;
    };
    // A panic elsewhere must not hide behind a second one here: the data are still whole.
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let endpoint = Endpoint::of(&call.path, state.dialect);
    let allow = endpoint.map(Endpoint::allow);
    let answer = match endpoint {
        Some(endpoint) => serve(&mut state, &call, endpoint),
        None => elsewhere(&call, state.dialect),
    };
    answer.unwrap_or_else(|refusal| refusal.answer(call.language)).into_response(&call, allow)
}

/// A known path without its slash is sent on, query and all; everything else is not there.
fn elsewhere(call: &Call, dialect: Dialect) -> Result<Answer, Refusal> {
    let path = format!("{}/", call.path);
    if call.path.ends_with('/') || Endpoint::of(&path, dialect).is_none() {
        return Err(Refusal::NoPath);
    }
    let query = call.raw_query.as_deref().map(|query| format!("?{query}")).unwrap_or_default();
    Ok(Answer::moved(format!("{path}{query}")))
}

fn serve(state: &mut State, call: &Call, endpoint: Endpoint<'_>) -> Result<Answer, Refusal> {
    if !call.takes_json() {
        return Err(Refusal::NotAcceptable);
    }
    if endpoint == Endpoint::Configuration {
        return if reads(call) { Ok(account::configuration()) } else { Err(wrong_method(call)) };
    }
    let caller = state.authenticate(call)?;
    if endpoint == Endpoint::Version && !caller.is_staff() {
        return Err(Refusal::Forbidden);
    }
    if reads(call) { read(state, call, &caller, endpoint) } else { write(state, call, &caller, endpoint) }
}

fn read(state: &State, call: &Call, caller: &Caller, endpoint: Endpoint<'_>) -> Result<Answer, Refusal> {
    match endpoint {
        Endpoint::Configuration => Ok(account::configuration()),
        Endpoint::Version => Ok(account::version(state.dialect)),
        Endpoint::Me => Ok(account::me(state, call, caller)),
        Endpoint::Resources => resources::list(state, call, caller),
        Endpoint::Resource(id) => resources::retrieve(state, call, caller, id),
        Endpoint::Team(id) => team::list(state, call, caller, id),
        Endpoint::OfferingUsers => offering_users::list(state, call, caller),
        Endpoint::OfferingUser(id) => offering_users::retrieve(state, call, caller, id),
        Endpoint::Offerings => offerings::list(state, call, caller),
        Endpoint::Offering(id) => offerings::retrieve(state, call, caller, id),
        Endpoint::ServiceAccounts(id) => accounts::list(state, call, caller, (id, AccountKind::Service)),
        Endpoint::CourseAccounts(id) => accounts::list(state, call, caller, (id, AccountKind::Course)),
        Endpoint::Providers => providers::list(state, call, caller),
        Endpoint::Provider(id) => providers::retrieve(state, call, caller, id),
        Endpoint::ProjectPermissions(id) => providers::project_permissions(state, call, caller, id),
        Endpoint::SetBackendId(_)
        | Endpoint::SetBackendMetadata(_)
        | Endpoint::RefreshLastSync(_)
        | Endpoint::SetAsOk(_) => Err(wrong_method(call)),
    }
}

fn write(state: &mut State, call: &Call, caller: &Caller, endpoint: Endpoint<'_>) -> Result<Answer, Refusal> {
    match (endpoint, call.method.as_str()) {
        (Endpoint::SetBackendId(id), "POST") => resource_actions::set_backend_id(state, call, caller, id),
        (Endpoint::SetBackendMetadata(id), "POST") => {
            resource_actions::set_backend_metadata(state, call, caller, id)
        }
        (Endpoint::RefreshLastSync(id), "POST") => resource_actions::refresh_last_sync(state, caller, id),
        (Endpoint::SetAsOk(id), "POST") => resource_actions::set_as_ok(state, caller, id),
        (Endpoint::OfferingUser(id), "PATCH") => offering_users::rename(state, call, caller, id),
        _ => Err(wrong_method(call)),
    }
}

fn reads(call: &Call) -> bool {
    call.method == Method::GET || call.method == Method::HEAD
}

fn wrong_method(call: &Call) -> Refusal {
    Refusal::Method(call.method.clone())
}

// === impl Endpoint ===

impl<'a> Endpoint<'a> {
    fn of(path: &'a str, dialect: Dialect) -> Option<Self> {
        let steps: Vec<&str> = path.strip_prefix("/api/")?.strip_suffix('/')?.split('/').collect();
        let endpoint = match steps[..] {
            ["configuration"] => Self::Configuration,
            ["version"] => Self::Version,
            ["users", "me"] => Self::Me,
            ["marketplace-provider-resources"] => Self::Resources,
            ["marketplace-provider-resources", id] => Self::Resource(id),
            ["marketplace-provider-resources", id, "team"] => Self::Team(id),
            ["marketplace-provider-resources", id, "set_backend_id"] => Self::SetBackendId(id),
            ["marketplace-provider-resources", id, "set_backend_metadata"] => Self::SetBackendMetadata(id),
            // These two came after 2024: there the path is not known at all.
            ["marketplace-provider-resources", id, "refresh_last_sync"] if dialect == Dialect::Y2026 => {
                Self::RefreshLastSync(id)
            }
            ["marketplace-provider-resources", id, "set_as_ok"] if dialect == Dialect::Y2026 => {
                Self::SetAsOk(id)
            }
            ["marketplace-offering-users"] => Self::OfferingUsers,
            ["marketplace-offering-users", id] => Self::OfferingUser(id),
            ["marketplace-provider-offerings"] => Self::Offerings,
            ["marketplace-provider-offerings", id] => Self::Offering(id),
            // As these two, as far as is known.
            ["marketplace-provider-offerings", id, "list_project_service_accounts"]
                if dialect == Dialect::Y2026 =>
            {
                Self::ServiceAccounts(id)
            }
            ["marketplace-provider-offerings", id, "list_course_accounts"] if dialect == Dialect::Y2026 => {
                Self::CourseAccounts(id)
            }
            ["marketplace-service-providers"] => Self::Providers,
            ["marketplace-service-providers", id] => Self::Provider(id),
            ["marketplace-service-providers", id, "project_permissions"] => Self::ProjectPermissions(id),
            _ => return None,
        };
        (!steps.contains(&"")).then_some(endpoint)
    }

    /// Returns the methods that the real server shows, whether or not this one has them all.
    fn allow(self) -> &'static str {
        match self {
            Self::Configuration | Self::Version => "GET, OPTIONS",
            Self::Me
            | Self::Team(_)
            | Self::ProjectPermissions(_)
            | Self::ServiceAccounts(_)
            | Self::CourseAccounts(_) => "GET, HEAD, OPTIONS",
            Self::Resources | Self::OfferingUsers | Self::Offerings | Self::Providers => {
                "GET, POST, HEAD, OPTIONS"
            }
            Self::Resource(_) | Self::OfferingUser(_) | Self::Offering(_) | Self::Provider(_) => {
                "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
            }
            Self::SetBackendId(_)
            | Self::SetBackendMetadata(_)
            | Self::RefreshLastSync(_)
            | Self::SetAsOk(_) => "POST, OPTIONS",
        }
    }
}
