//! The simulated Waldur: the part of its marketplace API that an agent meets, as recorded from a real server.
//!
//! It speaks two dialects: the server of October 2024 that was recorded, and the newest API as its published
//! client describes it. Where the two differ, the difference is written where it is made. A method that a real
//! server allows and this one does not have answers 405.
//!
//! * `seed` is what it starts with (`dates` completes it), `state` what it knows, `meddle` what others do to it
//!   meanwhile, `membership` what follows by itself;
//! * `call` is a request, `language` and `answer` what goes back, `refusal` every way to say no;
//! * `routes` finds the endpoint, `auth` who asks and what they see;
//! * `filter`, `paging` and `render` make lists;
//! * `account`, `accounts`, `offerings`, `resources` (with `resource_body`), `resource_actions`, `team`, `offering_users` and
//!   `providers` are the endpoints.

mod account;
mod accounts;
mod answer;
mod auth;
mod call;
mod dates;
mod filter;
mod input;
mod language;
mod meddle;
mod membership;
mod offering_users;
mod offerings;
mod paging;
mod providers;
mod refusal;
mod render;
mod resource_actions;
mod resource_body;
mod resources;
mod routes;
mod seed;
mod state;
mod team;

use std::sync::{Arc, Mutex};

use axum::Router;

pub use accounts::{AccountKind, AccountState, ProjectAccount};
pub use meddle::{Meddle, OfferingChange, ProjectChange, ResourceChange};
pub use seed::{
    Component, Customer, Dialect, Grant, Offering, OfferingState, OfferingUser, OfferingUserState, Project,
    Resource, ResourceState, Seed, ServiceProvider, Token, TokenRole, User,
};
pub use state::State;

/// Returns the server as a router over shared state.
pub fn router(state: Arc<Mutex<State>>) -> Router {
    Router::new().fallback(routes::answer).with_state(state)
}
