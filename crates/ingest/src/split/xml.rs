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

/// Measures the event at the start of `bytes`. One that is not closed ends where the next begins in
/// the first column, or a line begins there that neither is indented nor begins with a tag.
pub(super) fn extent(bytes: &[u8]) -> Extent {
    let mut at = 0_usize;
    let mut first_odd_line = None;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let skipped = [(&b"<![CDATA["[..], &b"]]>"[..]), (b"<!--", b"-->")].into_iter().find_map(
            |(open, close)| {
                let inner = rest.strip_prefix(open)?;
                let end = inner.windows(close.len()).position(|window| window == close)?;
                Some(end.saturating_add(open.len()).saturating_add(close.len()))
            },
        );
        if let Some(skipped) = skipped {
            at = at.saturating_add(skipped);
            continue;
        }
        if rest.starts_with(END) {
            return Extent::Whole(at.saturating_add(END.len()));
        }
        let line_starts = at > 0 && bytes.get(at.saturating_sub(1)) == Some(&b'\n');
        if line_starts && starts(rest) {
            break;
        }
        let is_odd =
            line_starts && !rest.first().is_some_and(|b| *b == b'<' || b.is_ascii_whitespace());
        if is_odd && first_odd_line.is_none() {
            first_odd_line = Some(at);
        }
        at = at.saturating_add(1);
    }
    let length = first_odd_line.unwrap_or(at);
    Extent::Broken { length, why: "the event is not closed with `</Event>`" }
}
