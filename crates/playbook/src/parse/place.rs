//! Where each character of a YAML value stands in the text.
//!
//! The loader tells where a value begins. A fault inside of it, at some byte of an expression, has to
//! be shown at its line and column, so the value is read again beside its text: quotes, escapes,
//! folded lines and block indentation are stepped over (YAML 1.2.2, §7.3, §8.1).

use stanch_model::Span;

/// A text and the bytes at which its lines begin.
#[derive(Clone, Debug)]
pub(crate) struct Source<'t> {
    pub(crate) text: &'t str,
    lines: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    /// A block, indented by so many spaces.
    Block(usize),
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at.saturating_add(1));
        Self { text, lines: std::iter::once(0).chain(starts).collect() }
    }

    fn line(&self, line: u32) -> &'t str {
        let index = usize::try_from(line).unwrap_or(1).saturating_sub(1);
        let start = self.lines.get(index).copied().unwrap_or(self.text.len());
        self.text.get(start..).unwrap_or_default().lines().next().unwrap_or_default()
    }

    /// Byte of a place that counts from 1, in characters.
    fn byte(&self, line: u32, column: u32) -> usize {
        let index = usize::try_from(line).unwrap_or(1).saturating_sub(1);
        let start = self.lines.get(index).copied().unwrap_or(self.text.len());
        let skip = usize::try_from(column).unwrap_or(1).saturating_sub(1);
        let rest = self.text.get(start..).unwrap_or_default();
        start.saturating_add(rest.chars().take(skip).map(char::len_utf8).sum())
    }

    /// The place of the whole value `decoded` that begins at `start`, quotes included.
    pub(crate) fn whole(&self, start: Span, decoded: &str) -> Span {
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
    pub(crate) fn part(&self, start: Span, decoded: &str, offset: usize, length: usize) -> Span {
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
                let digits = match self.rest.chars().nth(1) {
                    Some('x') => 2,
                    Some('u') => 4,
                    Some('U') => 8,
                    _ => 0,
                };
                self.steps(digits + 2);
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
    let before: String = source.line(start.line).chars().take(indent).collect();
    if !before.trim().is_empty() {
        return None;
    }
    let above =
        (1..start.line).rev().map(|line| source.line(line)).find(|l| !l.trim().is_empty())?;
    let header = above.split_once(" #").map_or(above, |(header, _comment)| header).trim_end();
    let header = header.trim_end_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
    let key = header.strip_suffix(['|', '>'])?;
    (key.is_empty() || key.ends_with([' ', '\t'])).then_some(indent)
}
