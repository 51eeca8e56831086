//! What the operator decided about reports.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::model::policy::Factor;
use crate::model::{ComponentName, OfferingUuid};

/// What is reported, and in which months.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Where months begin.
    pub zone: TimeZone,
    /// The offerings whose usage is reported, with the components for whose reports a factor of their own is configured.
    pub offerings: BTreeMap<OfferingUuid, BTreeMap<ComponentName, Factor>>,
}
