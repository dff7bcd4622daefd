//! What is said in LDAP: requests as bytes, answers out of bytes (RFC 4511 §4).

use stanch_model::manifest::LdapScope;

use super::{attribute::Entry, ber, code};

/// Sent without an answer at the end.
pub(super) const UNBIND: u8 = 0x42;

/// An operation in its envelope.
pub(super) fn envelope(id: u32, operation: Vec<u8>) -> Vec<u8> {
    ber::of(ber::SEQUENCE, [ber::number(ber::INTEGER, id), operation])
}

/// StartTLS (§4.14).
pub(super) fn start_tls() -> Vec<u8> {
    ber::of(0x77, [ber::value(0x80, b"1.3.6.1.4.1.1466.20037")])
}

/// A simple bind (§4.2).
pub(super) fn bind(name: &str, password: &str) -> Vec<u8> {
    ber::of(
        0x60,
        [
            ber::number(ber::INTEGER, 3),
            ber::value(ber::TEXT, name.as_bytes()),
            ber::value(0x80, password.as_bytes()),
        ],
    )
}

/// A search, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Search<'a> {
    pub(super) base: &'a str,
    pub(super) scope: LdapScope,
    /// Compiled.
    pub(super) filter: Vec<u8>,
    pub(super) attributes: Vec<&'a str>,
    /// Most entries that are wanted.
    pub(super) size_max: u32,
    pub(super) seconds_max: u32,
}

impl Search<'_> {
    /// The request (§4.5.1). Aliases are not followed: the entry that is meant is the one that is named.
    pub(super) fn request(&self) -> Vec<u8> {
        let scope = match self.scope {
            LdapScope::Base => 0,
            LdapScope::One => 1,
            LdapScope::Sub => 2,
        };
        let names = self.attributes.iter().map(|name| ber::value(ber::TEXT, name.as_bytes()));
        ber::of(
            0x63,
            [
                ber::value(ber::TEXT, self.base.as_bytes()),
                ber::number(ber::ENUMERATED, scope),
                ber::number(ber::ENUMERATED, 0),
                ber::number(ber::INTEGER, self.size_max),
                ber::number(ber::INTEGER, self.seconds_max),
                ber::boolean(0x01, false),
                self.filter.clone(),
                ber::of(ber::SEQUENCE, names),
            ],
        )
    }
}

/// What is done to an attribute (§4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Add,
    Delete,
    Replace,
}

/// One change of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) verb: Verb,
    pub(super) attribute: String,
    pub(super) values: Vec<String>,
}

/// All changes of an entry in one request: they are made together or not at all.
pub(super) fn modify(name: &str, changes: &[Change]) -> Vec<u8> {
    let changes = changes.iter().map(|change| {
        let verb = match change.verb {
            Verb::Add => 0,
            Verb::Delete => 1,
            Verb::Replace => 2,
        };
        let values = change.values.iter().map(|value| ber::value(ber::TEXT, value.as_bytes()));
        let attribute = ber::value(ber::TEXT, change.attribute.as_bytes());
        let modification = ber::of(ber::SEQUENCE, [attribute, ber::of(ber::SET, values)]);
        ber::of(ber::SEQUENCE, [ber::number(ber::ENUMERATED, verb), modification])
    });
    ber::of(0x66, [ber::value(ber::TEXT, name.as_bytes()), ber::of(ber::SEQUENCE, changes)])
}

/// How an operation ended (§4.1.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) code: u32,
    /// In the server's words.
    said: String,
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", code::name(self.code), self.code)?;
        if !self.said.trim().is_empty() {
            write!(f, ": {}", crate::outside::quote(&self.said))?;
        }
        code::windows(&self.said).map_or(Ok(()), |meaning| write!(f, " ({meaning})"))
    }
}

/// What a server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Found(Entry),
    Ended {
        of: u8,
        how: Ended,
    },
    /// A reference to another server, or a note in between: read over.
    Other,
}

/// Reads an envelope's content: to which request it belongs, and what it says.
pub(super) fn answer(content: &[u8]) -> Option<(u32, Answer)> {
    let mut reader = ber::Reader(content);
    let id = reader.number(ber::INTEGER)?;
    let (tag, operation) = reader.next()?;
    let answer = match tag {
        0x64 => Answer::Found(entry(operation)?),
        0x61 | 0x65 | 0x67 | 0x78 => Answer::Ended { of: tag, how: ended(operation)? },
        _ => Answer::Other,
    };
    Some((id, answer))
}

