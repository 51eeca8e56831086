//! Where in the document something stands: `offerings[0].backend_settings.cluster_id`.

use std::fmt;

/// One step into the document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    Key(String),
    Index(usize),
}

/// The way from the top of the document to a place in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyPath(Vec<Segment>);

impl KeyPath {
    pub(super) fn key(&self, name: &str) -> Self {
        self.with(Segment::Key(name.to_owned()))
    }

    pub(super) fn index(&self, at: usize) -> Self {
        self.with(Segment::Index(at))
    }

    /// Returns the place that holds this one; the top has none.
    pub(super) fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.0
    }

    fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(name) if place == 0 => out.write_str(&shown_key(name))?,
                Segment::Key(name) => write!(out, ".{}", shown_key(name))?,
                Segment::Index(at) => write!(out, "[{at}]")?,
            }
        }
        Ok(())
    }
}

/// Returns a key as it may be shown.
///
/// `{password:hunter2}` is a mapping whose only *key* is `password:hunter2`: a key that does not look like a name may
/// hold a secret and is not repeated.
pub(super) fn shown_key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    if !name.is_empty() && name.len() <= 64 && name.chars().all(plain) {
        name.to_owned()
    } else {
        "(a key that is no name)".to_owned()
    }
}

/// Returns a value, which is no secret, as it may be shown: quoted, escaped and bounded.
pub(super) fn shown(value: &str) -> String {
    const LONGEST: usize = 60;
    let start: String = value.chars().take(LONGEST).collect();
    let more = if value.chars().nth(LONGEST).is_some() { "..." } else { "" };
    format!("\"{}{more}\"", start.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_the_document() {
        let path = KeyPath::default().key("offerings").index(0).key("backend_settings").key("cluster_id");
        assert_eq!(path.to_string(), "offerings[0].backend_settings.cluster_id");
        assert_eq!(path.parent().unwrap().to_string(), "offerings[0].backend_settings");
    }

    #[test]
    fn what_may_be_a_secret_or_obeyed_by_a_terminal_is_not_repeated() {
        assert_eq!(KeyPath::default().key("password:hunter2").to_string(), "(a key that is no name)");
        assert_eq!(shown("a\u{1b}[31m"), "\"a\\u{1b}[31m\"");
        assert_eq!(shown(&"x".repeat(100)).len(), 65);
    }
}
