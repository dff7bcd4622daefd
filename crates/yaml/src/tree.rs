//! Loading YAML within limits, with the place of every key and value.
//!
//! `marked-yaml` knows no anchors and no tags, so there are no bombs; but its scanner recurses
//! once for each level of block nesting, stops in silence at a NUL, and leaves out what follows a
//! second `---`. All three are refused here, before it runs.

use marked_yaml::{LoadError, LoaderOptions, Marker, Node, parse_yaml_with_options};
use stanch_model::{Fix, Span};

use crate::{edit::replace, mend, place::Source};

/// What a text may have at the most, and what it is called.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// `playbook`, `test file`.
    pub what: &'static str,
    /// Bytes.
    pub bytes: usize,
    /// Mappings and lists inside one another.
    pub depth: usize,
}

/// What kind of thing is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It is no YAML, or uses a part of YAML that is done without.
    Unreadable,
    /// It is beyond a limit.
    TooLarge,
    /// The same key stands twice in one mapping.
    DuplicateKey,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of thing it is.
    pub kind: FaultKind,
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
    /// The change that does so, where one is known.
    pub fix: Option<Fix>,
}

impl Fault {
    fn new(
        kind: FaultKind,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { kind, span, message: message.into(), help: help.into(), fix: None }
    }

    fn with_fix(self, fix: Option<Fix>) -> Self {
        Self { fix, ..self }
    }
}

/// Columns of indentation and list dashes before a line's content; each may open a level.
const INDENT_MAX: usize = 128;

/// A value.
#[derive(Clone, Debug)]
pub enum Yaml {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    List(Vec<Yaml>, Extent),
    /// A mapping.
    Map(Vec<(Key, Yaml)>, Extent),
}

/// Where a list or a mapping stands.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Its first entry, for findings.
    pub span: Span,
    /// All of it; the brackets too, if it has any.
    pub whole: Span,
    /// Written in brackets.
    pub flow: bool,
}

/// A single value.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// What it is, without quotes and indentation.
    pub text: String,
    /// Written without quotes, and so possibly a number, a bool or null.
    pub plain: bool,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// The key of an entry.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

impl Yaml {
    /// Where it begins, for findings: a list or a mapping at its first entry.
    #[must_use]
    pub const fn span(&self) -> Span {
        match self {
            Self::Scalar(scalar) => scalar.span,
            Self::List(_, extent) | Self::Map(_, extent) => extent.span,
        }
    }

    /// All of it.
    #[must_use]
    pub const fn whole(&self) -> Span {
        match self {
            Self::Scalar(scalar) => scalar.span,
            Self::List(_, extent) | Self::Map(_, extent) => extent.whole,
        }
    }

    /// Whether nothing is written where it would stand.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Scalar(scalar) if scalar.plain && scalar.text.is_empty())
    }

    /// What it is called in messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            _ if self.is_nothing() => "nothing",
            Self::Scalar(_) => "a single value",
            Self::List(..) => "a list",
            Self::Map(..) => "a mapping",
        }
    }
}

/// Reads a text. With a key that stands twice there is still a tree, in which the later one counts.
#[must_use]
pub fn load(text: &str, limits: Limits) -> (Option<Yaml>, Vec<Fault>) {
    let mut faults = Vec::new();
    let tree = read(text, limits, &mut faults);
    (tree, faults)
}

fn read(text: &str, limits: Limits, findings: &mut Vec<Fault>) -> Option<Yaml> {
    if let Some(finding) = too_much(text, limits) {
        findings.push(finding);
        return None;
    }
    let options =
        |strict| LoaderOptions::default().error_on_duplicate_keys(strict).prevent_coercion(true);
    let node = match parse_yaml_with_options(0, text, options(true)) {
        Ok(node) => node,
        Err(error) => {
            findings.push(refusal(text, &error, limits.what));
            // With one of the two keys there is still a tree, and more to find in it.
            let LoadError::DuplicateKey(_) = error else { return None };
            parse_yaml_with_options(0, text, options(false)).ok()?
        }
    };
    let source = Source::new(text);
    let mut converter = Converter { source, depth: limits.depth, too_deep: None };
    let tree = converter.node(&node, Span::on_line(1, 1, 1), 0);
    if let Some(span) = converter.too_deep {
        findings.push(Fault::new(
            FaultKind::TooLarge,
            span,
            format!("mappings and lists are nested more than {} deep", limits.depth),
            format!("split the {}, or move the inner parts behind the outer ones", limits.what),
        ));
        return None;
    }
    Some(tree)
}

