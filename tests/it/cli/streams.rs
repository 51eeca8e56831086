//! stdout, stderr and their readers.

use std::process::Stdio;

use tokio::io::AsyncReadExt;

use super::{PATIENCE, Site, agent, ended, home, run};

const ESCAPE: char = '\u{1b}';

#[tokio::test]
async fn no_colour_goes_where_no_terminal_is() {
    let site = Site::open("plain").await;
    site.sandbox.inject("keycloak GET /admin/* #3 status 500".parse().unwrap());
    let config = site.config_file();
    for verb in [&["plan"][..], &["apply", "--auto-approve"], &["plan", "--offering", "nobody"]] {
        for (name, value) in [("NO_COLOR", "1"), ("TERM", "xterm-256color")] {
            let mut arguments = verb.to_vec();
            arguments.extend(["--log-level", "debug", "-c", config.to_str().unwrap()]);
            let mut command = agent(&site.home, &arguments);
            command.env(name, value);
            let run = ended(command).await;
            assert!(!run.out.contains(ESCAPE), "{}", run.out);
            assert!(!run.err.contains(ESCAPE), "{}", run.err);
        }
    }
}

#[tokio::test]
async fn colour_can_be_asked_for_and_says_nothing_that_the_signs_do_not() {
    let site = Site::open("colour").await;
    let plain = site.agent(&["plan"]).await.ends(0);
    let config = site.config_file();
    let mut command = agent(&site.home, &["plan", "-c", config.to_str().unwrap()]);
    command.env("CLICOLOR_FORCE", "1");
    let painted = ended(command).await.ends(0);
    assert!(painted.out.contains(ESCAPE));
    let mut bare = String::new();
    for (number, part) in painted.out.split(ESCAPE).enumerate() {
        bare.push_str(if number == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(bare, plain.out);
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_panic() {
    let site = Site::open("pipe").await;
    let config = site.config_file();
    for verb in
        [&["plan"][..], &["plan", "--format", "json"], &["capture"], &["completions", "bash"], &["--help"]]
    {
        let mut arguments = verb.to_vec();
        if !matches!(verb[0], "completions" | "--help") {
            arguments.extend(["-c", config.to_str().unwrap()]);
        }
        let mut child = agent(&site.home, &arguments).spawn().unwrap();
        drop(child.stdout.take());
        let mut told = String::new();
        let mut stderr = child.stderr.take().unwrap();
        tokio::time::timeout(PATIENCE, stderr.read_to_string(&mut told)).await.unwrap().unwrap();
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
        assert!(!told.contains("panicked"), "{verb:?}: {told}");
        assert_eq!(ended.code(), Some(0), "{verb:?}: {told}");
    }
}

#[tokio::test]
async fn with_nobody_listening_to_the_narrative_the_work_goes_on() {
    let site = Site::open("deaf").await;
    let config = site.config_file();
    let arguments = ["apply", "--auto-approve", "--log-level", "debug", "-c", config.to_str().unwrap()];
    let mut child = agent(&site.home, &arguments).stdout(Stdio::null()).spawn().unwrap();
    drop(child.stderr.take());
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0));
    site.agent(&["plan", "--detailed-exitcode"]).await.ends(0);
}

#[tokio::test]
async fn data_goes_to_stdout_and_narrative_to_stderr() {
    let site = Site::open("two-streams").await;
    assert_eq!(site.agent(&["plan"]).await.ends(0).err, "");
    let wrong = run(&home("two-streams-wrong"), &["plan"]).await.ends(1);
    assert_eq!(wrong.out, "");
    let version = run(&home("two-streams-version"), &["--version"]).await.ends(0);
    assert_eq!(version.err, "");
}

#[tokio::test]
async fn the_log_level_is_the_command_lines_else_the_configurations() {
    let site = Site::open("log-level").await;
    let mut config = site.config();
    // A key of the Python agent that is not followed: a note.
    config["sentry_dsn"] = "https://sentry.example/1".into();
    site.file("info.yaml", &config.to_string());
    config["log_level"] = "WARNING".into();
    site.file("warning.yaml", &config.to_string());
    run(&site.home, &["plan", "-c", "info.yaml"]).await.ends(0).err_has("note: sentry_dsn");
    assert_eq!(run(&site.home, &["plan", "-c", "warning.yaml"]).await.ends(0).err, "");
    let debug = run(&site.home, &["plan", "-c", "warning.yaml", "--log-level", "debug"]).await.ends(0);
    assert!(debug.err.contains("DEBUG asked system=waldur request="), "{}", debug.err);
    assert_eq!(run(&site.home, &["plan", "-c", "info.yaml", "--log-level", "error"]).await.ends(0).err, "");
}
