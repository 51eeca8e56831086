//! From a path to its endpoint, in the order of checks that the real server has: path, format, token, rights,
//! method, object, body.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract;
use axum::http::{Method, Request, Response, StatusCode};

use super::accounts::AccountKind;
use super::actions::{Action, SET_USAGE};
use super::answer::Answer;
use super::auth::Caller;
use super::call::Call;
use super::refusal::Refusal;
use super::seed::Dialect;
use super::state::State;
use super::{
    account, accounts, agent_actions, agents, consumer_resources, offering_user_actions, offering_users,
    offerings, order_create, order_list, order_reviews, per_user, plan, providers, resource_actions,
    resources, team, usage_list,
};

/// What a path names. Ids stay as they were written: what is no UUID is simply not found.
#[derive(Debug, Clone, Copy)]
enum Endpoint<'a> {
    Configuration,
    Version,
    Me,
    List(Table),
    Object(Table, &'a str),
    /// Something to read below an object.
    Part(Part, &'a str),
    Action(Action, &'a str),
}

/// A collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Resources,
    ConsumerResources,
    Orders,
    OfferingUsers,
    Offerings,
    Providers,
    Usages,
    Plans,
    Agents,
    AgentServices,
    AgentProcessors,
    UserUsages,
    UserLimits,
}

/// What can be read below an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Team,
    ConsumerTeam,
    PlanPeriods,
    ProjectPermissions,
    Keys,
    Accounts(AccountKind),
    UserAttributes,
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
    state.run_tasks();
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
    if let Endpoint::Configuration = endpoint {
        return if reads(call) { Ok(account::configuration()) } else { Err(wrong_method(call)) };
    }
    let caller = state.authenticate(call)?;
    if matches!(endpoint, Endpoint::Version) && !caller.is_staff() {
        return Err(Refusal::Forbidden);
    }
    if !reads(call) {
        return write(state, call, &caller, endpoint);
    }
    if let Endpoint::Object(Table::Resources, id) = endpoint {
        state.remember_creation_order(call, id);
    }
    read(state, call, &caller, endpoint)
}

fn read(state: &State, call: &Call, caller: &Caller, endpoint: Endpoint<'_>) -> Result<Answer, Refusal> {
    match endpoint {
        Endpoint::Configuration => Ok(account::configuration()),
        Endpoint::Version => Ok(account::version(state.dialect)),
        Endpoint::Me => Ok(account::me(state, call, caller)),
        Endpoint::List(table) => match table {
            Table::Resources => resources::list(state, call, caller),
            Table::ConsumerResources => consumer_resources::list(state, call, caller),
            Table::Orders => order_list::list(state, call, caller),
            Table::OfferingUsers => offering_users::list(state, call, caller),
            Table::Offerings => offerings::list(state, call, caller),
            Table::Providers => providers::list(state, call, caller),
            Table::Usages => usage_list::list(state, call, caller),
            Table::Plans => Err(wrong_method(call)),
            Table::Agents => agents::list(state, call, caller),
            Table::AgentServices => agents::services(state, call, caller),
            Table::AgentProcessors => agents::processors(state, call, caller),
            Table::UserUsages | Table::UserLimits => per_user::none(state, call),
        },
        Endpoint::Object(table, id) => match table {
            Table::Resources => resources::retrieve(state, call, caller, id),
            Table::ConsumerResources => consumer_resources::retrieve(state, call, caller, id),
            Table::Orders => order_list::retrieve(state, call, caller, id),
            Table::OfferingUsers => offering_users::retrieve(state, call, caller, id),
            Table::Offerings => offerings::retrieve(state, call, caller, id),
            Table::Providers => providers::retrieve(state, call, caller, id),
            Table::Usages => usage_list::retrieve(state, call, caller, id),
            Table::Plans => plan::retrieve(state, call, caller, id),
            Table::Agents => agents::retrieve(state, call, caller, id),
            Table::AgentServices => agents::service(state, call, caller, id),
            Table::AgentProcessors => agents::processor(state, call, caller, id),
            Table::UserUsages => Err(Refusal::NoObject("ComponentUserUsage")),
            Table::UserLimits => Err(Refusal::NoObject("ComponentUserUsageLimit")),
        },
        Endpoint::Part(part, id) => match part {
            Part::Team => team::list(state, call, caller, id),
            Part::ConsumerTeam => consumer_resources::team(state, call, caller, id),
            Part::PlanPeriods => plan::periods(state, call, caller, id),
            Part::ProjectPermissions => providers::project_permissions(state, call, caller, id),
            Part::Keys => providers::keys(state, call, caller, id),
            Part::Accounts(kind) => accounts::list(state, call, caller, (id, kind)),
            Part::UserAttributes => per_user::attributes(state, caller, id),
        },
        Endpoint::Action(..) => Err(wrong_method(call)),
    }
}

