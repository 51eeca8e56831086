//! A declarative reconciliation engine: Waldur says who may use what; Rancher and Keycloak are made to agree.

pub mod apply;
pub mod config;
pub mod http;
pub mod keycloak;
pub mod model;
pub mod observe;
pub mod plan;
pub mod rancher;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod systems;
pub mod waldur;
