//! A diagnosis as people read it: a block for each place, a line for each check, a hint below what needs one.

use std::fmt::Write as _;

use super::{Diagnosis, Finding, Verdict};
use crate::plan::render::{Counted, harmless};

/// Returns it as text.
pub fn render(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    for block in diagnosis.findings.chunk_by(|one, next| one.place == next.place) {
        let _ = writeln!(text, "{}", harmless(&block[0].place.to_string()));
        for Finding { check, place: _, verdict, said, hint } in block {
            let _ = writeln!(
                text,
                "  {:<7}  {}: {}",
                verdict.as_str(),
                check.as_str(),
                harmless(said.trim_end())
            );
            if let Some(hint) = hint.as_deref().filter(|hint| !hint.is_empty()) {
                let _ = writeln!(text, "           hint: {}", harmless(hint));
            }
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", summary(diagnosis));
    text
}

/// Returns it in one sentence.
fn summary(diagnosis: &Diagnosis) -> String {
    let count = |verdict| diagnosis.findings.iter().filter(|finding| finding.verdict == verdict).count();
    let wrong = match count(Verdict::Wrong) {
        0 if count(Verdict::Unknown) > 0 => "nothing is known to be wrong".to_owned(),
        0 => "nothing is wrong".to_owned(),
        1 => "1 thing is wrong".to_owned(),
        many => format!("{many} things are wrong"),
    };
    let unknown = match count(Verdict::Unknown) {
        0 => String::new(),
        some => format!(", {} not made", Counted(some, "check", "checks")),
    };
    let remarks = match count(Verdict::Remark) {
        0 => String::new(),
        some => format!(", {}", Counted(some, "remark", "remarks")),
    };
    format!("Diagnosis: {wrong}{unknown}{remarks}, {} ok.", count(Verdict::Well))
}

#[cfg(test)]
mod tests {
    use super::super::{Check, Place};
    use super::*;

    #[test]
    fn each_place_is_a_block_and_the_last_line_counts() {
        let (here, there) =
            (Place::Waldur("https://w.example".to_owned()), Place::Rancher("https://r.example".to_owned()));
        let findings = vec![
            Finding::well(Check::Answer, &here, "within 3 ms"),
            Finding::wrong(Check::Login, &here, "401 \u{1b}[2J\nok\n", "is the token right?"),
            Finding::unknown(Check::Version, &here, "the login does not work"),
            Finding::remark(Check::Expiry, &there, "soon", "renew it"),
        ];
        let expected = "\
Waldur at https://w.example
  ok       answer: within 3 ms
  wrong    login: 401 \\u{1b}[2J\\u{a}ok
           hint: is the token right?
  unknown  version: not checked: the login does not work

Rancher at https://r.example
  remark   expiry: soon
           hint: renew it

Diagnosis: 1 thing is wrong, 1 check not made, 1 remark, 1 ok.
";
        assert_eq!(render(&Diagnosis { findings }), expected);
    }

    #[test]
    fn nothing_is_said_to_be_right_that_was_not_looked_at() {
        let here = Place::Waldur("https://w.example".to_owned());
        let well = Finding::well(Check::Answer, &here, "within 3 ms");
        let unknown = Finding::unknown(Check::Expiry, &here, "Waldur does not say it");
        let all = summary(&Diagnosis { findings: vec![well.clone()] });
        assert_eq!(all, "Diagnosis: nothing is wrong, 1 ok.");
        let some = summary(&Diagnosis { findings: vec![well, unknown] });
        assert_eq!(some, "Diagnosis: nothing is known to be wrong, 1 check not made, 1 ok.");
    }
}
