//! JSON objects that only wrap a list of records: CloudTrail's `{"Records": […]}`, Azure's
//! `{"records": […]}`, a page of Microsoft Graph, a batch of osquery's TLS logger; and osquery's
//! results of many rows, which are read as osquery itself writes them where it is asked for single
//! events: each row in `columns`, with everything else of the result beside it.
//!
//! What stands beside a wrapped list says how it was delivered (`node_key`, which is a secret,
//! `@odata.nextLink`), and is not kept.

use crate::limits::{ROW_HEAD_BYTES_MAX, ROWS_GROWTH_BYTES_MAX};

/// Members of a wrapper, most.
const MEMBERS_MAX: usize = 32;

/// First members of the objects that are looked at at all.
const FIRST: &[&str] = &[
    "Records",
    "records",
    "value",
    "node_key",
    "log_type",
    "data",
    "snapshot",
    "diffResults",
    "name",
    "action",
    "hostIdentifier",
];

/// A list of records within an object.
#[derive(Debug)]
pub(super) struct List<'a> {
    /// Where in the object it begins.
    pub(super) at: usize,
    /// With its brackets.
    pub(super) text: &'a [u8],
    /// What to write before each record; `}` goes behind it.
    pub(super) head: Option<String>,
}

/// The lists that `object` wraps; none if it is a record itself.
pub(super) fn lists(object: &[u8]) -> Vec<List<'_>> {
    let first = object.get(1..).and_then(string).map(|(name, _)| name);
    let is_likely = first.is_some_and(|name| name.starts_with("@odata.") || FIRST.contains(&name));
    let Some(members) = Some(object).filter(|_| is_likely).and_then(members) else {
        return Vec::new();
    };
    let all = |names: &[&str]| members.iter().all(|member| names.contains(&member.name));
    let list = |name: &str| {
        let mut found = members.iter().filter(|member| member.name == name);
        let only = found.next().filter(|_| found.next().is_none())?;
        is_list_of_objects(only.value).then_some(List { at: only.at, text: only.value, head: None })
    };
    let graph = |member: &Member<'_>| member.name == "value" || member.name.starts_with("@odata.");
    let wrapped = if all(&["Records"]) {
        list("Records")
    } else if all(&["records"]) {
        list("records")
    } else if members.iter().all(graph) {
        list("value")
    } else if all(&["node_key", "log_type", "data"]) {
        list("data")
    } else {
        None
    };
    match wrapped {
        Some(list) => vec![list],
        None => rows(object, &members),
    }
}

struct Member<'a> {
    name: &'a str,
    at: usize,
    value: &'a [u8],
}

/// The rows of an osquery result.
fn rows<'a>(object: &'a [u8], members: &[Member<'a>]) -> Vec<List<'a>> {
    let has = |name: &str| members.iter().any(|member| member.name == name);
    if !has("name") || !has("hostIdentifier") || has("columns") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for member in members {
        match member.name {
            "snapshot" => found.push((None, member.at, member.value)),
            "diffResults" => {
                for change in self::members(member.value).unwrap_or_default() {
                    let action =
                        Some(change.name).filter(|name| ["added", "removed"].contains(name));
                    let Some(action) = action else { continue };
                    let at = member.at.saturating_add(change.at);
                    found.push((Some(action), at, change.value));
                }
            }
            _ => {}
        }
    }
    found.retain(|(_, _, text)| is_list_of_objects(text));
    let lists = found.into_iter().filter_map(|(action, at, text)| {
        Some(List { at, text, head: Some(head(members, action)?) })
    });
    let lists: Vec<_> = lists.collect();
    let growth = lists.iter().map(|list| {
        let head = list.head.as_ref().map_or(0, String::len);
        // No row is shorter than `{}` and the comma; most are much longer.
        list.text.iter().filter(|byte| **byte == b'{').count().saturating_mul(head)
    });
    let growth = growth.fold(0_usize, usize::saturating_add);
    let is_bounded = growth <= ROWS_GROWTH_BYTES_MAX.max(object.len().saturating_mul(8));
    if is_bounded { lists } else { Vec::new() }
}

/// Everything but the rows, up to the `columns` of a row.
fn head(members: &[Member<'_>], action: Option<&str>) -> Option<String> {
    let mut head = String::from("{");
    for member in members {
        let is_said = action.is_some() && member.name == "action";
        if is_said || ["snapshot", "diffResults"].contains(&member.name) {
            continue;
        }
        let value = std::str::from_utf8(member.value).ok()?;
        head.push_str(&format!("\"{}\":{value},", member.name));
    }
    if let Some(action) = action {
        head.push_str(&format!("\"action\":\"{action}\","));
    }
    head.push_str("\"columns\":");
    (head.len() <= ROW_HEAD_BYTES_MAX).then_some(head)
}

fn is_list_of_objects(value: &[u8]) -> bool {
    let mut bytes = value.iter().filter(|byte| !byte.is_ascii_whitespace());
    bytes.next() == Some(&b'[') && bytes.next() == Some(&b'{')
}

/// The members of an object, if they are few and plainly written.
fn members(object: &[u8]) -> Option<Vec<Member<'_>>> {
    let mut members = Vec::new();
    let mut at = skip(object, 0, b'{')?;
    loop {
        let (name, end) = string(object.get(at..)?)?;
        at = skip(object, at.saturating_add(end), b':')?;
        let length = value_length(object.get(at..)?)?;
        let end = at.saturating_add(length);
        members.push(Member { name, at, value: object.get(at..end)? });
        match skip(object, end, b',') {
            Some(next) if members.len() < MEMBERS_MAX => at = next,
            Some(_) => return None,
            None => break skip(object, end, b'}').map(|_| members),
        }
    }
}

/// Past `wanted` and the white space on both sides of it.
fn skip(bytes: &[u8], at: usize, wanted: u8) -> Option<usize> {
    let space = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        at.saturating_add(rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count())
    };
    let at = space(at);
    (bytes.get(at) == Some(&wanted)).then(|| space(at.saturating_add(1)))
}

/// The string at the start, without escapes, and how many bytes it takes with its quotes.
fn string(bytes: &[u8]) -> Option<(&str, usize)> {
    let space = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let inner = bytes.get(space..)?.strip_prefix(b"\"")?;
    let end = inner.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    let text = inner.get(..end).filter(|_| inner.get(end) == Some(&b'"'))?;
    Some((std::str::from_utf8(text).ok()?, space.saturating_add(end).saturating_add(2)))
}

fn value_length(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' if depth == 0 => return (at > 0).then_some(at),
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => return (at > 0).then_some(at),
            _ => {}
        }
    }
    None
}
