//! Kubernetes quantities, as the server itself counts with them.

use std::fmt;

/// An exact amount in billionths, with the family of suffixes that it is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quantity {
    nano: i128,
    family: Family,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Decimal,
    Binary,
    Exponent,
}

const NANO: i128 = 1_000_000_000;
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

impl Quantity {
    pub(super) const ZERO: Self = Self { nano: 0, family: Family::Decimal };

    /// Reads a quantity, or says why it is none in Kubernetes' words.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let bad = || {
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                .to_owned()
        };
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let end = unsigned.find(|next: char| !next.is_ascii_digit() && next != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return Err(bad());
        }
        let digits: i128 = format!("{whole}{fraction}").parse().map_err(|_| bad())?;
        let places = i32::try_from(fraction.len()).map_err(|_| bad())?;
        let (nano, family) = scaled(digits, places, suffix).ok_or_else(bad)?;
        Ok(Self { nano: if text.starts_with('-') { -nano } else { nano }, family })
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let family = if self.nano == 0 { other.family } else { self.family };
        Self { nano: self.nano.saturating_add(other.nano), family }
    }

    pub(super) fn exceeds(self, other: Self) -> bool {
        self.nano > other.nano
    }

    pub(super) fn is_negative(self) -> bool {
        self.nano < 0
    }
}

/// Returns `digits` with `places` of them after the point, times the suffix, in billionths rounded up.
fn scaled(digits: i128, places: i32, suffix: &str) -> Option<(i128, Family)> {
    if let Some(power) = BINARY.iter().position(|name| *name == suffix) {
        let factor = 1_i128 << (10 * (power + 1));
        let divisor = 10_i128.checked_pow(places.unsigned_abs())?;
        return Some((round_up(digits.checked_mul(factor)?.checked_mul(NANO)?, divisor), Family::Binary));
    }
    let (exponent, family) = match DECIMAL.iter().find(|(name, _)| *name == suffix) {
        Some((_, exponent)) => (*exponent, Family::Decimal),
        None => (suffix.strip_prefix(['e', 'E'])?.parse().ok()?, Family::Exponent),
    };
    let power = exponent.checked_add(9)?.checked_sub(places)?;
    let step = 10_i128.checked_pow(power.unsigned_abs());
    let nano =
        if power >= 0 { digits.checked_mul(step?)? } else { step.map_or(1, |step| round_up(digits, step)) };
    Some((nano, family))
}

fn round_up(value: i128, divisor: i128) -> i128 {
    value / divisor + i128::from(value % divisor != 0)
}

impl fmt::Display for Quantity {
    /// Writes the canonical form: no fraction, the largest suffix that loses nothing.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let small = self.nano.abs() < 1024 * NANO;
        if self.family == Family::Binary && !small {
            let mut value = round_up(self.nano, NANO);
            let mut suffix = "";
            for name in BINARY {
                if value % 1024 != 0 {
                    break;
                }
                value /= 1024;
                suffix = name;
            }
            return write!(formatter, "{value}{suffix}");
        }
        let mut value = self.nano;
        let mut place = 0;
        while value != 0 && value % 1000 == 0 && place < DECIMAL.len() - 1 {
            value /= 1000;
            place += 1;
        }
        let (suffix, exponent) = if value == 0 { ("", 0) } else { DECIMAL[place] };
        match self.family {
            Family::Exponent if exponent != 0 => write!(formatter, "{value}e{exponent}"),
            Family::Exponent | Family::Decimal | Family::Binary => write!(formatter, "{value}{suffix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_in_canonical_form() {
        for (given, canonical) in [
            ("1.5", "1500m"),
            ("1.5Gi", "1536Mi"),
            ("0.1m", "100u"),
            ("1000m", "1"),
            ("1024Mi", "1Gi"),
            ("1000Mi", "1000Mi"),
            ("0.5Ki", "512"),
            ("12e6", "12e6"),
            ("1E", "1E"),
            ("1Ei", "1Ei"),
            ("0", "0"),
            ("-2", "-2"),
            ("0.1n", "1n"),
        ] {
            assert_eq!(
                Quantity::read(given).map(|quantity| quantity.to_string()),
                Ok(canonical.to_owned()),
                "{given}"
            );
        }
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for given in ["", ".", "1K", "1 Gi", "1GiB", "many", "1.2.3", "1e40"] {
            assert!(Quantity::read(given).is_err(), "{given}");
        }
    }
}
