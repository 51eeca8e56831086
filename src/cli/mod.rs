//! The command line: one file per verb, whose doc comment is its `--help`, and the adapters that join rooms.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

mod apply;
mod ask;
mod capture;
mod completions;
mod components;
mod connect;
#[cfg(feature = "sandbox")]
mod demo;
mod diagnose;
mod doors;
mod exit;
mod explain;
mod failure;
mod format;
mod live;
mod log;
mod plan;
mod progress;
mod reconcile;
mod report;
mod reports;
mod rounds;
#[cfg(feature = "sandbox")]
mod sandbox;
mod schema;
#[cfg(feature = "sandbox")]
mod seed;
mod shell;
mod show;
mod style;
#[cfg(feature = "sandbox")]
mod town;

pub use exit::Exit;

use failure::Failure;

/// Keeps Rancher projects and Keycloak groups in line with what a Waldur marketplace says
#[derive(Debug, Parser)]
#[command(name = "agent", version, after_help = exit::HELP, subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,

    #[command(flatten)]
    log: log::Log,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Plan(plan::Plan),
    Show(show::Show),
    Apply(apply::Apply),
    Reconcile(reconcile::Reconcile),
    Report(report::Report),
    Diagnose(diagnose::Diagnose),
    Explain(explain::Explain),
    Components(components::Components),
    Capture(capture::Capture),
    #[cfg(feature = "sandbox")]
    Sandbox(sandbox::Sandbox),
    #[cfg(feature = "sandbox")]
    Demo(demo::Demo),
    Schema(schema::Schema),
    Completions(completions::Completions),
}

/// Which configuration to read.
#[derive(Debug, Args)]
struct ConfigFile {
    /// The configuration [default: $AGENT_CONFIG, else waldur-site-agent-config.yaml]
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Parses a command line, runs it, and returns its exit code. Everything is written before it returns.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    cli.log.begin();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => {
            let ended = runtime.block_on(run(cli.verb));
            // A terminal that is still being read must not hold the program up.
            runtime.shutdown_background();
            ended
        }
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(Failure { exit, what, hints }) => match style::tell(&style::error(&what, &hints)) {
            Ok(()) => exit.into(),
            Err(_) => Exit::Error.into(),
        },
    }
}

async fn run(verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Plan(plan) => plan.run().await,
        Verb::Show(show) => show.run(),
        Verb::Apply(apply) => apply.run().await,
        Verb::Reconcile(reconcile) => reconcile.run().await,
        Verb::Report(report) => report.run().await,
        Verb::Diagnose(diagnose) => diagnose.run().await,
        Verb::Explain(explain) => explain.run().await,
        Verb::Components(components) => components.run().await,
        Verb::Capture(capture) => capture.run().await,
        #[cfg(feature = "sandbox")]
        Verb::Sandbox(sandbox) => sandbox.run().await,
        #[cfg(feature = "sandbox")]
        Verb::Demo(demo) => demo.run().await,
        Verb::Schema(schema) => schema.run(),
        Verb::Completions(completions) => completions.run(),
    }
}

/// Prints what clap has to say: help and version are data, everything else a usage error.
fn refuse(error: &clap::Error) -> ExitCode {
    match error.print() {
        // A reader that went away has read enough.
        Err(problem) if problem.kind() != ErrorKind::BrokenPipe => Exit::Error.into(),
        Ok(()) | Err(_) if error.use_stderr() => Exit::Usage.into(),
        Ok(()) | Err(_) => Exit::Success.into(),
    }
}
