//! Plain lists: one value per line, `#` starts a comment.

use crate::{
    ENTRIES_MAX, FINDINGS_MAX, IndicatorSet, Value,
    import::{Import, Origin},
    set::SetBuilder,
};

/// A line that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, from 1; in a warning list the entry's number.
    pub line: usize,
    /// What is wrong and how to write it.
    pub text: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

impl IndicatorSet {
    /// Reads a list. A line is an address, network, domain, URL, hash or e-mail address, defanged or
    /// not; ` # text` behind it is kept and shown with a match. A domain also means those below it.
    /// Lines that are none of these are left out and reported; the others stand.
    #[must_use]
    pub fn load(name: &str, text: &str) -> (Self, Vec<Finding>) {
        let mut set = SetBuilder::new(name, false);
        let mut findings = Findings::default();
        for (line, entry, comment) in entries(text) {
            findings.add(&mut set, line, entry, comment);
        }
        (set.build(), findings.done())
    }
}

/// Reads a list as claims.
pub(crate) fn read(origin: &Origin, text: &str) -> Import {
    let mut import = Import::default();
    for (line, entry, comment) in entries(text) {
        let place = format!("line {line}");
        match Value::read(entry) {
            Ok(value) => {
                let mut claim = origin.claim();
                claim.comment = comment.map(str::to_owned);
                import.claim(&place, value, claim);
            }
            Err(why) => import.leave_out(&place, format!("`{}` {why}", shorten(entry))),
        }
    }
    import
}

/// The lines that hold something: number, value, comment.
fn entries(text: &str) -> impl Iterator<Item = (usize, &str, Option<&str>)> {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().zip(1..);
    lines.filter_map(|(line, number)| {
        let (entry, comment) = split(line);
        (!entry.is_empty()).then_some((number, entry, comment))
    })
}

/// Collects what was wrong, up to a limit.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    found: Vec<Finding>,
    more: usize,
}

impl Findings {
    /// Adds `entry` to the set, or a finding.
    pub(crate) fn add(
        &mut self,
        set: &mut SetBuilder,
        line: usize,
        entry: &str,
        comment: Option<&str>,
    ) {
        match Value::read(entry) {
            Ok(_) if set.count() >= ENTRIES_MAX => {
                self.push(line, format!("left out: a list takes {ENTRIES_MAX} values"));
            }
            Ok(value) => set.push(&value, comment),
            Err(why) => self.push(line, format!("`{}` {why}", shorten(entry))),
        }
    }

    pub(crate) fn push(&mut self, line: usize, text: String) {
        if self.found.len() < FINDINGS_MAX {
            self.found.push(Finding { line, text });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    pub(crate) fn done(mut self) -> Vec<Finding> {
        if let (Some(last), more @ 1..) = (self.found.last_mut(), self.more) {
            last.text = format!("{}; {more} more lines were left out", last.text);
        }
        self.found
    }
}

/// The value and the comment of a line. A `#` inside a value, as in a URL, starts no comment.
fn split(line: &str) -> (&str, Option<&str>) {
    let line = line.trim();
    if line.starts_with('#') {
        return ("", None);
    }
    let comment = line
        .match_indices('#')
        .map(|(at, _)| line.split_at(at))
        .find(|(before, _)| before.ends_with(char::is_whitespace));
    match comment {
        Some((value, comment)) => {
            let comment = comment.trim_start_matches('#').trim();
            (value.trim(), (!comment.is_empty()).then_some(comment))
        }
        None => (line, None),
    }
}

pub(crate) fn shorten(entry: &str) -> String {
    const SHOWN_CHARS: usize = 80;
    let mut shown: String = entry.chars().take(SHOWN_CHARS).collect();
    if entry.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
}
