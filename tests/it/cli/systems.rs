//! What a new user gets wrong about the three systems: one clear error, a hint, the right code, and nothing written.

use serde_json::{Value, json};

use super::Site;
use agent::sandbox::{Seed, generate};

/// What is shown for a mistake, whole: the code and the narrative.
async fn shown(site: &Site, config: &Value) -> String {
    let config = site.file("mistaken.yaml", &config.to_string());
    let run = super::run(&site.home, &["plan", "-c", config.to_str().unwrap()]).await;
    assert_eq!(site.writes(), 0, "a plan wrote something");
    let errors = run.err.lines().filter(|line| line.starts_with("error:")).count();
    assert_eq!(errors, 1, "one mistake, one error:\n{}", run.err);
    assert!(run.err.contains("\n  hint: "), "no hint:\n{}", run.err);
    if run.code == Some(1) {
        assert_eq!(run.out, "", "what could be planned without credentials would mislead");
        // What cannot be planned is not applied either.
        let apply = ["apply", "--auto-approve", "-c", config.to_str().unwrap()];
        assert_eq!(super::run(&site.home, &apply).await.code, Some(1));
        assert_eq!(site.writes(), 0);
    }
    format!("exit {}\n{}", run.code.unwrap(), site.plain(&run.err))
}

/// One mistake: changed keys, on the usual site or another.
macro_rules! mistakes {
    ($($name:ident: $seed:expr, [$($key:literal = $value:expr),*];)+) => { $(
        #[tokio::test]
        async fn $name() {
            let site = Site::of(stringify!($name), $seed).await;
            let config = site.config_with(&[$(($key, json!($value))),*]);
            let text = shown(&site, &config).await;
            insta::with_settings!({
                snapshot_path => "../snapshots/mistakes", prepend_module_to_snapshot => false,
                omit_expression => true,
            }, { insta::assert_snapshot!(stringify!($name), text) });
        }
    )+ };
}

mistakes! {
    a_wrong_token_of_waldur: usual(), ["waldur_api_token" = "wrong-wrong-wrong"];
    a_wrong_key_of_rancher: usual(), ["password" = "wrong-wrong-wrong"];
    a_wrong_secret_of_the_client: usual(), ["keycloak_client_secret" = "wrong-wrong-wrong"];
    a_wrong_password_of_the_service_user: usual(), [
        "keycloak_client_id" = (), "keycloak_client_secret" = (), "keycloak_username" = "rancher-agent",
        "keycloak_password" = "wrong-wrong-wrong"
    ];
    a_closed_port_for_waldur: usual(), ["waldur_api_url" = "http://127.0.0.1:9/api/"];
    a_closed_port_for_rancher: usual(), ["backend_url" = "http://127.0.0.1:9"];
    a_closed_port_for_keycloak: usual(), ["keycloak_url" = "http://127.0.0.1:9"];
    a_wrong_realm: usual(), ["keycloak_realm" = "Waldur"];
    a_wrong_realm_of_the_client: usual(), ["keycloak_user_realm" = "nowhere"];
    a_wrong_cluster: usual(), ["cluster_id" = "c-m-nowhere0"];
    a_wrong_offering: usual(), ["waldur_offering_uuid" = "00000000-0000-0000-0000-00000000beef"];
    a_key_that_is_scoped_to_the_cluster: scoped(), [];
    a_client_that_lacks_rights: without_rights(), [];
    auth_is_missing: below_auth(), [];
    plain_http_is_taken_for_https: usual(), ["waldur_api_url" = "https://localhost:1/api/"];
}

fn usual() -> Seed {
    generate(4, 4, 1).unwrap()
}

fn scoped() -> Seed {
    let mut seed = usual();
    seed.rancher.tokens[0].cluster_id = Some(seed.rancher.clusters[0].id.clone());
    seed
}

fn without_rights() -> Seed {
    let mut seed = usual();
    seed.keycloak.realms[0].clients[0].roles.clear();
    seed
}

fn below_auth() -> Seed {
    let mut seed = usual();
    "/auth".clone_into(&mut seed.keycloak.relative_path);
    seed
}

