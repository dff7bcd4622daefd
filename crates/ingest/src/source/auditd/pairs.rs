//! `name=value` pairs of an audit record.

/// A value, and whether it stood in double quotes (then it is text and never hexadecimal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Raw<'a> {
    pub(super) text: &'a str,
    pub(super) is_quoted: bool,
}

/// The pairs in order. `msg='…'` of user-space records is opened and its pairs given in its
/// place; words that are no pair (`avc: denied { read } for`) are passed over.
pub(super) fn of(body: &str) -> Vec<(&str, Raw<'_>)> {
    let mut pairs = Vec::new();
    let mut rest = body;
    loop {
        rest = rest.trim_start_matches(is_gap);
        let end = rest.find(|c| is_gap(c) || c == '=').unwrap_or(rest.len());
        let Some((name, after)) = rest.split_at_checked(end) else { break };
        let Some(after) = after.strip_prefix('=') else {
            if after.is_empty() {
                break;
            }
            rest = after;
            continue;
        };
        if name == "msg"
            && let Some(inner) = after.strip_prefix('\'')
        {
            rest = open(inner, &mut pairs);
            continue;
        }
        let (value, after) = value(after);
        if !name.is_empty() {
            pairs.push((name, value));
        }
        rest = after;
    }
    pairs
}

/// The pairs inside `msg='…'`, which ends at the last quote before the enrichment: the text in
/// it may hold quotes of its own.
fn open<'a>(inner: &'a str, pairs: &mut Vec<(&'a str, Raw<'a>)>) -> &'a str {
    let (record, enrichment) = inner.split_once(ENRICHMENT).unwrap_or((inner, ""));
    let inside = record.rsplit_once('\'').map_or(record, |(inside, _after)| inside);
    // A second `msg='` inside would be somebody's text: it is not opened again.
    let mut rest = inside;
    while let Some((name, value, after)) = next_pair(rest) {
        pairs.push((name, value));
        rest = after;
    }
    enrichment
}

fn next_pair(text: &str) -> Option<(&str, Raw<'_>, &str)> {
    let mut rest = text.trim_start_matches(is_gap);
    loop {
        let end = rest.find(|c| is_gap(c) || c == '=')?;
        let (name, after) = rest.split_at_checked(end)?;
        if let Some(after) = after.strip_prefix('=') {
            let (value, after) = value(after);
            return Some((name, value, after));
        }
        rest = after.trim_start_matches(is_gap);
    }
}

/// Stands between the kernel's fields and what auditd added to them (`log_format = ENRICHED`).
const ENRICHMENT: char = '\u{1d}';

fn is_gap(c: char) -> bool {
    c == ENRICHMENT || c.is_whitespace()
}

fn value(text: &str) -> (Raw<'_>, &str) {
    let quoted =
        |open: char, close: char| text.strip_prefix(open).and_then(|inner| inner.split_once(close));
    if let Some((text, rest)) = quoted('"', '"') {
        return (Raw { text, is_quoted: true }, rest);
    }
    if let Some((text, rest)) = quoted('\'', '\'').or_else(|| quoted('{', '}')) {
        return (Raw { text: text.trim(), is_quoted: true }, rest);
    }
    let end = text.find(is_gap).unwrap_or(text.len());
    let (text, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (Raw { text, is_quoted: false }, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expect: &[&str]) {
        let shown: Vec<_> = of(body)
            .into_iter()
            .map(|(name, raw)| match raw.is_quoted {
                true => format!("{name}={:?}", raw.text),
                false => format!("{name}={}", raw.text),
            })
            .collect();
        assert_eq!(shown, expect, "{body}");
    }

    #[test]
    fn pairs_are_found_in_all_records() {
        check(r#"argc=2 a0="ls" a1=2D6C"#, &["argc=2", "a0=\"ls\"", "a1=2D6C"]);
        check("uid=0\u{1d}UID=\"root\"", &["uid=0", "UID=\"root\""]);
        check("avc:  denied  { read } for  pid=7 comm=\"a b\"", &["pid=7", "comm=\"a b\""]);
        check(
            "pid=1 msg='op=login acct=\"o'brien\" res=failed'\u{1d}UID=\"root\"",
            &["pid=1", "op=login", "acct=\"o'brien\"", "res=failed", "UID=\"root\""],
        );
        check("msg='op=x msg='a=b' c=d'", &["op=x", "msg=\"a=b\"", "c=d"]);
        check(
            "saddr=0A\u{1d}SADDR={ saddr_fam=inet lport=22 }",
            &["saddr=0A", "SADDR=\"saddr_fam=inet lport=22\""],
        );
        check("a= b=1 =c \"d", &["a=", "b=1"]);
        check("a=\"open", &["a=\"open"]);
        check("", &[]);
    }
}
