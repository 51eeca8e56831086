//! An amount in a usage report, as Waldur takes it: two decimals and no more.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::model::Quantity;
use crate::model::policy::Factor;

/// An amount in hundredths of a component's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(i128);

/// A text that is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no amount such as 12.50")]
pub struct InvalidAmount;

/// Waldur takes 20 digits, two of them behind the point.
const LARGEST: i128 = 10_i128.pow(20) - 1;

impl Amount {
    /// Returns what `used` is in a component's unit, of which one is `unit` whole units of Kubernetes' times `factor`:
    /// the inverse of a quota, and the only place where a report is rounded, half up. Nothing if it cannot be said.
    pub fn of(used: Quantity, unit: i128, factor: Factor) -> Option<Self> {
        let one = unit.checked_mul(factor.nano())?;
        let hundredfold = used.nano().checked_mul(100)?;
        // Half up is the floor of twice the number plus one, halved.
        let twice = hundredfold.checked_mul(2)?.checked_add(one)?;
        let amount = twice.checked_div_euclid(one.checked_mul(2)?)?;
        (0..=LARGEST).contains(&amount).then_some(Self(amount))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(out, "{sign}{}.{:02}", self.0.abs() / 100, self.0.abs() % 100)
    }
}

impl FromStr for Amount {
    type Err = InvalidAmount;

    /// Reads what Waldur wrote. Negative amounts are there, too: Waldur does not check.
    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let text = text.trim();
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let part = part.trim_end_matches('0');
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() > 18 || part.len() > 2 || whole.is_empty() || !is_digits(whole) || !is_digits(part) {
            return Err(InvalidAmount);
        }
        let amount: i128 = format!("{whole}{part:0<2}").parse().map_err(|_| InvalidAmount)?;
        Ok(Self(sign * amount))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIBI: i128 = 1 << 30;

    fn amount(used: &str, unit: i128, factor: &str) -> String {
        let amount = Amount::of(used.parse().unwrap(), unit, factor.parse().unwrap());
        amount.map_or("?".to_owned(), |amount| amount.to_string())
    }

    #[test]
    fn cores_gibibytes_and_counts_are_rounded_half_up_once() {
        for (used, unit, shown) in [
            ("0", 1, "0.00"),
            ("1500m", 1, "1.50"),
            ("4m", 1, "0.00"),
            ("5m", 1, "0.01"),
            ("1004999999n", 1, "1.00"),
            ("1005m", 1, "1.01"),
            ("3221225472", GIBI, "3.00"),
            ("1Ti", GIBI, "1024.00"),
            ("1G", GIBI, "0.93"),
            ("1e3", GIBI, "0.00"),
            ("1m", GIBI, "0.00"),
            ("5368709120m", GIBI, "0.01"),
            ("7", 1, "7.00"),
        ] {
            assert_eq!(amount(used, unit, "1"), shown, "{used} of {unit}");
        }
    }

    #[test]
    fn a_factor_divides_what_it_multiplies_in_a_quota() {
        assert_eq!(amount("8", 1, "4"), "2.00");
        assert_eq!(amount("2Gi", GIBI, "0.5"), "4.00");
        assert_eq!(amount("1", 1, "3"), "0.33");
        assert_eq!(amount("2", 1, "3"), "0.67");
        assert_eq!(amount("1", 1, "0"), "?", "nothing can be divided by nothing");
    }

    #[test]
    fn what_waldur_wrote_reads_back() {
        for (text, shown) in
            [("12.50", "12.50"), ("12.5", "12.50"), ("3", "3.00"), ("-5.00", "-5.00"), ("0.070", "0.07")]
        {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), shown);
        }
        for text in ["", "1.234", "many", "1e3", ".5", "--1", "1000000000000000000000"] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_waldur_could_not_take_is_not_said() {
        assert_eq!(amount("999999999999999999990m", 1, "1"), "999999999999999999.99");
        assert_eq!(amount("8Ei", 1, "1"), "?", "more than 18 digits before the point");
        assert_eq!(amount("8Ei", 1, "0.000000001"), "?");
    }
}
