//! The troubleshooting list of the plugin that this program replaces: each of its rows is broken in the sandbox, and
//! exactly that is found, with what to do about it.

use agent::sandbox::Seed;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Site, Told, config, diagnose, usual};

/// A row of the list: what it says, how a site comes to it, and what is found there.
struct Row {
    title: &'static str,
    seed: fn(&mut Seed),
    change: fn(&Site) -> Vec<(&'static str, Value)>,
    check: &'static str,
    verdict: &'static str,
    said: &'static str,
    hint: &'static str,
}

fn as_usual(_: &mut Seed) {}

fn nothing(_: &Site) -> Vec<(&'static str, Value)> {
    Vec::new()
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row {
        title: "1. Order processing disabled",
        seed: as_usual, change: |_| vec![("order_processing_backend", json!(""))],
        check: "configuration", verdict: "remark",
        said: "processing of orders, projects and quotas is switched off", hint: "write `order_processing_backend: rancher`",
    },
    Row {
        title: "1. Membership sync disabled",
        seed: as_usual, change: |_| vec![("membership_sync_backend", Value::Null)],
        check: "configuration", verdict: "remark",
        said: "keeping of groups, bindings and members is switched off", hint: "write `membership_sync_backend: rancher`",
    },
    Row {
        title: "1. Reporting disabled",
        seed: as_usual, change: |_| vec![("reporting_backend", Value::Null)],
        check: "configuration", verdict: "remark",
        said: "reporting of usage is switched off", hint: "write `reporting_backend: rancher`",
    },
    Row {
        title: "2. Rancher authentication fails: the keys",
        seed: as_usual, change: |_| vec![("password", json!("wrong-wrong-wrong"))],
        check: "login", verdict: "wrong", said: "401 Unauthorized", hint: "is the API key right, not expired",
    },
    Row {
        title: "2. Rancher authentication fails: a key that is scoped to the cluster",
        seed: |seed| seed.rancher.tokens[0].cluster_id = Some(seed.rancher.clusters[0].id.clone()), change: nothing,
        check: "login", verdict: "wrong", said: "scoped to the cluster", hint: "make an API key with the scope \"No Scope\"",
    },
    Row {
        title: "2. Rancher authentication fails: an expired key",
        seed: |seed| seed.rancher.tokens[0].expires_at = Some("2026-11-01T00:00:00Z".parse().unwrap()), change: nothing,
        check: "login", verdict: "wrong", said: "401 Unauthorized", hint: "not expired",
    },
    Row {
        title: "2. Rancher authentication fails: /v3 in the address",
        seed: as_usual, change: |site| vec![("backend_url", json!(format!("{}v3", site.running.rancher)))],
        check: "configuration", verdict: "remark", said: "without the slash or the /v3 at its end", hint: "write http://",
    },
    Row {
        title: "3. Keycloak connection fails: /auth is too much",
        seed: as_usual, change: |site| vec![("keycloak_url", json!(format!("{}auth", site.running.keycloak)))],
        check: "answer", verdict: "wrong", said: "there is no Keycloak at this address", hint: "without /auth at its end: there it answers",
    },
    Row {
        title: "3. Keycloak connection fails: /auth is missing",
        seed: |seed| "/auth".clone_into(&mut seed.keycloak.relative_path), change: nothing,
        check: "answer", verdict: "wrong", said: "there is no Keycloak at this address", hint: "with /auth at its end: there it answers",
    },
    Row {
        title: "3. Keycloak connection fails: the realm",
        seed: as_usual, change: |_| vec![("keycloak_realm", json!("Waldur"))],
        check: "realm", verdict: "wrong", said: "there is no realm Waldur", hint: "is keycloak_realm right? Realm names are case-sensitive",
    },
    Row {
        title: "3. Keycloak connection fails: the user's realm",
        seed: as_usual, change: |_| vec![("keycloak_user_realm", json!("nowhere"))],
        check: "login", verdict: "wrong", said: "there is no realm nowhere to log in to", hint: "is keycloak_user_realm the realm in which the account lives?",
    },
    Row {
        title: "4. Keycloak group creation fails",
        seed: |seed| seed.keycloak.realms[0].clients[0].roles = vec!["view-users".to_owned()], change: nothing,
        check: "accounts", verdict: "wrong", said: "may be seen, and not changed", hint: "manage-users",
    },
    Row {
        title: "5. Cluster not found: a project's id",
        seed: as_usual, change: |site| vec![("cluster_id", json!(format!("{}:p-abcde", site.seed.rancher.clusters[0].id)))],
        check: "configuration", verdict: "remark", said: "this is a project's id", hint: "write c-m-",
    },
    Row {
        title: "5. Cluster not found: another id",
        seed: as_usual, change: |_| vec![("cluster_id", json!("c-nowhere"))],
        check: "cluster", verdict: "wrong", said: "the cluster c-nowhere cannot be read", hint: "is the cluster id right?",
    },
    Row {
        title: "6. Component loading fails: no accounting_type",
        seed: |seed| seed.waldur.offerings[0].components.truncate(1),
        change: |_| vec![("backend_components", json!({ "cpu": { "type": "cpu", "measured_unit": "cores" } }))],
        check: "configuration", verdict: "remark", said: "cannot be loaded into Waldur", hint: "write usage, limit, one, fixed or few",
    },
    Row {
        title: "6. Component loading fails: the older billing_type",
        seed: |seed| seed.waldur.offerings[0].components.truncate(1),
        change: |_| vec![("backend_components", json!({ "cpu": { "type": "cpu", "measured_unit": "cores", "billing_type": "limit" } }))],
        check: "configuration", verdict: "remark", said: "it is read as `accounting_type`", hint: "write accounting_type",
    },
];

#[tokio::test]
async fn every_row_of_the_list_is_found_and_nothing_else() {
    let walked = ROWS.iter().enumerate().map(|(number, row)| async move {
        let mut seed = usual();
        (row.seed)(&mut seed);
        let site = Site::of(&format!("diagnose-row-{number}"), seed).await;
        let told = diagnose(&site, &config(&site, &(row.change)(&site))).await;
        (row, Told { what: row.title.to_owned(), ..told })
    });
    for (row, told) in join_all(walked).await {
        told.is_just(row.check, row.verdict, row.said, row.hint);
    }
}
