//! Path patterns in which `*` stands for anything.

use std::fmt;
use std::str::FromStr;

/// A pattern of paths. `*` stands for any run of characters, also none, also across `/`.
///
/// It is compared with the path as it was sent; a pattern with a `?` in it also with the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// Returns the pattern that every path fits.
    pub fn any() -> Self {
        Self("*".to_owned())
    }

    /// Returns whether a request to `path` with `query` fits.
    pub fn matches(&self, path: &str, query: Option<&str>) -> bool {
        match query {
            Some(query) if self.0.contains('?') => fits(&self.0, &format!("{path}?{query}")),
            Some(_) | None => fits(&self.0, path),
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Glob {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.starts_with(['/', '*']) || text.contains(char::is_whitespace) {
            return Err(format!("`{text}` is no path: it begins with / or *, such as /v3/projects/*"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Compares greedily from the left: the first piece must begin the text, the last must end it, and each piece
/// between two stars is taken where it is found first.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let tail = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = text.find(piece) else { return false };
        text = &text[at + piece.len()..];
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, wanted) in [
            ("*", "", true),
            ("/a", "/a", true),
            ("/a", "/a/", false),
            ("/a*", "/a", true),
            ("/a*", "/b/a", false),
            ("*/a", "/b/a", true),
            ("/*/b/*", "/a/x/b/c", true),
            ("/*/b/*", "/a/b", false),
            ("/a*a", "/a", false),
            ("/a**b", "/a/b", true),
            ("*ab*b", "/abab", true),
            ("*ab*b", "/ab", false),
            ("*é*", "/café/x", true),
        ] {
            assert_eq!(fits(pattern, text), wanted, "{pattern} and {text}");
        }
    }
}
