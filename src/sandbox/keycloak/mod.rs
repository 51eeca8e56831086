//! The simulated Keycloak: token endpoint and the part of the admin API that deals with groups and their members.
//!
//! Tags such as "26.5" name the first server version that answers so; the seed says which version is played.

mod access;
mod admin;
mod brute_force;
mod by_path;
mod call;
mod encoding;
mod grants;
mod group_listing;
mod group_routes;
mod group_view;
mod meddle;
mod membership;
mod mint;
mod pattern;
mod people;
mod realms;
mod reply;
mod rights;
pub mod seed;
mod server;
mod snapshot;
mod state;
mod token;
mod token_store;
mod tree;
mod user_filter;
mod user_routes;
mod user_view;
mod version;

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Response};

pub use meddle::Meddle;
pub use seed::Seed;
pub use state::State;

use call::Call;
use reply::Refusal;

/// The largest request body that is read. A group with all its attributes is far smaller.
const LARGEST_BODY: usize = 2 * 1024 * 1024;

/// Returns the server as a router over shared state.
pub fn router(state: Arc<Mutex<State>>) -> Router {
    Router::new().fallback(serve).with_state(state)
}

/// Reads the whole request first, so that the lock is never held across an await.
async fn serve(Shared(state): Shared<Arc<Mutex<State>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await;
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let reply = match body {
        Ok(body) => server::answer(&mut state, &Call::new(&parts, &body)),
        Err(_) => Refusal::exception(413, "HTTP 413 Request Entity Too Large").into_reply(state.version),
    };
    reply.into_response()
}
