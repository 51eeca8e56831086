//! What was read, and whether that was all: *could not read* never looks like *empty*.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

/// The answer to one question put to one system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    into = "Form<T>",
    try_from = "Form<T>",
    bound(serialize = "T: Clone + Serialize", deserialize = "T: Deserialize<'de>")
)]
pub enum Reading<T> {
    /// Everything there is.
    Complete(T),
    /// Something, with known holes: enough to recognise what exists, never to conclude that a thing does not.
    Partial {
        /// What did arrive.
        got: T,
        /// What is missing and why, in words for an operator.
        holes: Vec<String>,
    },
    /// Nothing, and why, in words for an operator.
    Unavailable(String),
}

/// A witness that a reading was complete. Only [`Reading::complete`] makes one.
#[derive(Debug)]
pub struct Complete<'a, T>(&'a T);

// Written out, because a derive would ask the same of `T`.
impl<T> Clone for Complete<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Complete<'_, T> {}

impl<'a, T> Complete<'a, T> {
    /// Returns what was read.
    pub fn get(self) -> &'a T {
        self.0
    }
}

/// Proof that all the readings an action rests on were complete. What takes something away, and what creates a
/// thing that its server does not keep unique, cannot be constructed without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence(());

impl Evidence {
    /// Rests on one complete reading.
    pub fn of<A>(_: Complete<'_, A>) -> Self {
        Self(())
    }

    /// Rests on all that another proof rests on as well.
    #[must_use]
    pub const fn with(self, _: Self) -> Self {
        self
    }

    /// Rests on one more complete reading.
    #[must_use]
    pub fn and<B>(self, _: Complete<'_, B>) -> Self {
        self
    }
}

impl<T> Reading<T> {
    /// Returns a witness if everything was read.
    pub fn complete(&self) -> Option<Complete<'_, T>> {
        match self {
            Self::Complete(all) => Some(Complete(all)),
            Self::Partial { .. } | Self::Unavailable(_) => None,
        }
    }

    /// Returns what is known, complete or not.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Complete(got) | Self::Partial { got, holes: _ } => Some(got),
            Self::Unavailable(_) => None,
        }
    }

    /// Returns what is known, complete or not, for the one who reads.
    pub fn known_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Complete(got) | Self::Partial { got, holes: _ } => Some(got),
            Self::Unavailable(_) => None,
        }
    }

    /// Returns why this is not complete, or nothing if it is.
    pub fn gap(&self) -> Option<String> {
        match self {
            Self::Complete(_) => None,
            Self::Partial { got: _, holes } => Some(holes.join("; ")),
            Self::Unavailable(why) => Some(why.clone()),
        }
    }

    /// Transforms what was read; its completeness stays.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Complete(got) => Reading::Complete(change(got)),
            Self::Partial { got, holes } => Reading::Partial { got: change(got), holes },
            Self::Unavailable(why) => Reading::Unavailable(why),
        }
    }

    /// Joins two readings of which each is a part of the answer: the whole is complete only if both are.
    #[must_use]
    pub fn joined_with(self, other: Self, join: impl FnOnce(T, T) -> T) -> Self {
        match (self, other) {
            (Self::Complete(one), Self::Complete(two)) => Self::Complete(join(one, two)),
            (Self::Unavailable(why), Self::Unavailable(_)) => Self::Unavailable(why),
            (Self::Unavailable(why), rest) | (rest, Self::Unavailable(why)) => rest.with_hole(why),
            (Self::Partial { got, mut holes }, Self::Partial { got: more, holes: further }) => {
                holes.extend(further);
                Self::Partial { got: join(got, more), holes }
            }
            (Self::Partial { got, holes }, Self::Complete(all))
            | (Self::Complete(all), Self::Partial { got, holes }) => {
                Self::Partial { got: join(got, all), holes }
            }
        }
    }

    /// Adds a hole: what was complete no longer is.
    #[must_use]
    pub fn with_hole(self, hole: String) -> Self {
        match self {
            Self::Complete(got) => Self::Partial { got, holes: vec![hole] },
            Self::Partial { got, mut holes } => {
                holes.push(hole);
                Self::Partial { got, holes }
            }
            Self::Unavailable(why) => Self::Unavailable(why),
        }
    }
}

