//! The log on stderr: how much, and in which dress.

use std::io;

use anstream::{AutoStream, ColorChoice};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogLevel;

/// Begins to log. Only the first call counts, so that the command line goes before the configuration.
pub(super) fn begin(level: Level) {
    let colours = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    // What libraries have to say in detail is about bytes, and nobody has looked whether it may hold secrets.
    let ours = Targets::new().with_default(level.min(Level::WARN)).with_target("agent", level);
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(colours)
        // Whoever closed stderr does not want to hear of it, and saying so there would end the program.
        .log_internal_errors(false)
        .with_target(false)
        .finish();
    let _already_begun = subscriber.with(ours).try_init();
}

/// Returns what the configuration's word means.
pub(super) const fn level(word: LogLevel) -> Level {
    match word {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
    }
}
