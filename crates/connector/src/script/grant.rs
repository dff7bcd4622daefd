//! Whom a script may reach: hosts and ports by name, no patterns.

use std::net::Ipv6Addr;

use crate::outside;

/// Most grants of one script.
pub const GRANTS_MAX: usize = 32;

/// Longest name of a host (RFC 1035 §2.3.4).
const NAME_CHARS_MAX: usize = 253;

/// One host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// In lower case, without a dot at its end; IPv6 without brackets.
    pub host: String,
    /// Never 0.
    pub port: u16,
}

impl Grant {
    /// Reads `HOST:PORT` or `[IPV6]:PORT`.
    ///
    /// # Errors
    /// In plain words, what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("`{}` {what}", outside::quote(text));
        let (host, port) = text.rsplit_once(':').ok_or_else(|| wrong("names no port"))?;
        let is_number = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
        let port = port.parse().ok().filter(|port| is_number && *port > 0);
        let port: u16 = port.ok_or_else(|| wrong("names no port between 1 and 65535"))?;
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = match bracketed {
            Some(inner) => {
                let address = inner.parse::<Ipv6Addr>().ok();
                address.ok_or_else(|| wrong("holds no IPv6 address"))?.to_string()
            }
            None if is_name(host) => host.trim_end_matches('.').to_ascii_lowercase(),
            None => return Err(wrong("names no host")),
        };
        Ok(Self { host, port })
    }
}

/// Letters, digits, `-`, `_` and dots between them: no pattern, no path, no user.
fn is_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        !label.is_empty() && label.chars().all(is_fine)
    };
    host.len() <= NAME_CHARS_MAX && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::Grant;

    #[test]
    fn a_grant_is_one_host_and_one_port() {
        for (text, host, port) in [
            ("api.example.com:443", "api.example.com", 443),
            ("API.Example.com.:65535", "api.example.com", 65_535),
            ("192.0.2.7:1", "192.0.2.7", 1),
            ("[2001:DB8::7]:443", "2001:db8::7", 443),
        ] {
            let grant = Grant { host: host.to_owned(), port };
            assert_eq!(Grant::parse(text), Ok(grant), "{text}");
        }
        for text in [
            "",
            "api.example.com",
            ":443",
            "api.example.com:",
            "a:0",
            "a:65536",
            "a:+1",
            "a:x",
            "*.example.com:443",
            "user@a:443",
            "a/b:443",
            "https://a:443",
            "a b:443",
            "a..b:443",
            "2001:db8::7:443",
            "[::1:443",
            "[a]:443",
            "a\n:443",
        ] {
            assert!(Grant::parse(text).is_err(), "{text}");
        }
    }
}
