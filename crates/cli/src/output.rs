//! What is printed: the only place that does.
//!
//! Data goes to stdout, talk to stderr. Texts of alerts, logs and files are written by attackers as well,
//! so control characters, C1 included, and those that reorder text are shown and not sent to the
//! terminal.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use serde::Serialize;

/// How data is printed.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Format {
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where data goes.
pub(crate) struct Output {
    to: Box<dyn Write>,
    is_terminal: bool,
}

impl Output {
    /// Standard output.
    pub(crate) fn stdout() -> Self {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        Self { to: Box::new(BufWriter::new(stdout)), is_terminal }
    }

    /// Whether a person reads along.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// One JSON document over several lines.
    pub(crate) fn json(&mut self, document: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(document)?;
        writeln!(self.to, "{}", json_visible(&text))
    }

    /// One JSON document on one line.
    pub(crate) fn json_line(&mut self, document: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(document)?;
        writeln!(self.to, "{}", json_visible(&text))
    }

    /// One line of text.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.to, "{}", visible(text))
    }

    /// A picture that whoever drew it has made safe.
    pub(crate) fn picture(&mut self, drawn: &str) -> io::Result<()> {
        writeln!(self.to, "{drawn}")
    }

    /// A table: columns as wide as their widest cell, the last one free.
    pub(crate) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
        let head = head.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let visible_row = |row: &Vec<String>| row.iter().map(|cell| visible(cell)).collect();
        let rows: Vec<Vec<String>> = std::iter::once(&head).chain(rows).map(visible_row).collect();
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        for row in &rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(&format!("{cell:<width$}  "));
            }
            writeln!(self.to, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Sends what is held back.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Talk: one line on stderr. If nobody can be told, nobody is told.
pub(crate) fn note(text: &str) {
    drop(writeln!(io::stderr(), "{}", visible(text)));
}

/// The text with everything shown that a terminal would obey: C0, DEL, C1, line separators, and the
/// characters that reorder what follows (Unicode Standard Annex 9).
pub(crate) fn visible(text: &str) -> String {
    escape(text, |c, shown| match c {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        _ => shown.extend(c.escape_unicode()),
    })
}

/// The same for a JSON text, which stays the same JSON: these characters stand in strings only, and line
/// breaks outside of them are layout.
fn json_visible(json: &str) -> String {
    escape(json, |c, shown| match c {
        '\n' => shown.push('\n'),
        _ => shown.push_str(&format!("\\u{:04x}", u32::from(c))),
    })
}

fn escape(text: &str, show: impl Fn(char, &mut String)) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_obeyed(c) { show(c, &mut shown) } else { shown.push(c) }
    }
    shown
}

fn is_obeyed(c: char) -> bool {
    let reorders = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    let isolates = matches!(c, '\u{2066}'..='\u{2069}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    c.is_control() || reorders || isolates || breaks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(visible(text), expect);
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        check("ws-07 ünï 日本 🔒", "ws-07 ünï 日本 🔒");
        check("a\u{1b}[31mred\u{7}", "a\\u{1b}[31mred\\u{7}");
        check("a\u{9b}2J\u{7f}", "a\\u{9b}2J\\u{7f}");
        check("evil\u{202e}gnp.exe", "evil\\u{202e}gnp.exe");
        check("one\ntwo\tthree\r", "one\\ntwo\\tthree\\r");
    }

    #[test]
    fn json_stays_the_same_json() {
        let document = serde_json::json!({ "a": "\u{1b}[2J\u{9b}\u{202e}\n", "b": ["ü"] });
        let text = json_visible(&serde_json::to_string_pretty(&document).unwrap());
        assert!(text.chars().all(|c| c == '\n' || !is_obeyed(c)), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), document);
    }
}
