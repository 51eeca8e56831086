//! The `/auth` prefix, odd paths, and the words of 401, 403 and 404.

use serde_json::{Value, json};

use super::town::{Answer, Row, Town, check, error, row, seed};

const UNMATCHED: &str = "Unable to find matching target resource method";

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let not_normal = || Answer::Text(r#"{"error":"missingNormalization","error_description":"Request path not normalized"}"#);
    let hint = || Answer::At("/error_description", json!("For more on this error consult the server log at the debug level."));
    let no_hint = |text: &'static str| Answer::Text(text);
    vec![
        row("a wrong prefix on 26", "GET /auth/admin/realms/t1/groups", 404, no_hint(r#"{"error":"Unable to find matching target resource method"}"#)),
        row("a wrong prefix on 23", "GET /auth/admin/realms/t1/groups", 404, no_hint(r#"{"error":"Unable to find matching target resource method"}"#)).on("23.0.7"),
        row("a wrong prefix on 24 points at the log", "GET /auth/realms/t1", 404, hint()).on("24.0.5"),
        row("a wrong prefix on 22", "GET /auth/realms/t1", 404, error("RESTEASY003210: Could not find resource for full path: http://id.test/auth/realms/t1")).on("22.0.5"),
        row("an unknown path in the admin API", "GET nonsense", 404, error("HTTP 404 Not Found")),
        row("an unknown path elsewhere", "GET /nonsense", 404, error(UNMATCHED)),
        row("a double slash on 26.5", "GET /admin/realms//t1/groups", 400, not_normal()).on("26.5.0"),
        row("a double slash before 26.5 is read as one", "GET /admin/realms//t1/groups/count", 200, Answer::Any).on("26.4.7"),
        row("a double slash in front", "GET //realms/t1", 400, not_normal()),
        row("a dot on 26.5", "GET /admin/./realms/t1/groups", 400, not_normal()).on("26.5.0"),
        row("two dots on 26.5", "GET /admin/x/../realms/t1/groups", 400, not_normal()).on("26.5.0"),
        row("two dots before 26.5 are resolved", "GET /admin/x/../realms/t1/groups/count", 200, Answer::Any).on("26.4.7"),
        row("a dot before 26.5 is dropped", "GET /admin/./realms/t1/groups/count", 200, Answer::Any).on("26.4.7"),
        row("an escaped dot is a dot", "GET /admin/%2E%2e/realms/t1", 400, not_normal()),
        row("a semicolon on 26.6", "GET groups;x=1", 400, Answer::Text(r#"{"error":"invalidCharacter","error_description":"Request path contains invalid character ';'"}"#)).on("26.6.0"),
        row("a semicolon before 26.6 is cut off", "GET groups/count;x=1", 200, Answer::Any).on("26.5.7"),
        row("a slash at the end is no harm", "GET groups/count/", 200, Answer::Any),
        row("a malformed integer", "GET groups?max=abc", 404, no_hint(r#"{"error":"HTTP 404 Not Found"}"#)),
        row("a malformed integer for a caller without rights", "GET groups?first=x", 404, error("HTTP 404 Not Found")).caller("with-none"),
        row("a malformed integer for members", "GET groups/g-1/members?max=1.5", 404, error("HTTP 404 Not Found")),
        row("a malformed integer for users", "GET users?max=99999999999", 404, error("HTTP 404 Not Found")),
        row("a malformed boolean is false", "GET groups?search=project_a&populateHierarchy=abc", 200, Answer::Names(&["project_a", "project_a"])),
        row("no token", "GET groups", 401, no_hint(r#"{"error":"HTTP 401 Unauthorized"}"#)).caller("nobody"),
        row("a bad token", "GET groups", 401, no_hint(r#"{"error":"HTTP 401 Unauthorized"}"#)).caller("garbage"),
        row("a bad token on 25 points at the log", "GET groups", 401, hint()).caller("garbage").on("25.0.6"),
        row("no token comes before an unknown realm", "GET /admin/realms/who/groups", 401, Answer::Any).caller("nobody"),
        row("no token comes before an unknown path", "GET nonsense", 401, Answer::Any).caller("nobody"),
        row("a missing role", "GET groups", 403, no_hint(r#"{"error":"HTTP 403 Forbidden"}"#)).caller("with-none"),
        row("a missing role on 24 has no words", "GET groups", 403, error("unknown_error")).caller("with-none").on("24.0.5"),
        row("a missing role on 24 points at the log", "GET groups", 403, hint()).caller("with-none").on("24.0"),
        row("an unknown realm, even without rights", "GET /admin/realms/who/groups", 404, no_hint(r#"{"error":"Realm not found."}"#)).caller("with-none"),
        row("a public realm", "GET /realms/t1", 200, Answer::At("/token-service", json!("http://id.test/realms/t1/protocol/openid-connect"))).caller("nobody"),
        row("an unknown public realm", "GET /realms/who", 404, no_hint(r#"{"error":"Realm does not exist"}"#)).caller("nobody"),
        row("a wrong verb is told", "PATCH groups", 405, error("HTTP 405 Method Not Allowed")),
        row("a wrong verb is told of one group", "PATCH groups/g-1", 405, error("HTTP 405 Method Not Allowed")),
        row("a wrong verb hides deeper down", "PUT groups/g-1/members", 404, error("HTTP 404 Not Found")),
    ]
}

#[tokio::test]
async fn every_path_rule_holds() {
    check(rows()).await;
}

#[tokio::test]
async fn with_a_prefix_everything_lives_below_it() {
    let town = Town::of(agent::sandbox::keycloak::Seed { relative_path: "/auth/".into(), ..seed("26.7.1") });
    let path = "/auth/realms/t1/protocol/openid-connect/token";
    let form = "grant_type=client_credentials&client_id=with-manage-users&client_secret=s";
    let got = town.form(path, form).await;
    let token = got.json()["access_token"].as_str().unwrap().to_owned();
    let outside = town.token_request("t1", form).await;
    assert_eq!((outside.status, outside.header("content-type")), (404, "text/html; charset=utf-8"));
    assert_eq!(outside.text, "<html><body><h1>Resource not found</h1></body></html>");
    assert_eq!(town.ask("GET", "groups", &token, &Value::Null).await.status, 404);
    let body = json!({"name": "x"});
    let got = town.ask("POST", "/auth/admin/realms/t1/groups", &token, &body).await;
    let id = got.header("location").strip_prefix("http://id.test/auth/admin/realms/t1/groups/");
    assert!(id.is_some_and(|id| id.len() == 36), "Location is absolute: {}", got.header("location"));
}

#[tokio::test]
async fn the_root_redirects_since_26() {
    for (version, prefix, path, target) in [
        ("26.0", "/auth", "/", Some("/auth")),
        ("26.0", "/auth", "/auth", Some("/auth/admin/")),
        ("26.7.1", "", "/", Some("/admin/")),
        ("25.0.6", "/auth", "/", None),
    ] {
        let town = Town::of(agent::sandbox::keycloak::Seed { relative_path: prefix.into(), ..seed(version) });
        let got = town.ask("GET", path, "", &Value::Null).await;
        let expected = (if target.is_some() { 302 } else { 404 }, target.unwrap_or(""));
        assert_eq!((got.status, got.header("location")), expected, "{path} on {version} below {prefix:?}");
    }
}

#[tokio::test]
async fn a_location_follows_the_hostname_that_the_server_believes() {
    let hostname = "https://id.internal".to_owned();
    let town = Town::of(agent::sandbox::keycloak::Seed { hostname, ..seed("26.7.1") });
    let got = town.manage("POST", "groups", &json!({"name": "x"})).await;
    assert!(got.header("location").starts_with("https://id.internal/admin/realms/t1/groups/"));
}

#[tokio::test]
async fn content_types_are_those_of_the_real_server() {
    let town = Town::new("26.7.1");
    let new = json!({"name": "x"});
    for (name, got, expected) in [
        ("an admin body", town.get("groups").await, "application/json;charset=UTF-8"),
        ("a number", town.get("users/count").await, "application/json;charset=UTF-8"),
        ("a new child", town.manage("POST", "groups/g-1/children", &new).await, "application/json"),
        ("a new group", town.manage("POST", "groups", &new).await, ""),
        ("an error", town.get("groups/who").await, "application/json"),
        ("a conflict", town.manage("POST", "groups", &new).await, "application/json"),
        ("a join", town.manage("PUT", "users/u-bob/groups/g-1", &Value::Null).await, ""),
    ] {
        assert_eq!(got.header("content-type"), expected, "{name}");
    }
    let got = town.ask("GET", "groups", "", &Value::Null).await;
    assert_eq!((got.status, got.headers.contains_key("www-authenticate")), (401, false));
}

#[tokio::test]
async fn a_form_where_json_belongs_is_refused() {
    let town = Town::new("26.7.1");
    let token = town.token_of("with-manage-users").await;
    let request = axum::http::Request::post("/admin/realms/t1/groups");
    let request = request.header("authorization", format!("Bearer {token}")).body("name=x".into()).unwrap();
    assert_eq!(town.send(request).await.status, 415);
}
