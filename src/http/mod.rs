//! One HTTP conversation, well conducted; knows no domain.
//!
//! [`Transport`] is the wire (a socket, or a router in this process), [`Line`] adds where a system is and how patiently
//! it is asked, [`Client`] adds who is asking. [`Request`] is what is asked, [`Response`] a success whose whole body has
//! been read, [`Error`] everything else. [`Listing`] is a list that took several pages.

mod auth;
mod chunks;
mod client;
mod door;
mod error;
mod exchange;
mod line;
mod oauth;
mod paging;
mod redact;
mod request;
mod response;
mod retry;
mod setup;
mod text;
mod transport;
mod until;

pub use auth::Auth;
pub use chunks::Folded;
pub use client::Client;
pub use door::{Door, Greeting};
pub use error::{Call, Cause, Error, Outcome, Refusal};
pub use line::{Limits, Line};
pub use oauth::{ClientAuthentication, Grant, TokenSource};
pub use paging::{LastPage, Listing};
pub use redact::{Form, Showable};
pub use request::Request;
pub use reqwest::StatusCode;
pub use response::Response;
pub use retry::RetryPolicy;
pub use setup::SetupError;
pub use transport::{Network, Proxy, Transport};
