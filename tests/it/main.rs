//! The one test binary: each module tells one part of the story.

#[cfg(feature = "sandbox")]
mod cli;
#[cfg(feature = "sandbox")]
mod clients;
mod config;
#[cfg(feature = "sandbox")]
mod http;
mod layers;
mod plans;
mod readme;
#[cfg(feature = "sandbox")]
mod sandbox_core;
#[cfg(feature = "sandbox")]
mod sandbox_keycloak;
#[cfg(feature = "sandbox")]
mod sandbox_rancher;
#[cfg(feature = "sandbox")]
mod sandbox_waldur;
