//! When a request is repeated, and how long it rests before.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use tracing::Instrument;

use super::error::{Error, Outcome};
use super::exchange;
use super::until::Until;

/// How stubborn a client is.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// How often a request is repeated at most.
    pub times: usize,
    /// The longest first pause; each further one is at most twice as long. Pauses are random up to there.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// How often a request is repeated after a 500: it may be a race or a bug, and bugs do not go away.
    pub server_errors: usize,
    /// How often a request is repeated after no connection could be made: a closed port or an unknown name seldom mends
    /// itself within seconds, and somebody may be waiting.
    pub connections: usize,
    /// How often a request is repeated after nothing came in time: each attempt has already been a long wait.
    pub timeouts: usize,
    /// A server that asks for more rest than this is not asked again.
    pub longest_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            times: 5,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            server_errors: 2,
            connections: 2,
            timeouts: 1,
            longest_retry_after: Duration::from_mins(1),
        }
    }
}

/// Attempts until one succeeds, one fails for good, or patience or time ends.
pub(super) async fn persist<T, F>(
    policy: &RetryPolicy,
    repeatable: bool,
    until: &Until,
    mut attempt: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pauses = FullJitter::of(policy);
    let mut tries = Tries {
        server_errors: policy.server_errors,
        connections: policy.connections,
        timeouts: policy.timeouts,
    };
    let mut unsure = false;
    let mut number = 0;
    loop {
        number += 1;
        let error = match attempt().instrument(exchange::attempt(number)).await {
            Ok(answer) => return Ok(answer),
            Err(error) if unsure => error.after_an_unsure_attempt(),
            Err(error) => error,
        };
        unsure |= error.outcome() == Outcome::Unknown;
        let after = match Verdict::on(&error) {
            Verdict::Final => return Err(error),
            Verdict::MayPass => None,
            Verdict::AskedToWait(asked) if asked > policy.longest_retry_after => return Err(error),
            Verdict::AskedToWait(asked) => Some(asked),
            Verdict::Seldom(why) => match tries.left(why).checked_sub(1) {
                Some(left) => {
                    *tries.left(why) = left;
                    None
                }
                None => return Err(error),
            },
        };
        let Some(pause) = pauses.next().filter(|_| repeatable) else { return Err(error) };
        let pause = after.unwrap_or(pause);
        tracing::debug!(attempt = number, pause_ms = exchange::millis(pause), "will ask again");
        if !until.rest(pause).await {
            return Err(error);
        }
    }
}

/// What an error says about asking again.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The same question gets the same answer.
    Final,
    /// It may pass by itself.
    MayPass,
    /// The server says when.
    AskedToWait(Duration),
    /// It may pass, but not often.
    Seldom(Why),
}

/// What is tried less often than the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    ServerError,
    NoConnection,
    Timeout,
}

/// How often each may still be tried.
struct Tries {
    server_errors: usize,
    connections: usize,
    timeouts: usize,
}

impl Tries {
    const fn left(&mut self, why: Why) -> &mut usize {
        match why {
            Why::ServerError => &mut self.server_errors,
            Why::NoConnection => &mut self.connections,
            Why::Timeout => &mut self.timeouts,
        }
    }
}

impl Verdict {
    fn on(error: &Error) -> Self {
        match error {
            Error::Connect { .. } => Self::Seldom(Why::NoConnection),
            Error::Timeout { .. } => Self::Seldom(Why::Timeout),
            Error::Broken { .. } => Self::MayPass,
            Error::Status { refusal, .. } => match refusal.status {
                StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT => refusal.retry_after.map_or(Self::MayPass, Self::AskedToWait),
                StatusCode::INTERNAL_SERVER_ERROR => Self::Seldom(Why::ServerError),
                _ => Self::Final,
            },
            Error::Path { .. }
            | Error::Tls { .. }
            | Error::Html { .. }
            | Error::Decode { .. }
            | Error::TooLarge { .. }
            | Error::Redirect { .. }
            | Error::Paging { .. }
            | Error::LoginRejected { .. }
            | Error::Login { .. }
            | Error::Deadline { .. }
            | Error::Cancelled { .. } => Self::Final,
        }
    }
}

