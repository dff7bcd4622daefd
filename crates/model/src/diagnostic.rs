//! Diagnostics: what is wrong with something a person wrote, where, and how to mend it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether it stops the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is loaded all the same.
    Warning,
    /// It is refused.
    Error,
}

/// A place in a text. Lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// Line of the first character.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column just after the last character.
    pub end_column: u32,
}

impl Span {
    /// A span of `length` characters on one line.
    #[must_use]
    pub const fn on_line(line: u32, column: u32, length: u32) -> Self {
        Self { line, column, end_line: line, end_column: column.saturating_add(length) }
    }
}

/// A change of the text that mends a finding: what stands at `span` becomes `replacement`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What goes; nothing goes if it is empty.
    pub span: Span,
    /// What comes instead.
    pub replacement: String,
}

impl Fix {
    /// The text with the change made; nothing if `text` has no such place.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let start = offset(text, self.span.line, self.span.column)?;
        let end = offset(text, self.span.end_line, self.span.end_column)?;
        let (before, after) = (text.get(..start)?, text.get(end.max(start)..)?);
        Some(format!("{before}{}{after}", self.replacement))
    }
}

/// The byte at which a line and column stand. A column may be the one after the line's last.
fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let number = |n: u32| usize::try_from(n.checked_sub(1)?).ok();
    let start = match number(line)? {
        0 => 0,
        before => text.match_indices('\n').nth(before.checked_sub(1)?)?.0.checked_add(1)?,
    };
    let rest = text.get(start..)?;
    let line = rest.split('\n').next().unwrap_or_default();
    let skipped = number(column)?;
    let within = match line.char_indices().nth(skipped) {
        Some((at, _)) => at,
        None if line.chars().count() == skipped => line.len(),
        None => return None,
    };
    start.checked_add(within)
}

/// One finding. Every code is listed in docs/reference/codes.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable code: `PB` playbook, `CN` connector manifest, `GD` policy, `SG` Sigma rule, `TS` test file, `CF` configuration; four digits.
    pub code: String,
    /// Whether it stops the load.
    pub level: Level,
    /// What is wrong, lower case, no final stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// How to mend it.
    pub help: String,
    /// The change that does so, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Box<Fix>>,
}

impl Diagnostic {
    /// A finding that stops the load.
    #[must_use]
    pub fn error(
        code: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            code: code.to_owned(),
            level: Level::Error,
            message: message.into(),
            span,
            help: help.into(),
            fix: None,
        }
    }

    /// With the change that mends it, where one is known.
    #[must_use]
    pub fn with_fix(self, fix: Option<Fix>) -> Self {
        Self { fix: fix.map(Box::new), ..self }
    }

    /// A finding that does not stop the load.
    #[must_use]
    pub fn warning(
        code: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { level: Level::Warning, ..Self::error(code, span, message, help) }
    }

    /// Whether it stops the load.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }
}

impl fmt::Display for Diagnostic {
    /// `LINE:COL CODE message`, the form that scripts rely on after `FILE:`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, message, span, .. } = self;
        write!(f, "{}:{} {code} {message}", span.line, span.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_changes_what_stands_at_its_place() {
        let text = "a: 1\nüb: wörd\n";
        let apply =
            |span, replacement: &str| Fix { span, replacement: replacement.to_owned() }.apply(text);
        let on = Span::on_line;
        assert_eq!(apply(on(2, 5, 4), "x").as_deref(), Some("a: 1\nüb: x\n"));
        assert_eq!(apply(on(1, 5, 0), "0").as_deref(), Some("a: 10\nüb: wörd\n"));
        assert_eq!(apply(on(3, 1, 0), "c: 2\n").as_deref(), Some("a: 1\nüb: wörd\nc: 2\n"));
        let both = Span { line: 1, column: 4, end_line: 2, end_column: 5 };
        assert_eq!(apply(both, "").as_deref(), Some("a: wörd\n"));
        assert_eq!(apply(on(9, 1, 0), "x"), None);
        assert_eq!(apply(on(1, 9, 0), "x"), None);
        assert_eq!(apply(on(0, 0, 0), "x"), None);
    }
}
