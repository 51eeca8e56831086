//! Amounts as Django REST framework reads them: at most 20 digits, two of them behind the point.

use serde_json::Value;

const DIGITS: i64 = 20;
const DECIMALS: i64 = 2;

/// Reads an amount and returns it with two decimals, or the complaint about it.
pub(super) fn read(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::Null => return Err("This field may not be null.".to_owned()),
        Value::String(text) => text.trim().to_owned(),
        // A JSON number is looked at as it was written, with whatever noise it carries.
        Value::Number(number) => number.to_string(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err(no_number()),
    };
    let Decimal { negative, digits, exponent } = parse(&text).ok_or_else(no_number)?;
    let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let (total, whole, decimals) = if exponent >= 0 {
        (count.saturating_add(exponent), count.saturating_add(exponent), 0)
    } else if count > -exponent {
        (count, count + exponent, -exponent)
    } else {
        (-exponent, 0, -exponent)
    };
    if total > DIGITS {
        return Err(format!("Ensure that there are no more than {DIGITS} digits in total."));
    }
    if decimals > DECIMALS {
        return Err(format!("Ensure that there are no more than {DECIMALS} decimal places."));
    }
    if whole > DIGITS - DECIMALS {
        let most = DIGITS - DECIMALS;
        return Err(format!("Ensure that there are no more than {most} digits before the decimal point."));
    }
    let shift = usize::try_from(exponent + DECIMALS).unwrap_or(0);
    let hundredths = format!("{digits}{}", "0".repeat(shift));
    let padded = format!("{hundredths:0>3}");
    let (whole, part) = padded.split_at(padded.len() - 2);
    let sign = if negative { "-" } else { "" };
    Ok(format!("{sign}{whole}.{part}"))
}

/// A decimal number: its digits without leading zeros, times ten to the exponent.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

fn parse(text: &str) -> Option<Decimal> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let digits = if significant.is_empty() { "0" } else { significant }.to_owned();
    let exponent = i64::from(exponent) - i64::try_from(part.len()).ok()?;
    Some(Decimal { negative, digits, exponent })
}

fn no_number() -> String {
    "A valid number is required.".to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn amounts_are_read_as_the_recorded_server_reads_them() {
        for (value, wanted) in [
            (json!("12.50"), "12.50"),
            (json!("3"), "3.00"),
            (json!(3.1), "3.10"),
            (json!("-5"), "-5.00"),
            (json!(" .5 "), "0.50"),
            (json!("1e3"), "1000.00"),
            (json!("0"), "0.00"),
            (json!("999999999999999999.99"), "999999999999999999.99"),
        ] {
            assert_eq!(read(&value).as_deref(), Ok(wanted), "{value}");
        }
    }

    #[test]
    fn what_is_no_amount_is_said_in_its_words() {
        let decimals = "Ensure that there are no more than 2 decimal places.";
        let whole = "Ensure that there are no more than 18 digits before the decimal point.";
        for (value, wanted) in [
            (json!("1.234"), decimals),
            (json!(0.300_000_000_000_000_04), decimals),
            (json!("10000000000000000000"), whole),
            (json!("1e400"), "Ensure that there are no more than 20 digits in total."),
            (json!("NaN"), "A valid number is required."),
            (json!("many"), "A valid number is required."),
            (json!(""), "A valid number is required."),
            (json!(true), "A valid number is required."),
            (json!(null), "This field may not be null."),
        ] {
            assert_eq!(read(&value).unwrap_err(), wanted, "{value}");
        }
    }
}
