//! A declarative reconciliation engine: Waldur says who may use what; Rancher and Keycloak are made to agree.
//!
//! ```text
//! look (effect)  ->  plan (pure)  ->  guard (pure)  ->  apply (effect)
//! ```
//!
//! Everything worth knowing is decided in the plan, and the plan is a pure function of a captured world:
//!
//! ```
//! use agent::model::capture::Capture;
//! use agent::plan::{guard::guard, plan};
//!
//! let text = include_str!("../fixtures/first-resource.yaml");
//! let Capture { policy, world, .. } = Capture::from_yaml(text)?;
//!
//! let plan = plan(&world, &policy);
//! let verdict = guard(&plan, &world, &policy, None)?;
//!
//! let first = &verdict.admitted.graph().order();
//! assert_eq!(first.len(), plan.steps.len());
//! assert!(verdict.held.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rooms
//!
//! | room | what it is |
//! |---|---|
//! | [`model`] | the nouns: ids, readings, [`World`](model::world::World), [`Policy`](model::policy::Policy); pure |
//! | [`mod@plan`] | typed steps with reasons, their order, the safety budget, how they read; pure |
//! | [`http`] | one HTTP conversation, well conducted; knows no domain |
//! | [`waldur`], [`rancher`], [`keycloak`] | a client each: one method per endpoint, the vendor's shape kept inside |
//! | [`systems`] | the clients, by where they lead |
//! | [`observe`] | reads a World, and asks again what is in doubt |
//! | [`apply`] | the only room that writes |
//! | [`reconcile`] | one cycle after the other |
//! | [`report`] | what is used, told to Waldur |
//! | [`diagnose`] | what is right and wrong with a site; writes nothing |
//! | [`telemetry`] | what is said on stderr: lines for people, or JSON |
//! | [`components`] | what an offering sells, as the configuration says |
//! | [`explain`] | why a resource, a person or a group is as it is; pure |
//! | [`config`] | the YAML document: every problem at once |
//! | [`cli`] | one file per verb, and the adapters that join rooms |
#![cfg_attr(
    feature = "sandbox",
    doc = "| [`sandbox`] | simulated servers; imports nothing of ours, on purpose |"
)]
//!
//! Who may import whom is held by `tests/it/layers.rs`. Why things are as they are: [`decisions`].

#![forbid(unsafe_code)]

pub mod apply;
pub mod cli;
pub mod components;
pub mod config;
pub mod diagnose;
pub mod explain;
pub mod http;
pub mod keycloak;
pub mod model;
pub mod observe;
pub mod plan;
pub mod rancher;
pub mod reconcile;
pub mod report;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod systems;
pub mod telemetry;
pub mod waldur;

#[doc = include_str!("decisions.md")]
pub mod decisions {}
