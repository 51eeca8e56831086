//! The line on which a place in the document stands, as the YAML parser itself tells it.
//!
//! The parser gives lines only with its errors. So the document is read once more by a reader that walks down the
//! path and fails, on purpose, at its end: anchors, flow style and quoted keys are all located right.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::path::{KeyPath, Segment};
use super::tree::Name;

/// Returns the line of `path`, or of the nearest place above it that is in the text.
pub(super) fn line_of(text: &str, path: &KeyPath) -> Option<usize> {
    let mut place = Some(path.clone());
    while let Some(path) = place.filter(|path| !path.segments().is_empty()) {
        let document = serde_yaml::Deserializer::from_str(text);
        if let Err(error) = Walk(path.segments()).deserialize(document)
            && error.to_string().contains(FOUND)
        {
            return error.location().map(|at| at.line());
        }
        place = path.parent();
    }
    None
}

/// What the walk fails with where it was going.
const FOUND: &str = "5d1c7e: here it stands";

/// Walks down; fails with [`FOUND`] at the end, and succeeds if there is no such place.
struct Walk<'a>(&'a [Segment]);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        match self.0.first() {
            Some(Segment::Key(_)) => source.deserialize_map(self),
            Some(Segment::Index(_)) => source.deserialize_seq(self),
            None => source.deserialize_any(Fail),
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the way down")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let Some((Segment::Index(wanted), rest)) = self.0.split_first() else { return Ok(()) };
        for _ in 0..*wanted {
            if elements.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        elements.next_element_seed(Walk(rest))?;
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Some((Segment::Key(wanted), rest)) = self.0.split_first() else { return Ok(()) };
        loop {
            // At the end of the way the *key* fails: a block below it begins only on the next line.
            let key = match rest {
                [] => entries.next_key_seed(FailAt(wanted))?,
                _ => entries.next_key_seed(Name)?,
            };
            match key {
                None => return Ok(()),
                Some(key) if key == *wanted => entries.next_value_seed(Walk(rest))?,
                Some(_) => drop(entries.next_value::<IgnoredAny>()?),
            }
        }
    }
}

/// A key that fails if it is the one.
struct FailAt<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for FailAt<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<String, D::Error> {
        source.deserialize_str(self)
    }
}

impl Visitor<'_> for FailAt<'_> {
    type Value = String;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<String, E> {
        if text == self.0 { Err(E::custom(FOUND)) } else { Ok(text.to_owned()) }
    }
}

/// An element of a list, which fails whatever it is.
struct Fail;

macro_rules! fail {
    ($($visit:ident($($type:ty)?)),+) => {
        $(fn $visit<E: serde::de::Error>(self $(, _: $type)?) -> Result<(), E> { Err(E::custom(FOUND)) })+
    };
}

impl<'de> Visitor<'de> for Fail {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("anything")
    }

    fail!(visit_unit(), visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom(FOUND))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom(FOUND))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "first: 1\n# a comment\n'list':\n  - name: a\n    inner:\n      deep: x\n  - {name: b,\n     inner: {deep: y}}\n  - plain\n";

    fn at(index: usize) -> KeyPath {
        KeyPath::default().key("list").index(index)
    }

    #[test]
    fn every_place_has_its_line() {
        assert_eq!(line_of(TEXT, &KeyPath::default().key("first")), Some(1));
        assert_eq!(line_of(TEXT, &KeyPath::default().key("list")), Some(3));
        assert_eq!(line_of(TEXT, &at(0)), Some(4));
        assert_eq!(line_of(TEXT, &at(0).key("inner")), Some(5));
        assert_eq!(line_of(TEXT, &at(0).key("inner").key("deep")), Some(6));
        assert_eq!(line_of(TEXT, &at(1).key("inner").key("deep")), Some(8));
        assert_eq!(line_of(TEXT, &at(2)), Some(9));
    }

    #[test]
    fn what_is_missing_is_told_at_the_place_that_lacks_it() {
        assert_eq!(line_of(TEXT, &at(0).key("inner").key("absent")), Some(5));
        assert_eq!(line_of(TEXT, &at(9).key("absent")), Some(3));
        assert_eq!(line_of(TEXT, &KeyPath::default().key("absent")), None);
    }

    #[test]
    fn what_an_anchor_says_stands_at_the_anchor() {
        let text = "base: &b\n  a: x\nown: *b\n";
        assert_eq!(line_of(text, &KeyPath::default().key("own").key("a")), Some(2));
    }
}
