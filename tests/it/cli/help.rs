//! What the program says about itself.

use super::{home, run};
use crate::readme::VERBS;

async fn help(name: &str, arguments: &[&str]) {
    let mut command = super::agent(&home(&format!("help-{name}")), arguments);
    // clap wraps to the terminal's width, and to a hundred columns without one.
    command.env("COLUMNS", "100");
    let run = super::ended(command).await.ends(0);
    assert_eq!(run.err, "");
    insta::with_settings!({
        snapshot_path => "../snapshots/help", prepend_module_to_snapshot => false, omit_expression => true,
    }, { insta::assert_snapshot!(name, run.out) });
}

macro_rules! helps {
    ($($test:ident = $name:literal $arguments:expr;)+) => { $(
        #[tokio::test]
        async fn $test() {
            help($name, &$arguments).await;
        }
    )+ };
}

helps! {
    the_program_explains_itself = "agent" ["--help"];
    plan_explains_itself = "plan" ["plan", "--help"];
    show_explains_itself = "show" ["show", "--help"];
    apply_explains_itself = "apply" ["apply", "--help"];
    reconcile_explains_itself = "reconcile" ["reconcile", "--help"];
    report_explains_itself = "report" ["report", "--help"];
    diagnose_explains_itself = "diagnose" ["diagnose", "--help"];
    components_explain_themselves = "components" ["components", "load", "--help"];
    explain_explains_itself = "explain" ["explain", "--help"];
    capture_explains_itself = "capture" ["capture", "--help"];
    sandbox_explains_itself = "sandbox" ["sandbox", "--help"];
    demo_explains_itself = "demo" ["demo", "--help"];
    schema_explains_itself = "schema" ["schema", "--help"];
    completions_explain_themselves = "completions" ["completions", "--help"];
}

#[tokio::test]
async fn every_help_that_can_end_badly_lists_the_exit_codes() {
    let home = home("codes");
    for verb in [
        &["--help"][..],
        &["plan", "--help"],
        &["apply", "--help"],
        &["reconcile", "--help"],
        &["report", "--help"],
        &["explain", "--help"],
        &["components", "load", "--help"],
    ] {
        let run = run(&home, verb).await.ends(0);
        for code in ["0", "1", "2", "3", "4", "5", "6", "64"] {
            assert!(run.out.contains(&format!("\n{code:>5}  ")), "{code} is not in the help of {verb:?}");
        }
    }
}

#[tokio::test]
async fn the_version_is_the_packages() {
    let run = run(&home("version"), &["--version"]).await.ends(0);
    assert_eq!(run.out, concat!("agent ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[tokio::test]
async fn completions_know_every_verb_in_every_shell() {
    let home = home("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = run(&home, &["completions", shell]).await.ends(0);
        for verb in VERBS {
            assert!(run.out.contains(verb), "{verb} is not in the completions of {shell}");
        }
    }
}
