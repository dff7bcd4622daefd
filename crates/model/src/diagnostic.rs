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

/// One finding. Every code is listed in docs/reference/codes.md.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable code: `PB` playbook, `CN` connector manifest, `SG` Sigma rule, `TS` test file, `CF` configuration; four digits.
    pub code: String,
    /// Whether it stops the load.
    pub level: Level,
    /// What is wrong, lower case, no final stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// How to mend it.
    pub help: String,
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
        }
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
