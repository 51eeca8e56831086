//! The plan as one page: no network, no other file, readable on a phone.
//!
//! Everything from outside stands in text, never in an attribute, so that escaping is one function. The page's own policy
//! lets nothing load, and no script run but the one whose hash it names.

mod layers;
mod svg;

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::document::{Deed, Document, PairDocument, Subject};
use super::text::{note_word, summary};
use super::words::{class, harmless};
use crate::plan::Effect;
use crate::plan::note::About;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Returns a plan as a page of HTML.
pub fn shown(document: &Document) -> String {
    let page = Page::of(document);
    let mut out = String::new();
    page.write_head(&mut out);
    page.write_filters(&mut out);
    page.write_blocks(&mut out);
    page.write_access(&mut out);
    out.push_str("<h2>What waits for what</h2>\n");
    svg::write(&mut out, &page);
    let _ = write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

/// What can be filtered by has a number here: no name becomes part of an attribute.
struct Page<'d> {
    document: &'d Document,
    /// What entries are about, in the order of the numbers, and what it is called.
    subjects: Vec<(About, String)>,
    numbers: BTreeMap<About, usize>,
    people: BTreeMap<String, usize>,
}

/// What is about one thing: the lines of the list.
type Block = Vec<String>;

impl<'d> Page<'d> {
    fn of(document: &'d Document) -> Self {
        let mut page =
            Self { document, subjects: Vec::new(), numbers: BTreeMap::new(), people: BTreeMap::new() };
        let steps = document.steps.iter().map(|step| (&step.subject, &step.deed.people));
        let held = document.held.iter().map(|held| (&held.subject, &held.deed.people));
        for (subject, people) in steps.chain(held) {
            page.add(subject.about.clone(), || page_title(document, subject));
            for person in people {
                page.meet(harmless(person));
            }
        }
        for note in &document.notes {
            page.add(note.subject.about.clone(), || page_title(document, &note.subject));
        }
        for pair in document.access.gained.iter().chain(&document.access.lost) {
            page.add(resource(pair), || format!("resource {}", pair.place()));
            page.meet(pair.who());
        }
        page
    }

    fn add(&mut self, about: About, title: impl FnOnce() -> String) {
        if !self.numbers.contains_key(&about) {
            self.numbers.insert(about.clone(), self.subjects.len());
            self.subjects.push((about, title()));
        }
    }

    fn meet(&mut self, person: String) {
        let next = self.people.len();
        self.people.entry(person).or_insert(next);
    }

    /// Returns the attributes by which an entry is found again.
    fn marks(&self, about: &About, people: &[String], effect: &str) -> String {
        let subject = self.numbers.get(about).map_or_else(String::new, ToString::to_string);
        let people: Vec<String> =
            people.iter().filter_map(|one| self.people.get(one)).map(ToString::to_string).collect();
        format!("data-subject=\"{subject}\" data-person=\"{}\" data-effect=\"{effect}\"", people.join(" "))
    }

    fn deed_marks(&self, about: &About, deed: &Deed, effect: &str) -> String {
        let people: Vec<String> = deed.people.iter().map(|person| harmless(person)).collect();
        self.marks(about, &people, effect)
    }

