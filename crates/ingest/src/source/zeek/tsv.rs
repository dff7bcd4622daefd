//! A row of a tab separated log with its head: columns, types, lists, escapes.

use serde_json::{Number, Value};

use super::NAME;
use crate::{
    error::{Error, quote},
    fields::Fields,
    split::separator,
};

/// Whether a record is a row with a head.
pub(super) fn is_row(text: &str) -> bool {
    text.starts_with('#')
        && text.lines().any(|line| line.starts_with("#fields"))
        && text.lines().last().is_some_and(|line| !line.starts_with("#types"))
}

/// The name of the log and the fields of the row.
pub(super) fn read(text: &str) -> Result<(Option<String>, Fields), Error> {
    let head = Head::of(text);
    let (Some(names), Some((_, row))) = (&head.names, text.rsplit_once('\n')) else {
        return Err(malformed(
            text,
            "a row with its head (`#fields …`)",
            "send the lines of one log with the head that Zeek wrote above them",
        ));
    };
    let values: Vec<&str> = row.split(head.separator).collect();
    if values.len() != names.len() || head.types.as_ref().is_some_and(|t| t.len() != names.len()) {
        return Err(malformed(
            row,
            "as many columns as `#fields` and `#types` name",
            "send the lines as Zeek wrote them",
        ));
    }
    let mut fields = Fields::default();
    let types = head.types.iter().flatten().copied().map(Some).chain(std::iter::repeat(None));
    for ((name, value), kind) in names.iter().zip(values).zip(types) {
        if value != head.unset {
            fields.flatten(name, head.value(kind.unwrap_or("string"), value));
        }
    }
    Ok((head.path.map(str::to_owned), fields))
}

fn malformed(found: &str, expected: &'static str, fix: &'static str) -> Error {
    Error::Malformed { format: NAME, expected, found: quote(found), fix }
}

/// What the head says.
struct Head<'a> {
    separator: char,
    set_separator: &'a str,
    empty: &'a str,
    unset: &'a str,
    path: Option<&'a str>,
    names: Option<Vec<&'a str>>,
    types: Option<Vec<&'a str>>,
}

impl<'a> Head<'a> {
    fn of(text: &'a str) -> Self {
        let mut head = Self {
            separator: '\t',
            set_separator: ",",
            empty: "(empty)",
            unset: "-",
            path: None,
            names: None,
            types: None,
        };
        let lines = text.lines().map_while(|line| line.strip_prefix('#'));
        for line in lines {
            if let Some(text) = line.strip_prefix("separator") {
                head.separator = char::from(separator(text.trim()));
                continue;
            }
            let Some((word, rest)) = line.split_once(head.separator) else { continue };
            match word {
                "set_separator" if !rest.is_empty() => head.set_separator = rest,
                "empty_field" => head.empty = rest,
                "unset_field" => head.unset = rest,
                "path" => head.path = Some(rest),
                "fields" => head.names = Some(rest.split(head.separator).collect()),
                "types" => head.types = Some(rest.split(head.separator).collect()),
                _ => {}
            }
        }
        head
    }

    /// A value by its type: `set[addr]` and `vector[string]` are lists of theirs.
    fn value(&self, kind: &str, text: &str) -> Value {
        let inner = ["set[", "vector["].iter().find_map(|open| kind.strip_prefix(open));
        let Some(inner) = inner.and_then(|inner| inner.strip_suffix(']')) else {
            return if text == self.empty { Value::from("") } else { scalar(kind, text) };
        };
        if text == self.empty {
            return Value::Array(Vec::new());
        }
        let element = |text: &str| {
            if text == self.unset { Value::Null } else { scalar(inner, text) }
        };
        Value::Array(text.split(self.set_separator).map(element).collect())
    }
}

/// A scalar; what is not what its type says stays text.
fn scalar(kind: &str, text: &str) -> Value {
    let typed = match (kind, text) {
        ("bool", "T") => Some(Value::Bool(true)),
        ("bool", "F") => Some(Value::Bool(false)),
        ("count" | "port", _) => text.parse::<u64>().ok().map(Value::from),
        ("int", _) => text.parse::<i64>().ok().map(Value::from),
        ("double" | "interval", _) => text.parse().ok().and_then(Number::from_f64).map(Value::from),
        _ => None,
    };
    typed.unwrap_or_else(|| Value::from(unescape(text)))
}

/// `\xHH` is a byte and `\\` a backslash; any other backslash is one.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        let hex = after.strip_prefix('x').and_then(|after| after.split_at_checked(2));
        // `from_str_radix` would take a sign.
        let digits = hex.filter(|(hex, _)| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = digits.and_then(|(hex, after)| Some((u8::from_str_radix(hex, 16).ok()?, after)));
        if let Some((byte, after)) = byte {
            bytes.push(byte);
            rest = after;
        } else {
            bytes.push(b'\\');
            rest = after.strip_prefix('\\').unwrap_or(after);
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn escapes_are_bytes() {
        let check = |text, expect| assert_eq!(unescape(text), expect, "{text}");
        check(r"plain", "plain");
        check(r"a\x09b\\c\d", "a\tb\\c\\d");
        check(r"gr\xc3\xbcn \xff", "grün \u{fffd}");
        check(r"\x+9 \x4", r"\x+9 \x4");
        check(r"\\x41\", r"\x41\");
    }

    #[test]
    fn values_have_their_types() {
        let head = Head::of("#separator \\x09\n#empty_field\t(empty)\n");
        let check = |kind, text, expect: Value| assert_eq!(head.value(kind, text), expect);
        check("count", "7", json!(7));
        check("count", "-7", json!("-7"));
        check("bool", "T", json!(true));
        check("interval", "1.5", json!(1.5));
        check("double", "inf", json!("inf"));
        check("string", "(empty)", json!(""));
        check("set[string]", "(empty)", json!([]));
        check("vector[string]", r"a,-,b\x2cc", json!(["a", null, "b,c"]));
        check("set[port]", "22,80", json!([22, 80]));
        check("set[addr", "x", json!("x"));
    }
}
