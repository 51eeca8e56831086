//! What the town holds when it opens, and the keys to it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{keycloak, rancher, waldur};

/// The three servers' seeds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// What the marketplace holds.
    pub waldur: waldur::Seed,
    /// What the clusters' manager holds.
    pub rancher: rancher::Seed,
    /// What the identity provider holds.
    pub keycloak: keycloak::Seed,
}

impl Seed {
    /// Reads a seed written as three JSON values, naming the part that does not fit.
    pub(super) fn from_parts(waldur: Value, rancher: Value, keycloak: Value) -> Result<Self, String> {
        fn read<T: for<'de> Deserialize<'de>>(name: &str, value: Value) -> Result<T, String> {
            serde_json::from_value(value)
                .map_err(|why| format!("the {name} part of the seed does not fit: {why}"))
        }
        Ok(Self {
            waldur: read("waldur", waldur)?,
            rancher: read("rancher", rancher)?,
            keycloak: read("keycloak", keycloak)?,
        })
    }
}

/// The keys to the towns of `generate` and `story`. They open nothing else, and say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Credentials {
    /// Token of the provider's service account.
    pub waldur_token: &'static str,
    /// Token of somebody who operates all of Waldur: no agent needs it, and consumers' acts go with it.
    pub waldur_staff_token: &'static str,
    /// Name of the administrator's API key.
    pub rancher_access_key: &'static str,
    /// Secret of that key.
    pub rancher_secret_key: &'static str,
    /// The realm in which the client and the service user live.
    pub keycloak_realm: &'static str,
    /// The confidential client.
    pub keycloak_client_id: &'static str,
    /// Its secret.
    pub keycloak_client_secret: &'static str,
    /// The service user, for the password grant.
    pub keycloak_username: &'static str,
    /// Its password.
    pub keycloak_password: &'static str,
}

impl Credentials {
    /// The one set there is.
    pub const SANDBOX: Self = Self {
        waldur_token: "sandbox0waldur0token0opens0nothing0else0",
        waldur_staff_token: "sandbox0staff0token0opens0nothing0else00",
        rancher_access_key: "token-sbx42",
        rancher_secret_key: "sandbox0rancher0secret0opens0nothing0else0zzzzzzzzzzzz",
        keycloak_realm: "waldur",
        keycloak_client_id: "waldur-rancher-agent",
        keycloak_client_secret: "sandbox-client-secret-opens-nothing-else",
        keycloak_username: "rancher-agent",
        keycloak_password: "sandbox-password-opens-nothing-else",
    };
}