    fn write_head(&self, out: &mut String) {
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        );
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>What agent plans</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <header>\n<h1>What agent plans</h1>\n"
        );
        for line in summary(self.document).lines() {
            let _ = writeln!(out, "<p>{}</p>", html(line));
        }
        let _ = write!(out, "<p class=\"more\">Looked at {}.</p>\n</header>\n", self.document.taken_at);
    }

    fn write_filters(&self, out: &mut String) {
        out.push_str("<div class=\"filters\" role=\"search\">\n<label>About <select data-pick=\"subject\">");
        out.push_str("<option value=\"\">everything</option>");
        for (number, (_, title)) in self.subjects.iter().enumerate() {
            let _ = write!(out, "<option value=\"{number}\">{}</option>", html(title));
        }
        out.push_str("</select></label>\n<label>Person <select data-pick=\"person\">");
        out.push_str("<option value=\"\">everybody</option>");
        for (name, number) in &self.people {
            let _ = write!(out, "<option value=\"{number}\">{}</option>", html(name));
        }
        out.push_str("</select></label>\n");
        for (effect, word) in self.effects() {
            let _ = writeln!(
                out,
                "<button type=\"button\" data-pick=\"effect\" value=\"{effect}\" aria-pressed=\"{}\">{word}</button>",
                effect.is_empty()
            );
        }
        out.push_str("<output id=\"count\"></output>\n</div>\n");
    }

    /// Returns the effects that occur, and what their buttons say.
    fn effects(&self) -> Vec<(&'static str, &'static str)> {
        let document = self.document;
        let takes = |effect| document.steps.iter().any(|step| step.deed.effect == effect);
        let mut effects = vec![("", "All")];
        for (effect, word) in [
            (Effect::Takes, "Removals"),
            (Effect::Adds, "Additions"),
            (Effect::Changes, "Changes"),
            (Effect::Adopts, "Adoptions"),
        ] {
            effects.extend(takes(effect).then_some((class(effect), word)));
        }
        effects.extend((!document.held.is_empty()).then_some(("held", "Held")));
        effects.extend((!document.notes.is_empty()).then_some(("note", "Notes")));
        effects
    }

    fn write_blocks(&self, out: &mut String) {
        let mut blocks: BTreeMap<usize, Block> = BTreeMap::new();
        let mut put = |about: &About, line: String| {
            if let Some(number) = self.numbers.get(about) {
                blocks.entry(*number).or_default().push(line);
            }
        };
        for step in &self.document.steps {
            let effect = class(step.deed.effect);
            let marks = self.deed_marks(&step.subject.about, &step.deed, effect);
            let reason = format!("because {}", harmless(&step.why));
            put(
                &step.subject.about,
                entry(effect, &marks, &step.deed.line(), step.deed.details(), &[reason]),
            );
        }
        for held in &self.document.held {
            let marks = self.deed_marks(&held.subject.about, &held.deed, "held");
            let reasons =
                [format!("because {}", harmless(&held.wanted)), format!("held: {}", harmless(&held.why))];
            let first = format!("! {}", harmless(&held.deed.what));
            put(&held.subject.about, entry("held", &marks, &first, held.deed.details(), &reasons));
        }
        for note in &self.document.notes {
            let marks = self.marks(&note.subject.about, &[], "note");
            let first = format!("{}: {}", note_word(note.kind), harmless(&note.what));
            let hint = note.hint.iter().map(|hint| format!("hint: {}", harmless(hint)));
            put(&note.subject.about, entry("note", &marks, first.trim_start(), hint, &[]));
        }
        out.push_str("<h2>Steps</h2>\n");
        for (number, lines) in blocks {
            let title = self.subjects.get(number).map_or("", |(_, title)| title.as_str());
            let _ = write!(out, "<article data-group=\"\">\n<h3>{}</h3>\n<ul>\n", html(title));
            out.push_str(&lines.concat());
            out.push_str("</ul>\n</article>\n");
        }
    }

    fn write_access(&self, out: &mut String) {
        let access = &self.document.access;
        out.push_str("<h2>Who gains and loses access</h2>\n");
        if access.gained.is_empty() && access.lost.is_empty() {
            out.push_str("<p>Nobody.</p>\n");
            return;
        }
        out.push_str("<div data-group=\"\"><table id=\"access\">\n");
        let lost = access.lost.iter().map(|pair| (Effect::Takes, "-", "loses access to", pair));
        let gained = access.gained.iter().map(|pair| (Effect::Adds, "+", "gains access to", pair));
        for (effect, sign, verb, pair) in lost.chain(gained) {
            let marks = self.marks(&resource(pair), &[pair.who()], class(effect));
            let _ = writeln!(
                out,
                "<tr class=\"{}\" data-item=\"\" {marks}><td><span class=\"sign\">{sign}</span> {}</td>\
                 <td>{verb} {}</td></tr>",
                class(effect),
                html(&pair.who()),
                html(&pair.place())
            );
        }
        out.push_str("</table></div>\n");
    }
}

fn resource(pair: &PairDocument) -> About {
    About::Resource { offering: pair.pair.offering, resource: pair.pair.resource }
}

fn page_title(document: &Document, subject: &Subject) -> String {
    let offering = || format!("offering \"{}\"", document.offering(subject.about.offering()));
    subject.heading().unwrap_or_else(offering)
}

/// Returns one entry of a list. What stands before the first space is its sign, unless it is a word.
fn entry(
    class: &str,
    marks: &str,
    first: &str,
    details: impl Iterator<Item = String>,
    reasons: &[String],
) -> String {
    let is_sign = |word: &str| !word.chars().any(char::is_alphanumeric);
    let parts = first.split_once(' ').filter(|(word, _)| is_sign(word));
    let (sign, sentence) = parts.unwrap_or(("", first));
    let mut out = format!(
        "<li class=\"{class}\" data-item=\"\" {marks}><span class=\"sign\">{}</span> {}",
        html(sign),
        html(sentence)
    );
    for line in details.chain(reasons.iter().cloned()) {
        let _ = write!(out, "<div class=\"more\">{}</div>", html(&line));
    }
    out.push_str("</li>\n");
    out
}

/// Returns a text as it stands between tags.
fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Returns the start of a text, as much of it as fits into a box.
fn shortened(text: &str, longest: usize) -> String {
    let mut short: String = text.chars().take(longest).collect();
    if text.chars().count() > longest {
        short.push('…');
    }
    short
}

/// Returns how a policy names an inline text that it lets through.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
