//! Filters (RFC 4515) into what is sent (RFC 4511 §4.5.1.7).

use super::{attribute::is_name, ber};

/// Deepest nesting of `(&(|(!(…))))`.
const DEPTH_MAX: usize = 16;

/// Longest filter, in bytes.
const BYTES_MAX: usize = 4 * 1024;

/// Reads a filter. The text says what is wrong with it, not what it holds.
pub(super) fn compile(filter: &str) -> Result<Vec<u8>, String> {
    if filter.len() > BYTES_MAX {
        return Err("the filter is longer than 4 KiB".to_owned());
    }
    let mut reader = Reader { rest: filter };
    let bytes = reader.filter(DEPTH_MAX)?;
    if !reader.rest.is_empty() {
        return Err("something stands behind the filter's last `)`".to_owned());
    }
    Ok(bytes)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn filter(&mut self, depth: usize) -> Result<Vec<u8>, String> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| format!("the filter nests more than {DEPTH_MAX} deep"))?;
        if !self.take("(") {
            return Err("a filter begins with `(`".to_owned());
        }
        let bytes = if self.take("&") {
            ber::of(0xa0, self.list(depth)?)
        } else if self.take("|") {
            ber::of(0xa1, self.list(depth)?)
        } else if self.take("!") {
            ber::value(0xa2, &self.filter(depth)?)
        } else {
            self.item()?
        };
        if self.take(")") { Ok(bytes) } else { Err("a filter ends with `)`".to_owned()) }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Vec<u8>>, String> {
        let mut list = Vec::new();
        while self.rest.starts_with('(') {
            list.push(self.filter(depth)?);
        }
        if list.is_empty() {
            Err("`&` and `|` need filters after them".to_owned())
        } else {
            Ok(list)
        }
    }

    /// `attribute=value` and its kin.
    fn item(&mut self) -> Result<Vec<u8>, String> {
        let end = self.rest.find(['(', ')']).unwrap_or(self.rest.len());
        let (item, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        let (left, value) =
            item.split_once('=').ok_or_else(|| "a filter compares by `=`".to_owned())?;
        match left.chars().last() {
            Some('>') => comparison(0xa5, left, value),
            Some('<') => comparison(0xa6, left, value),
            Some('~') => comparison(0xa8, left, value),
            Some(':') => extensible(left, value),
            _ => equality(left, value),
        }
    }
}

fn comparison(tag: u8, left: &str, value: &str) -> Result<Vec<u8>, String> {
    let mut name = left.chars();
    name.next_back();
    assertion(tag, name.as_str(), &plain(value)?)
}

fn equality(name: &str, value: &str) -> Result<Vec<u8>, String> {
    if value == "*" {
        return Ok(ber::value(0x87, attribute(name)?));
    }
    match value.split_once('*') {
        None => assertion(0xa3, name, &plain(value)?),
        Some((first, rest)) => substrings(name, first, rest),
    }
}

/// `a*b*c`: what it begins with, holds in this order, and ends with.
fn substrings(name: &str, first: &str, rest: &str) -> Result<Vec<u8>, String> {
    let mut between: Vec<&str> = rest.split('*').collect();
    let last = between.pop().unwrap_or_default();
    let mut parts = Vec::new();
    let tagged = std::iter::once((0x80, first))
        .chain(between.into_iter().map(|part| (0x81, part)))
        .chain(std::iter::once((0x82, last)));
    for (tag, part) in tagged.filter(|(_, part)| !part.is_empty()) {
        parts.push(ber::value(tag, &plain(part)?));
    }
    if parts.is_empty() {
        return Err("`**` matches nothing in particular; write `*`".to_owned());
    }
    let name = ber::value(ber::TEXT, attribute(name)?);
    Ok(ber::of(0xa4, [name, ber::of(ber::SEQUENCE, parts)]))
}

