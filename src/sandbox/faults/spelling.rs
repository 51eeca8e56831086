//! How a fault is written: as text, and in JSON as an object of the same words.

use std::fmt;

use axum::http::Method;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::grammar::{self, BadFault};
use super::{Fault, Page, What, When};
use crate::sandbox::span;
use crate::sandbox::system::System;

/// A fault in JSON: its parts in the words of the text form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    #[serde(default = "any")]
    system: String,
    #[serde(default = "any")]
    method: String,
    #[serde(default = "any")]
    path: String,
    #[serde(default = "always")]
    when: String,
    what: String,
}

fn any() -> String {
    "*".to_owned()
}

fn always() -> String {
    When::Always.to_string()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = self.system.map_or("*", System::as_str);
        let method = self.method.as_ref().map_or("*", Method::as_str);
        write!(f, "{system} {method} {} ", self.path)?;
        if self.when != When::Always {
            write!(f, "{} ", self.when)?;
        }
        self.what.fmt(f)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Status { code, retry_after, page } => {
                write!(f, "status {}", code.as_u16())?;
                if let Some(seconds) = retry_after {
                    write!(f, " retry-after {seconds}")?;
                }
                match page {
                    Page::Json => "",
                    Page::Html => " html",
                }
            }
            Self::Delay(length) => return write!(f, "delay {}", span::render(*length)),
            Self::Unauthorized => "unauthorized",
            Self::Html => "html",
            Self::Empty => "empty",
            Self::Truncate => "truncate",
            Self::DuplicateRows => "duplicate-rows",
            Self::Hang => "hang",
            Self::HangAfter => "hang-after",
            Self::ResetBefore => "reset-before",
            Self::ResetAfter => "reset-after",
        };
        f.write_str(word)
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = Parts {
            system: self.system.map_or_else(any, |system| system.to_string()),
            method: self.method.as_ref().map_or_else(any, Method::to_string),
            path: self.path.to_string(),
            when: self.when.to_string(),
            what: self.what.to_string(),
        };
        parts.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An untagged enum would answer every mistake with "did not match any variant".
        let spelled = Value::deserialize(deserializer)?;
        let read = match spelled.as_str() {
            Some(text) => text.parse(),
            None => Parts::deserialize(spelled).map_err(de::Error::custom)?.read(),
        };
        read.map_err(de::Error::custom)
    }
}

impl Parts {
    fn read(&self) -> Result<Fault, BadFault> {
        Ok(Fault {
            system: grammar::system(&self.system)?,
            method: grammar::method(&self.method)?,
            path: self.path.parse().map_err(BadFault)?,
            when: self.when.parse()?,
            what: self.what.parse()?,
        })
    }
}
