//! The token endpoint: what each grant answers, and every row of the table of token errors.

use serde_json::json;

use super::town::{Town, seed};

/// One request to the token endpoint and what it must answer.
struct TokenRow {
    name: &'static str,
    version: &'static str,
    realm: &'static str,
    form: &'static str,
    status: u16,
    body: serde_json::Value,
}

const USER: &str = "grant_type=password&client_id=admin-cli&username=";
const BAD_CLIENT: &str = "Invalid client or Invalid client credentials";

fn refused(name: &'static str, form: &'static str, status: u16, error: &str, description: &str) -> TokenRow {
    let body = json!({"error": error, "error_description": description});
    TokenRow { name, version: "26.7.1", realm: "t1", form, status, body }
}

#[rustfmt::skip]
fn rows() -> Vec<TokenRow> {
    let wrong = "Invalid user credentials";
    let wrong_on = |name, version, form, status| {
        TokenRow { version, ..refused(name, form, status, "invalid_grant", wrong) }
    };
    vec![
        wrong_on("a wrong password is 400 on 26.7.1", "26.7.1", "grant_type=password&client_id=admin-cli&username=ann&password=no", 400),
        wrong_on("a wrong password is 400 on 26.0", "26.0", "grant_type=password&client_id=admin-cli&username=ann&password=no", 400),
        wrong_on("a wrong password is 401 on 25", "25.0.6", "grant_type=password&client_id=admin-cli&username=ann&password=no", 401),
        wrong_on("an unknown user is a wrong password", "26.7.1", "grant_type=password&client_id=admin-cli&username=who&password=pw", 400),
        wrong_on("an unknown user is a wrong password on 24 too", "24.0", "grant_type=password&client_id=admin-cli&username=who&password=pw", 401),
        wrong_on("a missing password is a wrong password", "26.7.1", "grant_type=password&client_id=admin-cli&username=ann", 400),
        refused("a disabled user is told so", "grant_type=password&client_id=admin-cli&username=cy_d&password=pw", 400, "invalid_grant", "Account disabled"),
        refused("a pending action comes first", "grant_type=password&client_id=admin-cli&username=dee&password=pw", 400, "invalid_grant", "Account is not fully set up"),
        refused("a profile without names is a pending action", "grant_type=password&client_id=admin-cli&username=bob&password=pw", 400, "invalid_grant", "Account is not fully set up"),
        refused("a missing username is 401", "grant_type=password&client_id=admin-cli&password=pw", 401, "invalid_request", "Missing parameter: username"),
        refused("a client without direct grants", "grant_type=password&client_id=open&username=ann&password=pw", 400, "unauthorized_client", "Client not allowed for direct access grants"),
        refused("a wrong client secret", "grant_type=client_credentials&client_id=with-none&client_secret=no", 401, "unauthorized_client", BAD_CLIENT),
        refused("a missing client secret", "grant_type=client_credentials&client_id=with-none", 401, "unauthorized_client", BAD_CLIENT),
        refused("an unknown client", "grant_type=client_credentials&client_id=who&client_secret=s", 401, "invalid_client", BAD_CLIENT),
        refused("a disabled client", "grant_type=client_credentials&client_id=switched-off&client_secret=s", 401, "invalid_client", BAD_CLIENT),
        refused("a public client has no account", "grant_type=client_credentials&client_id=admin-cli", 401, "unauthorized_client", "Public client not allowed to retrieve service account"),
        refused("a client whose service account is off", "grant_type=client_credentials&client_id=no-account&client_secret=s", 401, "unauthorized_client", "Client not enabled to retrieve service account"),
        refused("an invalid refresh token", "grant_type=refresh_token&client_id=admin-cli&refresh_token=a.b.c", 400, "invalid_grant", "Invalid refresh token"),
        refused("a missing grant type", "client_id=admin-cli", 400, "invalid_request", "Missing form parameter: grant_type"),
        refused("an unknown grant type", "grant_type=magic&client_id=admin-cli", 400, "unsupported_grant_type", "Unsupported grant_type"),
        refused("a parameter sent twice", "grant_type=password&client_id=admin-cli&username=ann&username=ann&password=pw", 400, "invalid_request", "duplicated parameter"),
        TokenRow { realm: "closed", ..refused("a disabled realm", "grant_type=password&client_id=admin-cli&username=ann&password=pw", 403, "access_denied", "Realm not enabled") },
        TokenRow { realm: "who", body: json!({"error": "Realm does not exist"}), ..refused("an unknown realm", "grant_type=password", 404, "", "") },
    ]
}

