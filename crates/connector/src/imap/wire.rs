//! What an IMAP server says (RFC 9051 §9), taken apart without recursion.

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word, with what it has in square brackets: `FETCH`, `BODY[HEADER.FIELDS (FROM)]`, `\Noselect`.
    Word(String),
    /// A quoted text or a literal.
    Text(Vec<u8>),
    Open,
    Close,
}

impl Token {
    /// A word or a text as text.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Word(word) => Some(word.clone()),
            Self::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Self::Open | Self::Close => None,
        }
    }

    /// Whether it is that word, in any case.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found.eq_ignore_ascii_case(word))
    }
}

/// How the server takes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    No,
    Bad,
    /// It ends the conversation.
    Bye,
}

impl Status {
    fn of(word: &str) -> Option<Self> {
        let words = [
            ("OK", Self::Ok),
            ("PREAUTH", Self::Ok),
            ("NO", Self::No),
            ("BAD", Self::Bad),
            ("BYE", Self::Bye),
        ];
        words.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, status)| *status)
    }
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// `+`: go on.
    GoOn,
    /// The end of a command.
    Ended { tag: String, status: Status, said: String },
    /// `* OK …` and the like.
    Note { status: Status, said: String },
    /// Data.
    Data(Vec<Token>),
}

/// A line as it was read, with the literals that stand in it.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) parts: Vec<Part>,
}

/// A part of a line.
#[derive(Debug)]
pub(super) enum Part {
    Plain(Vec<u8>),
    Literal(Vec<u8>),
}

/// How long the literal is that a line announces at its end: `{310}`.
pub(super) fn literal(line: &[u8]) -> Option<usize> {
    let digits = line.strip_suffix(b"}")?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    let start = digits.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(digits.get(start + 1..)?).ok()?;
    if digits.is_empty() || digits.len() > 10 {
        return None;
    }
    digits.parse().ok()
}

impl Line {
    /// What it says; nothing where it is no IMAP.
    pub(super) fn read(self) -> Option<Answer> {
        let mut parts = self.parts.into_iter();
        let Some(Part::Plain(first)) = parts.next() else { return None };
        if first.first() == Some(&b'+') {
            return Some(Answer::GoOn);
        }
        let (tag, rest) = cut(&first);
        let (word, said) = cut(rest);
        let tag = std::str::from_utf8(tag).ok()?.to_owned();
        if let Some(status) = Status::of(std::str::from_utf8(word).ok()?) {
            let said = String::from_utf8_lossy(said).into_owned();
            return Some(match tag.as_str() {
                "*" => Answer::Note { status, said },
                _ => Answer::Ended { tag, status, said },
            });
        }
        if tag != "*" {
            return None;
        }
        let mut tokens = Vec::new();
        split(rest, &mut tokens)?;
        for part in parts {
            match part {
                Part::Plain(text) => split(&text, &mut tokens)?,
                Part::Literal(bytes) => tokens.push(Token::Text(bytes)),
            }
        }
        Some(Answer::Data(tokens))
    }
}

/// A line at its first space.
fn cut(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    (word, rest.strip_prefix(b" ").unwrap_or(rest))
}

/// Takes a text apart. The announcement of a literal at its end is left out.
fn split(text: &[u8], tokens: &mut Vec<Token>) -> Option<()> {
    let end = match literal(text) {
        Some(_) => text.iter().rposition(|byte| *byte == b'{')?,
        None => text.len(),
    };
    let mut bytes = text.get(..end)?.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' => {}
            b'(' => tokens.push(Token::Open),
            b')' => tokens.push(Token::Close),
            b'"' => tokens.push(Token::Text(quoted(&mut bytes)?)),
            first => {
                let mut word = vec![first];
                let mut brackets = i32::from(first == b'[');
                while let Some(&next) = bytes.peek() {
                    if brackets == 0 && matches!(next, b' ' | b'(' | b')' | b'"') {
                        break;
                    }
                    brackets += i32::from(next == b'[') - i32::from(next == b']');
                    word.push(next);
                    bytes.next();
                }
                tokens.push(Token::Word(String::from_utf8_lossy(&word).into_owned()));
            }
        }
    }
    Some(())
}

/// The rest of a quoted text, up to its end.
fn quoted(bytes: &mut impl Iterator<Item = u8>) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        match bytes.next()? {
            b'"' => return Some(text),
            b'\\' => text.push(bytes.next()?),
            other => text.push(other),
        }
    }
}

