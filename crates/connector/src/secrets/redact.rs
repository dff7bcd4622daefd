//! Striking secrets out of what a target echoes, in every form that it may have taken on the way.
//!
//! Found are: the value as it is; percent-encoded, JSON-escaped or HTML-escaped, each character by
//! itself, so whatever set of characters the target escapes; base64 in both alphabets, at any
//! offset in a longer text (`Authorization: Basic`); hexadecimal. Of a value of several lines, such
//! as a private key, each longer line counts by itself as well.

use std::{borrow::Cow, ops::Range};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{REDACT_BYTES_MIN, Secret};

/// What stands in a text where a secret stood.
const STRUCK: &str = "[redacted]";

/// Shortest line of a longer value that is looked for by itself, in bytes.
const LINE_BYTES_MIN: usize = 16;

/// Strikes some secrets out of texts.
#[derive(Default)]
pub struct Redactor {
    /// Looked for character by character, escaped or not.
    values: Vec<Zeroizing<String>>,
    /// Parts of base64 texts.
    base64: Vec<Zeroizing<String>>,
    /// Lower case.
    hex: Vec<Zeroizing<String>>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// One that strikes `secrets` out; those below [`REDACT_BYTES_MIN`] are left, as they would eat
    /// ordinary words.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut redactor = Self::default();
        for secret in secrets {
            let value = secret.expose();
            redactor.add(value, REDACT_BYTES_MIN);
            for line in value.lines().map(str::trim).filter(|line| *line != value) {
                if !line.starts_with("-----") {
                    redactor.add(line, LINE_BYTES_MIN);
                }
            }
        }
        redactor
    }

    fn add(&mut self, value: &str, bytes_min: usize) {
        if value.len() < bytes_min {
            return;
        }
        self.values.push(Zeroizing::new(value.to_owned()));
        self.hex.push(Zeroizing::new(hex::encode(value)));
        for offset in 0..3 {
            let mut shifted = Zeroizing::new(vec![0; offset]);
            shifted.extend_from_slice(value.as_bytes());
            for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                self.base64.push(Zeroizing::new(core(&engine.encode(&*shifted), offset, &shifted)));
            }
        }
    }

    /// `text` with the secrets struck out.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.struck(text).into_owned()
    }

    fn struck<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for value in &self.values {
            found.extend(escaped(text, value));
        }
        for core in &self.base64 {
            found.extend(text.match_indices(core.as_str()).map(|(at, _)| run_around(text, at)));
        }
        let lower = (!self.hex.is_empty()).then(|| Zeroizing::new(text.to_ascii_lowercase()));
        for (hex, lower) in self.hex.iter().zip(std::iter::repeat(&lower)) {
            let lower = lower.as_deref().map_or("", String::as_str);
            found.extend(lower.match_indices(hex.as_str()).map(|(at, hit)| at..at + hit.len()));
        }
        if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(without(text, found)) }
    }

    /// Strikes the secrets out of every text, name and number in `value`.
    pub fn json(&self, value: &mut Value) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                let text = number.to_string();
                if let Cow::Owned(struck) = self.struck(&text) {
                    *value = Value::String(struck);
                }
            }
            Value::String(text) => {
                if let Cow::Owned(struck) = self.struck(text) {
                    *text = struck;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            Value::Object(map) => {
                map.values_mut().for_each(|item| self.json(item));
                if map.keys().any(|key| matches!(self.struck(key), Cow::Owned(_))) {
                    let renamed = std::mem::take(map).into_iter();
                    *map =
                        renamed.map(|(key, item)| (self.text(&key), item)).collect::<Map<_, _>>();
                }
            }
        }
    }
}

/// The characters of a base64 text that only the value decides, whatever stands before and after it.
fn core(encoded: &str, offset: usize, shifted: &[u8]) -> String {
    let first = (offset * 8).div_ceil(6);
    let last = shifted.len() * 8 / 6;
    encoded.get(first..last).unwrap_or_default().to_owned()
}

/// The whole run of base64 characters around `at`: what stands beside the value is told with it.
fn run_around(text: &str, at: usize) -> Range<usize> {
    let is_part =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=');
    let (before, after) = text.as_bytes().split_at_checked(at).unwrap_or((text.as_bytes(), &[]));
    let start = at - before.iter().rev().take_while(|b| is_part(b)).count();
    start..at + after.iter().take_while(|b| is_part(b)).count()
}

/// Where `value` stands in `text`, each of its characters as it is or escaped.
fn escaped(text: &str, value: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    for (start, _) in text.char_indices() {
        if start < from {
            continue;
        }
        if let Some(end) = ends(text, start, value) {
            found.push(start..end);
            from = end;
        }
    }
    found
}

/// Where the value ends if it begins at `start`. A `%` may be itself or begin an escape, so all
/// places are kept up to which the text fits.
fn ends(text: &str, start: usize, value: &str) -> Option<usize> {
    let mut places = vec![start];
    for c in value.chars() {
        let mut next = Vec::new();
        for place in places {
            let rest = text.get(place..).unwrap_or_default();
            next.extend(spellings(rest, c).into_iter().flatten().map(|length| place + length));
        }
        next.dedup();
        if next.is_empty() {
            return None;
        }
        places = next;
    }
    places.into_iter().max()
}

/// How long `c` is at the beginning of `rest`: as it is, in a URL, in JSON, in HTML.
fn spellings(rest: &str, c: char) -> [Option<usize>; 4] {
    let plain = rest.starts_with(c).then(|| c.len_utf8());
    match rest.as_bytes().first() {
        Some(b'%') => [plain, in_url(rest, c), None, None],
        Some(b'\\') => [plain, None, in_json(rest, c), None],
        Some(b'&') => [plain, None, None, in_html(rest, c)],
        Some(b'+') if c == ' ' => [Some(1), None, None, None],
        _ => [plain, None, None, None],
    }
}

