//! The one test binary: each module tells one part of the story.

mod apply_model;
#[cfg(feature = "sandbox")]
mod browser;
#[cfg(feature = "sandbox")]
mod cli;
#[cfg(feature = "sandbox")]
mod clients;
mod components;
mod config;
#[cfg(feature = "sandbox")]
mod contract;
#[cfg(feature = "sandbox")]
mod crash;
#[cfg(feature = "sandbox")]
mod cycle;
#[cfg(feature = "sandbox")]
mod defects;
mod explain;
#[cfg(feature = "sandbox")]
mod faults;
#[cfg(feature = "sandbox")]
mod http;
mod layers;
mod plans;
mod properties;
mod readme;
#[cfg(feature = "sandbox")]
mod recordings;
mod renderings;
mod rules;
#[cfg(feature = "sandbox")]
mod sandbox_core;
#[cfg(feature = "sandbox")]
mod sandbox_keycloak;
#[cfg(feature = "sandbox")]
mod sandbox_rancher;
#[cfg(feature = "sandbox")]
mod sandbox_waldur;
mod small_worlds;
#[cfg(feature = "sandbox")]
mod town;
#[cfg(feature = "sandbox")]
mod usage;
