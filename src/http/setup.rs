//! What is wrong with a configuration before anything is asked.

use std::path::PathBuf;

use super::error::Cause;

/// A conversation that cannot even be set up: a mistake in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address is no address of an API.
    #[error("{system}: {url:?} is not a usable address: {problem}")]
    Url {
        /// The system.
        system: String,
        /// The address, without credentials.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The User-Agent cannot be sent.
    #[error("{user_agent:?} cannot be the User-Agent: {problem}")]
    UserAgent {
        /// What was given.
        user_agent: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A secret that no header can carry.
    #[error("{system}: the credentials contain a character that cannot be sent")]
    Credentials {
        /// The system.
        system: String,
    },
    /// A CA file that cannot be read.
    #[error("the CA file {} cannot be read", path.display())]
    CertificateFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A CA file that holds no certificates.
    #[error("the CA file {} holds no certificate in PEM", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why, if the parser knows.
        source: Option<Cause>,
    },
    /// The proxy's address is no address.
    #[error("the proxy's address cannot be used")]
    Proxy {
        /// Why.
        source: Cause,
    },
    /// The HTTP client cannot be made.
    #[error("no HTTP client can be made")]
    Client {
        /// Why.
        source: Cause,
    },
}
