//! A mail as it goes over the wire: no text in it can become a header or an address of its own.

use lettre::{
    Address,
    message::{
        Mailbox, Message,
        header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
};
use stanch_model::canonical;

use crate::{outside, stamp};

/// Most recipients of one mail.
const RECIPIENTS_MAX: usize = 50;

/// Longest text, in bytes; what is longer belongs into a file.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// To whom: bare addresses, each of which sees the others.
    pub to: Vec<String>,
    /// One line. Control characters are written out, and what is longer than 200 characters is cut.
    pub subject: String,
    /// Plain text. Control characters other than line ends and tabs are written out.
    pub text: String,
}

/// What is said around a mail, and the mail.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) id: String,
    pub(super) bytes: Vec<u8>,
    /// What we call ourselves: the sender's domain.
    pub(super) domain: String,
}

/// Puts `mail` together. The Message-ID comes from `key`: sent twice it is the same mail, which a
/// receiver can know by it.
pub(super) fn compose(from: &str, mail: &Mail, key: &str) -> Result<Envelope, String> {
    let sender = address("from", from)?;
    if mail.to.is_empty() || mail.to.len() > RECIPIENTS_MAX {
        return Err(format!(
            "a mail goes to 1 to {RECIPIENTS_MAX} people, not to {}",
            mail.to.len()
        ));
    }
    if mail.text.len() > TEXT_BYTES_MAX {
        return Err("the text is longer than 256 KiB".to_owned());
    }
    let domain = sender.domain().to_owned();
    let hash = canonical::sha256_bytes(key.as_bytes());
    let id = format!("<{}@{domain}>", hash.get(..32).unwrap_or(&hash));
    let date = stamp::now().try_into().map_err(|error: jiff::Error| error.to_string())?;
    let mut builder = Message::builder()
        .from(Mailbox::new(None, sender.clone()))
        .date(date)
        .message_id(Some(id.clone()))
        .subject(outside::quote(&mail.subject))
        // So that no absence note answers (RFC 3834 §5).
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN);
    let mut to = Vec::new();
    for recipient in &mail.to {
        let recipient = address("to", recipient)?;
        to.push(recipient.to_string());
        builder = builder.to(Mailbox::new(None, recipient));
    }
    let message = builder.body(readable(&mail.text)).map_err(|error| outside::chain(&error))?;
    Ok(Envelope { from: sender.to_string(), to, id, bytes: message.formatted(), domain })
}

/// An address in ASCII: others need a server that can take them (RFC 6531), which nobody promises.
fn address(what: &str, text: &str) -> Result<Address, String> {
    let text = text.trim();
    let fault = || format!("{what}: `{}` is no address", outside::quote(text));
    if !text.is_ascii() || text.len() > 254 {
        return Err(fault());
    }
    text.parse().ok().ok_or_else(fault)
}

/// The text with line ends as mail has them, and what a terminal would obey made visible.
fn readable(text: &str) -> String {
    let mut readable = String::with_capacity(text.len());
    for line in text.replace("\r\n", "\n").split('\n') {
        for c in line.chars() {
            if c == '\t' || !c.is_control() {
                readable.push(c);
            } else {
                readable.extend(c.escape_unicode());
            }
        }
        readable.push_str("\r\n");
    }
    readable
}

/// The mail as it is sent after DATA: a line that begins with a dot gets another one, and a dot alone
/// ends it (RFC 5321 §4.5.2).
pub(super) fn data(message: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(message.len() + 16);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            data.push(b'.');
        }
        data.extend(line);
    }
    if !data.ends_with(b"\r\n") {
        data.extend(b"\r\n");
    }
    data.extend(b".\r\n");
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(to: &[&str], subject: &str, text: &str) -> Mail {
        let to = to.iter().map(|&text| text.to_owned()).collect();
        Mail { to, subject: subject.to_owned(), text: text.to_owned() }
    }

    fn composed(subject: &str, text: &str) -> String {
        let mail = mail(&["bob@corp.test"], subject, text);
        let envelope = compose("stanch@corp.test", &mail, "run_1/notify").unwrap();
        String::from_utf8(envelope.bytes).unwrap()
    }

    /// The names of the headers, in order.
    fn headers(message: &str) -> Vec<&str> {
        let (head, _) = message.split_once("\r\n\r\n").unwrap();
        let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        lines.map(|line| line.split_once(':').unwrap().0).collect()
    }

    const HEADERS: [&str; 9] = [
        "From",
        "Date",
        "Message-ID",
        "Subject",
        "Auto-Submitted",
        "Content-Type",
        "To",
        "Content-Transfer-Encoding",
        "MIME-Version",
    ];

    #[test]
    fn no_text_becomes_a_header() {
        let mut expect = HEADERS.to_vec();
        expect.sort_unstable();
        for text in [
            "plain",
            "",
            "a\r\nBcc: all@corp.test",
            "a\nBcc: all@corp.test",
            "a\rBcc: all@corp.test",
            "a\r\n\r\nbody",
            "a\0b",
            "a\u{85}Bcc: x",
            "a\u{2028}Bcc: x",
            "=?utf-8?q?=0ABcc:_x?=",
            "\u{202e}gnp.exe",
            "ünïcode ✓",
            &"x".repeat(5_000),
            &"ü".repeat(5_000),
        ] {
            let message = composed(text, text);
            let mut found = headers(&message);
            found.sort_unstable();
            assert_eq!(found, expect, "{text:?}: {message}");
            assert!(message.lines().all(|line| line.len() <= 998), "{text:?}");
        }
    }

    #[test]
    fn no_address_is_two() {
        for to in [
            "",
            "bob",
            "bob@",
            "@corp.test",
            "bob@corp.test, eve@evil.test",
            "bob@corp.test\r\nRCPT TO:<eve@evil.test>",
            "bob@corp.test>",
            "<bob@corp.test>",
            "bob@corp.test\0",
            "Bob <bob@corp.test>",
            "bö@corp.test",
            "a b@corp.test",
            "bob@corp.test SIZE=1",
        ] {
            let refused = compose("stanch@corp.test", &mail(&[to], "s", "t"), "k");
            assert!(refused.is_err(), "{to:?}");
            assert!(compose(to, &mail(&["bob@corp.test"], "s", "t"), "k").is_err(), "{to:?}");
        }
        assert!(compose("stanch@corp.test", &mail(&[], "s", "t"), "k").is_err());
        let many = vec!["bob@corp.test"; RECIPIENTS_MAX + 1];
        assert!(compose("stanch@corp.test", &mail(&many, "s", "t"), "k").is_err());
        assert!(compose("stanch@corp.test", &mail(&many[1..], "s", "t"), "k").is_ok());
    }

    #[test]
    fn the_same_key_is_the_same_mail() {
        let id = |key: &str| {
            compose("stanch@corp.test", &mail(&["bob@corp.test"], "s", "t"), key).unwrap().id
        };
        assert_eq!(id("run_1/a"), id("run_1/a"));
        assert_ne!(id("run_1/a"), id("run_1/b"));
        assert!(
            id("run_1/a\r\nx: y").ends_with("@corp.test>") && !id("run_1/a\r\nx: y").contains('\n')
        );
    }

    #[test]
    fn a_dot_alone_ends_it_once() {
        for (message, expect) in [
            ("a\r\n", "a\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            (".\r\n..\r\n.a\r\n", "..\r\n...\r\n..a\r\n.\r\n"),
            ("", "\r\n.\r\n"),
        ] {
            assert_eq!(String::from_utf8(data(message.as_bytes())).unwrap(), expect, "{message:?}");
        }
    }
}
