//! `agent diagnose`: what its users see of it, and that it finds what is wrong, says what to do, and writes nothing.

mod broken;
mod tls;
mod troubleshooting;

use agent::sandbox::{Seed, System, generate};
use serde_json::{Value, json};

use super::{Run, Site};

/// What a diagnosis found beside what is well and what was not checked.
#[derive(Debug)]
struct Told {
    /// Of what, for whoever reads that a test failed.
    what: String,
    run: Run,
    all: Vec<Value>,
}

impl Told {
    /// Returns what is worth a word.
    fn troubles(&self) -> Vec<&Value> {
        let worth = |finding: &&Value| ["remark", "wrong"].contains(&finding["verdict"].as_str().unwrap());
        self.all.iter().filter(worth).collect()
    }

    fn of<'a>(&'a self, check: &'a str) -> impl Iterator<Item = &'a Value> {
        self.all.iter().filter(move |finding| finding["check"] == check)
    }

    /// Panics unless exactly this was found, and the exit code says so.
    #[track_caller]
    fn is_just(&self, check: &str, verdict: &str, said: &str, hint: &str) {
        let troubles = self.troubles();
        let shown = format!("{}: {}", self.what, serde_json::to_string_pretty(&troubles).unwrap());
        assert_eq!(troubles.len(), 1, "{check}: {shown}\n{}", self.run.err);
        let found = troubles[0];
        assert_eq!((&found["check"], &found["verdict"]), (&json!(check), &json!(verdict)), "{shown}");
        assert!(found["said"].as_str().unwrap().contains(said), "no {said:?} in {shown}");
        assert!(found["hint"].as_str().unwrap_or_default().contains(hint), "no {hint:?} in {shown}");
        assert_eq!(self.run.code, Some(i32::from(verdict == "wrong")), "{shown}");
    }
}

fn usual() -> Seed {
    generate(4, 4, 1).unwrap()
}

/// Returns the site's configuration with the components that its offering sells.
fn config(site: &Site, changes: &[(&str, Value)]) -> Value {
    let component =
        |kind: &str, unit: &str| json!({ "type": kind, "measured_unit": unit, "accounting_type": "limit" });
    let sold = json!({
        "cpu": component("cpu", "cores"), "memory": component("ram", "GB"), "storage": component("storage", "GB"),
    });
    let all: Vec<(&str, Value)> =
        [("backend_components", sold)].into_iter().chain(changes.iter().cloned()).collect();
    site.config_with(&all)
}

async fn text(site: &Site, config: &Value) -> Run {
    let file = site.file("diagnosed.yaml", &config.to_string());
    super::run(&site.home, &["diagnose", "-c", file.to_str().unwrap()]).await
}

/// Diagnoses a site, and holds it to writing nothing: no server is asked to change anything, nor is anything different.
async fn diagnose(site: &Site, config: &Value) -> Told {
    let before = without_logins(site.sandbox.snapshot());
    let file = site.file("diagnosed.yaml", &config.to_string());
    let run = super::run(&site.home, &["diagnose", "--format", "json", "-c", file.to_str().unwrap()]).await;
    let written: Vec<String> = site
        .sandbox
        .journal()
        .iter()
        .filter(|exchange| exchange.write && !exchange.path.ends_with("/token"))
        .map(|exchange| format!("{} {}", exchange.method, exchange.path))
        .collect();
    assert_eq!(written, Vec::<String>::new(), "a diagnosis wrote something");
    let after = without_logins(site.sandbox.snapshot());
    for system in ["waldur", "rancher", "keycloak"] {
        assert!(after[system] == before[system], "a diagnosis changed something in {system}");
    }
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|why| panic!("{why}: {run:?}"));
    assert_eq!(document["format_version"], 1);
    Told { what: site.home.display().to_string(), all: document["findings"].as_array().unwrap().clone(), run }
}

/// Forgets how often somebody logged in: a reader has to.
fn without_logins(mut snapshot: Value) -> Value {
    for realm in snapshot["keycloak"]["realms"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        realm["logins"] = Value::Null;
        realm["sessions"] = Value::Null;
    }
    snapshot
}

/// Compares what is printed with what was printed before, but for ports and times.
fn is_as_before(site: &Site, name: &str, text: &str) {
    let text: String = site
        .plain(text)
        .lines()
        .map(|line| match line.split_once("answer: within ") {
            Some((before, _)) => format!("{before}answer: within N ms\n"),
            None => format!("{line}\n"),
        })
        .collect();
    insta::with_settings!({
        snapshot_path => "../snapshots/diagnose", prepend_module_to_snapshot => false, omit_expression => true,
    }, { insta::assert_snapshot!(name, text) });
}

#[tokio::test]
async fn a_healthy_site_is_told_check_by_check() {
    let site = Site::of("diagnose-healthy", usual()).await;
    let run = text(&site, &config(&site, &[])).await.ends(0);
    assert_eq!((run.err.as_str(), site.writes()), ("", 0));
    is_as_before(&site, "healthy", &run.out);
}

#[tokio::test]
async fn a_sick_site_is_told_with_hints_and_what_was_not_checked() {
    let mut seed = usual();
    seed.waldur.offerings[0].offering_type = "Marketplace.Basic".to_owned();
    seed.rancher.role_templates.push(locked("project-member"));
    let site = Site::of("diagnose-sick", seed).await;
    let changes = [("keycloak_client_secret", json!("wrong-wrong-wrong"))];
    let run = text(&site, &config(&site, &changes)).await.ends(1);
    assert_eq!(run.err, "");
    is_as_before(&site, "sick", &run.out);
}

