//! YAML written for people: block style, one spelling for each value, comments above keys.

use std::fmt::Write as _;

use serde_json::Value;

/// Longest list that stands on one line.
const LIST_CHARS_MAX: usize = 100;

/// A document, or a part of one, with what people should read about it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// A value on its own; lists and mappings of it are in block style as well.
    Value(Value),
    /// A list.
    List(Vec<Self>),
    /// A mapping in this order.
    Map(Vec<Entry>),
}

/// A key with its value and comments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Lines above the key, without `#`.
    pub(crate) comments: Vec<String>,
    pub(crate) key: String,
    pub(crate) value: Node,
}

impl Entry {
    pub(crate) fn new(key: impl Into<String>, value: impl Into<Node>) -> Self {
        Self { comments: Vec::new(), key: key.into(), value: value.into() }
    }

    pub(crate) fn with_comments(self, comments: impl IntoIterator<Item = String>) -> Self {
        Self { comments: comments.into_iter().collect(), ..self }
    }
}

impl<T: Into<Value>> From<T> for Node {
    fn from(value: T) -> Self {
        match value.into() {
            Value::Object(map) => {
                Self::Map(map.into_iter().map(|(key, value)| Entry::new(key, value)).collect())
            }
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            plain => Self::Value(plain),
        }
    }
}

/// The text of a document.
pub(crate) fn write(document: &Node) -> String {
    let mut text = String::new();
    block(document, 0, &mut text);
    text
}

fn block(node: &Node, indent: usize, text: &mut String) {
    match node {
        Node::Value(value) => {
            text.push_str(&flow(value));
            text.push('\n');
        }
        Node::List(items) => {
            for item in items {
                pad(indent, text);
                text.push('-');
                item_or_value(item, indent, text);
            }
        }
        Node::Map(entries) => {
            for entry in entries {
                for comment in &entry.comments {
                    pad(indent, text);
                    line(text, format_args!("# {}", comment.replace(['\n', '\r'], " ").trim_end()));
                }
                // After `- ` the first key stands on the same line.
                if !text.ends_with("- ") {
                    pad(indent, text);
                }
                text.push_str(&scalar(&entry.key));
                text.push(':');
                after_key(&entry.value, indent, text);
            }
        }
    }
}

/// What stands after `-`: a mapping begins on the same line.
fn item_or_value(item: &Node, indent: usize, text: &mut String) {
    match item {
        Node::Map(entries) if entries.first().is_some_and(|entry| entry.comments.is_empty()) => {
            text.push(' ');
            block(item, indent + 2, text);
        }
        _ => after_key(item, indent, text),
    }
}

fn after_key(value: &Node, indent: usize, text: &mut String) {
    match value {
        Node::Map(entries) if !entries.is_empty() => {
            text.push('\n');
            block(value, indent + 2, text);
        }
        Node::List(items) if !items.is_empty() => match one_line(items) {
            Some(list) => line(text, format_args!(" {list}")),
            None => {
                text.push('\n');
                block(value, indent + 2, text);
            }
        },
        Node::Map(_) => text.push_str(" {}\n"),
        Node::List(_) => text.push_str(" []\n"),
        Node::Value(value) => line(text, format_args!(" {}", flow(value))),
    }
}

/// A short list of plain values, as people write it.
fn one_line(items: &[Node]) -> Option<String> {
    let texts: Option<Vec<String>> = items.iter().map(in_flow).collect();
    let list = format!("[{}]", texts?.join(", "));
    (list.len() <= LIST_CHARS_MAX).then_some(list)
}

fn in_flow(item: &Node) -> Option<String> {
    match item {
        Node::Value(Value::String(text)) if text.contains(',') => {
            Some(Value::from(text.as_str()).to_string())
        }
        Node::Value(value) => Some(flow(value)),
        Node::List(_) | Node::Map(_) => None,
    }
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    writeln!(text, "{what}").expect("invariant: a String takes all that is written");
}

fn pad(indent: usize, text: &mut String) {
    text.push_str(&" ".repeat(indent));
}

fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text without quotes where it can be read as nothing else; else as JSON, which is YAML as well.
fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { Value::from(text).to_string() }
}

fn is_plain(text: &str) -> bool {
    let first = text.chars().next();
    let begins = first.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '_'));
    let safe = |c: char| c.is_ascii_alphanumeric() || " _-./,()=+@!?;".contains(c);
    let is_word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    begins && !is_word && !text.ends_with(' ') && text.chars().all(safe)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::source::Source;

    #[test]
    fn what_is_written_is_read_back_as_the_same() {
        let value = json!({
            "plain": "a text", "number": 1, "float": 1.5, "flag": true, "nothing": null,
            "yes": "yes", "0x1f": "0x1f", "1": "1", "-": "- a", "#": "a # b", "colon": "a: b",
            "quote": "\"'", "lines": "one\ntwo\t\u{7}", "empty": "", "space ": " a ", "ü": "ü 日本",
            "none": {}, "no": [], "flow": ["a, b", "c", 1, null, "]", "{", ""], "list": [1, "two", [3, [4]], { "a": { "b": [] } }, {}, []],
            "deep": { "er": [{ "x": [{ "y": 1, "z": [2] }] }] },
            "template": "${{ input.a }}", "tag": "!x", "anchor": "&a", "star": "*a", "~": "~",
        });
        let text = write(&Node::from(value.clone()));
        let read = Source::read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(read.value, value, "{text}");
    }

    #[test]
    fn comments_stand_above_their_keys() {
        let inner = Node::Map(vec![
            Entry::new("b", 1).with_comments(["about b".to_owned()]),
            Entry::new("c", 2).with_comments(["one\ntwo".to_owned()]),
        ]);
        let document = Node::Map(vec![
            Entry::new("a", inner.clone()).with_comments(["top".to_owned()]),
            Entry::new("l", Node::List(vec![inner])),
        ]);
        let text = write(&document);
        let expect = "# top\na:\n  # about b\n  b: 1\n  # one two\n  c: 2\nl:\n  -\n    # about b\n    b: 1\n    # one two\n    c: 2\n";
        assert_eq!(text, expect);
        let read = Source::read(&text).unwrap().value;
        assert_eq!(read, json!({ "a": { "b": 1, "c": 2 }, "l": [{ "b": 1, "c": 2 }] }));
    }
}
