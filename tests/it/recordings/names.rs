//! Which UUID of the sandbox stands for which recorded one. A pair is made when it is seen first, and holds from then
//! on, both ways.

use std::collections::BTreeMap;

use uuid::Uuid;

/// Pairs of UUIDs.
#[derive(Debug, Default)]
pub(super) struct Names {
    ours: BTreeMap<Uuid, Uuid>,
    theirs: BTreeMap<Uuid, Uuid>,
}

/// A text taken apart: what is no UUID, with a gap for each that is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) rest: Vec<String>,
    pub(super) uuids: Vec<Uuid>,
}

impl Names {
    /// Returns a recorded text as the sandbox would have to be asked: dashes and capitals stay.
    pub(super) fn translate(&self, text: &str) -> String {
        let mut translated = String::new();
        let mut rest = text;
        while let Some((before, written, after)) = next(rest) {
            let uuid = Uuid::try_parse(written).ok().and_then(|uuid| self.ours.get(&uuid));
            translated.push_str(before);
            match uuid {
                None => translated.push_str(written),
                Some(uuid) if written.contains('-') => translated.push_str(&uuid.to_string()),
                Some(uuid) if written.chars().any(|letter| letter.is_ascii_uppercase()) => {
                    translated.push_str(&uuid.simple().to_string().to_uppercase());
                }
                Some(uuid) => translated.push_str(&uuid.simple().to_string()),
            }
            rest = after;
        }
        translated + rest
    }

    /// Compares two texts, and makes or checks a pair at each UUID.
    pub(super) fn pair(&mut self, recorded: &str, got: &str) -> Result<(), String> {
        let (theirs, ours) = (take(recorded), take(got));
        if theirs.rest != ours.rest {
            return Err(format!("was {recorded:?}, is {got:?}"));
        }
        for (their, our) in theirs.uuids.into_iter().zip(ours.uuids) {
            let known = *self.ours.entry(their).or_insert(our);
            let back = *self.theirs.entry(our).or_insert(their);
            if known != our || back != their {
                return Err(format!("{} stands for {known}, not for {our}", their.simple()));
            }
        }
        Ok(())
    }
}

/// Takes the UUIDs out of a text.
pub(super) fn take(text: &str) -> Taken {
    let (mut rest, mut uuids) = (Vec::new(), Vec::new());
    let mut at = text;
    while let Some((before, written, after)) = next(at) {
        rest.push(before.to_owned());
        uuids.extend(Uuid::try_parse(written));
        at = after;
    }
    rest.push(at.to_owned());
    Taken { rest, uuids }
}

/// Returns the first UUID of a text, with what stands before and after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let digit = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let length = bytes[start..].iter().take_while(|byte| digit(**byte)).count();
        let word = text.get(start..start + length).unwrap_or_default();
        if matches!(length, 32 | 36) && Uuid::try_parse(word).is_ok() {
            return Some((&text[..start], word, &text[start + length..]));
        }
        start += length.max(1);
        while start < bytes.len() && !text.is_char_boundary(start) {
            start += 1;
        }
    }
    None
}

#[test]
fn uuids_are_translated_as_they_were_written() {
    let mut names = Names::default();
    let (theirs, ours) = ("e39d37cffeb24c98b09101dd3ea32154", "00000000000000000000000000000abc");
    assert_eq!(names.pair(&format!("/a/{theirs}/"), &format!("/a/{ours}/")), Ok(()));
    assert_eq!(names.translate(&format!("x={theirs}&y")), format!("x={ours}&y"));
    assert_eq!(names.translate("E39D37CFFEB24C98B09101DD3EA32154"), "00000000000000000000000000000ABC");
    assert_eq!(
        names.translate("e39d37cf-feb2-4c98-b091-01dd3ea32154/ü"),
        "00000000-0000-0000-0000-000000000abc/ü"
    );
    assert!(names.pair(theirs, "00000000000000000000000000000abd").is_err(), "one name for one thing");
    assert!(names.pair("e39d37cffeb24c98b09101dd3ea32155", ours).is_err(), "one thing for one name");
}
