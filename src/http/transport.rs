//! The wire: a socket, or a router in this very process.

use std::path::PathBuf;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;
use reqwest::{Certificate, Method, StatusCode, redirect, tls};
use url::Url;

use super::error::Cause;
use super::setup::SetupError;

/// How long an idle connection is kept. Proxies close theirs after a minute or so; ours goes first, so that no write
/// is sent into a connection that is just being closed.
const IDLE: Duration = Duration::from_secs(30);

/// How requests travel.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Over sockets.
    Network(reqwest::Client),
    /// Into a router in this process: no socket, and time may be virtual.
    #[cfg(feature = "sandbox")]
    InProcess(axum::Router),
}

/// How sockets are opened.
#[derive(Debug, Clone)]
pub struct Network {
    /// Files with CA certificates in PEM, trusted beside the system's.
    pub ca_files: Vec<PathBuf>,
    /// Whether certificates are verified at all.
    pub verify: bool,
    /// Which proxy is used.
    pub proxy: Proxy,
    /// How long a connection may take to be made.
    pub connect: Duration,
    /// Whether the server's certificate is kept with each answer.
    pub keep_certificates: bool,
}

/// Which proxy is used.
#[derive(Clone, Default)]
pub enum Proxy {
    /// The one that the environment names, if any.
    #[default]
    FromEnvironment,
    /// None, whatever the environment says.
    None,
    /// This one, for everything. The address may hold credentials, so `Debug` shows nothing of it.
    Url(String),
}

/// A request as it goes out.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The server's certificate as DER, over TLS and where it is kept.
    pub(super) certificate: Option<Vec<u8>>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Fault {
    TooLate,
    Connect(Cause),
    Tls(Cause),
    Broken(Cause),
    TooLarge { limit: usize },
}

// === impl Transport ===

impl Transport {
    /// Opens sockets as told. Follows no redirects, understands gzip, trusts the system's CAs and the given ones.
    pub fn network(settings: &Network) -> Result<Self, SetupError> {
        let Network { ca_files, verify, proxy, connect, keep_certificates } = settings;
        let certificates = read_certificates(ca_files)?;
        let builder = || {
            let builder = reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .connect_timeout(*connect)
                .pool_idle_timeout(IDLE)
                .tls_info(*keep_certificates)
                .tls_danger_accept_invalid_certs(!verify);
            Ok(match proxy {
                Proxy::FromEnvironment => builder,
                Proxy::None => builder.no_proxy(),
                Proxy::Url(url) => builder.proxy(proxy_at(url)?),
            })
        };
        let client = match builder()?.tls_certs_merge(certificates.clone()).build() {
            // A small container may have no CA store at all. Plain HTTP still works there, and own CAs do.
            Err(_) if *verify => builder()?.tls_certs_only(certificates).build(),
            made => made,
        };
        client.map(Self::Network).map_err(|source| SetupError::Client { source: source.into() })
    }

    /// Answers requests with a router in this process.
    #[cfg(feature = "sandbox")]
    pub fn in_process(router: axum::Router) -> Self {
        Self::InProcess(router)
    }

    /// Sends a request and reads its answer to the end, up to `limit` bytes. Of an answer that is no success, only
    /// the first `refusal_limit` bytes are read.
    pub(super) async fn exchange(
        &self,
        request: Outgoing,
        limits: (usize, usize),
    ) -> Result<Incoming, Fault> {
        match self {
            Self::Network(client) => over_a_socket(client, request, limits).await,
            #[cfg(feature = "sandbox")]
            Self::InProcess(router) => in_process::exchange(router.clone(), request, limits).await,
        }
    }
}

// === impl Network ===

impl Default for Network {
    fn default() -> Self {
        Self {
            ca_files: Vec::new(),
            verify: true,
            proxy: Proxy::default(),
            connect: Duration::from_secs(10),
            keep_certificates: false,
        }
    }
}

// === impl Proxy ===

impl std::fmt::Debug for Proxy {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::FromEnvironment => "FromEnvironment",
            Self::None => "None",
            Self::Url(_) => "Url(…)",
        })
    }
}

// === impl Fault ===

impl Fault {
    /// Returns what happened, in words for a log line.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::TooLate => "no answer in time",
            Self::Connect(_) => "no connection",
            Self::Tls(_) => "no secure connection",
            Self::Broken(_) => "the connection broke",
            Self::TooLarge { .. } => "too large",
        }
    }
}

fn proxy_at(url: &str) -> Result<reqwest::Proxy, SetupError> {
    reqwest::Proxy::all(url).map_err(|source| SetupError::Proxy { source: source.without_url().into() })
}

fn read_certificates(files: &[PathBuf]) -> Result<Vec<Certificate>, SetupError> {
    let mut all = Vec::new();
    for path in files {
        let pem = std::fs::read(path)
            .map_err(|source| SetupError::CertificateFile { path: path.clone(), source })?;
        let bad = |source| SetupError::Certificate { path: path.clone(), source };
        let found = Certificate::from_pem_bundle(&pem).map_err(|source| bad(Some(source.into())))?;
        if found.is_empty() {
            return Err(bad(None));
        }
        all.extend(found);
    }
    Ok(all)
}

