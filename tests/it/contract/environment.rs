//! Which real servers there are to be asked: the environment says so.
#![expect(clippy::disallowed_methods, reason = "a test asks the environment where the real servers are")]

use std::path::PathBuf;

/// Returns the address, the administrator and the password of the real Keycloak.
pub(super) fn keycloak() -> [String; 3] {
    let names =
        ["AGENT_CONTRACT_KEYCLOAK", "AGENT_CONTRACT_KEYCLOAK_ADMIN", "AGENT_CONTRACT_KEYCLOAK_PASSWORD"];
    names.map(needed)
}

/// Returns the address, the token and the offering of the real Waldur.
pub(super) fn waldur() -> [String; 3] {
    ["AGENT_CONTRACT_WALDUR", "AGENT_CONTRACT_WALDUR_TOKEN", "AGENT_CONTRACT_WALDUR_OFFERING"].map(needed)
}

/// Returns the address, the two halves of the key, and the cluster of the real Rancher.
pub(super) fn rancher() -> [String; 4] {
    let names = [
        "AGENT_CONTRACT_RANCHER",
        "AGENT_CONTRACT_RANCHER_ACCESS_KEY",
        "AGENT_CONTRACT_RANCHER_SECRET_KEY",
        "AGENT_CONTRACT_RANCHER_CLUSTER",
    ];
    names.map(needed)
}

/// Returns whether the real Keycloak was started with this realm imported.
pub(super) fn imported(realm: &str) -> bool {
    std::env::var("AGENT_CONTRACT_KEYCLOAK_IMPORTED")
        .is_ok_and(|realms| realms.split_whitespace().any(|known| known == realm))
}

/// Returns the folder into which realms are to be written for an import.
pub(super) fn realm_folder() -> PathBuf {
    PathBuf::from(needed("AGENT_CONTRACT_REALMS"))
}

/// A test that was asked for and cannot run is a failed test, never one that passed.
fn needed(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: see \"Real servers\" in CONTRIBUTING.md"))
}
