//! Faults to order: which requests go wrong, when, and how.

mod armed;
mod effect;
mod glob;
mod grammar;
mod spelling;
mod when;

use std::time::Duration;

use axum::http::{Method, StatusCode};

use super::system::System;

pub use armed::{Armed, Faults, Strike};
pub(super) use effect::{answer, reset, spoil};
pub use glob::Glob;
pub use grammar::{BadFault, parse_lines};
pub use when::{Calls, Share, When};

/// One rule of what goes wrong. Written as `rancher POST /v3/projects #2 reset-after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The server concerned; `None`, written `*`, is any.
    pub system: Option<System>,
    /// The method concerned; `None`, written `*`, is any.
    pub method: Option<Method>,
    /// The paths concerned.
    pub path: Glob,
    /// Which of the matching calls are hit.
    pub when: When,
    /// What happens to those.
    pub what: What,
}

/// What happens to a request that is hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// `status 429 retry-after 2 html`: refused with this status, not carried out.
    Status {
        /// The status of the answer.
        code: StatusCode,
        /// Seconds for the `Retry-After` header.
        retry_after: Option<u32>,
        /// How the answer's body looks.
        page: Page,
    },
    /// `unauthorized`: refused with a 401 in the server's own words, not carried out.
    Unauthorized,
    /// `html`: a front proxy answers 200 with a page of its own; not carried out.
    Html,
    /// `hang`: never answered, not carried out.
    Hang,
    /// `reset-before`: the connection breaks, not carried out.
    ResetBefore,
    /// `delay 500ms`: carried out that much later, answered truly.
    Delay(Duration),
    /// `empty`: carried out; the answer's body is lost, its status stays.
    Empty,
    /// `truncate`: carried out; only half of the answer's body arrives, as if it were whole.
    Truncate,
    /// `duplicate-rows`: carried out; every row of a list stands twice in the answer.
    DuplicateRows,
    /// `hang-after`: carried out, never answered.
    HangAfter,
    /// `reset-after`: carried out, then the connection breaks.
    ResetAfter,
}

/// The look of an error's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The server's own JSON.
    Json,
    /// A proxy's page.
    Html,
}

impl What {
    /// Returns whether the server does what the request asks for.
    pub const fn carries_out(&self) -> bool {
        match self {
            Self::Status { .. } | Self::Unauthorized | Self::Html | Self::Hang | Self::ResetBefore => false,
            Self::Delay(_)
            | Self::Empty
            | Self::Truncate
            | Self::DuplicateRows
            | Self::HangAfter
            | Self::ResetAfter => true,
        }
    }
}