#[tokio::test]
async fn every_token_error_has_its_status_and_words() {
    let mut failures = Vec::new();
    for row in rows() {
        let got = Town::new(row.version).token_request(row.realm, row.form).await;
        let typed = got.header("content-type") == "application/json";
        if got.status != row.status || got.json() != row.body || !typed {
            failures.push(format!("{}: expected {}, got {} {}", row.name, row.status, got.status, got.text));
        }
    }
    assert!(failures.is_empty(), "{} rows fail:\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test]
async fn a_password_grant_answers_its_keys_in_order() {
    let got = Town::new("26.7.1").token_request("t1", &format!("{USER}ann&password=pw")).await;
    assert_eq!((got.status, got.header("content-type")), (200, "application/json"));
    assert_eq!(got.header("cache-control"), "no-store");
    let keys = [
        "\"access_token\"",
        "\"expires_in\":300",
        "\"refresh_expires_in\":1800",
        "\"refresh_token\"",
        "\"token_type\":\"Bearer\"",
        "\"not-before-policy\":0",
        "\"session_state\"",
        "\"scope\":\"email profile\"",
    ];
    let places: Vec<_> = keys.iter().map(|key| got.text.find(key)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}", got.text);
    let token = got.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(token.split('.').count(), 3, "a token has three parts");
}

#[tokio::test]
async fn client_credentials_have_nothing_to_refresh() {
    let form = "grant_type=client_credentials&client_id=with-none&client_secret=s";
    let got = Town::new("26.7.1").token_request("t1", form).await.json();
    assert_eq!(got["refresh_expires_in"], 0);
    assert_eq!(got["expires_in"], 300);
    assert!(got.get("refresh_token").is_none() && got.get("session_state").is_none(), "{got}");
}

#[tokio::test]
async fn lifetimes_are_the_realms_unless_the_client_has_its_own() {
    let town = Town::new("26.7.1");
    assert_eq!(town.password("master", "admin").await.json()["expires_in"], 60, "master gives 60 s");
    assert_eq!(town.password("t1", "ann").await.json()["expires_in"], 300, "other realms give 300 s");
    let form = "grant_type=client_credentials&client_id=hasty&client_secret=s";
    assert_eq!(town.token_request("t1", form).await.json()["expires_in"], 1, "a client may override it");
}

#[tokio::test]
async fn users_log_in_in_any_case_and_by_address() {
    let town = Town::new("26.7.1");
    for name in ["ann", "ANN", "Ann%40Example.org"] {
        assert_eq!(town.password("t1", name).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn a_client_may_prove_itself_with_basic() {
    let town = Town::new("26.7.1");
    for (credentials, status) in [("with-none:s", 200), ("with%2Dnone:s", 200), ("with-none:no", 401)] {
        let basic = base64(credentials.as_bytes());
        let path = "/realms/t1/protocol/openid-connect/token";
        let request = axum::http::Request::post(path)
            .header("authorization", format!("Basic {basic}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials".into())
            .unwrap();
        assert_eq!(town.send(request).await.status, status, "{credentials}");
    }
}

#[tokio::test]
async fn since_26_6_a_client_may_be_limited_to_one_method() {
    for (version, status) in [("26.5", 200), ("26.6", 401)] {
        let mut seed = seed(version);
        let client =
            seed.realms[1].clients.iter_mut().find(|client| client.client_id == "with-none").unwrap();
        client.authentication = Some(agent::sandbox::keycloak::seed::ClientAuthentication::Basic);
        let form = "grant_type=client_credentials&client_id=with-none&client_secret=s";
        assert_eq!(Town::of(seed).token_request("t1", form).await.status, status, "{version}");
    }
}

#[tokio::test]
async fn logins_are_counted() {
    let town = Town::new("26.7.1");
    let refresh = town.password("t1", "ann").await.json()["refresh_token"].as_str().unwrap().to_owned();
    town.password("t1", "who").await;
    town.token_of("with-none").await;
    town.token_of("with-none").await;
    let form = format!("grant_type=refresh_token&client_id=admin-cli&refresh_token={refresh}");
    assert_eq!(town.token_request("t1", &form).await.status, 200);
    let expected = json!({"password": 1, "client_credentials": 2, "refresh": 1, "refused": 1});
    assert_eq!(town.snapshot()["realms"]["t1"]["logins"], expected);
}

#[tokio::test]
async fn a_refresh_token_belongs_to_the_client_that_logged_in() {
    let mut seed = seed("26.7.1");
    let open = seed.realms[1].clients.iter_mut().find(|client| client.client_id == "open").unwrap();
    open.direct_access_grants = true;
    let town = Town::of(seed);
    let refresh = town.password("t1", "ann").await.json()["refresh_token"].as_str().unwrap().to_owned();
    let form = format!("grant_type=refresh_token&client_id=open&refresh_token={refresh}");
    let got = town.token_request("t1", &form).await;
    assert_eq!(got.json()["error_description"], "Session doesn't have required client");
}

#[tokio::test]
async fn two_towns_mint_the_same_tokens() {
    let one = Town::new("26.7.1").password("t1", "ann").await.text;
    assert_eq!(one, Town::new("26.7.1").password("t1", "ann").await.text);
}

/// Encodes by the book, so that the decoder of the sandbox is not tested by its own brother.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let letter = |sextet: &[u8]| {
        let value = (0..6).fold(0, |value, bit| value << 1 | usize::from(*sextet.get(bit).unwrap_or(&0)));
        char::from(ALPHABET[value])
    };
    let mut text: String = bits.chunks(6).map(letter).collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}
