//! Access tokens: had once for all, renewed before they expire, and asked for gently.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::Error as _;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;
use tracing::Instrument;
use url::form_urlencoded;

use super::auth::{basic, redact as without, redact_carried, sensitive};
use super::error::{Error, Refusal};
use super::exchange;
use super::line::{Line, Question};
use super::redact;
use super::response::{Response, judge};
use super::retry::persist;
use super::text;
use super::until::{Over, Until};

/// The lifetime of a token that names none.
const UNNAMED_LIFETIME: Duration = Duration::from_mins(5);
/// How long a rejected login is left alone at first. Doubled each time: brute-force protection locks accounts.
const FIRST_REST: Duration = Duration::from_mins(1);
/// How long a rejected login is left alone at most.
const LONGEST_REST: Duration = Duration::from_hours(1);
/// How long no new token is asked for after a fresh one was refused: the refusal is not the token's fault.
const DISTRUST: Duration = Duration::from_mins(1);

/// How tokens are asked for.
#[derive(Debug, Clone)]
pub enum Grant {
    /// As a person, by name and password.
    Password {
        /// The client, `admin-cli` on a stock Keycloak.
        client_id: String,
        /// Its secret, if it is not a public one.
        client_secret: Option<SecretString>,
        /// The user's name.
        username: String,
        /// The user's password.
        password: SecretString,
    },
    /// As a service account. Preferred: it leaves no session behind.
    ClientCredentials {
        /// The client.
        client_id: String,
        /// Its secret.
        client_secret: SecretString,
    },
}

/// How a client with a secret proves it. From Keycloak 26.6 on a client may be held to one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// In the form.
    #[default]
    Form,
    /// In a `Basic` header.
    Basic,
}

/// A source of access tokens. One login serves whoever asks, however many ask at once.
#[derive(Debug)]
pub struct TokenSource {
    line: Line,
    grant: Grant,
    proof: ClientAuthentication,
    state: Mutex<State>,
}

/// A token as it is sent, and which one it was.
#[derive(Debug, Clone)]
pub(super) struct Access {
    pub(super) header: HeaderValue,
    serial: u64,
}

#[derive(Debug, Default)]
struct State {
    logins: u64,
    token: Option<Token>,
    rejection: Option<Rejection>,
    distrusted_until: Option<Instant>,
}

#[derive(Debug)]
struct Token {
    access: Access,
    renew_at: Instant,
    /// How long the provider says that it lasts.
    lifetime: Option<Duration>,
}

#[derive(Debug)]
struct Rejection {
    reason: String,
    until: Instant,
    rest: Duration,
}

/// What a token endpoint answers.
#[derive(Deserialize)]
struct Granted {
    #[serde(deserialize_with = "secret")]
    access_token: SecretString,
    expires_in: Option<f64>,
}

// === impl TokenSource ===

impl TokenSource {
    /// Makes a source of tokens from the token endpoint that `line` leads to.
    pub fn new(line: Line, grant: Grant, proof: ClientAuthentication) -> Self {
        Self { line, grant, proof, state: Mutex::default() }
    }

    /// Returns how many requests the logins took.
    pub fn requests_sent(&self) -> u64 {
        self.line.requests_sent()
    }

    /// Returns how long the present token lasts, if there is one and its provider said so.
    pub(super) async fn lifetime(&self) -> Option<Duration> {
        self.state.lock().await.token.as_ref()?.lifetime
    }

    /// Returns the current token, or a new one shortly before it expires.
    pub(super) async fn access(&self, until: &Until) -> Result<Access, Error> {
        let mut state = self.lock(until).await?;
        match &state.token {
            Some(token) if Instant::now() < token.renew_at => Ok(token.access.clone()),
            _ => self.log_in(&mut state, until).await,
        }
    }

    /// Returns another token than the refused one, if one can help.
    pub(super) async fn renewed(&self, refused: &Access, until: &Until) -> Result<Option<Access>, Error> {
        let mut state = self.lock(until).await?;
        match &state.token {
            // Somebody else was refused as well, and was faster.
            Some(token) if token.access.serial != refused.serial => Ok(Some(token.access.clone())),
            _ if state.distrusted_until.is_some_and(|until| Instant::now() < until) => Ok(None),
            _ => self.log_in(&mut state, until).await.map(Some),
        }
    }

    /// Remembers that a fresh token was refused.
    pub(super) async fn distrust(&self) {
        self.state.lock().await.distrusted_until = Some(Instant::now() + DISTRUST);
    }

