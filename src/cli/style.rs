//! What people see: data on stdout, narrative on stderr, colour only beside words and signs.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use tracing::Level;

use super::exit::Exit;
use crate::plan::render::log::{self, Entry};
use crate::plan::render::{Document, text};
use crate::telemetry::{self, Detail, Format, Told};

/// Writes data to stdout, all of it before the program ends. A reader that went away is no error: it has read enough.
pub(super) fn print(text: &str) -> io::Result<()> {
    quietly(write_all(&mut anstream::stdout().lock(), text))
}

/// Writes a plan to stdout; the sign at the beginning of a line chooses its colour.
pub(super) fn print_plan(text: &str) -> io::Result<()> {
    print(&paint(text))
}

/// Writes lines that differ to stdout; the first sign of a line chooses its colour, whatever follows.
pub(super) fn print_changes(lines: &str) -> io::Result<()> {
    let mut painted = String::with_capacity(lines.len() + lines.len() / 8);
    for line in lines.lines() {
        let color = match line.as_bytes().first() {
            Some(b'+') => Some(AnsiColor::Green),
            Some(b'-') => Some(AnsiColor::Red),
            Some(b'@') => Some(AnsiColor::Cyan),
            _ => None,
        };
        let style = Style::new().fg_color(color.map(Into::into));
        painted.extend([&style.render().to_string(), line, &style.render_reset().to_string(), "\n"]);
    }
    print(&painted)
}

/// Writes findings to stdout; the word at the beginning of a line chooses its colour.
pub(super) fn print_findings(lines: &str) -> io::Result<()> {
    let mut painted = String::with_capacity(lines.len() + lines.len() / 4);
    for line in lines.lines() {
        let word = line.strip_prefix("  ").and_then(|line| line.split(' ').next()).unwrap_or_default();
        let color = match word {
            "ok" => Some(AnsiColor::Green),
            "remark" => Some(AnsiColor::Yellow),
            "wrong" => Some(AnsiColor::Red),
            "unknown" => Some(AnsiColor::Magenta),
            _ => None,
        };
        let (style, rest) = match color {
            Some(color) => (Style::new().fg_color(Some(color.into())), 2),
            None if line.is_empty() || line.starts_with(' ') => (Style::new(), 0),
            None => (Style::new().bold(), 0),
        };
        let (before, after) = line.split_at(rest);
        let (word, after) = if rest == 0 { (after, "") } else { after.split_at(word.len()) };
        painted.extend([
            before,
            &style.render().to_string(),
            word,
            &style.render_reset().to_string(),
            after,
            "\n",
        ]);
    }
    print(&painted)
}

/// Tells people something on stderr, as far as the log's level lets it.
pub(super) fn tell<T: ?Sized>(told: &T) -> io::Result<()>
where
    for<'told> &'told T: Into<Told>,
{
    telemetry::tell(&told.into())
}

/// Asks on stderr, whatever the log's level: a question that nobody sees would wait for ever.
pub(super) fn ask(question: &str) -> io::Result<()> {
    quietly(write_all(&mut anstream::stderr().lock(), &format!("{question}\n")))
}

/// Tells how something ended, as grave as its exit code is.
pub(super) fn tell_end(what: &str, exit: Exit) -> io::Result<()> {
    let level = if exit == Exit::Success { Level::INFO } else { Level::WARN };
    tell(&Told::new(what).at(level))
}

/// Tells a plan: as text on stdout, or, where the log is for programs, as entries of it. Containers mix both streams, and
/// what ships their lines could not read the text.
pub(super) fn tell_plan(document: &Document) -> io::Result<()> {
    match telemetry::format() {
        Format::Text => print_plan(&text::shown(document)),
        Format::Json => log::entries(document).into_iter().try_for_each(|entry| {
            let Entry { grave, what, about, because, hint } = entry;
            let level = if grave { Level::WARN } else { Level::INFO };
            let detail = Detail { about, because, outcome: None };
            tell(&Told::new(what).at(level).with_hint(hint.as_deref()).with(detail))
        }),
    }
}

fn write_all(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn quietly(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Returns an error as it is told: what, and what to do.
pub(super) fn error(what: &str, hints: &[String]) -> Told {
    Told::error(what, hints)
}

/// Returns a warning as it is told.
pub(super) fn warning(what: &str, hints: &[String]) -> Told {
    Told::warning(what, hints)
}

/// Returns a note as it is told: nothing has to be done.
pub(super) fn note(what: &str) -> Told {
    Told::note(what)
}

/// Colours the lines of a plan by the sign that they begin with.
fn paint(text: &str) -> String {
    let mut painted = String::with_capacity(text.len() + text.len() / 8);
    for line in text.split_inclusive('\n') {
        let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
        let style = match content.trim_start().as_bytes() {
            [b'+', b' ', ..] => Some(Style::new().fg_color(Some(AnsiColor::Green.into()))),
            [b'<', b'=', b' ', ..] => Some(Style::new().fg_color(Some(AnsiColor::Cyan.into()))),
            [b'~', b' ', ..] => Some(Style::new().fg_color(Some(AnsiColor::Yellow.into()))),
            [b'-', b' ', ..] => Some(Style::new().fg_color(Some(AnsiColor::Red.into()))),
            [b'!', b' ', ..] => Some(Style::new().fg_color(Some(AnsiColor::Magenta.into()))),
            [b'o', b'f', b'f', ..] | [b'P', b'l', b'a', b'n', ..] => Some(Style::new().bold()),
            _ => None,
        };
        match style {
            Some(style) => {
                painted.extend([
                    &style.render().to_string(),
                    content,
                    &style.render_reset().to_string(),
                    end,
                ]);
            }
            None => painted.push_str(line),
        }
    }
    painted
}
