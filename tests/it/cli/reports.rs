//! `agent report`: what its users see of it, and what `agent reconcile` makes of it beside its cycles.

use agent::sandbox::{Meddling, System};
use serde_json::{Value, json};

use super::Site;

/// Opens a site in which every resource has its project, and one of them is used.
async fn in_use(name: &str) -> Site {
    let site = Site::open(name).await;
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    let snapshot = site.sandbox.snapshot_of(System::Rancher);
    let ours = snapshot["projects"].as_array().unwrap().iter();
    let mut ours: Vec<&Value> =
        ours.filter(|project| !project["annotations"]["waldur/resource_uuid"].is_null()).collect();
    ours.sort_by_key(|project| project["name"].as_str());
    let id = ours[0]["id"].as_str().unwrap().to_owned();
    meddle(&site, &json!({ "system": "rancher", "act": "use-project", "project_id": id }));
    site
}

/// Compares what is printed with what was printed before, whatever month it is by now.
fn is_as_before(name: &str, text: &str) {
    let (before, after) = text.split_once(", usage in ").unwrap();
    let text = format!("{before}, usage in YYYY-MM{}", &after["2026-11".len()..]);
    insta::with_settings!({
        snapshot_path => "../snapshots/reports", prepend_module_to_snapshot => false, omit_expression => true,
    }, { insta::assert_snapshot!(name, text) });
}

fn meddle(site: &Site, act: &Value) {
    let act: Meddling = serde_json::from_value(act.clone()).unwrap();
    site.sandbox.meddle(act).unwrap();
}

#[tokio::test]
async fn a_dry_run_shows_a_table_and_sends_nothing() {
    let site = in_use("report-dry").await;
    let before = site.writes();
    let run = site.agent(&["report", "--dry-run"]).await.ends(0);
    is_as_before("dry-run", &run.out);
    assert_eq!(run.err, "");
    assert_eq!(site.writes(), before, "a dry run wrote something");
}

#[tokio::test]
async fn a_report_is_sent_once_and_the_next_one_has_nothing_to_say() {
    let site = in_use("report").await;
    let before = site.writes();
    let first = site.agent(&["report"]).await.ends(0).err_has("4 reports sent.\n");
    assert!(first.out.ends_with("Report: 4 resources differ from the last report.\n"), "{}", first.out);
    assert_eq!(site.writes(), before + 4);
    let second = site.agent(&["report"]).await.ends(0).err_has("0 reports sent.\n");
    assert!(second.out.contains("Report: 0 resources differ from the last report, 4 as last reported."));
    assert_eq!(site.writes(), before + 4);
}

#[tokio::test]
async fn json_says_the_same_and_what_became_of_it() {
    let site = in_use("report-json").await;
    let dry = site.agent(&["report", "--dry-run", "--format", "json"]).await.ends(0);
    let dry: Value = serde_json::from_str(&dry.out).unwrap();
    assert_eq!((&dry["format_version"], &dry["month"]), (&json!(1), &dry["month"]));
    let run = site.agent(&["report", "--format", "json"]).await.ends(0);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let resources = report["offerings"][0]["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 4);
    for (sent, seen) in resources.iter().zip(dry["offerings"][0]["resources"].as_array().unwrap()) {
        assert_eq!((&sent["verdict"], &sent["outcome"]), (&json!("differs"), &json!("sent")));
        assert_eq!((&sent["components"], seen.get("outcome")), (&seen["components"], None));
    }
    let used: Vec<&Value> =
        resources.iter().map(|one| &one["components"]["cpu"]["now"]).filter(|now| *now != "0.00").collect();
    assert_eq!(used, ["7.50"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_ends_in_6() {
    let site = in_use("report-blind").await;
    site.sandbox.inject("rancher GET /k8s/clusters/*/api/v1/pods status 403".parse().unwrap());
    let run = site.agent(&["report"]).await.ends(6).err_has("0 reports sent.\n");
    is_as_before("pods-forbidden", &site.plain(&run.out));
    site.sandbox.clear_faults();

    site.sandbox.inject("rancher * * unauthorized".parse().unwrap());
    site.agent(&["report"]).await.ends(1).err_has("error: the projects of the cluster ");
    site.agent(&["report", "--format", "json"]).await.ends(1);
    site.sandbox.clear_faults();
    site.sandbox.inject("waldur * * html".parse().unwrap());
    site.agent(&["report"]).await.ends(6).err_has("error: the components of the offering ");
}

#[tokio::test]
async fn what_waldur_does_not_take_is_said_and_ends_in_5() {
    let site = in_use("report-refused").await;
    let fault = "waldur POST /api/marketplace-component-usages/set_usage/ #1 status 400";
    site.sandbox.inject(fault.parse().unwrap());
    let run = site.agent(&["report"]).await.ends(5).err_has("3 reports sent, 1 failed.\n");
    assert!(run.err.contains("cannot be reported: waldur: POST "), "{}", run.err);
}

#[tokio::test]
async fn an_offering_whose_usage_is_not_reported_is_said_to_be_so() {
    let site = Site::open("report-off").await;
    let off = site.file("off.yaml", &site.config_with(&[("reporting_backend", "".into())]).to_string());
    let off = off.to_str().unwrap();
    let run = super::run(&site.home, &["report", "-c", off]).await.ends(1);
    assert!(
        run.err
            .contains("error: no offering's usage is reported\n  hint: write `reporting_backend: rancher`")
    );
    assert!(site.sandbox.journal().is_empty(), "nobody is asked");
    site.agent(&["report", "--offering", "Kubernetes projects", "--dry-run"]).await.ends(0);
    site.agent(&["report", "--offering", "Kubernetes"]).await.ends(1).err_has("there is no offering");
}

#[tokio::test]
async fn reconcile_reports_usage_beside_its_cycles() {
    let site = in_use("report-reconcile").await;
    let config = site.config_file();
    let usages = |site: &Site| site.sandbox.snapshot_of(System::Waldur)["usages"].as_array().unwrap().len();
    // Watching tells, and sends nothing.
    watched(
        &site,
        &["reconcile", "-c", config.to_str().unwrap(), "--observe-only"],
        "4 reports not sent: only observing.",
    )
    .await;
    assert_eq!(usages(&site), 0);
    watched(&site, &["reconcile", "-c", config.to_str().unwrap()], " usage 1: 4 reports sent.").await;
    assert_eq!(usages(&site), 12 - 4, "two components of four resources");
    let run = site.agent(&["reconcile", "--once"]).await.ends(0);
    assert!(!run.err.contains(" usage 1: "), "{}", run.err);
}

/// Runs the program until it says something, and stops it as an operator would.
async fn watched(site: &Site, arguments: &[&str], until: &str) {
    use tokio::io::{AsyncBufReadExt, BufReader};
    let mut child = super::agent(&site.home, arguments).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let waiting = async {
        let mut all = Vec::new();
        while let Some(line) = told.next_line().await.unwrap() {
            if line.contains(until) {
                return;
            }
            all.push(line);
        }
        panic!("it never said {until:?}:\n{}", all.join("\n"));
    };
    tokio::time::timeout(super::PATIENCE, waiting).await.unwrap();
    let kill = format!("kill -INT {}", child.id().unwrap());
    assert!(tokio::process::Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
    let ended = tokio::time::timeout(super::PATIENCE, child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(130));
}
