//! Words of an expression, and the caps that hold before the parser runs.
//!
//! The scanner knows as much of CEL's lexis as is needed to tell texts and comments from the rest
//! (CEL language definition, §Syntax): it finds matching brackets, the end of a `${{ }}` part, and
//! the place of every word. What it lets through may still be no expression.

use super::tree::Range;
use crate::{
    error::CompileError,
    limits::{CONDITIONALS_MAX, NESTING_MAX, TOKENS_MAX},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Name,
    Number,
    Text,
    Sign,
    /// An opening bracket, with the index of the token that closes it.
    Open(usize),
    Close,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) range: Range,
}

/// Where a scan ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// At the end of the text.
    End,
    /// At a `}}` outside of brackets and texts.
    Braces,
}

/// The words of a text, in order.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) list: Vec<Token>,
    /// Byte just after the last one scanned; before the `}}` for [`Until::Braces`].
    pub(crate) end: usize,
}

impl Tokens {
    /// Index of the token that begins at byte `start`.
    pub(crate) fn index_at(&self, start: usize) -> Option<usize> {
        self.list.binary_search_by_key(&start, |token| token.range.start).ok()
    }
}

pub(crate) fn scan(text: &str, until: Until) -> Result<Tokens, CompileError> {
    let mut scanner =
        Scanner { text, until, at: 0, tokens: Vec::new(), open: Vec::new(), conditionals: 0 };
    loop {
        scanner.skip_blank();
        let Some(next) = scanner.rest().chars().next() else { break };
        let done =
            until == Until::Braces && scanner.open.is_empty() && scanner.rest().starts_with("}}");
        if done {
            return Ok(Tokens { list: scanner.tokens, end: scanner.at });
        }
        scanner.token(next)?;
    }
    if let Some(&index) = scanner.open.last()
        && let Some(token) = scanner.tokens.get(index)
    {
        let range = token.range;
        let bracket = text.get(range.start..range.end).unwrap_or_default();
        return Err(CompileError::new(
            range.start,
            1,
            format!("`{bracket}` is never closed"),
            "close it, or remove it",
        ));
    }
    if until == Until::Braces {
        return Err(CompileError::new(
            text.len(),
            0,
            "`${{` is never closed",
            "end the expression with `}}`",
        ));
    }
    Ok(Tokens { list: scanner.tokens, end: text.len() })
}

/// What may follow a backslash: CEL language definition, §String and Bytes Values.
const ESCAPES: &str = "abfnrtv\\?\"'`xXuU0123";

