//! What a person is called at the offering, so that they are quickly found among others.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::str::FromStr;

use foldhash::fast::FixedState;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;
use uuid::Uuid;

use super::InvalidId;
use super::id::plain;
use super::schema::text_schema;

/// The longest username, in characters.
const LONGEST: usize = 255;

/// The name of a person at the offering: what Waldur wants to see in Keycloak.
#[derive(Clone)]
pub struct Username {
    name: SmolStr,
    print: Print,
}

/// A number that stands for a folded name: names that are alike have the same, others hardly ever. It is taken once, when
/// the name is read, and most comparisons of two names end with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Print(u64);

impl Username {
    /// Returns the text as the system wrote it.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Returns the form in which Keycloak stores usernames: in lower case. What is so already, as nearly every name
    /// is, is not copied.
    pub fn folded(&self) -> Cow<'_, str> {
        folded(&self.name)
    }

    /// Returns the print of the name.
    pub const fn print(&self) -> Print {
        self.print
    }

    /// Returns whether Keycloak would take both for one name.
    pub fn is_alike(&self, other: &Self) -> bool {
        self.print == other.print && (self.name == other.name || self.folded() == other.folded())
    }

    /// Returns the UUID that it may be, as Keycloak spells its ids: Waldur leaves the dashes out.
    pub fn as_uuid(&self) -> Option<String> {
        Uuid::try_parse(&self.name).ok().map(|uuid| uuid.hyphenated().to_string())
    }
}

fn folded(name: &str) -> Cow<'_, str> {
    // To the end rather than to the first that differs: without a way out, many bytes are looked at in one step.
    let differs = |byte: u8| !byte.is_ascii() | byte.is_ascii_uppercase();
    let is_folded = !name.bytes().fold(false, |any, byte| any | differs(byte));
    if is_folded { Cow::Borrowed(name) } else { Cow::Owned(name.to_lowercase()) }
}

// What it is, and where it stands among others, is up to the text alone: maps can be searched with a borrowed one.

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.print == other.print && self.name == other.name
    }
}

impl Eq for Username {}

impl Ord for Username {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }
}

impl PartialOrd for Username {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Username {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Borrow<str> for Username {
    fn borrow(&self) -> &str {
        &self.name
    }
}

impl FromStr for Username {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        plain(text, LONGEST).map_err(|why| InvalidId { kind: "a username", why })?;
        let print = Print(FixedState::default().hash_one(folded(text).as_ref()));
        Ok(Self { name: SmolStr::new(text), print })
    }
}

impl fmt::Display for Username {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Username").field(&self.name).finish()
    }
}

impl Serialize for Username {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Username {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
    }
}

text_schema!(Username, "minLength": 1, "maxLength": LONGEST);

#[cfg(test)]
mod tests {
    use super::*;

    fn called(name: &str) -> Username {
        name.parse().unwrap()
    }

    #[test]
    fn a_username_is_folded_as_keycloak_does() {
        for (name, folded) in [("ada", "ada"), ("Ada.B-1", "ada.b-1"), ("ÄDA", "äda"), ("äda", "äda")] {
            assert_eq!(called(name).folded(), folded);
        }
    }

    #[test]
    fn names_that_fold_to_one_are_alike_and_yet_two() {
        assert!(called("Ada").is_alike(&called("ada")) && called("ÄDA").is_alike(&called("äda")));
        assert!(!called("ada").is_alike(&called("bea")));
        assert_eq!(called("Ada").print(), called("ada").print());
        assert_ne!(called("Ada"), called("ada"));
        assert!(called("Ada") < called("ada"), "in the order of the texts");
    }
}
