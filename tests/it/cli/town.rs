//! `agent sandbox`: a town in one terminal, the agent in another.

use std::path::Path;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use super::{PATIENCE, agent, home, run};

/// Opens a town with the program and waits until it serves.
async fn opened(home: &Path, arguments: &[&str]) -> Child {
    let mut all = vec!["sandbox", "--config-out", "c.yaml"];
    all.extend(arguments);
    let mut child = agent(home, &all).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let serving = async {
        loop {
            let line = told.next_line().await.unwrap().unwrap();
            if line.starts_with("Serving") {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, serving).await.unwrap();
    child
}

async fn closed(mut child: Child) {
    let kill = format!("kill -INT {}", child.id().unwrap());
    assert!(tokio::process::Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0), "whoever stops a sandbox means it");
}

#[tokio::test]
async fn the_readmes_first_steps_work_as_they_are_written() {
    let home = home("first-steps");
    let town = opened(&home, &[]).await;
    let plan = run(&home, &["plan", "-c", "c.yaml"]).await.ends(0);
    assert_eq!(plan.err, "", "a configuration that the program itself wrote needs no remark");
    run(&home, &["apply", "-c", "c.yaml", "--auto-approve"]).await.ends(0);
    run(&home, &["plan", "-c", "c.yaml", "--detailed-exitcode"]).await.ends(0).out_has("No changes. ");
    closed(town).await;
}

#[tokio::test]
async fn an_older_waldur_can_be_tried_too_and_is_told_what_it_can_be_told() {
    let home = home("older-waldur");
    let town = opened(&home, &["--waldur", "2024", "--resources", "2"]).await;
    let plan = run(&home, &["plan", "-c", "c.yaml"]).await.ends(0);
    assert!(plan.out.contains("tell Waldur what serves it"), "{}", plan.out);
    assert!(!plan.out.contains("that it was looked at"), "it has no such action: {}", plan.out);
    run(&home, &["apply", "-c", "c.yaml", "--auto-approve"]).await.ends(0);
    run(&home, &["plan", "-c", "c.yaml", "--detailed-exitcode"]).await.ends(0).out_has("No changes. ");
    closed(town).await;
}

#[tokio::test]
async fn the_configuration_goes_to_stdout_if_no_file_is_named() {
    let home = home("town-stdout");
    let mut child = agent(&home, &["sandbox", "--resources", "1", "--members", "1"]).spawn().unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = tokio::time::timeout(PATIENCE, printed.next_line()).await.unwrap().unwrap().unwrap();
    assert_eq!(first, "offerings:");
    drop(child.stderr.take());
    child.start_kill().unwrap();
    child.wait().await.unwrap();
}

/// Replaces whatever is minted by a server, so that two plans can be compared by what they would do.
fn steps(text: &str) -> Vec<String> {
    let steps = text.lines().filter(|line| {
        let mut signs = line.trim_start().chars();
        line.starts_with("    ") && matches!(signs.next(), Some('+' | '~' | '-')) && signs.next() == Some(' ')
    });
    steps.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_captured_world_can_be_opened_as_a_town_that_plans_the_same() {
    let home = home("town-of-a-capture");
    let fixture = super::repository("fixtures/first-resource.yaml");
    let fixture = fixture.to_str().unwrap();
    let town = opened(&home, &["--world", fixture]).await;
    let captured = run(&home, &["plan", "--world", fixture]).await.ends(0);
    let live = run(&home, &["plan", "-c", "c.yaml"]).await.ends(0);
    // The world does not say what Waldur was told; a town's Waldur does.
    let is_told =
        |step: &String| ["what serves it", "that it was looked at"].iter().any(|it| step.ends_with(it));
    let (told, planned): (Vec<_>, Vec<_>) = steps(&live.out).into_iter().partition(is_told);
    assert_eq!(told.len(), 2);
    assert_eq!(planned, steps(&captured.out));
    assert!(!steps(&live.out).is_empty());
    run(&home, &["apply", "-c", "c.yaml", "--auto-approve"]).await.ends(0);
    run(&home, &["plan", "-c", "c.yaml", "--detailed-exitcode"]).await.ends(0);
    closed(town).await;
}

#[tokio::test]
async fn the_way_from_the_python_plugin_is_as_the_readme_says() {
    let home = home("moving-over");
    let town =
        opened(&home, &["--world", &super::repository("fixtures/moving-over.yaml").display().to_string()])
            .await;
    let first = run(&home, &["plan", "-c", "c.yaml"]).await.ends(0);
    assert!(first.out.contains("Plan: 5 to adopt, 0 to add, 0 to change, 0 to remove."), "{}", first.out);
    assert!(!first.out.contains("Access: "), "nobody gains or loses anything: {}", first.out);
    run(&home, &["apply", "-c", "c.yaml", "--auto-approve"]).await.ends(0);
    let second = run(&home, &["plan", "-c", "c.yaml"]).await.ends(0);
    assert!(second.out.contains("    - remove bea from "), "{}", second.out);
    assert!(second.out.contains("Plan: 0 to add, 5 to change, 1 to remove."), "{}", second.out);
    run(&home, &["apply", "-c", "c.yaml", "--auto-approve"]).await.ends(0);
    let third = run(&home, &["plan", "-c", "c.yaml", "--detailed-exitcode"]).await.ends(0);
    assert!(third.out.contains("No changes. "), "{}", third.out);
    closed(town).await;
}
