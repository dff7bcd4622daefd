//! Loading YAML within limits, with the place of every key and value.
//!
//! `marked-yaml` knows no anchors and no tags, so there are no bombs; but its scanner recurses
//! once for each level of block nesting, stops in silence at a NUL, and leaves out what follows a
//! second `---`. All three are refused here, before it runs.

use marked_yaml::{LoadError, LoaderOptions, Marker, Node, parse_yaml_with_options};
use stanch_model::{Diagnostic, Span};

use super::{BYTES_MAX, DEPTH_MAX, place::Source};
use crate::check::codes;

/// Columns of indentation and list dashes before a line's content; each may open a level.
const INDENT_MAX: usize = 128;

#[derive(Clone, Debug)]
pub(super) enum Yaml {
    Scalar(Scalar),
    List(Vec<Yaml>, Span),
    Map(Vec<(Key, Yaml)>, Span),
}

#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    /// Written without quotes, and so possibly a number, a bool or null.
    pub(super) plain: bool,
    pub(super) span: Span,
}

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) span: Span,
}

impl Yaml {
    pub(super) const fn span(&self) -> Span {
        match self {
            Self::Scalar(scalar) => scalar.span,
            Self::List(_, span) | Self::Map(_, span) => *span,
        }
    }

    /// What it is called in messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Scalar(scalar) if scalar.plain && scalar.text.is_empty() => "nothing",
            Self::Scalar(_) => "a single value",
            Self::List(..) => "a list",
            Self::Map(..) => "a mapping",
        }
    }
}

pub(super) fn load(text: &str, findings: &mut Vec<Diagnostic>) -> Option<Yaml> {
    if let Some(finding) = too_much(text) {
        findings.push(finding);
        return None;
    }
    let options =
        |strict| LoaderOptions::default().error_on_duplicate_keys(strict).prevent_coercion(true);
    let node = match parse_yaml_with_options(0, text, options(true)) {
        Ok(node) => node,
        Err(error) => {
            findings.push(refusal(text, &error));
            // With one of the two keys there is still a tree, and more to find in it.
            let LoadError::DuplicateKey(_) = error else { return None };
            parse_yaml_with_options(0, text, options(false)).ok()?
        }
    };
    let mut converter = Converter { source: Source::new(text), too_deep: None };
    let tree = converter.node(&node, Span::on_line(1, 1, 1), 0);
    if let Some(span) = converter.too_deep {
        findings.push(Diagnostic::error(
            codes::TOO_LARGE,
            span,
            format!("mappings and lists are nested more than {DEPTH_MAX} deep"),
            "split the playbook, or move the inner steps behind the outer ones",
        ));
        return None;
    }
    Some(tree)
}

/// What has to be known before the loader runs.
fn too_much(text: &str) -> Option<Diagnostic> {
    if text.len() > BYTES_MAX {
        return Some(Diagnostic::error(
            codes::TOO_LARGE,
            Span::on_line(1, 1, 1),
            format!("playbook has {} bytes; at most {BYTES_MAX} are read", text.len()),
            "split it into several playbooks",
        ));
    }
    let mut documents = false;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let refuse = |code, at: usize, message: &str, help: &str| {
            let column = u32::try_from(at).unwrap_or(u32::MAX);
            Some(Diagnostic::error(code, Span::on_line(number, column, 1), message, help))
        };
        if let Some(at) = line.chars().position(|c| c.is_control() && c != '\t' && c != '\r') {
            let help = "remove it; in quotes write it as an escape, as in \"\\x07\"";
            return refuse(codes::NOT_YAML, at + 1, "control character in the text", help);
        }
        let prefix = line.chars().take_while(|c| matches!(c, ' ' | '-' | '?' | '\t')).count();
        if prefix > INDENT_MAX && prefix < line.chars().count() {
            let message = format!("line is indented by more than {INDENT_MAX} columns");
            return refuse(codes::TOO_LARGE, INDENT_MAX, &message, "nest less deep");
        }
        let content = !line.trim().is_empty() && !line.trim_start().starts_with('#');
        let marker = line == "---" || line.starts_with("--- ") || line.trim_end() == "...";
        if marker && documents {
            let help = "put each playbook into a file of its own";
            return refuse(codes::NOT_YAML, 1, "a second document begins here", help);
        }
        documents |= content;
    }
    None
}

fn place(marker: &Marker) -> Span {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span::on_line(number(marker.line()), number(marker.column()), 1)
}

