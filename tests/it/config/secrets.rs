//! Secrets come from the document, from files or from the environment, and show up nowhere.

use std::path::{Path, PathBuf};

use agent::config::{Config, Environment, Grant, WaldurAuth, load_policy, parse, parse_policy};
use secrecy::ExposeSecret;

use super::{KEYCLOAK, document, nothing_set, problems, read, shown};

/// A directory of a test's own, with these files.
fn directory(name: &str, files: &[(&str, &str)]) -> std::io::Result<PathBuf> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("config-{name}"));
    std::fs::create_dir_all(&path)?;
    files.iter().try_for_each(|(file, text)| std::fs::write(path.join(file), text))?;
    Ok(path)
}

fn rancher_secret(config: &Config) -> &str {
    config.connections.rancher[0].secret_key.expose_secret()
}

fn without_password() -> String {
    document("", "").replace("      password: p\n", "")
}

#[test]
fn a_secret_has_five_places_to_be() {
    let home = directory("five", &[("key", "from-file\r\n")]).unwrap();
    let environment =
        Environment::fixed([("MINE", "from-variable"), ("AGENT_RANCHER_SECRET_KEY", "from-default")]);
    for (line, expected) in [
        ("      password: 'plain'\n", "plain"),
        ("      password: ${MINE}\n", "from-variable"),
        ("      password_env: MINE\n", "from-variable"),
        ("      password_file: key\n", "from-file"),
        ("", "from-default"),
        ("      password: ''\n", "from-default"),
        ("      password: |\n        block\n", "block"),
    ] {
        let config = parse(&format!("{}{line}", without_password()), &home, &environment).unwrap();
        assert_eq!(rancher_secret(&config), expected, "{line}");
    }
}

#[test]
fn every_secret_has_its_default_variable() {
    let text = document("", "keycloak_enabled: true\nkeycloak_url: https://k.example")
        .replace("    waldur_api_token: t\n", "")
        .replace("      username: u\n      password: p\n", "");
    let mut variables = vec![
        ("AGENT_WALDUR_TOKEN", "wt"),
        ("AGENT_RANCHER_ACCESS_KEY", "ra"),
        ("AGENT_RANCHER_SECRET_KEY", "rs"),
        ("AGENT_KEYCLOAK_USERNAME", "ku"),
        ("AGENT_KEYCLOAK_PASSWORD", "kp"),
    ];
    let config = parse(&text, Path::new("."), &Environment::fixed(variables.clone())).unwrap();
    let WaldurAuth::Token(token) = &config.connections.waldur[0].auth else { panic!("a token") };
    assert_eq!(token.expose_secret(), "wt");
    assert_eq!(config.connections.rancher[0].access_key.expose_secret(), "ra");
    assert_eq!(rancher_secret(&config), "rs");
    let Grant::Password { client_id, username, password } = &config.connections.keycloak[0].grant else {
        panic!("a password")
    };
    assert_eq!(
        (client_id.as_str(), username.expose_secret(), password.expose_secret()),
        ("admin-cli", "ku", "kp")
    );

    variables.push(("AGENT_KEYCLOAK_CLIENT_SECRET", "kc"));
    let text = format!("{text}      keycloak_client_id: agent\n");
    let config = parse(&text, Path::new("."), &Environment::fixed(variables)).unwrap();
    let Grant::ClientCredentials { client_id, client_secret } = &config.connections.keycloak[0].grant else {
        panic!("a client")
    };
    assert_eq!((client_id.as_str(), client_secret.expose_secret()), ("agent", "kc"));
}

#[test]
fn a_secret_that_cannot_be_had_is_a_problem_of_its_key() {
    let home =
        directory("lost", &[("empty", "\n"), ("large", &"x".repeat(64 * 1024 + 1)), ("lines", "a\nb\n")])
            .unwrap();
    for (line, key) in [
        ("password_env: UNSET", "password_env"),
        ("password_env: 'no name'", "password_env"),
        ("password: ${UNSET}", "password"),
        ("password: 12345", "password"),
        ("password: [a]", "password"),
        ("password_file: missing", "password_file"),
        ("password_file: empty", "password_file"),
        ("password_file: large", "password_file"),
        ("password_file: lines", "password_file"),
        ("password_file: .", "password_file"),
        ("password: a:b", "password"),
        ("", "password"),
        ("password: a\n      password_env: MINE", "password_env"),
    ] {
        let text = format!("{}      {line}\n", without_password());
        let found = problems(parse(&text, &home, &Environment::fixed([("MINE", "x")])));
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert_eq!(found[0].path, format!("offerings[0].backend_settings.{key}"), "{line}");
    }
}

const MARK: &str = "hunter2";