fn write(state: &mut State, call: &Call, caller: &Caller, endpoint: Endpoint<'_>) -> Result<Answer, Refusal> {
    match (endpoint, call.method.as_str()) {
        (Endpoint::Action(action, id), "POST") => action.run(state, call, caller, id),
        (Endpoint::List(Table::Orders), "POST") => order_create::create(state, call, caller),
        (Endpoint::List(Table::OfferingUsers), "POST") => offering_user_actions::create(state, call, caller),
        (Endpoint::Object(Table::Resources, id), "PATCH") => {
            resource_actions::rename(state, call, caller, id)
        }
        (Endpoint::Object(Table::OfferingUsers, id), "PATCH") => {
            offering_users::rename(state, call, caller, id)
        }
        (Endpoint::Object(Table::OfferingUsers, id), "PUT") => {
            offering_user_actions::replace(state, call, caller, id)
        }
        (Endpoint::Object(Table::OfferingUsers, id), "DELETE") => {
            offering_user_actions::delete(state, caller, id)
        }
        (Endpoint::Object(Table::Orders, id), "DELETE") => order_reviews::delete(state, caller, id),
        (Endpoint::List(Table::Agents), "POST") => agent_actions::create(state, call, caller),
        (Endpoint::Object(Table::Agents, id), "PUT") => agent_actions::replace(state, call, caller, id),
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
        if steps.contains(&"") {
            return None;
        }
        match steps[..] {
            ["configuration"] => Some(Self::Configuration),
            ["version"] => Some(Self::Version),
            ["users", "me"] => Some(Self::Me),
            ["marketplace-component-usages", "set_usage"] => Some(Self::Action(SET_USAGE, "")),
            [collection] => Table::of(collection, dialect).map(Self::List),
            [collection, id] => Table::of(collection, dialect).map(|table| Self::Object(table, id)),
            [collection, id, word] => Part::of(collection, word, dialect)
                .map(|part| Self::Part(part, id))
                .or_else(|| Action::of(collection, word, dialect).map(|action| Self::Action(action, id))),
            _ => None,
        }
    }

    /// Returns the methods that the real server shows, whether or not this one has them all.
    fn allow(self) -> &'static str {
        match self {
            Self::Configuration | Self::Version => "GET, OPTIONS",
            Self::Me | Self::Part(..) => "GET, HEAD, OPTIONS",
            Self::List(_) => "GET, POST, HEAD, OPTIONS",
            Self::Object(..) => "GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
            Self::Action(..) => "POST, OPTIONS",
        }
    }
}

impl Table {
    fn of(collection: &str, dialect: Dialect) -> Option<Self> {
        // What came after 2024 is a path that is not known at all there.
        let newer = |table| (dialect == Dialect::Y2026).then_some(table);
        Some(match collection {
            "marketplace-provider-resources" => Self::Resources,
            "marketplace-resources" => Self::ConsumerResources,
            "marketplace-orders" => Self::Orders,
            "marketplace-offering-users" => Self::OfferingUsers,
            "marketplace-provider-offerings" => Self::Offerings,
            "marketplace-service-providers" => Self::Providers,
            "marketplace-component-usages" => Self::Usages,
            "marketplace-plans" => Self::Plans,
            "marketplace-component-user-usages" => Self::UserUsages,
            "component-user-usage-limits" => return newer(Self::UserLimits),
            "marketplace-site-agent-identities" => return newer(Self::Agents),
            "marketplace-site-agent-services" => return newer(Self::AgentServices),
            "marketplace-site-agent-processors" => return newer(Self::AgentProcessors),
            _ => return None,
        })
    }
}

impl Part {
    fn of(collection: &str, word: &str, dialect: Dialect) -> Option<Self> {
        // Accounts of services and courses came after 2024, and so did the choice of attributes: there the paths are
        // not known at all.
        let newer = |part| (dialect == Dialect::Y2026).then_some(part);
        let accounts = |kind| newer(Self::Accounts(kind));
        match (collection, word) {
            ("marketplace-provider-offerings", "list_project_service_accounts") => {
                accounts(AccountKind::Service)
            }
            ("marketplace-provider-offerings", "list_course_accounts") => accounts(AccountKind::Course),
            ("marketplace-provider-offerings", "user-attribute-config") => newer(Self::UserAttributes),
            ("marketplace-provider-resources", "team") => Some(Self::Team),
            ("marketplace-resources", "team") => Some(Self::ConsumerTeam),
            ("marketplace-provider-resources", "plan_periods") => Some(Self::PlanPeriods),
            ("marketplace-service-providers", "project_permissions") => Some(Self::ProjectPermissions),
            ("marketplace-service-providers", "keys") => Some(Self::Keys),
            _ => None,
        }
    }
}
