//! The cursor over a body.

use crate::{
    limits::RECORD_BYTES_MAX,
    split::{
        export::{self, Entry},
        table::{Row, TableHead},
        value::{self, Extent},
        wrapped::{self, List},
        xml,
    },
};

/// One record of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line on which it began, from 1; the last number is kept if there are more.
    pub number: u32,
    /// The record without its line break, or why there is none.
    pub text: Result<String, BadLine>,
}

/// A stretch of a body that is no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct BadLine {
    /// What was expected and found, and how to mend it.
    pub reason: String,
    /// Its text; bytes that are no UTF-8 are replaced by U+FFFD, and what exceeds
    /// [`RECORD_BYTES_MAX`] is cut off.
    pub lossy: String,
}

/// The records of a body, in order. Reads as it goes and holds no second copy of the body.
#[derive(Clone, Debug)]
pub struct Split<'a> {
    rest: &'a [u8],
    number: u32,
    /// The line on which the list that we are in was opened.
    list_opened: Option<u32>,
    /// The head of the table that we are in.
    head: TableHead,
    /// What is left of the lists that an object wrapped; the next is the last.
    wrapped: Vec<Wrapped<'a>>,
    /// How many wrappers are around this.
    level: u8,
}

/// A list that an object wrapped.
#[derive(Clone, Debug)]
struct Wrapped<'a> {
    records: Split<'a>,
    /// Written before each record, and `}` behind it.
    head: Option<String>,
}

/// Wrappers around wrappers that are opened: a batch of results of many rows.
const LEVELS_MAX: u8 = 2;

/// Cuts a body into records. Blank lines are skipped, `\r\n` counts as `\n`, a byte order mark
/// at the start is ignored; the caller limits the length of the body.
#[must_use]
pub fn split(body: &[u8]) -> Split<'_> {
    split_after(&TableHead::default(), body)
}

/// Goes on with a body of which an earlier piece was read; `head` is [`Split::head`] at its end.
#[must_use]
pub fn split_after<'a>(head: &TableHead, body: &'a [u8]) -> Split<'a> {
    let rest = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    Split::of(rest, 1, head.clone())
}

impl<'a> Split<'a> {
    const fn of(rest: &'a [u8], number: u32, head: TableHead) -> Self {
        Self { rest, number, list_opened: None, head, wrapped: Vec::new(), level: 0 }
    }

    /// The head of the table that was being read last; empty if there was none.
    #[must_use]
    pub const fn head(&self) -> &TableHead {
        &self.head
    }
}

impl Iterator for Split<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        // Only a body that begins so is UTF-16; further on it is a line with bad bytes.
        let marked = self.rest.starts_with(b"\xff\xfe") || self.rest.starts_with(b"\xfe\xff");
        if self.number == 1 && marked {
            return Some(self.bad(self.rest.len(), "this is UTF-16: send UTF-8".to_owned()));
        }
        loop {
            if let Some(line) = self.unwrapped() {
                return Some(line);
            }
            if let Some(opened) = self.list_opened {
                if let Some(line) = self.element(opened) {
                    return Some(line);
                }
                continue;
            }
            self.skip_blank_lines();
            let indent = value::blanks(self.rest);
            match value::opening(self.rest.get(indent..)?) {
                Some(b'[') => {
                    self.take(indent.saturating_add(1));
                    self.list_opened = Some(self.number);
                }
                Some(_) => {
                    self.take(indent);
                    if let Some(line) = self.object() {
                        return Some(line);
                    }
                }
                None if self.rest.is_empty() => return None,
                None => {
                    if let Some(line) = self.plain() {
                        return Some(line);
                    }
                }
            }
        }
    }
}

impl<'a> Split<'a> {
    /// The next record of the lists that an object wrapped.
    fn unwrapped(&mut self) -> Option<Line> {
        while let Some(list) = self.wrapped.last_mut() {
            if let Some(line) = list.records.next() {
                let text = match (&list.head, line.text) {
                    (Some(head), Ok(text)) => Ok(format!("{head}{text}}}")),
                    (_, text) => text,
                };
                return Some(Line { text, ..line });
            }
            self.wrapped.pop();
        }
        None
    }

    /// Opens the object of `length` bytes if it only wraps others, and passes over it.
    fn open(&mut self, length: usize) -> bool {
        let object = self.rest.get(..length).unwrap_or_default();
        if self.level >= LEVELS_MAX {
            return false;
        }
        let lists = wrapped::lists(object);
        for List { at, text, head } in lists.into_iter().rev() {
            let number = self.number.saturating_add(breaks(object.get(..at).unwrap_or_default()));
            let records = Split::of(text, number, TableHead::default());
            let level = self.level.saturating_add(1);
            self.wrapped.push(Wrapped { records: Split { level, ..records }, head });
        }
        let is_open = !self.wrapped.is_empty();
        if is_open {
            self.take(length);
        }
        is_open
    }

