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
            findings.extend(found.into_iter().map(|finding| TypeFinding {
                offset: finding.offset.saturating_add(offset),
                ..finding
            }));
            let of = expression.infer(env);
            if clean && self.single().is_none() && !fits_in_text(&of) {
                findings.push(TypeFinding {
                    kind: FindingKind::WrongType,
                    message: format!("{} has no place in a text", article(&of)),
                    offset,
                    length: expression.text().len(),
                    help: in_text_help(&of, expression.text()),
                });
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
    if error.length == 0 {
        return CompileError { offset: opened, length: OPEN.len(), ..error };
    }
    error.shifted(inside)
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

fn fits_in_text(of: &Type) -> bool {
    !matches!(of, Type::Null | Type::List(_) | Type::Object(_))
}

fn in_text_help(of: &Type, written: &str) -> String {
    match of {
        Type::List(_) => format!("join it: `{written}.join(', ')`, or let it stand alone"),
        Type::Object(_) => "name one of its properties, or let it stand alone".to_owned(),
        _ => "let it stand alone".to_owned(),
    }
}