fn locked(role: &str) -> agent::sandbox::rancher::RoleTemplate {
    let (id, context) = (role.to_owned(), "project".to_owned());
    agent::sandbox::rancher::RoleTemplate { id, context, locked: true, ..Default::default() }
}

#[tokio::test]
async fn json_says_what_the_text_says() {
    let site = Site::of("diagnose-json", usual()).await;
    let config = config(&site, &[("default_role", json!("nobody"))]);
    let told = diagnose(&site, &config).await;
    let text = text(&site, &config).await.ends(1).out;
    let lines = text.lines().filter(|line| line.starts_with("  ") && !line.starts_with("     ")).count();
    assert_eq!(told.all.len(), lines, "{text}");
    for finding in &told.all {
        assert!(text.contains(finding["place"].as_str().unwrap()), "{finding}");
        let systems = ["configuration", "waldur", "rancher", "keycloak"];
        assert!(systems.contains(&finding["system"].as_str().unwrap()), "{finding}");
    }
    told.is_just("roles", "wrong", "there is no role nobody", "default_role or in role_map");
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_all_that_is_found() {
    let site = Site::of("diagnose-no-config", usual()).await;
    let broken = site.config_with(&[("cluster_id", Value::Null), ("waldur_offering_uuid", json!("x"))]);
    let told = diagnose(&site, &broken).await;
    let said: Vec<(&str, &str)> = told
        .all
        .iter()
        .map(|finding| (finding["check"].as_str().unwrap(), finding["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(said, [("configuration", "wrong"), ("configuration", "wrong"), ("configuration", "unknown")]);
    assert_eq!(told.run.code, Some(1));
    assert!(site.sandbox.journal().is_empty(), "nobody is asked");
    let nowhere = super::run(&site.home, &["diagnose", "-c", "nowhere.yaml"]).await.ends(1);
    assert!(
        nowhere.out.contains("there is no configuration file nowhere.yaml\n           hint: name the file")
    );
}

#[tokio::test]
async fn one_silent_system_hides_none_of_the_others() {
    for (key, url, system) in [
        ("waldur_api_url", "http://127.0.0.1:9/api/", System::Waldur),
        ("backend_url", "http://127.0.0.1:9", System::Rancher),
        ("keycloak_url", "http://127.0.0.1:9", System::Keycloak),
    ] {
        let site = Site::of(&format!("diagnose-silent-{system}"), usual()).await;
        let told = diagnose(&site, &config(&site, &[(key, json!(url))])).await;
        told.is_just("answer", "wrong", "no connection", "is the server up");
        for finding in told.all.iter().filter(|finding| finding["check"] != "configuration") {
            let silent = finding["system"] == system.as_str();
            // Nobody but the agent is known to this Rancher, so how people log in is not known either.
            let silent = silent || finding["check"] == "mapper";
            let expected: &[&str] = if silent { &["wrong", "unknown"] } else { &["ok", "remark"] };
            assert!(expected.contains(&finding["verdict"].as_str().unwrap()), "{system}: {finding}");
            if finding["verdict"] == "unknown" {
                assert!(finding["said"].as_str().unwrap().starts_with("not checked: "), "{finding}");
            }
        }
    }
}

#[tokio::test]
async fn a_name_is_told_with_what_it_stands_for() {
    let site = Site::of("diagnose-name", usual()).await;
    let port = site.running.waldur.port().unwrap();
    let changes = [("waldur_api_url", json!(format!("http://localhost:{port}/api/")))];
    let told = diagnose(&site, &config(&site, &changes)).await;
    assert_eq!(told.troubles(), Vec::<&Value>::new());
    let names: Vec<&Value> = told.of("name").collect();
    assert_eq!((names.len(), &names[0]["system"]), (1, &json!("waldur")), "an address has no name");
    let said = names[0]["said"].as_str().unwrap();
    assert!(said.starts_with("localhost is ") && said.contains("127.0.0.1"), "{said}");
}

#[tokio::test]
async fn hostile_names_are_harmless() {
    let mut seed = usual();
    let evil = "\u{1b}[2J\u{202e}evil\nok: all is well";
    evil.clone_into(&mut seed.waldur.offerings[0].name);
    evil.clone_into(&mut seed.waldur.offerings[0].components[0].measured_unit);
    evil.clone_into(&mut seed.rancher.clusters[0].name);
    evil.clone_into(&mut seed.rancher.users[0].username);
    seed.waldur.offerings[0].plugin_options.insert("username_generation_policy".to_owned(), json!(evil));
    let site = Site::of("diagnose-hostile", seed).await;
    let run = text(&site, &config(&site, &[("name", json!("a\u{1b}[1mb"))])).await.ends(0);
    for letter in ['\u{1b}', '\u{202e}'] {
        assert!(!run.out.contains(letter), "{:?}", run.out);
    }
    assert!(!run.out.lines().any(|line| line.starts_with("ok: ")), "{}", run.out);
    assert!(run.out.contains("\\u{1b}"), "it is shown by its code:\n{}", run.out);
}