/// What has to be known before the loader runs.
fn too_much(text: &str, limits: Limits) -> Option<Fault> {
    let Limits { what, bytes, .. } = limits;
    if text.len() > bytes {
        return Some(Fault::new(
            FaultKind::TooLarge,
            Span::on_line(1, 1, 1),
            format!("{what} has {} bytes; at most {bytes} are read", text.len()),
            format!("split it into several {what}s"),
        ));
    }
    let mut documents = false;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let refuse =
            |code, at: usize, message: &str, help: &str, fix: fn(&str, Span) -> Option<Fix>| {
                let column = u32::try_from(at).unwrap_or(u32::MAX);
                let span = Span::on_line(number, column, 1);
                let fix = fix(text, span);
                Some(Fault::new(code, span, message, help).with_fix(fix))
            };
        if let Some(at) = line.chars().position(|c| c.is_control() && c != '\t' && c != '\r') {
            let help = "remove it; in quotes write it as an escape, as in \"\\x07\"";
            let message = "control character in the text";
            let fix = |_: &str, span| Some(replace(span, ""));
            return refuse(FaultKind::Unreadable, at.saturating_add(1), message, help, fix);
        }
        let prefix = line.chars().take_while(|c| matches!(c, ' ' | '-' | '?' | '\t')).count();
        if prefix > INDENT_MAX && prefix < line.chars().count() {
            let message = format!("line is indented by more than {INDENT_MAX} columns");
            return refuse(FaultKind::TooLarge, INDENT_MAX, &message, "nest less deep", |_, _| {
                None
            });
        }
        let content = !line.trim().is_empty() && !line.trim_start().starts_with('#');
        let marker = line == "---" || line.starts_with("--- ") || line.trim_end() == "...";
        if marker && documents {
            let help = format!("put each {what} into a file of its own");
            let message = "a second document begins here";
            let fix = |text: &str, span: Span| Some(mend::cut(text, span.line));
            return refuse(FaultKind::Unreadable, 1, message, &help, fix);
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
fn refusal(text: &str, error: &LoadError, what: &str) -> Fault {
    let (span, message, help): (Span, String, String) = match error {
        LoadError::TopLevelMustBeMapping(at) | LoadError::TopLevelMustBeSequence(at) => (
            place(at),
            format!("a {what} is a mapping"),
            format!("begin with its first key, as in `{what}: NAME`, at the left margin"),
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
            let span = Span::on_line(second.line, second.column, length);
            return Fault::new(
                FaultKind::DuplicateKey,
                span,
                format!("`{name}` is given twice"),
                format!("remove one; the first stands on line {}", first.line),
            )
            .with_fix(mend::remove_lines(text, span));
        }
        LoadError::ScanError(at, error) => {
            let said = error.info();
            let line = text.lines().nth(at.line().saturating_sub(1)).unwrap_or_default();
            let help = scan_help(said, line);
            (place(at), format!("this is no YAML: {}", said.to_lowercase()), help)
        }
    };
    let fix = if message.contains("quoted scalar") {
        mend::close_quotes(text)
    } else {
        mend::quote(text, span.line)
    };
    Fault::new(FaultKind::Unreadable, span, message, help).with_fix(fix)
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
    /// The limit.
    depth: usize,
    too_deep: Option<Span>,
}

impl Converter<'_> {
    /// `fallback` is where a value stands that is not there.
    fn node(&mut self, node: &Node, fallback: Span, depth: usize) -> Yaml {
        if depth > self.depth {
            self.too_deep = self.too_deep.or(Some(fallback));
            let extent = Extent { span: fallback, whole: fallback, flow: false };
            return Yaml::List(Vec::new(), extent);
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
                let last = items.last().map_or(start, Yaml::whole);
                Yaml::List(items, self.extent(list.span(), ('[', ']'), span, last))
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
                let last = entries.last().map_or(start, |(_, value)| value.whole());
                Yaml::Map(entries, self.extent(map.span(), ('{', '}'), span, last))
            }
        }
    }

    /// From where it begins to the bracket that closes it, or else to the end of its `last` part.
    fn extent(
        &self,
        marks: &marked_yaml::Span,
        (open, close): (char, char),
        span: Span,
        last: Span,
    ) -> Extent {
        let start = marks.start().map_or(span, place);
        let end = marks.end().map(place);
        // A list that is not indented is said to begin with its first item, so both brackets have to be there.
        let closed = end.filter(|end| self.source.at(*end) == Some(close));
        let closed = closed.filter(|_| self.source.at(start) == Some(open));
        let flow = closed.is_some();
        let end = closed.map_or(last, |end| Span { end_line: end.line, ..end });
        let start = if flow { start } else { span };
        let whole = Span {
            line: start.line,
            column: start.column,
            end_line: end.end_line,
            end_column: end.end_column,
        };
        Extent { span, whole, flow }
    }
}
