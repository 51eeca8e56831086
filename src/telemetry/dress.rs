//! How a line looks: to people, and to programs.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use tracing::Level;

/// In which form the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// One line of the log before it is dressed.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    /// Whether it is meant for people first.
    pub(super) told: bool,
    pub(super) message: String,
    pub(super) mark: Option<String>,
    /// What is known beside the message, that of the outermost span first.
    pub(super) fields: Vec<(&'static str, Value)>,
}

/// The spans whose number says to what a line of a long run belongs.
const ROUNDS: [&str; 3] = ["cycle", "orders", "usage"];

impl Record {
    /// Returns the whole line, or lines, with the newline at the end.
    pub(super) fn dressed(&self, format: Format, colours: bool) -> String {
        match format {
            Format::Json => self.json(),
            Format::Text if self.told => self.narrative(colours),
            Format::Text => self.detail(),
        }
    }

    /// Returns one JSON object. Its first three keys are always there, and always first.
    fn json(&self) -> String {
        let mut line = String::from("{");
        let head = [
            ("timestamp", self.time().into()),
            ("level", word(self.level).into()),
            ("message", self.message.as_str().into()),
        ];
        let all = head.iter().chain(self.fields.iter());
        for (number, (name, value)) in all.enumerate() {
            let comma = if number == 0 { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(line, "{comma}{}:{value}", Value::from(*name));
        }
        line.push_str("}\n");
        line
    }

    /// Returns what people are told, each line of it with the time and the round where it belongs to one.
    fn narrative(&self, colours: bool) -> String {
        let start = self.round().map_or_else(String::new, |round| format!("{} {round}: ", self.time()));
        let mut text = start.clone();
        if let Some(mark) = &self.mark {
            let style = if colours { style(mark) } else { Style::new() };
            let _ = write!(text, "{style}{mark}:{style:#} ");
        }
        text.push_str(&self.message.replace('\n', &format!("\n{start}")));
        let hints = self.field("hint").and_then(Value::as_str).unwrap_or_default();
        for hint in hints.lines() {
            let _ = write!(text, "\n{start}  hint: {hint}");
        }
        text.push('\n');
        text
    }

    /// Returns what was noted on the way: time, level, message, and all that is known beside it.
    fn detail(&self) -> String {
        let level = word(self.level).to_ascii_uppercase();
        let mut line = format!("{} {level:>5} {}", self.time(), self.message.replace(char::is_control, " "));
        for (name, value) in &self.fields {
            let bare = value.as_str().filter(|text| is_plain(text) || is_object(text));
            let _ = match bare {
                Some(text) => write!(line, " {name}={text}"),
                None => write!(line, " {name}={value}"),
            };
        }
        line.push('\n');
        line
    }

    /// Returns the time in UTC, to the millisecond: lines of all machines are in one order.
    fn time(&self) -> String {
        self.at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// Returns to what it belongs, such as "cycle 3".
    fn round(&self) -> Option<String> {
        ROUNDS.into_iter().find_map(|name| Some(format!("{name} {}", self.field(name)?)))
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

fn style(mark: &str) -> Style {
    let colour = match mark {
        "error" => AnsiColor::Red,
        "warning" => AnsiColor::Yellow,
        _ => AnsiColor::Cyan,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}

/// Says whether a text needs no quotes.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|letter| letter.is_ascii_graphic() && !matches!(letter, '"' | '\\' | '='))
}

/// Says whether a text is a JSON object, which ends where its brackets do.
fn is_object(text: &str) -> bool {
    text.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(told: bool, fields: &[(&'static str, Value)]) -> Record {
        Record {
            at: "2026-11-26T17:00:00.0421Z".parse().unwrap(),
            level: Level::WARN,
            told,
            message: "first\nsecond \"line\"".to_owned(),
            mark: Some("warning".to_owned()),
            fields: fields.to_vec(),
        }
    }

    #[test]
    fn json_is_one_object_on_one_line_whatever_it_says() {
        let line = record(true, &[("cycle", json!(3)), ("hint", json!("a\nb"))]).dressed(Format::Json, true);
        assert_eq!(
            line,
            "{\"timestamp\":\"2026-11-26T17:00:00.042Z\",\"level\":\"warn\",\"message\":\"first\\nsecond \\\"line\\\"\",\
             \"cycle\":3,\"hint\":\"a\\nb\"}\n"
        );
    }

    #[test]
    fn what_one_person_is_told_has_no_time() {
        let text = record(true, &[("hint", json!("a\nb"))]).dressed(Format::Text, false);
        assert_eq!(text, "warning: first\nsecond \"line\"\n  hint: a\n  hint: b\n");
    }

    #[test]
    fn every_line_of_a_round_says_when_and_to_which_it_belongs() {
        for round in ROUNDS {
            let text = record(true, &[(round, json!(7)), ("hint", json!("a"))]).dressed(Format::Text, false);
            let start = format!("2026-11-26T17:00:00.042Z {round} 7: ");
            assert_eq!(text.lines().count(), 3);
            assert!(text.lines().all(|line| line.starts_with(&start)), "{text}");
        }
    }

    #[test]
    fn a_detail_is_one_line_with_all_that_is_known() {
        let fields = [("cycle", json!(1)), ("path", json!("/v3/x")), ("sent", json!("{\"a\": 1}"))];
        assert_eq!(
            record(false, &fields).dressed(Format::Text, true),
            "2026-11-26T17:00:00.042Z  WARN first second \"line\" cycle=1 path=/v3/x sent={\"a\": 1}\n"
        );
    }

    #[test]
    fn colour_is_only_on_the_word_that_says_what_it_is() {
        let painted = record(true, &[]).dressed(Format::Text, true);
        assert!(painted.starts_with("\u{1b}[1m\u{1b}[33mwarning:\u{1b}[0m first"), "{painted:?}");
    }
}
