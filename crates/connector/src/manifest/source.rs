//! The YAML text as JSON, with the place of every value.

use std::collections::BTreeMap;

use marked_yaml::{LoadError, LoaderOptions, Marker, Node, parse_yaml_with_options};
use serde_json::{Map, Number, Value};
use stanch_model::{Diagnostic, Span};

use super::codes;

/// Longest manifest, in bytes.
pub(crate) const BYTES_MAX: usize = 1024 * 1024;

/// Deepest nesting.
const DEPTH_MAX: usize = 32;

/// Most columns before the first word of a line. Blocks nest by columns, and the reader recurses
/// once for each: near 800 levels it would abort the process on a stack of 2 MiB.
const INDENTATION_MAX: usize = 128;

/// Refuses what the reader of YAML would recurse into too deeply: lines that begin too far in, and
/// brackets in brackets. A bracket in a text counts as well, up to a margin for those.
pub(crate) fn nesting(text: &str, depth_max: usize) -> Result<(), String> {
    if let Some(line) = text.lines().position(|line| indentation(line) > INDENTATION_MAX) {
        return Err(format!("line {} begins with more than {INDENTATION_MAX} columns", line + 1));
    }
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > depth_max * 4 {
            return Err("it has too many brackets in brackets".to_owned());
        }
    }
    Ok(())
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t', '-', '?', ':']).len()
}

/// A path into the document, as a JSON pointer (RFC 6901).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path(String);

impl Path {
    /// The value of `key` in the mapping here.
    pub(crate) fn key(&self, key: &str) -> Self {
        Self(format!("{}/{}", self.0, key.replace('~', "~0").replace('/', "~1")))
    }

    /// The item at `index` of the list here.
    pub(crate) fn item(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// Whether this is the `call` of an `undo`, which changes something.
    pub(crate) fn is_undo_call(&self) -> bool {
        self.0.ends_with("/undo/call")
    }

    /// As a person reads it; empty at the top.
    pub(crate) fn text(&self) -> String {
        self.0.trim_start_matches('/').replace('/', ".")
    }

    fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.to_owned()))
    }
}

/// A manifest as it was written.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) value: Value,
    values: BTreeMap<Path, Span>,
    keys: BTreeMap<Path, Span>,
}

impl Source {
    /// Reads `text`.
    pub(crate) fn read(text: &str) -> Result<Self, Diagnostic> {
        let refuse = |span, message: String, help: &str| {
            Err(Diagnostic::error(codes::UNREADABLE, span, message, help))
        };
        let start = Span::on_line(1, 1, 0);
        if text.len() > BYTES_MAX {
            return refuse(start, "file is longer than 1 MiB".to_owned(), "split the connector");
        }
        if let Some(line) = text.lines().position(|line| indentation(line) > INDENTATION_MAX) {
            let line = u32::try_from(line + 1).unwrap_or(u32::MAX);
            return refuse(
                Span::on_line(line, 1, 1),
                format!("line begins with more than {INDENTATION_MAX} columns of nesting"),
                "flatten it",
            );
        }
        let options = LoaderOptions::default().error_on_duplicate_keys(true).prevent_coercion(true);
        let node = match parse_yaml_with_options(0, text, options) {
            Ok(node) => node,
            Err(error) => {
                let (span, message, help) = explain(&error);
                return refuse(span, message, help);
            }
        };
        let mut source =
            Self { value: Value::Null, values: BTreeMap::new(), keys: BTreeMap::new() };
        match source.take(&node, &Path::default(), 0) {
            Some(value) => source.value = value,
            None => {
                return refuse(start, format!("nested more than {DEPTH_MAX} deep"), "flatten it");
            }
        }
        Ok(source)
    }

    /// Where the value at `path` is, or the nearest thing around it.
    pub(crate) fn place(&self, path: &Path) -> Span {
        let mut path = path.clone();
        loop {
            if let Some(span) = self.values.get(&path) {
                return *span;
            }
            match path.parent() {
                Some(parent) => path = parent,
                None => return Span::on_line(1, 1, 0),
            }
        }
    }

