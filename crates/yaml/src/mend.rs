//! Changes that make YAML of a text that is none: where there is no tree, lines are all there is.

use stanch_model::{Fix, Span};

use crate::edit::{quoted, replace};

fn line_of(text: &str, line: u32) -> Option<&str> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    text.lines().nth(index)
}

/// `length` characters of a line, from a byte of it on.
fn on_line(line: u32, text: &str, start: usize, end: usize) -> Span {
    let count = |text: Option<&str>| {
        u32::try_from(text.unwrap_or_default().chars().count()).unwrap_or(u32::MAX)
    };
    let column = count(text.get(..start)).saturating_add(1);
    Span::on_line(line, column, count(text.get(start..end)))
}

/// Puts what is no plain value into quotes: a `${{ }}` part, or all that follows the key.
pub(crate) fn quote(text: &str, line: u32) -> Option<Fix> {
    let written = line_of(text, line)?;
    if let (Some(start), false) = (written.find("${{"), written.contains(['\'', '"'])) {
        let end = written.get(start..)?.find("}}")?.saturating_add(start).saturating_add(2);
        let part = written.get(start..end)?;
        return Some(replace(on_line(line, written, start, end), quoted(part)));
    }
    let (start, end) = value_of(written)?;
    let value = written.get(start..end)?;
    (!value.is_empty() && !value.starts_with(['"', '\'', '{', '[', '|', '>']))
        .then(|| replace(on_line(line, written, start, end), quoted(value)))
}

/// What follows the first key of a line, or its dash, in bytes.
fn value_of(line: &str) -> Option<(usize, usize)> {
    let start = match line.find(": ") {
        Some(at) => at.saturating_add(2),
        None => line.find("- ")?.saturating_add(2),
    };
    let rest = line.get(start..)?;
    let blank = rest.len().saturating_sub(rest.trim_start().len());
    Some((start.saturating_add(blank), line.trim_end().len()))
}

/// Closes the first text whose quote stays open at the end of its line.
pub(crate) fn close_quotes(text: &str) -> Option<Fix> {
    (1..).zip(text.lines()).find_map(|(number, line)| {
        let (start, end) = value_of(line)?;
        let value = line.get(start..end)?;
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let open = value.matches(quote).count() == 1;
        open.then(|| replace(on_line(number, line, end, end), quote.to_string()))
    })
}

/// Leaves out everything from a line on.
pub(crate) fn cut(text: &str, line: u32) -> Fix {
    let last = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    let width = line_of(text, last).unwrap_or_default().chars().count();
    let end_column = u32::try_from(width).unwrap_or(u32::MAX).saturating_add(1);
    replace(Span { line, column: 1, end_line: last, end_column }, "")
}

/// Leaves out the key at a place and what stands below it, where the key begins its line.
pub(crate) fn remove_lines(text: &str, key: Span) -> Option<Fix> {
    let indent = |line: &str| line.chars().take_while(|c| *c == ' ').count();
    let own = usize::try_from(key.column).ok()?.checked_sub(1)?;
    if indent(line_of(text, key.line)?) != own {
        return None;
    }
    let skip = usize::try_from(key.line).ok()?;
    let below = text.lines().skip(skip);
    let kept = below.take_while(|line| line.trim().is_empty() || indent(line) > own).count();
    let next = key.line.saturating_add(u32::try_from(kept).ok()?).saturating_add(1);
    let (end_line, end_column) = match line_of(text, next) {
        Some(_) => (next, 1),
        None if text.ends_with('\n') => (next, 1),
        // The text ends with what goes, and without a line break.
        None => {
            let last = next.saturating_sub(1);
            let width = line_of(text, last)?.chars().count();
            (last, u32::try_from(width).ok()?.saturating_add(1))
        }
    };
    Some(replace(Span { line: key.line, column: 1, end_line, end_column }, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_mended() {
        let check = |text: &str, fix: Option<Fix>, expect: &str| {
            assert_eq!(fix.and_then(|fix| fix.apply(text)).as_deref(), Some(expect), "{text}");
        };
        let text = "title: Stop it: now\n";
        check(text, quote(text, 1), "title: \"Stop it: now\"\n");
        let text = "with: { a: ${{ x }} }\n";
        check(text, quote(text, 1), "with: { a: \"${{ x }}\" }\n");
        let text = "- *a\n";
        check(text, quote(text, 1), "- \"*a\"\n");
        let text = "a: \"x\nb: 1\n";
        check(text, close_quotes(text), "a: \"x\"\nb: 1\n");
        let text = "a: 1\n---\nb: 1\n";
        check(text, Some(cut(text, 2)), "a: 1\n\n");
        let text = "a: 1\na:\n  b: 1\nc: 1\n";
        check(text, remove_lines(text, Span::on_line(2, 1, 1)), "a: 1\nc: 1\n");
    }
}
