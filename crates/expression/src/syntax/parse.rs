//! The `cel` crate's parser behind our caps, and its complaints in our words.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cel::{IdedExpr, ParseErrors, common::ast::SourceInfo, parser::Parser};

use super::{
    hint,
    lower::lower,
    scan::{Tokens, Until, scan},
    tree::Node,
};
use crate::{error::CompileError, limits::BYTES_MAX};

/// Reads one expression.
pub(crate) fn parse(text: &str) -> Result<Node, CompileError> {
    if text.len() > BYTES_MAX {
        return Err(CompileError::new(
            0,
            text.len(),
            format!("expression has {} bytes; at most {BYTES_MAX} are read", text.len()),
            "compute parts of it in `set` steps",
        ));
    }
    let tokens = scan(text, Until::End)?;
    if tokens.list.is_empty() {
        return Err(CompileError::new(
            0,
            text.len(),
            "expression is empty",
            "write a CEL expression, as in `alert.severity >= SEVERITY.high`",
        ));
    }
    hint::before(text, &tokens)?;
    let (tree, places) = read(text, &tokens)?;
    lower(text, &tokens, &tree, &places)
}

fn read(text: &str, tokens: &Tokens) -> Result<(IdedExpr, SourceInfo), CompileError> {
    // No macros: comprehensions stay the calls that were written, so the tree cannot explode.
    let parser = || -> Parser {
        cel::Env::default().with_optional_support(false).parser().max_recursion_depth(u16::MAX)
    };
    // A parser of hostile text may hold an assertion that we do not know of; a refusal is right.
    let result = catch_unwind(AssertUnwindSafe(|| parser().parse_with_source_info(text)));
    match result {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(errors)) => Err(translate(text, tokens, &errors)),
        Err(_panic) => Err(CompileError::new(
            0,
            text.len(),
            "expression cannot be read",
            "write it in a simpler way",
        )),
    }
}

/// The first complaint, at the word it is about.
fn translate(text: &str, tokens: &Tokens, errors: &ParseErrors) -> CompileError {
    let first = errors.errors.iter().filter(|e| e.pos.0 > 0).min_by_key(|e| e.pos);
    let (offset, said) = first.map_or((0, ""), |e| (offset_of(text, e.pos), e.msg.as_str()));
    let found = tokens.list.iter().find(|token| token.range.end > offset);
    let Some(token) = found else {
        return CompileError::new(
            text.len(),
            0,
            "expression ends too early",
            "complete it: a value is missing after the last sign",
        );
    };
    let word = text.get(token.range.start..token.range.end).unwrap_or_default();
    let (start, length) = (token.range.start, token.range.length());
    if let Some(name) = said.strip_prefix("reserved identifier: ") {
        return CompileError::new(
            start,
            length,
            format!("`{name}` is a reserved word"),
            format!("for a property of that name write `['{name}']`"),
        );
    }
    if said.contains("literal") {
        return CompileError::new(
            start,
            length,
            format!("`{}` is no value that can be read", hint::short(word)),
            "check the number's size, or the text's escapes: a backslash is written \\\\, or use r'…'",
        );
    }
    CompileError::new(
        start,
        length,
        format!("`{}` is not expected here", hint::short(word)),
        hint::unexpected(text, tokens, token),
    )
}

/// Byte offset of a line and column that count from 1, columns in characters.
fn offset_of(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let column = usize::try_from(column).unwrap_or(1).saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let within: usize =
        text.get(before..).unwrap_or_default().chars().take(column).map(char::len_utf8).sum();
    before.saturating_add(within)
}
