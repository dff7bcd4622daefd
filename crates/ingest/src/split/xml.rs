//! Where an event written as XML ends, without parsing it: comments, character data and the end tag
//! are enough.

use super::value::{self, Extent};

/// The start of an event, with or without attributes.
const START: &[u8] = b"<Event";
const END: &[u8] = b"</Event>";

/// Lines that stand around events and hold nothing.
const AROUND: &[&[u8]] = &[b"<?xml", b"<Events>", b"<Events ", b"</Events>"];

/// Whether an event starts here.
pub(super) fn starts(bytes: &[u8]) -> bool {
    let next = bytes.strip_prefix(START).and_then(<[u8]>::first);
    next.is_some_and(|next| *next == b'>' || next.is_ascii_whitespace())
}

/// How many bytes here only stand around events.
pub(super) fn around(bytes: &[u8]) -> Option<usize> {
    let line = bytes.get(..value::line(bytes))?;
    let is_around = AROUND.iter().any(|around| line.starts_with(around));
    let end = line.iter().position(|byte| *byte == b'>')?;
    is_around.then(|| end.saturating_add(1))
}

/// Measures the event at the start of `bytes`. No event stands in another, so one that is not closed
/// ends where the next begins, or where a line begins that neither is indented nor starts with a tag.
pub(super) fn extent(bytes: &[u8]) -> Extent {
    let mut at = 0_usize;
    let mut first_odd_line = None;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let step = match passive(rest) {
            Some(Some(length)) => length,
            // Opened and never closed: nothing behind it counts.
            Some(None) => break,
            None if rest.starts_with(END) => {
                return Extent::Whole(at.saturating_add(END.len()));
            }
            None if at > 0 && starts(rest) => break,
            None => 1,
        };
        let is_first = at > 0 && bytes.get(at.saturating_sub(1)) == Some(&b'\n');
        let is_odd = rest.first().is_some_and(|b| *b != b'<' && !b.is_ascii_whitespace());
        if is_first && is_odd && first_odd_line.is_none() {
            first_odd_line = Some(at);
        }
        at = at.saturating_add(step);
    }
    let length = first_odd_line.unwrap_or(at);
    Extent::Broken { length, why: "the event is not closed with `</Event>`" }
}

/// How long the comment or character data is that starts here; `Some(None)` if it has no end before
/// a line that starts an event.
fn passive(rest: &[u8]) -> Option<Option<usize>> {
    let pairs: [(&[u8], &[u8]); 2] = [(b"<![CDATA[", b"]]>"), (b"<!--", b"-->")];
    let (open, close) = pairs.into_iter().find(|(open, _)| rest.starts_with(open))?;
    let inner = rest.get(open.len()..).unwrap_or_default();
    let end = end(inner, close);
    Some(end.map(|end| end.saturating_add(open.len()).saturating_add(close.len())))
}

fn end(inner: &[u8], close: &[u8]) -> Option<usize> {
    for (at, byte) in inner.iter().enumerate() {
        let rest = inner.get(at..).unwrap_or_default();
        if rest.starts_with(close) {
            return Some(at);
        }
        let after = rest.get(1..).unwrap_or_default();
        if *byte == b'\n' && after.get(value::blanks(after)..).is_some_and(starts) {
            return None;
        }
    }
    None
}
