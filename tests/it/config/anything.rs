//! Whatever a file holds: no panic, no silence, no secret.

use agent::config::Error;
use proptest::prelude::*;

use super::{KEYCLOAK, document, read};

/// What a hand that slips may write.
const SCRAPS: [&str; 16] = [
    "",
    "{}",
    "[]",
    "null",
    "x",
    "''",
    "0",
    "-1",
    "1.5",
    "true",
    "{a: b}",
    "[{}]",
    "*a",
    "&a y",
    "\"\\e[31m\"",
    "|",
];

/// The lines of a sound document in which each secret is "hunter2".
fn sound() -> Vec<String> {
    let text = document("", &format!("{KEYCLOAK}keycloak: {{}}\nnamespace_labels: {{a: b}}"));
    let text = text.replace("token: t", "token: hunter2").replace("username: u", "username: hunter2");
    text.replace("password: p", "password: hunter2").lines().map(str::to_owned).collect()
}

/// A document in which some values are replaced and some lines are lost, repeated or moved to the right.
fn damaged() -> impl Strategy<Value = String> {
    let count = sound().len();
    let damage = (0..count, 0..4_u8, 0..SCRAPS.len());
    prop::collection::vec(damage, 1..6).prop_map(|damages| {
        let mut lines = sound();
        for (at, kind, scrap) in damages {
            let at = at % lines.len();
            let line = lines[at].clone();
            match (kind, line.split_once(": ")) {
                (0, _) if lines.len() > 1 => drop(lines.remove(at)),
                (1, _) => lines.insert(at, line),
                (2, _) => lines[at] = format!("  {line}"),
                (_, Some((key, _))) => lines[at] = format!("{key}: {}", SCRAPS[scrap]),
                (_, None) => lines[at] = format!("{line} {}", SCRAPS[scrap]),
            }
        }
        lines.join("\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_document_is_kept_whole_or_refused_with_a_reason(text in damaged()) {
        match read(&text) {
            Ok(config) => {
                let ours = text.lines().filter(|line| line.trim() == "backend_type: rancher").count();
                prop_assert_eq!(config.policy.offerings.len(), ours, "an offering got lost");
                let shown = format!("{config:?}");
                prop_assert!(!shown.contains("hunter2"), "{}", shown);
            }
            Err(error) => {
                prop_assert!(!matches!(&error, Error::Problems(none) if none.is_empty()), "no reason");
                let shown = format!("{error} {error:?}");
                prop_assert!(!shown.contains("hunter2") && !shown.contains('\u{1b}'), "{}", shown);
            }
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "[-:{}\\[\\]&*!|>'\"#a-c \n]{0,200}") {
        prop_assert!(!matches!(read(&text), Err(Error::Problems(none)) if none.is_empty()));
    }
}
