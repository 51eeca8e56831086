//! Somebody who has access: known by Keycloak where a group gives it, by Rancher where they are bound directly.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::schema::text_schema;
use super::{InvalidId, KeycloakUserId, RancherUserId};

/// How Rancher's own principals begin; no id of Keycloak's does.
const LOCAL: &str = "local://";

/// One person. Written as Keycloak's id, or as Rancher's own principal (`local://u-abcde`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// Somebody with an account in Keycloak.
    Keycloak(KeycloakUserId),
    /// Somebody of whom only Rancher's user is known.
    Rancher(RancherUserId),
}

/// The same, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonRef<'a> {
    /// Somebody with an account in Keycloak.
    Keycloak(&'a KeycloakUserId),
    /// Somebody of whom only Rancher's user is known.
    Rancher(&'a RancherUserId),
}

impl Person {
    /// Returns the same person, borrowed.
    pub const fn as_ref(&self) -> PersonRef<'_> {
        match self {
            Self::Keycloak(id) => PersonRef::Keycloak(id),
            Self::Rancher(id) => PersonRef::Rancher(id),
        }
    }
}

impl PersonRef<'_> {
    /// Returns the same person, owned.
    pub fn to_owned(self) -> Person {
        match self {
            Self::Keycloak(id) => Person::Keycloak(id.clone()),
            Self::Rancher(id) => Person::Rancher(id.clone()),
        }
    }
}

impl fmt::Display for Person {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keycloak(id) => fmt::Display::fmt(id, out),
            Self::Rancher(id) => write!(out, "{LOCAL}{id}"),
        }
    }
}

impl FromStr for Person {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.strip_prefix(LOCAL) {
            Some(id) => Ok(Self::Rancher(id.parse()?)),
            None => Ok(Self::Keycloak(text.parse()?)),
        }
    }
}

text_schema!(Person, "minLength": 1);

impl Serialize for Person {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Person {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_rancher_knows_is_no_account_of_keycloaks() {
        for (text, is_ranchers) in [("k-ada", false), ("local://u-ada", true), ("f:ldap:ada", false)] {
            let person: Person = text.parse().unwrap();
            assert_eq!(matches!(person, Person::Rancher(_)), is_ranchers, "{text}");
            assert_eq!(person.to_string(), text);
            assert_eq!(person.as_ref().to_owned(), person);
        }
        assert!("local://".parse::<Person>().is_err());
    }
}