/// `name:rule:=value`; the rule that Active Directory has for bits is one.
fn extensible(left: &str, value: &str) -> Result<Vec<u8>, String> {
    let form = || "write `(attribute:rule:=value)`".to_owned();
    let (name, rule) =
        left.strip_suffix(':').and_then(|left| left.split_once(':')).ok_or_else(form)?;
    if !rule.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')) || rule.is_empty()
    {
        return Err(form());
    }
    Ok(ber::of(
        0xa9,
        [
            ber::value(0x81, rule.as_bytes()),
            ber::value(0x82, attribute(name)?),
            ber::value(0x83, &plain(value)?),
        ],
    ))
}

fn assertion(tag: u8, name: &str, value: &[u8]) -> Result<Vec<u8>, String> {
    Ok(ber::of(tag, [ber::value(ber::TEXT, attribute(name)?), ber::value(ber::TEXT, value)]))
}

fn attribute(name: &str) -> Result<&[u8], String> {
    if is_name(name) { Ok(name.as_bytes()) } else { Err("a filter names no attribute".to_owned()) }
}

/// A value with its `\2a` read back.
fn plain(value: &str) -> Result<Vec<u8>, String> {
    let fault =
        || "a value in the filter holds a `*`, or a `\\` without two hexadecimal digits".to_owned();
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'*' | 0 => return Err(fault()),
            b'\\' => {
                let pair: Option<String> =
                    [rest.next(), rest.next()].into_iter().map(|c| c.map(char::from)).collect();
                let pair = pair.filter(|pair| pair.chars().all(|c| c.is_ascii_hexdigit()));
                let pair = pair.ok_or_else(fault)?;
                bytes.push(u8::from_str_radix(&pair, 16).ok().ok_or_else(fault)?);
            }
            other => bytes.push(other),
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ldap::escape;

    fn hex(filter: &str) -> String {
        compile(filter).unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// As OpenLDAP's client encodes them.
    #[test]
    fn filters_are_sent_as_the_standard_says() {
        for (filter, expect) in [
            ("(uid=a)", "a30804037569640401 61".replace(' ', "")),
            ("(uid=*)", "8703756964".to_owned()),
            ("(uid=a*)", "a40a0403756964300380 0161".replace(' ', "")),
            ("(uid=*a*b)", "a40d04037569643006 810161 820162".replace(' ', "")),
            ("(uid>=a)", "a508040375696404 0161".replace(' ', "")),
            ("(uid<=a)", "a608040375696404 0161".replace(' ', "")),
            ("(uid~=a)", "a808040375696404 0161".replace(' ', "")),
            ("(!(uid=a))", "a20a a3080403756964040161".replace(' ', "")),
            ("(&(uid=a)(cn=*))", "a00e a3080403756964040161 8702636e".replace(' ', "")),
            ("(|(uid=a))", "a10a a3080403756964040161".replace(' ', "")),
            ("(uid=\\2a)", "a30804037569640401 2a".replace(' ', "")),
            ("(u:1.2:=2)", "a90b 8103312e32 820175 830132".replace(' ', "")),
        ] {
            assert_eq!(hex(filter), expect, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let deep = format!("{}(a=b){}", "(!".repeat(16), ")".repeat(16));
        for filter in [
            "",
            "a=b",
            "(a=b",
            "(a=b))",
            "()",
            "(&)",
            "(a)",
            "(=b)",
            "(a=b\\zz)",
            "(a=\\2)",
            "(a=b)(c=d)",
            "(a b=c)",
            "(a:=b)",
            "(a::=b)",
            "(a>=*)",
            "(a=**)",
            "(!a=b)",
            "(a=b\0)",
            &deep,
        ] {
            assert!(compile(filter).is_err(), "{filter}");
        }
    }

    #[test]
    fn no_escaped_value_changes_a_filter() {
        for value in
            ["*", ")(uid=*", "a)(|(cn=*", "\\", "\\2a", "a*b", "\0", "(", "&", "!(a=b)", "ü"]
        {
            let filter = format!("(&(objectClass=person)(uid={}))", escape::in_filter(value));
            let wanted = ber::of(
                0xa0,
                [
                    assertion(0xa3, "objectClass", b"person").unwrap(),
                    assertion(0xa3, "uid", value.as_bytes()).unwrap(),
                ],
            );
            assert_eq!(compile(&filter).unwrap(), wanted, "{value:?}");
        }
    }
}
