//! Texts with `${{ expression }}` parts; [`value`] has the JSON values whose strings are such texts.

mod value;

use std::fmt::Write as _;

use serde_json::Value;

pub use value::{ValueTemplate, render_value};

use crate::{
    check::{TypeEnv, article},
    error::{CompileError, EvalError, EvalErrorKind, FindingKind, TypeFinding},
    expression::Expression,
    limits::{TEMPLATE_BYTES_MAX, TEMPLATE_PARTS_MAX},
    references::Reference,
    scope::Scope,
    syntax::scan::{Until, scan},
    types::Type,
};

const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// A compiled text. Two are equal if their texts are.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    /// An expression, and the byte of the whole text at which it begins.
    Expression(Expression, usize),
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Template {}

impl Template {
    /// Reads a text. Offsets of errors count from the start of the whole text.
    ///
    /// # Errors
    /// Parts that are no expressions, a `${{` without end, more bytes or parts than
    /// [`crate::limits`] allow.
    pub fn parse(text: &str) -> Result<Self, CompileError> {
        if text.len() > TEMPLATE_BYTES_MAX {
            let message =
                format!("text has {} bytes; at most {TEMPLATE_BYTES_MAX} are read", text.len());
            return Err(CompileError::new(0, text.len(), message, "shorten it"));
        }
        let mut parts = Vec::new();
        let mut at = 0_usize;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let Some((before, after)) = rest.split_once(OPEN) else {
                parts.push(Part::Text(rest.to_owned()));
                break;
            };
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let opened = at.saturating_add(before.len());
            let inside = opened.saturating_add(OPEN.len());
            let end =
                scan(after, Until::Braces).map_err(|error| unclosed(error, opened, inside))?.end;
            let written = after.get(..end).unwrap_or_default();
            let trimmed = written.trim_start();
            let start = inside.saturating_add(written.len().saturating_sub(trimmed.len()));
            let expression =
                Expression::compile(trimmed.trim_end()).map_err(|e| e.shifted(start))?;
            parts.push(Part::Expression(expression, start));
            if parts.len() > TEMPLATE_PARTS_MAX.saturating_mul(2) {
                let message = format!("text has more than {TEMPLATE_PARTS_MAX} expressions");
                return Err(CompileError::new(opened, OPEN.len(), message, "split it"));
            }
            at = inside.saturating_add(end).saturating_add(CLOSE.len());
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The text it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds no expression, and renders to its own text.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The expression, and where it begins, if the text is exactly one `${{ }}` part.
    #[must_use]
    pub fn single(&self) -> Option<(&Expression, usize)> {
        match self.parts.as_slice() {
            [Part::Expression(expression, offset)] => Some((expression, *offset)),
            _ => None,
        }
    }

    fn expressions(&self) -> impl Iterator<Item = (&Expression, usize)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Expression(expression, offset) => Some((expression, *offset)),
            Part::Text(_) => None,
        })
    }

    /// Its value: that of its expression where it is nothing but one, else a string in which
    /// strings stand as they are and numbers and bools as JSON writes them.
    ///
    /// # Errors
    /// Those of the expressions, and values that have no place in a text: null, lists, objects.
    pub fn render(&self, scope: &Scope) -> Result<Value, EvalError> {
        if let Some((expression, offset)) = self.single() {
            return expression.evaluate(scope).map_err(|error| error.shifted(offset));
        }
        let mut rendered = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => rendered.push_str(text),
                Part::Expression(expression, offset) => {
                    let value = expression.evaluate(scope).map_err(|e| e.shifted(*offset))?;
                    push(&mut rendered, &value).map_err(|kind| EvalError {
                        kind: EvalErrorKind::Type,
                        message: format!("{kind} has no place in a text"),
                        offset: *offset,
                        length: expression.text().len(),
                    })?;
                }
            }
        }
        Ok(Value::String(rendered))
    }

    /// Every dotted path of its expressions; offsets count from the start of the whole text.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        let shifted = |(expression, offset): (&Expression, usize)| {
            expression.references().into_iter().map(move |reference| Reference {
                offset: reference.offset.saturating_add(offset),
                ..reference
            })
        };
        self.expressions().flat_map(shifted).collect()
    }

    /// Everything that would go wrong at rendering whatever the data, as far as `env` tells;
    /// offsets count from the start of the whole text.
    #[must_use]
    pub fn check(&self, env: &TypeEnv) -> Vec<TypeFinding> {
        let mut findings = Vec::new();
        for (expression, offset) in self.expressions() {
            let found = expression.check(env);
            let clean = found.is_empty();
            findings.extend(found.into_iter().map(|finding| finding.shifted(offset)));
            let of = expression.infer(env);
            if clean && self.single().is_none() {
                findings.extend(in_text(&of, expression.text(), offset, env));
            }
        }
        findings
    }

    /// The type of its value, as far as `env` tells.
    #[must_use]
    pub fn infer(&self, env: &TypeEnv) -> Type {
        self.single().map_or(Type::String, |(expression, _)| expression.infer(env))
    }
}

/// A scan that ran to the end of the text did not find the `}}`.
fn unclosed(error: CompileError, opened: usize, inside: usize) -> CompileError {
    let at_end = error.length == 0;
    let error = error.shifted(inside);
    if at_end { CompileError { offset: opened, length: OPEN.len(), ..error } } else { error }
}

fn push(rendered: &mut String, value: &Value) -> Result<(), &'static str> {
    match value {
        Value::String(text) => rendered.push_str(text),
        Value::Bool(_) | Value::Number(_) => {
            write!(rendered, "{value}").expect("invariant: a string takes all that is written");
        }
        Value::Null => return Err("null"),
        Value::Array(_) => return Err("a list"),
        Value::Object(_) => return Err("an object"),
    }
    Ok(())
}

/// What is wrong with a value that stands between other text.
fn in_text(of: &Type, written: &str, offset: usize, env: &TypeEnv) -> Option<TypeFinding> {
    let (kind, help, instead) = match of {
        Type::Any if env.is_strict() => {
            let instead = format!("string({written})");
            (FindingKind::Untyped, format!("write `{instead}`"), Some(instead))
        }
        Type::List(element) if element.is_string() => {
            let instead = format!("{written}.join(', ')");
            let help = format!("join it: `{instead}`, or let it stand alone");
            (FindingKind::WrongType, help, Some(instead))
        }
        Type::List(_) => {
            let help = format!("join it: `{written}.join(', ')`, or let it stand alone");
            (FindingKind::WrongType, help, None)
        }
        Type::Object(_) => {
            let help = "name one of its properties, or let it stand alone".to_owned();
            (FindingKind::WrongType, help, None)
        }
        Type::Null => (FindingKind::WrongType, "let it stand alone".to_owned(), None),
        _ => return None,
    };
    let message = match kind {
        FindingKind::Untyped => format!("`{written}` may be of any type, and not all fit a text"),
        _ => format!("{} has no place in a text", article(of)),
    };
    let length = written.len();
    let edit = instead.map(|text| crate::error::Edit::new(offset, length, text));
    Some(TypeFinding { kind, message, offset, length, help, edit })
}
