//! The clients, by where they lead: who is asked when a World is read, and told when a plan is applied.

use std::collections::BTreeMap;

use crate::model::{OfferingUuid, RealmRef, ServerUrl};
use crate::plan::System;
use crate::{keycloak, rancher, waldur};

/// One client for each place that the policy names.
#[derive(Debug, Clone, Default)]
pub struct Systems {
    /// By offering: each has credentials of its own.
    pub waldur: BTreeMap<OfferingUuid, waldur::Client>,
    /// By server.
    pub rancher: BTreeMap<ServerUrl, rancher::Client>,
    /// By realm.
    pub keycloak: BTreeMap<RealmRef, keycloak::Client>,
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
    /// The credentials are refused: nobody but the operator can help.
    Credentials,
    /// It does not answer, or not as it should.
    Unreachable,
}
