//! A small town to try things in: simulated Waldur, Rancher and Keycloak that imitate the real servers.
//!
//! This room imports nothing of ours, on purpose: it is an independent witness. Sharing our wire structs, a
//! misread field would be misread on both sides and every test would pass.
//!
//! A [`Seed`] describes the town ([`story()`] a small one, [`generate()`] one of any size), a [`Sandbox`] is the town.
//! Its [routers](Sandbox::router) are called in process or [served](serve()); in front of each stands a gate with
//! the [journal](Sandbox::journal), the latency and the [faults]. What a person or another program would do behind
//! the servers' backs is a [`Meddling`].

mod chance;
pub mod clock;
mod control;
pub mod faults;
mod gate;
mod generate;
mod journal;
pub mod keycloak;
mod names;
pub mod rancher;
mod route;
mod seed;
mod serve;
mod site;
mod span;
mod story;
mod system;
mod town;
pub mod waldur;

pub use clock::Clock;
pub use faults::Fault;
pub use generate::generate;
pub use journal::{Exchange, JournalSummary, SummaryLine};
pub use seed::{Credentials, Seed};
pub use serve::{Running, serve};
pub use story::story;
pub use system::System;
pub use town::{Meddling, Sandbox};
