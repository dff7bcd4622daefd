//! YAML with a place for every node: documents of a file, and spans in the file's own lines.

use marked_yaml::{
    LoadError, LoaderOptions, Marker, Node, parse_yaml_with_options,
    types::{MarkedMappingNode, MarkedScalarNode},
};
use stanch_model::{Diagnostic, Span};

use crate::codes;

/// Bytes that one rule file may have; the largest public rule has 60 kB.
pub(crate) const FILE_BYTES_MAX: usize = 1 << 20;

/// How deep brackets and dashes may nest: the parser recurses, a rule needs about six.
const NESTING_MAX: usize = 100;

/// One document of a file.
pub(crate) struct Document<'a> {
    /// Line of its first line in the file, from 1.
    pub(crate) line: u32,
    /// Its text, without the `---`.
    pub(crate) text: &'a str,
}

/// The documents of a file. A line that starts with `---` always ends one (YAML 1.2.2 §9.1.2).
pub(crate) fn documents(text: &str) -> Vec<Document<'_>> {
    let mut documents = Vec::new();
    let (mut start, mut line) = (0, 1);
    let (mut at, mut number) = (0, 1);
    for full in text.split_inclusive('\n') {
        let bare = full.trim_end();
        let marker = bare == "---" || bare.starts_with("--- ");
        if marker || bare == "..." {
            documents.push((start, at, line));
            start = if marker && bare.len() > 3 { at + 3 } else { at + full.len() };
            line = if marker && bare.len() > 3 { number } else { number + 1 };
        }
        at += full.len();
        number += 1;
    }
    documents.push((start, at, line));
    let filled = |(start, end, line): (usize, usize, u32)| {
        let text = text.get(start..end)?;
        let empty = text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#'));
        (!empty).then_some(Document { line, text })
    };
    documents.into_iter().filter_map(filled).collect()
}

/// Parses a document whose top level is a mapping.
pub(crate) fn mapping(document: &Document<'_>) -> Result<MarkedMappingNode, Box<Diagnostic>> {
    match parse(document, LoaderOptions::default().toplevel_mapping())? {
        Node::Mapping(map) => Ok(map),
        Node::Scalar(_) | Node::Sequence(_) => Err(Box::new(
            codes::YAML.at(Span::on_line(document.line, 1, 1), "the document is no mapping"),
        )),
    }
}

/// Parses a document.
pub(crate) fn parse(
    document: &Document<'_>,
    options: LoaderOptions,
) -> Result<Node, Box<Diagnostic>> {
    if is_too_deep(document.text) {
        let span = Span::on_line(document.line, 1, 1);
        return Err(Box::new(codes::TOO_LARGE.at(span, "the document is nested too deep")));
    }
    // Blank lines before it give every node its line in the file.
    let lines = usize::try_from(document.line).unwrap_or_default().saturating_sub(1);
    let text = format!("{}{}", "\n".repeat(lines), document.text);
    let options = options.error_on_duplicate_keys(true).prevent_coercion(true);
    parse_yaml_with_options(0, text, options).map_err(|err| Box::new(unreadable(&err)))
}

fn is_too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    for line in text.lines() {
        let dashes = line.trim_start().split(' ').take_while(|word| *word == "-").count();
        if dashes > NESTING_MAX {
            return true;
        }
        let opened = line.matches(['[', '{']).count();
        let closed = line.matches([']', '}']).count();
        // Brackets inside quotes are counted as well; rules never come near the limit.
        if depth + opened > 4 * NESTING_MAX {
            return true;
        }
        depth = (depth + opened).saturating_sub(closed);
    }
    false
}

