//! Every key of the table does what the table says.

use std::collections::BTreeSet;

use agent::config::keys::{Fate, KEYS, Key, Place};
use agent::config::{Config, Environment, FILE_VARIABLE, Severity, file};

use super::{KEYCLOAK, document, lines, read, shown};

/// A sound document with one key set in its place; what the small document says about that key goes.
pub(super) fn with(place: Place, name: &str, value: &str) -> String {
    let line = format!("{name}: {value}");
    let without =
        |text: &str| lines(text.lines().filter(|l| !l.trim_start().starts_with(&format!("{name}:"))));
    let small = document("", "");
    match place {
        Place::Document => format!("{line}\n{small}"),
        Place::Waldur => {
            let rest = without("  api_url: https://w.example\n  token: t\n");
            let own = ["    waldur_api_url: https://w.example\n", "    waldur_api_token: t\n"];
            let offerings = own.iter().fold(small, |text, line| text.replace(line, ""));
            format!("waldur:\n{rest}  {line}\n{offerings}")
        }
        Place::Offering => without(&small).replacen(
            "    backend_settings:",
            &format!("    {line}\n    backend_settings:"),
            1,
        ),
        Place::Backend if name.starts_with("keycloak") || name.ends_with("template") => {
            document("", &format!("{}{line}", without(KEYCLOAK)))
        }
        Place::Backend => format!("{}      {line}\n", without(&small)),
        Place::Keycloak => document("", &format!("{KEYCLOAK}keycloak: {{{line}}}")),
        Place::Component => {
            let rest = without("type: cpu\naccounting_type: limit\n");
            let rest = if name == "billing_type" { "type: cpu\n".to_owned() } else { rest };
            let component = lines(rest.lines().chain([line.as_str()]).map(|line| format!("        {line}")));
            format!("{small}    backend_components:\n      a:\n{component}")
        }
        Place::Guard => format!("guard: {{{line}}}\n{small}"),
        Place::Concurrency => format!("concurrency: {{{line}}}\n{small}"),
    }
}

fn all(config: &Config) -> String {
    let policy = serde_yaml::to_string(&config.policy).unwrap_or_else(|error| error.to_string());
    format!("{policy}{:?}{:?}", config.settings, config.connections)
}

