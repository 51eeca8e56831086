//! What is not replayed, and why. An exchange that is neither replayed nor named here fails the test.

use std::collections::BTreeSet;

use super::exchange::Exchange;

/// One offering from its first order on: 553 exchanges.
pub(super) const LIFE: &str = "life";
/// What a provider reads in bulk.
pub(super) const PROVIDERS: &str = "providers";
/// The same server asked by waldur-site-agent 1.0.7.
pub(super) const PYTHON_AGENT: &str = "python-agent";

/// The sequence, the numbers, and why they are left out.
const LEFT_OUT: &[(&str, &[u32], &str)] = &[
    (LIFE, &[4, 434], "the map of the API and the start page are for people"),
    (LIFE, &[13], "the seed has the offering: no client makes one"),
    (LIFE, &[18, 73], "the catalogue: no client reads it"),
    (LIFE, &[72], "the plugin's own object, which no client reads"),
    (LIFE, &[320, 321, 323], "usage by person: nobody reports it for Kubernetes"),
    (
        LIFE,
        &[360, 361, 363, 365, 367, 368],
        "people and projects in the consumer's own lists: the clients read teams and grants",
    ),
    (LIFE, &[369, 518], "the marks that the server makes for an agent of that name"),
    (LIFE, &[443, 444], "end dates: no client sets one"),
    (LIFE, &[457], "no client removes a component"),
    (PROVIDERS, &[567, 568], "people and projects: the clients read grants"),
    (PYTHON_AGENT, &[38], "usage by person: nobody reports it for Kubernetes"),
];

/// Exchanges that followed the one before at once: the task queue had not run yet.
const AT_ONCE: &[(&str, u32)] = &[(LIFE, 38)];

/// Returns why an exchange is left out, if it is.
pub(super) fn reason(sequence: &str, no: u32) -> Option<&'static str> {
    LEFT_OUT
        .iter()
        .find(|(known, numbers, _)| *known == sequence && numbers.contains(&no))
        .map(|(_, _, why)| *why)
}

/// Returns all that is left out of a sequence.
pub(super) fn reasons(sequence: &str) -> impl Iterator<Item = (&'static [u32], &'static str)> {
    LEFT_OUT.iter().filter(move |(known, _, _)| *known == sequence).map(|(_, numbers, why)| (*numbers, *why))
}

/// Returns whether an exchange followed the one before at once.
pub(super) fn at_once(sequence: &str, no: u32) -> bool {
    AT_ONCE.contains(&(sequence, no))
}

/// Returns what is wrong with the table: numbers that do not exist, and exchanges without an answer or a reason.
pub(super) fn mistakes(sequence: &str, exchanges: &[Exchange]) -> Vec<String> {
    let known: BTreeSet<u32> = exchanges.iter().map(|exchange| exchange.no).collect();
    let numbers = reasons(sequence).flat_map(|(numbers, _)| numbers.iter().copied());
    let unknown = numbers.filter(|no| !known.contains(no)).map(|no| format!("  there is no exchange {no}"));
    let silent = exchanges
        .iter()
        .filter(|exchange| exchange.status == 0 && reason(sequence, exchange.no).is_none())
        .map(|exchange| format!("  {:03} {} is left out without a reason", exchange.no, exchange.name));
    unknown.chain(silent).collect()
}
