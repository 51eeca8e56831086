//! The simulated Waldur, row by row, against what the recorded server was seen to answer.

mod agents;
mod components;
mod dialects;
mod limits;
mod meddling;
mod orders;
mod permissions;
mod reading;
mod refusals;
mod reviews;
mod statuses;
mod tasks;
mod town;
mod usages;
mod walking;
mod writing;
