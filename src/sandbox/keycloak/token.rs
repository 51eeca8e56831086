//! The token endpoint: which realm, which client, which grant; and the logout that ends what a password began.

use serde::Serialize;
use url::form_urlencoded;

use super::call::{Call, Parameters};
use super::encoding::from_base64;
use super::grants::{self, Desk};
use super::reply::{Answer, Refusal, Reply};
use super::seed::{Client, ClientAuthentication};
use super::state::State;
use super::version::Version;

const FORM: &str = "application/x-www-form-urlencoded";
const BAD_CLIENT: &str = "Invalid client or Invalid client credentials";

/// What the token endpoint answers, in the order that Keycloak writes it.
#[derive(Debug, Serialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    pub(super) expires_in: u64,
    pub(super) refresh_expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
    pub(super) token_type: &'static str,
    #[serde(rename = "not-before-policy")]
    pub(super) not_before_policy: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session_state: Option<String>,
    pub(super) scope: &'static str,
}

/// Answers `POST /realms/{realm}/protocol/openid-connect/token`.
pub(super) fn answer(state: &mut State, call: &Call, realm: &str) -> Answer {
    let version = state.version;
    if !state.realms.contains_key(realm) {
        return Err(Refusal::exception(404, "Realm does not exist"));
    }
    // Refusals are not to be kept either, once it is known whose they are.
    grant_token(state, call, realm).or_else(|refusal| Ok(refusal.into_reply(version).never_stored()))
}

fn grant_token(state: &mut State, call: &Call, realm: &str) -> Answer {
    let issuer = format!("{}/realms/{realm}", state.base_url(&call.host));
    let now = state.clock.now();
    let realm = state.realms.get_mut(realm).ok_or_else(|| Refusal::exception(404, "Realm does not exist"))?;
    call.expect_content(FORM)?;
    if !realm.enabled {
        return Err(Refusal::oauth(403, "access_denied", "Realm not enabled"));
    }
    let form = Parameters::parse(&call.body);
    let grant = match form.get("grant_type") {
        None => return Err(Refusal::oauth(400, "invalid_request", "Missing form parameter: grant_type")),
        Some("password") => grants::password,
        Some("client_credentials") => grants::client_credentials,
        Some("refresh_token") => grants::refresh,
        Some(_) => return Err(Refusal::oauth(400, "unsupported_grant_type", "Unsupported grant_type")),
    };
    let client = client(call, &form, &realm.clients, state.version)?.clone();
    if form.repeats() {
        return Err(Refusal::oauth(400, "invalid_request", "duplicated parameter"));
    }
    let mut desk = Desk {
        version: state.version,
        now,
        issuer,
        form: &form,
        client: &client,
        tokens: &mut state.tokens,
        mint: &mut state.mint,
        realm,
    };
    let answer = grant(&mut desk);
    if answer.is_err() {
        realm.logins.refused += 1;
    }
    Reply::token(&answer?)
}

/// Answers `POST /realms/{realm}/protocol/openid-connect/logout`.
pub(super) fn log_out(state: &mut State, call: &Call, realm: &str) -> Answer {
    let realm = state.realms.get(realm).ok_or_else(|| Refusal::exception(404, "Realm does not exist"))?;
    let form = Parameters::parse(&call.body);
    client(call, &form, &realm.clients, state.version)?;
    if let Some(token) = form.get("refresh_token") {
        state.tokens.log_out(token);
    }
    Ok(Reply::no_content())
}

/// Returns the client that asks, once it has proved itself.
fn client<'a>(
    call: &Call,
    form: &Parameters,
    clients: &'a std::collections::BTreeMap<String, Client>,
    version: Version,
) -> Result<&'a Client, Refusal> {
    let basic = call.credentials("Basic").and_then(basic_credentials);
    let (id, secret, means) = match &basic {
        Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str()), ClientAuthentication::Basic),
        None => (form.get("client_id"), form.get("client_secret"), ClientAuthentication::Form),
    };
    let client = id.and_then(|id| clients.get(id)).filter(|client| client.enabled);
    let client = client.ok_or_else(|| Refusal::oauth(401, "invalid_client", BAD_CLIENT))?;
    let limited = version.limits_client_authentication()
        && client.authentication.is_some_and(|required| required != means);
    let proved = client.secret.is_none() || (client.secret.as_deref() == secret && !limited);
    if proved { Ok(client) } else { Err(Refusal::oauth(401, "unauthorized_client", BAD_CLIENT)) }
}

/// Reads the two halves of a Basic header, each of which is encoded like a form.
fn basic_credentials(coded: &str) -> Option<(String, String)> {
    let plain = String::from_utf8(from_base64(coded)?).ok()?;
    let (id, secret) = plain.split_once(':')?;
    let decode = |text: &str| {
        let pair = form_urlencoded::parse(text.as_bytes()).next();
        pair.map(|(name, _)| name.into_owned()).unwrap_or_default()
    };
    Some((decode(id), decode(secret)))
}
