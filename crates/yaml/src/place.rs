//! Where each character of a YAML value stands in the text.
//!
//! The loader tells where a value begins. A fault inside of it, at some byte of an expression, has to
//! be shown at its line and column, so the value is read again beside its text: quotes, escapes,
//! folded lines and block indentation are stepped over (YAML 1.2.2, §7.3, §8.1).

use stanch_model::Span;

/// A text and the places of its lines.
#[derive(Clone, Debug)]
pub struct Source<'t> {
    /// The text.
    pub text: &'t str,
    lines: Vec<Line>,
}

/// Where a line stands, in bytes.
#[derive(Clone, Debug)]
struct Line {
    start: usize,
    /// Without what ends it.
    end: usize,
    /// Whether each character is one byte.
    ascii: bool,
    /// Of a line with wide characters, the byte of every [`STRIDE`]th from the second of them on.
    marks: Vec<usize>,
}

/// Characters that are counted at the most to find a place: a line may be as long as the text.
const STRIDE: usize = 256;

impl Line {
    fn new(text: &str, start: usize, end: usize) -> Self {
        let line = text.get(start..end).unwrap_or_default();
        let ascii = line.is_ascii();
        let marks = if ascii {
            Vec::new()
        } else {
            let bytes = line.char_indices().map(|(at, _)| at);
            bytes.step_by(STRIDE).skip(1).collect()
        };
        let end = start.saturating_add(line.trim_end_matches(['\n', '\r']).len());
        Self { start, end, ascii, marks }
    }

    /// The byte of the text at which a character of the line begins, counted from 0.
    fn byte(&self, text: &str, skip: usize) -> usize {
        if self.ascii && skip <= self.end.saturating_sub(self.start) {
            return self.start.saturating_add(skip);
        }
        let line = text.get(self.start..).unwrap_or_default();
        let mark = skip.checked_div(STRIDE).unwrap_or(0).min(self.marks.len());
        let from = mark.checked_sub(1).and_then(|mark| self.marks.get(mark)).copied().unwrap_or(0);
        let rest = line.get(from..).unwrap_or_default();
        let left = skip.saturating_sub(mark.saturating_mul(STRIDE));
        let within: usize = rest.chars().take(left).map(char::len_utf8).sum();
        self.start.saturating_add(from).saturating_add(within)
    }
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// A block, indented by so many spaces.
    Block(usize),
}

impl<'t> Source<'t> {
    /// Finds the lines of a text.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let mut lines = Vec::new();
        let mut start = 0_usize;
        for line in text.split_inclusive('\n') {
            let end = start.saturating_add(line.len());
            lines.push(Line::new(text, start, end));
            start = end;
        }
        if text.is_empty() || text.ends_with('\n') {
            lines.push(Line { start, end: start, ascii: true, marks: Vec::new() });
        }
        Self { text, lines }
    }

    fn line_at(&self, line: u32) -> Option<&Line> {
        self.lines.get(usize::try_from(line).unwrap_or(1).saturating_sub(1))
    }

    /// A line, which counts from 1.
    #[must_use]
    pub fn line(&self, line: u32) -> &'t str {
        self.line_at(line).and_then(|line| self.text.get(line.start..line.end)).unwrap_or_default()
    }

    /// Byte of a place that counts from 1, in characters.
    #[must_use]
    pub fn byte(&self, line: u32, column: u32) -> usize {
        let skip = usize::try_from(column).unwrap_or(1).saturating_sub(1);
        self.line_at(line).map_or(self.text.len(), |line| line.byte(self.text, skip))
    }

    /// The character at a place.
    #[must_use]
    pub fn at(&self, place: Span) -> Option<char> {
        self.text.get(self.byte(place.line, place.column)..)?.chars().next()
    }

    /// The text of a place.
    #[must_use]
    pub fn slice(&self, place: Span) -> &'t str {
        let start = self.byte(place.line, place.column);
        let end = self.byte(place.end_line, place.end_column);
        self.text.get(start..end.max(start)).unwrap_or_default()
    }

    /// The place of a byte.
    #[must_use]
    pub fn place_of(&self, byte: usize) -> (u32, u32) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let line = self.lines.partition_point(|line| line.start <= byte);
        let start =
            line.checked_sub(1).and_then(|line| self.lines.get(line)).map(|line| line.start);
        let before = self.text.get(start.unwrap_or(0)..byte).unwrap_or_default();
        (number(line), number(before.chars().count()).saturating_add(1))
    }

    /// How the value that begins at `start` is written.
    #[must_use]
    pub fn style(&self, start: Span) -> Style {
        Walk::new(self, start).style
    }

    /// The place of the whole value `decoded` that begins at `start`, quotes included.
    #[must_use]
    pub fn whole(&self, start: Span, decoded: &str) -> Span {
        let mut walk = Walk::new(self, start);
        let quoted = matches!(walk.style, Style::Single | Style::Double);
        for c in decoded.chars() {
            walk.meet(c);
            walk.pass(c);
        }
        if quoted {
            walk.step();
        }
        Span {
            line: start.line,
            column: start.column,
            end_line: walk.line,
            end_column: walk.column,
        }
    }

    /// The place of `length` bytes at byte `offset` of the value `decoded` that begins at `start`.
    #[must_use]
    pub fn part(&self, start: Span, decoded: &str, offset: usize, length: usize) -> Span {
        let mut walk = Walk::new(self, start);
        let end = offset.saturating_add(length);
        let mut first = None;
        let mut last = None;
        for (at, c) in decoded.char_indices() {
            walk.meet(c);
            if at >= offset && first.is_none() {
                first = Some((walk.line, walk.column));
            }
            if at >= end && last.is_none() {
                break;
            }
            walk.pass(c);
            if at.saturating_add(c.len_utf8()) >= end {
                last = last.or(Some((walk.line, walk.column)));
            }
        }
        let (line, column) = first.unwrap_or((walk.line, walk.column));
        let (end_line, end_column) = last.unwrap_or((line, column));
        Span { line, column, end_line, end_column }
    }
}

