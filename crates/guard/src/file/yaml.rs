//! The text: what is no YAML, and what a value that cannot be read is told.

use marked_yaml::{
    FromNodeError, LoadError, LoaderOptions, Marker, Node, parse_yaml_with_options,
    spanned_serde::Error,
};
use stanch_model::{Diagnostic, Span};

use super::codes;

/// Largest policy file, in bytes: some thousand entries, more than anybody reads.
pub(super) const BYTES_MAX: usize = 256 << 10;

/// Longest indentation, in columns: each may open a level, and the scanner recurses once for each.
const INDENT_MAX: usize = 64;

/// Longest piece of a text that a message repeats, in characters.
const SHOWN_MAX: usize = 60;

/// The tree of a text.
pub(super) fn parse(text: &str) -> Result<Node, Box<Diagnostic>> {
    if let Some(finding) = unfit(text) {
        return Err(Box::new(finding));
    }
    let options = LoaderOptions::default().error_on_duplicate_keys(true).prevent_coercion(true);
    parse_yaml_with_options(0, text, options).map_err(|error| Box::new(no_yaml(text, &error)))
}

/// What has to be known before the loader runs: it stops in silence at a NUL, and leaves out what follows a
/// second `---`.
fn unfit(text: &str) -> Option<Diagnostic> {
    if text.len() > BYTES_MAX {
        let message = format!("the file has {} bytes; at most {BYTES_MAX} are read", text.len());
        let help = "leave out what the built-in values say already";
        return Some(Diagnostic::error(codes::TOO_LARGE, Span::on_line(1, 1, 1), message, help));
    }
    let mut content = false;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let refuse = |code: &str, column: usize, message: &str, help: &str| {
            let column = u32::try_from(column).unwrap_or(u32::MAX);
            Some(Diagnostic::error(code, Span::on_line(number, column, 1), message, help))
        };
        if let Some(at) = line.chars().position(|c| c.is_control() && !matches!(c, '\t' | '\r')) {
            return refuse(codes::NOT_YAML, at + 1, "control character in the text", "remove it");
        }
        let indent = line.chars().take_while(|c| matches!(c, ' ' | '-' | '?' | '\t')).count();
        if indent > INDENT_MAX && indent < line.chars().count() {
            let message = "the line is indented too far";
            return refuse(codes::TOO_LARGE, INDENT_MAX, message, "nest less deep");
        }
        let marker = line == "---" || line.starts_with("--- ") || line.trim_end() == "...";
        if marker && content {
            let help = "put each policy into a file of its own";
            return refuse(codes::NOT_YAML, 1, "a second document begins here", help);
        }
        content |= !line.trim().is_empty() && !line.trim_start().starts_with('#');
    }
    None
}

pub(super) fn no_mapping() -> Diagnostic {
    let help = "begin with `policy: NAME`, at the left margin";
    Diagnostic::error(codes::NOT_YAML, Span::on_line(1, 1, 1), "a policy is a mapping", help)
}

fn no_yaml(text: &str, error: &LoadError) -> Diagnostic {
    let refuse = |at: &Marker, message: &str, help: &str| {
        Diagnostic::error(codes::NOT_YAML, word(text, marker(at)), message, help)
    };
    match error {
        LoadError::TopLevelMustBeMapping(_) | LoadError::TopLevelMustBeSequence(_) => no_mapping(),
        LoadError::UnexpectedAnchor(at) => {
            let help = "write the value out, or put text that begins with & or * in quotes";
            refuse(at, "anchors (`&name`, `*name`) are not supported", help)
        }
        LoadError::UnexpectedTag(at) => {
            let help = "remove it, or put text that begins with ! in quotes";
            refuse(at, "tags (`!name`) are not supported", help)
        }
        LoadError::MappingKeyMustBeScalar(at) => {
            refuse(at, "a key is a single word", "put text with braces in quotes")
        }
        LoadError::DuplicateKey(keys) => {
            let of = |span: &marked_yaml::Span| span.start().map(marker).unwrap_or_default();
            let (first, second) = (of(keys.prev_key.span()), of(keys.key.span()));
            let message = format!("`{}` is given twice", shown(keys.key.as_str()));
            let help = format!("remove one; the first stands on line {}", first.line);
            Diagnostic::error(codes::DUPLICATE_KEY, word(text, second), message, help)
        }
        LoadError::ScanError(at, error) => {
            let message = format!("this is no YAML: {}", error.info().to_lowercase());
            let help = "check indentation, quotes and brackets of this line and of the one before; \
                        text that holds `: ` or begins with one of * & ! % @ needs quotes";
            refuse(at, &message, help)
        }
    }
}

