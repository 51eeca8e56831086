//! Usage reports: what is counted, what is sent, and what is not while something cannot be read.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

mod counting;
mod half_read;
mod months;
mod quantities;
mod sending;
mod shown;
mod size;
