//! Demands on shapes and words, with the findings where they are not met.

use std::time::Duration;

use stanch_expression::{CompileError, Edit, Expression, Template, suggest};
use stanch_model::{Diagnostic, Fix, Span, duration};
use stanch_yaml::{Change, Editor, Key, Scalar, Source, Yaml, edit::replace};

use crate::{ast::Spanned, check::codes, language::Object};

pub(super) struct Reader<'t> {
    pub(super) source: Source<'t>,
    tree: &'t Yaml,
    pub(super) findings: Vec<Diagnostic>,
    /// Steps met so far.
    pub(super) steps: usize,
}

/// Findings beyond so many get no fix: looking for it costs a walk through the text.
const FIXES_MAX: usize = 200;

/// What could stand behind a key that is missing.
const EXAMPLES: [(&str, &str); 11] = [
    ("playbook", "new-playbook"),
    ("title", "What it is for"),
    ("steps", "[{ wait: 1m }]"),
    ("then", "[{ end: succeeded }]"),
    ("on_error", "[{ end: failed }]"),
    ("within", "1h"),
    ("options", "[yes, no]"),
    ("turns", "20"),
    ("as", "item"),
    ("times", "3"),
    ("every", "10s"),
];

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
    pub(super) fn new(text: &'t str, tree: &'t Yaml, findings: Vec<Diagnostic>) -> Self {
        Self { source: Source::new(text), tree, findings, steps: 0 }
    }

    /// What makes fixes.
    pub(super) const fn editor(&self) -> Editor<'_> {
        Editor { source: &self.source, tree: self.tree }
    }

    pub(super) fn error(
        &mut self,
        code: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.error_with(code, span, message, help, |_| None);
    }

    /// A finding with a change that mends it.
    pub(super) fn error_with(
        &mut self,
        code: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
        fix: impl FnOnce(Editor<'_>) -> Option<Fix>,
    ) {
        let found = Diagnostic::error(code, span, message, help);
        let fix = if self.findings.len() < FIXES_MAX { fix(self.editor()) } else { None };
        // One without a place, in a text without a line, is none.
        let fix = fix.filter(|fix| fix.apply(self.source.text).is_some());
        self.findings.push(found.with_fix(fix));
    }

    fn shape(&mut self, found: &Yaml, what: &str, wanted: &str, help: &str) {
        let message = format!("{what} is {wanted}, not {}", found.kind());
        let span = found.span();
        self.error_with(codes::WRONG_SHAPE, span, message, help, |edit| match (wanted, found) {
            ("a list", _) => edit.listed(span),
            ("a single value", Yaml::List(items, extent)) => match items.as_slice() {
                [Yaml::Scalar(only)] => Some(replace(extent.whole, edit.source.slice(only.span))),
                _ => None,
            },
            _ => None,
        });
    }

    pub(super) fn map<'y>(&mut self, yaml: &'y Yaml, what: &str, help: &str) -> Option<Fields<'y>> {
        match yaml {
            Yaml::Map(entries, extent) => Some(Fields { entries, span: extent.span }),
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

    /// Keys that an object of the language does not have.
    pub(super) fn keys_of(&mut self, fields: Fields<'_>, of: &Object) {
        let known: Vec<&str> = of.names().collect();
        self.unknown_keys(fields, of.what, &known);
    }

    /// Keys that are not among `known`.
    pub(super) fn unknown_keys(&mut self, fields: Fields<'_>, what: &str, known: &[&str]) {
        for (key, _) in fields.entries {
            if !known.contains(&key.name.as_str()) {
                let message = format!("{what} has no key `{}`", key.name);
                let help = suggest::help(&key.name, known.iter().copied());
                let near = suggest::nearest(&key.name, known.iter().copied());
                let near = near.filter(|near| fields.get(near).is_none());
                self.error_with(codes::UNKNOWN_KEY, key.span, message, help, |edit| match near {
                    Some(near) => edit.rename_key(key.span, near),
                    None => edit.remove_key(key.span),
                });
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
            let message = format!("{what} has no `{name}`");
            let example = EXAMPLES.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            self.error_with(codes::MISSING_KEY, fields.span, message, help, |edit| {
                edit.add_key(fields.span, name, example?)
            });
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
            Yaml::Scalar(scalar) if !yaml.is_nothing() => Some(scalar),
            other => {
                self.shape(other, what, "a single value", help);
                None
            }
        }
    }

    /// A text without `${{ }}`.
    pub(super) fn text(&mut self, yaml: &Yaml, what: &str, help: &str) -> Option<Spanned<String>> {
        let scalar = self.scalar(yaml, what, help)?;
        Some(Spanned { value: scalar.text.clone(), span: scalar.span })
    }

    /// A single value, which may be left out to mean null.
    pub(super) fn scalar_or_null(&mut self, yaml: &Yaml, what: &str) -> Option<()> {
        if let Yaml::Scalar(_) = yaml {
            return Some(());
        }
        self.shape(yaml, what, "a single value", "write a text, a number, true, false or null");
        None
    }

    /// A name; see [`Self::name`].
    pub(super) fn named(
        &mut self,
        yaml: &Yaml,
        key: &str,
        help: &str,
        what: &str,
        dashes: bool,
    ) -> Option<Spanned<String>> {
        let name = self.text(yaml, key, help)?;
        self.name(&name.value, name.span, what, dashes).then_some(name)
    }

    /// A whole number from `least` to `most`.
    pub(super) fn number(
        &mut self,
        yaml: &Yaml,
        what: &str,
        least: u32,
        most: u32,
    ) -> Option<Spanned<u32>> {
        let help = format!("write a whole number from {least} to {most}");
        let scalar = self.scalar(yaml, what, &help)?;
        let digits = scalar.text.bytes().all(|b| b.is_ascii_digit());
        let value = scalar.text.parse().ok().filter(|_| digits);
        if let Some(value) = value.filter(|value| (least..=most).contains(value)) {
            return Some(Spanned { value, span: scalar.span });
        }
        let message = format!("{what} is never `{}`", scalar.text);
        let nearest = scalar.text.parse().map_or(least, |n: i64| {
            u32::try_from(n.clamp(i64::from(least), i64::from(most))).unwrap_or(least)
        });
        let span = scalar.span;
        self.error_with(codes::NUMBER_RANGE, span, message, help, |edit| {
            edit.rewrite(span, nearest.to_string())
        });
        None
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
        let message = format!("{what} is never `{}`", scalar.text);
        let near = suggest::nearest(&scalar.text, names.iter().copied());
        let near = near.or_else(|| names.iter().copied().find(|name| alike(name, &scalar.text)));
        let span = scalar.span;
        self.error_with(codes::UNKNOWN_WORD, span, message, help, |edit| edit.rewrite(span, near?));
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
            let (span, meant) = (scalar.span, meant(&scalar.text));
            self.error_with(codes::NO_DURATION, span, message, help, |edit| {
                edit.rewrite(span, duration::format(meant?.clamp(least, most)))
            });
            return None;
        };
        if value < least || value > most {
            let nearest = duration::format(value.clamp(least, most));
            let (least, most) = (duration::format(least), duration::format(most));
            let message = format!("{what} is {}", scalar.text);
            let help = format!("use a duration from {least} to {most}");
            let span = scalar.span;
            self.error_with(codes::DURATION_RANGE, span, message, help, |edit| {
                edit.rewrite(span, nearest)
            });
            return None;
        }
        Some(Spanned { value, span: scalar.span })
    }

    fn unread(&mut self, scalar: &Scalar, error: CompileError) {
        let span = self.source.part(scalar.span, &scalar.text, error.offset, error.length);
        let CompileError { message, help, edit, .. } = error;
        self.error_with(codes::NO_EXPRESSION, span, message, help, |editor| {
            editor.within(scalar.span, &scalar.text, change(&edit?))
        });
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
            self.error_with(codes::BAD_NAME, span, message, help, |_| {
                Some(replace(span, made_name(name, dashes)?))
            });
        }
        sound
    }
}

/// A change of an expression as one of the value that it stands in.
pub(crate) fn change(edit: &Edit) -> Change<'_> {
    Change { offset: edit.offset, length: edit.length, text: &edit.text }
}

/// Whether one word is the beginning of the other: `auto`, `automatic`.
fn alike(one: &str, other: &str) -> bool {
    let least = one.len().min(other.len());
    least >= 3 && (one.starts_with(other) || other.starts_with(one))
}

/// A name made of what was meant as one.
fn made_name(text: &str, dashes: bool) -> Option<String> {
    let sign = if dashes { '-' } else { '_' };
    let mut name = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with(sign) {
            name.push(sign);
        }
    }
    let name = name.trim_matches(sign).to_owned();
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase() || dashes);
    let short: String = name.chars().take(64).collect();
    (begins && !short.is_empty()).then_some(short)
}

/// The duration that is meant by `10 minutes`, `1hour`, `90`.
fn meant(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" | "h" => "h",
        "day" | "days" | "d" => "d",
        "m" => "m",
        "s" => "s",
        _ => return None,
    };
    duration::parse(&format!("{number}{unit}")).ok()
}
