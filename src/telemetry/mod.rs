//! What the program says on stderr: lines for people, or one JSON object a line for a log shipper.
//!
//! Everything goes one way. What a verb tells people ([`tell`]) and what the rooms note on the way are events of
//! `tracing`, and the spans around them say to which cycle, system and request they belong. Nothing else writes to
//! stderr, but for a question that somebody has to answer, and clap where a command line is no command.

mod dress;
mod layer;
mod told;

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use anstream::{AutoStream, ColorChoice};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, reload};

pub use dress::Format;
pub use told::{Detail, Told};

use layer::Lines;

/// The target of what is meant for people: it is shown without its time where one person looks on.
const TOLD: &str = "agent::told";

/// The log of this process; a process has one stderr.
static LOG: OnceLock<Log> = OnceLock::new();

#[derive(Debug)]
struct Log {
    format: Format,
    /// How much is said; nothing more to set where the command line has spoken.
    level: Option<reload::Handle<Targets, Registry>>,
    broken: Broken,
}

/// What went wrong with stderr, until somebody asks.
type Broken = Arc<Mutex<Option<io::Error>>>;

/// Begins to log. Without a level it is info until [`follow`] says otherwise. Only the first call counts.
pub fn begin(format: Format, level: Option<Level>) {
    let colours = format == Format::Text && AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    let broken = Broken::default();
    let (filter, handle) = reload::Layer::new(up_to(level.unwrap_or(Level::INFO)));
    let lines = Lines::new(format, colours, Arc::clone(&broken));
    if Registry::default().with(filter).with(lines).try_init().is_err() {
        return;
    }
    let _already_begun = LOG.set(Log { format, level: level.is_none().then_some(handle), broken });
    if format == Format::Json {
        // Whoever ships the log must be told of a defect, too, and in a form that they can read.
        std::panic::set_hook(Box::new(|panic| tracing::error!(target: TOLD, "this is a defect: {panic}")));
    }
}

/// Follows the configuration's level, unless the command line has named one.
pub fn follow(level: Level) {
    if let Some(handle) = LOG.get().and_then(|log| log.level.as_ref()) {
        // Refused only once the log is gone, with the program.
        let _ = handle.reload(up_to(level));
    }
}

/// Returns in which form everything is said.
pub fn format() -> Format {
    LOG.get().map_or(Format::Text, |log| log.format)
}

/// Tells people something, and returns what is wrong with stderr. A reader that went away is no error.
pub fn tell(told: &Told) -> io::Result<()> {
    told.emit();
    let broken = LOG.get().and_then(|log| log.broken.lock().ok()?.take());
    broken.map_or(Ok(()), Err)
}

/// What libraries have to say in detail is about bytes, and nobody has looked whether it may hold secrets.
fn up_to(level: Level) -> Targets {
    Targets::new().with_default(level.min(Level::WARN)).with_target("agent", level)
}
