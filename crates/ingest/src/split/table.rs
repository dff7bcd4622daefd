//! Tables with a head: lines such as `#fields` that every row is read with (Zeek's TSV).
//!
//! A row means nothing without its head, and a record is read by itself, long after the body it
//! came in. So each row comes out as a record with its head in front of it.

use crate::limits::TABLE_HEAD_BYTES_MAX;

/// Lines of a head that stay with each row.
const KEPT: &[&str] =
    &["separator", "set_separator", "empty_field", "unset_field", "path", "fields", "types"];

/// Lines of a head that say when the file was opened and closed.
const PASSED: &[&str] = &["open", "close"];

/// The head of the table that is being read. Who reads a file in pieces hands the head of one
/// piece to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableHead {
    text: String,
    separator: Option<u8>,
    columns: Option<usize>,
}

/// What a row is.
pub(super) enum Row {
    /// A record with its head.
    Whole(String),
    /// Not of this table.
    Odd(String),
}

impl TableHead {
    /// Takes `line` in if it belongs to a head.
    pub(super) fn takes(&mut self, line: &[u8]) -> bool {
        let Some(line) = std::str::from_utf8(line).ok().and_then(|l| l.strip_prefix('#')) else {
            return false;
        };
        let end = line.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(line.len());
        let Some((word, rest)) = line.split_at_checked(end) else { return false };
        if word == "separator" || word == "close" {
            *self = Self::default();
        }
        if PASSED.contains(&word) && rest.starts_with(char::from(self.separator())) {
            return true;
        }
        if !KEPT.contains(&word) || rest.is_empty() {
            return false;
        }
        match word {
            "separator" => self.separator = Some(separator(rest.trim())),
            "fields" => self.columns = Some(self.count(rest.as_bytes()).saturating_sub(1)),
            _ => {}
        }
        self.text.push('#');
        self.text.push_str(line.trim_end_matches('\r'));
        self.text.push('\n');
        true
    }

    /// `line` as a row, if there is a table.
    pub(super) fn row(&self, line: &str) -> Option<Row> {
        let columns = self.columns?;
        let found = self.count(line.as_bytes());
        if found != columns {
            return Some(Row::Odd(format!(
                "the row has {found} columns and its `#fields` name {columns}: send the lines as \
                 they were written, head included"
            )));
        }
        if self.text.len() > TABLE_HEAD_BYTES_MAX {
            return Some(Row::Odd(format!(
                "the head of the table has {} bytes and {TABLE_HEAD_BYTES_MAX} are allowed: send \
                 fewer or shorter names of columns",
                self.text.len()
            )));
        }
        Some(Row::Whole(format!("{}{line}", self.text)))
    }

    fn separator(&self) -> u8 {
        self.separator.unwrap_or(b'\t')
    }

    fn count(&self, line: &[u8]) -> usize {
        line.iter().filter(|byte| **byte == self.separator()).count().saturating_add(1)
    }
}

/// `\x09`, or the character itself; the tab where it is neither.
pub(crate) fn separator(text: &str) -> u8 {
    let number = text.strip_prefix("\\x").and_then(|hex| u8::from_str_radix(hex, 16).ok());
    let itself = text.as_bytes().first().copied().filter(|_| text.len() == 1);
    number.or(itself).filter(u8::is_ascii).unwrap_or(b'\t')
}
