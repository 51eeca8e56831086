//! Where the sandbox answers otherwise than the real Keycloak: each difference with its reason. Any other fails the build,
//! and so does one that is listed here and gone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::server::Version;

/// A difference that may be.
struct Known {
    /// How the row begins.
    row: &'static str,
    /// Where in the answer, as a JSON pointer.
    at: &'static str,
    /// From which version on.
    since: Version,
    /// Before which version.
    before: Version,
    /// Why it stays.
    reason: &'static str,
}

/// Up to, and without, 26.
const OLD: (Version, Version) = ((0, 0, 0), (26, 0, 0));

const fn known(
    row: &'static str,
    at: &'static str,
    (since, before): (Version, Version),
    reason: &'static str,
) -> Known {
    Known { row, at, since, before, reason }
}

/// All of them.
const KNOWN: &[Known] = &[
    known("an unknown field", "/body/error", OLD, JAVA),
    known("a change without attributes", "/body/error", OLD, JAVA),
];

const JAVA: &str =
    "the real text goes on with the fields that there are, in the order of a Java hash, and nobody reads it";

/// Compares the answers of the sandbox with those of a real server of this version. Returns what differs and may not, and
/// how many differences are known.
pub(super) fn between(
    real: &[(String, Value)],
    simulated: &[(String, Value)],
    version: Version,
) -> (Vec<String>, usize) {
    let simulated: BTreeMap<&String, &Value> = simulated.iter().map(|(row, answer)| (row, answer)).collect();
    let mut known: Vec<(&Known, usize)> = KNOWN
        .iter()
        .filter(|known| known.since <= version && version < known.before)
        .map(|known| (known, 0))
        .collect();
    let mut unknown = Vec::new();
    for (row, answer) in real {
        let mut found = Vec::new();
        compare("", answer, simulated.get(row).copied().unwrap_or(&Value::Null), &mut found);
        for (at, what) in found {
            let listed =
                known.iter_mut().find(|(known, _)| row.starts_with(known.row) && at.starts_with(known.at));
            match listed {
                Some((_, met)) => *met += 1,
                None => unknown.push(format!("{row}: {at}: {what}")),
            }
        }
    }
    for (known, met) in &known {
        if *met == 0 {
            unknown.push(format!("{}: {}: no difference any more ({})", known.row, known.at, known.reason));
        }
    }
    (unknown, known.iter().map(|(_, met)| met).sum())
}

/// Notes where two values differ, as deep as possible.
fn compare(at: &str, real: &Value, simulated: &Value, found: &mut Vec<(String, String)>) {
    match (real, simulated) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for key in ours.keys().chain(theirs.keys().filter(|key| !ours.contains_key(*key))) {
                let nothing = Value::String("(absent)".to_owned());
                let (real, simulated) =
                    (ours.get(key).unwrap_or(&nothing), theirs.get(key).unwrap_or(&nothing));
                compare(&format!("{at}/{key}"), real, simulated, found);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (place, (real, simulated)) in ours.iter().zip(theirs).enumerate() {
                compare(&format!("{at}/{place}"), real, simulated, found);
            }
        }
        (real, simulated) if real != simulated => {
            found.push((at.to_owned(), format!("really {real}, simulated {simulated}")));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_nobody_listed_is_told_and_so_is_what_is_gone() {
        let answer = |status: u16| {
            [("a row, by somebody".to_owned(), json!({ "status": status, "body": [1, {"a": 2}] }))]
        };
        let (told, known) = between(&answer(200), &answer(404), (26, 7, 3));
        assert_eq!(told, ["a row, by somebody: /status: really 200, simulated 404"]);
        assert_eq!(known, 0);
        let (told, _) = between(&answer(200), &[], (26, 7, 3));
        assert_eq!(told.len(), 1, "an answer that is missing: {told:?}");
        let (told, _) = between(&answer(200), &answer(200), (24, 0, 5));
        assert_eq!(told.len(), KNOWN.len(), "all that is known of 24 is gone: {told:?}");
    }
}
