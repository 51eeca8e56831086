//! A line to one system: where it is, how it is reached, and how patiently it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT,
};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};
use url::Url;

use super::auth::redact_carried;
use super::error::{Call, Error};
use super::exchange;
use super::redact::{self, Showable};
use super::retry::RetryPolicy;
use super::setup::SetupError;
use super::transport::{Fault, Incoming, Outgoing, Transport};
use super::until::{Over, Until};

/// How much of an answer that is no success is read: room for a verbose error as JSON, not for a proxy's novel.
const REFUSAL_BYTES: usize = 64 * 1024;

/// What is asked of a system at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many requests are under way at a time.
    pub concurrency: usize,
    /// How long one object may take to be read.
    pub request: Duration,
    /// How long a page of a list may take: servers count, filter and sort before they answer.
    pub list: Duration,
    /// How long a write may take. Longer than a read: a write that is cut off leaves its outcome unknown.
    pub write: Duration,
    /// How large an answer may be.
    pub answer_bytes: usize,
}

/// A line to one system.
#[derive(Debug)]
pub struct Line {
    pub(super) system: Arc<str>,
    base: Url,
    transport: Transport,
    user_agent: HeaderValue,
    pub(super) limits: Limits,
    pub(super) retry: RetryPolicy,
    pub(super) showable: Showable,
    permits: Semaphore,
    sent: AtomicU64,
}

/// Everything about a request but who asks.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) call: Call,
    pub(super) url: Url,
    pub(super) body: Option<(&'static str, Bytes)>,
    pub(super) patience: Duration,
}

// === impl Limits ===

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 8,
            request: Duration::from_secs(10),
            list: Duration::from_mins(1),
            write: Duration::from_secs(30),
            answer_bytes: 64 * 1024 * 1024,
        }
    }
}

// === impl Line ===

impl Line {
    /// Makes a line to the system that an operator calls `system`. A path in `base` is kept, a slash at its end is not.
    pub fn new(system: &str, base: &str, transport: Transport, user_agent: &str) -> Result<Self, SetupError> {
        let limits = Limits::default();
        Ok(Self {
            base: parse_base(system, base)?,
            system: system.into(),
            transport,
            user_agent: parse_user_agent(user_agent)?,
            limits,
            retry: RetryPolicy::default(),
            showable: &[],
            permits: Semaphore::new(limits.concurrency),
            sent: AtomicU64::new(0),
        })
    }