/// What is wrong with a value, at its place, or else at the entry that it belongs to.
pub(super) fn refusal(text: &str, error: &FromNodeError, entry: Span) -> Diagnostic {
    let (code, message, help) = told(error);
    let named = message.split('`').nth(1).and_then(|named| within(text, entry, named));
    let at = named.or_else(|| error.start_mark().as_ref().map(marker)).unwrap_or(entry);
    Diagnostic::error(code, word(text, at), message, help)
}

/// Where an entry has what a message names: the loader knows where the entry begins, and little more.
fn within(text: &str, entry: Span, named: &str) -> Option<Span> {
    let number = |n: u32| usize::try_from(n.saturating_sub(1)).unwrap_or(usize::MAX);
    let indent = number(entry.column);
    let lines = text.lines().enumerate().skip(number(entry.line));
    let belongs = |(index, line): &(usize, &str)| {
        let deep = line.chars().take_while(|c| *c == ' ').count() >= indent;
        *index == number(entry.line) || line.trim().is_empty() || deep
    };
    let found = lines.take_while(belongs).find_map(|(index, line)| {
        let skipped = if index == number(entry.line) { indent } else { 0 };
        let from = line.char_indices().nth(skipped).map_or(line.len(), |(at, _)| at);
        let at = line.get(from..)?.find(named)?.saturating_add(from);
        Some((index, line.get(..at)?.chars().count()))
    });
    let number = |n: usize| u32::try_from(n.saturating_add(1)).unwrap_or(u32::MAX);
    found
        .filter(|_| !named.is_empty())
        .map(|(line, column)| Span::on_line(number(line), number(column), 1))
}

fn told(error: &Error) -> (&'static str, String, String) {
    let value = |message: &str, help: &str| (codes::VALUE, message.to_owned(), help.to_owned());
    match error {
        Error::NotBoolean(_) => value("the value is neither true nor false", "write true or false"),
        Error::IntegerParseFailure(..) | Error::FloatParseFailure(..) => {
            value("the value is no whole number", "write digits only, as in 5")
        }
        Error::UnknownFieldError(field, known, _) => {
            (codes::UNKNOWN_KEY, format!("unknown key `{}`", shown(field)), keys(known))
        }
        Error::Other(text, _) => other(text),
    }
}

/// Serde's own sentences in our words; ours say `what: how to mend it`.
fn other(text: &str) -> (&'static str, String, String) {
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    if text.starts_with("missing field") {
        let field = quoted(text);
        let help = format!("add `{field}: …`");
        return (codes::MISSING_KEY, format!("`{field}` is missing"), help);
    }
    if let Some((found, known)) = text.split_once(", expected ")
        && text.starts_with("unknown variant")
    {
        let message = format!("`{}` is no word for this", shown(&quoted(found)));
        return (codes::VALUE, message, format!("write {known}"));
    }
    if let Some((found, wanted)) = text.split_once(", expected ") {
        let wanted = wanted.strip_prefix("struct ").map_or(wanted, |_| "a mapping");
        return (codes::VALUE, found.to_owned(), format!("write {wanted} here"));
    }
    let outside = |(at, _): &(usize, &str)| {
        text.get(..*at).is_some_and(|before| before.matches('`').count() % 2 == 0)
    };
    let halves =
        text.match_indices(": ").find(outside).and_then(|(at, _)| text.split_at_checked(at));
    let (message, help) = halves.unwrap_or((text, ""));
    let help = match help.trim_start_matches(": ") {
        "" => "compare it with the reference of the configuration",
        help => help,
    };
    (codes::VALUE, message.to_owned(), help.to_owned())
}

pub(super) fn keys(known: &[&str]) -> String {
    format!("the keys here are {}", known.join(", "))
}

/// What a message repeats of somebody's text.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SHOWN_MAX).collect()
}

pub(super) fn marker(at: &Marker) -> Span {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span::on_line(number(at.line()), number(at.column()), 1)
}

/// Where a value begins. Of a mapping that is its first key: the loader says where the first colon is.
pub(super) fn place(node: &Node) -> Span {
    let first = node.as_mapping().and_then(|map| map.iter().next());
    let start = first.map_or(node.span(), |(key, _)| key.span()).start();
    start.map(marker).unwrap_or_default()
}

/// The word that begins at a place.
pub(super) fn word(text: &str, at: Span) -> Span {
    let before = |n: u32| usize::try_from(n.saturating_sub(1)).unwrap_or(usize::MAX);
    let line = text.lines().nth(before(at.line)).unwrap_or_default();
    let ends = |c: &char| !matches!(c, ' ' | ',' | ']' | '}' | ':' | '#');
    let length = line.chars().skip(before(at.column)).take_while(ends).count();
    Span::on_line(at.line, at.column, u32::try_from(length.max(1)).unwrap_or(u32::MAX))
}
