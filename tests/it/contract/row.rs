//! One row of the contract: a call, and what must come back.

use serde_json::{Value, json};

use super::server::{Body, Got, Version};

/// A call and what must come back. Rows of a chapter are asked one after another, in one realm.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// As whom, in the words of [`Server::token`](super::server::Server::token).
    pub(super) who: &'static str,
    /// The method, and a path below the realm's admin API; with a slash in front, below the server; with `^` in front,
    /// below the host. `{name}` is the id of what is called so, and `{R}` the realm.
    pub(super) call: &'static str,
    pub(super) body: Body,
    /// What must come back, by the version from which on it is so: the last one that is not too new counts.
    pub(super) expected: Vec<(Version, u16, Is)>,
    /// How later rows call what this one makes.
    pub(super) makes: Option<&'static str>,
}

/// What a body must be.
#[derive(Debug, Clone)]
pub(super) enum Is {
    /// Nothing at all.
    Empty,
    /// Whatever; the comparison with the sandbox looks closer.
    Any,
    /// This text.
    Text(&'static str),
    /// This JSON.
    Just(Value),
    /// A list whose rows have these names or usernames, in this order.
    Names(&'static [&'static str]),
    /// A list of so many rows.
    Rows(usize),
    /// At this JSON pointer, this value.
    At(&'static str, Value),
    /// At this JSON pointer, this number or one less: time passes between a question and its answer.
    About(&'static str, u64),
    /// At this JSON pointer, an object (or the first row of a list) that has these keys.
    Has(&'static str, &'static [&'static str]),
    /// At this JSON pointer nothing, although there is something above it.
    Absent(&'static str),
    /// All of these.
    All(Vec<Self>),
}

/// Begins a row as the client that may manage users, and as nothing but that.
pub(super) fn row(name: &'static str, call: &'static str, status: u16, is: Is) -> Row {
    let expected = vec![((0, 0, 0), status, is)];
    Row { name, who: "with-manage-users", call, body: Body::None, expected, makes: None }
}

impl Row {
    pub(super) fn by(self, who: &'static str) -> Self {
        Self { who, ..self }
    }

    pub(super) fn json(self, body: Value) -> Self {
        Self { body: Body::Json(body), ..self }
    }

    pub(super) fn raw(self, body: &'static str) -> Self {
        Self { body: Body::Raw(body), ..self }
    }

    pub(super) fn form(self, form: &str) -> Self {
        Self { body: Body::Form(form.to_owned()), ..self }
    }

    pub(super) fn makes(self, name: &'static str) -> Self {
        Self { makes: Some(name), ..self }
    }

    /// Says what must come back from a version on.
    pub(super) fn since(mut self, version: Version, status: u16, is: Is) -> Self {
        self.expected.push((version, status, is));
        self
    }

    /// Returns what must come back of a server of this version.
    pub(super) fn expected_of(&self, version: Version) -> (u16, &Is) {
        let fits = self.expected.iter().rfind(|(since, _, _)| *since <= version);
        let (_, status, is) = fits.expect("the first expectation is that of all versions");
        (*status, is)
    }
}

impl Is {
    /// Returns whether a body is that.
    pub(super) fn holds(&self, got: &Got) -> bool {
        let body = got.json();
        match self {
            Self::Empty => got.text.is_empty(),
            Self::Any => true,
            Self::Text(text) => got.text == *text,
            Self::Just(value) => body == *value,
            Self::Names(names) => body.as_array().is_some_and(|rows| {
                let called =
                    |row: &Value| row.get("username").or(row.get("name")).cloned().unwrap_or_default();
                rows.iter().map(called).eq(names.iter().map(|name| json!(name)))
            }),
            Self::Rows(count) => body.as_array().is_some_and(|rows| rows.len() == *count),
            Self::At(pointer, value) => body.pointer(pointer) == Some(value),
            Self::About(pointer, number) => {
                let found = body.pointer(pointer).and_then(Value::as_u64);
                found.is_some_and(|found| found <= *number && *number <= found + 1)
            }
            Self::Has(pointer, keys) => body.pointer(pointer).is_some_and(|found| {
                let object = found.get(0).unwrap_or(found);
                keys.iter().all(|key| object.get(key).is_some())
            }),
            Self::Absent(pointer) => {
                let above = pointer.rsplit_once('/').map_or("", |(above, _)| above);
                body.pointer(above).is_some() && body.pointer(pointer).is_none()
            }
            Self::All(all) => all.iter().all(|is| is.holds(got)),
        }
    }
}

/// The body of an exception, which 24 and 25 lengthen.
pub(super) fn error(text: &str) -> Is {
    Is::At("/error", json!(text))
}

/// The body of a refusal on purpose.
pub(super) fn message(text: &str) -> Is {
    Is::At("/errorMessage", json!(text))
}

/// The body of a refusal of OAuth.
pub(super) fn oauth(error: &str, description: &str) -> Is {
    Is::Just(json!({ "error": error, "error_description": description }))
}
