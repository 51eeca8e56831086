//! What can go wrong in one HTTP conversation, and what that means for whoever asked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::text;

/// How many characters of a server's own words an error shows.
const SHOWN: usize = 200;

/// Why something underneath failed: the transport's own error.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What was being asked, without anything secret: no query, no headers, no body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The system's name in the operator's words, such as `rancher`.
    pub system: Arc<str>,
    /// The method.
    pub method: Method,
    /// The path on the server, percent-encoded.
    pub path: String,
    /// Whether an earlier attempt of the same call may have reached the server.
    pub(super) unsure: bool,
}

/// What is known of a call's effect on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server may have done it: look before it is asked again.
    Unknown,
    /// The server never got to see it.
    NotSent,
    /// The server saw it and said no.
    Refused,
}

/// An answer that is not a success.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// What the body explains: at most 4 KiB, control characters escaped, nothing in it that names people or is secret.
    pub excerpt: String,
    /// The body, if it was JSON.
    pub json: Option<Value>,
    /// The content type that was sent with it.
    pub content_type: Option<String>,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Whether the body is a web page: a proxy, or a path that the server does not know.
    pub web_page: bool,
}

/// A conversation that did not end in an answer to work with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A part of the path is empty or would climb: the caller has no id where one is needed.
    #[error("{call}: {segment:?} cannot be a part of a path")]
    Path {
        /// What was asked.
        call: Box<Call>,
        /// The part.
        segment: String,
    },
    /// No connection could be made.
    #[error("{call}: no connection")]
    Connect {
        /// What was asked.
        call: Box<Call>,
        /// Why.
        source: Cause,
    },
    /// A connection, but no trust.
    #[error("{call}: no secure connection")]
    Tls {
        /// What was asked.
        call: Box<Call>,
        /// Why.
        source: Cause,
    },
    /// No complete answer in time.
    #[error("{call}: no answer within {} s", after.as_secs_f32())]
    Timeout {
        /// What was asked.
        call: Box<Call>,
        /// How long the answer was waited for.
        after: Duration,
    },
    /// The connection broke before the answer was complete.
    #[error("{call}: the connection broke before the answer was complete")]
    Broken {
        /// What was asked.
        call: Box<Call>,
        /// Why.
        source: Cause,
    },
    /// An answer that is not a success.
    #[error("{call}: {refusal}")]
    Status {
        /// What was asked.
        call: Box<Call>,
        /// The answer.
        refusal: Box<Refusal>,
    },
    /// A success that is a web page.
    #[error("{call}: a web page came in place of JSON")]
    Html {
        /// What was asked.
        call: Box<Call>,
    },
    /// A success that has another shape than expected.
    #[error("{call}: the answer has an unexpected shape near {near:?}")]
    Decode {
        /// What was asked.
        call: Box<Call>,
        /// What stands around the offending place: the structure, without values.
        near: String,
        /// What was expected, and the place as line and column.
        source: serde_json::Error,
    },
    /// An answer larger than anything that is expected.
    #[error("{call}: the answer is larger than {limit} bytes")]
    TooLarge {
        /// What was asked.
        call: Box<Call>,
        /// The limit.
        limit: usize,
    },
    /// The server sends the caller elsewhere. No redirect is followed: it would turn a write into a read.
    #[error("{call}: the server redirects to {location}")]
    Redirect {
        /// What was asked.
        call: Box<Call>,
        /// The answer's status.
        status: StatusCode,
        /// Where to, without its query.
        location: String,
    },
    /// A list that repeats itself or does not end.
    #[error("{call}: the list cannot be read to its end: {problem}")]
    Paging {
        /// What was asked.
        call: Box<Call>,
        /// What the pages did.
        problem: &'static str,
    },
    /// The identity provider does not accept the credentials. Remembered, so that no account is locked by repetition.
    #[error("{call}: the login was rejected: {reason}")]
    LoginRejected {
        /// The login that was tried.
        call: Box<Call>,
        /// The provider's error code and description.
        reason: String,
        /// How long it is left alone now.
        next_try_in: Duration,
    },
    /// No access token could be had, for another reason than a rejection.
    #[error("{call}: no access token")]
    Login {
        /// What was asked.
        call: Box<Call>,
        /// What went wrong at the identity provider.
        source: Box<Error>,
    },
    /// The cycle's time is up.
    #[error("{call}: the time for this cycle is up")]
    Deadline {
        /// What was asked.
        call: Box<Call>,
        /// Whether the request was already on its way.
        in_flight: bool,
    },
    /// The program is stopping; nothing new is begun.
    #[error("{call}: not begun, because the program is stopping")]
    Cancelled {
        /// What was asked.
        call: Box<Call>,
    },
}

// === impl Call ===

impl fmt::Display for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { system, method, path, unsure: _ } = self;
        write!(out, "{system}: {method} {path}")
    }
}

// === impl Refusal ===

impl Refusal {
    /// Returns what a JSON body says under `key`, if that is a text.
    pub fn said(&self, key: &str) -> Option<&str> {
        self.json.as_ref()?.get(key)?.as_str()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.status)?;
        match () {
            () if self.web_page => write!(out, ", as a web page"),
            () if self.excerpt.is_empty() => Ok(()),
            () => write!(out, ": {}", text::excerpt(self.excerpt.as_bytes(), SHOWN)),
        }
    }
}

