//! Why a record is no event: what was expected, what was found, how to mend it.

use crate::limits::{QUOTE_CHARS_MAX, RECORD_BYTES_MAX};

/// A record that could not be made an event. The text is shown to whoever sent it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configured format is not in the registry.
    #[error("no source is called `{name}`: use one of {known}, or leave the format out")]
    UnknownFormat {
        /// What was asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// Nothing but white space.
    #[error("the record is empty: send one record a line")]
    Empty,
    /// Over [`RECORD_BYTES_MAX`].
    #[error(
        "the record has {bytes} bytes and {RECORD_BYTES_MAX} are allowed: leave payloads out of it"
    )]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// A source of JSON was given something else.
    #[error("{format}: expected a JSON object, found `{found}`: send one object a line")]
    NotAnObject {
        /// The source.
        format: &'static str,
        /// How the record begins.
        found: String,
    },
    /// JSON that ends early or breaks the grammar. The cause is part of the text.
    #[error("{format}: the JSON is broken ({cause}): send one complete object a line")]
    BrokenJson {
        /// The source.
        format: &'static str,
        /// What the JSON parser says, with its column.
        cause: String,
    },
    /// XML that ends early, breaks the grammar or exceeds a limit. The cause is part of the text.
    #[error(
        "{format}: the XML of `{found}` is broken ({cause}): send one complete <Event> a record"
    )]
    BrokenXml {
        /// The source.
        format: &'static str,
        /// How it begins.
        found: String,
        /// What the parser says.
        cause: String,
    },
    /// A field without which the record means nothing.
    #[error("{format}: no field `{field}`: {fix}")]
    Missing {
        /// The source.
        format: &'static str,
        /// The field, dotted.
        field: &'static str,
        /// How to mend it.
        fix: &'static str,
    },
    /// A field or line that is there and wrong.
    #[error("{format}: expected {expected}, found `{found}`: {fix}")]
    Malformed {
        /// The source.
        format: &'static str,
        /// What was expected.
        expected: &'static str,
        /// What was found, shortened.
        found: String,
        /// How to mend it.
        fix: &'static str,
    },
    /// No format was given and no source knows the record.
    #[error(
        "no source recognises `{found}`: send a JSON object, an audit record or a syslog line, \
         or configure the format of this intake"
    )]
    Unrecognised {
        /// How the record begins.
        found: String,
    },
}

/// The beginning of `text`, fit for an error message: short, on one line.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted: String = text.chars().take(QUOTE_CHARS_MAX).flat_map(printable).collect();
    if text.chars().nth(QUOTE_CHARS_MAX).is_some() {
        quoted.push('…');
    }
    quoted
}

fn printable(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control().then(|| c.escape_default());
    let plain = (!c.is_control()).then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_short_and_on_one_line() {
        assert_eq!(quote("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
        assert_eq!(quote(&"x".repeat(60)), "x".repeat(60));
        assert_eq!(quote(&"x".repeat(61)), format!("{}…", "x".repeat(60)));
    }
}