/// A reader that stands at one place of the text.
struct Walk<'t> {
    rest: &'t str,
    style: Style,
    line: u32,
    column: u32,
}

impl<'t> Walk<'t> {
    fn new(source: &Source<'t>, start: Span) -> Self {
        let at = source.byte(start.line, start.column);
        let rest = source.text.get(at..).unwrap_or_default();
        let style = if let Some(indent) = block_indent(source, start) {
            Style::Block(indent)
        } else if rest.starts_with('\'') {
            Style::Single
        } else if rest.starts_with('"') {
            Style::Double
        } else {
            Style::Plain
        };
        let mut walk = Self { rest, style, line: start.line, column: start.column };
        if matches!(style, Style::Single | Style::Double) {
            walk.step();
        }
        walk
    }

    fn next(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// One character of the text.
    fn step(&mut self) {
        let mut rest = self.rest.chars();
        let Some(c) = rest.next() else { return };
        self.rest = rest.as_str();
        if c == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
    }

    fn steps(&mut self, count: usize) {
        (0..count).for_each(|_| self.step());
    }

    /// Steps over what folding and line continuation leave out, up to where `c` is written.
    fn meet(&mut self, c: char) {
        if self.style == Style::Double
            && (self.rest.starts_with("\\\n") || self.rest.starts_with("\\\r"))
        {
            self.step();
            self.blanks();
        }
        let written = self.next();
        let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
        if written.is_some_and(|w| w != c && blank(w)) && !blank(c) && c != '\u{a0}' {
            self.blanks();
        }
    }

    fn blanks(&mut self) {
        while self.next().is_some_and(|c| matches!(c, ' ' | '\t' | '\n' | '\r')) {
            self.step();
        }
    }

    /// Steps over what `c` is written as.
    fn pass(&mut self, c: char) {
        match (self.style, self.next()) {
            (Style::Single, Some('\'')) => self.steps(2),
            (Style::Double, Some('\\')) => {
                let digits: usize = match self.rest.chars().nth(1) {
                    Some('x') => 2,
                    Some('u') => 4,
                    Some('U') => 8,
                    _ => 0,
                };
                self.steps(digits.saturating_add(2));
            }
            (Style::Block(indent), Some('\n' | '\r')) => {
                if self.next() == Some('\r') {
                    self.step();
                }
                self.step();
                let spaces = self.rest.chars().take_while(|c| *c == ' ').count();
                self.steps(spaces.min(indent));
            }
            (Style::Block(_), _) if c == '\n' => {}
            (_, Some('\n' | '\r')) => self.blanks(),
            _ => self.step(),
        }
    }
}

/// The indentation of a block value, if `start` is in one: nothing but space stands before it, and
/// the last line above that is not empty ends with a block indicator.
fn block_indent(source: &Source<'_>, start: Span) -> Option<usize> {
    let indent = usize::try_from(start.column).unwrap_or(1).saturating_sub(1);
    if !source.line(start.line).chars().take(indent).all(char::is_whitespace) {
        return None;
    }
    let above =
        (1..start.line).rev().map(|line| source.line(line)).find(|l| !l.trim().is_empty())?;
    let header = above.split_once(" #").map_or(above, |(header, _comment)| header).trim_end();
    let header = header.trim_end_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
    let key = header.strip_suffix(['|', '>'])?;
    (key.is_empty() || key.ends_with([' ', '\t'])).then_some(indent)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By counting from the beginning of the line.
    fn slowly(text: &str, line: usize, column: usize) -> usize {
        let before: usize =
            text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let rest = text.get(before..).unwrap().chars().take(column.saturating_sub(1));
        before.saturating_add(rest.map(char::len_utf8).sum())
    }

    #[test]
    fn places_are_found_in_long_and_wide_lines() {
        let text = format!("a: b\n{}\n{}\r\nlast", "ä1€".repeat(400), "x".repeat(900));
        let source = Source::new(&text);
        for (line, columns) in [(1, 1..=5), (2, 1..=1201), (3, 1..=901), (4, 1..=5)] {
            for column in columns {
                let byte = source.byte(line, column);
                assert_eq!(byte, slowly(&text, line as usize, column as usize), "{line}:{column}");
                assert_eq!(source.place_of(byte), (line, column));
            }
        }
        assert_eq!(source.line(4), "last");
        assert_eq!(source.line(3).len(), 900);
        assert_eq!(source.line(9), "");
    }
}
