//! The simulated Waldur, row by row, against what the recorded server was seen to answer.

mod dialects;
mod meddling;
mod permissions;
mod reading;
mod refusals;
mod town;
mod walking;
mod writing;