fn ended(operation: &[u8]) -> Option<Ended> {
    let mut reader = ber::Reader(operation);
    let code = reader.number(ber::ENUMERATED)?;
    reader.expect(ber::TEXT)?;
    let said = reader.expect(ber::TEXT)?;
    let said = String::from_utf8_lossy(said).trim_end_matches('\0').to_owned();
    Some(Ended { code, said })
}

fn entry(operation: &[u8]) -> Option<Entry> {
    let mut reader = ber::Reader(operation);
    let name = std::str::from_utf8(reader.expect(ber::TEXT)?).ok()?.to_owned();
    let mut list = ber::Reader(reader.expect(ber::SEQUENCE)?);
    let mut attributes = Vec::new();
    while !list.0.is_empty() {
        let mut attribute = ber::Reader(list.expect(ber::SEQUENCE)?);
        let name = std::str::from_utf8(attribute.expect(ber::TEXT)?).ok()?.to_owned();
        let mut set = ber::Reader(attribute.expect(ber::SET)?);
        let mut values = Vec::new();
        while !set.0.is_empty() {
            values.push(set.expect(ber::TEXT)?.to_vec());
        }
        attributes.push((name, values));
    }
    Some(Entry { name, attributes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(tag: u8, code: u32, said: &str) -> Vec<u8> {
        let texts = [ber::value(ber::TEXT, b""), ber::value(ber::TEXT, said.as_bytes())];
        let parts = [vec![ber::number(ber::ENUMERATED, code)], texts.to_vec()].concat();
        let id = ber::number(ber::INTEGER, 7);
        [id, ber::of(tag, parts)].concat()
    }

    #[test]
    fn answers_are_read_as_what_they_are() {
        let (id, found) = answer(&result(0x61, 49, "data 533, v1db1\0")).unwrap();
        let Answer::Ended { of, how } = found else { panic!("{found:?}") };
        assert_eq!((id, of, how.code), (7, 0x61, 49));
        assert_eq!(
            how.to_string(),
            "invalidCredentials (49): data 533, v1db1 (the account is disabled)"
        );
        let values = ber::of(ber::SET, [ber::value(ber::TEXT, b"x"), ber::value(ber::TEXT, b"y")]);
        let attribute = ber::of(ber::SEQUENCE, [ber::value(ber::TEXT, b"uid"), values]);
        let entry =
            ber::of(0x64, [ber::value(ber::TEXT, b"uid=x"), ber::of(ber::SEQUENCE, [attribute])]);
        let (_, found) = answer(&[ber::number(ber::INTEGER, 1), entry].concat()).unwrap();
        let Answer::Found(entry) = found else { panic!("{found:?}") };
        assert_eq!(
            (entry.name.as_str(), entry.texts("UID")),
            ("uid=x", vec!["x".to_owned(), "y".to_owned()])
        );
        let reference = [ber::number(ber::INTEGER, 1), ber::of(0x73, [])].concat();
        assert_eq!(answer(&reference), Some((1, Answer::Other)));
    }

    /// Every answer cut at every byte, and with every byte changed: read or refused, never more.
    #[test]
    fn broken_answers_are_no_answers() {
        let values = ber::of(ber::SET, [ber::value(ber::TEXT, b"x")]);
        let attribute = ber::of(ber::SEQUENCE, [ber::value(ber::TEXT, b"uid"), values]);
        let entry =
            ber::of(0x64, [ber::value(ber::TEXT, b"a=b"), ber::of(ber::SEQUENCE, [attribute])]);
        let whole = [[ber::number(ber::INTEGER, 1), entry].concat(), result(0x65, 0, "ok")];
        for bytes in whole {
            assert!(answer(&bytes).is_some());
            for end in 0..bytes.len() {
                assert_eq!(answer(bytes.get(..end).unwrap()), None, "cut at {end}");
            }
            for at in 0..bytes.len() {
                for byte in 0..=255 {
                    let mut changed = bytes.clone();
                    *changed.get_mut(at).unwrap() = byte;
                    drop(answer(&changed));
                }
            }
        }
    }
}