/// Key by key: a value, and what is then to be seen in the configuration.
pub(super) const FOLLOWED: &[(Place, &str, &str, &str)] = &[
    (Place::Document, "log_level", "warning", "log_level: Warn"),
    (Place::Document, "timezone", "Europe/Tallinn", "timezone: TimeZone(TZif(\"Europe/Tallinn\"))"),
    (Place::Document, "global_proxy", "http://proxy:3128", "proxy: Some("),
    (Place::Document, "guard", "{percent: 7}", "percent: 7"),
    (Place::Document, "empty_group_grace", "1h 30m", "grace: PT1H30M"),
    (Place::Document, "update_patience", "2h", "update_patience: PT2H"),
    (Place::Document, "reconcile_interval", "90s", "interval: Some(90s)"),
    (Place::Document, "report_interval", "45m", "report_interval: Some(2700s)"),
    (Place::Document, "orders_interval", "20s", "orders_interval: Some(20s)"),
    (Place::Document, "concurrency", "{rancher: 3}", "rancher: 3"),
    (Place::Document, "expose_backend_error_details", "no", "expose_error_details: false"),
    (Place::Document, "waldur", "{verify_ssl: false}", "verify: false"),
    (Place::Waldur, "api_url", "https://other.example/api", "ServerUrl(\"https://other.example\")"),
    (Place::Waldur, "verify_ssl", "false", "verify: false"),
    (Place::Offering, "name", "other", "name: other"),
    (
        Place::Offering,
        "waldur_offering_uuid",
        "00000000000000000000000000000001",
        "OfferingUuid(00000000000000000000000000000001)",
    ),
    (Place::Offering, "waldur_api_url", "https://other.example", "ServerUrl(\"https://other.example\")"),
    (Place::Offering, "verify_ssl", "off", "verify: false"),
    (Place::Offering, "order_processing_backend", "''", "projects: false"),
    (Place::Offering, "membership_sync_backend", "''", "members: false"),
    (Place::Offering, "reporting_backend", "''", "reports: false"),
    (Place::Offering, "backend_components", "{gold: {type: ram, accounting_type: one}}", "kind: memory"),
    (Place::Offering, "components", "{gold: {type: ram, accounting_type: one}}", "kind: memory"),
    (Place::Backend, "backend_url", "https://other.example", "cluster: https://other.example/c-1"),
    (Place::Backend, "cluster_id", "c-9", "cluster: https://r.example/c-9"),
    (Place::Backend, "verify_cert", "false", "verify: false"),
    (Place::Backend, "project_prefix", "x-", "project_prefix: x-"),
    (Place::Backend, "project_prefix", "''", "project_name: '{resource_slug}'"),
    (Place::Backend, "default_role", "read-only", "role: read-only"),
    (Place::Backend, "role_map", "{PROJECT.MANAGER: project-owner}", "manager: project-owner"),
    (Place::Backend, "member_identity", "user_uuid", "member_identity: user_uuid"),
    (Place::Backend, "project_name_template", "'{resource_slug}_x'", "project_name: '{resource_slug}_x'"),
    (Place::Backend, "description_template", "plain", "description: plain"),
    (Place::Backend, "quota_mode", "none", "quota: none"),
    (Place::Backend, "namespace_share", "0.5", "namespace_share: '0.5'"),
    (Place::Backend, "paused_restricts_access", "true", "paused_restricts: true"),
    (Place::Backend, "delete_projects", "approved", "deletions: approved"),
    (Place::Backend, "quota_mode", "namespace", "quota: namespace"),
    (Place::Backend, "namespace_labels", "{pool: h100}", "pool: h100"),
    (Place::Backend, "pod_security", "baseline", "enforce: baseline"),
    (Place::Backend, "container_default_limits_cpu", "500m", "limitsCpu: 500m"),
    (Place::Backend, "container_default_limits_memory", "512Mi", "limitsMemory: 512Mi"),
    (Place::Backend, "container_default_requests_cpu", "'2'", "requestsCpu: '2'"),
    (Place::Backend, "container_default_requests_memory", "1Gi", "requestsMemory: 1Gi"),
    (Place::Backend, "keycloak_enabled", "yes", "lookup: by_id"),
    (Place::Backend, "keycloak_url", "https://k2.example/auth/", "realm: https://k2.example/auth/waldur"),
    (Place::Backend, "keycloak_realm", "r2", "realm: https://k.example/r2"),
    (Place::Backend, "keycloak_user_realm", "r3", "user_realm: RealmName(\"r3\")"),
    (Place::Backend, "keycloak_client_id", "c2", "client_id: \"c2\""),
    (Place::Backend, "keycloak_ssl_verify", "false", "verify: false"),
    (Place::Backend, "keycloak_role_name", "r4", "role_name: r4"),
    (Place::Backend, "keycloak_use_user_id", "false", "lookup: by_username"),
    (Place::Backend, "keycloak_sync_frequency", "15", "interval: Some(900s)"),
    (Place::Backend, "parent_group_template", "'x_{cluster_id}'", "parent_group: x_{cluster_id}"),
    (Place::Backend, "group_name_template", "'{project_slug}'", "child_group: '{project_slug}'"),
    (Place::Backend, "principal_template", "'oidc://{child}'", "principal: oidc://{child}"),
    (Place::Keycloak, "realm", "r2", "realm: https://k.example/r2"),
    (Place::Keycloak, "keycloak_realm", "r2", "realm: https://k.example/r2"),
    (Place::Keycloak, "client_id", "c2", "client_id: \"c2\""),
    (Place::Keycloak, "use_user_id", "false", "lookup: by_username"),
    (Place::Keycloak, "group_name_template", "'{project_slug}'", "child_group: '{project_slug}'"),
    (Place::Component, "type", "storage", "kind: storage"),
    (Place::Component, "type", "memory", "kind: memory"),
    (Place::Component, "type", "pods", "kind: pods"),
    (Place::Component, "type", "gpu", "k8s_resource: nvidia.com/gpu"),
    (Place::Component, "quota", "false", "quota: false"),
    (Place::Component, "measured_unit", "cores", "measured_unit: \"cores\""),
    (Place::Component, "accounting_type", "usage", "accounting: Some(Usage)"),
    (Place::Component, "billing_type", "fixed", "accounting: Some(Fixed)"),
    (Place::Component, "label", "CPU", "label: \"CPU\""),
    (Place::Component, "name", "CPU", "label: \"CPU\""),
    (Place::Component, "unit_factor", "0.5", "unit_factor: '0.5'"),
    (Place::Component, "unit_factor_reporting", "0.25", "report_factor: Some("),
    (Place::Component, "k8s_resource", "nvidia.com/gpu", "k8s_resource: nvidia.com/gpu"),
    (Place::Guard, "people", "9", "people: 9"),
    (Place::Guard, "percent", "9", "percent: 9"),
    (Place::Guard, "group_members", "9", "group_members: 9"),
    (Place::Guard, "projects", "9", "projects: 9"),
    (Place::Concurrency, "waldur", "2", "waldur: 2"),
    (Place::Concurrency, "rancher", "2", "rancher: 2"),
    (Place::Concurrency, "keycloak", "2", "keycloak: 2"),
];

