//! One value of the document and the typed ways to read it; whatever is wrong with it is reported where it stands.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::SignedDuration;

use super::keys::Place;
use super::path::{KeyPath, shown};
use super::reader::Reader;
use super::section::Section;
use super::tree::{Map, Node};

/// A value, or the place where it would stand.
pub(super) struct Entry<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) path: KeyPath,
    pub(super) node: Option<&'a Node>,
    /// Whether an unknown key beside it was clearly meant to be this one: it is reported there, not as missing.
    pub(super) misspelled: bool,
}

impl<'a> Entry<'a> {
    /// Returns whether anything is written there.
    pub(super) fn is_set(&self) -> bool {
        self.set().is_some()
    }

    fn set(&self) -> Option<&'a Node> {
        self.node.filter(|node| !node.is_blank())
    }

    pub(super) fn problem(&self, what: impl Into<String>, hint: impl Into<String>) {
        self.reader.problem(&self.path, what, hint);
    }

    pub(super) fn warning(&self, what: impl Into<String>, hint: impl Into<String>) {
        self.reader.warning(&self.path, what, hint);
    }

    pub(super) fn note(&self, what: impl Into<String>, hint: impl Into<String>) {
        self.reader.note(&self.path, what, hint);
    }

    /// Reports that it is missing, if it is.
    pub(super) fn required(self, hint: &str) -> Self {
        if !self.is_set() && !self.misspelled {
            self.problem("it is missing", hint);
        }
        self
    }

    fn wrong_kind(&self, node: &Node, wanted: &str, hint: &str) {
        self.problem(format!("it is {}, not {wanted}", node.kind()), hint);
    }

    /// Reads a text. A whole number is taken for one: `name: 2024`.
    pub(super) fn text(&self) -> Option<String> {
        match self.set()? {
            Node::Text(text) => Some(text.clone()),
            Node::Number(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(digits.clone()),
            node @ (Node::Null | Node::Number(_) | Node::Flag(_) | Node::List(_) | Node::Map(_)) => {
                self.wrong_kind(node, "a text", "write one text, between quotes");
                None
            }
        }
    }

    /// Reads a text that must be of a certain form.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&self, hint: &str) -> Option<T> {
        let text = self.text()?;
        text.parse()
            .map_err(|error| self.problem(format!("{} will not do: {error}", shown(&text)), hint))
            .ok()
    }

    /// Reads one of several words, in any case.
    pub(super) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        if found.is_none() {
            let all = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            self.problem(
                format!("{} is none of the words that it can be", shown(&text)),
                format!("write one of {all}"),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// Reads true or false, also in the words that the Python agent's YAML took for them.
    pub(super) fn flag(&self, default: bool) -> bool {
        let Some(node) = self.set() else { return default };
        as_flag(node).unwrap_or_else(|| {
            self.wrong_kind(node, "true or false", "write true or false");
            default
        })
    }

    /// Reads a whole number within bounds.
    pub(super) fn whole(&self, bounds: &RangeInclusive<usize>, default: usize) -> usize {
        let Some(node) = self.set() else { return default };
        let hint = format!("write a whole number from {} to {}", bounds.start(), bounds.end());
        let (Node::Number(digits) | Node::Text(digits)) = node else {
            self.wrong_kind(node, "a number", &hint);
            return default;
        };
        match digits.parse() {
            Ok(number) if bounds.contains(&number) => number,
            Ok(_) => {
                self.problem(format!("{} is out of bounds", shown(digits)), hint);
                default
            }
            Err(_) => {
                self.problem(format!("{} is no whole number", shown(digits)), hint);
                default
            }
        }
    }

    /// Reads a duration such as `10m` or `1h 30m`.
    pub(super) fn duration(&self, least: SignedDuration, most: SignedDuration) -> Option<SignedDuration> {
        let node = self.set()?;
        let hint = format!("write a time from {least:#} to {most:#}, such as 90s, 10m or 1h");
        let Node::Text(text) = node else {
            self.wrong_kind(node, "a time with its unit", &hint);
            return None;
        };
        let Ok(duration) = text.parse::<SignedDuration>() else {
            self.problem(format!("{} is no time", shown(text)), hint);
            return None;
        };
        if (least..=most).contains(&duration) {
            return Some(duration);
        }
        self.problem(format!("{} is out of bounds", shown(text)), hint);
        None
    }

    /// Reads the mapping there; blank is as good as missing.
    pub(super) fn map(&self) -> Option<&'a Map> {
        match self.set()? {
            Node::Map(map) => Some(map),
            node @ (Node::Null | Node::Flag(_) | Node::Number(_) | Node::Text(_) | Node::List(_)) => {
                self.wrong_kind(node, "a mapping", "write `key: value` lines below it, indented");
                None
            }
        }
    }

    /// Reads the mapping there as a section with known keys.
    pub(super) fn section(&self, place: Place) -> Option<Section<'a>> {
        self.map().map(|map| Section::new(self.reader, place, self.path.clone(), map))
    }

    /// Reads the list there, element by element.
    pub(super) fn elements(&self) -> Option<Vec<Entry<'a>>> {
        let list = match self.set()? {
            Node::List(list) => list,
            node @ (Node::Null | Node::Flag(_) | Node::Number(_) | Node::Text(_) | Node::Map(_)) => {
                self.wrong_kind(node, "a list", "write its elements below it, each after `- `");
                return None;
            }
        };
        let element = |(at, node)| Entry {
            reader: self.reader,
            path: self.path.index(at),
            node: Some(node),
            misspelled: false,
        };
        Some(list.iter().enumerate().map(element).collect())
    }
}

/// Returns what a node says as true or false; YAML 1.1, which the Python agent reads, knows more words for them.
pub(super) fn as_flag(node: &Node) -> Option<bool> {
    match node {
        Node::Flag(flag) => Some(*flag),
        Node::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        },
        Node::Null | Node::Number(_) | Node::List(_) | Node::Map(_) => None,
    }
}
