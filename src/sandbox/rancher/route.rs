//! Which part of the server answers a call.

use serde_json::json;

use super::auth;
use super::call::Call;
use super::kube;
use super::norman;
use super::reply::Answer;
use super::state::State;

/// Settings that need no login.
const OPEN_SETTINGS: [&str; 5] = ["cacerts", "first-login", "ui-banners", "ui-pl", "ui-issues"];

/// Answers a call.
pub(super) fn answer(state: &mut State, call: &Call) -> Answer {
    state.settle();
    let caller = auth::caller(&state.tokens, call, state.moment);
    let parts: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let answer = match (parts.as_slice(), &caller) {
        (["ping"], _) => Answer::text(200, "pong"),
        (["healthz"], _) => Answer::text(200, "ok"),
        (["rancherversion"], _) => Answer::json(
            200,
            json!({"Version": state.version_text, "GitCommit": "0000000", "RancherPrime": "false"}),
        ),
        (["v3", "settings", name], _) if OPEN_SETTINGS.contains(name) => norman::setting(state, call, name),
        // The redirect comes from the router in front, before anybody asks who calls.
        (["v3"], _) if state.version.redirects_root() && !call.path.ends_with('/') => {
            Answer::redirect(if call.method == "GET" { 301 } else { 307 }, format!("{}/v3/", call.base))
        }
        (_, None) => Answer::unauthorized(),
        (["v3", rest @ ..], Some(caller)) => norman::answer(state, call, caller, rest),
        (["k8s", "clusters", cluster, rest @ ..], Some(caller)) => {
            kube::answer(state, call, caller, cluster, rest)
        }
        (_, Some(_)) => Answer::text(404, "404 page not found"),
    };
    if caller.is_some() { answer.authenticated() } else { answer }
}
