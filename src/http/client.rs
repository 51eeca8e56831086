//! One system, asked by somebody: the line, the credentials, and the bounds of the present cycle.

use std::sync::Arc;

use reqwest::{Method, StatusCode};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::auth::{Auth, Credentials, redact_carried};
use super::error::Error;
use super::exchange;
use super::line::{Line, Question};
use super::request::Request;
use super::response::{Response, judge};
use super::retry::persist;
use super::setup::SetupError;
use super::until::Until;

/// A client of one system. Cheap to clone; clones share the line, its limits, its counter, and the login.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
    until: Until,
}

#[derive(Debug)]
struct Shared {
    line: Line,
    credentials: Credentials,
}

// === impl Client ===

impl Client {
    /// Makes a client that asks over `line` as `auth` says.
    pub fn new(line: Line, auth: Auth) -> Result<Self, SetupError> {
        let credentials = Credentials::new(&line.system, auth)?;
        Ok(Self { shared: Arc::new(Shared { line, credentials }), until: Until::default() })
    }

    /// Returns the same client for a cycle that ends at `deadline`: no attempt lasts longer, none begins later.
    #[must_use]
    pub fn until(&self, deadline: Instant) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            until: Until { deadline: Some(deadline), ..self.until.clone() },
        }
    }

    /// Returns the same client for as long as `stop` is not given. What is on its way is finished even then: a write
    /// that is cut off leaves its outcome unknown.
    #[must_use]
    pub fn unless(&self, stop: CancellationToken) -> Self {
        Self { shared: Arc::clone(&self.shared), until: Until { stop, ..self.until.clone() } }
    }

    /// Returns the system's name in the operator's words.
    pub fn system(&self) -> &str {
        &self.shared.line.system
    }

    /// Returns how many requests were sent, repetitions and logins included.
    pub fn requests_sent(&self) -> u64 {
        self.shared.line.requests_sent() + self.shared.credentials.requests_sent()
    }

    /// Returns how long the present access token lasts, if the client has logged in for one.
    pub async fn token_lifetime(&self) -> Option<std::time::Duration> {
        self.shared.credentials.lifetime().await
    }

    /// Begins a `GET`. The parts of the path are encoded one by one.
    pub fn get(&self, path: &[&str]) -> Request {
        self.request(Method::GET, path)
    }

    /// Begins a `HEAD`.
    pub fn head(&self, path: &[&str]) -> Request {
        self.request(Method::HEAD, path)
    }

    /// Begins a `POST`, which is never repeated unless it is said to be idempotent.
    pub fn post(&self, path: &[&str]) -> Request {
        self.request(Method::POST, path)
    }

    /// Begins a `PUT`.
    pub fn put(&self, path: &[&str]) -> Request {
        self.request(Method::PUT, path)
    }

    /// Begins a `DELETE`.
    pub fn delete(&self, path: &[&str]) -> Request {
        self.request(Method::DELETE, path)
    }

    fn request(&self, method: Method, path: &[&str]) -> Request {
        Request::new(self.clone(), method, path)
    }

    pub(super) fn line(&self) -> &Line {
        &self.shared.line
    }

    /// Asks, and asks again where that is safe and may help.
    pub(super) async fn send(&self, question: &Question, repeatable: bool) -> Result<Response, Error> {
        let request = exchange::request(self.system());
        let attempts = persist(&self.line().retry, repeatable, &self.until, || self.attempt(question));
        // Kept apart, because it is large and stands in every future that asks something.
        Box::pin(attempts.instrument(request)).await
    }

    /// Asks once; with a token that is no longer liked, a second time with a new one.
    async fn attempt(&self, question: &Question) -> Result<Response, Error> {
        let Shared { line, credentials } = &*self.shared;
        let no_token = |error| without_a_token(question, error);
        let _turn = line.permit(&question.call, &self.until).await?;
        let sent = credentials.current(&self.until).await.map_err(no_token)?;
        let mut carried = sent.header.clone();
        let known = |text: String| credentials.redact(text.into()).into_owned();
        let mut answer = line.ask(question, carried.clone(), &self.until, known).await?;
        if answer.status == StatusCode::UNAUTHORIZED
            && let Some(renewed) = credentials.renewed(&sent, &self.until).await.map_err(no_token)?
        {
            carried = renewed.header;
            answer = line.ask(question, carried.clone(), &self.until, known).await?;
            if answer.status == StatusCode::UNAUTHORIZED {
                credentials.distrust().await;
            }
        }
        judge(&question.call, answer, line.showable, |text| {
            redact_carried(credentials.redact(text), carried.as_ref())
        })
    }
}

/// Says that a question was not asked for want of a token. A rejected login speaks for itself.
fn without_a_token(question: &Question, error: Error) -> Error {
    let call = Box::new(question.call.clone());
    match error {
        Error::LoginRejected { .. } => error,
        Error::Deadline { .. } => Error::Deadline { call, in_flight: false },
        Error::Cancelled { .. } => Error::Cancelled { call },
        Error::Path { .. }
        | Error::Connect { .. }
        | Error::Tls { .. }
        | Error::Timeout { .. }
        | Error::Broken { .. }
        | Error::Status { .. }
        | Error::Html { .. }
        | Error::Decode { .. }
        | Error::TooLarge { .. }
        | Error::Redirect { .. }
        | Error::Paging { .. }
        | Error::Login { .. } => Error::Login { call, source: Box::new(error) },
    }
}
