//! `agent completions`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::exit::Exit;
use super::failure::Failure;
use super::style;

/// Prints what a shell needs to complete this command line
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Cli::command(), "agent", &mut script);
        style::print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Success)
    }
}
