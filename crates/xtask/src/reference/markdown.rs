//! The little of Markdown that the pages need.

use std::fmt::Write as _;

/// The head of a page: its title, and where its text comes from.
pub(super) fn head(title: &str, from: &str) -> String {
    let command = super::COMMAND;
    format!("# {title}\n\n<!-- Made by `{command}` of {from}. Edit there. -->\n")
}

/// A table; cells may hold anything but a line feed, which becomes a space.
pub(super) fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    let dashes = vec!["---"; columns.len()];
    push(&mut text, columns.iter().map(|cell| (*cell).to_owned()));
    push(&mut text, dashes.iter().map(|cell| (*cell).to_owned()));
    for row in rows {
        push(&mut text, row.iter().map(|cell| escape(cell)));
    }
    text
}

fn push(text: &mut String, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.collect();
    writeln!(text, "| {} |", cells.join(" | ")).expect("invariant: a text takes text");
}

fn escape(cell: &str) -> String {
    cell.replace('\n', " ").replace('|', "\\|").trim().to_owned()
}

/// A word in the type of the machine.
pub(super) fn code(word: &str) -> String {
    format!("`{word}`")
}

/// With a capital letter at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", rest.as_str())
}

/// A fenced block.
pub(super) fn block(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}
