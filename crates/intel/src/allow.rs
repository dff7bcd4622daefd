//! Allow-lists of our own: values that are harmless, each with a reason and the day on which that ends.

use serde::{Deserialize, Serialize};
use stanch_model::Time;

use crate::{
    IndicatorSet, Value,
    csv::{rows::Rows, time},
    import::{Error, bounded},
    plain::{Finding, Findings, shorten},
    set::SetBuilder,
};

/// A value that is harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowEntry {
    /// The value.
    pub value: Value,
    /// Why.
    pub reason: String,
    /// From when on it is not any more; nothing if somebody wrote `never`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

impl AllowEntry {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Time) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// Values that are harmless.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowList {
    /// What the list is called where it is named.
    pub name: String,
    /// Its values, in the order of the file.
    pub entries: Vec<AllowEntry>,
}

/// The first row.
const HEAD: [&str; 3] = ["value", "reason", "until"];

impl AllowList {
    /// Reads a table with the columns `value,reason,until`. Every row says why, and until when or `never`: what nobody
    /// gave a reason and an end for is what nobody looks at again. A row that says less is left out and named.
    ///
    /// # Errors
    /// A table with other columns, or none at all.
    pub fn read(name: &str, text: &str) -> Result<(Self, Vec<Finding>), Error> {
        bounded(text)?;
        let mut rows = Rows::new(text.strip_prefix('\u{feff}').unwrap_or(text), ',');
        let (line, head) = rows.next().transpose()?.unwrap_or_default();
        if !head.iter().map(|cell| cell.trim()).eq(HEAD) {
            let why = format!("an allow-list begins with `{}`", HEAD.join(","));
            return Err(Error::Table { line: line.max(1), why });
        }
        let mut findings = Findings::default();
        let mut list = Self { name: name.to_owned(), entries: Vec::new() };
        for row in rows {
            let (line, row) = row?;
            match entry(&row) {
                Ok(entry) => list.entries.push(entry),
                Err(why) => findings.push(line, why),
            }
        }
        Ok((list, findings.done()))
    }

    /// What holds at `now`, with the reasons as comments.
    #[must_use]
    pub fn in_force(&self, now: Time) -> IndicatorSet {
        let mut set = SetBuilder::new(&self.name, false);
        for entry in self.entries.iter().filter(|entry| entry.is_in_force(now)) {
            let until = entry.until.map(|until| format!(", until {until}")).unwrap_or_default();
            set.push(&entry.value, Some(&format!("{}{until}", entry.reason)));
        }
        set.build()
    }

    /// What has ended, for somebody to look at.
    pub fn ended(&self, now: Time) -> impl Iterator<Item = &AllowEntry> {
        self.entries.iter().filter(move |entry| !entry.is_in_force(now))
    }
}

fn entry(row: &[String]) -> Result<AllowEntry, String> {
    let [value, reason, until] = row else {
        return Err(format!("a row has {} fields, and not {}", HEAD.len(), row.len()));
    };
    let value = Value::read(value).map_err(|why| format!("`{}` {why}", shorten(value)))?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(format!("`{value}` has no reason; write why it is harmless"));
    }
    let until = match until.trim() {
        "" => {
            return Err(format!("`{value}` has no end; write a day such as 2026-12-31, or never"));
        }
        "never" => None,
        until => Some(time(until)?),
    };
    Ok(AllowEntry { value, reason: reason.to_owned(), until })
}