    /// Sets what is asked of the system at most.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        // No permits would be no requests, ever.
        Self { limits, permits: Semaphore::new(limits.concurrency.max(1)), ..self }
    }

    /// Sets how stubborn the line is.
    #[must_use]
    pub fn with_retry(self, retry: RetryPolicy) -> Self {
        Self { retry, ..self }
    }

    /// Sets what of the system's bodies and queries the log and errors may show. Without, it is nothing.
    #[must_use]
    pub fn showing(self, showable: Showable) -> Self {
        Self { showable, ..self }
    }

    /// Returns a line of the same kind to an address below this one, such as a realm's token endpoint.
    pub fn below(&self, segments: &[&str]) -> Result<Self, SetupError> {
        let base = self.url(segments).map_err(|segment| SetupError::Url {
            system: self.system.to_string(),
            url: self.base.to_string(),
            problem: format!("{segment:?} cannot be a part of its path"),
        })?;
        Ok(Self {
            system: Arc::clone(&self.system),
            base,
            transport: self.transport.clone(),
            user_agent: self.user_agent.clone(),
            limits: self.limits,
            retry: self.retry,
            showable: self.showable,
            permits: Semaphore::new(self.limits.concurrency.max(1)),
            sent: AtomicU64::new(0),
        })
    }

    /// Returns how many requests were sent, repetitions included.
    pub fn requests_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Returns the address below which everything is asked.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Joins parts of a path below the base, each percent-encoded by itself. Gives back the part that cannot be one:
    /// an empty one would name the collection in place of an object.
    pub(super) fn url<'part>(&self, segments: &[&'part str]) -> Result<Url, &'part str> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            for &segment in segments {
                if matches!(segment, "" | "." | "..") {
                    return Err(segment);
                }
                path.push(segment);
            }
        }
        Ok(url)
    }

    /// Describes a call for whoever reads of its failure.
    pub(super) fn call(&self, method: Method, path: String) -> Call {
        Call { system: Arc::clone(&self.system), method, path, unsure: false }
    }

    /// Waits for its turn.
    pub(super) async fn permit(&self, call: &Call, until: &Until) -> Result<SemaphorePermit<'_>, Error> {
        let over = |over| match over {
            Over::Deadline => Error::Deadline { call: Box::new(call.clone()), in_flight: false },
            Over::Stopped => Error::Cancelled { call: Box::new(call.clone()) },
        };
        match until.bound(self.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            // The semaphore is never closed; if it were, the line would be at its end.
            Ok(Err(_closed)) => Err(over(Over::Stopped)),
            Err(why) => Err(over(why)),
        }
    }

    /// Asks once and reads the whole answer. Of what the log shows of it, `known` removes known secrets.
    pub(super) async fn ask(
        &self,
        question: &Question,
        credentials: Option<HeaderValue>,
        until: &Until,
        known: impl Fn(String) -> String,
    ) -> Result<Incoming, Error> {
        let call = || Box::new(question.call.clone());
        let left = until.remaining().filter(|left| *left < question.patience);
        let patience = left.unwrap_or(question.patience);
        let started = Instant::now();
        self.sent.fetch_add(1, Ordering::Relaxed);
        let limits = (self.limits.answer_bytes, REFUSAL_BYTES);
        // It may have been drawn by an identity provider, which nobody here could know.
        let carried = credentials.clone();
        let exchange = self.transport.exchange(self.outgoing(question, credentials), limits);
        let answer = timeout(patience, exchange).await.unwrap_or(Err(Fault::TooLate));
        let without = |text| redact_carried(known(text).into(), carried.as_ref()).into_owned();
        exchange::tell(
            question,
            answer.as_ref(),
            (started.elapsed(), patience),
            |body| without(redact::body(body, self.showable)),
            |query| redact::query(query, self.showable),
        );
        answer.map_err(|fault| match fault {
            Fault::Connect(source) => Error::Connect { call: call(), source },
            Fault::Tls(source) => Error::Tls { call: call(), source },
            Fault::Broken(source) => Error::Broken { call: call(), source },
            Fault::TooLarge { limit } => Error::TooLarge { call: call(), limit },
            Fault::TooLate if left.is_some() => Error::Deadline { call: call(), in_flight: true },
            Fault::TooLate => Error::Timeout { call: call(), after: patience },
        })
    }

    fn outgoing(&self, question: &Question, credentials: Option<HeaderValue>) -> Outgoing {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, self.user_agent.clone());
        // Keycloak answers with a themed page, and Rancher with HTML, where JSON is not asked for.
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        // Waldur translates its messages; they decide nothing, but an operator reads them.
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
        if let Some(credentials) = credentials {
            headers.insert(AUTHORIZATION, credentials);
        }
        if question.body.is_none() && matches!(question.call.method, Method::POST | Method::PUT) {
            // Proxies refuse a write that does not say how long it is.
            headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
        }
        let body = question.body.as_ref().map(|(kind, body)| {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            body.clone()
        });
        Outgoing { method: question.call.method.clone(), url: question.url.clone(), headers, body }
    }
}

fn parse_base(system: &str, base: &str) -> Result<Url, SetupError> {
    let shown = |url: &Url| {
        let mut url = url.clone();
        // Only a URL without a host refuses these, and such a one holds no credentials.
        let _ = (url.set_username(""), url.set_password(None));
        url.to_string()
    };
    let bad = |url: String, problem: &str| SetupError::Url {
        system: system.to_owned(),
        url,
        problem: problem.to_owned(),
    };
    let mut url = Url::parse(base.trim()).map_err(|problem| {
        // What cannot be parsed may still hold a password before an `@`.
        let safe = if base.contains('@') { "…".to_owned() } else { base.to_owned() };
        bad(safe, &problem.to_string())
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(bad(shown(&url), "it begins neither with https:// nor with http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad(shown(&url), "it holds credentials, which have settings of their own"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad(shown(&url), "it has a query or a fragment"));
    }
    let path: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let path = format!("/{}", path.join("/"));
    url.set_path(&path);
    Ok(url)
}

fn parse_user_agent(user_agent: &str) -> Result<HeaderValue, SetupError> {
    let bad = |problem| SetupError::UserAgent { user_agent: user_agent.to_owned(), problem };
    // Rancher takes whoever says Mozilla for a browser and answers with HTML.
    if user_agent.to_ascii_lowercase().contains("mozilla") {
        return Err(bad("servers would take it for a browser"));
    }
    if user_agent.trim().is_empty() {
        return Err(bad("it is empty"));
    }
    HeaderValue::from_str(user_agent).map_err(|_| bad("a header cannot carry it"))
}