fn unreadable(error: &LoadError) -> Diagnostic {
    let (mark, message) = match error {
        LoadError::TopLevelMustBeMapping(mark) => (*mark, "the document is no mapping".to_owned()),
        LoadError::TopLevelMustBeSequence(mark) => (*mark, "the document is no list".to_owned()),
        LoadError::UnexpectedAnchor(mark) => (*mark, "anchors are not read".to_owned()),
        LoadError::MappingKeyMustBeScalar(mark) => (*mark, "a key must be a word".to_owned()),
        LoadError::UnexpectedTag(mark) => (*mark, "tags are not read".to_owned()),
        LoadError::ScanError(mark, scan) => {
            let text = scan.to_string();
            // The place is in the span already.
            (*mark, text.split(" at byte").next().unwrap_or_default().to_owned())
        }
        LoadError::DuplicateKey(keys) => {
            let message = format!("key `{}` stands here for the second time", keys.key.as_str());
            return codes::YAML.at(scalar_span(&keys.key), message);
        }
    };
    codes::YAML.at(mark_span(mark, 1), message)
}

/// Where a node stands: a scalar to its end, anything else its first character.
pub(crate) fn span(node: &Node) -> Span {
    match node {
        Node::Scalar(scalar) => scalar_span(scalar),
        Node::Mapping(map) => map_span(map),
        Node::Sequence(list) => node_start(list.span().start()),
    }
}

/// Where a mapping begins: at its first key, since the parser's own mark stands behind it.
pub(crate) fn map_span(map: &MarkedMappingNode) -> Span {
    map.keys().next().map_or_else(|| node_start(map.span().start()), scalar_span)
}

/// Where a scalar stands. Quotes and escapes are not counted.
pub(crate) fn scalar_span(scalar: &MarkedScalarNode) -> Span {
    let length = scalar.as_str().lines().next().unwrap_or_default().chars().count().max(1);
    scalar.span().start().map_or(Span::default(), |mark| mark_span(*mark, length))
}

/// Where the part of a scalar stands that begins `offset` bytes into it.
pub(crate) fn part_span(scalar: &MarkedScalarNode, offset: usize, part: &str) -> Span {
    let whole = scalar_span(scalar);
    let text = scalar.as_str();
    // In a block scalar the place of a part is not known; the whole is pointed at.
    let Some(before) = text.get(..offset).filter(|_| !text.contains('\n')) else { return whole };
    let shift = before.chars().count() + usize::from(!scalar.may_coerce());
    let column = whole.column.saturating_add(small(shift));
    Span::on_line(whole.line, column, small(part.chars().count()))
}

fn node_start(mark: Option<&Marker>) -> Span {
    mark.map_or(Span::default(), |mark| mark_span(*mark, 1))
}

fn mark_span(mark: Marker, length: usize) -> Span {
    Span::on_line(small(mark.line()), small(mark.column()).max(1), small(length))
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_keep_their_lines() {
        let check = |text: &str, expect: &[(u32, &str)]| {
            let found: Vec<_> =
                documents(text).into_iter().map(|d| (d.line, d.text.trim().to_owned())).collect();
            let expect: Vec<_> = expect.iter().map(|(l, t)| (*l, (*t).to_owned())).collect();
            assert_eq!(found, expect, "{text:?}");
        };
        check("", &[]);
        check("# only a comment\n", &[]);
        check("a: 1\n", &[(1, "a: 1")]);
        check("---\na: 1\n---\nb: 2", &[(2, "a: 1"), (4, "b: 2")]);
        check("a: 1\n...\n--- {b: 2}\n", &[(1, "a: 1"), (3, "{b: 2}")]);
        check("a: |\n  ---\n  x\n---\nb: 1\n", &[(1, "a: |\n  ---\n  x"), (5, "b: 1")]);
        check("a: 1\r\n---\r\nb: 2\r\n", &[(1, "a: 1"), (3, "b: 2")]);
    }

    #[test]
    fn hostile_nesting_is_refused_before_the_parser_sees_it() {
        for text in
            [format!("a: {}", "[".repeat(100_000)), format!("a:\n  {}x", "- ".repeat(50_000))]
        {
            let err = mapping(&Document { line: 1, text: &text }).unwrap_err();
            assert_eq!(err.code, "SG0011");
        }
        let fine = format!("a: {}1{}", "[".repeat(20), "]".repeat(20));
        assert!(mapping(&Document { line: 1, text: &fine }).is_ok());
    }
}
