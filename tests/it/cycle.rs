//! Cycles of the agent's own pipeline against the sandbox, on virtual time: what happens, and what does not.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

mod cost;
mod direct;
mod drift;
mod half_read;
mod modes;
mod moving;
mod orders;
mod people;
mod quotas;
mod rights;
mod roles;
mod rounds;
mod servers;
mod told;
