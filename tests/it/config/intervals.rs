//! How often: the document, the key that the Python agent did not follow, and the variables that it did.

use std::path::Path;
use std::time::Duration;

use agent::config::{Config, Environment, Error, parse};

use super::{KEYCLOAK, document, problems, shown};

const ORDERS: &str = "WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES";
const MEMBERS: &str = "WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES";
const AFTER_EVENTS: &str = "WALDUR_SITE_AGENT_RECONCILIATION_PERIOD_MINUTES";

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, Error> {
    parse(text, Path::new("."), &Environment::fixed(variables.iter().copied()))
}

/// Returns the time between two cycles and between two looks for orders, in seconds.
fn seconds(config: &Config) -> [Option<u64>; 2] {
    [config.settings.interval, config.settings.orders_interval]
        .map(|span| span.map(|span| Duration::as_secs(&span)))
}

#[test]
fn the_variables_of_the_python_agent_are_followed_with_a_note() {
    let config = read(&document("", ""), &[(ORDERS, "0.5"), (MEMBERS, "10")]).unwrap();
    assert_eq!(seconds(&config), [Some(600), Some(30)]);
    insta::assert_snapshot!(shown(&config.notes), @r"
    Note orders_interval: it is 30s, as WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES says; write `orders_interval: 30s` instead
    Note reconcile_interval: it is 10m, as WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES says; write `reconcile_interval: 10m` instead
    ");
}

#[test]
fn what_the_document_says_goes_before_the_environment() {
    let text = format!("reconcile_interval: 7m\norders_interval: 20s\n{}", document("", ""));
    let config = read(&text, &[(ORDERS, "1"), (MEMBERS, "10")]).unwrap();
    assert_eq!(seconds(&config), [Some(420), Some(20)]);
    insta::assert_snapshot!(shown(&config.notes), @r"
    Note reconcile_interval (line 1): WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES is not followed: the document says 7m
    Note orders_interval (line 2): WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES is not followed: the document says 20s
    ");
}

#[test]
fn the_old_key_goes_before_the_environment_and_after_the_new_one() {
    let old = document("", &format!("{KEYCLOAK}keycloak_sync_frequency: 15"));
    let config = read(&old, &[(MEMBERS, "10")]).unwrap();
    assert_eq!(seconds(&config), [Some(900), None]);
    insta::assert_snapshot!(shown(&config.notes), @r"
    Note reconcile_interval: WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES is not followed: the document says 15m
    Note offerings[0].backend_settings.keycloak_sync_frequency (line 21): these minutes pass between two looks at everything, unless `reconcile_interval` is set; write `reconcile_interval` at the top instead
    ");
    let both = format!("reconcile_interval: 7m\n{old}");
    assert_eq!(seconds(&read(&both, &[]).unwrap()), [Some(420), None]);
}

#[test]
fn what_the_python_agent_accepted_works() {
    for (said, cycle) in [("0", 10), ("-1", 10), (" 5 ", 300), ("1e9", 86_400)] {
        let config = read(&document("", ""), &[(MEMBERS, said)]).unwrap();
        assert_eq!(seconds(&config), [Some(cycle), None], "{said}");
    }
    let config = read(&document("", ""), &[(ORDERS, "0")]).unwrap();
    assert_eq!(seconds(&config), [None, Some(5)]);
    insta::assert_snapshot!(shown(&config.notes), @"Note orders_interval: it is 5s, as near as can be to what WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES says; write `orders_interval: 5s` instead");
}

#[test]
fn what_is_no_number_is_a_problem() {
    for said in ["5m", "often", "NaN", "inf"] {
        let found = problems(read(&document("", ""), &[(MEMBERS, said)]));
        assert_eq!(found.len(), 1, "{said}: {found:?}");
        assert_eq!(found[0].path, "reconcile_interval");
    }
    let found = problems(read(&document("", ""), &[(ORDERS, "5m")]));
    insta::assert_snapshot!(found[0].to_string(), @r#"orders_interval: WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES is "5m", which is no number of minutes; write minutes, such as 5, or unset it and write `orders_interval: 5m`"#);
}

#[test]
fn the_interval_of_events_is_not_followed_with_a_note() {
    let config = read(&document("", ""), &[(AFTER_EVENTS, "60")]).unwrap();
    assert_eq!(seconds(&config), [None, None]);
    insta::assert_snapshot!(shown(&config.notes), @"Note reconcile_interval: WALDUR_SITE_AGENT_RECONCILIATION_PERIOD_MINUTES is not followed: no events are listened to, so none are missed");
}

#[test]
fn the_interval_of_reports_is_followed_as_well() {
    let config = read(&document("", ""), &[("WALDUR_SITE_AGENT_REPORT_PERIOD_MINUTES", "45")]).unwrap();
    assert_eq!(config.settings.report_interval, Some(Duration::from_mins(45)));
    assert_eq!(config.notes.len(), 1);
}
