//! Changes of a text that mend a finding, and nothing else: keys renamed, left out and
//! added, items left out and moved, parts of values written anew. Each keeps the style that it finds.

use stanch_model::{Fix, Span};

use crate::{
    place::{Source, Style},
    tree::{Extent, Key, Yaml},
};

/// A change within a value: `length` bytes at `offset` of it become `text`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'t> {
    /// Where it begins.
    pub offset: usize,
    /// How much goes.
    pub length: usize,
    /// What comes instead.
    pub text: &'t str,
}

/// A text and its tree.
#[derive(Clone, Copy, Debug)]
pub struct Editor<'a> {
    /// The text.
    pub source: &'a Source<'a>,
    /// Its tree.
    pub tree: &'a Yaml,
}

/// An entry of a mapping, and which one it is.
struct Entry<'a> {
    entries: &'a [(Key, Yaml)],
    index: usize,
}

/// What stands there becomes `text`.
#[must_use]
pub fn replace(span: Span, text: impl Into<String>) -> Fix {
    Fix { span, replacement: text.into() }
}

const fn start_of(span: Span) -> Span {
    Span { end_line: span.line, end_column: span.column, ..span }
}

const fn end_of(span: Span) -> Span {
    Span { line: span.end_line, column: span.end_column, ..span }
}

const fn between(from: Span, to: Span) -> Span {
    Span { line: from.line, column: from.column, end_line: to.end_line, end_column: to.end_column }
}