/// One mistake that needs the addresses of the site, or servers that go wrong.
async fn mistake(name: &str, change: impl FnOnce(&Site) -> Vec<(&'static str, Value)>) {
    let site = Site::open(name).await;
    let config = site.config_with(&change(&site));
    let text = shown(&site, &config).await;
    insta::with_settings!({
        snapshot_path => "../snapshots/mistakes", prepend_module_to_snapshot => false, omit_expression => true,
    }, { insta::assert_snapshot!(name, text) });
}

fn inject(site: &Site, fault: &str) -> Vec<(&'static str, Value)> {
    site.sandbox.inject(fault.parse().unwrap());
    Vec::new()
}

#[tokio::test]
async fn auth_is_too_much() {
    mistake("auth_is_too_much", |site| {
        vec![("keycloak_url", json!(format!("{}auth", site.running.keycloak)))]
    })
    .await;
}

#[tokio::test]
async fn waldurs_address_leads_to_rancher() {
    mistake("waldurs_address_leads_to_rancher", |site| vec![("waldur_api_url", json!(site.running.rancher))])
        .await;
}

#[tokio::test]
async fn ranchers_address_leads_to_keycloak() {
    mistake("ranchers_address_leads_to_keycloak", |site| vec![("backend_url", json!(site.running.keycloak))])
        .await;
}

#[tokio::test]
async fn keycloaks_address_leads_to_rancher() {
    mistake("keycloaks_address_leads_to_rancher", |site| vec![("keycloak_url", json!(site.running.rancher))])
        .await;
}

#[tokio::test]
async fn https_leads_to_a_port_that_speaks_http() {
    mistake("https_leads_to_a_port_that_speaks_http", |site| {
        let url = site.running.waldur.as_str().replace("http:", "https:");
        vec![("waldur_api_url", json!(url))]
    })
    .await;
}

#[tokio::test]
async fn a_proxys_page_comes_in_place_of_waldur() {
    mistake("a_proxys_page_comes_in_place_of_waldur", |site| inject(site, "waldur * * html")).await;
}

#[tokio::test]
async fn a_proxys_page_comes_in_place_of_rancher() {
    mistake("a_proxys_page_comes_in_place_of_rancher", |site| inject(site, "rancher * * html")).await;
}

#[tokio::test]
async fn a_proxys_page_comes_in_place_of_keycloak() {
    mistake("a_proxys_page_comes_in_place_of_keycloak", |site| inject(site, "keycloak * * html")).await;
}

#[tokio::test]
async fn waldurs_user_may_not_list_the_resources() {
    mistake("waldurs_user_may_not_list_the_resources", |site| {
        inject(site, "waldur GET /api/marketplace-provider-resources/ status 403")
    })
    .await;
}

#[tokio::test]
async fn ranchers_user_may_not_list_the_bindings() {
    mistake("ranchers_user_may_not_list_the_bindings", |site| {
        inject(site, "rancher GET /v3/projectroletemplatebindings status 403")
    })
    .await;
}

#[tokio::test]
async fn rancher_is_down_behind_its_proxy() {
    // Told to leave the server alone for a minute and more, nobody waits.
    mistake("rancher_is_down_behind_its_proxy", |site| {
        inject(site, "rancher * * status 503 retry-after 120 html")
    })
    .await;
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_named() {
    let site = Site::open("a_name_that_does_not_resolve_is_named").await;
    let config = site.config_with(&[("backend_url", json!("http://rancher.invalid"))]);
    let text = shown(&site, &config).await;
    // How a resolver words it is its own affair.
    assert!(text.starts_with("exit 6\n"), "{text}");
    assert!(text.contains("rancher: GET /v3/clusters/"), "{text}");
    assert!(text.contains("no connection"), "{text}");
}

#[tokio::test]
async fn three_wrong_credentials_are_told_at_once() {
    let site = Site::open("three_wrong_credentials_are_told_at_once").await;
    let wrong = json!("wrong-wrong-wrong");
    let keys = ["waldur_api_token", "password", "keycloak_client_secret"];
    let config = site.config_with(&keys.map(|key| (key, wrong.clone())));
    let file = site.file("mistaken.yaml", &config.to_string());
    let run = super::run(&site.home, &["plan", "-c", file.to_str().unwrap()]).await.ends(1);
    assert_eq!(run.err.matches("  hint: ").count(), 3, "{}", run.err);
}

#[tokio::test]
async fn refused_credentials_go_before_a_server_that_is_down() {
    let site = Site::open("refused_credentials_go_before_a_server_that_is_down").await;
    let config = site.config_with(&[
        ("waldur_api_token", json!("wrong-wrong")),
        ("backend_url", json!("http://127.0.0.1:9")),
    ]);
    let file = site.file("mistaken.yaml", &config.to_string());
    super::run(&site.home, &["plan", "-c", file.to_str().unwrap()]).await.ends(1).err_has("waldur_api_token");
}
