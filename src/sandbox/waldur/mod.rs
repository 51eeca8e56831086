//! The simulated Waldur: the part of its marketplace API that an agent meets, as recorded from a real server.
//!
//! It speaks two dialects: the server of October 2024 that was recorded, and the newest API as its published
//! client describes it. Where the two differ, the difference is written where it is made. A method that a real
//! server allows and this one does not have answers 405.
//!
//! * `seed` (with `order`, `plan`, `usage` and `allocation`) is what it starts with (`dates` completes it), `state`
//!   what it knows, `meddle` (with `meddle_orders` and `changes`) what others do to it meanwhile, `membership`,
//!   `tasks` and `slug` what follows by itself;
//! * `call` is a request, `language` and `answer` what goes back, `refusal` every way to say no;
//! * `routes` and `actions` find the endpoint, `auth` who asks and what they see, `input`, `limits` and `amount`
//!   what they sent;
//! * `filter`, `paging` and `render` make lists;
//! * `account`, `accounts`, `offerings`, `offering_actions`, `resources` (with `resource_body`), `resource_actions`,
//!   `membership_statuses`, `team`, `offering_users`, `offering_user_actions` and `providers` are the endpoints;
//! * orders begin at `order_create` or `consumer_acts`, show by `order_list` (with `order_body` and `ordered`), and go
//!   on by `order_reviews` and `order_states`; `consumer_resources` and `project_roles` are the consumer's side;
//!   `usage_set` and `usage_list` are reports;
//! * `agents` and `agent_actions` are the agents themselves, `per_user` what concerns single people.

mod account;
mod accounts;
mod actions;
mod agent_actions;
mod agents;
mod allocation;
mod amount;
mod answer;
mod auth;
mod call;
mod changes;
mod component;
mod consumer_acts;
mod consumer_resources;
mod dates;
mod filter;
mod input;
mod language;
mod limits;
mod meddle;
mod meddle_orders;
mod membership;
mod membership_statuses;
mod offering_actions;
mod offering_user_actions;
mod offering_users;
mod offerings;
mod order;
mod order_body;
mod order_create;
mod order_list;
mod order_reviews;
mod order_states;
mod ordered;
mod paging;
mod per_user;
mod plan;
mod project_roles;
mod providers;
mod refusal;
mod render;
mod resource_actions;
mod resource_body;
mod resources;
mod routes;
mod seed;
mod slug;
mod state;
mod tasks;
mod team;
mod usage;
mod usage_list;
mod usage_set;

use std::sync::{Arc, Mutex};

use axum::Router;

pub use accounts::{AccountKind, AccountState, ProjectAccount};
pub use agents::{Agent, Processor, Service};
pub use allocation::Allocation;
pub use changes::{OfferingChange, OrderChange, ProjectChange, ResourceChange};
pub use component::Component;
pub use meddle::Meddle;
pub use order::{Order, OrderState, OrderType, Review};
pub use plan::Plan;
pub use seed::{
    Customer, Dialect, Grant, Offering, OfferingState, OfferingUser, OfferingUserState, Project, Resource,
    ResourceState, Seed, ServiceProvider, Token, TokenRole, User,
};
pub use state::State;
pub use usage::Usage;

/// Returns the server as a router over shared state.
pub fn router(state: Arc<Mutex<State>>) -> Router {
    Router::new().fallback(routes::answer).with_state(state)
}
