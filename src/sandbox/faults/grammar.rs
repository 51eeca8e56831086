//! The one grammar of faults: `<system> <METHOD> <path> [<when>] <what>`.

use std::fmt;
use std::iter::Peekable;
use std::str::{FromStr, SplitWhitespace};

use axum::http::{Method, StatusCode};

use super::{Calls, Fault, Page, Share, What, When};
use crate::sandbox::span;
use crate::sandbox::system::System;

/// A fault that cannot be read, with what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadFault(pub(super) String);

/// The words of a fault that are still to be read.
pub(super) type Words<'text> = Peekable<SplitWhitespace<'text>>;

const FORM: &str = "a fault is `<system> <METHOD> <path> [<when>] <what>`, such as \
                    `rancher POST /v3/projects #2 reset-after`; the first three may be `*`";
const WHEN: &str = "`#3`, `#3..5` (both ends belong to it), `#3..`, `10%`, `10% seed 7` or `always`";
const WHAT: &str = "`status 503 [retry-after 2] [html]`, `unauthorized`, `html`, `empty`, `truncate`, \
                    `duplicate-rows`, `hang`, `hang-after`, `reset-before`, `reset-after` or `delay 500ms`";

/// The methods that a fault may name.
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// Reads faults from lines of text; empty lines and lines that begin with `#` say nothing.
pub fn parse_lines(text: &str) -> Result<Vec<Fault>, BadFault> {
    text.lines()
        .enumerate()
        .map(|(number, line)| (number + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| line.parse().map_err(|BadFault(why)| BadFault(format!("line {number}: {why}"))))
        .collect()
}

/// Reads all of `text` with `read`; words left over are an error.
pub(super) fn whole<T>(
    text: &str,
    read: impl FnOnce(&mut Words<'_>) -> Result<T, BadFault>,
) -> Result<T, BadFault> {
    let mut words = text.split_whitespace().peekable();
    let read = read(&mut words)?;
    match words.next() {
        Some(word) => Err(BadFault(format!("`{word}` is too much in `{text}`: {FORM}"))),
        None => Ok(read),
    }
}

fn fault(words: &mut Words<'_>) -> Result<Fault, BadFault> {
    let mut part = |name| words.next().ok_or_else(|| BadFault(format!("the {name} is missing: {FORM}")));
    let (on_system, on_method, on_path) = (part("system")?, part("method")?, part("path")?);
    Ok(Fault {
        system: system(on_system)?,
        method: method(on_method)?,
        path: on_path.parse().map_err(BadFault)?,
        when: when(words)?,
        what: what(words)?,
    })
}

pub(super) fn system(word: &str) -> Result<Option<System>, BadFault> {
    if word == "*" { Ok(None) } else { word.parse().map(Some).map_err(BadFault) }
}

pub(super) fn method(word: &str) -> Result<Option<Method>, BadFault> {
    if word == "*" {
        return Ok(None);
    }
    let known = METHODS.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(word));
    known.map(Some).ok_or_else(|| BadFault(format!("`{word}` is no method: write GET, POST, PUT ... or *")))
}

/// Reads when a fault hits. It may be left out: what begins with no digit, `#` or `always` belongs to what follows.
pub(super) fn when(words: &mut Words<'_>) -> Result<When, BadFault> {
    let wrong = |word: &str| BadFault(format!("`{word}` does not say when: write {WHEN}"));
    let begins = |word: &&str| {
        *word == "always" || word.starts_with(|first: char| first == '#' || first.is_ascii_digit())
    };
    let Some(word) = words.next_if(begins) else { return Ok(When::Always) };
    if word == "always" {
        return Ok(When::Always);
    }
    if let Some(calls) = word.strip_prefix('#') {
        return Calls::parse(calls).map(When::Calls).ok_or_else(|| wrong(word));
    }
    let percent = word.strip_suffix('%').ok_or_else(|| wrong(word))?;
    let seed = match words.next_if_eq(&"seed") {
        Some(_) => number(words, "seed")?,
        None => 0,
    };
    Share::parse(percent, seed).map(When::Share).ok_or_else(|| wrong(word))
}

fn what(words: &mut Words<'_>) -> Result<What, BadFault> {
    let word = words.next().ok_or_else(|| BadFault(format!("what happens is missing: write {WHAT}")))?;
    Ok(match word {
        "status" => status(words)?,
        "unauthorized" => What::Unauthorized,
        "html" => What::Html,
        "empty" => What::Empty,
        "truncate" => What::Truncate,
        "duplicate-rows" => What::DuplicateRows,
        "hang" => What::Hang,
        "hang-after" => What::HangAfter,
        "reset-before" => What::ResetBefore,
        "reset-after" => What::ResetAfter,
        "delay" => {
            let length =
                words.next().ok_or_else(|| BadFault("delay needs a duration: `delay 500ms`".to_owned()))?;
            What::Delay(span::parse(length).map_err(BadFault)?)
        }
        _ => return Err(BadFault(format!("`{word}` does not say what happens: write {WHAT}"))),
    })
}

fn status(words: &mut Words<'_>) -> Result<What, BadFault> {
    let code: u16 = number(words, "status")?;
    let code = StatusCode::from_u16(code)
        .ok()
        .filter(|code| (200..600).contains(&code.as_u16()))
        .ok_or_else(|| BadFault(format!("`status {code}` cannot be answered: write one from 200 to 599")))?;
    let retry_after = match words.next_if_eq(&"retry-after") {
        Some(_) => Some(number(words, "retry-after")?),
        None => None,
    };
    let page = if words.next_if_eq(&"html").is_some() { Page::Html } else { Page::Json };
    Ok(What::Status { code, retry_after, page })
}

fn number<T: FromStr>(words: &mut Words<'_>, after: &str) -> Result<T, BadFault> {
    let word = words.next().unwrap_or_default();
    word.parse().map_err(|_| BadFault(format!("`{after}` needs a whole number, not `{word}`")))
}

impl fmt::Display for BadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadFault {}

impl FromStr for Fault {
    type Err = BadFault;

    fn from_str(text: &str) -> Result<Self, BadFault> {
        whole(text, fault)
    }
}

impl FromStr for What {
    type Err = BadFault;

    fn from_str(text: &str) -> Result<Self, BadFault> {
        whole(text, what)
    }
}
