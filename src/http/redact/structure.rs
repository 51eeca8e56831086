//! What stands around a place of a body that has an unexpected shape: its structure, without its values.

use super::HIDDEN;
use super::form::is_word;

/// Returns the JSON around byte `place`, `reach` bytes to each side: keys, brackets, and marks in place of values. Of what
/// is no JSON, nothing is shown.
pub(in crate::http) fn structure(body: &[u8], place: usize, reach: usize) -> String {
    let (from, to) = (place.saturating_sub(reach), place.saturating_add(reach));
    let mut shown = String::new();
    let mut at = 0;
    while at < body.len() && at < to {
        let end = at + length(&body[at..]);
        if end > from {
            push(&mut shown, &body[at..end], &body[end..]);
        }
        at = end;
    }
    shown
}

/// Returns how long the first token is: a text, a bracket, or a run of what else there may be.
fn length(rest: &[u8]) -> usize {
    match rest {
        [b'"', text @ ..] => {
            let mut escaped = false;
            let end = text.iter().position(|byte| {
                let is_end = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                is_end
            });
            end.map_or(rest.len(), |end| end + 2)
        }
        [first, ..] if is_mark(*first) => 1,
        _ => rest.iter().position(|byte| is_mark(*byte) || *byte == b'"').unwrap_or(rest.len()),
    }
}

const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':' | b' ' | b'\n' | b'\r' | b'\t')
}

fn push(shown: &mut String, token: &[u8], rest: &[u8]) {
    match token {
        [b' ' | b'\n' | b'\r' | b'\t'] => {}
        [mark] if is_mark(*mark) => shown.push(char::from(*mark)),
        b"true" | b"false" | b"null" => shown.push_str(&String::from_utf8_lossy(token)),
        [b'"', name @ .., b'"'] => {
            let is_key = rest.trim_ascii_start().first() == Some(&b':');
            let name = std::str::from_utf8(name).ok().filter(|name| is_key && is_word(name));
            shown.extend(["\"", name.unwrap_or(HIDDEN), "\""]);
        }
        _ => shown.push_str(HIDDEN),
    }
}
