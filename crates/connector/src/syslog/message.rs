//! A log line as RFC 5424 §6 has it: no text in it can become a field or a line of its own.

use std::fmt::Write as _;

use jiff::Timestamp;

/// Facilities and severities by their words (§6.2.1), in the order of their numbers.
pub(crate) const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];
pub(crate) const SEVERITIES: [&str; 8] =
    ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/// Longest value of a parameter, in characters.
const VALUE_CHARS_MAX: usize = 1_000;

/// Everything that is said.
#[derive(Clone, Debug)]
pub(super) struct Message<'a> {
    pub(super) facility: &'a str,
    pub(super) severity: &'a str,
    pub(super) at: Timestamp,
    pub(super) host: &'a str,
    pub(super) app: &'a str,
    pub(super) kind: &'a str,
    /// The id of the structured data, and its parameters.
    pub(super) data: (&'a str, Vec<(String, String)>),
    pub(super) text: &'a str,
}

impl Message<'_> {
    /// The line, without an end. At most `bytes_max`, of which the text is the last to be cut.
    pub(super) fn line(&self, bytes_max: usize) -> Result<String, String> {
        let number = |what: &str, words: &[&str], word: &str| {
            let found = words.iter().position(|known| *known == word);
            found.ok_or_else(|| format!("`{}` is no {what}", crate::outside::quote(word)))
        };
        let priority = number("facility", &FACILITIES, self.facility)? * 8
            + number("severity", &SEVERITIES, self.severity)?;
        let mut line = format!(
            "<{priority}>1 {} {} {} - {} {} \u{feff}",
            self.at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ"),
            word(self.host, 255),
            word(self.app, 48),
            word(self.kind, 32),
            self.structured()?,
        );
        if line.len() > bytes_max {
            return Err(format!("the line's fields alone are longer than {bytes_max} bytes"));
        }
        for c in self.text.chars() {
            let visible = visible(c);
            if line.len() + visible.len() > bytes_max {
                break;
            }
            line.push_str(&visible);
        }
        Ok(line)
    }

    fn structured(&self) -> Result<String, String> {
        let (id, parameters) = &self.data;
        if parameters.is_empty() {
            return Ok("-".to_owned());
        }
        let mut data = format!("[{}", name(id)?);
        for (key, value) in parameters {
            let value: String = value.chars().take(VALUE_CHARS_MAX).map(parameter).collect();
            write!(data, " {}=\"{value}\"", name(key)?).expect("invariant: a string takes all");
        }
        data.push(']');
        Ok(data)
    }
}

/// A field without spaces (PRINTUSASCII); what has no place in one becomes `_`, nothing becomes `-`.
fn word(text: &str, chars_max: usize) -> String {
    let word: String =
        text.chars().take(chars_max).map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect();
    if word.is_empty() { "-".to_owned() } else { word }
}

/// A name in structured data (§6.3.2).
fn name(text: &str) -> Result<&str, String> {
    let is_name = !text.is_empty()
        && text.len() <= 32
        && text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '=' | ']' | '"'));
    if is_name { Ok(text) } else { Err(format!("`{}` is no name", crate::outside::quote(text))) }
}

/// A character of a parameter's value (§6.3.3).
fn parameter(c: char) -> String {
    match c {
        '"' | '\\' | ']' => format!("\\{c}"),
        other => visible(other),
    }
}

/// A character of the text: one that ends a line, or that a terminal obeys, is written out.
fn visible(c: char) -> String {
    if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
        c.escape_unicode().to_string()
    } else {
        c.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<'a>(text: &'a str, value: &str) -> Message<'a> {
        Message {
            facility: "local0",
            severity: "notice",
            at: Timestamp::from_microsecond(1_795_514_500_250_000).unwrap(),
            host: "soc.corp.test",
            app: "stanch",
            kind: "incident",
            data: ("stanch@32473", vec![("key".to_owned(), value.to_owned())]),
            text,
        }
    }

    #[test]
    fn a_line_has_the_form_of_the_standard() {
        assert_eq!(
            message("contained", "run_1/say").line(2_048).unwrap(),
            "<133>1 2026-11-24T10:01:40.250000Z soc.corp.test stanch - incident \
             [stanch@32473 key=\"run_1/say\"] \u{feff}contained"
        );
        let bare =
            Message {
                host: "", app: "a b", kind: "ü", data: ("x", Vec::new()), ..message("", "")
            };
        assert_eq!(
            bare.line(2_048).unwrap(),
            "<133>1 2026-11-24T10:01:40.250000Z - a_b - _ - \u{feff}"
        );
    }

    #[test]
    fn no_text_begins_a_line_or_a_field() {
        for text in [
            "a\n<0>1 - - - - - - forged",
            "a\r\nb",
            "a\0",
            "a\u{2028}b",
            "\u{1b}[2J",
            "\" ] x=\"y",
            "\\",
        ] {
            let line = message(text, text).line(2_048).unwrap();
            assert!(!line.chars().any(|c| c.is_control() || c == '\u{2028}'), "{line:?}");
            // Read back by somebody else's parser: one message, with these fields and nothing more.
            let value = text.chars().map(visible).collect::<String>();
            let expect = format!(
                "[stanch@32473 key=\"{}\"] ",
                text.chars().map(parameter).collect::<String>()
            );
            assert!(line.contains(&expect) && line.ends_with(&value), "{line}");
        }
        let odd =
            Message { data: ("a b", vec![("k".to_owned(), String::new())]), ..message("", "") };
        assert!(odd.line(2_048).is_err());
        assert!(Message { severity: "loud", ..message("", "") }.line(2_048).is_err());
        assert!(Message { facility: "local9", ..message("", "") }.line(2_048).is_err());
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        let long = "ü".repeat(5_000);
        let whole = message("", "x").line(2_048).unwrap().len();
        for max in [whole, whole + 1, whole + 2, 1_024] {
            let line = message(&long, "x").line(max).unwrap();
            assert!(line.len() <= max && line.len() + 2 > max, "{max}: {}", line.len());
        }
        assert!(message("", "x").line(whole - 1).is_err());
    }
}
