//! Mermaid flowcharts (mermaid.js.org, Flowcharts Syntax).

use std::{collections::BTreeMap, fmt::Write as _};

use stanch_model::run::{GraphView, NodeView};

use super::visible;

/// The graph as a Mermaid flowchart.
#[must_use]
pub fn mermaid(graph: &GraphView) -> String {
    let mut text = "flowchart TD\n".to_owned();
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for (number, node) in graph.nodes.iter().enumerate() {
        let name = format!("n{number}");
        put(&mut text, format_args!("  {name}{}\n", shape(node)));
        names.insert(&node.id, name);
    }
    for edge in &graph.edges {
        let (Some(from), Some(to)) = (names.get(edge.from.as_str()), names.get(edge.to.as_str()))
        else {
            continue;
        };
        if edge.label.is_empty() {
            put(&mut text, format_args!("  {from} --> {to}\n"));
        } else {
            put(&mut text, format_args!("  {from} -->|\"{}\"| {to}\n", escape(&edge.label)));
        }
    }
    text
}

fn put(text: &mut String, part: std::fmt::Arguments<'_>) {
    text.write_fmt(part).expect("invariant: a text takes text");
}

fn shape(node: &NodeView) -> String {
    let title = escape(&node.title);
    let label = if title.is_empty() {
        escape(&node.kind)
    } else {
        format!("{title}<br>{}", escape(&node.kind))
    };
    match node.kind.as_str() {
        "start" | "end" => format!("([\"{label}\"])"),
        "if" | "switch" => format!("{{\"{label}\"}}"),
        "parallel" | "for_each" | "while" | "try" => format!("{{{{\"{label}\"}}}}"),
        "ask" => format!("[/\"{label}\"/]"),
        "call" => format!("[[\"{label}\"]]"),
        _ => format!("[\"{label}\"]"),
    }
}

/// A text between double quotes: whatever could end it, or be read as Markdown, HTML or an entity, is written
/// as an entity, which Mermaid begins with `#`.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in visible(text).chars() {
        match c {
            c if c.is_alphanumeric() => out.push(c),
            ' ' | '_' | '.' | ',' | ':' | '-' | '/' | '(' | ')' | '\'' | '?' | '!' | '=' | '+' => {
                out.push(c)
            }
            c => put(&mut out, format_args!("#{};", u32::from(c))),
        }
    }
    out
}