struct Scanner<'t> {
    text: &'t str,
    until: Until,
    at: usize,
    tokens: Vec<Token>,
    /// Indexes of the brackets that are open.
    open: Vec<usize>,
    conditionals: usize,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Bytes at the start of the rest whose characters satisfy `test`.
    fn run(&self, test: impl Fn(char) -> bool) -> usize {
        self.rest().chars().take_while(|c| test(*c)).map(char::len_utf8).sum()
    }

    fn skip_blank(&mut self) {
        loop {
            self.at = self.at.saturating_add(self.run(char::is_whitespace));
            if !self.rest().starts_with("//") {
                return;
            }
            self.at = self.at.saturating_add(self.run(|c| c != '\n'));
        }
    }

    fn push(&mut self, kind: TokenKind, length: usize) -> Result<(), CompileError> {
        let end = self.at.saturating_add(length);
        if self.tokens.len() >= TOKENS_MAX {
            return Err(CompileError::new(
                self.at,
                length,
                format!("expression has more than {TOKENS_MAX} words and signs"),
                "split it: compute parts in `set` steps, or use `in` with a list instead of many `||`",
            ));
        }
        self.tokens.push(Token { kind, range: Range { start: self.at, end } });
        self.at = end;
        Ok(())
    }

    fn token(&mut self, next: char) -> Result<(), CompileError> {
        if let Some(prefix) = self.text_prefix() {
            return self.quoted(prefix);
        }
        match next {
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = self.run(|c| c.is_ascii_alphanumeric() || c == '_');
                self.push(TokenKind::Name, length)
            }
            '0'..='9' => self.number(),
            '(' | '[' | '{' => self.opened(),
            ')' | ']' | '}' => self.closed(next),
            _ => self.sign(next),
        }
    }

    fn number(&mut self) -> Result<(), CompileError> {
        let mut length = 0_usize;
        let mut last = ' ';
        for c in self.rest().chars() {
            let exponent = matches!(c, '+' | '-') && matches!(last, 'e' | 'E');
            if !(c.is_ascii_alphanumeric() || c == '.' || exponent) {
                break;
            }
            length = length.saturating_add(1);
            last = c;
        }
        let hex = self.rest().starts_with("0x");
        if matches!(last, 'u' | 'U') {
            return Err(CompileError::new(
                self.at,
                length,
                "unsigned numbers are not supported",
                "write the number without the final `u`",
            ));
        }
        if hex || last != '.' {
            return self.push(TokenKind::Number, length);
        }
        self.push(TokenKind::Number, length.saturating_sub(1))
    }

    /// Bytes of `r`, `b` and their kin before a quote, if a text starts here.
    fn text_prefix(&self) -> Option<usize> {
        let letters = self.run(|c| matches!(c, 'r' | 'R' | 'b' | 'B'));
        let quoted = self.rest().get(letters..)?.starts_with(['\'', '"']);
        (letters <= 2 && quoted).then_some(letters)
    }

    fn quoted(&mut self, prefix: usize) -> Result<(), CompileError> {
        let start = self.rest();
        let (letters, body) = start.split_at_checked(prefix).unwrap_or(("", start));
        if letters.contains(['b', 'B']) {
            return Err(CompileError::new(
                self.at,
                prefix,
                "byte texts are not supported",
                "remove the `b` before the quote",
            ));
        }
        let quote = if body.starts_with('"') { "\"" } else { "'" };
        let tripled = quote.repeat(3);
        let fence = if body.starts_with(&tripled) { tripled.as_str() } else { quote };
        let raw = !letters.is_empty();
        let mut at = fence.len();
        while let Some(rest) = body.get(at..) {
            let Some(c) = rest.chars().next() else { break };
            if rest.starts_with(fence) {
                let length = prefix.saturating_add(at).saturating_add(fence.len());
                return self.push(TokenKind::Text, length);
            }
            at = at.saturating_add(c.len_utf8());
            if c == '\\' && !raw {
                let Some(escaped) = body.get(at..).and_then(|rest| rest.chars().next()) else {
                    break;
                };
                if !ESCAPES.contains(escaped) {
                    let offset =
                        self.at.saturating_add(prefix).saturating_add(at).saturating_sub(1);
                    return Err(CompileError::new(
                        offset,
                        escaped.len_utf8().saturating_add(1),
                        format!("`\\{escaped}` is no escape"),
                        format!("write `\\\\{escaped}`, or put r before the quote: r'…'"),
                    ));
                }
                at = at.saturating_add(escaped.len_utf8());
            }
        }
        Err(CompileError::new(
            self.at,
            prefix.saturating_add(fence.len()),
            "text is never closed",
            format!("end it with {fence}"),
        ))
    }

    fn opened(&mut self) -> Result<(), CompileError> {
        if self.open.len() >= NESTING_MAX {
            return Err(CompileError::new(
                self.at,
                1,
                format!("brackets are nested more than {NESTING_MAX} deep"),
                "compute inner parts in `set` steps",
            ));
        }
        self.open.push(self.tokens.len());
        self.push(TokenKind::Open(usize::MAX), 1)
    }

    fn closed(&mut self, bracket: char) -> Result<(), CompileError> {
        let partner = match bracket {
            ')' => "(",
            ']' => "[",
            _ => "{",
        };
        let index = self.tokens.len();
        let opener = self.open.pop().and_then(|open| self.tokens.get_mut(open));
        let Some(opener) = opener else {
            let help = match self.until {
                Until::Braces if bracket == '}' => "end the expression with `}}`".to_owned(),
                _ => format!("remove it, or open it with `{partner}`"),
            };
            return Err(CompileError::new(self.at, 1, format!("`{bracket}` closes nothing"), help));
        };
        opener.kind = TokenKind::Open(index);
        let Range { start, end } = opener.range;
        let opened = self.text.get(start..end).unwrap_or_default();
        if opened != partner {
            let message = format!("`{opened}` is not closed before `{bracket}`");
            return Err(CompileError::new(start, 1, message, "close it, or remove it"));
        }
        self.push(TokenKind::Close, 1)
    }

    fn sign(&mut self, next: char) -> Result<(), CompileError> {
        const DOUBLE: [&str; 6] = ["==", "!=", "<=", ">=", "&&", "||"];
        let rest = self.rest();
        if DOUBLE.iter().any(|sign| rest.starts_with(sign)) {
            return self.push(TokenKind::Sign, 2);
        }
        if next == '?' {
            self.conditionals = self.conditionals.saturating_add(1);
            if self.conditionals > CONDITIONALS_MAX {
                return Err(CompileError::new(
                    self.at,
                    1,
                    format!("expression has more than {CONDITIONALS_MAX} conditionals"),
                    "use `if` steps",
                ));
            }
        }
        if "+-*/%<>!?:.,".contains(next) {
            return self.push(TokenKind::Sign, 1);
        }
        let (message, help) = match next {
            '=' => ("`=` does not compare".to_owned(), "write `==`"),
            '&' => ("`&` is no operator".to_owned(), "write `&&`"),
            '|' => ("`|` is no operator".to_owned(), "write `||`"),
            '$' => ("`$` has no meaning here".to_owned(), "write the variable's name alone"),
            '“' | '”' | '‘' | '’' | '`' => {
                (format!("`{next}` is no quotation mark"), "write ' or \"")
            }
            _ => (
                format!("{} has no meaning in an expression", shown(next)),
                "put text between quotation marks",
            ),
        };
        Err(CompileError::new(self.at, next.len_utf8(), message, help))
    }
}

fn shown(c: char) -> String {
    if c.is_control() { format!("character U+{:04X}", u32::from(c)) } else { format!("`{c}`") }
}
