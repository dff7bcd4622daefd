//! The words of a pattern.

use std::fmt;

use super::Error;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    OpenSquare,
    CloseSquare,
    Comma,
    /// `=`, `!=`, `<` and the like.
    Operator(String),
    /// A constant in quotes.
    Text(String),
    /// A constant with a letter before its quotes: a time, bytes in base64 or hexadecimal.
    Marked(char, String),
    /// A keyword, a number, or an object path.
    Word(String),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("("),
            Self::Close => f.write_str(")"),
            Self::OpenSquare => f.write_str("["),
            Self::CloseSquare => f.write_str("]"),
            Self::Comma => f.write_str(","),
            Self::Operator(text) | Self::Word(text) => f.write_str(text),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Marked(mark, text) => write!(f, "{mark}'{text}'"),
        }
    }
}

/// Words that compare, besides the signs.
const COMPARING: [&str; 5] = ["IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"];

/// Words that are no constants.
const KEYWORDS: [&str; 12] = [
    "AND",
    "OR",
    "NOT",
    "FOLLOWEDBY",
    "EXISTS",
    "WITHIN",
    "REPEATS",
    "START",
    "STOP",
    "SECONDS",
    "TIMES",
    "IN",
];

/// All words of a pattern, each with the character at which it begins, from 1; the last is taken first.
pub(super) struct Tokens {
    left: Vec<(usize, Token)>,
    end: usize,
}

impl Tokens {
    pub(super) fn new(text: &str) -> Result<Self, Error> {
        let characters: Vec<char> = text.chars().collect();
        let mut reader = Reader { characters: &characters, at: 0 };
        let mut left = Vec::new();
        loop {
            reader.skip(char::is_whitespace);
            let start = reader.at.saturating_add(1);
            match reader.token()? {
                Some(token) => left.push((start, token)),
                None => break,
            }
        }
        left.reverse();
        Ok(Self { left, end: characters.len().saturating_add(1) })
    }

    pub(super) fn at(&self) -> usize {
        self.left.last().map_or(self.end, |(at, _)| *at)
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.left.last().map(|(_, token)| token)
    }

    pub(super) fn take(&mut self, token: &Token) -> bool {
        self.left.pop_if(|(_, next)| next == token).is_some()
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        self.left.pop_if(|(_, next)| matches!(next, Token::Word(next) if next == word)).is_some()
    }

    pub(super) fn take_path(&mut self) -> Option<String> {
        match self.left.pop_if(|(_, next)| matches!(next, Token::Word(word) if word.contains(':')))
        {
            Some((_, Token::Word(path))) => Some(path),
            _ => None,
        }
    }

    pub(super) fn take_operator(&mut self) -> Option<String> {
        let compares = |token: &Token| match token {
            Token::Operator(_) => true,
            Token::Word(word) => COMPARING.contains(&word.as_str()),
            _ => false,
        };
        match self.left.pop_if(|(_, next)| compares(next)) {
            Some((_, Token::Operator(text) | Token::Word(text))) => Some(text),
            _ => None,
        }
    }

    pub(super) fn take_literal(&mut self) -> Option<Token> {
        let is_constant = |token: &Token| match token {
            Token::Text(_) | Token::Marked(..) => true,
            Token::Word(word) => !word.contains(':') && !KEYWORDS.contains(&word.as_str()),
            _ => false,
        };
        self.left.pop_if(|(_, next)| is_constant(next)).map(|(_, token)| token)
    }
}

struct Reader<'a> {
    characters: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn step(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at = self.at.saturating_add(1);
        Some(next)
    }

    fn skip(&mut self, wanted: fn(char) -> bool) {
        while self.peek().is_some_and(wanted) {
            self.step();
        }
    }

    fn token(&mut self) -> Result<Option<Token>, Error> {
        let start = self.at;
        let Some(first) = self.step() else { return Ok(None) };
        Ok(Some(match first {
            '(' => Token::Open,
            ')' => Token::Close,
            '[' => Token::OpenSquare,
            ']' => Token::CloseSquare,
            ',' => Token::Comma,
            '=' | '!' | '<' | '>' => {
                self.skip(|c| matches!(c, '=' | '>'));
                Token::Operator(self.since(start))
            }
            '\'' => Token::Text(self.quoted(start)?),
            't' | 'b' | 'h' if self.peek() == Some('\'') => {
                self.step();
                Token::Marked(first, self.quoted(start)?)
            }
            c if is_word(c) => Token::Word(self.word(start)?),
            c => {
                let why = format!("`{c}` has no meaning here");
                return Err(Error { at: start.saturating_add(1), why });
            }
        }))
    }

    fn since(&self, start: usize) -> String {
        self.characters.get(start..self.at).unwrap_or_default().iter().collect()
    }

    /// What stands up to the closing quote; `\'` and `\\` are a quote and a backslash.
    fn quoted(&mut self, start: usize) -> Result<String, Error> {
        let mut text = String::new();
        loop {
            match self.step() {
                Some('\'') => return Ok(text),
                Some('\\') => text.extend(self.step()),
                Some(c) => text.push(c),
                None => {
                    let why = "the quote is not closed".to_owned();
                    return Err(Error { at: start.saturating_add(1), why });
                }
            }
        }
    }

    /// A keyword, a number, or a path: `file:hashes.'SHA-256'`, `process:args[*]`.
    fn word(&mut self, start: usize) -> Result<String, Error> {
        let mut is_path = false;
        while let Some(c) = self.peek() {
            match c {
                ':' => is_path = true,
                '\'' if is_path => {
                    let quote = self.at;
                    self.step();
                    self.quoted(quote)?;
                    continue;
                }
                '[' | ']' | '*' if is_path && self.is_index(c) => {}
                c if is_word(c) => {}
                _ => break,
            }
            self.step();
        }
        Ok(self.since(start))
    }

    /// Whether a bracket or star belongs to an index `[0]`, `[*]` of a path.
    fn is_index(&self, c: char) -> bool {
        let next = |by: usize| self.characters.get(self.at.saturating_add(by)).copied();
        let before = self.at.checked_sub(1).and_then(|at| self.characters.get(at)).copied();
        match c {
            '[' => next(1).is_some_and(|c| c == '*' || c.is_ascii_digit()),
            '*' => before == Some('['),
            _ => {
                // Back over the index to its bracket.
                let back = self.characters.get(..self.at).unwrap_or_default().iter().rev();
                let mut back = back.skip_while(|c| **c == '*' || c.is_ascii_digit());
                back.next() == Some(&'[') && before != Some('[')
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '+')
}
