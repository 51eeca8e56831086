//! An offering's components: what Waldur keeps of them, brought in line with what the configuration says they are.
//!
//! [`draft`] compares, purely: nothing that the configuration leaves unsaid is touched, and nothing is removed. A
//! [`Loader`] reads before and sends after; [`text`] says what there is to do and what became of it.

pub mod draft;
pub mod json;
mod send;
pub mod text;
mod wanted;

pub use draft::{Change, Draft, FieldChange, Loads};
pub use send::{Loader, Sending, Sent};
pub use wanted::{Field, Problem, Wanted};
