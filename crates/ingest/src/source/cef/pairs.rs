//! CEF's two rules of escaping: the header's and the extension's.

/// The seven parts of a header behind `mark`, and the extension after them. In a header `\|` and
/// `\\` are escaped; any other backslash is a backslash.
pub(super) fn header<'a>(payload: &'a str, mark: &str) -> Option<([String; 7], &'a str)> {
    let mut rest = payload.strip_prefix(mark)?;
    let version = rest.split_once('|')?.0.trim();
    if version.is_empty() || !version.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let mut parts: [String; 7] = Default::default();
    for (index, part) in parts.iter_mut().enumerate() {
        let (end, is_last) = match unescaped(rest, '|') {
            Some(end) => (end, false),
            // Some senders leave out the `|` behind the severity where nothing follows.
            None if index == 6 => (rest.len(), true),
            None => return None,
        };
        let (text, after) = rest.split_at_checked(end)?;
        *part = unescape(text, |c| matches!(c, '|' | '\\').then_some(c));
        rest = if is_last { "" } else { after.strip_prefix('|')? };
    }
    Some((parts, rest))
}

/// The pairs of an extension, in order. A key is what stands before an unescaped `=`, back to the
/// space; a value goes up to the space before the next key, and may hold spaces. An `=` behind
/// what is no key (an address with a query that was not escaped) belongs to the value.
pub(super) fn extension(text: &str) -> Vec<(&str, String)> {
    let mut pairs = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    let mut word = 0;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ' ' | '\t' | '\n' | '\r' => word = at.saturating_add(1),
            '=' => {
                let Some(key) = text.get(word..at).filter(|key| is_key(key)) else { continue };
                push(&mut pairs, open, text.get(..word));
                open = Some((key, at.saturating_add(1)));
                // The next key needs a space before it: `a=b=c` is one pair.
                word = text.len();
            }
            _ => {}
        }
    }
    push(&mut pairs, open, Some(text));
    pairs
}

/// Ends the pair that is open where `text` ends; what stands before all keys is `message`.
fn push<'a>(
    pairs: &mut Vec<(&'a str, String)>,
    open: Option<(&'a str, usize)>,
    text: Option<&'a str>,
) {
    let (name, from) = open.unwrap_or(("message", 0));
    let value = value(text.and_then(|text| text.get(from..)).unwrap_or_default());
    if open.is_some() || !value.is_empty() {
        pairs.push((name, value));
    }
}

fn is_key(text: &str) -> bool {
    let is_part =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'[' | b']');
    !text.is_empty() && text.bytes().all(is_part)
}

/// In a value `\=`, `\\`, `\n` and `\r` are escaped; `\|`, which the header alone needs, is
/// forgiven.
fn value(text: &str) -> String {
    unescape(text.trim_matches([' ', '\t', '\n', '\r']), |c| match c {
        '=' | '\\' | '|' => Some(c),
        'n' => Some('\n'),
        'r' => Some('\r'),
        _ => None,
    })
}

fn unescaped(text: &str, wanted: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == wanted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Backslashes taken off before what `means` knows; all others stay.
fn unescape(text: &str, means: impl Fn(char) -> Option<char>) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some(next) => match means(next) {
                Some(meant) => plain.push(meant),
                None => plain.extend(['\\', next]),
            },
            None => plain.push('\\'),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, &str)]) {
        let found = extension(text);
        let found: Vec<_> = found.iter().map(|(key, value)| (*key, value.as_str())).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn values_hold_spaces_and_escapes() {
        check("", &[]);
        check("src=10.0.0.1 dst=10.0.0.2", &[("src", "10.0.0.1"), ("dst", "10.0.0.2")]);
        check("msg=two words  act=deny ", &[("msg", "two words"), ("act", "deny")]);
        check(r"msg=a\=b c\\d\ne|f x\t", &[("msg", "a=b c\\d\ne|f x\\t")]);
        check(r"msg=x \src\=9 src=1", &[("msg", r"x \src=9"), ("src", "1")]);
        check("request=http://a.test/?b=c d=1", &[("request", "http://a.test/?b=c"), ("d", "1")]);
        check("a=b=c", &[("a", "b=c")]);
        check("a= b=", &[("a", ""), ("b", "")]);
        check("src=1 src=2", &[("src", "1"), ("src", "2")]);
        check("no pairs", &[("message", "no pairs")]);
        check("lead in a=1", &[("message", "lead in"), ("a", "1")]);
    }

    #[test]
    fn headers_have_seven_parts() {
        let check = |text: &str, expect: Option<(&str, &str)>| {
            let found = header(text, "CEF:").map(|(parts, rest)| (parts.join("/"), rest));
            let found = found.as_ref().map(|(parts, rest)| (parts.as_str(), *rest));
            assert_eq!(found, expect, "{text}");
        };
        check("CEF:0|a|b|c|d|e|5|x=1", Some(("0/a/b/c/d/e/5", "x=1")));
        check(r"CEF:0|a\|b|c\\|d=|e\n|f|5|", Some((r"0/a|b/c\/d=/e\n/f/5", "")));
        check("CEF:1|a|b|c|d|e|5", Some(("1/a/b/c/d/e/5", "")));
        check("CEF:0|a|b|c|d|e", None);
        check("CEF:x|a|b|c|d|e|5|", None);
        check("CEF:", None);
    }
}
