//! A small town to try things in: simulated Waldur, Rancher and Keycloak that imitate the real servers.
//!
//! This room imports nothing of ours, on purpose: it is an independent witness. Sharing our wire structs, a
//! misread field would be misread on both sides and every test would pass.

pub mod clock;
pub mod keycloak;
pub mod rancher;
pub mod waldur;
