//! The records of a file of any length, with the lines on which they began.
//!
//! The intake cuts a body that it holds whole. A log file is read in pieces, each cut where a record is
//! certain to end: before a line that begins in the first column with something that no printed JSON
//! object goes on with. A JSON list has no such place, so a file that holds one is held whole.

use std::io::{self, Read};

use stanch_ingest::{Line, split};

/// How much is asked of the file at a time, in bytes.
const PIECE_BYTES: usize = 1 << 20;

/// Most that is held of one file, in bytes: the longest JSON list that is scanned.
const HELD_BYTES_MAX: usize = 1 << 30;

/// Reads `from` to its end and hands over each record; `after` is called when what was read so far is
/// handed over.
///
/// # Errors
/// Those of reading, of `each` and of `after`; a list or line longer than a gibibyte.
pub(crate) fn read<E: From<io::Error>>(
    mut from: impl Read,
    mut each: impl FnMut(Line) -> Result<(), E>,
    mut after: impl FnMut() -> Result<(), E>,
) -> Result<(), E> {
    let mut held = Held::default();
    loop {
        let is_end = held.fill(&mut from)? == 0;
        let ready = if is_end { held.bytes.len() } else { held.ready() };
        let (records, _) = held.bytes.split_at(ready);
        for line in split(records) {
            each(Line { number: line.number.saturating_add(held.lines), ..line })?;
        }
        held.pass(ready);
        after()?;
        if is_end {
            return Ok(());
        }
    }
}

/// What was read and not handed over.
#[derive(Default)]
struct Held {
    bytes: Vec<u8>,
    /// Lines that were handed over.
    lines: u32,
    /// Up to where `bytes` was searched for lists.
    searched: usize,
    has_list: bool,
}

impl Held {
    /// Reads on; zero at the end.
    fn fill(&mut self, from: &mut impl Read) -> io::Result<usize> {
        if self.bytes.len() > HELD_BYTES_MAX {
            let text = "a JSON list or line is longer than 1 GiB: write one record a line";
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        let before = self.bytes.len();
        self.bytes.resize(before.saturating_add(PIECE_BYTES), 0);
        let free = self.bytes.get_mut(before..).unwrap_or_default();
        let got = loop {
            match from.read(free) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let count = *got.as_ref().unwrap_or(&0);
        self.bytes.truncate(before.saturating_add(count));
        got
    }

    /// How many bytes are records that certainly ended.
    fn ready(&mut self) -> usize {
        self.has_list = self.has_list || self.finds_list();
        if self.has_list {
            return 0;
        }
        let mut pairs = self.bytes.windows(2).enumerate().rev();
        let cut = pairs.find(|(_, pair)| matches!(pair, [b'\n', next] if begins(*next)));
        cut.map_or(0, |(at, _)| at.saturating_add(1))
    }

    /// Whether a line that was not searched yet opens a JSON list.
    fn finds_list(&mut self) -> bool {
        let fresh = self.bytes.get(self.searched..).unwrap_or_default();
        let found = fresh.split(|byte| *byte == b'\n').any(|line| {
            let mut bytes = line.iter().skip_while(|b| matches!(b, b' ' | b'\t'));
            // A byte order mark may stand before the first one.
            let first = bytes.find(|b| !matches!(b, 0xef | 0xbb | 0xbf));
            let next = bytes.find(|b| !b.is_ascii_whitespace());
            first == Some(&b'[') && matches!(next, None | Some(b'{' | b']'))
        });
        // The last line may be cut, and is searched again.
        let whole = fresh.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.searched = self.searched.saturating_add(whole);
        found
    }

    fn pass(&mut self, count: usize) {
        let passed = self.bytes.drain(..count).filter(|byte| *byte == b'\n').count();
        self.lines = self.lines.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
        self.searched = self.searched.saturating_sub(count);
    }
}

/// Whether a line that starts with `byte` begins a record, whatever stands before it.
const fn begins(byte: u8) -> bool {
    let goes_on = matches!(byte, b'"' | b'}' | b'[' | b']' | b',' | b':');
    !byte.is_ascii_whitespace() && !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that every place is a place to cut.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            self.0 = rest;
            buffer[0] = *first;
            Ok(1)
        }
    }

    #[track_caller]
    fn check(body: &str) {
        let mut dripped = Vec::new();
        read::<io::Error>(
            Drip(body.as_bytes()),
            |line| {
                dripped.push(line);
                Ok(())
            },
            || Ok(()),
        )
        .unwrap();
        let whole: Vec<Line> = split(body.as_bytes()).collect();
        assert_eq!(dripped, whole, "{body:?}");
    }

    #[test]
    fn pieces_give_what_the_whole_gives() {
        check("");
        check("{\"a\":1}\n{\"b\":2}\n\n{\"c\":3}");
        check("Nov 24 a\r\n  b\nNov 24 c\n");
        check("[\n{\"a\":1},\n{\"b\":2}\n]\n");
        check("\u{feff}[{\"a\":1},\n{\"b\":2}]\n");
        check("plain\n[{\"a\":1},\n{\"b\":2}]\n");
        check("{\n  \"a\": 1\n}\n{\n\"b\": [\n1\n]\n}\n{\"c\":3}\n");
        check("{\"a\":1,\n{\"b\":2}\nNov 24\n");
        check("[   12.3] usb\n[   12.4] usb\n{\"a\":1}\n");
    }
}
