//! How a finding looks: a line that editors jump to, or the place in the text where a person looks on.

use std::{io, ops::Range};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use stanch_model::{Diagnostic, Span};

use super::Finding;
use crate::output::{Output, visible};

/// Prints `FILE:LINE:COL CODE message` with its help; on a terminal, the lines that are meant.
pub(super) fn print(finding: &Finding, text: &str, out: &mut Output) -> io::Result<()> {
    let Finding { path, diagnostic, .. } = finding;
    if out.is_terminal() {
        return out.picture(&picture(path, diagnostic, text));
    }
    let Diagnostic { code, message, span, .. } = diagnostic;
    let warning = if diagnostic.is_error() { "" } else { "warning: " };
    out.line(&format!("{path}:{}:{} {code} {warning}{message}", span.line, span.column))?;
    for help in diagnostic.help.lines() {
        out.line(&format!("    help: {help}"))?;
    }
    Ok(())
}

fn picture(path: &str, diagnostic: &Diagnostic, text: &str) -> String {
    let level = if diagnostic.is_error() { Level::ERROR } else { Level::WARNING };
    let range = range(text, diagnostic.span);
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code.as_str());
    let path = visible(path);
    let snippet =
        Snippet::source(text).path(path.as_str()).annotation(AnnotationKind::Primary.span(range));
    let report = [
        title.element(snippet),
        Group::with_title(Level::HELP.secondary_title(visible(&diagnostic.help))),
    ];
    Renderer::styled().render(&report)
}

/// The bytes of `text` that a span names; at least one character where there is one.
fn range(text: &str, span: Span) -> Range<usize> {
    let start = offset(text, span.line, span.column);
    let end = offset(text, span.end_line, span.end_column).max(start);
    let next = text.get(start..).and_then(|rest| rest.chars().next());
    let least = next.filter(|c| *c != '\n').map_or(start, |c| start.saturating_add(c.len_utf8()));
    start..end.max(least)
}

/// The byte at which a line and column stand; columns count characters from 1.
fn offset(text: &str, line: u32, column: u32) -> usize {
    let before = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let mut lines = text.split_inclusive('\n');
    let start: usize = lines.by_ref().take(before).map(str::len).sum();
    let line = lines.next().unwrap_or_default().trim_end_matches(['\n', '\r']);
    let characters = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    start.saturating_add(line.chars().take(characters).map(char::len_utf8).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, span: Span, expect: &str) {
        assert_eq!(text.get(range(text, span)), Some(expect));
    }

    #[test]
    fn spans_are_found_in_the_text() {
        let text = "a: 1\nüb: wörd x\r\n\n";
        check(text, Span::on_line(1, 1, 1), "a");
        check(text, Span::on_line(2, 5, 4), "wörd");
        check(text, Span::on_line(2, 1, 0), "ü");
        check(text, Span::on_line(2, 9, 40), " x");
        check(text, Span::on_line(3, 1, 1), "");
        check(text, Span::on_line(9, 9, 9), "");
        check("", Span::on_line(1, 1, 1), "");
        check(text, Span { line: 1, column: 4, end_line: 2, end_column: 3 }, "1\nüb");
    }

    #[test]
    fn what_a_terminal_would_obey_is_not_sent() {
        let text = "playbook: \u{1b}[2J\u{202e}x\n";
        let found = Diagnostic::error("PB0001", Span::on_line(1, 11, 3), "no \u{9b}2J", "help");
        let plain: String = picture("f\u{1b}c.yaml", &found, text);
        assert!(!plain.contains("\u{1b}[2J") && !plain.contains("\u{1b}c"), "{plain:?}");
        assert!(!plain.contains(['\u{202e}', '\u{9b}']), "{plain:?}");
    }
}
