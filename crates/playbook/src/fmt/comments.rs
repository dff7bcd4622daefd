//! Comments: where they stand, and what they belong to.

use std::collections::BTreeMap;

use stanch_model::Span;
use stanch_yaml::{Source, Yaml};

/// The line and column at which something begins.
pub(super) type Place = (u32, u32);

/// What belongs to an entry or an item beside itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    /// Comments on lines of their own before it.
    pub(super) before: Vec<String>,
    /// Whether a line without anything stands before it, or before its first comment.
    pub(super) gap: bool,
    /// A comment at the end of its line.
    pub(super) after: Option<String>,
}

/// Comments by what they belong to.
#[derive(Debug, Default)]
pub(super) struct Comments {
    beside: BTreeMap<Place, Beside>,
    /// Before the first entry: they are about the whole text, and stay at its head.
    pub(super) first: Vec<String>,
    /// Whether a line without anything follows them.
    pub(super) first_gap: bool,
    /// After the last entry.
    pub(super) last: Vec<String>,
}

/// A comment.
struct Comment {
    line: u32,
    column: u32,
    text: String,
    /// Whether nothing else stands on its line.
    alone: bool,
}

impl Comments {
    pub(super) fn of(text: &str, tree: &Yaml) -> Self {
        let mut starts = Vec::new();
        starts_of(tree, &mut starts);
        starts.sort_unstable();
        starts.dedup();
        let mut comments = Self::default();
        for comment in find(text, tree) {
            let Comment { line, column, text, alone } = comment;
            let owner = if alone {
                starts.iter().find(|start| **start > (line, column))
            } else {
                // The innermost that begins on the line, or else the last one before.
                starts.iter().rev().find(|start| **start < (line, column))
            };
            match owner {
                Some(owner) if alone && starts.first() == Some(owner) => comments.first.push(text),
                Some(owner) if alone => {
                    comments.beside.entry(*owner).or_default().before.push(text);
                }
                Some(owner) => comments.beside.entry(*owner).or_default().after = Some(text),
                None => comments.last.push(text),
            }
        }
        comments.gaps(text, &starts);
        comments
    }

    /// Lines without anything, before entries or their comments.
    fn gaps(&mut self, text: &str, starts: &[Place]) {
        let lines: Vec<&str> = text.lines().collect();
        let at = |line: u32| {
            let index = usize::try_from(line).ok().and_then(|line| line.checked_sub(1))?;
            lines.get(index).map(|line| line.trim())
        };
        for (number, start) in starts.iter().enumerate() {
            let mut line = start.0.saturating_sub(1);
            if number == 0 {
                self.first_gap = at(line).is_some_and(str::is_empty);
                continue;
            }
            while at(line).is_some_and(|line| line.starts_with('#')) {
                line = line.saturating_sub(1);
            }
            if line > 0 && at(line).is_some_and(str::is_empty) {
                self.beside.entry(*start).or_default().gap = true;
            }
        }
    }

    /// What belongs to what begins at a place; it is given away once.
    pub(super) fn take(&mut self, place: Place) -> Beside {
        self.beside.remove(&place).unwrap_or_default()
    }

    /// Gives back what belongs to what begins at a place.
    pub(super) fn give(&mut self, place: Place, beside: Beside) {
        self.beside.insert(place, beside);
    }

    /// Whether something within a place has a comment of its own, or a comment stands there.
    pub(super) fn within(&self, span: Span) -> bool {
        let (from, to) = ((span.line, span.column), (span.end_line, span.end_column));
        self.beside.range(from..to).any(|(place, beside)| {
            !beside.before.is_empty()
                || beside.after.is_some() && *place != from && place.0 != span.end_line
        })
    }
}

/// The texts of all comments, in an order of their own.
pub(super) fn texts(text: &str, tree: &Yaml) -> Vec<String> {
    let mut texts: Vec<String> = find(text, tree).into_iter().map(|comment| comment.text).collect();
    texts.sort();
    texts
}

/// Where entries and items begin.
fn starts_of(tree: &Yaml, found: &mut Vec<Place>) {
    match tree {
        Yaml::Scalar(_) => {}
        Yaml::List(items, _) => {
            for item in items {
                let whole = item.whole();
                found.push((whole.line, whole.column));
                starts_of(item, found);
            }
        }
        Yaml::Map(entries, _) => {
            for (key, value) in entries {
                found.push((key.span.line, key.span.column));
                starts_of(value, found);
            }
        }
    }
}

/// Everything after a `#` that begins a comment: at the start of a line or after a blank, and in no value
/// (YAML 1.2.2, §6.6).
fn find(text: &str, tree: &Yaml) -> Vec<Comment> {
    let mut values = Vec::new();
    values_of(tree, &mut values);
    let source = Source::new(text);
    let mut found = Vec::new();
    let mut line = 0_u32;
    for written in text.lines() {
        line = line.saturating_add(1);
        let mut blank_before = true;
        let mut column = 0_u32;
        for (at, c) in written.char_indices() {
            column = column.saturating_add(1);
            if c == '#' && blank_before && !covered(&values, &source, line, column) {
                let text = written.get(at..).unwrap_or_default().trim_end().to_owned();
                let alone = written.get(..at).is_some_and(|before| before.trim().is_empty());
                found.push(Comment { line, column, text, alone });
                break;
            }
            blank_before = c == ' ' || c == '\t';
        }
    }
    found
}

/// Where single values and keys stand.
fn values_of(tree: &Yaml, found: &mut Vec<Span>) {
    match tree {
        Yaml::Scalar(scalar) if !tree.is_nothing() => found.push(scalar.span),
        Yaml::Scalar(_) => {}
        Yaml::List(items, _) => items.iter().for_each(|item| values_of(item, found)),
        Yaml::Map(entries, _) => {
            for (key, value) in entries {
                found.push(key.span);
                values_of(value, found);
            }
        }
    }
}

fn covered(values: &[Span], source: &Source<'_>, line: u32, column: u32) -> bool {
    values.iter().any(|span| {
        let is_block = matches!(source.style(*span), stanch_yaml::place::Style::Block(_));
        // A line of a block belongs to it from its indentation on, comments of a script included.
        let after_start = (span.line, span.column) <= (line, column);
        let before_end = (line, column) < (span.end_line, span.end_column);
        let in_block =
            is_block && (span.line..span.end_line).contains(&line) && column >= span.column;
        after_start && before_end || in_block
    })
}
