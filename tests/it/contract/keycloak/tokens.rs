//! How a token is had, and in how many words it is refused.

use serde_json::json;

use crate::contract::row::{Is, Row, error, oauth, row};

const TOKEN: &str = "POST /realms/{R}/protocol/openid-connect/token";
const BAD_CLIENT: &str = "Invalid client or Invalid client credentials";

fn ask(name: &'static str, form: &str, status: u16, is: Is) -> Row {
    row(name, TOKEN, status, is).by("-").form(form)
}

fn login(name: &'static str, user: &str, status: u16, is: Is) -> Row {
    ask(name, &format!("grant_type=password&client_id=admin-cli&{user}"), status, is)
}

fn client(name: &'static str, client: &str, status: u16, is: Is) -> Row {
    ask(name, &format!("grant_type=client_credentials&{client}"), status, is)
}

fn wrong() -> Is {
    oauth("invalid_grant", "Invalid user credentials")
}

#[rustfmt::skip]
pub(super) fn rows() -> Vec<Row> {
    let granted = Is::All(vec![
        Is::Has("", &["access_token", "expires_in", "refresh_expires_in", "refresh_token", "scope"]),
        Is::At("/token_type", json!("Bearer")),
        Is::About("/expires_in", 300),
        Is::About("/refresh_expires_in", 1800),
    ]);
    let alone = Is::All(vec![
        Is::Has("", &["access_token", "scope"]), Is::About("/expires_in", 300),
        Is::At("/refresh_expires_in", json!(0)), Is::Absent("/refresh_token"), Is::Absent("/session_state"),
    ]);
    vec![
        login("a password", "username=ann&password=pw", 200, granted.clone()),
        login("a username in capitals", "username=ANN&password=pw", 200, granted.clone()),
        login("an address", "username=Ann%40example.org&password=pw", 200, granted),
        client("a client's own credentials", "client_id=with-none&client_secret=s", 200, alone),
        client("a client's own lifetime", "client_id=hasty&client_secret=s", 200, Is::At("/expires_in", json!(1))),
        login("a wrong password", "username=ann&password=no", 401, wrong()).since((26, 6, 0), 400, wrong()),
        login("nobody of that name", "username=who&password=pw", 401, wrong()).since((26, 6, 0), 400, wrong()),
        login("no password", "username=ann", 401, wrong()).since((26, 6, 0), 400, wrong()),
        login("no username", "password=pw", 401, oauth("invalid_request", "Missing parameter: username")),
        login("a disabled account", "username=gus&password=pw", 400, oauth("invalid_grant", "Account disabled")),
        login("an account without a password", "username=bob&password=pw", 401, wrong()).since((26, 6, 0), 400, wrong()),
        login("something to be done first", "username=dee&password=pw", 400, oauth("invalid_grant", "Account is not fully set up")),
        login("a profile without a name and an address", "username=fay&password=pw", 400, oauth("invalid_grant", "Account is not fully set up")),
        ask("a client without direct grants", "grant_type=password&client_id=open&username=ann&password=pw", 400, oauth("unauthorized_client", "Client not allowed for direct access grants")),
        client("a wrong secret", "client_id=with-none&client_secret=no", 401, oauth("unauthorized_client", BAD_CLIENT)),
        client("no secret", "client_id=with-none", 401, oauth("unauthorized_client", BAD_CLIENT)),
        client("an unknown client", "client_id=who&client_secret=s", 401, oauth("invalid_client", BAD_CLIENT)),
        client("a disabled client", "client_id=switched-off&client_secret=s", 401, oauth("invalid_client", BAD_CLIENT)),
        client("a client that is public", "client_id=admin-cli", 401, oauth("unauthorized_client", "Public client not allowed to retrieve service account")),
        client("a client without an account", "client_id=no-account&client_secret=s", 401, oauth("unauthorized_client", "Client not enabled to retrieve service account")),
        ask("no grant", "client_id=admin-cli", 400, oauth("invalid_request", "Missing form parameter: grant_type")),
        ask("an unknown grant", "grant_type=magic&client_id=admin-cli", 400, oauth("unsupported_grant_type", "Unsupported grant_type")),
        login("a parameter twice", "username=ann&username=ann&password=pw", 400, oauth("invalid_request", "duplicated parameter")),
        row("an unknown realm", "POST /realms/who/protocol/openid-connect/token", 404, error("Realm does not exist")).by("-").form("grant_type=password"),
        row("a closed realm", "POST /realms/contract-closed/protocol/openid-connect/token", 403, oauth("access_denied", "Realm not enabled")).by("-").form("grant_type=client_credentials&client_id=admin-cli"),
    ]
}