/// Pauses between nothing and an exponentially growing bound, so that many clients do not come back together.
///
/// `backon` jitters *upwards*, between the bound and its double; what lies above the bound is the full jitter.
#[derive(Debug)]
struct FullJitter {
    jittered: ExponentialBackoff,
    bounds: ExponentialBackoff,
}

impl FullJitter {
    fn of(policy: &RetryPolicy) -> Self {
        let bounds = ExponentialBuilder::new()
            .with_min_delay(policy.first_pause)
            .with_max_delay(policy.longest_pause)
            .with_max_times(policy.times);
        // Built without the standard library, `backon` would begin every series with the same seed.
        let seed = RandomState::new().hash_one(());
        Self { jittered: bounds.with_jitter().with_jitter_seed(seed).build(), bounds: bounds.build() }
    }
}

impl Iterator for FullJitter {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        Some(self.jittered.next()?.saturating_sub(self.bounds.next()?))
    }
}

/// Returns how long the server asks to be left alone. A date is compared with the server's own `Date`, so that neither
/// clock needs to be right; without one it says nothing.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let said = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = said.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = moment(headers.get(DATE)?.to_str().ok()?)?;
    Some(Duration::try_from(moment(said)?.duration_since(now)).unwrap_or_default())
}

fn moment(date: &str) -> Option<Timestamp> {
    Some(rfc2822::parse(date.trim()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_server_asks_for_rest_in_seconds_or_by_date() {
        assert_eq!(retry_after(&headers(&[("retry-after", "7")])), Some(Duration::from_secs(7)));
        let by_date =
            [("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), ("date", "Sun, 06 Nov 1994 08:49:07 GMT")];
        assert_eq!(retry_after(&headers(&by_date)), Some(Duration::from_secs(30)));
        let past =
            [("retry-after", "Sun, 06 Nov 1994 08:49:07 GMT"), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")];
        assert_eq!(retry_after(&headers(&past)), Some(Duration::ZERO));
        assert_eq!(retry_after(&headers(&[("retry-after", "soon")])), None);
        assert_eq!(retry_after(&headers(&[])), None);
    }

    #[expect(clippy::unnecessary_box_returns, reason = "errors keep their calls in boxes")]
    fn call() -> Box<super::super::error::Call> {
        let method = reqwest::Method::GET;
        Box::new(super::super::error::Call { system: "x".into(), method, path: "/".into(), unsure: false })
    }

    async fn attempts(error: impl Fn() -> Error) -> usize {
        let mut attempts = 0;
        let attempt = || {
            attempts += 1;
            std::future::ready(Err::<(), _>(error()))
        };
        let ended = persist(&RetryPolicy::default(), true, &Until::default(), attempt).await;
        assert!(ended.is_err());
        attempts
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_port_is_tried_three_times_a_silent_server_twice_a_broken_connection_longer() {
        assert_eq!(attempts(|| Error::Connect { call: call(), source: "refused".into() }).await, 3);
        assert_eq!(attempts(|| Error::Timeout { call: call(), after: Duration::from_secs(10) }).await, 2);
        assert_eq!(attempts(|| Error::Broken { call: call(), source: "reset".into() }).await, 6);
    }

    #[test]
    fn pauses_stay_below_a_bound_that_doubles_and_end() {
        let policy =
            RetryPolicy { times: 4, longest_pause: Duration::from_secs(1), ..RetryPolicy::default() };
        for _ in 0..100 {
            let pauses: Vec<_> = FullJitter::of(&policy).collect();
            assert_eq!(pauses.len(), 4);
            for (pause, bound) in pauses.iter().zip([500, 1000, 1000, 1000]) {
                assert!(*pause <= Duration::from_millis(bound), "{pause:?} is above {bound} ms");
            }
        }
    }

    #[test]
    fn pauses_are_spread_from_nothing_upwards() {
        let policy = RetryPolicy::default();
        let short =
            (0..200).filter(|_| FullJitter::of(&policy).next() < Some(Duration::from_millis(250))).count();
        assert!((20..180).contains(&short), "{short} of 200 first pauses are in the lower half");
    }
}
