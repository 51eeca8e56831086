//! The log: whatever is said can be laid to a cycle, and read by whoever ships it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::{PATIENCE, Run, Site, agent, home, run};

type Record = Map<String, Value>;

/// Reads stderr as a shipper does: an object on each line, with the three keys that are always there.
fn records(text: &str) -> Vec<Record> {
    let record = |line: &str| {
        let record: Record = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for key in ["timestamp", "level", "message"] {
            assert!(record.get(key).is_some_and(Value::is_string), "no {key}: {line}");
        }
        record["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        record
    };
    text.lines().map(record).collect()
}

fn messages<'a>(records: &'a [Record], level: &str) -> Vec<&'a str> {
    let of_level = records.iter().filter(|record| record["level"] == level);
    of_level.map(|record| record["message"].as_str().unwrap()).collect()
}

async fn once(site: &Site, further: &[&str]) -> Run {
    let mut arguments = vec!["reconcile", "--once", "--log-format", "json"];
    arguments.extend(further);
    site.agent(&arguments).await
}

#[tokio::test]
async fn everything_of_a_cycle_is_json_and_bears_its_number() {
    let site = Site::open("logs-json").await;
    let run = once(&site, &[]).await.ends(0);
    assert_eq!(run.out, "", "what ships both streams can read both");
    let records = records(&run.err);
    assert!(records.iter().all(|record| record["cycle"] == 1), "{}", run.err);
    let planned: Vec<_> =
        messages(&records, "info").into_iter().filter(|it| it.starts_with("planned: ")).collect();
    let done: Vec<&Record> = records.iter().filter(|record| record.contains_key("outcome")).collect();
    assert_eq!(planned.len(), done.len());
    assert!(done.iter().all(|record| record["outcome"] == "done" && record["because"].is_string()));
    let last = records.last().unwrap();
    assert_eq!(last["message"], format!("{} steps done.", done.len()));
    assert!(messages(&records, "info").iter().any(|it| it.starts_with("Plan: ")), "{}", run.err);
    assert_eq!(messages(&records, "debug"), [""; 0]);
}

#[tokio::test]
async fn every_request_bears_its_number_its_system_and_its_attempt() {
    let site = Site::open("logs-requests").await;
    site.sandbox.inject("rancher GET /v3/roletemplates #1 status 503".parse().unwrap());
    let run = once(&site, &["--log-level", "debug"]).await.ends(0);
    let records = records(&run.err);
    let asked: Vec<&Record> = records.iter().filter(|record| record["message"] == "asked").collect();
    assert!(asked.iter().all(|record| record["cycle"] == 1 && record["level"] == "debug"));
    let mut systems = BTreeSet::new();
    let mut calls: BTreeMap<u64, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for record in &asked {
        systems.insert(record["system"].as_str().unwrap());
        for number in ["request", "attempt", "ms", "bytes", "status"] {
            assert!(record[number].is_u64(), "no {number}: {record:?}");
        }
        let call = (record["method"].as_str().unwrap(), record["path"].as_str().unwrap());
        calls.entry(record["request"].as_u64().unwrap()).or_default().insert(call);
    }
    assert_eq!(systems, ["keycloak", "rancher", "waldur"].into());
    assert!(calls.values().all(|calls| calls.len() == 1), "a number is one request's: {calls:?}");
    assert_eq!(asked.len() as u64, site.sandbox.journal().len() as u64, "every attempt is told");

    let again: Vec<&&Record> = asked.iter().filter(|record| record["path"] == "/v3/roletemplates").collect();
    let attempts: Vec<_> =
        again.iter().map(|one| (&one["attempt"], &one["status"], &one["request"])).collect();
    assert_eq!(attempts, [(&json!(1), &json!(503), attempts[0].2), (&json!(2), &json!(200), attempts[0].2)]);
    let pause = records.iter().find(|record| record["message"] == "will ask again").unwrap();
    assert_eq!((&pause["attempt"], &pause["request"]), (&json!(1), attempts[0].2));
}

#[tokio::test]
async fn writes_are_told_with_what_of_them_may_be_shown() {
    let site = Site::open("logs-bodies").await;
    site.sandbox.inject("rancher POST /v3/projects #1 status 422".parse().unwrap());
    let run = once(&site, &["--log-level", "debug"]).await.ends(5);
    let records = records(&run.err);
    let posts = |path: &str| -> Vec<&Record> {
        records
            .iter()
            .filter(|one| one.get("method") == Some(&json!("POST")) && one["path"] == path)
            .collect()
    };
    let projects = posts("/v3/projects");
    let sent: Value = serde_json::from_str(projects[0]["sent"].as_str().unwrap()).unwrap();
    assert_eq!(sent["clusterId"], site.seed.rancher.clusters[0].id.as_str());
    assert_eq!((sent.get("name"), sent.get("description")), (None, None));
    assert_eq!(sent["annotations"]["waldur/managed"], "true");
    let refused = projects.iter().find(|one| one["status"] == 422).unwrap();
    assert!(refused["answered"].as_str().unwrap().contains("\"status\":422"), "{refused:?}");
    let logins: Vec<_> = posts("/realms/waldur/protocol/openid-connect/token");
    assert!(logins.iter().all(|one| one["sent"].as_str().unwrap().ends_with(" bytes")), "{logins:?}");
    // What was merely read is not repeated.
    let reads = records.iter().filter(|one| one.get("method") == Some(&json!("GET")) && one["status"] == 200);
    assert!(reads.clone().count() > 5 && reads.clone().all(|one| !one.contains_key("answered")));
    let people =
        records.iter().filter_map(|one| one.get("path")?.as_str()).filter(|path| path.contains("/users/"));
    assert!(people.clone().count() > 0 && people.clone().all(|path| path.contains("/users/…")));
}

