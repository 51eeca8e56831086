//! The clients, by where they lead: who is asked when a World is read, and told when a plan is applied.

use std::collections::BTreeMap;
use std::fmt::Display;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::http::{self, StatusCode};
use crate::model::{ClusterRef, OfferingUuid, RealmRef};
use crate::plan::System;
use crate::{keycloak, rancher, waldur};

/// One client for each place that the policy names.
#[derive(Debug, Clone, Default)]
pub struct Systems {
    /// By offering: each has credentials of its own.
    pub waldur: BTreeMap<OfferingUuid, waldur::Client>,
    /// By cluster: two clusters of one server may have keys of their own.
    pub rancher: BTreeMap<ClusterRef, rancher::Client>,
    /// By realm.
    pub keycloak: BTreeMap<RealmRef, keycloak::Client>,
}

impl Systems {
    /// Returns the same clients for what has to end at `deadline`, and begins nothing new once `stop` is given.
    #[must_use]
    pub fn until(&self, deadline: Instant, stop: &CancellationToken) -> Self {
        let Self { waldur, rancher, keycloak } = self;
        Self {
            waldur: waldur.iter().map(|(at, it)| (*at, it.until(deadline).unless(stop.clone()))).collect(),
            rancher: rancher
                .iter()
                .map(|(at, it)| (at.clone(), it.until(deadline).unless(stop.clone())))
                .collect(),
            keycloak: keycloak
                .iter()
                .map(|(at, it)| (at.clone(), it.until(deadline).unless(stop.clone())))
                .collect(),
        }
    }
}

/// A place that could not be asked at all, said once, however many readings rest on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    /// What kind of trouble.
    pub kind: TroubleKind,
    /// Where.
    pub system: System,
    /// What happened, in words for an operator.
    pub what: String,
    /// What to do.
    pub hint: Option<String>,
}

/// What kind of trouble it is; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TroubleKind {
    /// The credentials are refused, or lack a right: nobody but the operator can help.
    Credentials,
    /// It does not answer, or not as it should.
    Unreachable,
}

// === impl Trouble ===

impl Trouble {
    /// Makes one of what a client said.
    pub(crate) fn new(
        system: System,
        error: &impl Display,
        cause: Option<&http::Error>,
        hint: Option<String>,
    ) -> Self {
        let what = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {}", cause.story()));
        let kind = if cause.is_some_and(refuses_credentials) {
            TroubleKind::Credentials
        } else {
            TroubleKind::Unreachable
        };
        Self { kind, system, what, hint }
    }
}

fn refuses_credentials(cause: &http::Error) -> bool {
    if let http::Error::Login { call: _, source } = cause {
        return refuses_credentials(source);
    }
    matches!(cause, http::Error::LoginRejected { .. })
        || matches!(cause.status(), Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN))
}
