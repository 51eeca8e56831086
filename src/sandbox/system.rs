//! The three servers that stand in the town.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the simulated servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// The marketplace, which says who may use what.
    Waldur,
    /// The clusters' manager.
    Rancher,
    /// The identity provider.
    Keycloak,
}

impl System {
    /// All of them, in the order of their ports.
    pub const ALL: [Self; 3] = [Self::Waldur, Self::Rancher, Self::Keycloak];

    /// Returns the word for it in faults, the journal and the control address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waldur => "waldur",
            Self::Rancher => "rancher",
            Self::Keycloak => "keycloak",
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for System {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|system| system.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("there is no system `{text}`: it is waldur, rancher or keycloak"))
    }
}
