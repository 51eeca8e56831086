//! What may be written after each key: the part of the table that an editor can check.
//!
//! The reader decides. A shape refuses nothing that the reader takes, and a test compares the two, key by key.

use super::components::HANDED_ON;
use super::keys::{Fate, Key, Place};

/// What may be written after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text, or digits.
    Text,
    /// One of these words, in any letters' case.
    Word(&'static [&'static str]),
    /// True or false, also as yes, no, on and off.
    Flag,
    /// True or false, or the path of a file.
    FlagOrPath,
    /// A whole number from one to another.
    Whole(usize, usize),
    /// A number.
    Number,
    /// A time with its unit, such as `10m`.
    Duration,
    /// A mapping of texts.
    Texts,
    /// A mapping of known keys.
    Section(Place),
    /// A mapping of components by name.
    Components,
    /// A list of offerings.
    Offerings,
    /// A text, a number, or true or false.
    Plain,
    /// Whatever stood there for the Python agent.
    Anything,
}

const MOST: usize = 1_000_000;

/// All followed keys that hold no plain text.
const SHAPES: &[(Place, Shape, &[&str])] = &[
    (Place::Document, Shape::Offerings, &["offerings"]),
    (Place::Document, Shape::Section(Place::Waldur), &["waldur"]),
    (Place::Document, Shape::Section(Place::Guard), &["guard"]),
    (Place::Document, Shape::Section(Place::Concurrency), &["concurrency"]),
    (Place::Document, Shape::Duration, &["empty_group_grace", "update_patience", "reconcile_interval"]),
    (Place::Document, Shape::Flag, &["expose_backend_error_details"]),
    (Place::Waldur, Shape::FlagOrPath, &["verify_ssl"]),
    (Place::Offering, Shape::FlagOrPath, &["verify_ssl"]),
    (Place::Offering, Shape::Section(Place::Backend), &["backend_settings", "backend"]),
    (Place::Offering, Shape::Components, &["backend_components", "components"]),
    (Place::Backend, Shape::FlagOrPath, &["verify_cert", "keycloak_ssl_verify"]),
    (Place::Backend, Shape::Flag, &["paused_restricts_access", "keycloak_enabled", "keycloak_use_user_id"]),
    (Place::Backend, Shape::Texts, &["role_map", "namespace_labels"]),
    (Place::Backend, Shape::Word(&["offering_username", "user_username", "user_uuid"]), &["member_identity"]),
    (Place::Backend, Shape::Word(&["project", "namespace", "none"]), &["quota_mode"]),
    (Place::Backend, Shape::Word(&["restricted", "baseline", "privileged", "none"]), &["pod_security"]),
    (Place::Backend, Shape::Word(&["automatic", "approved"]), &["delete_projects"]),
    (Place::Backend, Shape::Number, &["namespace_share"]),
    (Place::Backend, Shape::Section(Place::Keycloak), &["keycloak"]),
    (Place::Backend, Shape::Whole(1, 1440), &["keycloak_sync_frequency"]),
    (
        Place::Component,
        Shape::Word(&["usage", "limit", "one", "fixed", "few"]),
        &["accounting_type", "billing_type"],
    ),
    (Place::Component, Shape::Number, &["unit_factor", "unit_factor_reporting"]),
    (Place::Component, Shape::Flag, &["quota"]),
    (Place::Component, Shape::Plain, &HANDED_ON),
    (Place::Guard, Shape::Whole(1, MOST), &["people", "group_members", "projects"]),
    (Place::Guard, Shape::Whole(1, 100), &["percent"]),
    (Place::Concurrency, Shape::Whole(1, 64), &["waldur", "rancher", "keycloak"]),
];

/// Returns what may be written after a key.
pub fn shape(key: &Key) -> Shape {
    if matches!(key.fate, Fate::Ignored(_)) {
        return Shape::Anything;
    }
    let row = SHAPES.iter().find(|(place, _, names)| *place == key.place && names.contains(&key.name));
    row.map_or(Shape::Text, |(_, shape, _)| *shape)
}

#[cfg(test)]
mod tests {
    use super::super::keys::KEYS;
    use super::*;

    #[test]
    fn no_row_is_about_a_key_that_there_is_not() {
        for (place, _, names) in SHAPES {
            for name in *names {
                assert!(KEYS.iter().any(|key| key.place == *place && key.name == *name), "{place:?} {name}");
            }
        }
    }
}
