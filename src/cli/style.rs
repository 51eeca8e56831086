//! What people see: data on stdout, narrative on stderr, colour only beside words and signs.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

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

/// Writes narrative to stderr.
pub(super) fn tell(text: &str) -> io::Result<()> {
    quietly(write_all(&mut anstream::stderr().lock(), &format!("{text}\n")))
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

/// Returns an error as it is shown: what, and what to do.
pub(super) fn error(what: &str, hints: &[String]) -> String {
    marked("error", AnsiColor::Red, what, hints)
}

/// Returns a warning as it is shown.
pub(super) fn warning(what: &str, hints: &[String]) -> String {
    marked("warning", AnsiColor::Yellow, what, hints)
}

/// Returns a note as it is shown: nothing has to be done.
pub(super) fn note(what: &str) -> String {
    marked("note", AnsiColor::Cyan, what, &[])
}

fn marked(word: &str, color: AnsiColor, what: &str, hints: &[String]) -> String {
    let style = Style::new().bold().fg_color(Some(color.into()));
    let mut text = format!("{style}{word}:{style:#} {what}");
    for hint in hints {
        text.push_str("\n  hint: ");
        text.push_str(hint);
    }
    text
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
