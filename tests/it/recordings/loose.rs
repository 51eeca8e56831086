//! What is not compared of an answer that is replayed, and why.

use super::exchange::Exchange;
use super::left_out::LIFE;

/// Fields, by JSON pointer, of every answer at addresses that contain a text.
const FIELDS: &[(&str, &[&str], &str)] = &[(
    "GET /api/marketplace-component-usages/",
    &["/*/modified_by"],
    "the number of the reporter in the real server's database, which says nothing outside of it",
)];

/// Lists whose order the real server leaves to its database: in the recordings it changes from one to the next.
const ANY_ORDER: &[&str] = &["GET /api/marketplace-offering-users/"];

/// Fields of single exchanges: the sequence, the number, the fields, and why.
const SINGLE: &[(&str, u32, &[&str], &str)] = &[
    (LIFE, 3, &["/?", "/WALDUR_CORE/?"], "150 settings of the website; the sandbox says two of them"),
    (
        LIFE,
        474,
        &["/permissions"],
        "managing an offering makes one a manager of its organization too, which changes nothing that clients do",
    ),
];

/// Returns what is not compared of an exchange.
pub(super) fn of(sequence: &str, exchange: &Exchange) -> Vec<&'static str> {
    let everywhere = FIELDS.iter().filter(|(address, _, _)| exchange.ask.contains(address));
    let here = SINGLE.iter().filter(|(known, no, _, _)| *known == sequence && *no == exchange.no);
    everywhere.map(|row| row.1).chain(here.map(|row| row.2)).flatten().copied().collect()
}

/// Returns whether the order of a list says nothing.
pub(super) fn in_any_order(ask: &str) -> bool {
    ANY_ORDER.iter().any(|start| ask.starts_with(start))
}
