//! Tokens that were given out, and the sessions behind them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::encoding::base64url;
use super::mint::Mint;

/// Seconds after which a session that nobody refreshes is over.
const SESSION_IDLE: u64 = 1_800;
/// Seconds after which any session is over.
const SESSION_MAX: u64 = 36_000;
/// Seconds that an expired token is remembered, to be told from one that never was.
const MEMORY: u64 = 86_400;

/// Who a token was given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) realm: String,
    pub(super) user: String,
    pub(super) client: String,
}

/// A token that opens something until it expires.
#[derive(Debug)]
struct Pass {
    holder: Holder,
    /// The session it hangs on; tokens of service accounts hang on none.
    session: Option<String>,
    expires: Timestamp,
}

/// A login with a password.
#[derive(Debug)]
struct Session {
    realm: String,
    ends: Timestamp,
}

/// Why a refresh token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefreshRefusal {
    /// It was never given out, or too long ago to know.
    Unknown,
    /// It expired.
    Expired,
    /// Its session was ended.
    SessionOver,
    /// Another client asks than the one that logged in.
    OtherClient,
}

/// Tokens and sessions.
#[derive(Debug, Default)]
pub(super) struct TokenStore {
    access: BTreeMap<String, Pass>,
    refresh: BTreeMap<String, Pass>,
    sessions: BTreeMap<String, Session>,
}

/// What is to be written into a token.
#[derive(Debug)]
pub(super) struct Claims<'a> {
    pub(super) issuer: &'a str,
    pub(super) scope: &'a str,
    pub(super) now: Timestamp,
    pub(super) session: Option<&'a str>,
}

impl TokenStore {
    /// Begins a session.
    pub(super) fn begin(&mut self, realm: &str, mint: &mut Mint, now: Timestamp) -> String {
        let id = mint.uuid();
        let session = Session { realm: realm.to_owned(), ends: after(now, SESSION_MAX) };
        self.sessions.insert(id.clone(), session);
        id
    }

    /// Gives out an access token.
    pub(super) fn grant(
        &mut self,
        holder: &Holder,
        claims: &Claims<'_>,
        seconds: u64,
        mint: &mut Mint,
    ) -> String {
        self.forget_old(claims.now);
        let expires = after(claims.now, seconds);
        let token = token("Bearer", holder, claims, expires, mint);
        self.access.insert(token.clone(), pass(holder, claims, expires));
        token
    }

    /// Gives out a refresh token and says how many seconds it lives: never longer than its session.
    pub(super) fn grant_refresh(
        &mut self,
        holder: &Holder,
        claims: &Claims<'_>,
        mint: &mut Mint,
    ) -> (String, u64) {
        let ends =
            claims.session.and_then(|id| self.sessions.get(id)).map_or(claims.now, |session| session.ends);
        let left = u64::try_from(ends.duration_since(claims.now).as_secs()).unwrap_or(0);
        let seconds = SESSION_IDLE.min(left);
        let expires = after(claims.now, seconds);
        let token = token("Refresh", holder, claims, expires, mint);
        self.refresh.insert(token.clone(), pass(holder, claims, expires));
        (token, seconds)
    }

    /// Returns whose access token this is, if it still opens anything.
    pub(super) fn holder(&self, token: &str, now: Timestamp) -> Option<&Holder> {
        let pass = self.access.get(token).filter(|pass| now < pass.expires)?;
        let lives = pass.session.as_ref().is_none_or(|id| self.lives(id, now));
        lives.then_some(&pass.holder)
    }

    /// Returns whose refresh token this is, and the session it prolongs.
    pub(super) fn redeem(
        &self,
        token: &str,
        realm: &str,
        client: &str,
        now: Timestamp,
    ) -> Result<(Holder, String), RefreshRefusal> {
        let pass = self.refresh.get(token).filter(|pass| pass.holder.realm == realm);
        let pass = pass.ok_or(RefreshRefusal::Unknown)?;
        let session = pass.session.clone().ok_or(RefreshRefusal::Unknown)?;
        if now >= pass.expires {
            return Err(RefreshRefusal::Expired);
        }
        if !self.lives(&session, now) {
            return Err(RefreshRefusal::SessionOver);
        }
        if pass.holder.client != client {
            return Err(RefreshRefusal::OtherClient);
        }
        Ok((pass.holder.clone(), session))
    }

    /// Ends the session of a refresh token; an unknown one has nothing to end.
    pub(super) fn log_out(&mut self, token: &str) {
        if let Some(session) = self.refresh.get(token).and_then(|pass| pass.session.as_ref()) {
            self.sessions.remove(session);
        }
    }

    /// Ends every session of a realm and takes back every access token.
    pub(super) fn revoke(&mut self, realm: &str) {
        self.sessions.retain(|_, session| session.realm != realm);
        self.access.retain(|_, pass| pass.holder.realm != realm);
    }

    /// Returns how many sessions of a realm are alive.
    pub(super) fn live_sessions(&self, realm: &str, now: Timestamp) -> usize {
        self.sessions.values().filter(|session| session.realm == realm && now < session.ends).count()
    }

    fn lives(&self, session: &str, now: Timestamp) -> bool {
        self.sessions.get(session).is_some_and(|session| now < session.ends)
    }

    fn forget_old(&mut self, now: Timestamp) {
        self.access.retain(|_, pass| now < pass.expires);
        self.refresh.retain(|_, pass| now < after(pass.expires, MEMORY));
        self.sessions.retain(|_, session| now < session.ends);
    }
}

fn pass(holder: &Holder, claims: &Claims<'_>, expires: Timestamp) -> Pass {
    Pass { holder: holder.clone(), session: claims.session.map(str::to_owned), expires }
}

/// Returns a moment some seconds later.
fn after(moment: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    moment.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// Writes a token that looks like a lightweight one: it names no user and no roles, and its signature is a hash.
fn token(kind: &str, holder: &Holder, claims: &Claims<'_>, expires: Timestamp, mint: &mut Mint) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT"});
    let payload = json!({
        "exp": expires.as_second(),
        "iat": claims.now.as_second(),
        "jti": mint.uuid(),
        "iss": claims.issuer,
        "typ": kind,
        "azp": holder.client,
        "sid": claims.session,
        "scope": claims.scope,
    });
    let part = |value: serde_json::Value| base64url(value.to_string().as_bytes());
    format!("{}.{}.{}", part(header), part(payload), base64url(&mint.digest()))
}
