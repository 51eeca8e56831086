//! The Python agent's defects by their names, and that they are not ours.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

mod people;
