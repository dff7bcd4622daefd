//! Demands on shapes and words, with the findings where they are not met.

use std::time::Duration;

use stanch_expression::{CompileError, Expression, Template, suggest};
use stanch_model::{Diagnostic, Span, duration};

use super::{
    place::Source,
    yaml::{Key, Scalar, Yaml},
};
use crate::{ast::Spanned, check::codes};

pub(super) struct Reader<'t> {
    pub(super) source: Source<'t>,
    pub(super) findings: Vec<Diagnostic>,
    /// Steps met so far.
    pub(super) steps: usize,
}

/// The entries of a mapping.
#[derive(Clone, Copy)]
pub(super) struct Fields<'y> {
    pub(super) entries: &'y [(Key, Yaml)],
    pub(super) span: Span,
}

impl<'y> Fields<'y> {
    pub(super) fn get(&self, name: &str) -> Option<&'y Yaml> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, value)| value)
    }

    pub(super) fn key(&self, name: &str) -> Option<&'y Key> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(key, _)| key)
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, findings: Vec<Diagnostic>) -> Self {
        Self { source: Source::new(text), findings, steps: 0 }
    }

    pub(super) fn error(
        &mut self,
        code: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Diagnostic::error(code, span, message, help));
    }

    fn shape(&mut self, found: &Yaml, what: &str, wanted: &str, help: &str) {
        let message = format!("{what} is {wanted}, not {}", found.kind());
        self.error(codes::WRONG_SHAPE, found.span(), message, help);
    }

    pub(super) fn map<'y>(&mut self, yaml: &'y Yaml, what: &str, help: &str) -> Option<Fields<'y>> {
        match yaml {
            Yaml::Map(entries, span) => Some(Fields { entries, span: *span }),
            other => {
                self.shape(other, what, "a mapping", help);
                None
            }
        }
    }

    pub(super) fn list<'y>(
        &mut self,
        yaml: &'y Yaml,
        what: &str,
        help: &str,
    ) -> Option<&'y [Yaml]> {
        match yaml {
            Yaml::List(items, _) => Some(items),
            other => {
                self.shape(other, what, "a list", help);
                None
            }
        }
    }

    /// Keys that are not among `known`.
    pub(super) fn unknown_keys(&mut self, fields: Fields<'_>, what: &str, known: &[&str]) {
        for (key, _) in fields.entries {
            if !known.contains(&key.name.as_str()) {
                let message = format!("{what} has no key `{}`", key.name);
                let help = suggest::help(&key.name, known.iter().copied());
                self.error(codes::UNKNOWN_KEY, key.span, message, help);
            }
        }
    }

    /// The value of a key that has to be there.
    pub(super) fn required<'y>(
        &mut self,
        fields: Fields<'y>,
        name: &str,
        what: &str,
        help: &str,
    ) -> Option<&'y Yaml> {
        let found = fields.get(name);
        if found.is_none() {
            self.error(codes::MISSING_KEY, fields.span, format!("{what} has no `{name}`"), help);
        }
        found
    }

    pub(super) fn scalar<'y>(
        &mut self,
        yaml: &'y Yaml,
        what: &str,
        help: &str,
    ) -> Option<&'y Scalar> {
        match yaml {
            Yaml::Scalar(scalar) if !(scalar.plain && scalar.text.is_empty()) => Some(scalar),
            other => {
                self.shape(other, what, "a single value", help);
                None
            }
        }
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(
        &mut self,
        yaml: &Yaml,
        what: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let scalar = self.scalar(yaml, what, &suggest::list(&names))?;
        if let Some((_, found)) = words.iter().find(|(word, _)| *word == scalar.text) {
            return Some(*found);
        }
        let help = suggest::help(&scalar.text, names.iter().copied());
        self.error(
            codes::UNKNOWN_WORD,
            scalar.span,
            format!("{what} is never `{}`", scalar.text),
            help,
        );
        None
    }

    /// A duration between `least` and `most`.
    pub(super) fn duration(
        &mut self,
        yaml: &Yaml,
        what: &str,
        least: Duration,
        most: Duration,
    ) -> Option<Spanned<Duration>> {
        let help = "write a whole number and one of ms, s, m, h, d, as in `15m`";
        let scalar = self.scalar(yaml, what, help)?;
        let Ok(value) = duration::parse(&scalar.text) else {
            let message = format!("`{}` is no duration", scalar.text);
            self.error(codes::NO_DURATION, scalar.span, message, help);
            return None;
        };
        if value < least || value > most {
            let (least, most) = (duration::format(least), duration::format(most));
            let message = format!("{what} is {}", scalar.text);
            let help = format!("use a duration from {least} to {most}");
            self.error(codes::DURATION_RANGE, scalar.span, message, help);
            return None;
        }
        Some(Spanned { value, span: scalar.span })
    }

    fn unread(&mut self, scalar: &Scalar, error: CompileError) {
        let span = self.source.part(scalar.span, &scalar.text, error.offset, error.length);
        self.error(codes::NO_EXPRESSION, span, error.message, error.help);
    }

    pub(super) fn expression(&mut self, yaml: &Yaml, what: &str) -> Option<Spanned<Expression>> {
        let scalar = self.scalar(yaml, what, "write a CEL expression in quotes")?;
        match Expression::compile(&scalar.text) {
            Ok(value) => Some(Spanned { value, span: scalar.span }),
            Err(error) => {
                self.unread(scalar, error);
                None
            }
        }
    }

    pub(super) fn template(&mut self, yaml: &Yaml, what: &str) -> Option<Spanned<Template>> {
        let scalar = self.scalar(yaml, what, "write text, with `${{ }}` where a value goes")?;
        self.template_of(scalar)
    }

    pub(super) fn template_of(&mut self, scalar: &Scalar) -> Option<Spanned<Template>> {
        match Template::parse(&scalar.text) {
            Ok(value) => Some(Spanned { value, span: scalar.span }),
            Err(error) => {
                self.unread(scalar, error);
                None
            }
        }
    }

    /// Whether a name is made as names are; with dashes that of a playbook, else that of a step.
    pub(super) fn name(&mut self, name: &str, span: Span, what: &str, dashes: bool) -> bool {
        const LENGTH_MAX: usize = 64;
        let begins = |c: char| c.is_ascii_lowercase() || dashes && c.is_ascii_digit();
        let follows = |c: char| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || c == if dashes { '-' } else { '_' }
        };
        let sound =
            name.starts_with(begins) && name.chars().all(follows) && name.len() <= LENGTH_MAX;
        if !sound {
            let signs = if dashes { "`a-z`, `0-9` and `-`" } else { "`a-z`, `0-9` and `_`" };
            let message = format!("`{name}` is no {what}");
            let help = format!("use up to {LENGTH_MAX} of {signs}, beginning with a letter");
            self.error(codes::BAD_NAME, span, message, help);
        }
        sound
    }
}
