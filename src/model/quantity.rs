//! Kubernetes quantities as exact numbers: `8Gi`, `500m`, `1.5`, `12e6` compare by value.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::schema::text_schema;

/// An amount in units of 10⁻⁹ (nano), which is the resolution of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(i128);

/// A text that is no Kubernetes quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a quantity such as 500m, 8 or 16Gi: {why}")]
pub struct InvalidQuantity {
    /// What is wrong with it.
    pub why: &'static str,
}

const NANO: i128 = 1_000_000_000;
/// Beyond this no real cluster goes, and sums of a hundred thousand such amounts still fit.
const LARGEST: i128 = (1 << 63) * NANO;

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Returns an amount of whole units.
    pub const fn whole(units: i64) -> Self {
        Self(units as i128 * NANO)
    }

    /// Returns an amount of whole gibibytes.
    pub const fn gibibytes(count: i64) -> Self {
        Self(count as i128 * (1 << 30) * NANO)
    }

    /// Returns the amount in units of 10⁻⁹.
    pub const fn nano(self) -> i128 {
        self.0
    }

    /// Returns whether it is a whole number of units.
    pub const fn is_whole(self) -> bool {
        self.0 % NANO == 0
    }

    /// Returns the whole units of it.
    #[must_use]
    pub const fn floored(self) -> Self {
        Self(self.0 - self.0.rem_euclid(NANO))
    }

    /// Returns the sum; nothing if it would be absurd.
    pub fn plus(self, other: Self) -> Option<Self> {
        let sum = self.0.checked_add(other.0)?;
        (sum.abs() <= LARGEST).then_some(Self(sum))
    }

    /// Returns this times `numerator / denominator`, rounded up to the resolution; nothing if it would be absurd.
    pub fn scaled(self, numerator: i128, denominator: i128) -> Option<Self> {
        // By one, as nearly always.
        if numerator == denominator && denominator != 0 {
            return (self.0.abs() <= LARGEST).then_some(self);
        }
        let product = self.0.checked_mul(numerator)?;
        let quotient = product.checked_div(denominator)?;
        let rest = i128::from(product % denominator != 0 && (product > 0) == (denominator > 0));
        let result = quotient + rest;
        (result.abs() <= LARGEST).then_some(Self(result))
    }
}

impl FromStr for Quantity {
    type Err = InvalidQuantity;

    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let refuse = |why| InvalidQuantity { why };
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(refuse("it has no digits"));
        }
        if fraction.contains('.') {
            return Err(refuse("it has two points"));
        }
        if whole.len() + fraction.len() > 30 {
            return Err(refuse("it has too many digits"));
        }
        let digits: i128 = format!("{whole}{fraction}").parse().map_err(|_| refuse("it has no digits"))?;
        let (factor, power) = suffix_factor(suffix).ok_or(refuse("its unit is unknown"))?;
        let places = i32::try_from(fraction.len()).map_err(|_| refuse("it has too many digits"))?;
        let value = shifted(digits, factor, power + 9 - places).ok_or(refuse("it is absurdly large"))?;
        if value > LARGEST {
            return Err(refuse("it is absurdly large"));
        }
        Ok(Self(if negative { -value } else { value }))
    }
}

/// Returns the binary factor and the power of ten that a suffix stands for.
fn suffix_factor(suffix: &str) -> Option<(i128, i32)> {
    Some(match suffix {
        "" => (1, 0),
        "n" => (1, -9),
        "u" => (1, -6),
        "m" => (1, -3),
        "k" => (1, 3),
        "M" => (1, 6),
        "G" => (1, 9),
        "T" => (1, 12),
        "P" => (1, 15),
        "E" => (1, 18),
        "Ki" => (1 << 10, 0),
        "Mi" => (1 << 20, 0),
        "Gi" => (1 << 30, 0),
        "Ti" => (1 << 40, 0),
        "Pi" => (1 << 50, 0),
        "Ei" => (1 << 60, 0),
        exponent => {
            let power = exponent.strip_prefix(['e', 'E'])?;
            if power.len() > 4 {
                return None;
            }
            (1, power.parse().ok()?)
        }
    })
}

/// Returns `digits * factor * 10^power`, rounded away from zero at the resolution.
fn shifted(digits: i128, factor: i128, power: i32) -> Option<i128> {
    let scaled = digits.checked_mul(factor)?;
    if scaled == 0 {
        return Some(0);
    }
    let tens = 10_i128.checked_pow(power.unsigned_abs());
    if power >= 0 {
        return scaled.checked_mul(tens?);
    }
    // Beyond 38 places everything rounds up to the smallest amount.
    Some(tens.map_or(1, |tens| scaled / tens + i128::from(scaled % tens != 0)))
}

impl fmt::Display for Quantity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nano = self.0.abs();
        if nano % NANO == 0 {
            let units = nano / NANO;
            // No `Ki`: 1,024 cores shall not read "1Ki", and no memory limit is that fine.
            let binary = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20)];
            let suffix = binary.iter().find(|(_, bits)| units != 0 && units % (1_i128 << bits) == 0);
            return match suffix {
                Some((name, bits)) => write!(out, "{sign}{}{name}", units >> bits),
                None => write!(out, "{sign}{units}"),
            };
        }
        let (name, unit) = [("m", 1_000_000), ("u", 1_000), ("n", 1)]
            .into_iter()
            .find(|(_, unit)| nano % unit == 0)
            .unwrap_or(("n", 1));
        write!(out, "{sign}{}{name}", nano / unit)
    }
}

text_schema!(Quantity, "type": ["string", "integer"]);

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(i64),
            Text(String),
        }
        match Form::deserialize(source)? {
            Form::Number(units) => Ok(Self::whole(units)),
            Form::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_compare_by_value() {
        for (left, right) in [
            ("1000m", "1"),
            ("1.5Gi", "1536Mi"),
            ("8Gi", "8589934592"),
            ("12e6", "12M"),
            ("1E3", "1k"),
            (".5", "500m"),
            ("1.", "1"),
            ("0.1n", "1n"),
            ("1E", "1e18"),
        ] {
            assert_eq!(left.parse::<Quantity>().unwrap(), right.parse().unwrap(), "{left} = {right}");
        }
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in ["", ".", "1K", "1ki", "1B", "1 Gi", "1e40", "9Ei9", "1.2.3", "--1", "1e99999"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_printed_reads_back_the_same() {
        for text in ["0", "8", "500m", "1536Mi", "100u", "1n", "-2", "1023", "1024Mi"] {
            let quantity: Quantity = text.parse().unwrap();
            assert_eq!(quantity.to_string().parse::<Quantity>().unwrap(), quantity, "{text}");
        }
        assert_eq!("1024Mi".parse::<Quantity>().unwrap().to_string(), "1Gi");
        assert_eq!(Quantity::gibibytes(16).to_string(), "16Gi");
    }

    #[test]
    fn scaling_rounds_up() {
        assert_eq!(Quantity::whole(1).scaled(1, 3), Some(Quantity(333_333_334)));
        assert_eq!(Quantity::whole(i64::MAX).scaled(i128::MAX, 1), None);
    }
}
