//! `reconcile`: once, again and again, and until a signal.

use agent::sandbox::Meddling;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr};

use super::{PATIENCE, Site, agent};

#[tokio::test]
async fn one_cycle_brings_a_site_in_line_and_the_next_finds_nothing() {
    let site = Site::open("reconcile-once").await;
    let first = site.agent(&["reconcile", "--once"]).await.ends(0);
    assert!(first.out.contains("Plan: "), "{}", first.out);
    let written = site.writes();
    let second = site.agent(&["reconcile", "--once"]).await.ends(0);
    assert!(second.out.starts_with("No changes. "), "{}", second.out);
    assert!(second.err.contains(" cycle 1: 0 steps done."), "{}", second.err);
    assert_eq!(site.writes(), written);
}

#[tokio::test]
async fn who_only_observes_tells_the_plan_and_writes_nothing() {
    let site = Site::open("observe-only").await;
    let run = site.agent(&["reconcile", "--once", "--observe-only"]).await.ends(0);
    assert!(run.out.contains("Plan: "), "{}", run.out);
    assert!(run.err.contains(" steps not taken: only observing."), "{}", run.err);
    assert_eq!(site.writes(), 0);
}

#[tokio::test]
async fn one_cycle_does_what_it_can_and_tells_the_rest() {
    let site = Site::open("reconcile-half").await;
    site.sandbox.inject("keycloak * * html".parse().unwrap());
    let run = site.agent(&["reconcile", "--once"]).await.ends(6);
    assert!(run.err.contains("error: the groups of the realm waldur cannot be read"), "{}", run.err);
    assert!(run.err.contains(" done. 1 thing could not be read."), "{}", run.err);
    assert!(site.writes() > 0, "Rancher's part goes on without Keycloak");
    site.sandbox.clear_faults();
    site.sandbox.inject("keycloak * * unauthorized".parse().unwrap());
    site.agent(&["reconcile", "--once"]).await.ends(1);
}

type Told = Lines<BufReader<ChildStderr>>;

/// Reads on until a cycle is through; returns what was told meanwhile.
async fn through_a_cycle(told: &mut Told) -> String {
    let mut lines = String::new();
    let read = async {
        while !lines.contains(" steps done.") {
            lines.push_str(&told.next_line().await.unwrap().unwrap());
            lines.push('\n');
        }
    };
    tokio::time::timeout(PATIENCE, read).await.unwrap();
    lines
}

/// Starts `reconcile` with further arguments, and waits until its first cycle is through.
async fn begun(site: &Site, further: &[&str]) -> (Child, Told) {
    let config = site.config_file();
    let mut arguments = vec!["reconcile", "--interval", "1h", "-c", config.to_str().unwrap()];
    arguments.extend(further);
    let mut child = agent(&site.home, &arguments).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    through_a_cycle(&mut told).await;
    (child, told)
}

/// Starts `reconcile` and waits until its first cycle is through.
async fn resting(site: &Site) -> Child {
    let (child, mut told) = begun(site, &[]).await;
    // What it still has to say must find a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = told.next_line().await {} });
    child
}

/// Sends a signal by the shell's own means: this package forbids unsafe code.
async fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id().unwrap());
    assert!(tokio::process::Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
}

#[tokio::test]
async fn a_request_to_terminate_ends_the_rest_with_143() {
    let site = Site::open("sigterm").await;
    let mut child = resting(&site).await;
    signal(&child, "TERM").await;
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(143));
}

#[tokio::test]
async fn an_interrupt_ends_the_rest_with_130() {
    let site = Site::open("sigint").await;
    let mut child = resting(&site).await;
    signal(&child, "INT").await;
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(130));
}

#[tokio::test]
async fn a_hangup_begins_a_cycle_at_once() {
    let site = Site::open("sighup").await;
    let (mut child, mut told) = begun(&site, &[]).await;
    for number in 2..4 {
        signal(&child, "HUP").await;
        let lines = through_a_cycle(&mut told).await;
        assert!(
            lines.contains(&format!("Z cycle {number}: note: somebody asked for it: a cycle begins\n")),
            "{lines}"
        );
    }
    signal(&child, "TERM").await;
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(143));
}

#[tokio::test]
async fn a_new_order_begins_a_cycle_long_before_the_next_one_is_due() {
    let site = Site::open("new-order").await;
    let (mut child, mut told) = begun(&site, &["--orders-interval", "1s"]).await;
    let order = json!({
        "system": "waldur", "act": "place-order", "name": "Dark matter", "limits": { "cpu": 1, "memory": 1 },
        "offering_uuid": site.seed.waldur.offerings[0].uuid, "project_uuid": site.seed.waldur.projects[0].uuid,
    });
    let order: Meddling = serde_json::from_value(order).unwrap();
    site.sandbox.meddle(order).unwrap();
    let lines = through_a_cycle(&mut told).await;
    assert!(lines.contains("Z cycle 2: note: 1 order is new or has changed: a cycle begins\n"), "{lines}");
    signal(&child, "INT").await;
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(130));
    site.agent(&["plan", "--detailed-exitcode"]).await.ends(0);
}

#[tokio::test]
async fn a_signal_amid_the_steps_finishes_what_is_in_flight() {
    let site = Site::open("sigterm-amid").await;
    // The first write takes a while; the signal comes when it has been seen.
    site.sandbox.inject("* POST /v3/projects delay 300ms".parse().unwrap());
    let config = site.config_file();
    let mut child =
        agent(&site.home, &["apply", "--auto-approve", "-c", config.to_str().unwrap()]).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = tokio::time::timeout(PATIENCE, told.next_line()).await.unwrap().unwrap().unwrap();
    assert!(first.starts_with('['), "{first}");
    signal(&child, "TERM").await;
    let mut last = first;
    while let Some(line) = tokio::time::timeout(PATIENCE, told.next_line()).await.unwrap().unwrap() {
        last = line;
    }
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(143));
    assert!(last.contains("skipped") && last.contains("stopped before"), "{last}");
    // Whoever comes next finishes the work.
    site.sandbox.clear_faults();
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    site.agent(&["plan", "--detailed-exitcode"]).await.ends(0);
}
