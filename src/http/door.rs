//! The door of a server: what its name stands for, which certificate it shows, and how soon somebody answers.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use tokio::net::lookup_host;
use tokio::time::{Instant, timeout};
use tracing::Instrument;
use url::Url;

use super::error::{Error, Refusal};
use super::exchange;
use super::line::{Line, Question};
use super::redact;
use super::text;
use super::transport::Incoming;
use super::until::Until;

/// How long a name may take to be looked up: resolvers try their servers for five seconds each.
const LOOKUP: Duration = Duration::from_secs(10);
/// How many characters of an answer are kept.
const KEPT: usize = 1024;

/// The door of a server. Whoever knocks says nobody's name, and knocks once.
#[derive(Debug)]
pub struct Door {
    line: Line,
}

/// What a server says to a stranger: any answer is one.
#[derive(Debug)]
pub struct Greeting {
    /// What it says, as a refusal's parts; also where it is none.
    pub answer: Refusal,
    /// Its certificate as DER, over TLS.
    pub certificate: Option<Vec<u8>>,
    /// How long it took to say so.
    pub took: Duration,
}

// === impl Door ===

impl Door {
    /// Makes the door that a line leads to.
    pub fn new(line: Line) -> Self {
        Self { line }
    }

    /// Returns what is spoken at the door: `https` or `http`.
    pub fn scheme(&self) -> &str {
        self.line.base().scheme()
    }

    /// Returns the host's name, unless it is an address already.
    pub fn name(&self) -> Option<&str> {
        self.line.base().domain()
    }

    /// Looks the host's name up.
    pub async fn addresses(&self) -> std::io::Result<BTreeSet<IpAddr>> {
        let url = self.line.base();
        let host = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let found = timeout(LOOKUP, lookup_host(host)).await;
        let found = found.map_err(|_elapsed| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
        Ok(found.map(|address| address.ip()).collect())
    }

    /// Returns the parts of the path that the door lies at.
    pub fn path(&self) -> Vec<String> {
        let parts = self.line.base().path_segments().into_iter().flatten();
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// Asks for something that everybody may ask for, with a slash at the end if `path` ends with an empty part.
    pub async fn knock(&self, path: &[&str]) -> Result<Greeting, Error> {
        let (path, slash) = match path {
            [path @ .., ""] => (path, true),
            path => (path, false),
        };
        let mut url = self.line.url(path).map_err(|segment| Error::Path {
            call: Box::new(self.line.call(Method::GET, format!("/{}", path.join("/")))),
            segment: segment.to_owned(),
        })?;
        if slash {
            let path = format!("{}/", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        self.ask(url).await
    }

    /// Asks for something elsewhere on the same host, whatever path the door lies at.
    pub async fn knock_below_root(&self, path: &[&str]) -> Result<Greeting, Error> {
        let mut url = self.line.base().clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.clear().extend(path);
        }
        self.ask(url).await
    }

    async fn ask(&self, url: Url) -> Result<Greeting, Error> {
        let call = self.line.call(Method::GET, url.path().to_owned());
        let question = Question { call, url, body: None, patience: self.line.limits.request };
        let until = Until::default();
        let asking = self.line.ask(&question, None, &until, |text| text);
        let asked = Instant::now();
        let Incoming { status, headers, body, certificate } =
            asking.instrument(exchange::request(&self.line.system)).await?;
        let took = asked.elapsed();
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let answer = Refusal {
            status,
            excerpt: text::excerpt(
                redact::explanation(&text::lossy(&body), self.line.showable).as_bytes(),
                KEPT,
            ),
            json: serde_json::from_slice(&body).ok(),
            content_type: content_type.map(str::to_owned),
            retry_after: None,
            web_page: text::is_web_page(content_type, &body),
        };
        Ok(Greeting { answer, certificate, took })
    }
}
