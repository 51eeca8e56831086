//! The three grants: a user's password, a client's own credentials, a refresh token.

use jiff::Timestamp;

use super::call::Parameters;
use super::mint::Mint;
use super::people::User;
use super::realms::{MASTER, Realm, service_account_of};
use super::reply::Refusal;
use super::seed::Client;
use super::token::TokenAnswer;
use super::token_store::{Claims, Holder, RefreshRefusal, TokenStore};
use super::version::Version;

const SCOPE: &str = "email profile";

/// All that a grant needs to know, and may change.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub(super) version: Version,
    pub(super) now: Timestamp,
    pub(super) issuer: String,
    pub(super) form: &'a Parameters,
    pub(super) client: &'a Client,
    pub(super) realm: &'a mut Realm,
    pub(super) tokens: &'a mut TokenStore,
    pub(super) mint: &'a mut Mint,
}

/// Logs a user in.
pub(super) fn password(desk: &mut Desk<'_>) -> Result<TokenAnswer, Refusal> {
    if !desk.client.direct_access_grants {
        let description = "Client not allowed for direct access grants";
        return Err(Refusal::oauth(400, "unauthorized_client", description));
    }
    let username = desk.form.get("username").filter(|name| !name.trim().is_empty());
    let username =
        username.ok_or_else(|| Refusal::oauth(401, "invalid_request", "Missing parameter: username"))?;
    let wrong = || {
        let status = desk.version.wrong_password_status();
        Err(Refusal::oauth(status, "invalid_grant", "Invalid user credentials"))
    };
    let Some(user) = desk.realm.people.login(username) else {
        return wrong();
    };
    let id = user.id.clone();
    let protected = desk.realm.brute_force_protected;
    if protected && desk.realm.locks.get(&id).is_some_and(|lock| lock.holds(desk.now)) {
        return wrong();
    }
    if !user.enabled {
        return Err(Refusal::oauth(400, "invalid_grant", "Account disabled"));
    }
    if user.password.is_none() || user.password.as_deref() != desk.form.get("password") {
        if protected {
            desk.realm.locks.entry(id).or_default().fail(desk.now);
        }
        return wrong();
    }
    let whole = desk.realm.name == MASTER || !desk.version.wants_whole_profiles() || user.has_whole_profile();
    if !user.required_actions.is_empty() || !whole {
        return Err(Refusal::oauth(400, "invalid_grant", "Account is not fully set up"));
    }
    desk.realm.locks.remove(&id);
    desk.realm.logins.password += 1;
    let session = desk.tokens.begin(&desk.realm.name, desk.mint, desk.now);
    Ok(desk.session_tokens(&id, session))
}

/// Logs a client in as itself. There is no session, and so nothing to refresh.
pub(super) fn client_credentials(desk: &mut Desk<'_>) -> Result<TokenAnswer, Refusal> {
    let refuse = |description| Err(Refusal::oauth(401, "unauthorized_client", description));
    if desk.client.secret.is_none() {
        return refuse("Public client not allowed to retrieve service account");
    }
    if !desk.client.service_account {
        return refuse("Client not enabled to retrieve service account");
    }
    let user = desk.realm.people.named(&service_account_of(&desk.client.client_id));
    let Some(User { id, enabled: true, .. }) = user else {
        return Err(Refusal::oauth(401, "invalid_request", "User disabled"));
    };
    let holder = desk.holder(id);
    desk.realm.logins.client_credentials += 1;
    let (access_token, expires_in) = desk.access(&holder, None);
    Ok(TokenAnswer {
        access_token,
        expires_in,
        refresh_expires_in: 0,
        refresh_token: None,
        token_type: "Bearer",
        not_before_policy: 0,
        session_state: None,
        scope: SCOPE,
    })
}

/// Prolongs a session.
pub(super) fn refresh(desk: &mut Desk<'_>) -> Result<TokenAnswer, Refusal> {
    let refuse = |description| Refusal::oauth(400, "invalid_grant", description);
    let token = desk.form.get("refresh_token");
    let token = token.ok_or_else(|| Refusal::oauth(400, "invalid_request", "No refresh token"))?;
    let redeemed = desk.tokens.redeem(token, &desk.realm.name, &desk.client.client_id, desk.now);
    let (holder, session) = redeemed.map_err(|refusal| {
        refuse(match refusal {
            RefreshRefusal::Unknown => "Invalid refresh token",
            RefreshRefusal::Expired => "Token is not active",
            RefreshRefusal::SessionOver => "Session not active",
            RefreshRefusal::OtherClient => "Session doesn't have required client",
        })
    })?;
    match desk.realm.people.get(&holder.user) {
        None => return Err(refuse("Session not active")),
        Some(user) if !user.enabled => return Err(refuse("User disabled")),
        Some(_) => {}
    }
    desk.realm.logins.refresh += 1;
    Ok(desk.session_tokens(&holder.user, session))
}

impl Desk<'_> {
    fn holder(&self, user: &str) -> Holder {
        Holder {
            realm: self.realm.name.clone(),
            user: user.to_owned(),
            client: self.client.client_id.clone(),
        }
    }

    fn access(&mut self, holder: &Holder, session: Option<&str>) -> (String, u64) {
        let seconds = self.client.access_token_lifespan.unwrap_or(self.realm.access_token_lifespan);
        let claims = Claims { issuer: &self.issuer, scope: SCOPE, now: self.now, session };
        (self.tokens.grant(holder, &claims, seconds, self.mint), seconds)
    }

    fn session_tokens(&mut self, user: &str, session: String) -> TokenAnswer {
        let holder = self.holder(user);
        let (access_token, expires_in) = self.access(&holder, Some(&session));
        let claims = Claims { issuer: &self.issuer, scope: SCOPE, now: self.now, session: Some(&session) };
        let (refresh_token, refresh_expires_in) = self.tokens.grant_refresh(&holder, &claims, self.mint);
        TokenAnswer {
            access_token,
            expires_in,
            refresh_expires_in,
            refresh_token: Some(refresh_token),
            token_type: "Bearer",
            not_before_policy: 0,
            session_state: Some(session),
            scope: SCOPE,
        }
    }
}
