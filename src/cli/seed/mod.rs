//! A captured world as the seed of a sandbox: the adapter between two rooms that must not know each other.
//!
//! What was not read cannot be built; it is left empty. The sandbox has one Rancher and one Keycloak, so a capture of
//! several servers is joined there, as long as their clusters and realms have different names.

use std::collections::BTreeSet;

mod configuration;
mod keycloak;
mod rancher;
mod waldur;

pub(super) use configuration::configuration;

use super::failure::Failure;
use crate::model::capture::Capture;
use crate::sandbox::Seed;

/// Builds a town of what a capture knows.
pub(super) fn of_capture(capture: &Capture) -> Result<Seed, Failure> {
    let world = &capture.world;
    let clusters: BTreeSet<_> = world.clusters.keys().map(|place| &place.cluster).collect();
    let realms: BTreeSet<_> = world.realms.keys().map(|place| &place.realm).collect();
    if clusters.len() < world.clusters.len() || realms.len() < world.realms.len() {
        let hint = "the sandbox has one Rancher and one Keycloak: capture with offerings of one of them";
        return Err(Failure::new(
            "two servers of the captured world have a cluster or realm of the same name",
            hint,
        ));
    }
    Ok(Seed {
        waldur: waldur::seed(world)?,
        rancher: rancher::seed(world)?,
        keycloak: keycloak::seed(world)?,
    })
}

/// Reads a seed written as JSON: its types are the vendors', and most of their fields stay as they are by default.
fn read<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|error| {
        Failure::new(
            format!("the captured world fits no sandbox: {error}"),
            "this is a defect: please report it",
        )
    })
}
