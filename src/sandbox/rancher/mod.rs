//! The simulated Rancher.

use std::sync::{Arc, Mutex};

use axum::Router;
use serde::{Deserialize, Serialize};

use super::clock::Clock;

/// What the simulated Rancher holds when it starts, in the vendor's words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Seed {}

/// Everything the simulated Rancher knows.
#[derive(Debug)]
pub struct State {}

impl State {
    /// Makes the state that `seed` describes.
    pub fn new(_seed: Seed, _clock: Clock) -> Self {
        Self {}
    }

    /// Returns everything the server knows.
    pub fn snapshot(&self) -> serde_json::Value {
        serde_json::json!({})
    }

    /// Changes something behind the server's back.
    #[expect(clippy::needless_pass_by_value, reason = "the contract")]
    pub fn meddle(&mut self, act: Meddle) -> Result<(), String> {
        match act {
            Meddle::Nothing => Ok(()),
        }
    }
}

/// A change behind the server's back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Meddle {
    /// None.
    Nothing,
}

/// Returns the server as a router over shared state.
pub fn router(state: Arc<Mutex<State>>) -> Router {
    Router::new().with_state(state)
}
