//! One connection for all that share it, and addresses as people type them.

use agent::config::{Severity, WaldurAuth};

use super::{KEYCLOAK, document, problems, read};

/// Two offerings on two clusters.
fn two(change: impl Fn(String) -> String) -> String {
    let second = document("", "").replace("offerings:\n", "").replace("123456789012", "123456789099");
    format!("{}{}", document("", ""), change(second))
}

#[test]
fn offerings_share_a_connection_if_their_credentials_are_the_same() {
    let connections = read(&two(|second| second.replace("c-1", "c-2"))).unwrap().connections;
    assert_eq!((connections.waldur.len(), connections.rancher.len()), (1, 1));
    assert_eq!(connections.rancher[0].clusters.len(), 2);
    assert_eq!(connections.waldur[0].offerings.len(), 2);
}

#[test]
fn two_clusters_of_one_server_may_have_a_key_each() {
    let text = two(|second| second.replace("c-1", "c-2").replace("password: p", "password: q"));
    let config = read(&text).unwrap();
    assert_eq!(config.connections.rancher.len(), 2);
    for policy in config.policy.offerings.values() {
        let connection = config.connections.rancher_of(&policy.cluster).unwrap();
        assert!(connection.clusters.contains(&policy.cluster));
    }
}

#[test]
fn one_cluster_has_one_set_of_credentials() {
    let found = problems(read(&two(|second| second.replace("password: p", "password: q"))));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "offerings[1].backend_settings.cluster_id");
    assert!(found[0].hint.contains("one set of credentials per cluster"));
}

#[test]
fn one_realm_has_one_set_of_credentials() {
    let second = document("", KEYCLOAK).replace("offerings:\n", "").replace("123456789012", "123456789099");
    let both = format!("{}{second}", document("", KEYCLOAK));
    assert_eq!(read(&both).unwrap().connections.keycloak.len(), 1);
    let other = second.replace("keycloak_password: p", "keycloak_password: q");
    let found = problems(read(&format!("{}{other}", document("", KEYCLOAK))));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "offerings[1].backend_settings.keycloak_realm");
}

#[test]
fn waldurs_address_loses_its_api_and_nothing_else() {
    for (typed, read_as) in [
        ("https://my.ai/api/", "https://my.ai"),
        ("https://my.ai/api", "https://my.ai"),
        ("https://MY.ai:443/", "https://my.ai"),
        ("https://my.ai/waldur/api/", "https://my.ai/waldur"),
        ("https://my.ai/waldurapi", "https://my.ai/waldurapi"),
    ] {
        let config = read(&document("", "").replace("https://w.example", typed)).unwrap();
        assert_eq!(config.connections.waldur[0].url.as_str(), read_as, "{typed}");
        assert_eq!(config.notes, [], "{typed}");
    }
}

#[test]
fn ranchers_address_loses_its_v3_with_a_warning() {
    for (typed, warnings) in
        [("https://r.example", 0), ("https://r.example/", 1), ("https://r.example/v3/", 1)]
    {
        let config = read(&document("", "").replace("https://r.example", typed)).unwrap();
        assert_eq!(config.connections.rancher[0].url.as_str(), "https://r.example");
        assert_eq!(config.notes.len(), warnings, "{typed}: {:?}", config.notes);
    }
}

#[test]
fn an_address_is_an_address() {
    for typed in
        ["r.example", "ftp://r.example", "https://", "https://u:p@r.example", "https://r.example/?a=b"]
    {
        let found = problems(read(&document("", "").replace("https://r.example", typed)));
        assert_eq!(found.len(), 1, "{typed}: {found:?}");
        assert_eq!(found[0].path, "offerings[0].backend_settings.backend_url");
    }
}

#[test]
fn plain_text_is_warned_about_unless_it_stays_on_the_machine() {
    let remote = read(&document("", "").replace("https://r.example", "http://r.example")).unwrap();
    assert_eq!(remote.notes.iter().map(|note| note.severity).collect::<Vec<_>>(), [Severity::Warning]);
    let local = read(&document("", "").replace("https://r.example", "http://127.0.0.1:8080")).unwrap();
    assert_eq!(local.notes, []);
}

#[test]
fn waldur_can_be_asked_as_an_oidc_client() {
    let oidc = "oidc_token_url: https://o.example/token\noidc_client_id: c\noidc_client_secret: s";
    let both = read(&document(oidc, "")).unwrap();
    assert!(matches!(both.connections.waldur[0].auth, WaldurAuth::Token(_)));
    assert_eq!(both.notes.len(), 1);
    let text = document(oidc, "").replace("    waldur_api_token: t\n", "");
    let config = read(&text).unwrap();
    assert!(
        matches!(&config.connections.waldur[0].auth, WaldurAuth::Oidc { client_id, .. } if client_id == "c")
    );
    let shared = "waldur: {oidc_token_url: https://o.example, oidc_client_id: c, oidc_client_secret: s}\n";
    let config =
        read(&format!("{shared}{}", document("", "").replace("    waldur_api_token: t\n", ""))).unwrap();
    assert!(
        matches!(&config.connections.waldur[0].auth, WaldurAuth::Oidc { client_id, .. } if client_id == "c")
    );
    let found = problems(read(&text.replace("    oidc_client_id: c\n", "")));
    assert_eq!(found.iter().map(|p| p.path.as_str()).collect::<Vec<_>>(), ["offerings[0].oidc_client_id"]);
}

#[test]
fn a_cluster_is_not_a_project() {
    for (typed, sound) in
        [("c-x:p-y", true), ("local", true), ("c:q", false), ("a/b", false), (":p-y", false)]
    {
        let result = read(&document("", "").replace("c-1", &format!("'{typed}'")));
        assert_eq!(result.is_ok(), sound, "{typed}");
    }
}