#[test]
fn no_secret_shows_in_what_was_read() {
    let text = document("", "keycloak_enabled: true\nkeycloak_url: https://k.example\nkeycloak_username: hunter2\nkeycloak_password: hunter2")
        .replace("token: t", "token: hunter2")
        .replace("username: u", "username: hunter2")
        .replace("password: p", "password: hunter2");
    let environment = Environment::fixed([("AGENT_WALDUR_TOKEN", MARK)]);
    let text = format!("global_proxy: http://u:hunter2@proxy\n{text}");
    let config = parse(&text, Path::new("."), &environment).unwrap();
    let shown = format!("{config:?}{}{environment:?}", shown(&config.notes));
    assert!(!shown.contains(MARK), "{shown}");
}

#[test]
fn no_secret_shows_in_what_is_wrong() {
    for line in [
        "password: {a: hunter2}",
        "password: 'hunter2:hunter2'",
        "password: \"hunter2\\nhunter2\"",
        "password_env: hunter2!",
        "password: !!int hunter2",
        "password: hunter2\n      password_env: X",
        "{password:hunter2: x}",
        "'password:hunter2': x",
        "password: ${hunter2",
        "password: p\n      keycloak_enabled: true\n      keycloak_url: https://u:hunter2@k",
        "password: p\n      verify_cert: {a: hunter2}",
        "password: *hunter2",
        "password: \"hunter2",
    ] {
        let text = format!("{}      {line}\n      project_prefix: 'a b'\n", without_password());
        let error = read(&text).unwrap_err();
        let shown = format!("{error}{error:?}{}", error.hint());
        assert!(!shown.contains(MARK), "{line}: {shown}");
    }
}

#[test]
fn a_policy_needs_no_secrets_and_no_certificates() {
    let text = document(
        "waldur_ca_file: missing",
        "rancher_ca_file: missing\nkeycloak_enabled: true\nkeycloak_url: https://k.example",
    )
    .replace("    waldur_api_token: t\n", "")
    .replace("username: u", "username_env: UNSET")
    .replace("password: p", "password_file: missing");
    assert!(!problems(read(&text)).is_empty());
    let policy = parse_policy(&text, Path::new("."), &nothing_set()).unwrap().policy;
    assert!(policy.offerings.values().all(|offering| offering.keycloak.is_some()));
    let bad = parse_policy(&text.replace("c-1", "c/1"), Path::new("."), &nothing_set());
    assert!(bad.is_err(), "what a plan depends on is read as strictly as ever");
    let sample = load_policy(&super::fixture("3-full.yaml"), &nothing_set()).unwrap();
    assert_eq!(sample.policy.offerings.len(), 1);
}

#[test]
fn a_certificate_authority_is_a_pem_file() {
    let home =
        directory("ca", &[("ca.pem", "-----BEGIN CERTIFICATE-----\n"), ("ca.txt", "nothing\n")]).unwrap();
    for line in ["verify_cert: ca.pem", "rancher_ca_file: ca.pem", "ca_file: ca.pem"] {
        let config = parse(&document("", line), &home, &nothing_set()).unwrap();
        let tls = &config.connections.rancher[0].tls;
        assert_eq!(
            (tls.verify, tls.ca_file.as_deref()),
            (true, Some(home.join("ca.pem").as_path())),
            "{line}"
        );
    }
    for line in ["keycloak_ca_file: ca.pem", "keycloak_ssl_verify: ca.pem", "keycloak: {ca_file: ca.pem}"] {
        let config = parse(&document("", &format!("{KEYCLOAK}{line}")), &home, &nothing_set()).unwrap();
        assert!(config.connections.keycloak[0].tls.ca_file.is_some(), "{line}");
    }
    for (shared, own) in [
        ("", "waldur_ca_file: ca.pem"),
        ("", "verify_ssl: ca.pem"),
        ("waldur: {ca_file: ca.pem}\n", ""),
        ("waldur: {waldur_ca_file: ca.pem}\n", ""),
    ] {
        let config = parse(&format!("{shared}{}", document(own, "")), &home, &nothing_set()).unwrap();
        assert!(config.connections.waldur[0].tls.ca_file.is_some(), "{shared}{own}");
    }
    for line in ["verify_cert: ca.txt", "rancher_ca_file: ca.txt", "ca_file: missing.pem", "verify_cert: ."] {
        assert_eq!(problems(parse(&document("", line), &home, &nothing_set())).len(), 1, "{line}");
    }
}

#[test]
fn an_unchecked_certificate_works_and_warns() {
    for word in ["false", "no", "'False'"] {
        let config = read(&document("", &format!("verify_cert: {word}"))).unwrap();
        assert!(!config.connections.rancher[0].tls.verify);
        assert_eq!(config.notes.len(), 1);
        assert!(config.notes[0].what.contains("Rancher's certificate is not checked"), "{:?}", config.notes);
    }
}
