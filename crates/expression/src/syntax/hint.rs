//! What people who know other languages write, and what it is called here.

use super::scan::{Token, TokenKind, Tokens};
use crate::error::CompileError;

/// Two names beside each other are never an expression; say so where the second one begins.
pub(crate) fn before(text: &str, tokens: &Tokens) -> Result<(), CompileError> {
    for pair in tokens.list.windows(2) {
        let [left, right] = pair else { continue };
        let word = |token: &Token| text.get(token.range.start..token.range.end).unwrap_or_default();
        let names = left.kind == TokenKind::Name && right.kind == TokenKind::Name;
        if !names || word(left) == "in" || word(right) == "in" {
            continue;
        }
        let (at, help) = match (word_hint(word(left)), word_hint(word(right))) {
            (_, Some(help)) => (right, help.to_owned()),
            (Some(help), None) => (left, help.to_owned()),
            (None, None) => {
                (right, "put an operator between them, or quotes around text".to_owned())
            }
        };
        return Err(CompileError::new(
            at.range.start,
            at.range.length(),
            format!("`{}` is not expected here", short(word(at))),
            help,
        ));
    }
    Ok(())
}

/// How to mend a word that stands where none may stand.
pub(crate) fn unexpected(text: &str, tokens: &Tokens, token: &Token) -> String {
    let word = text.get(token.range.start..token.range.end).unwrap_or_default();
    if let Some(help) = word_hint(word) {
        return help.to_owned();
    }
    let index = tokens.index_at(token.range.start).unwrap_or(0);
    let previous = index.checked_sub(1).and_then(|i| tokens.list.get(i)).map(|token| token.kind);
    match (previous, token.kind) {
        (Some(TokenKind::Name | TokenKind::Number | TokenKind::Text | TokenKind::Close), kind)
            if kind != TokenKind::Sign && kind != TokenKind::Close =>
        {
            "put an operator before it, or remove it".to_owned()
        }
        (_, TokenKind::Sign | TokenKind::Close) => "a value is missing before it".to_owned(),
        _ => "check the expression around it".to_owned(),
    }
}

fn word_hint(word: &str) -> Option<&'static str> {
    Some(match word {
        "and" | "AND" => "write `&&`",
        "or" | "OR" => "write `||`",
        "not" | "NOT" => "write `!`",
        "is" => "write `==`",
        "if" | "then" | "else" => "write `condition ? one : other`",
        "None" | "nil" | "undefined" => "write `null`",
        "like" | "LIKE" => "write `text.contains(part)` or `text.matches(pattern)`",
        _ => return None,
    })
}

/// At most 40 characters of a word, for messages.
pub(crate) fn short(word: &str) -> String {
    const SHOWN: usize = 40;
    let mut short: String = word.chars().take(SHOWN).collect();
    if word.chars().count() > SHOWN {
        short.push('…');
    }
    short
}
