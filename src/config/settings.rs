//! What the program follows and a plan does not depend on.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::model::policy::Factor;
use crate::model::usage::Terms;
use crate::model::{ComponentName, OfferingUuid};

/// How the program runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How much is logged.
    pub log_level: LogLevel,
    /// The time zone in which months begin.
    pub timezone: TimeZone,
    /// The time between two looks, if the operator chose it.
    pub interval: Option<Duration>,
    /// The time between two reports of usage, if the operator chose it.
    pub report_interval: Option<Duration>,
    /// The time between two looks for new orders alone, if the operator chose it.
    pub orders_interval: Option<Duration>,
    /// How many requests each system is asked at once.
    pub concurrency: Concurrency,
    /// Whether an order's error text repeats a server's words.
    pub expose_error_details: bool,
    /// What belongs to one offering.
    pub offerings: BTreeMap<OfferingUuid, OfferingSettings>,
}

impl Settings {
    /// Returns what is reported, and how.
    pub fn terms(&self) -> Terms {
        let reported = self.offerings.iter().filter(|(_, offering)| offering.reports);
        let factors = |offering: &OfferingSettings| {
            let all = offering.components.iter();
            all.filter_map(|(name, sold)| Some((name.clone(), sold.report_factor?))).collect()
        };
        Terms {
            zone: self.timezone.clone(),
            offerings: reported.map(|(uuid, offering)| (*uuid, factors(offering))).collect(),
        }
    }
}

/// How much is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// What goes wrong.
    Error,
    /// And what might.
    Warn,
    /// And what is done.
    #[default]
    Info,
    /// And how.
    Debug,
}

/// How many requests each system is asked at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// Waldur; 8.
    pub waldur: usize,
    /// Rancher; 8.
    pub rancher: usize,
    /// Keycloak; 4, because its logins and searches are dear.
    pub keycloak: usize,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self { waldur: 8, rancher: 8, keycloak: 4 }
    }
}

/// What belongs to one offering.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferingSettings {
    /// Whether usage is reported.
    pub reports: bool,
    /// What Waldur is told about the components.
    pub components: BTreeMap<ComponentName, Sold>,
}

/// What Waldur is told about a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Sold {
    /// What customers see.
    pub label: String,
    /// The unit that customers see.
    pub measured_unit: String,
    /// How it is billed; none if the document does not say.
    pub accounting: Option<Accounting>,
    /// By what its usage is divided in reports, if the operator chose another factor for them.
    pub report_factor: Option<Factor>,
    /// The extended resource that it counts (`nvidia.com/gpu-h100`).
    pub k8s_resource: Option<String>,
    /// Further fields of Waldur's component, as they were written.
    pub more: BTreeMap<&'static str, serde_json::Value>,
}

/// How Waldur bills a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accounting {
    /// By what was used.
    Usage,
    /// By what was ordered.
    Limit,
    /// Once.
    One,
    /// By the plan.
    Fixed,
    /// At each change of the plan.
    Few,
}

impl Accounting {
    /// All of them, in Waldur's words.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("usage", Self::Usage),
        ("limit", Self::Limit),
        ("one", Self::One),
        ("fixed", Self::Fixed),
        ("few", Self::Few),
    ];
}