async fn over_a_socket(
    client: &reqwest::Client,
    request: Outgoing,
    limits: (usize, usize),
) -> Result<Incoming, Fault> {
    let Outgoing { method, url, headers, body } = request;
    let mut builder = client.request(method, url).headers(headers);
    if let Some(body) = body {
        builder = builder.body(body);
    }
    let mut answer = builder.send().await.map_err(fault)?;
    let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    let shown = answer.extensions().get::<tls::TlsInfo>().and_then(tls::TlsInfo::peer_certificate);
    let certificate = shown.map(<[u8]>::to_vec);
    let mut read = Reading::new(status, limits);
    while let Some(piece) = answer.chunk().await.map_err(fault)? {
        if read.take(&piece)? == Enough::Yes {
            break;
        }
    }
    Ok(Incoming { status, headers, body: read.body.freeze(), certificate })
}

/// Sorts an error of the socket. It keeps no URL: a query may name people.
fn fault(error: reqwest::Error) -> Fault {
    let (connecting, insecure) = (error.is_connect(), speaks_of_tls(&error));
    let cause = error.without_url().into();
    match (connecting, insecure) {
        (true, true) => Fault::Tls(cause),
        (true, false) => Fault::Connect(cause),
        (false, _) => Fault::Broken(cause),
    }
}

/// The TLS library reports through an I/O error of this kind while the connection is made; sockets never do.
fn speaks_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    // An I/O error that wraps another names the other's source as its own and hides the other itself.
    let wrapped = error.downcast_ref::<std::io::Error>();
    wrapped.is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData)
        || wrapped.and_then(std::io::Error::get_ref).is_some_and(|inner| speaks_of_tls(inner))
        || error.source().is_some_and(speaks_of_tls)
}

/// A body being read, bounded.
struct Reading {
    body: BytesMut,
    limit: usize,
    success: bool,
}

#[derive(PartialEq, Eq)]
enum Enough {
    Yes,
    No,
}

impl Reading {
    fn new(status: StatusCode, (limit, refusal_limit): (usize, usize)) -> Self {
        let success = status.is_success();
        Self { body: BytesMut::new(), limit: if success { limit } else { refusal_limit }, success }
    }

    /// Takes a piece. Too much of a success is an error, too much of a refusal is merely enough.
    fn take(&mut self, piece: &[u8]) -> Result<Enough, Fault> {
        let room = self.limit - self.body.len();
        if piece.len() <= room {
            self.body.extend_from_slice(piece);
            return Ok(Enough::No);
        }
        if self.success {
            return Err(Fault::TooLarge { limit: self.limit });
        }
        self.body.extend_from_slice(&piece[..room]);
        Ok(Enough::Yes)
    }
}

#[cfg(feature = "sandbox")]
mod in_process {
    //! The same manners without a socket.

    use axum::body::Body;
    use futures_util::StreamExt;
    use reqwest::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderValue};
    use tower::ServiceExt;

    use super::{Enough, Fault, Incoming, Method, Outgoing, Reading, Url};

    pub(super) async fn exchange(
        router: axum::Router,
        request: Outgoing,
        limits: (usize, usize),
    ) -> Result<Incoming, Fault> {
        let head = request.method == Method::HEAD;
        let request = as_a_server_sees_it(request).map_err(|error| Fault::Broken(error.into()))?;
        let answer = match router.oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let (parts, body) = answer.into_parts();
        let mut read = Reading::new(parts.status, limits);
        let mut pieces = body.into_data_stream();
        let mut enough = Enough::No;
        while let Some(piece) = pieces.next().await {
            enough = read.take(&piece.map_err(|error| Fault::Broken(error.into()))?)?;
            if enough == Enough::Yes {
                break;
            }
        }
        let (status, headers, body) = (parts.status, parts.headers, read.body.freeze());
        // A socket notices a body that is shorter than announced.
        if !head && enough == Enough::No && announced(&headers).is_some_and(|length| length != body.len()) {
            return Err(Fault::Broken("the body ended early".into()));
        }
        Ok(Incoming { status, headers, body, certificate: None })
    }

    /// Adds what a socket's client adds: the host, the length, and a path in place of a URL.
    fn as_a_server_sees_it(request: Outgoing) -> Result<axum::http::Request<Body>, axum::http::Error> {
        let Outgoing { method, url, headers, body } = request;
        let body = body.unwrap_or_default();
        let length = body.len();
        let target =
            url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let mut request = axum::http::Request::builder().method(method).uri(target).body(Body::from(body))?;
        *request.headers_mut() = headers;
        request.headers_mut().insert(HOST, HeaderValue::from_str(&authority(&url))?);
        if length > 0 {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        Ok(request)
    }

    fn authority(url: &Url) -> String {
        let host = url.host_str().unwrap_or("localhost");
        url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    fn announced(headers: &HeaderMap) -> Option<usize> {
        headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }
}
