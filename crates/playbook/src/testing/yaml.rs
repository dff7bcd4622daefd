//! The YAML of a test file as a tree, with the place of every key and value, within limits.
//!
//! `marked-yaml` knows no anchors and no tags; its scanner recurses once for each level of nesting,
//! stops in silence at a NUL and leaves out what follows a second `---`, so all three are refused before.

use marked_yaml::{LoadError, LoaderOptions, Marker, Node, parse_yaml_with_options};
use serde_json::{Map, Number, Value};
use stanch_model::{Diagnostic, Span};

use super::codes;
use crate::{ast::Spanned, parse::place::Source};

/// Bytes of one test file. The longest of our own has 6 KiB.
const BYTES_MAX: usize = 1024 * 1024;

/// Mappings and lists inside one another.
const DEPTH_MAX: usize = 32;

/// Columns of indentation and list dashes before a line's content; each may open a level.
const INDENT_MAX: usize = 128;

#[derive(Clone, Debug)]
pub(super) enum Yaml {
    Scalar { text: String, plain: bool, span: Span },
    List(Vec<Yaml>, Span),
    Map(Vec<(Spanned<String>, Yaml)>, Span),
}

impl Yaml {
    pub(super) const fn span(&self) -> Span {
        match self {
            Self::Scalar { span, .. } | Self::List(_, span) | Self::Map(_, span) => *span,
        }
    }

    /// What it is called in messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Scalar { text, plain: true, .. } if text.is_empty() => "nothing",
            Self::Scalar { .. } => "a single value",
            Self::List(..) => "a list",
            Self::Map(..) => "a mapping",
        }
    }

    /// As JSON, by the types of YAML's core schema (YAML 1.2.2, §10.3).
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Scalar { text, plain, .. } => {
                literal(text).filter(|_| *plain).unwrap_or_else(|| Value::from(text.as_str()))
            }
            Self::List(items, _) => items.iter().map(Self::json).collect(),
            Self::Map(entries, _) => {
                let entry =
                    |(key, value): &(Spanned<String>, Self)| (key.value.clone(), value.json());
                Value::Object(entries.iter().map(entry).collect::<Map<_, _>>())
            }
        }
    }
}

/// What a value without quotes is, if not a text. `007` is a text: as a number it would lose its zeros.
fn literal(text: &str) -> Option<Value> {
    match text {
        "" | "null" | "~" => return Some(Value::Null),
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let zeros = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    if zeros || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Value::from(whole));
    }
    if digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
}

/// Loads a text; what is found is all that is wrong with it as YAML.
pub(super) fn load(text: &str) -> Result<Yaml, Box<Diagnostic>> {
    too_much(text)?;
    let options = LoaderOptions::default()
        .toplevel_sequence()
        .error_on_duplicate_keys(true)
        .prevent_coercion(true);
    let node = parse_yaml_with_options(0, text, options).map_err(|e| Box::new(refusal(&e)))?;
    convert(&Source::new(text), &node, Span::on_line(1, 1, 1), 0)
}

/// What has to be known before the loader runs.
fn too_much(text: &str) -> Result<(), Box<Diagnostic>> {
    let refuse = |code, line, message: String, help: &str| {
        Err(Box::new(Diagnostic::error(code, Span::on_line(line, 1, 1), message, help)))
    };
    if text.len() > BYTES_MAX {
        let message = format!("test file has {} bytes; at most {BYTES_MAX} are read", text.len());
        return refuse(codes::TOO_LARGE, 1, message, "split it");
    }
    let mut content = false;
    for (number, line) in (1_u32..).zip(text.lines()) {
        if line.contains(|c: char| c.is_control() && c != '\t' && c != '\r') {
            let message = "control character in the text".to_owned();
            return refuse(codes::NOT_YAML, number, message, "write it as an escape in quotes");
        }
        let prefix = line.chars().take_while(|c| matches!(c, ' ' | '-' | '?' | '\t')).count();
        if prefix > INDENT_MAX && prefix < line.chars().count() {
            let message = format!("line is indented by more than {INDENT_MAX} columns");
            return refuse(codes::TOO_LARGE, number, message, "nest less deep");
        }
        let marker = line == "---" || line.starts_with("--- ") || line.trim_end() == "...";
        if marker && content {
            let message = "a second document begins here".to_owned();
            return refuse(codes::NOT_YAML, number, message, "keep one list of cases a file");
        }
        content |= !line.trim().is_empty() && !line.trim_start().starts_with('#');
    }
    Ok(())
}