impl<'a> Editor<'a> {
    /// The entry whose key stands at a place.
    fn entry(&self, key: Span) -> Option<Entry<'a>> {
        find(self.tree, &mut |yaml| {
            let Yaml::Map(entries, _) = yaml else { return None };
            let index = entries.iter().position(|(found, _)| found.span == key)?;
            Some(Entry { entries, index })
        })
    }

    /// The mapping whose first key stands at a place; an empty one that stands there itself.
    fn map(&self, at: Span) -> Option<(&'a [(Key, Yaml)], Extent)> {
        find(self.tree, &mut |yaml| match yaml {
            Yaml::Map(entries, extent) if extent.span == at => Some((entries.as_slice(), *extent)),
            _ => None,
        })
    }

    /// The list that has an item at a place, and which one it is.
    fn list(&self, item: Span) -> Option<(&'a [Yaml], usize, Extent)> {
        find(self.tree, &mut |yaml| {
            let Yaml::List(items, extent) = yaml else { return None };
            let index = items.iter().position(|found| found.span() == item)?;
            Some((items.as_slice(), index, *extent))
        })
    }

    /// The end of an entry: of its value, or of the colon where nothing follows.
    fn end(&self, (key, value): &(Key, Yaml)) -> Span {
        if !value.is_nothing() {
            return self.trimmed(value);
        }
        let end = end_of(key.span);
        let colon = self.source.at(end) == Some(':');
        Span { column: end.column.saturating_add(u32::from(colon)), ..end }
    }

    /// The end of a value, without the line feeds that end a block.
    fn trimmed(&self, value: &Yaml) -> Span {
        let whole = value.whole();
        let text = self.source.slice(whole);
        let kept = text.trim_end();
        if kept.len() == text.len() || kept.is_empty() {
            return end_of(whole);
        }
        let byte = self.source.byte(whole.line, whole.column).saturating_add(kept.len());
        let (line, column) = self.source.place_of(byte);
        Span { line, column, end_line: line, end_column: column }
    }

    /// Leaves out a key and its value; nothing if the mapping would be empty then.
    #[must_use]
    pub fn remove_key(&self, key: Span) -> Option<Fix> {
        let Entry { entries, index } = self.entry(key)?;
        let own = entries.get(index)?;
        if let Some((next, _)) = entries.get(index.saturating_add(1)) {
            return Some(replace(between(own.0.span, start_of(next.span)), ""));
        }
        let previous = entries.get(index.checked_sub(1)?)?;
        let end = self.end(own);
        Some(replace(
            between(self.end(previous), Span { end_line: end.line, end_column: end.column, ..end }),
            "",
        ))
    }

    /// Leaves out the key whose value stands at a place.
    #[must_use]
    pub fn remove_value(&self, value: Span) -> Option<Fix> {
        let key = find(self.tree, &mut |yaml| {
            let Yaml::Map(entries, _) = yaml else { return None };
            let found = entries.iter().find(|(_, found)| found.span() == value);
            found.map(|(key, _)| key.span)
        })?;
        self.remove_key(key)
    }

    /// The place of the mapping that has a value that stands at a place.
    #[must_use]
    pub fn parent_of(&self, value: Span) -> Option<Span> {
        find(self.tree, &mut |yaml| match yaml {
            Yaml::Map(entries, extent) => {
                entries.iter().any(|(_, found)| found.span() == value).then_some(extent.span)
            }
            _ => None,
        })
    }

    /// The first key of the text.
    #[must_use]
    pub const fn top(&self) -> Span {
        self.tree.span()
    }

    /// Where key and value of an entry stand, of the mapping whose first key stands at a place.
    #[must_use]
    pub fn entry_of(&self, map: Span, name: &str) -> Option<(Span, Span)> {
        let (entries, _) = self.map(map)?;
        let (key, value) = entries.iter().find(|(key, _)| key.name == name)?;
        Some((key.span, value.span()))
    }

    /// Adds a step before another one of a list.
    #[must_use]
    pub fn add_before(&self, item: Span, text: &str) -> Option<Fix> {
        let (items, index, extent) = self.list(item)?;
        let start = start_of(items.get(index)?.whole());
        if extent.flow {
            return Some(replace(start, format!("{{ {text} }}, ")));
        }
        let indent = usize::try_from(start.column).ok()?.checked_sub(3)?;
        Some(replace(start, format!("{text}\n{}- ", " ".repeat(indent))))
    }

    /// Gives a key another name.
    #[must_use]
    pub fn rename_key(&self, key: Span, name: &str) -> Option<Fix> {
        self.entry(key).map(|_| replace(key, name))
    }

    /// Adds an entry to the mapping whose first key stands at a place.
    #[must_use]
    pub fn add_key(&self, map: Span, key: &str, value: &str) -> Option<Fix> {
        let (entries, extent) = self.map(map)?;
        let Some(first) = entries.first() else {
            return Some(replace(extent.whole, format!("{{ {key}: {value} }}")));
        };
        if extent.flow {
            let end = self.end(entries.last()?);
            return Some(replace(end, format!(", {key}: {value}")));
        }
        let indent =
            " ".repeat(usize::try_from(first.0.span.column).unwrap_or(1).saturating_sub(1));
        // At the top, what is missing belongs near the name.
        let after = if extent.span.column == 1 { first } else { entries.last()? };
        let block = matches!(&after.1, Yaml::Scalar(s) if self.is_block(s.span));
        if block {
            return Some(replace(start_of(first.0.span), format!("{key}: {value}\n{indent}")));
        }
        Some(replace(self.end(after), format!("\n{indent}{key}: {value}")))
    }

    fn is_block(&self, span: Span) -> bool {
        matches!(self.source.style(span), Style::Block(_))
    }

    /// Leaves out an item of a list; nothing if the list would be empty then.
    #[must_use]
    pub fn remove_item(&self, item: Span) -> Option<Fix> {
        let (items, index, _) = self.list(item)?;
        let own = items.get(index)?;
        if let Some(next) = items.get(index.saturating_add(1)) {
            return Some(replace(between(own.whole(), start_of(next.whole())), ""));
        }
        let previous = items.get(index.checked_sub(1)?)?;
        Some(replace(between(self.trimmed(previous), self.trimmed(own)), ""))
    }

    /// Moves an item of a list before an earlier one of the same list.
    #[must_use]
    pub fn move_before(&self, item: Span, earlier: Span) -> Option<Fix> {
        let (items, to, extent) = self.list(earlier)?;
        let from = items.iter().position(|found| found.span() == item)?;
        let (first, own) = (items.get(to)?, items.get(from)?);
        let previous = items.get(from.checked_sub(1)?)?;
        if from <= to {
            return None;
        }
        let (before_end, own_end) = (self.trimmed(previous), self.trimmed(own));
        let own_text = self.source.slice(between(own.whole(), own_end));
        let others = self.source.slice(between(first.whole(), before_end));
        let first_at = self.source.slice(between(before_end, start_of(own.whole())));
        // A block's lines end with a line feed of their own.
        let dash = if extent.flow { first_at } else { first_at.trim_start_matches(' ') };
        let dash = if extent.flow || dash.starts_with(['\n', '\r']) { dash } else { "\n" };
        Some(replace(between(first.whole(), own_end), format!("{own_text}{dash}{others}")))
    }

    /// Puts another text in the place of an item, or of any value, with its lines indented as the place is.
    #[must_use]
    pub fn instead(&self, outer: Span, inner: Span) -> Option<Fix> {
        let value = |at: Span| find(self.tree, &mut |yaml| (yaml.span() == at).then_some(yaml));
        let (outer, inner) = (value(outer)?, value(inner)?);
        let text = self.source.slice(between(inner.whole(), self.trimmed(inner)));
        let (to, from) = (outer.whole().column, inner.whole().column);
        let text = reindented(text, from, to);
        Some(replace(between(outer.whole(), self.trimmed(outer)), text))
    }

    /// Makes a list of one item of a value.
    #[must_use]
    pub fn listed(&self, at: Span) -> Option<Fix> {
        let value = find(self.tree, &mut |yaml| (yaml.span() == at).then_some(yaml))?;
        let whole = between(value.whole(), self.trimmed(value));
        let text = self.source.slice(whole);
        let text = match value {
            Yaml::Map(_, extent) if !extent.flow => format!("- {}", text.replace('\n', "\n  ")),
            _ if value.is_nothing() => return None,
            _ => format!("[{text}]"),
        };
        Some(replace(whole, text))
    }

    /// Writes a value anew: a single one if one stands there, else the list or mapping.
    #[must_use]
    pub fn rewrite(&self, at: Span, text: impl Into<String>) -> Option<Fix> {
        let at_place = |yaml: &&Yaml| yaml.span() == at;
        let single = |yaml: &'a Yaml| {
            Some(yaml).filter(at_place).filter(|yaml| matches!(yaml, Yaml::Scalar(_)))
        };
        let value = find(self.tree, &mut { single });
        let value = value.or_else(|| find(self.tree, &mut |yaml| Some(yaml).filter(at_place)))?;
        let whole = between(value.whole(), self.trimmed(value));
        (!value.is_nothing()).then(|| replace(whole, text))
    }

    /// Changes a part of the text `decoded` that stands at a place.
    #[must_use]
    pub fn within(&self, at: Span, decoded: &str, edit: Change<'_>) -> Option<Fix> {
        let end = edit.offset.saturating_add(edit.length);
        let (before, after) = (decoded.get(..edit.offset)?, decoded.get(end..)?);
        let style = self.source.style(at);
        let safe = |c: char| c.is_ascii_alphanumeric() || "_.()<>=!&|+-/' ".contains(c);
        let text = match style {
            Style::Single => edit.text.replace('\'', "''"),
            Style::Double => edit.text.replace('\\', "\\\\").replace('"', "\\\""),
            Style::Plain if !edit.text.chars().all(safe) || decoded.is_empty() => {
                let whole = format!("{before}{}{after}", edit.text);
                return Some(replace(self.source.whole(at, decoded), quoted(&whole)));
            }
            Style::Plain | Style::Block(_) => edit.text.to_owned(),
        };
        let place = self.source.part(at, decoded, edit.offset, edit.length);
        let place = if edit.length == 0 { start_of(place) } else { place };
        Some(replace(place, text))
    }
}

/// A text in quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// Lines after the first, moved from the column of one place to that of another.
fn reindented(text: &str, from: u32, to: u32) -> String {
    let (from, to) = (usize::try_from(from).unwrap_or(1), usize::try_from(to).unwrap_or(1));
    let mut lines = text.split('\n');
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let spaces = line.chars().take_while(|c| *c == ' ').count();
        let kept = (spaces.saturating_add(to)).saturating_sub(from);
        out.push('\n');
        if !line.trim().is_empty() {
            out.push_str(&" ".repeat(kept));
        }
        out.push_str(line.trim_start_matches(' '));
    }
    out
}

/// The first value, from the outside in, for which `wanted` gives something.
fn find<'a, T>(yaml: &'a Yaml, wanted: &mut impl FnMut(&'a Yaml) -> Option<T>) -> Option<T> {
    if let Some(found) = wanted(yaml) {
        return Some(found);
    }
    match yaml {
        Yaml::Scalar(_) => None,
        Yaml::List(items, _) => items.iter().find_map(|item| find(item, wanted)),
        Yaml::Map(entries, _) => entries.iter().find_map(|(_, value)| find(value, wanted)),
    }
}
