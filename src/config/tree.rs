//! The document as a tree, read within bounds: aliases may repeat a part, but not without end.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, Visitor};

use serde_yaml::Location;

use super::error::Error;

/// A real document has hundreds of nodes; a hundred aliases of a hundred aliases have more than this.
const MOST_NODES: usize = 100_000;
/// Long texts cost more than short ones, so that aliases of one long text are bounded too.
const BYTES_PER_NODE: usize = 64;

/// A place in the document. It may hold secrets, so it has no `Debug`.
pub(super) enum Node {
    Null,
    Flag(bool),
    /// As the shortest text that reads back the same.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

/// Keys and what they hold.
#[derive(Default)]
pub(super) struct Map {
    entries: BTreeMap<String, Node>,
    /// Keys that stand there more than once; the first one counts.
    pub(super) repeated: Vec<String>,
}

impl Map {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.entries.iter().map(|(key, node)| (key.as_str(), node))
    }

    /// Takes over what `<<: *defaults` names and this mapping does not say itself.
    fn merge(&mut self, defaults: Node) -> Result<(), &'static str> {
        match defaults {
            Node::Map(map) => {
                for (key, node) in map.entries {
                    self.entries.entry(key).or_insert(node);
                }
                Ok(())
            }
            Node::List(maps) => maps.into_iter().try_for_each(|map| self.merge(map)),
            Node::Null | Node::Flag(_) | Node::Number(_) | Node::Text(_) => {
                Err("`<<` merges a mapping or a list of mappings")
            }
        }
    }
}

impl Node {
    /// Returns what it is, in words, without what it says.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// Returns whether nothing is written there: `key:`, `key: ""` and `key: null` say the same.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Flag(_) | Self::Number(_) | Self::List(_) | Self::Map(_) => false,
        }
    }
}

/// Reads the whole text as one document.
pub(super) fn read(text: &str) -> Result<Node, Error> {
    let left = Cell::new(MOST_NODES);
    Build(&left).deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|source| syntax(&source))
}

fn syntax(source: &serde_yaml::Error) -> Error {
    let at = source.location();
    let said = source.to_string();
    // The parser's own words quote no content, serde's "invalid value: string ..." does: it may be a secret.
    let what = if said.contains("invalid value") || said.contains("invalid type") {
        "a key or value is not what its tag or place asks for".to_owned()
    } else {
        said.split(" at line ").next().unwrap_or_default().to_owned()
    };
    Error::Syntax { line: at.as_ref().map(Location::line), column: at.as_ref().map(Location::column), what }
}

/// Builds a node, and pays for it.
struct Build<'a>(&'a Cell<usize>);

impl Build<'_> {
    fn pay<E: serde::de::Error>(&self, bytes: usize) -> Result<(), E> {
        let cost = 1 + bytes / BYTES_PER_NODE;
        let left = self.0.get().checked_sub(cost);
        self.0.set(
            left.ok_or_else(|| E::custom("the document is too large once its aliases are written out"))?,
        );
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Build<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Node, D::Error> {
        source.deserialize_any(self)
    }
}

macro_rules! numbers {
    ($($visit:ident: $type:ty),+) => {
        $(fn $visit<E: serde::de::Error>(self, number: $type) -> Result<Node, E> {
            self.pay(0)?;
            Ok(Node::Number(number.to_string()))
        })+
    };
}

impl<'de> Visitor<'de> for Build<'_> {
    type Value = Node;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("plain YAML")
    }

    numbers!(visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128, visit_f64: f64);

    fn visit_unit<E: serde::de::Error>(self) -> Result<Node, E> {
        self.pay(0)?;
        Ok(Node::Null)
    }

    /// An empty document.
    fn visit_none<E: serde::de::Error>(self) -> Result<Node, E> {
        self.visit_unit()
    }

    fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<Node, E> {
        self.pay(0)?;
        Ok(Node::Flag(flag))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Node, E> {
        self.pay(text.len())?;
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
        self.pay(0)?;
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(Build(self.0))? {
            list.push(element);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        self.pay(0)?;
        let (mut map, mut defaults) = (Map::default(), Vec::new());
        while let Some(key) = entries.next_key_seed(Name)? {
            let node = entries.next_value_seed(Build(self.0))?;
            if key == "<<" {
                defaults.push(node);
                continue;
            }
            self.pay(key.len())?;
            match map.entries.entry(key) {
                Entry::Vacant(place) => drop(place.insert(node)),
                Entry::Occupied(place) => map.repeated.push(place.key().clone()),
            }
        }
        for node in defaults {
            map.merge(node).map_err(A::Error::custom)?;
        }
        Ok(Node::Map(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Node, A::Error> {
        Err(A::Error::custom("tags such as `!name` mean nothing here"))
    }
}

/// A key, as it was written.
pub(super) struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<String, D::Error> {
        source.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = String;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> Map {
        match read(text) {
            Ok(Node::Map(map)) => map,
            _ => panic!("no mapping: {text}"),
        }
    }

    #[test]
    fn merged_defaults_fill_only_what_is_not_said() {
        let document = map("base: &b {a: x, b: y}\nown:\n  <<: *b\n  b: z\n");
        let Some(Node::Map(own)) = document.get("own") else { panic!("own is a mapping") };
        assert!(matches!(own.get("a"), Some(Node::Text(text)) if text == "x"));
        assert!(matches!(own.get("b"), Some(Node::Text(text)) if text == "z"));
    }

    #[test]
    fn a_key_that_stands_there_twice_is_remembered() {
        assert_eq!(map("a: 1\nb: 2\na: 3\n").repeated, ["a"]);
    }

    #[test]
    fn a_bomb_of_aliases_is_refused() {
        let wide = "x,".repeat(1_000);
        let bomb = format!("a: &a [{wide}]\nb: [{}]\n", "*a,".repeat(1_000));
        assert!(matches!(read(&bomb), Err(Error::Syntax { what, .. }) if what.contains("too large")));
        let long = "x".repeat(100_000);
        let bomb = format!("a: &a {long}\nb: [{}]\n", "*a,".repeat(1_000));
        assert!(matches!(read(&bomb), Err(Error::Syntax { what, .. }) if what.contains("too large")));
        let deep = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
        assert!(matches!(read(&deep), Err(Error::Syntax { what, .. }) if what.contains("recursion")));
    }

    #[test]
    fn a_syntax_error_says_where_and_repeats_no_secret() {
        let Err(Error::Syntax { line, what, .. }) = read("a: 1\npassword: !!int hunter2\n") else { panic!() };
        assert_eq!(line, Some(2));
        assert!(!what.contains("hunter2"), "{what}");
        assert!(matches!(read("a: [1\nb: 2\n"), Err(Error::Syntax { line: Some(2 | 3), .. })));
        assert!(matches!(read("a: 1\n---\nb: 2\n"), Err(Error::Syntax { .. })));
    }
}
