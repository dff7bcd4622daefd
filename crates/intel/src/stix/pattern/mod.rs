//! STIX patterns (STIX 2.1 §9), as far as they name values: each alternative that is one comparison of a value.
//!
//! The whole grammar is read, so that what is refused is refused for what it says: comparisons joined by `AND`,
//! observations joined by `AND` or `FOLLOWEDBY`, qualifiers, negations, patterns of text. Of alternatives (`OR`,
//! `IN`) each stands by itself: those that can be matched are, and the others are named.

mod token;

use self::token::{Token, Tokens};
use crate::{Kind, Value};

/// Longest pattern that is read, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// How deep parentheses may nest.
const DEPTH_MAX: usize = 32;

/// What a pattern names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Alternatives {
    /// Values each of which suffices.
    pub(crate) values: Vec<Value>,
    /// Alternatives that cannot be matched, and why.
    pub(crate) refused: Vec<String>,
}

impl Alternatives {
    fn refused(why: impl Into<String>) -> Self {
        Self { values: Vec::new(), refused: vec![why.into()] }
    }

    fn or(mut self, other: Self) -> Self {
        self.values.extend(other.values);
        self.refused.extend(other.refused);
        self
    }
}

/// Where a text stops being a pattern.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {why}")]
pub(crate) struct Error {
    at: usize,
    why: String,
}

/// Reads a pattern.
pub(crate) fn read(text: &str) -> Result<Alternatives, Error> {
    if text.len() > PATTERN_BYTES_MAX {
        let why = format!("a pattern has at most {PATTERN_BYTES_MAX} bytes");
        return Err(Error { at: 1, why });
    }
    let mut parser = Parser { tokens: Tokens::new(text)?, depth: 0 };
    let found = parser.observations()?;
    match parser.tokens.peek() {
        None => Ok(found),
        Some(_) => Err(parser.expected("the end of the pattern")),
    }
}

struct Parser {
    tokens: Tokens,
    depth: usize,
}

/// Reads one part of a grammar.
type Part = fn(&mut Parser) -> Result<Alternatives, Error>;

impl Parser {
    fn expected(&self, what: &str) -> Error {
        let found = self.tokens.peek().map_or("the end".to_owned(), |token| format!("`{token}`"));
        Error { at: self.tokens.at(), why: format!("{what} should stand here, not {found}") }
    }

    fn expect(&mut self, token: &Token) -> Result<(), Error> {
        if self.tokens.take(token) { Ok(()) } else { Err(self.expected(&format!("`{token}`"))) }
    }

    /// Parts joined by a word, of which two or more are refused for `why`.
    fn joined(&mut self, word: &str, part: Part, why: &str) -> Result<Alternatives, Error> {
        let first = part(self)?;
        let mut is_joined = false;
        while self.tokens.take_word(word) {
            part(self)?;
            is_joined = true;
        }
        Ok(if is_joined { Alternatives::refused(why) } else { first })
    }

    fn either(&mut self, part: Part) -> Result<Alternatives, Error> {
        let mut all = part(self)?;
        while self.tokens.take_word("OR") {
            all = all.or(part(self)?);
        }
        Ok(all)
    }

