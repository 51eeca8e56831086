//! `agent components load`: what its users see of it, and what Waldur has afterwards.

use agent::sandbox::{System, generate};
use serde_json::{Value, json};

use super::{Run, Site, run};

/// Returns what Waldur has of the offering's components, by their keys.
fn components(site: &Site) -> Value {
    let snapshot = site.sandbox.snapshot_of(System::Waldur);
    let all = snapshot["offerings"][0]["components"].as_array().unwrap().clone();
    Value::Object(all.into_iter().map(|one| (one["type"].as_str().unwrap().to_owned(), one)).collect())
}

async fn load(site: &Site, config: &Value, arguments: &[&str]) -> Run {
    let config = site.file("components.yaml", &config.to_string());
    let mut all = vec!["components", "load", "-c", config.to_str().unwrap()];
    all.extend(arguments);
    run(&site.home, &all).await
}

/// Returns a configuration that sells these components.
fn selling(site: &Site, components: &Value) -> Value {
    site.config_with(&[("backend_components", components.clone())])
}

fn sold(unit: &str, more: &Value) -> Value {
    let mut sold = json!({ "type": "other", "measured_unit": unit, "accounting_type": "limit" });
    sold.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    sold
}

#[tokio::test]
async fn what_differs_is_loaded_once_and_nothing_is_removed() {
    let site = Site::open("components").await;
    let before = components(&site);
    let config = selling(
        &site,
        &json!({
            "cpu": { "type": "cpu", "measured_unit": "vCPU", "accounting_type": "limit", "label": "vCPU", "max_value": 64 },
            "gpu": sold("pieces", &json!({ "label": "GPU", "limit_period": "month", "is_prepaid": true })),
        }),
    );
    let first = load(&site, &config, &["--auto-approve"]).await.ends(0);
    assert!(first.out.contains("    + create component gpu\n"), "{}", first.out);
    assert!(first.out.contains("    ~ change component cpu\n"), "{}", first.out);
    assert!(
        first.out.contains("      left alone: memory is in Waldur and not in the configuration\n"),
        "{}",
        first.out
    );
    assert!(first.err.ends_with("2 components loaded.\n"), "{}", first.err);
    let after = components(&site);
    assert_eq!(
        (&after["cpu"]["name"], &after["cpu"]["measured_unit"], &after["cpu"]["max_value"]),
        (&json!("vCPU"), &json!("vCPU"), &json!(64))
    );
    assert_eq!(after["cpu"]["limit_period"], before["cpu"]["limit_period"], "what nobody configured stays");
    assert_eq!(after["memory"], before["memory"]);
    assert_eq!((&after["gpu"]["name"], &after["gpu"]["is_prepaid"]), (&json!("GPU"), &json!(true)));
    let writes = site.writes();
    let second = load(&site, &config, &["--auto-approve"]).await.ends(0);
    assert!(second.out.contains("No changes: 2 components are as configured.\n"), "{}", second.out);
    assert_eq!(site.writes(), writes, "a second run wrote something");
}

#[tokio::test]
async fn a_component_that_waldur_refuses_hinders_no_other() {
    let site = Site::open("components-refused").await;
    let config = selling(
        &site,
        &json!({
            "a": sold("pieces", &json!({ "limit_period": "fortnight" })),
            "b": sold("pieces", &json!({})),
        }),
    );
    let run = load(&site, &config, &["--auto-approve"]).await.ends(5);
    assert!(run.err.contains("component a of \"Kubernetes projects\": failed: "), "{}", run.err);
    assert!(run.err.contains("fortnight"), "{}", run.err);
    assert!(run.err.ends_with("1 component loaded, 1 not.\n"), "{}", run.err);
    assert_eq!(components(&site)["b"]["measured_unit"], "pieces");
    let json = load(&site, &config, &["--auto-approve", "--format", "json"]).await.ends(5);
    let document: Value = serde_json::from_str(&json.out).unwrap();
    let change = &document["offerings"][0]["changes"][0];
    assert_eq!((&change["component"], &change["do"]), (&json!("a"), &json!("create")));
    assert!(change["became"].as_str().unwrap().starts_with("failed: "), "{document:#}");
}

#[tokio::test]
async fn nobody_who_can_be_asked_means_that_nothing_is_loaded() {
    let site = Site::open("components-unasked").await;
    let config = selling(&site, &json!({ "gpu": sold("pieces", &json!({})) }));
    let run = load(&site, &config, &[]).await.ends(1);
    assert!(run.out.contains("+ create component gpu"), "{}", run.out);
    assert!(
        run.err.contains("nobody can be asked: the input is no terminal; nothing was done"),
        "{}",
        run.err
    );
    assert!(run.err.contains("hint: look at the list above, then pass --auto-approve"), "{}", run.err);
    load(&site, &config, &["--dry-run"]).await.ends(0).out_has("Components: 1 to create, 0 to change");
    load(&site, &config, &["--dry-run", "--auto-approve"]).await.ends(64);
    // Nobody can say yes to a list that they were not shown.
    load(&site, &config, &["--format", "json"]).await.ends(1).err_has("nobody can be asked about JSON");
    load(&site, &config, &["--format", "json", "--dry-run"]).await.ends(0);
    assert_eq!(site.writes(), 0);
}

#[tokio::test]
async fn a_component_without_its_billing_shows_in_the_exit_code() {
    let site = Site::open("components-unbilled").await;
    let config = selling(&site, &json!({ "gpu": { "type": "gpu", "measured_unit": "pieces" } }));
    let run = load(&site, &config, &["--auto-approve"]).await.ends(5);
    assert!(run.out.contains("    ! component gpu is not loaded: "), "{}", run.out);
    assert_eq!(site.writes(), 0);
}

#[tokio::test]
async fn an_older_waldur_is_told_what_it_knows_and_the_rest_is_named() {
    let mut seed = generate(2, 2, 1).unwrap();
    seed.waldur.dialect = agent::sandbox::waldur::Dialect::Y2024;
    let site = Site::of("components-2024", seed).await;
    let more = json!({ "limit_period": "quarterly", "is_prepaid": true });
    let config = selling(&site, &json!({ "gpu": sold("pieces", &more) }));
    load(&site, &config, &["--auto-approve"]).await.ends(5).err_has("quarterly");
    let more = json!({ "limit_period": "month", "is_prepaid": true });
    let config = selling(&site, &json!({ "gpu": sold("pieces", &more) }));
    load(&site, &config, &["--auto-approve"]).await.ends(0);
    let again = load(&site, &config, &["--auto-approve"]).await.ends(0);
    again
        .out_has("      not compared: this Waldur does not show is_prepaid of gpu\n")
        .out_has("No changes: ");
}

#[tokio::test]
async fn a_waldur_that_is_down_is_exit_code_six_and_a_refused_token_one() {
    let site = Site::open("components-down").await;
    let config = site.config_with(&[("waldur_api_url", json!("http://127.0.0.1:9/api/"))]);
    load(&site, &config, &["--auto-approve"]).await.ends(6).out_has("No changes in what could be read");
    let config = site.config_with(&[("waldur_api_token", json!("wrong"))]);
    load(&site, &config, &["--auto-approve"]).await.ends(1);
    assert_eq!(site.writes(), 0);
}