    /// One element of a list, or nothing when the list ended or the element wraps others.
    fn element(&mut self, opened: u32) -> Option<Line> {
        let gap = self.rest.iter().take_while(|b| b.is_ascii_whitespace() || **b == b',').count();
        self.take(gap);
        match self.rest.first() {
            None => {
                self.list_opened = None;
                let reason = format!("the list opened on line {opened} is never closed with `]`");
                Some(self.bad(0, reason))
            }
            Some(b']') => {
                self.take(1);
                self.list_opened = None;
                None
            }
            Some(_) => match value::extent(self.rest, false) {
                Extent::Whole(length) if self.open(length) => None,
                Extent::Whole(length) => Some(self.record(length)),
                Extent::Broken { why, .. } => {
                    self.list_opened = None;
                    let reason =
                        format!("{why} in the list opened on line {opened}: send complete JSON");
                    Some(self.bad(self.rest.len(), reason))
                }
            },
        }
    }

    /// One object that stands by itself, on one line or on several; nothing if it wraps others.
    fn object(&mut self) -> Option<Line> {
        Some(match value::extent(self.rest, true) {
            Extent::Broken { length, why } => {
                let reason = format!("{why}: send complete JSON, one object a line");
                self.bad(length, reason)
            }
            Extent::Whole(length) => {
                let after = self.rest.get(length..).unwrap_or_default();
                let is_clean = match after.get(value::blanks(after)) {
                    // GELF's frames end with a zero byte.
                    None | Some(b'\n' | b'\r' | b'{' | 0) => true,
                    Some(_) => false,
                };
                if is_clean {
                    let has_zero = after.first() == Some(&0);
                    let line = (!self.open(length)).then(|| self.record(length));
                    self.take(usize::from(has_zero));
                    return line;
                }
                let reason = "there is text after the JSON object: end the line after it";
                self.bad(length.saturating_add(value::line(after)), reason.to_owned())
            }
        })
    }

    /// One line; nothing if it was taken into the head of a table.
    fn plain(&mut self) -> Option<Line> {
        let indent = value::blanks(self.rest);
        let inner = self.rest.get(indent..).unwrap_or_default();
        if xml::starts(inner) {
            self.take(indent);
            return Some(self.event());
        }
        if let Some(length) = xml::around(inner) {
            self.take(indent.saturating_add(length));
            return None;
        }
        if export::starts(self.rest) {
            return Some(self.entry());
        }
        let length = value::line(self.rest);
        if self.rest.first() == Some(&b'#')
            && self.head.takes(self.rest.get(..length).unwrap_or_default())
        {
            self.take(length);
            return None;
        }
        let line = self.record(length);
        let row = line.text.as_ref().ok().and_then(|text| self.head.row(text));
        Some(match row {
            None => line,
            Some(Row::Whole(text)) => Line { text: Ok(text), ..line },
            Some(Row::Odd(reason)) => {
                let lossy = line.text.unwrap_or_default();
                Line { text: Err(BadLine { reason, lossy: cut(lossy) }), ..line }
            }
        })
    }

    /// One entry of a journal.
    fn entry(&mut self) -> Line {
        let number = self.number;
        match export::entry(self.rest) {
            Entry::Text(length) => {
                let line = self.record(length);
                Line { text: line.text.map(|text| text.trim_end().to_owned()), ..line }
            }
            Entry::Json(length, text) => {
                self.take(length);
                Line { number, text: Ok(text) }
            }
            Entry::Broken(length, reason) => self.bad(length, reason),
        }
    }

    /// One event as XML.
    fn event(&mut self) -> Line {
        match xml::extent(self.rest) {
            Extent::Whole(length) => self.record(length),
            Extent::Broken { length, why } => {
                self.bad(length, format!("{why}: send complete events"))
            }
        }
    }

    fn record(&mut self, length: usize) -> Line {
        let number = self.number;
        let bytes = self.take(length);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
            let at = error.valid_up_to();
            let byte = bytes.get(at).copied().unwrap_or_default();
            let reason = format!(
                "byte {} of the record is 0x{byte:02x}, which is no UTF-8: send UTF-8",
                at.saturating_add(1)
            );
            BadLine { reason, lossy: lossy(bytes) }
        });
        Line { number, text }
    }

    fn bad(&mut self, length: usize, reason: String) -> Line {
        let number = self.number;
        let lossy = lossy(self.take(length));
        Line { number, text: Err(BadLine { reason, lossy }) }
    }

    /// Passes over blank lines; the indentation of the first other line stays.
    fn skip_blank_lines(&mut self) {
        let space = self.rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let blank = self.rest.get(..space).unwrap_or_default();
        // Indentation alone at the very end is a blank line as well.
        let end = if space == self.rest.len() { Some(space) } else { None };
        let line_start = || blank.iter().rposition(|b| *b == b'\n').map(|at| at.saturating_add(1));
        self.take(end.or_else(line_start).unwrap_or(0));
    }

    /// Moves on by `length` bytes (or to the end) and counts the lines passed.
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.number = self.number.saturating_add(breaks(taken));
        self.rest = rest;
        taken
    }
}

fn breaks(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.iter().filter(|b| **b == b'\n').count()).unwrap_or(u32::MAX)
}

/// Not longer than a record may be.
fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(RECORD_BYTES_MAX));
    text
}

fn lossy(bytes: &[u8]) -> String {
    let kept = bytes.get(..RECORD_BYTES_MAX).unwrap_or(bytes);
    String::from_utf8_lossy(kept.strip_suffix(b"\n").unwrap_or(kept)).into_owned()
}
