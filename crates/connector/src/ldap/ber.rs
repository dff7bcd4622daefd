//! The few forms of BER that LDAP uses (RFC 4511 §5.1): one tag byte, definite lengths.
//!
//! Reading never recurses and never copies more than it was given: the shape of each message is known, so
//! a value inside a value is only looked into where one belongs.

/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// OCTET STRING.
pub(super) const TEXT: u8 = 0x04;
/// ENUMERATED.
pub(super) const ENUMERATED: u8 = 0x0a;
/// SEQUENCE, SEQUENCE OF.
pub(super) const SEQUENCE: u8 = 0x30;
/// SET OF.
pub(super) const SET: u8 = 0x31;

/// A value with its tag and length in front.
pub(super) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len();
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let big = length.to_be_bytes();
            let digits: Vec<u8> = big.into_iter().skip_while(|byte| *byte == 0).collect();
            bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or(0x7f));
            bytes.extend(digits);
        }
    }
    bytes.extend(content);
    bytes
}

/// A value made of others.
pub(super) fn of(tag: u8, parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    value(tag, &parts.into_iter().flatten().collect::<Vec<u8>>())
}

/// A whole number that is not negative.
pub(super) fn number(tag: u8, number: u32) -> Vec<u8> {
    let big = number.to_be_bytes();
    let mut digits: Vec<u8> = big.into_iter().skip_while(|byte| *byte == 0).collect();
    if digits.first().is_none_or(|first| *first >= 0x80) {
        digits.insert(0, 0);
    }
    value(tag, &digits)
}

/// True or false, in a place with this tag.
pub(super) fn boolean(tag: u8, truth: bool) -> Vec<u8> {
    value(tag, &[if truth { 0xff } else { 0 }])
}

/// Values, one after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// The next value; nothing at the end, or where no value stands.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (length, rest) = length(rest)?;
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the next value, if it has this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let (found, content) = ahead.next()?;
        (found == tag).then(|| {
            *self = ahead;
            content
        })
    }

    /// The next value as a number, if it has this tag and is not negative.
    pub(super) fn number(&mut self, tag: u8) -> Option<u32> {
        let content = self.expect(tag)?;
        let (&first, _) = content.split_first()?;
        if first >= 0x80 || content.len() > 5 {
            return None;
        }
        let number = content.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        u32::try_from(number).ok()
    }
}

/// A length, and what comes after it.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let (digits, rest) = rest.split_at_checked(digits(first)?)?;
    Some((big_endian(digits), rest))
}

/// How many bytes the length has that begins with `first`: one to four, in the definite form.
pub(super) fn digits(first: u8) -> Option<usize> {
    (0x81..=0x84).contains(&first).then(|| usize::from(first & 0x7f))
}

/// A number out of at most four bytes.
pub(super) fn big_endian(digits: &[u8]) -> usize {
    digits.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let bytes = [value(TEXT, &content), number(INTEGER, 5)].concat();
            let mut reader = Reader(&bytes);
            assert_eq!(reader.next(), Some((TEXT, &*content)), "{length}");
            assert_eq!(reader.number(INTEGER), Some(5));
            assert_eq!(reader.next(), None);
        }
        for n in [0, 1, 127, 128, 255, 256, 0x7fff_ffff, u32::MAX] {
            assert_eq!(Reader(&number(ENUMERATED, n)).number(ENUMERATED), Some(n));
        }
    }

    #[test]
    fn what_is_no_value_is_none() {
        for bytes in [
            &[][..],
            &[0x04],
            &[0x04, 0x01],
            &[0x04, 0x80, 0x00, 0x00],
            &[0x04, 0x85, 0, 0, 0, 0, 1, 9],
            &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 1],
            &[0x04, 0x82, 0x01],
        ] {
            assert_eq!(Reader(bytes).next(), None, "{bytes:?}");
        }
        for bytes in [&[0x02, 0x00][..], &[0x02, 0x01, 0x80], &[0x02, 5, 1, 0, 0, 0, 0]] {
            assert_eq!(Reader(bytes).number(INTEGER), None, "{bytes:?}");
        }
        let mut reader = Reader(&[0x04, 0x00]);
        assert_eq!(reader.expect(INTEGER), None);
        assert_eq!(reader.expect(TEXT), Some(&[][..]), "a wrong guess takes nothing away");
    }
}
