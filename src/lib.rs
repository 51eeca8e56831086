//! A declarative reconciliation engine: Waldur says who may use what; Rancher and Keycloak are made to agree.

pub mod config;
pub mod http;
pub mod keycloak;
pub mod model;
pub mod plan;
pub mod rancher;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod waldur;