/// How a reading is written in a file: a map with one key, so that YAML and JSON agree and errors name the key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
struct Form<T> {
    #[serde(default = "none", deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    complete: Option<T>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    partial: Option<PartialForm<T>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unavailable: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialForm<T> {
    got: T,
    holes: Vec<String>,
}

impl<T: JsonSchema> JsonSchema for Reading<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Reading_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let got = generator.subschema_for::<T>();
        let one = |key: &str, value: Schema| {
            json_schema!({
                "type": "object", "properties": { key: value }, "required": [key], "additionalProperties": false,
            })
        };
        let holes = json_schema!({ "type": "array", "items": { "type": "string" } });
        let partial = json_schema!({
            "type": "object", "properties": { "got": &got, "holes": holes }, "required": ["got", "holes"],
            "additionalProperties": false,
        });
        json_schema!({ "oneOf": [
            one("complete", got), one("partial", partial), one("unavailable", json_schema!({ "type": "string" })),
        ] })
    }
}

fn none<T>() -> Option<T> {
    None
}

/// A key that is there says something, even if it says null: a complete answer can be "nobody".
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(source: D) -> Result<Option<T>, D::Error> {
    T::deserialize(source).map(Some)
}

impl<T> From<Reading<T>> for Form<T> {
    fn from(reading: Reading<T>) -> Self {
        match reading {
            Reading::Complete(all) => Self { complete: Some(all), partial: None, unavailable: None },
            Reading::Partial { got, holes } => {
                Self { complete: None, partial: Some(PartialForm { got, holes }), unavailable: None }
            }
            Reading::Unavailable(why) => Self { complete: None, partial: None, unavailable: Some(why) },
        }
    }
}

impl<T> TryFrom<Form<T>> for Reading<T> {
    type Error = &'static str;

    fn try_from(form: Form<T>) -> Result<Self, Self::Error> {
        match (form.complete, form.partial, form.unavailable) {
            (Some(all), None, None) => Ok(Self::Complete(all)),
            (None, Some(PartialForm { got, holes }), None) => Ok(Self::Partial { got, holes }),
            (None, None, Some(why)) => Ok(Self::Unavailable(why)),
            _ => Err("a reading is one of complete, partial, unavailable"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_reading_witnesses_nothing() {
        assert!(Reading::Complete(7).complete().is_some());
        assert!(Reading::Partial { got: 7, holes: vec![] }.complete().is_none());
        assert!(Reading::<u8>::Unavailable("down".into()).complete().is_none());
        assert!(Reading::Complete(7).with_hole("cut".into()).complete().is_none());
    }

    #[test]
    fn two_parts_are_a_whole_only_if_both_are_complete() {
        let all = || Reading::Complete(1);
        let part = || Reading::Partial { got: 2, holes: vec!["cut".into()] };
        let none = || Reading::Unavailable("down".to_owned());
        let join = |one: Reading<i32>, two| one.joined_with(two, |one, two| one + two);
        assert_eq!(join(all(), all()), Reading::Complete(2));
        assert_eq!(
            join(all(), part()).complete().is_none().then_some(3),
            join(part(), all()).known().copied()
        );
        assert_eq!(join(all(), none()), Reading::Partial { got: 1, holes: vec!["down".into()] });
        assert_eq!(join(none(), all()), Reading::Partial { got: 1, holes: vec!["down".into()] });
        assert_eq!(join(none(), none()), none());
        assert_eq!(join(part(), part()).gap().as_deref(), Some("cut; cut"));
    }

    #[test]
    fn nobody_is_a_complete_answer() {
        let nobody: Reading<Option<u8>> = Reading::Complete(None);
        let text = serde_yaml::to_string(&nobody).unwrap();
        assert_eq!(serde_yaml::from_str::<Reading<Option<u8>>>(&text).unwrap(), nobody, "{text}");
    }

    #[test]
    fn a_reading_survives_a_file() {
        for reading in [
            Reading::Complete(vec![1]),
            Reading::Partial { got: vec![2], holes: vec!["page 2".into()] },
            Reading::Unavailable("down".into()),
        ] {
            let text = serde_yaml::to_string(&reading).unwrap();
            assert_eq!(serde_yaml::from_str::<Reading<Vec<u8>>>(&text).unwrap(), reading, "{text}");
        }
        assert!(serde_yaml::from_str::<Reading<u8>>("complete: 1\nunavailable: x").is_err());
    }
}
