//! How much is logged, and in which form: the same options for every verb.

use clap::{Args, ValueEnum};

use crate::config::LogLevel;
use crate::telemetry;

/// What the command line says about the log.
#[derive(Debug, Args)]
pub(super) struct Log {
    /// How much to say on stderr: error, warn, info or debug [default: the configuration's log_level, else info]
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        value_enum,
        ignore_case = true,
        hide_possible_values = true
    )]
    log_level: Option<Level>,

    /// How to say it: as text, or as json for what ships logs, an object a line [default: text]
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        value_enum,
        ignore_case = true,
        hide_possible_values = true
    )]
    log_format: Option<Format>,
}

/// How much: what goes wrong, also what might, also what is done, also every request. What libraries would add below that
/// is about bytes, and may be secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    #[value(alias = "critical")]
    Error,
    #[value(alias = "warning")]
    Warn,
    Info,
    Debug,
}

/// In which form: lines for people, or one JSON object a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Log {
    /// Begins to log as the command line says.
    pub(super) fn begin(&self) {
        let format = match self.log_format {
            None | Some(Format::Text) => telemetry::Format::Text,
            Some(Format::Json) => telemetry::Format::Json,
        };
        telemetry::begin(format, self.log_level.map(Level::threshold));
    }
}

impl Level {
    const fn threshold(self) -> tracing::Level {
        match self {
            Self::Error => tracing::Level::ERROR,
            Self::Warn => tracing::Level::WARN,
            Self::Info => tracing::Level::INFO,
            Self::Debug => tracing::Level::DEBUG,
        }
    }
}

/// Follows what the configuration says, unless the command line says something else.
pub(super) fn follow(level: LogLevel) {
    let level = match level {
        LogLevel::Error => Level::Error,
        LogLevel::Warn => Level::Warn,
        LogLevel::Info => Level::Info,
        LogLevel::Debug => Level::Debug,
    };
    telemetry::follow(level.threshold());
}
