//! What the log says of requests: each attempt and what came of it, under the number of its request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use tracing::Span;

use super::line::Question;
use super::redact;
use super::text;
use super::transport::{Fault, Incoming};

/// How many characters of a body are told.
const LONGEST: usize = 2000;

/// Requests are numbered as they come, through all systems and as long as the process lives.
static REQUESTS: AtomicU64 = AtomicU64::new(1);

/// Returns the span of a request, with all of its attempts. It is there at every level, so that an error is known by it.
pub(super) fn request(system: &str) -> Span {
    tracing::error_span!("request", system, request = REQUESTS.fetch_add(1, Ordering::Relaxed))
}

/// Returns the span of one attempt.
pub(super) fn attempt(number: usize) -> Span {
    tracing::error_span!("attempt", attempt = number)
}

/// Tells what was asked and what came back, with what `shown` shows of their bodies. Of what was merely read, no body is
/// shown: it is long, and mostly about people.
pub(super) fn tell(
    question: &Question,
    answer: Result<&Incoming, &Fault>,
    (took, limit): (Duration, Duration),
    shown: impl Fn(&[u8]) -> String,
    shown_query: impl Fn(&str) -> Option<String>,
) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let Question { call, url, body, patience: _ } = question;
    let is_reading = matches!(call.method, Method::GET | Method::HEAD);
    let query = url.query().and_then(shown_query);
    let sent = body.as_ref().map(|(_, body)| cut(&shown(body)));
    let (status, bytes, answered, problem) = match answer {
        Ok(Incoming { status, headers, body, certificate: _ }) => {
            let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let was_read = is_reading && status.is_success();
            let answered = (!was_read && !body.is_empty()).then(|| {
                if text::is_web_page(kind, body) { "a web page".to_owned() } else { cut(&shown(body)) }
            });
            // Only how much is hidden.
            let answered = answered.filter(|shown| !shown.starts_with("{\"…\""));
            (Some(status.as_u16()), Some(body.len()), answered, None)
        }
        Err(fault) => (None, None, None, Some(fault.name())),
    };
    tracing::debug!(
        method = %call.method,
        path = redact::path(&call.path),
        query,
        status,
        problem,
        ms = millis(took),
        limit_ms = problem.map(|_| millis(limit)),
        bytes,
        sent,
        answered,
        "asked"
    );
}

fn cut(body: &str) -> String {
    text::excerpt(body.as_bytes(), LONGEST)
}

/// Returns a time in milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