    /// Removes the login's secrets from somebody else's text.
    pub(super) fn redact<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        match &self.grant {
            Grant::Password { client_secret, password, .. } => {
                without(text, client_secret.iter().chain([password]))
            }
            Grant::ClientCredentials { client_secret, .. } => without(text, [client_secret]),
        }
    }

    async fn lock(&self, until: &Until) -> Result<MutexGuard<'_, State>, Error> {
        until.bound(self.state.lock()).await.map_err(|over| {
            let call = Box::new(self.question().call);
            match over {
                Over::Deadline => Error::Deadline { call, in_flight: false },
                Over::Stopped => Error::Cancelled { call },
            }
        })
    }

    /// Logs in, unless a rejected login is being left alone.
    async fn log_in(&self, state: &mut State, until: &Until) -> Result<Access, Error> {
        state.token = None;
        let now = Instant::now();
        if let Some(Rejection { reason, until, .. }) =
            state.rejection.as_ref().filter(|known| now < known.until)
        {
            return Err(self.rejected(reason.clone(), until.duration_since(now)));
        }
        match self.ask_for_a_token(until).await {
            Ok((header, renew_at, lifetime)) => {
                state.logins += 1;
                state.rejection = None;
                let access = Access { header, serial: state.logins };
                state.token = Some(Token { access: access.clone(), renew_at, lifetime });
                Ok(access)
            }
            Err(error) => match error.refusal().filter(|refusal| is_rejection(refusal)) {
                None => Err(error),
                Some(refusal) => {
                    let rest = state
                        .rejection
                        .as_ref()
                        .map_or(FIRST_REST, |known| (known.rest * 2).min(LONGEST_REST));
                    let reason = reason(refusal);
                    tracing::debug!(system = %self.line.system, rest_s = rest.as_secs(), "the login was rejected and is left alone");
                    state.rejection =
                        Some(Rejection { reason: reason.clone(), until: Instant::now() + rest, rest });
                    Err(self.rejected(reason, rest))
                }
            },
        }
    }

    /// Asks the token endpoint. A login changes nothing that matters, so it is repeated like a reading.
    async fn ask_for_a_token(
        &self,
        until: &Until,
    ) -> Result<(HeaderValue, Instant, Option<Duration>), Error> {
        let question = self.question();
        let attempts = persist(&self.line.retry, true, until, || async {
            let sent = Instant::now();
            let proof = self.proof_header();
            let known = |text: String| self.redact(text.into()).into_owned();
            let answer = self.line.ask(&question, proof.clone(), until, known).await?;
            judge(&question.call, answer, self.line.showable, |text| {
                redact_carried(self.redact(text), proof.as_ref())
            })
            .map(|response| (response, sent))
        });
        let (response, sent) = attempts.instrument(exchange::request(&self.line.system)).await?;
        let granted: Granted = decode(&response)?;
        let header = sensitive(&format!("Bearer {}", granted.access_token.expose_secret()))
            .ok_or_else(|| unreadable(&response, "the access token cannot be sent in a header"))?;
        // Three quarters of the lifetime leave time for a slow request, also with tokens of a minute.
        let lifetime = granted.expires_in.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Ok((header, sent + lifetime.unwrap_or(UNNAMED_LIFETIME).mul_f64(0.75), lifetime))
    }

    fn question(&self) -> Question {
        let url = self.line.base().clone();
        let mut form = form_urlencoded::Serializer::new(String::new());
        let secret_in_form = self.proof == ClientAuthentication::Form;
        match &self.grant {
            Grant::Password { client_id, client_secret, username, password } => {
                form.append_pair("grant_type", "password").append_pair("client_id", client_id);
                form.append_pair("username", username).append_pair("password", password.expose_secret());
                if let Some(secret) = client_secret.as_ref().filter(|_| secret_in_form) {
                    form.append_pair("client_secret", secret.expose_secret());
                }
            }
            Grant::ClientCredentials { client_id, client_secret } => {
                form.append_pair("grant_type", "client_credentials");
                if secret_in_form {
                    form.append_pair("client_id", client_id)
                        .append_pair("client_secret", client_secret.expose_secret());
                }
            }
        }
        Question {
            call: self.line.call(Method::POST, url.path().to_owned()),
            url,
            body: Some(("application/x-www-form-urlencoded", Bytes::from(form.finish()))),
            patience: self.line.limits.write,
        }
    }

    fn proof_header(&self) -> Option<HeaderValue> {
        let (id, secret) = match &self.grant {
            Grant::Password { client_id, client_secret, .. } => (client_id, client_secret.as_ref()?),
            Grant::ClientCredentials { client_id, client_secret } => (client_id, client_secret),
        };
        match self.proof {
            ClientAuthentication::Form => None,
            // RFC 6749 (2.3.1) wants both halves form-encoded first.
            ClientAuthentication::Basic => {
                let encode =
                    |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                sensitive(&basic(&encode(id), &encode(secret.expose_secret()).into()))
            }
        }
    }

    fn rejected(&self, reason: String, next_try_in: Duration) -> Error {
        Error::LoginRejected { call: Box::new(self.question().call), reason, next_try_in }
    }
}

fn secret<'de, D: serde::Deserializer<'de>>(text: D) -> Result<SecretString, D::Error> {
    String::deserialize(text).map(SecretString::from)
}

/// A rejected login is told by these three; Keycloak's versions differ in which one they use for what.
fn is_rejection(refusal: &Refusal) -> bool {
    matches!(refusal.status.as_u16(), 400 | 401 | 403)
}

/// Returns the provider's error code and description, or else the status.
fn reason(refusal: &Refusal) -> String {
    let said = match (refusal.said("error"), refusal.said("error_description")) {
        (Some(error), Some(description)) => format!("{error}: {description}"),
        (Some(error), None) => error.to_owned(),
        (None, _) => refusal.status.to_string(),
    };
    text::excerpt(redact::impersonal(&said).as_bytes(), 200)
}

/// Reads a token. What stands around an offending place is not shown: it may be the token.
fn decode(response: &Response) -> Result<Granted, Error> {
    serde_json::from_slice(&response.body)
        .map_err(|_| unreadable(response, "the answer holds no access token"))
}

fn unreadable(response: &Response, problem: &str) -> Error {
    let source = serde_json::Error::custom(problem);
    Error::Decode { call: Box::new(response.call.clone()), near: "…".to_owned(), source }
}
