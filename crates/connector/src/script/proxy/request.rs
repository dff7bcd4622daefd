//! The head of a proxy request (RFC 9110 §9.3.6), as far as it matters.

use super::super::Grant;

/// Longest head, in bytes.
pub(super) const HEAD_BYTES_MAX: usize = 8 * 1024;

/// What ends it.
pub(super) const HEAD_END: &[u8] = b"\r\n\r\n";

/// What is answered instead of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: &'static str,
    pub(super) why: String,
}

impl Refusal {
    pub(super) fn new(status: &'static str, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }
}

/// The host that a head asks for, if it was granted.
pub(super) fn wanted<'a>(head: &[u8], grants: &'a [Grant]) -> Result<&'a Grant, Refusal> {
    let bad = |why: &str| Refusal::new("400 Bad Request", why);
    let text = std::str::from_utf8(head).ok().ok_or_else(|| bad("this is no HTTP"))?;
    let line = text.lines().next().unwrap_or_default();
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(bad("this is no HTTP"));
    };
    if !version.starts_with("HTTP/1.") {
        return Err(bad("this is no HTTP/1"));
    }
    if method != "CONNECT" {
        let why = "this proxy only connects: ask for https:// addresses, or use CONNECT";
        return Err(Refusal::new("405 Method Not Allowed", why));
    }
    let asked = Grant::parse(target).map_err(|why| bad(&why))?;
    let granted = grants.iter().find(|grant| **grant == asked);
    granted.ok_or_else(|| {
        let why = format!("{target} is not in this script's `network`");
        Refusal::new("403 Forbidden", why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_granted_host_and_port_is_reached() {
        let grants = ["api.example.com:443", "[2001:db8::7]:443"].map(|g| Grant::parse(g).unwrap());
        for target in ["api.example.com:443", "API.example.com.:443"] {
            let head = format!("CONNECT {target} HTTP/1.1\r\nHost: evil.example:1\r\n\r\n");
            assert_eq!(wanted(head.as_bytes(), &grants), Ok(&grants[0]), "{target}");
        }
        assert_eq!(wanted(b"CONNECT [2001:DB8::7]:443 HTTP/1.0\r\n\r\n", &grants), Ok(&grants[1]));
        for (head, status) in [
            ("CONNECT api.example.com:80 HTTP/1.1\r\n\r\n", "403"),
            ("CONNECT api.example.com.evil.example:443 HTTP/1.1\r\n\r\n", "403"),
            ("CONNECT xapi.example.com:443 HTTP/1.1\r\n\r\n", "403"),
            ("CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n", "403"),
            ("CONNECT api.example.com HTTP/1.1\r\n\r\n", "400"),
            ("CONNECT api.example.com:443@evil:443 HTTP/1.1\r\n\r\n", "400"),
            ("CONNECT  api.example.com:443 HTTP/1.1\r\n\r\n", "400"),
            ("CONNECT api.example.com:443 HTTP/2\r\n\r\n", "400"),
            ("GET http://api.example.com/ HTTP/1.1\r\n\r\n", "405"),
            ("\r\n\r\n", "400"),
            ("\u{0}\r\n\r\n", "400"),
        ] {
            let refusal = wanted(head.as_bytes(), &grants).unwrap_err();
            assert!(refusal.status.starts_with(status), "{head:?}: {refusal:?}");
        }
        assert!(wanted(&[0xff, 0xfe], &grants).is_err());
    }
}