    fn nested(&mut self, part: Part) -> Result<Alternatives, Error> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > DEPTH_MAX {
            let why = format!("parentheses nest deeper than {DEPTH_MAX}");
            return Err(Error { at: self.tokens.at(), why });
        }
        let found = part(self)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(found)
    }

    fn observations(&mut self) -> Result<Alternatives, Error> {
        let why = "it needs several observations in order (FOLLOWEDBY)";
        self.joined("FOLLOWEDBY", |parser| parser.either(Self::observed_together), why)
    }

    fn observed_together(&mut self) -> Result<Alternatives, Error> {
        self.joined("AND", Self::observation, "it needs several observations together (AND)")
    }

    fn observation(&mut self) -> Result<Alternatives, Error> {
        let mut found = if self.tokens.take(&Token::Open) {
            let found = self.nested(Self::observations)?;
            self.expect(&Token::Close)?;
            found
        } else {
            self.expect(&Token::OpenSquare)?;
            let found = self.nested(Self::comparisons)?;
            self.expect(&Token::CloseSquare)?;
            found
        };
        while let Some(qualifier) = self.qualifier()? {
            found = Alternatives::refused(format!("it has the qualifier {qualifier}"));
        }
        Ok(found)
    }

    fn qualifier(&mut self) -> Result<Option<&'static str>, Error> {
        let (name, before, after) = if self.tokens.take_word("WITHIN") {
            ("WITHIN", "a number", Some("SECONDS"))
        } else if self.tokens.take_word("REPEATS") {
            ("REPEATS", "a number", Some("TIMES"))
        } else if self.tokens.take_word("START") {
            ("START", "a time", None)
        } else {
            return Ok(None);
        };
        self.constant(before)?;
        let Some(after) = after else {
            if !self.tokens.take_word("STOP") {
                return Err(self.expected("STOP"));
            }
            self.constant("a time")?;
            return Ok(Some("START STOP"));
        };
        if self.tokens.take_word(after) { Ok(Some(name)) } else { Err(self.expected(after)) }
    }

    fn comparisons(&mut self) -> Result<Alternatives, Error> {
        self.either(|parser| {
            parser.joined("AND", Self::comparison, "it needs several properties together (AND)")
        })
    }

    fn comparison(&mut self) -> Result<Alternatives, Error> {
        if self.tokens.take(&Token::Open) {
            let found = self.nested(Self::comparisons)?;
            self.expect(&Token::Close)?;
            return Ok(found);
        }
        if self.tokens.take_word("EXISTS") {
            self.path()?;
            return Ok(Alternatives::refused("it asks whether a property exists (EXISTS)"));
        }
        let path = self.path()?;
        let is_negated = self.tokens.take_word("NOT");
        let operator = self.operator()?;
        let literals = if operator == "IN" { self.set()? } else { vec![self.literal()?] };
        if is_negated {
            return Ok(Alternatives::refused(format!("`{path}` is compared with NOT")));
        }
        Ok(literals
            .iter()
            .map(|literal| meant(&path, &operator, literal))
            .fold(Alternatives::default(), Alternatives::or))
    }

    fn path(&mut self) -> Result<String, Error> {
        self.tokens.take_path().ok_or_else(|| self.expected("an object path"))
    }

    fn operator(&mut self) -> Result<String, Error> {
        self.tokens.take_operator().ok_or_else(|| self.expected("a comparison"))
    }

    fn set(&mut self) -> Result<Vec<Token>, Error> {
        self.expect(&Token::Open)?;
        let mut literals = vec![self.literal()?];
        while self.tokens.take(&Token::Comma) {
            literals.push(self.literal()?);
        }
        self.expect(&Token::Close)?;
        Ok(literals)
    }

    fn literal(&mut self) -> Result<Token, Error> {
        self.constant("a constant")
    }

    fn constant(&mut self, what: &str) -> Result<Token, Error> {
        self.tokens.take_literal().ok_or_else(|| self.expected(what))
    }
}

/// The value that a comparison names.
fn meant(path: &str, operator: &str, literal: &Token) -> Alternatives {
    let Some(kinds) = kinds(path) else {
        return Alternatives::refused(format!("`{path}` is not matched here"));
    };
    let is_address = kinds.contains(&Kind::Ip);
    let is_equal = matches!(operator, "=" | "==" | "IN") || (is_address && operator == "ISSUBSET");
    if !is_equal {
        return Alternatives::refused(format!("`{path}` is compared with {operator}"));
    }
    let Token::Text(text) = literal else {
        return Alternatives::refused(format!(
            "`{path}` is compared with {literal}, which is no text"
        ));
    };
    match Value::read(text) {
        Ok(value) if kinds.contains(&value.kind()) => {
            Alternatives { values: vec![value], refused: Vec::new() }
        }
        Ok(value) => {
            let kind = value.kind();
            Alternatives::refused(format!("`{path}` is compared with `{text}`, which is a {kind}"))
        }
        Err(why) => Alternatives::refused(format!("`{text}` {why}")),
    }
}

/// The kinds of values that a property holds.
fn kinds(path: &str) -> Option<&'static [Kind]> {
    Some(match path {
        "ipv4-addr:value" | "ipv6-addr:value" => &[Kind::Ip, Kind::Cidr],
        "domain-name:value" => &[Kind::Domain],
        "url:value" => &[Kind::Url],
        "email-addr:value" => &[Kind::EmailAddress],
        _ => {
            let name = path.strip_prefix("file:hashes.")?.to_ascii_uppercase();
            match name.trim_matches('\'') {
                "MD5" => &[Kind::Md5],
                "SHA-1" | "SHA1" => &[Kind::Sha1],
                "SHA-256" | "SHA256" => &[Kind::Sha256],
                _ => return None,
            }
        }
    })
}
