//! Where a JSON value ends, without parsing it: quotes, escapes and brackets are enough.

/// How far a value reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it is there, in so many bytes.
    Whole(usize),
    /// It is broken; so many bytes belong to it and are to be skipped with it.
    Broken { length: usize, why: &'static str },
}

const UNCLOSED: &str = "the JSON value is not closed";
const BROKEN_STRING: &str = "a line break stands inside a JSON string";

/// Bytes up to the line break.
pub(super) fn line(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len())
}

/// Spaces and tabs at the beginning.
pub(super) fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// `{` or `[` if JSON begins here. A log line may begin with a bracket as well (`[  12.3] usb`),
/// so what follows has to fit.
pub(super) fn opening(bytes: &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    let next = rest.iter().find(|b| !b.is_ascii_whitespace());
    match (first, next) {
        (b'{', Some(b'"' | b'}')) | (b'[', Some(b'{' | b']')) => Some(*first),
        _ => None,
    }
}

/// Measures the value at the start of `bytes`. `alone`: it stands in a body by itself, where the
/// first column tells whether it goes on (see [`goes_on`]), so that a record cut short (a sender
/// that died in mid-line) does not swallow those after it.
pub(super) fn extent(bytes: &[u8], alone: bool) -> Extent {
    match bytes.first() {
        Some(b'{' | b'[') => brackets(bytes, alone),
        Some(_) | None => scalar(bytes),
    }
}

fn brackets(bytes: &[u8], alone: bool) -> Extent {
    let (mut depth, mut in_string, mut escaped, mut first_column) = (0_usize, false, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if in_string {
            match byte {
                b'\n' => return broken_string(bytes, at, alone),
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            _ if alone && first_column && !goes_on(*byte) => {
                return Extent::Broken { length: at, why: UNCLOSED };
            }
            b'"' => in_string = true,
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Extent::Whole(at.saturating_add(1));
        }
        first_column = *byte == b'\n';
    }
    let why = if in_string { "the JSON ends inside a string" } else { UNCLOSED };
    Extent::Broken { length: bytes.len(), why }
}

/// Whether a line that starts with `byte` can belong to an object printed over several lines:
/// it is indented, blank, or begins with a name or a bracket. A `{` begins the next record, a
/// letter or a number a line that is no JSON.
const fn goes_on(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'}' | b'[' | b']' | b',' | b':')
}

/// A string broken on the first line costs that line; later, all up to the next record.
fn broken_string(bytes: &[u8], at: usize, alone: bool) -> Extent {
    let one_line = line(bytes) == at;
    let length = if alone && one_line { at } else { next_record(bytes, at) };
    Extent::Broken { length, why: BROKEN_STRING }
}

/// The first `{` or `[` after `at` that stands in the first column.
fn next_record(bytes: &[u8], at: usize) -> usize {
    let tail = bytes.get(at..).unwrap_or_default();
    let found = tail.windows(2).position(|pair| matches!(pair, b"\n{" | b"\n["));
    found.map_or(bytes.len(), |offset| at.saturating_add(offset).saturating_add(1))
}

/// A string, number or word in a list.
fn scalar(bytes: &[u8]) -> Extent {
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' if in_string => {
                return Extent::Broken { length: bytes.len(), why: BROKEN_STRING };
            }
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b',' | b']' | b'\n' if !in_string => return Extent::Whole(at),
            _ => {}
        }
    }
    Extent::Broken { length: bytes.len(), why: UNCLOSED }
}
