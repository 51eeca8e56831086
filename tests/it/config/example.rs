//! The commented example is what it says: every key, and its default.

use std::collections::BTreeSet;
use std::path::Path;

use agent::config::keys::{Fate, KEYS};
use agent::config::{Environment, parse, parse_policy};
use agent::model::policy::Policy;

use super::{KEYCLOAK, document, fixture, nothing_set, read, shown};

/// Keys of the older form, and second names of others.
const NOT_RECOMMENDED: [&str; 9] = [
    "api_url",
    "backend",
    "billing_type",
    "ca_file",
    "components",
    "keycloak_sync_frequency",
    "token",
    "uuid",
    "waldur",
];

#[test]
fn the_example_names_every_key() {
    let text = std::fs::read_to_string(fixture("example.yaml")).unwrap();
    let words: BTreeSet<_> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    for key in KEYS {
        let handed_on = key.meaning.starts_with("Handed to Waldur");
        if matches!(key.fate, Fate::Ignored(_)) || handed_on || NOT_RECOMMENDED.contains(&key.name) {
            continue;
        }
        let short = key.name.trim_start_matches("keycloak_");
        let spelled = |name: &str| {
            ["", "_env", "_file"].iter().any(|end| words.contains(format!("{name}{end}").as_str()))
        };
        assert!(spelled(key.name) || spelled(short), "{} is not in the example", key.name);
    }
}

#[test]
fn the_example_loads_without_a_warning() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config-example");
    std::fs::create_dir_all(&home).unwrap();
    std::fs::write(home.join("keycloak-password"), "secret\n").unwrap();
    let text = std::fs::read_to_string(fixture("example.yaml")).unwrap();
    let variables = [("WALDUR_TOKEN", "t"), ("RANCHER_ACCESS_KEY", "a"), ("RANCHER_SECRET_KEY", "s")];
    let config = parse(&text, &home, &Environment::fixed(variables)).unwrap();
    insta::assert_snapshot!(shown(&config.notes), @r#"
    Note offerings[0].backend_components.gpu.k8s_resource (line 100): it is reported; no quota is set on it yet
    "#);
}

#[test]
fn the_example_shows_the_defaults() {
    let text = std::fs::read_to_string(fixture("example.yaml")).unwrap();
    let example = parse_policy(&text, Path::new("."), &nothing_set()).unwrap();
    let least = read(&document("", &KEYCLOAK.replace("k.example", "keycloak.example.com"))).unwrap();
    let plain = |policy: Policy| {
        let Policy { offerings, budget, grace } = policy;
        let mut offering = offerings.into_values().next().unwrap();
        offering.name.clear();
        offering.components.clear();
        offering.cluster = "https://r.example/c-1".parse().unwrap();
        (offering, budget, grace)
    };
    assert_eq!(plain(example.policy), plain(least.policy));
    assert_eq!(example.settings.concurrency, least.settings.concurrency);
    assert_eq!(example.settings.log_level, least.settings.log_level);
}
