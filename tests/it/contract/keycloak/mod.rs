//! What Keycloak says to what our client asks: the rows, in chapters.

mod groups;
mod paths;
mod people;
mod rights;
mod tokens;

use super::chapter::{self, Findings};
use super::realm::Realm;
use super::row::Row;
use super::server::Server;

/// The realm of the rows.
pub(super) const REALM: &str = "contract";

/// The realms that the rows speak of.
pub(super) fn realms() -> Vec<Realm> {
    vec![Realm::contract(REALM, 1), Realm::neighbour("contract-next", 2), Realm::closed("contract-closed", 3)]
}

/// Asks all rows. Those that only read come first, and writing comes last.
pub(super) async fn ask(server: &Server) -> Findings {
    let chapters: [Vec<Row>; 8] = [
        tokens::rows(),
        groups::reading(),
        groups::names(),
        people::users(),
        paths::rows(&server.prefix()),
        rights::rows(),
        people::members(),
        groups::writing(),
    ];
    chapter::ask(server, REALM, &chapters.into_iter().flatten().collect::<Vec<_>>()).await
}
