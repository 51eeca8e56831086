//! Amounts as Kubernetes writes them, read one by one as they come.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::model::Quantity;
use crate::model::usage::Requests;

/// What is requested, or why that cannot be told: an amount that cannot be read must not fail the whole page.
pub(super) struct Amounts(pub(super) Result<Requests, &'static str>);

impl Default for Amounts {
    fn default() -> Self {
        Self(Ok(Requests::new()))
    }
}

impl<'de> Deserialize<'de> for Amounts {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Amounts;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("amounts by resource")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Amounts, A::Error> {
                let mut all = Ok(Requests::new());
                while let Some((name, Written(amount))) = map.next_entry::<String, Written>()? {
                    match (amount, &mut all) {
                        (Ok(amount), Ok(known)) => drop(known.insert(name, amount)),
                        (Err(why), Ok(_)) => all = Err(why),
                        (_, Err(_)) => {}
                    }
                }
                Ok(Amounts(all))
            }
        }
        source.deserialize_map(Map)
    }
}

/// An amount, or why it is none.
struct Written(Result<Quantity, &'static str>);

impl Written {
    const NONE: Self = Self(Err("requests what is no quantity"));

    fn read(text: &str) -> Self {
        match text.parse::<Quantity>() {
            Ok(amount) if amount < Quantity::ZERO => Self(Err("requests less than nothing")),
            Ok(amount) => Self(Ok(amount)),
            Err(_) => Self::NONE,
        }
    }
}

/// A large cluster has hundreds of thousands of amounts: each is read as it comes, with nothing kept of it in between.
impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Written;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("anything")
            }

            fn visit_str<E>(self, text: &str) -> Result<Written, E> {
                Ok(Written::read(text))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Written, E> {
                Ok(Written::read(&number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Written, E> {
                Ok(Written::read(&number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Written, E> {
                Ok(Written::read(&number.to_string()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Written, E> {
                Ok(Written::NONE)
            }

            fn visit_unit<E>(self) -> Result<Written, E> {
                Ok(Written::NONE)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Written, A::Error> {
                IgnoredAny.visit_seq(seq).map(|_| Written::NONE)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Written, A::Error> {
                IgnoredAny.visit_map(map).map(|_| Written::NONE)
            }
        }
        source.deserialize_any(Any)
    }
}
