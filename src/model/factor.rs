//! A factor such as `1`, `0.5` or `1024`, kept exactly: limits are multiplied, never approximated.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::quantity::{InvalidQuantity, Quantity};
use super::schema::text_schema;

/// A non-negative factor with a resolution of 10⁻⁹.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor(Quantity);

impl Factor {
    /// Changes nothing.
    pub const ONE: Self = Self(Quantity::whole(1));

    /// Returns it in units of 10⁻⁹.
    pub const fn nano(self) -> i128 {
        self.0.nano()
    }

    /// Returns `amount` times this factor, rounded up; nothing if the product would be absurd.
    pub fn of(self, amount: Quantity) -> Option<Quantity> {
        amount.scaled(self.0.nano(), Quantity::whole(1).nano())
    }
}

impl Default for Factor {
    fn default() -> Self {
        Self::ONE
    }
}

impl FromStr for Factor {
    type Err = InvalidQuantity;

    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        if !text.bytes().all(|b| b.is_ascii_digit() || b".eE-+".contains(&b)) {
            return Err(InvalidQuantity { why: "a factor is a plain number" });
        }
        let amount: Quantity = text.parse()?;
        if amount < Quantity::ZERO {
            Err(InvalidQuantity { why: "it is negative" })
        } else {
            Ok(Self(amount))
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = Quantity::whole(1).nano();
        let (whole, fraction) = (self.0.nano() / unit, self.0.nano() % unit);
        if fraction == 0 {
            return write!(out, "{whole}");
        }
        let digits = format!("{fraction:09}");
        write!(out, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

text_schema!(Factor, "type": ["string", "number"]);

impl Serialize for Factor {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Factor {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(f64),
            Text(String),
        }
        // A float prints the shortest decimal that reads back the same: `0.1` stays 0.1.
        let text = match Form::deserialize(source)? {
            Form::Number(number) => number.to_string(),
            Form::Text(text) => text,
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_exact() {
        let tenth: Factor = serde_yaml::from_str("0.1").unwrap();
        assert_eq!(tenth.to_string(), "0.1");
        assert_eq!(tenth.of(Quantity::whole(30)), Some(Quantity::whole(3)));
        assert!("-1".parse::<Factor>().is_err());
        assert!("8Gi".parse::<Factor>().is_err());
    }
}
