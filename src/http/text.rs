//! What others wrote, cut short and made harmless before anybody sees it.

use std::borrow::Cow;

/// The mark that a text was cut.
const CUT: char = '…';

/// Returns bytes as text, with a mark in place of what is none. Mostly it is text as it stands, which is quick to tell.
pub(super) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Returns at most `longest` characters of `bytes`, with whatever could move a cursor or hide text escaped.
pub(super) fn excerpt(bytes: &[u8], longest: usize) -> String {
    // Four bytes per character at most; one character more tells whether something was cut.
    let seen = &bytes[..bytes.len().min(longest.saturating_mul(4).saturating_add(4))];
    let text = String::from_utf8_lossy(seen);
    let mut shown = String::new();
    for (number, letter) in text.chars().enumerate() {
        if number == longest {
            shown.push(CUT);
            return shown;
        }
        if is_treacherous(letter) { shown.extend(letter.escape_default()) } else { shown.push(letter) }
    }
    shown
}

/// Returns the offset of a line and column as `serde_json` counts them: both from one.
pub(super) fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let before: usize =
        bytes.split_inclusive(|&byte| byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    before.saturating_add(column)
}

/// Says whether a body is a web page, whatever its headers claim.
pub(super) fn is_web_page(content_type: Option<&str>, body: &[u8]) -> bool {
    let told = content_type.is_some_and(|told| {
        let kind = told.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("text/html") || kind.eq_ignore_ascii_case("application/xhtml+xml")
    });
    let start = body.trim_ascii_start();
    let begins = |mark: &[u8]| start.get(..mark.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(mark));
    !start.is_empty() && (told || begins(b"<!doctype html") || begins(b"<html"))
}

/// Control characters, and those that reorder or hide what stands beside them.
fn is_treacherous(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_bounded_and_moves_no_cursor() {
        assert_eq!(excerpt(b"plain", 5), "plain");
        assert_eq!(excerpt(b"plainer", 5), "plain…");
        assert_eq!(excerpt("\u{1b}[2J\n\u{202e}é".as_bytes(), 40), "\\u{1b}[2J\\n\\u{202e}é");
    }

    #[test]
    fn a_place_is_found_by_line_and_column() {
        let body = b"{\n  \"name\": 5\n}";
        assert_eq!(offset(body, 2, 11), 13);
    }

    #[test]
    fn a_web_page_is_known_by_its_type_or_its_first_words() {
        assert!(is_web_page(Some("text/html; charset=utf-8"), b"hello"));
        assert!(is_web_page(None, b"\n <!DOCTYPE HTML><p>log in"));
        assert!(!is_web_page(Some("application/json"), b"{\"a\":\"<html>\"}"));
        assert!(!is_web_page(Some("text/html"), b""), "an empty body is no page");
    }
}
