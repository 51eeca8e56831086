//! Every way the simulated Waldur says no, each with the body it was recorded with.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::language::Language;

/// Every way to say no.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// No token, or another scheme: 401.
    NoCredentials,
    /// The scheme without a token: 401.
    EmptyCredentials,
    /// More than two words in the header: 401.
    TokenWithSpaces,
    /// A token that nobody has: 401.
    InvalidToken,
    /// A token that was idle for too long: 401.
    ExpiredToken,
    /// The token of a switched-off account: 401.
    InactiveUser,
    /// Seen, but not allowed: 403.
    Forbidden,
    /// Not there, or not visible to this token: 404 with the name of the model.
    NoObject(&'static str),
    /// No such page: 404.
    InvalidPage,
    /// No such path or action: 404 in HTML, which is how a client tells a missing action from a missing object.
    NoPath,
    /// No such method here: 405.
    Method(Method),
    /// The caller takes no JSON: 406.
    NotAcceptable,
    /// A body in an unknown format: 415.
    MediaType(String),
    /// A body that is not JSON: 400.
    NotJson(String),
    /// Fields or filters that do not hold: 400, texts by field.
    Invalid(Map<String, Value>),
    /// What an action does not like about its object: 400, a bare list of texts.
    List(Vec<String>),
    /// What an action lacks: 400, one text under `details`.
    Details(String),
    /// The action does not fit the object's state: 409.
    Conflict(String),
    /// Part of an object that is not there: 404 without a body.
    NoPart,
    /// The action is not for offerings of this type: 405, in words that were meant for something else.
    OfferingType(String),
    /// The server fell over: 500 in HTML, nothing changed.
    Crash,
}

// === impl Refusal ===

impl Refusal {
    /// Returns a refusal of one field.
    pub(super) fn field(name: &str, text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self::Invalid(Map::from_iter([(name.to_owned(), json!([text]))]))
    }

    pub(super) fn answer(&self, language: Language) -> Answer {
        let say = |english: &str, german: &str| json!({"detail": language.choose(english, german)});
        match self {
            Self::NoCredentials
            | Self::EmptyCredentials
            | Self::TokenWithSpaces
            | Self::InvalidToken
            | Self::ExpiredToken
            | Self::InactiveUser => Answer::unauthorized(&json!({"detail": self.why_unknown(language)})),
            Self::Forbidden => Answer::json(
                403,
                &say(
                    "You do not have permission to perform this action.",
                    "Sie sind nicht berechtigt diese Aktion durchzuführen.",
                ),
            ),
            // This text is not translated on the real server either.
            Self::NoObject(model) => {
                Answer::json(404, &json!({"detail": format!("No {model} matches the given query.")}))
            }
            Self::InvalidPage => Answer::json(404, &say("Invalid page.", "Ungültige Seite.")),
            Self::NoPath => Answer::html(404, NOT_FOUND),
            Self::Method(method) => Answer::json(
                405,
                &say(
                    &format!("Method \"{method}\" not allowed."),
                    &format!("Methode \"{method}\" nicht erlaubt."),
                ),
            ),
            Self::NotAcceptable => Answer::json(
                406,
                &say(
                    "Could not satisfy the request Accept header.",
                    "Kann die Accept Kopfzeile der Anfrage nicht erfüllen.",
                ),
            ),
            Self::MediaType(name) => Answer::json(
                415,
                &say(
                    &format!("Unsupported media type \"{name}\" in request."),
                    &format!("Nicht unterstützter Medientyp \"{name}\" in der Anfrage."),
                ),
            ),
            Self::NotJson(why) => Answer::json(400, &json!({"detail": format!("JSON parse error - {why}")})),
            Self::Invalid(fields) => Answer::json(400, &Value::Object(fields.clone())),
            Self::List(texts) => Answer::json(400, &json!(texts)),
            Self::Details(text) => Answer::json(400, &json!({"details": text})),
            Self::Conflict(text) => Answer::json(409, &json!({"detail": text})),
            Self::NoPart => Answer::empty(404),
            Self::OfferingType(kind) => {
                let why = format!("The order's offering with {kind} type does not support this action");
                let english = format!("Method \"{why}\" not allowed.");
                let german = format!("Methode \"{why}\" nicht erlaubt.");
                Answer::json(405, &say(&english, &german))
            }
            Self::Crash => Answer::html(500, SERVER_ERROR),
        }
    }

    fn why_unknown(&self, language: Language) -> String {
        let (english, german) = match self {
            Self::EmptyCredentials => {
                ("Invalid token. No credentials provided.", "Ungültiges Token. Keine Anmeldedaten angegeben.")
            }
            Self::TokenWithSpaces => (
                "Invalid token. Token string should not contain spaces.",
                "Ungültiges Token. Die Token-Zeichenkette darf keine Leerzeichen enthalten.",
            ),
            Self::InvalidToken => ("Invalid token.", "Ungültiges Token"),
            Self::ExpiredToken => ("Token has expired.", "Token ist abgelaufen."),
            Self::InactiveUser => ("User inactive or deleted.", "Benutzer inaktiv oder gelöscht."),
            Self::NoCredentials
            | Self::Forbidden
            | Self::NoObject(_)
            | Self::InvalidPage
            | Self::NoPath
            | Self::Method(_)
            | Self::NotAcceptable
            | Self::MediaType(_)
            | Self::NotJson(_)
            | Self::Invalid(_)
            | Self::List(_)
            | Self::Details(_)
            | Self::Conflict(_)
            | Self::NoPart
            | Self::OfferingType(_)
            | Self::Crash => ("Authentication credentials were not provided.", "Anmeldedaten fehlen."),
        };
        language.choose(english, german)
    }
}

const NOT_FOUND: &str = "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n  \
    <h1>Not Found</h1><p>The requested resource was not found on this server.</p>\n</body>\n</html>\n";

const SERVER_ERROR: &str = "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>Server Error (500)</title>\n\
    </head>\n<body>\n  <h1>Server Error (500)</h1><p></p>\n</body>\n</html>\n";