/// A text as a quoted string. What has no place in one is refused: a line end would begin a command.
pub(super) fn quote(what: &str, text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > 1_000 {
        return Err(format!("{what} is empty, or longer than 1,000 bytes"));
    }
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(format!("{what} holds something else than printable ASCII"));
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[(&str, Option<&str>)]) -> Option<Answer> {
        let mut line = Line::default();
        for (plain, literal) in parts {
            line.parts.push(Part::Plain(plain.as_bytes().to_vec()));
            line.parts.extend(literal.map(|text| Part::Literal(text.as_bytes().to_vec())));
        }
        line.read()
    }

    fn word(text: &str) -> Token {
        Token::Word(text.to_owned())
    }
    fn text(text: &str) -> Token {
        Token::Text(text.as_bytes().to_vec())
    }

    #[test]
    fn answers_are_taken_apart() {
        let note = |status, said: &str| Answer::Note { status, said: said.to_owned() };
        let ended = |status, said: &str| Answer::Ended {
            tag: "a1".to_owned(),
            status,
            said: said.to_owned(),
        };
        for (line, expect) in [
            (
                "* OK [CAPABILITY IMAP4rev1] It's \"ready",
                note(Status::Ok, "[CAPABILITY IMAP4rev1] It's \"ready"),
            ),
            ("* BYE", note(Status::Bye, "")),
            ("a1 no [TRYCREATE] none", ended(Status::No, "[TRYCREATE] none")),
            ("+ idling", Answer::GoOn),
            ("+", Answer::GoOn),
            (
                r#"* LIST (\HasNoChildren \Trash) "/" "a \"b\" \\c""#,
                Answer::Data(vec![
                    word("LIST"),
                    Token::Open,
                    word(r"\HasNoChildren"),
                    word(r"\Trash"),
                    Token::Close,
                    text("/"),
                    text(r#"a "b" \c"#),
                ]),
            ),
            (
                "* LIST () NIL INBOX",
                Answer::Data(vec![
                    word("LIST"),
                    Token::Open,
                    Token::Close,
                    word("NIL"),
                    word("INBOX"),
                ]),
            ),
            ("* SEARCH 4 7", Answer::Data(vec![word("SEARCH"), word("4"), word("7")])),
        ] {
            assert_eq!(read(&[(line, None)]), Some(expect), "{line}");
        }
        let fetched = read(&[
            ("* 1 FETCH (UID 7 BODY[HEADER.FIELDS (FROM \"X\")] {6}", Some("From: ")),
            (")", None),
        ]);
        let expect = vec![
            word("1"),
            word("FETCH"),
            Token::Open,
            word("UID"),
            word("7"),
            word("BODY[HEADER.FIELDS (FROM \"X\")]"),
            text("From: "),
            Token::Close,
        ];
        assert_eq!(fetched, Some(Answer::Data(expect)));
    }

    #[test]
    fn what_is_no_imap_is_nothing() {
        for line in ["", "HTTP/1.1 200 OK", "a1 FETCH", "* \"open", "* \"open\\", "\u{fffd}"] {
            assert_eq!(read(&[(line, None)]), None, "{line:?}");
        }
        let deep = format!("* LIST {}", "(".repeat(100_000));
        assert!(
            matches!(read(&[(&deep, None)]), Some(Answer::Data(tokens)) if tokens.len() == 100_001)
        );
    }

    /// Every byte of real answers changed to every other: read or refused, never more.
    #[test]
    fn broken_answers_are_read_or_refused() {
        for whole in [
            &b"* LIST (\\HasNoChildren) \"/\" \"a \\\"b\""[..],
            b"* 1 FETCH (UID 7 BODY[HEADER.FIELDS (FROM)] {6}",
            b"a1 NO [TRYCREATE] none",
        ] {
            for at in 0..whole.len() {
                for byte in 0..=255 {
                    let mut changed = whole.to_vec();
                    *changed.get_mut(at).unwrap() = byte;
                    let parts = vec![Part::Plain(changed), Part::Literal(vec![byte])];
                    drop(Line { parts }.read());
                }
            }
        }
    }

    #[test]
    fn literals_are_announced_at_the_end() {
        for (line, expect) in [
            ("x {310}", Some(310)),
            ("x {0}", Some(0)),
            ("x {5+}", Some(5)),
            ("x {99999999999}", None),
            ("x {}", None),
            ("x {-1}", None),
            ("x {5} ", None),
            ("}", None),
        ] {
            assert_eq!(literal(line.as_bytes()), expect, "{line}");
        }
    }

    #[test]
    fn no_text_ends_a_command() {
        assert_eq!(quote("x", r#"a "b" \"#).unwrap(), r#""a \"b\" \\""#);
        for text in ["", "a\r\nb LOGOUT", "a\0", "ü", "\u{7f}", &"x".repeat(1_001)] {
            assert!(quote("x", text).is_err(), "{text:?}");
        }
    }
}
