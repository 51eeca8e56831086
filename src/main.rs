//! `agent`: parse, run, exit.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    agent::cli::main(std::env::args_os())
}