fn in_url(rest: &str, c: char) -> Option<usize> {
    let mut bytes = [0; 4];
    let bytes = c.encode_utf8(&mut bytes).as_bytes();
    let fits = bytes.iter().enumerate().all(|(index, byte)| {
        let part = rest.get(index * 3..index * 3 + 3).and_then(|part| part.strip_prefix('%'));
        part.and_then(|digits| u8::from_str_radix(digits, 16).ok()) == Some(*byte)
    });
    fits.then_some(bytes.len() * 3)
}

fn in_json(rest: &str, c: char) -> Option<usize> {
    let short = match c {
        '"' | '\\' | '/' => Some(c),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        _ => None,
    };
    if short.is_some_and(|short| rest.chars().nth(1) == Some(short)) {
        return Some(2);
    }
    let mut units = [0; 2];
    let units = c.encode_utf16(&mut units);
    let fits = units.iter().enumerate().all(|(index, unit)| {
        let part = rest.get(index * 6..index * 6 + 6).and_then(|part| part.strip_prefix("\\u"));
        part.and_then(|digits| u16::from_str_radix(digits, 16).ok()) == Some(*unit)
    });
    fits.then_some(units.len() * 6)
}

fn in_html(rest: &str, c: char) -> Option<usize> {
    let end = rest.bytes().take(12).position(|b| b == b';')?;
    let name = rest.get(1..end)?;
    let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    });
    let named = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => number.and_then(char::from_u32),
    };
    (named == Some(c)).then_some(end + 1)
}

/// `text` with the ranges struck out; ranges may overlap.
fn without(text: &str, mut found: Vec<Range<usize>>) -> String {
    found.sort_by_key(|range| (range.start, range.end));
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for range in found {
        if range.start >= from {
            left.push_str(text.get(from..range.start).unwrap_or_default());
            left.push_str(STRUCK);
        }
        from = from.max(range.end);
    }
    left.push_str(text.get(from..).unwrap_or_default());
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use serde_json::json;

    const VALUE: &str = "p\"ss/w%rd ü+<8&=?";

    fn redactor() -> Redactor {
        Redactor::new(&[Secret::from(VALUE.to_owned())])
    }

    #[track_caller]
    fn struck(text: &str) {
        let left = redactor().text(&format!("before {text} after"));
        assert!(left.starts_with("before ") && left.ends_with(" after"), "{left}");
        assert!(left.contains(STRUCK) && !left.contains(text), "{left}");
    }

    #[test]
    fn a_value_is_found_in_every_form() {
        struck(VALUE);
        let all: String = VALUE.bytes().map(|b| format!("%{b:02X}")).collect();
        struck(&all);
        struck(&all.to_lowercase());
        struck("p%22ss%2Fw%25rd+%C3%BC%2B%3C8%26%3D%3F");
        struck("p%22ss/w%25rd%20%c3%bc+%3C8&=?");
        struck(&serde_json::to_string(VALUE).unwrap());
        struck("p\\u0022ss\\/w%rd \\u00fc+\\u003c8&=?");
        struck("p&quot;ss/w%rd &#252;+&lt;8&amp;=?");
        struck("p&#34;ss&#x2F;w%rd ü+&lt;8&amp;=?");
        struck(&hex::encode(VALUE));
        struck(&hex::encode_upper(VALUE));
        for before in ["", "a", "ab", "abc:", "user:"] {
            for after in ["", "x", "xy", "xyz"] {
                let whole = format!("{before}{VALUE}{after}");
                struck(&STANDARD.encode(&whole));
                struck(&URL_SAFE.encode(&whole));
                struck(&STANDARD_NO_PAD.encode(&whole));
            }
        }
    }

    #[test]
    fn json_is_struck_in_texts_names_and_numbers() {
        let digits = Secret::from("1234567890".to_owned());
        let redactor = Redactor::new([&digits, &Secret::from("s3cret-value".to_owned())]);
        let mut value =
            json!({ "s3cret-value": [1, true, null, "x s3cret-value"], "n": 1_234_567_890 });
        redactor.json(&mut value);
        assert_eq!(value, json!({ STRUCK: [1, true, null, "x [redacted]"], "n": STRUCK }));
    }

    #[test]
    fn a_private_key_is_struck_line_by_line() {
        let key = "-----BEGIN KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END KEY-----";
        let redactor = Redactor::new(&[Secret::from(key.to_owned())]);
        assert_eq!(redactor.text("bad line MC4CAQAwBQYDK2VwBCIEIA"), "bad line [redacted]");
        assert_eq!(redactor.text("-----BEGIN KEY-----"), "-----BEGIN KEY-----");
    }

    #[test]
    fn ordinary_words_are_left() {
        let short = Redactor::new(&[Secret::from("word".to_owned())]);
        assert_eq!(short.text("a word"), "a word");
        let text = "100 % of a/b & c \\ d ü % %zz \\u12 &#9999999999; &";
        assert_eq!(redactor().text(text), text);
        assert_eq!(Redactor::default().text(text), text);
    }

    #[test]
    fn overlapping_places_are_struck_once() {
        let (one, two) = (Secret::from("abcdefgh".to_owned()), Secret::from("efghijkl".to_owned()));
        assert_eq!(Redactor::new([&one, &two]).text("-abcdefghijkl-"), "-[redacted]-");
    }
}