    /// Where the key of `path` is.
    pub(crate) fn key(&self, path: &Path) -> Span {
        self.keys.get(path).copied().unwrap_or_else(|| self.place(path))
    }

    /// Takes a node in; nothing if it is too deep.
    fn take(&mut self, node: &Node, path: &Path, depth: usize) -> Option<Value> {
        if depth > DEPTH_MAX {
            return None;
        }
        match node {
            Node::Scalar(scalar) => {
                let length = u32::try_from(scalar.as_str().chars().count()).unwrap_or(u32::MAX);
                self.values.insert(path.clone(), span(scalar.span().start(), length));
                Some(if scalar.may_coerce() {
                    plain(scalar.as_str())
                } else {
                    Value::from(scalar.as_str())
                })
            }
            Node::Sequence(sequence) => {
                self.values.insert(path.clone(), span(sequence.span().start(), 1));
                let items = sequence.iter().enumerate();
                items
                    .map(|(index, item)| self.take(item, &path.item(index), depth + 1))
                    .collect::<Option<Vec<_>>>()
                    .map(Value::Array)
            }
            Node::Mapping(mapping) => {
                // The reader puts the start of a block mapping at its first colon.
                let first = mapping.keys().next().and_then(|key| key.span().start());
                let start = mapping.span().start().into_iter().chain(first);
                let start = start.min_by_key(|marker| (marker.line(), marker.column()));
                self.values.insert(path.clone(), span(start, 1));
                let mut map = Map::new();
                for (key, value) in mapping.iter() {
                    let path = path.key(key.as_str());
                    let length = u32::try_from(key.as_str().chars().count()).unwrap_or(u32::MAX);
                    self.keys.insert(path.clone(), span(key.span().start(), length));
                    map.insert(key.as_str().to_owned(), self.take(value, &path, depth + 1)?);
                }
                Some(Value::Object(map))
            }
        }
    }
}

/// A scalar without quotes (YAML 1.2 core schema §10.3.2, decimal numbers only).
pub(crate) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.trim_start_matches(['-', '+']);
    if digits.starts_with(|c: char| c.is_ascii_digit()) {
        if let Ok(number) = text.parse::<i64>() {
            return number.into();
        }
        if let Some(number) = text.parse::<f64>().ok().and_then(Number::from_f64) {
            return Value::Number(number);
        }
    }
    Value::from(text)
}

fn span(marker: Option<&Marker>, length: u32) -> Span {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).max(1);
    marker.map_or(Span::on_line(1, 1, 0), |marker| {
        Span::on_line(number(marker.line()), number(marker.column()), length)
    })
}

/// What the reader met, in our words.
pub(crate) fn explain(error: &LoadError) -> (Span, String, &'static str) {
    let at = |marker: &Marker| span(Some(marker), 1);
    match error {
        LoadError::TopLevelMustBeMapping(marker) | LoadError::TopLevelMustBeSequence(marker) => {
            (at(marker), "file is no mapping".to_owned(), "begin with `connector: NAME`")
        }
        LoadError::UnexpectedAnchor(marker) => (
            at(marker),
            "anchors are not read".to_owned(),
            "write the value again where it is used",
        ),
        LoadError::UnexpectedTag(marker) => {
            (at(marker), "tags are not read".to_owned(), "remove the `!…`")
        }
        LoadError::MappingKeyMustBeScalar(marker) => {
            (at(marker), "key is no text".to_owned(), "write keys as plain words")
        }
        LoadError::DuplicateKey(double) => (
            span(double.key.span().start(), 1),
            format!("key `{}` stands here a second time", double.key.as_str()),
            "keep one of the two",
        ),
        LoadError::ScanError(marker, cause) => (
            at(marker),
            format!("text is no YAML: {}", crate::outside::quote(cause.info())),
            "look at the indentation and the quotes around this place",
        ),
    }
}
