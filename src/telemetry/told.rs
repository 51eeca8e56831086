//! Something that people are told: what, how grave it is, and what to do.

use tracing::Level;

use super::TOLD;

/// Something that people are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    level: Level,
    /// What it begins with where people read it: "error", "warning", "note", or nothing.
    mark: Option<&'static str>,
    what: String,
    hints: Vec<String>,
    detail: Detail,
}

/// What programs learn beside the words; people read it in the words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// About what, in words.
    pub about: Option<String>,
    /// Why.
    pub because: Option<String>,
    /// How a step ended.
    pub outcome: Option<&'static str>,
}

impl Told {
    /// Something that happened.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            level: Level::INFO,
            mark: None,
            what: what.into(),
            hints: Vec::new(),
            detail: Detail::default(),
        }
    }

    /// Something that went wrong, and what to do.
    pub fn error(what: &str, hints: &[String]) -> Self {
        Self { level: Level::ERROR, mark: Some("error"), hints: hints.to_vec(), ..Self::new(what) }
    }

    /// Something that may be wrong, and what to do.
    pub fn warning(what: &str, hints: &[String]) -> Self {
        Self { level: Level::WARN, mark: Some("warning"), hints: hints.to_vec(), ..Self::new(what) }
    }

    /// Something to know: nothing has to be done.
    pub fn note(what: &str) -> Self {
        Self { mark: Some("note"), ..Self::new(what) }
    }

    /// Sets how grave it is; the words stay.
    #[must_use]
    pub fn at(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: Option<&str>) -> Self {
        self.hints.extend(hint.map(str::to_owned));
        self
    }

    /// Adds what programs learn beside the words.
    #[must_use]
    pub fn with(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// Tells it, whatever becomes of that.
    pub fn emit(&self) {
        let Self { level, mark, what, hints, detail } = self;
        let Detail { about, because, outcome } = detail;
        let hint = (!hints.is_empty()).then(|| hints.join("\n"));
        let (hint, about, because) = (hint.as_deref(), about.as_deref(), because.as_deref());
        macro_rules! emit {
            ($level:expr) => {
                tracing::event!(target: TOLD, $level, mark, hint, about, because, outcome, "{what}")
            };
        }
        match *level {
            Level::ERROR => emit!(Level::ERROR),
            Level::WARN => emit!(Level::WARN),
            _ => emit!(Level::INFO),
        }
    }
}

impl From<&str> for Told {
    fn from(what: &str) -> Self {
        Self::new(what)
    }
}

impl From<&String> for Told {
    fn from(what: &String) -> Self {
        Self::new(what)
    }
}

impl From<&Self> for Told {
    fn from(told: &Self) -> Self {
        told.clone()
    }
}
