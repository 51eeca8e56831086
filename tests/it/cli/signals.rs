//! `reconcile`: once, again and again, and until a signal.

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use super::{PATIENCE, Site, agent};

#[tokio::test]
async fn one_cycle_brings_a_site_in_line_and_the_next_finds_nothing() {
    let site = Site::open("reconcile-once").await;
    let first = site.agent(&["reconcile", "--once"]).await.ends(0);
    assert!(first.out.contains("Plan: "), "{}", first.out);
    let written = site.writes();
    let second = site.agent(&["reconcile", "--once"]).await.ends(0);
    assert!(second.out.starts_with("No changes. "), "{}", second.out);
    assert!(second.err.contains(" cycle: 0 steps done."), "{}", second.err);
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

/// Starts `reconcile` and waits until its first cycle is through.
async fn resting(site: &Site) -> Child {
    let config = site.config_file();
    let arguments = ["reconcile", "--interval", "1h", "-c", config.to_str().unwrap()];
    let mut child = agent(&site.home, &arguments).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    tokio::time::timeout(PATIENCE, async {
        while !told.next_line().await.unwrap().unwrap().contains(" cycle: ") {}
    })
    .await
    .unwrap();
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
