//! API keys as Rancher shows them to their own users, without the secret half.

use serde_json::json;

use super::call::Call;
use super::reply::{Answer, Refusal};
use super::seed::Token;
use super::state::State;

/// Answers `GET /v3/tokens/<name>`. Another user's key is as good as none. What is made in the user interface as an API
/// key is derived from a login, and so is never the current one.
pub(super) fn one(state: &State, call: &Call, caller: &Token, name: &str) -> Answer {
    if call.method != "GET" {
        return Refusal::method().norman();
    }
    let found = state.tokens.iter().find(|token| token.name == name && token.user_id == caller.user_id);
    let Some(token) = found else {
        return Refusal::not_found("tokens.management.cattle.io", name).norman();
    };
    let own = format!("{}/v3/tokens/{name}", call.base);
    let expires =
        token.expires_at.map(|end| end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default();
    Answer::json(
        200,
        json!({"id": name, "name": name, "type": "token", "baseType": "token", "userId": token.user_id,
               "authProvider": token.provider, "clusterId": token.cluster_id, "expiresAt": expires,
               "expired": token.expires_at.is_some_and(|end| end <= state.moment), "isDerived": true,
               "current": false, "links": {"self": own, "remove": own}, "actions": {}}),
    )
}
