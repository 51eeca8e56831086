//! From events and the spans around them to lines on stderr.

use std::fmt;
use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record as Recorded};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::dress::{Format, Record};
use super::{Broken, TOLD};

/// Writes a line for each event.
#[derive(Debug)]
pub(super) struct Lines {
    format: Format,
    colours: bool,
    broken: Broken,
}

/// Fields by name, in the order in which they came; what comes later under the same name counts.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(&'static str, Value)>);

// === impl Lines ===

impl Lines {
    pub(super) const fn new(format: Format, colours: bool, broken: Broken) -> Self {
        Self { format, colours, broken }
    }

    fn write(&self, line: &str) {
        let mut out = io::stderr().lock();
        match out.write_all(line.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => {}
            // Nobody listens any more. The work goes on.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Err(error) => {
                if let Ok(mut broken) = self.broken.lock() {
                    *broken = Some(error);
                }
            }
        }
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Recorded<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(Fields(outer)) = span.extensions().get::<Fields>() {
                for (name, value) in outer {
                    fields.set(name, value.clone());
                }
            }
        }
        event.record(&mut fields);
        #[expect(clippy::disallowed_methods, reason = "a line of the log says when it was written")]
        let at = Timestamp::now();
        let record = Record {
            at,
            level: *event.metadata().level(),
            told: event.metadata().target() == TOLD,
            message: fields.take("message").unwrap_or_default(),
            mark: fields.take("mark"),
            fields: fields.0,
        };
        self.write(&record.dressed(self.format, self.colours));
    }
}

// === impl Fields ===

impl Fields {
    fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        let (_, value) = self.0.remove(place);
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field.name(), format!("{value:?}").into());
    }
}
