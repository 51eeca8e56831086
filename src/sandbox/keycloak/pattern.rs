//! Text comparison as the database does it: LIKE with its wildcards, and Keycloak's `*`.

/// A pattern: what the text must be, piece by piece.
#[derive(Debug)]
pub(super) struct Pattern {
    pieces: Vec<Piece>,
    ignores_case: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Exactly(char),
    AnyOne,
    AnyRun,
}

/// Which characters of a search term are wildcards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    /// None.
    Literal,
    /// `_` is any one character and `%` any run of them: an escape that was forgotten.
    Like,
    /// `*` is any run of characters.
    Star,
}

impl Wildcards {
    fn piece(self, letter: char) -> Piece {
        match (self, letter) {
            (Self::Like, '_') => Piece::AnyOne,
            (Self::Like, '%') | (Self::Star, '*') => Piece::AnyRun,
            (Self::Literal | Self::Like | Self::Star, letter) => Piece::Exactly(letter),
        }
    }
}

impl Pattern {
    /// The text is the term.
    pub(super) fn whole(term: &str, wildcards: Wildcards) -> Self {
        let pieces = term.chars().map(|letter| wildcards.piece(letter)).collect();
        Self { pieces, ignores_case: false }
    }

    /// The text begins with the term.
    pub(super) fn prefix(term: &str, wildcards: Wildcards) -> Self {
        let mut pattern = Self::whole(term, wildcards);
        pattern.pieces.push(Piece::AnyRun);
        pattern
    }

    /// The text holds the term somewhere.
    pub(super) fn anywhere(term: &str, wildcards: Wildcards) -> Self {
        let mut pattern = Self::prefix(term, wildcards);
        pattern.pieces.insert(0, Piece::AnyRun);
        pattern
    }

    /// Lets capitals and small letters be the same.
    pub(super) fn ignoring_case(mut self) -> Self {
        self.ignores_case = true;
        let lowered = self.pieces.iter().flat_map(|piece| match piece {
            Piece::Exactly(letter) => letter.to_lowercase().map(Piece::Exactly).collect::<Vec<_>>(),
            Piece::AnyOne | Piece::AnyRun => vec![*piece],
        });
        self.pieces = lowered.collect();
        self
    }

    /// Returns whether the text is so.
    pub(super) fn matches(&self, text: &str) -> bool {
        let letters: Vec<char> =
            if self.ignores_case { text.to_lowercase().chars().collect() } else { text.chars().collect() };
        let (mut piece, mut letter) = (0, 0);
        // Where to go on from when a run turns out to be longer: the piece after it, and how far it reaches.
        let mut longer_run = None;
        loop {
            match (self.pieces.get(piece), letters.get(letter)) {
                (None, None) => return true,
                (Some(Piece::AnyRun), _) => {
                    piece += 1;
                    longer_run = Some((piece, letter));
                    continue;
                }
                (Some(Piece::AnyOne), Some(_)) => {
                    (piece, letter) = (piece + 1, letter + 1);
                    continue;
                }
                (Some(Piece::Exactly(wanted)), Some(given)) if wanted == given => {
                    (piece, letter) = (piece + 1, letter + 1);
                    continue;
                }
                (Some(Piece::AnyOne | Piece::Exactly(_)), _) | (None, Some(_)) => {}
            }
            match longer_run {
                Some((after, reach)) if reach < letters.len() => {
                    longer_run = Some((after, reach + 1));
                    (piece, letter) = (after, reach + 1);
                }
                Some(_) | None => return false,
            }
        }
    }
}

/// Reads `key:value "a key":"a value"`. Backslashes vanish, as on the real server.
pub(super) fn attribute_query(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let (mut key, mut word, mut quoted) = (None, String::new(), false);
    for letter in text.chars().chain([' ']) {
        match letter {
            '\\' => {}
            '"' => quoted = !quoted,
            ':' if !quoted && key.is_none() => key = Some(std::mem::take(&mut word)),
            letter if letter.is_whitespace() && !quoted => {
                let value = std::mem::take(&mut word);
                pairs.extend(key.take().map(|key| (key, value)));
            }
            letter => word.push(letter),
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_underscore_is_a_letter_or_any_letter() {
        assert!(Pattern::anywhere("project_a", Wildcards::Literal).matches("the project_a x"));
        assert!(!Pattern::anywhere("project_a", Wildcards::Literal).matches("project-a"));
        assert!(Pattern::anywhere("project_a", Wildcards::Like).matches("project-a"));
        assert!(Pattern::whole("a%z", Wildcards::Like).matches("abcz"));
        assert!(!Pattern::whole("a%z", Wildcards::Like).matches("abczy"));
    }

    #[test]
    fn a_star_is_any_run_only_where_it_is_meant_to_be() {
        assert!(Pattern::prefix("a*e", Wildcards::Star).matches("abcdef"));
        assert!(!Pattern::prefix("a*e", Wildcards::Literal).matches("abcdef"));
        assert!(Pattern::prefix("AB", Wildcards::Star).ignoring_case().matches("abc"));
        assert!(Pattern::anywhere("", Wildcards::Literal).matches(""));
    }

    #[test]
    fn attribute_queries_are_pairs_with_quotes() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(attribute_query("a:b c:d:e"), [pair("a", "b"), pair("c", "d:e")]);
        assert_eq!(attribute_query("\"a b\":\"c:d\" lonely"), [pair("a b", "c:d")]);
        assert_eq!(attribute_query("a:b\\c"), [pair("a", "bc")]);
    }
}