// === impl Error ===

impl Error {
    /// Returns what was being asked.
    pub fn call(&self) -> &Call {
        match self {
            Self::Path { call, .. }
            | Self::Connect { call, .. }
            | Self::Tls { call, .. }
            | Self::Timeout { call, .. }
            | Self::Broken { call, .. }
            | Self::Status { call, .. }
            | Self::Html { call }
            | Self::Decode { call, .. }
            | Self::TooLarge { call, .. }
            | Self::Redirect { call, .. }
            | Self::Paging { call, .. }
            | Self::LoginRejected { call, .. }
            | Self::Login { call, .. }
            | Self::Deadline { call, .. }
            | Self::Cancelled { call } => call,
        }
    }

    /// Returns the answer that was not a success.
    pub fn refusal(&self) -> Option<&Refusal> {
        if let Self::Status { refusal, .. } = self { Some(refusal) } else { None }
    }

    /// Returns the status, if the server gave one that was not a success.
    pub fn status(&self) -> Option<StatusCode> {
        if let Self::Redirect { status, .. } = self {
            Some(*status)
        } else {
            self.refusal().map(|refusal| refusal.status)
        }
    }

    /// Returns what is known of the call's effect on the server.
    pub fn outcome(&self) -> Outcome {
        let last = match self {
            Self::Path { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::LoginRejected { .. }
            | Self::Login { .. }
            | Self::Cancelled { .. }
            | Self::Deadline { in_flight: false, .. } => Outcome::NotSent,
            Self::Redirect { .. } => Outcome::Refused,
            // A server's 5xx may come after the deed, and a gateway's says nothing of the server behind it.
            Self::Status { refusal, .. } if refusal.status.is_client_error() => Outcome::Refused,
            Self::Status { .. }
            | Self::Timeout { .. }
            | Self::Broken { .. }
            | Self::Html { .. }
            | Self::Decode { .. }
            | Self::TooLarge { .. }
            | Self::Paging { .. }
            | Self::Deadline { in_flight: true, .. } => Outcome::Unknown,
        };
        // A refusal of the second attempt says nothing of the first, whose answer was lost.
        if self.call().unsure { Outcome::Unknown } else { last }
    }

    /// Returns the whole story in one line: what was asked, what happened, and why underneath.
    pub fn story(&self) -> String {
        let mut story = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            story.push_str(": ");
            story.push_str(&cause.to_string());
            next = cause.source();
        }
        story
    }

    /// Returns what the operator could look at.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Connect { .. } => {
                "is the address right, is the server up, and does a firewall stand in between?"
            }
            Self::Tls { .. } => {
                "is the server's certificate signed by an own CA? Name its file in PEM. Does the server speak plain HTTP here? \
                 Then the URL begins with http://"
            }
            Self::Html { .. } => "is a proxy or a login page in between?",
            Self::Redirect { .. } => "is the URL right, with or without https and with its whole path?",
            Self::Status { refusal, .. } if refusal.web_page && refusal.status.is_server_error() => {
                "a web page in place of JSON: a proxy in front may have answered, or the server failed badly"
            }
            Self::LoginRejected { next_try_in, .. } => {
                return Some(format!(
                    "check the name and the secret; this process leaves the login alone for {} s, so that no account is locked",
                    next_try_in.as_secs()
                ));
            }
            Self::Login { source, .. } => return source.hint(),
            Self::Path { .. }
            | Self::Timeout { .. }
            | Self::Broken { .. }
            | Self::Status { .. }
            | Self::Decode { .. }
            | Self::TooLarge { .. }
            | Self::Paging { .. }
            | Self::Deadline { .. }
            | Self::Cancelled { .. } => return None,
        };
        Some(hint.to_owned())
    }

    /// Remembers that an earlier attempt of the same call may have reached the server.
    pub(super) fn after_an_unsure_attempt(mut self) -> Self {
        match &mut self {
            Self::Path { call, .. }
            | Self::Connect { call, .. }
            | Self::Tls { call, .. }
            | Self::Timeout { call, .. }
            | Self::Broken { call, .. }
            | Self::Status { call, .. }
            | Self::Html { call }
            | Self::Decode { call, .. }
            | Self::TooLarge { call, .. }
            | Self::Redirect { call, .. }
            | Self::Paging { call, .. }
            | Self::LoginRejected { call, .. }
            | Self::Login { call, .. }
            | Self::Deadline { call, .. }
            | Self::Cancelled { call } => call.unsure = true,
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_connection() -> Error {
        let call =
            Call { system: "rancher".into(), method: Method::DELETE, path: "/v3/x".into(), unsure: false };
        Error::Connect { call: Box::new(call), source: "connection refused".into() }
    }

    #[test]
    fn a_call_that_never_left_may_still_have_been_done_by_an_earlier_attempt() {
        assert_eq!(refused_connection().outcome(), Outcome::NotSent);
        assert_eq!(refused_connection().after_an_unsure_attempt().outcome(), Outcome::Unknown);
    }

    #[test]
    fn an_error_names_the_call_and_leaves_its_source_to_the_edge() {
        assert_eq!(refused_connection().to_string(), "rancher: DELETE /v3/x: no connection");
    }
}