/// Keys that cannot be set alone, or whose value does not show: each has a test of its own in this directory.
const ELSEWHERE: [&str; 20] = [
    "backend",
    "backend_settings",
    "backend_type",
    "ca_file",
    "keycloak",
    "keycloak_ca_file",
    "keycloak_client_secret",
    "keycloak_password",
    "keycloak_username",
    "offerings",
    "oidc_client_id",
    "oidc_client_secret",
    "oidc_token_url",
    "password",
    "rancher_ca_file",
    "token",
    "username",
    "uuid",
    "waldur_api_token",
    "waldur_ca_file",
];

#[test]
fn every_followed_key_is_followed() {
    let without = all(&read(&document("", "")).unwrap());
    for (place, name, value, expected) in FOLLOWED {
        assert!(!without.contains(expected), "{place:?} {name}: shows without the key");
        let config = match read(&with(*place, name, value)) {
            Ok(config) => config,
            Err(error) => panic!("{place:?} {name}: {error}"),
        };
        assert!(all(&config).contains(expected), "{place:?} {name}: {value}\n{}", all(&config));
    }
}

#[test]
fn every_key_that_is_handed_on_is_handed_on() {
    for key in KEYS.iter().filter(|key| key.meaning.starts_with("Handed to Waldur")) {
        let config = read(&with(key.place, key.name, "7")).unwrap();
        assert!(all(&config).contains(&format!("\"{}\": Number(7)", key.name)), "{}", key.name);
    }
}

#[test]
fn every_ignored_key_has_its_note() {
    for key in KEYS {
        let Fate::Ignored(why) = key.fate else { continue };
        let notes = read(&with(key.place, key.name, "something")).unwrap().notes;
        assert!(
            notes.iter().any(|note| note.severity == Severity::Note && note.what.contains(why)),
            "{}",
            key.name
        );
        let silent = read(&with(key.place, key.name, "false")).unwrap().notes;
        assert_eq!(silent, [], "{}: what asks for nothing is not worth a word", key.name);
    }
}

#[test]
fn no_key_of_the_table_is_without_a_test() {
    let tested: BTreeSet<_> = FOLLOWED.iter().map(|(place, name, ..)| (*place, *name)).collect();
    for Key { place, name, fate, meaning } in KEYS {
        let elsewhere = ELSEWHERE.contains(name) || meaning.starts_with("Handed to Waldur");
        let ignored = matches!(fate, Fate::Ignored(_));
        assert!(ignored || elsewhere || tested.contains(&(*place, *name)), "{place:?} {name}");
    }
}

#[test]
fn the_role_that_nobody_chose_is_the_documented_one_with_a_warning() {
    let config = read(&document("", "").replace("      default_role: project-member\n", "")).unwrap();
    assert!(all(&config).contains("role: project-member"));
    assert_eq!(config.notes.len(), 1);
    assert!(config.notes[0].what.contains("workloads-manage"), "{:?}", config.notes);
}

#[test]
fn a_missing_switch_is_off_with_a_note_that_names_it() {
    let text = lines(document("", "").lines().filter(|line| !line.contains("_backend:")));
    let config = read(&text).unwrap();
    insta::assert_snapshot!(shown(&config.notes), @r#"
    Note offerings[0].membership_sync_backend (line 3): keeping of groups, bindings and members is switched off, because the key is missing or empty; write `membership_sync_backend: rancher` to switch it on
    Note offerings[0].order_processing_backend (line 3): processing of orders, projects and quotas is switched off, because the key is missing or empty; write `order_processing_backend: rancher` to switch it on
    Note offerings[0].reporting_backend (line 3): reporting of usage is switched off, because the key is missing or empty; write `reporting_backend: rancher` to switch it on
    "#);
    assert!(all(&config).contains("projects: false") && all(&config).contains("members: false"));
}

#[test]
fn keycloak_that_is_configured_and_not_enabled_is_warned_about() {
    let config = read(&document("", "keycloak: {url: https://k.example}")).unwrap();
    insta::assert_snapshot!(shown(&config.notes), @r#"
    Warning offerings[0].backend_settings.keycloak_enabled (line 11): Keycloak is configured and not used, because it is not enabled; write `keycloak_enabled: true`, or false to say that this is meant
    "#);
    let meant = read(&document("", "keycloak: {url: https://k.example}\nkeycloak_enabled: false")).unwrap();
    assert_eq!(meant.notes, []);
}

#[test]
fn the_file_is_the_named_one_or_the_environments_or_the_default() {
    let environment = Environment::fixed([(FILE_VARIABLE, "b.yaml")]);
    assert_eq!(file(Some("a.yaml".into()), &environment).to_str(), Some("a.yaml"));
    assert_eq!(file(None, &environment).to_str(), Some("b.yaml"));
    assert_eq!(file(None, &super::nothing_set()).to_str(), Some("waldur-site-agent-config.yaml"));
}