#[tokio::test]
async fn a_level_keeps_back_what_is_below_it_and_keeps_the_cycle() {
    let site = Site::open("logs-levels").await;
    site.sandbox.inject("rancher POST /v3/projects #1 status 403".parse().unwrap());
    let failed = once(&site, &["--log-level", "error"]).await.ends(5);
    let all = records(&failed.err);
    assert_eq!(messages(&all, "error").len(), all.len());
    let failures: Vec<&Record> =
        all.iter().filter(|one| one.get("outcome") == Some(&json!("failed"))).collect();
    assert!(!failures.is_empty() && failures.iter().all(|one| one["cycle"] == 1), "{}", failed.err);
    let well = once(&site, &["--log-level", "WARNING"]).await.ends(0);
    assert_eq!(well.err, "", "no news is good news");
    let unknown = site.agent(&["plan", "--log-level", "trace"]).await.ends(64);
    assert!(unknown.err.contains("[possible values: error, warn, info, debug]"), "{}", unknown.err);
}

#[tokio::test]
async fn what_is_held_is_a_warning_with_what_releases_it() {
    let site = Site::open("logs-held").await;
    site.sandbox.inject("keycloak * * html".parse().unwrap());
    let run = once(&site, &[]).await.ends(6);
    let records = records(&run.err);
    let error = records.iter().find(|record| record["level"] == "error").unwrap();
    assert!(error["hint"].as_str().unwrap().contains("login page"), "{error:?}");
    let unread = messages(&records, "warn");
    assert!(unread.iter().any(|it| it.starts_with("unread: ")), "{unread:?}");
    assert!(unread.last().unwrap().ends_with(" could not be read."), "{unread:?}");
}

#[tokio::test]
async fn a_failure_before_anything_begins_is_json_too() {
    let nothing = run(&home("logs-nothing"), &["plan", "--log-format", "json"]).await.ends(1);
    assert_eq!(nothing.out, "");
    let records = records(&nothing.err);
    assert_eq!(messages(&records, "error").len(), 1, "{}", nothing.err);
    assert!(records[0]["hint"].is_string());
}

#[tokio::test]
async fn every_line_of_a_long_run_belongs_to_a_cycle_a_look_or_a_report() {
    let site = Site::open("logs-rounds").await;
    let config = site.config_file();
    for format in ["json", "text"] {
        let fixed = ["reconcile", "--interval", "1h", "--orders-interval", "1s", "--log-level", "debug"];
        let further = ["--log-format", format, "-c", config.to_str().unwrap()];
        let mut child = agent(&site.home, &[&fixed[..], &further[..]].concat()).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut lines: Vec<String> = Vec::new();
        let mut asked_for = false;
        let reading = async {
            let has = |lines: &[String], marks: &[String]| {
                marks.iter().all(|mark| lines.iter().any(|line| line.contains(mark.as_str())))
            };
            let mark = |round: &str, number: u8| match format {
                "json" => format!("\"{round}\":{number},"),
                _ => format!(" {round}={number} "),
            };
            let first = [mark("orders", 2), mark("usage", 1)];
            let second = [mark("cycle", 2)];
            loop {
                lines.push(told.next_line().await.unwrap().unwrap());
                if !asked_for && has(&lines, &first) {
                    asked_for = true;
                    let hangup = format!("kill -HUP {}", child.id().unwrap());
                    let sent = tokio::process::Command::new("sh").args(["-c", &hangup]).status().await;
                    assert!(sent.unwrap().success());
                } else if asked_for && has(&lines, &second) {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap();
        child.start_kill().unwrap();
        child.wait().await.unwrap();
        for line in &lines {
            let rounds = ["cycle", "orders", "usage"].into_iter().filter(|round| match format {
                "json" => records(line)[0].contains_key(*round),
                _ => line.contains(&format!(" {round}=")) || line[24..].starts_with(&format!(" {round} ")),
            });
            assert_eq!(rounds.count(), 1, "{line}");
        }
    }
}

#[tokio::test]
async fn people_at_a_terminal_are_told_as_ever() {
    let site = Site::open("logs-people").await;
    let applied = site.agent(&["apply", "--auto-approve"]).await.ends(0);
    let lines: Vec<&str> = applied.err.lines().collect();
    let (last, steps) = lines.split_last().unwrap();
    assert!(steps.iter().all(|line| line.starts_with('[')), "{}", applied.err);
    assert_eq!(*last, format!("{} steps done.", steps.len()));
    let logged = site.agent(&["apply", "--auto-approve", "--log-format", "json"]).await.ends(0);
    assert!(logged.out.starts_with("No changes. "), "data stays data: {}", logged.out);
}