fn place(marker: &Marker) -> Span {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span::on_line(number(marker.line()), number(marker.column()), 1)
}

/// The loader's complaint in our words.
fn refusal(error: &LoadError) -> Diagnostic {
    let (at, message, help) = match error {
        LoadError::TopLevelMustBeMapping(at) | LoadError::TopLevelMustBeSequence(at) => (
            at,
            "a test file is a list of cases".to_owned(),
            "begin each case with `- name: …`, at the left margin",
        ),
        LoadError::UnexpectedAnchor(at) => (
            at,
            "anchors (`&name`, `*name`) are not supported".to_owned(),
            "write the value out, or put text that begins with & or * in quotes",
        ),
        LoadError::UnexpectedTag(at) => (
            at,
            "tags (`!name`) are not supported".to_owned(),
            "remove it, or put text that begins with ! in quotes",
        ),
        LoadError::MappingKeyMustBeScalar(at) => {
            (at, "a key is a single word".to_owned(), "put text that begins with { or [ in quotes")
        }
        LoadError::DuplicateKey(keys) => {
            let first = keys.prev_key.span().start().map(place).unwrap_or_default();
            let second = keys.key.span().start().map(place).unwrap_or_default();
            return Diagnostic::error(
                codes::DUPLICATE_KEY,
                second,
                format!("`{}` is given twice", keys.key.as_str()),
                format!("remove one; the first stands on line {}", first.line),
            );
        }
        LoadError::ScanError(at, error) => (
            at,
            format!("this is no YAML: {}", error.info().to_lowercase()),
            "check brackets, quotes and the indentation of this line and of the one before",
        ),
    };
    Diagnostic::error(codes::NOT_YAML, place(at), message, help)
}

/// `fallback` is where a value stands that is not there.
fn convert(
    source: &Source<'_>,
    node: &Node,
    fallback: Span,
    depth: usize,
) -> Result<Yaml, Box<Diagnostic>> {
    if depth > DEPTH_MAX {
        let message = format!("mappings and lists are nested more than {DEPTH_MAX} deep");
        return Err(Box::new(Diagnostic::error(
            codes::TOO_LARGE,
            fallback,
            message,
            "nest less deep",
        )));
    }
    let below = depth.saturating_add(1);
    Ok(match node {
        Node::Scalar(scalar) => {
            let (text, plain) = (scalar.as_str().to_owned(), scalar.may_coerce());
            let span = match scalar.span().start() {
                Some(start) if !(plain && text.is_empty()) => source.whole(place(start), &text),
                _ => fallback,
            };
            Yaml::Scalar { text, plain, span }
        }
        Node::Sequence(list) => {
            let start = list.span().start().map_or(fallback, place);
            let items: Result<Vec<Yaml>, _> =
                list.iter().map(|item| convert(source, item, start, below)).collect();
            let items = items?;
            let span = items.first().map_or(start, Yaml::span);
            Yaml::List(items, span)
        }
        Node::Mapping(map) => {
            let start = map.span().start().map_or(fallback, place);
            let mut entries = Vec::new();
            for (key, value) in map.iter() {
                let name = key.as_str().to_owned();
                let span = source.whole(key.span().start().map_or(start, place), &name);
                let value = convert(source, value, span, below)?;
                entries.push((Spanned { value: name, span }, value));
            }
            let span = entries.first().map_or(start, |(key, _)| key.span);
            Yaml::Map(entries, span)
        }
    })
}
