//! Quantities: every row of the grammar, and that printing and parsing agree.

use agent::model::Quantity;
use proptest::prelude::*;

fn read(text: &str) -> Quantity {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn every_suffix_has_its_factor() {
    let mut rows: Vec<(String, i128)> =
        [("n", 0), ("u", 3), ("m", 6), ("", 9), ("k", 12), ("M", 15), ("G", 18)]
            .into_iter()
            .chain([("T", 21), ("P", 24)])
            .map(|(suffix, power)| (format!("3{suffix}"), 3 * 10_i128.pow(power)))
            .collect();
    for (power, suffix) in ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].into_iter().enumerate() {
        rows.push((format!("3{suffix}"), (3 << (10 * (power + 1))) * 1_000_000_000));
    }
    for (text, nano) in rows {
        assert_eq!(read(&text).nano(), nano, "{text}");
    }
    for (text, same) in [
        ("12e6", "12M"),
        ("1E-3", "1m"),
        ("1e+3", "1k"),
        ("1E", "1000P"),
        ("1E3", "1000"),
        ("1Ei", "1152921504606846976"),
        ("1e3", "1k"),
        ("3221225472", "3Gi"),
        ("1.", "1"),
        (".5", "500m"),
        ("+1", "1"),
        ("-0", "0"),
    ] {
        assert_eq!(read(text), read(same), "{text}");
    }
}

#[test]
fn what_is_finer_than_a_billionth_is_rounded_up_away_from_zero() {
    for (text, nano) in
        [("0.1n", 1), ("1.0000000001", 1_000_000_001), ("-0.1n", -1), ("1m", 1_000_000), ("1e-12", 1)]
    {
        assert_eq!(read(text).nano(), nano, "{text}");
    }
}

#[test]
fn printing_loses_nothing_and_needs_no_fraction() {
    for (text, printed) in [
        ("1.5", "1500m"),
        ("1.5Gi", "1536Mi"),
        ("0.1m", "100u"),
        ("1000m", "1"),
        ("1024Mi", "1Gi"),
        ("1000Mi", "1000Mi"),
        ("0.5Ki", "512"),
        ("0.5n", "1n"),
    ] {
        assert_eq!(read(text).to_string(), printed, "{text}");
    }
}

#[test]
fn what_is_none_is_refused() {
    for text in
        ["", ".", "+", "1K", "1ki", "1B", "1GiB", "1 Gi", " 1", "1e", "1e1.5", "many", "0x1", "1e40", "٣"]
    {
        assert!(text.parse::<Quantity>().is_err(), "{text:?}");
    }
}

/// The largest amount, in units of 10⁻⁹: 2^63.
const LARGEST: i128 = (1 << 63) * 1_000_000_000;

/// A number as somebody may write it, with its suffix.
fn written() -> impl Strategy<Value = String> {
    let number = prop_oneof!["[0-9]{1,6}", "[0-9]{1,6}\\.", "\\.[0-9]{1,9}", "[0-9]{1,6}\\.[0-9]{1,9}"];
    // With the largest suffixes most numbers are absurd; those have a row of their own.
    let suffix = prop_oneof!["|n|u|m|k|M|G|T|Ki|Mi|Gi|Ti", "[eE][+-]?[0-9]", "[eE]-[1-3][0-9]"];
    let sign = prop_oneof!["", "[+-]"];
    (sign, number, suffix).prop_map(|(sign, number, suffix)| format!("{sign}{number}{suffix}"))
}

proptest! {
    #[test]
    fn printing_and_parsing_agree(text in written()) {
        let amount: Quantity = text.parse().expect("it is a quantity");
        let printed = amount.to_string();
        prop_assert_eq!(printed.parse::<Quantity>().expect("what is printed reads back"), amount, "{}", printed);
        prop_assert!(!printed.contains('.'), "{}", printed);
    }

    #[test]
    fn every_amount_reads_back_from_what_is_printed(nano in -LARGEST..=LARGEST, coarse in 0_u32..27) {
        // Fine ones, and whole numbers of every unit.
        for nano in [nano, nano - nano % 10_i128.pow(coarse), (nano >> (2 * coarse)) << (2 * coarse)] {
            let amount = read(&format!("{nano}n"));
            prop_assert_eq!(amount.nano(), nano);
            prop_assert_eq!(read(&amount.to_string()), amount, "{}", amount);
        }
    }

    #[test]
    fn the_suffix_is_the_largest_that_loses_nothing(count in 1_i64..1 << 20, bits in 20_u32..40) {
        let units = i128::from(count) << bits;
        let printed = read(&units.to_string()).to_string();
        let digits = printed.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let shown: i128 = digits.parse().expect("no fraction");
        let place = ["Mi", "Gi", "Ti", "Pi", "Ei"].iter().position(|suffix| printed.ends_with(suffix));
        let place = place.expect("it is a multiple of 2^20");
        prop_assert!(shown % 1024 != 0 || place == 4, "{}", printed);
    }

    #[test]
    fn sums_do_not_depend_on_how_their_parts_are_written(texts in prop::collection::vec(written(), 0..8)) {
        let sum = |all: &[Quantity]| all.iter().try_fold(Quantity::ZERO, |sum, one| sum.plus(*one));
        let parsed: Vec<Quantity> = texts.iter().map(|text| text.parse().expect("it is one")).collect();
        let again: Vec<Quantity> =
            parsed.iter().rev().map(|one| one.to_string().parse().expect("it is one")).collect();
        prop_assert_eq!(sum(&parsed), sum(&again));
    }

    #[test]
    fn nothing_makes_the_parser_panic(text in ".{0,40}") {
        if let Ok(amount) = text.parse::<Quantity>() {
            prop_assert_eq!(amount.to_string().parse::<Quantity>().expect("it reads back"), amount);
        }
    }
}
