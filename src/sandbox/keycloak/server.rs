//! The front door: path rules, the `/auth` prefix, and which room a path leads to.

use serde_json::json;

use super::call::Call;
use super::encoding::percent_decode;
use super::reply::{Answer, Refusal, Reply};
use super::state::State;
use super::version::Version;
use super::{admin, token};

/// Answers a request.
pub(super) fn answer(state: &mut State, call: &Call) -> Reply {
    let version = state.version;
    route(state, call).unwrap_or_else(|refusal| refusal.into_reply(version))
}

fn route(state: &mut State, call: &Call) -> Answer {
    let version = state.version;
    let segments = normal_segments(&call.path, version)?;
    let relative_path = state.relative_path.clone();
    let prefix: Vec<&str> = relative_path.split('/').filter(|segment| !segment.is_empty()).collect();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    if path.is_empty() || path == prefix {
        return root(state, call, path == prefix);
    }
    let Some(path) = path.strip_prefix(prefix.as_slice()) else {
        return Ok(Reply::nothing_here());
    };
    let post = call.method == "POST";
    match path {
        ["realms", realm] if call.method == "GET" => public_realm(state, call, realm),
        ["realms", realm, "protocol", "openid-connect", "token"] if post => token::answer(state, call, realm),
        ["realms", realm, "protocol", "openid-connect", "logout"] if post => {
            token::log_out(state, call, realm)
        }
        ["realms", _] | ["realms", _, "protocol", "openid-connect", "token" | "logout"] => {
            Err(Refusal::wrong_verb())
        }
        ["admin", "realms", realm, rest @ ..] => admin::answer(state, call, realm, rest),
        _ => Err(no_such_path(state, call)),
    }
}

/// Refuses with the body that gives away a wrong prefix.
pub(super) fn no_such_path(state: &State, call: &Call) -> Refusal {
    Refusal::no_such_path(state.version, &format!("http://{}{}", call.host, call.path))
}

/// Cuts a path into decoded segments. Newer versions refuse what older ones normalise in silence.
fn normal_segments(path: &str, version: Version) -> Result<Vec<String>, Refusal> {
    let inner = path.strip_prefix('/').unwrap_or(path);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let odd = |segment: &str| segment.is_empty() || matches!(percent_decode(segment).as_str(), "." | "..");
    let is_odd = (!inner.is_empty() || path.len() > 1) && inner.split('/').any(odd);
    if is_odd && version.refuses_odd_segments() {
        let description = "Request path not normalized".to_owned();
        return Err(Refusal::Path { code: "missingNormalization", description });
    }
    if path.contains(';') && version.refuses_semicolons() {
        let description = "Request path contains invalid character ';'".to_owned();
        return Err(Refusal::Path { code: "invalidCharacter", description });
    }
    let mut segments = Vec::new();
    for segment in inner.split('/') {
        let segment = segment.split_once(';').map_or(segment, |(before, _)| before);
        match percent_decode(segment).as_str() {
            "" | "." => {}
            ".." => drop(segments.pop()),
            decoded => segments.push(decoded.to_owned()),
        }
    }
    Ok(segments)
}

/// Since 26 the root leads to the relative path, and that to the admin console.
fn root(state: &State, call: &Call, is_prefix: bool) -> Answer {
    if call.method != "GET" || !state.version.redirects_root() {
        return Err(no_such_path(state, call));
    }
    let relative_path = &state.relative_path;
    Ok(Reply::redirect(if is_prefix { format!("{relative_path}/admin/") } else { relative_path.clone() }))
}

/// What anybody may know of a realm; also the usual sign that the server is ready.
fn public_realm(state: &State, call: &Call, name: &str) -> Answer {
    let realm = state.realms.get(name).ok_or_else(|| Refusal::exception(404, "Realm does not exist"))?;
    let url = format!("{}/realms/{name}", state.base_url(&call.host));
    Reply::public(&json!({
        "realm": realm.name,
        "public_key": "c2FuZGJveA",
        "token-service": format!("{url}/protocol/openid-connect"),
        "account-service": format!("{url}/account"),
        "tokens-not-before": 0,
    }))
}
