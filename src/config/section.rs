//! One mapping of the document whose keys are known: what is unknown, twice there, or not followed is said at once.

use std::collections::BTreeSet;

use super::entry::Entry;
use super::keys::{self, Fate, Place};
use super::path::{KeyPath, shown_key};
use super::reader::Reader;
use super::tree::{Map, Node};

/// A mapping of a certain place.
pub(super) struct Section<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) place: Place,
    pub(super) path: KeyPath,
    map: &'a Map,
    /// Keys that are missing while an unknown key beside them was clearly meant to be them.
    misspelled: BTreeSet<&'static str>,
}

impl<'a> Section<'a> {
    /// Takes the mapping over, and reports what is to be said about its keys.
    pub(super) fn new(reader: &'a Reader<'a>, place: Place, path: KeyPath, map: &'a Map) -> Self {
        let mut section = Self { reader, place, path, map, misspelled: BTreeSet::new() };
        for key in &map.repeated {
            let what = "the key stands there more than once, and only one of its values can be meant";
            reader.problem(&section.path.key(key), what, "keep one of them");
        }
        for (key, node) in map.iter() {
            match keys::row(place, key).map(|row| row.fate) {
                None => section.unknown(key),
                Some(Fate::Ignored(why)) if asks_for_something(node) => {
                    reader.note(&section.path.key(key), format!("it is not followed: {why}"), "");
                }
                Some(Fate::Ignored(_) | Fate::Followed | Fate::Deciding | Fate::Secret) => {}
            }
        }
        section
    }

    /// Returns the value of a key of this place.
    pub(super) fn entry(&self, key: &str) -> Entry<'a> {
        debug_assert!(keys::row(self.place, key).is_some(), "{key} is not in the table of keys");
        Entry {
            reader: self.reader,
            path: self.path.key(key),
            node: self.map.get(key),
            misspelled: self.misspelled.contains(key),
        }
    }

    /// Returns the value of the one of several keys that is set, or of the first.
    pub(super) fn either(&self, names: &[&str]) -> Entry<'a> {
        one_of(names.iter().map(|key| self.entry(key)).collect(), self.reader, &self.path)
    }

    fn unknown(&mut self, key: &str) {
        // Where people keep what their anchors name.
        if self.place == Place::Document && (key.starts_with("x-") || key.starts_with(['.', '_'])) {
            return;
        }
        let path = self.path.key(key);
        let what = format!("there is no key `{}` in {}", shown_key(key), self.place.as_str());
        if let Some((name, row, distance)) = keys::meant(self.place, key) {
            let hint = format!("did you mean `{name}`?");
            let deciding = matches!(row.fate, Fate::Deciding | Fate::Secret);
            if deciding && distance <= 2 && self.map.get(name).is_none_or(Node::is_blank) {
                self.misspelled.insert(name);
                self.reader.problem(&path, what, hint);
            } else {
                self.reader.warning(&path, what, hint);
            }
            return;
        }
        let hint = keys::elsewhere(key).map_or_else(
            || "it is not followed; remove it".to_owned(),
            |row| format!("it belongs in {}", row.place.as_str()),
        );
        self.reader.warning(&path, what, hint);
    }
}

/// Returns the one of several spellings of a value that is set, or the first; two that differ are a problem.
pub(super) fn one_of<'a>(spellings: Vec<Entry<'a>>, reader: &'a Reader<'a>, place: &KeyPath) -> Entry<'a> {
    let mut chosen: Option<Entry<'a>> = None;
    for entry in spellings {
        match &chosen {
            None => chosen = Some(entry),
            Some(other) if !entry.is_set() => {
                let misspelled = other.misspelled || entry.misspelled;
                chosen = chosen.map(|other| Entry { misspelled, ..other });
            }
            Some(other) if !other.is_set() => chosen = Some(entry),
            Some(other) if same_value(other.node, entry.node) => {}
            Some(other) => {
                let what = format!("it says something else than {}, which means the same", other.path);
                entry.problem(what, "keep one of them");
            }
        }
    }
    chosen.unwrap_or(Entry { reader, path: place.clone(), node: None, misspelled: false })
}

/// Returns whether two values are the same text, number or truth value.
pub(super) fn same_value(one: Option<&Node>, other: Option<&Node>) -> bool {
    match (one, other) {
        (Some(Node::Text(one)), Some(Node::Text(other)))
        | (Some(Node::Number(one)), Some(Node::Number(other))) => one == other,
        (Some(Node::Flag(one)), Some(Node::Flag(other))) => one == other,
        _ => false,
    }
}

/// Returns whether an ignored key would do anything: `stomp_enabled: false` is not worth a word.
fn asks_for_something(node: &Node) -> bool {
    match node {
        Node::Null | Node::Flag(false) => false,
        Node::Flag(true) | Node::Number(_) => true,
        // The Python agent's own default for usernames does nothing.
        Node::Text(text) => !text.is_empty() && text != "base",
        Node::List(list) => !list.is_empty(),
        Node::Map(map) => map.get("enabled").is_none_or(asks_for_something) && map.iter().next().is_some(),
    }
}