/// The loader's complaint in our words.
fn refusal(text: &str, error: &LoadError) -> Diagnostic {
    let (span, message, help) = match error {
        LoadError::TopLevelMustBeMapping(at) | LoadError::TopLevelMustBeSequence(at) => (
            place(at),
            "a playbook is a mapping".to_owned(),
            "begin with `playbook: NAME`, at the left margin".to_owned(),
        ),
        LoadError::UnexpectedAnchor(at) => (
            back_to(text, at, '&'),
            "anchors (`&name`, `*name`) are not supported".to_owned(),
            "write the value out, or put text that begins with & or * in quotes".to_owned(),
        ),
        LoadError::UnexpectedTag(at) => (
            back_to(text, at, '!'),
            "tags (`!name`) are not supported".to_owned(),
            "remove it, or put text that begins with ! in quotes".to_owned(),
        ),
        LoadError::MappingKeyMustBeScalar(at) => (
            place(at),
            "a key is a single word".to_owned(),
            "put text that holds `${{ }}` in quotes".to_owned(),
        ),
        LoadError::DuplicateKey(keys) => {
            let first = keys.prev_key.span().start().map(place).unwrap_or_default();
            let second = keys.key.span().start().map(place).unwrap_or_default();
            let name = keys.key.as_str();
            let length = u32::try_from(name.chars().count()).unwrap_or(u32::MAX);
            return Diagnostic::error(
                codes::DUPLICATE_KEY,
                Span::on_line(second.line, second.column, length),
                format!("`{name}` is given twice"),
                format!("remove one; the first stands on line {}", first.line),
            );
        }
        LoadError::ScanError(at, error) => {
            let said = error.info();
            let line = text.lines().nth(at.line().saturating_sub(1)).unwrap_or_default();
            let help = scan_help(said, line);
            (place(at), format!("this is no YAML: {}", said.to_lowercase()), help)
        }
    };
    Diagnostic::error(codes::NOT_YAML, span, message, help)
}

/// The last `sign` on the line of a place and before it; the place itself if there is none.
fn back_to(text: &str, at: &Marker, sign: char) -> Span {
    let line = text.lines().nth(at.line().saturating_sub(1)).unwrap_or_default();
    let before = line.chars().take(at.column()).collect::<Vec<char>>();
    let found = before.iter().rposition(|c| *c == sign).and_then(|n| u32::try_from(n).ok());
    let span = place(at);
    found.map_or(span, |index| Span::on_line(span.line, index.saturating_add(1), 1))
}

fn scan_help(said: &str, line: &str) -> String {
    if line.contains("${{") && !line.contains(['\'', '"']) {
        "put text that holds `${{ }}` in quotes"
    } else if ["mapping values", "anchor", "alias"].iter().any(|word| said.contains(word)) {
        "put text that holds `: `, or begins with one of * & ! % @ `, in quotes"
    } else if said.contains("quoted scalar") {
        "close the quotes; inside single quotes write ' twice"
    } else if said.contains("flow") {
        "close the brackets, and put a comma between entries; text with , [ ] { } needs quotes"
    } else {
        "check the indentation of this line and of the one before"
    }
    .to_owned()
}

struct Converter<'t> {
    source: Source<'t>,
    too_deep: Option<Span>,
}

impl Converter<'_> {
    /// `fallback` is where a value stands that is not there.
    fn node(&mut self, node: &Node, fallback: Span, depth: usize) -> Yaml {
        if depth > DEPTH_MAX {
            self.too_deep = self.too_deep.or(Some(fallback));
            return Yaml::List(Vec::new(), fallback);
        }
        match node {
            Node::Scalar(scalar) => {
                let text = scalar.as_str().to_owned();
                let plain = scalar.may_coerce();
                let span = match scalar.span().start() {
                    Some(start) if !(plain && text.is_empty()) => {
                        self.source.whole(place(start), &text)
                    }
                    _ => fallback,
                };
                Yaml::Scalar(Scalar { text, plain, span })
            }
            Node::Sequence(list) => {
                let start = list.span().start().map_or(fallback, place);
                let items: Vec<Yaml> = list
                    .iter()
                    .map(|item| self.node(item, start, depth.saturating_add(1)))
                    .collect();
                let span = items.first().map_or(start, Yaml::span);
                Yaml::List(items, span)
            }
            Node::Mapping(map) => {
                let start = map.span().start().map_or(fallback, place);
                let entries: Vec<(Key, Yaml)> = map
                    .iter()
                    .map(|(key, value)| {
                        let name = key.as_str().to_owned();
                        let at = key.span().start().map_or(start, place);
                        let span = self.source.whole(at, &name);
                        let value = self.node(value, span, depth.saturating_add(1));
                        (Key { name, span }, value)
                    })
                    .collect();
                let span = entries.first().map_or(start, |(key, _)| key.span);
                Yaml::Map(entries, span)
            }
        }
    }
}
