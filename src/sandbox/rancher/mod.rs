//! The simulated Rancher: norman's `/v3`, and the Kubernetes proxy of its clusters.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::Response;
use axum::routing::any;

mod agenda;
mod auth;
mod bindings;
mod call;
mod collection;
mod import_yaml;
mod kube;
mod kube_list;
mod meddle;
mod merge;
mod mint;
mod namespace_quota;
mod namespaces;
mod norman;
mod object;
mod projects;
mod quantity;
mod quota;
mod quota_usage;
mod render;
mod reply;
mod roles;
mod route;
mod schema;
mod seed;
mod snapshot;
mod sow;
mod state;
mod tokens;
mod version;
mod workload;

pub use meddle::Meddle;
pub use seed::{
    Binding, Claim, Cluster, Namespace, Pod, Project, ResourceQuota, RoleTemplate, Seed, Timing, Token, User,
};
pub use state::State;

/// How much of a body norman reads.
const LARGEST_BODY: usize = 2 << 20;

/// Returns the server as a router over shared state.
pub fn router(state: Arc<Mutex<State>>) -> Router {
    Router::new().fallback(any(serve)).with_state(state)
}

/// Reads one request and answers it. The state is locked only while the answer is made.
async fn serve(Shared(state): Shared<Arc<Mutex<State>>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return reply::Answer::text(413, "http: request body too large").into_response();
    };
    let call = call::Call::read(parts, body.to_vec());
    let answer = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        route::answer(&mut state, &call)
    };
    answer.into_response()
}
