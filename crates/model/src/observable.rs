//! Observables: typed values seen in events, canonical before anything compares them.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

/// What kind of value it is; the words follow STIX 2.1 cyber-observable objects.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ObservableKind {
    /// `ipv4-addr`, `ipv6-addr`.
    Ip,
    /// `domain-name`.
    Domain,
    /// `url`.
    Url,
    /// `file:hashes`, SHA-256, SHA-1 or MD5 in lower-case hexadecimal.
    FileHash,
    /// `email-addr`.
    EmailAddress,
    /// `user-account`.
    User,
    /// A host by its name.
    Host,
    /// `process`, by its image path.
    Process,
    /// A ticket, by its number or title; STIX has none. What acts in a tracker act on.
    Ticket,
}

impl ObservableKind {
    /// The word used on every surface.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::FileHash => "file_hash",
            Self::EmailAddress => "email_address",
            Self::User => "user",
            Self::Host => "host",
            Self::Process => "process",
            Self::Ticket => "ticket",
        }
    }
}

impl fmt::Display for ObservableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A value seen in an event, in canonical form.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct Observable {
    /// What kind of value it is.
    pub kind: ObservableKind,
    /// The canonical value; see [`canonical`].
    pub value: String,
}

impl Observable {
    /// Makes an observable of `raw`, or nothing if `raw` is no value of that kind.
    #[must_use]
    pub fn new(kind: ObservableKind, raw: &str) -> Option<Self> {
        canonical(kind, raw).map(|value| Self { kind, value })
    }
}

impl fmt::Display for Observable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.value)
    }
}

/// Longest value kept, in bytes; longer ones are no observable.
pub const VALUE_BYTES_MAX: usize = 2_048;

/// The one spelling of a value, so that two spellings of a target are one target.
///
/// Addresses: IPv4-mapped and IPv4-compatible IPv6 forms become IPv4, others their shortest form.
/// Domains and hosts: lower case, without a final dot. Hashes: lower-case hexadecimal of 32, 40
/// or 64 digits. `None` if `raw` is no value of that kind.
#[must_use]
pub fn canonical(kind: ObservableKind, raw: &str) -> Option<String> {
    let raw = raw.trim();
    if raw.is_empty() || raw.len() > VALUE_BYTES_MAX || raw.chars().any(char::is_control) {
        return None;
    }
    match kind {
        ObservableKind::Ip => address(raw).map(|ip| ip.to_string()),
        ObservableKind::Domain => domain(raw),
        ObservableKind::Host => {
            let host = raw.trim_end_matches('.').to_lowercase();
            let ok = !host.is_empty()
                && host.len() <= 253
                && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'));
            ok.then_some(host)
        }
        ObservableKind::FileHash => {
            let ok =
                matches!(raw.len(), 32 | 40 | 64) && raw.bytes().all(|b| b.is_ascii_hexdigit());
            ok.then(|| raw.to_ascii_lowercase())
        }
        ObservableKind::EmailAddress => {
            let (local, host) = raw.rsplit_once('@')?;
            (!local.is_empty()).then_some(())?;
            Some(format!("{}@{}", local.to_lowercase(), domain(host)?))
        }
        ObservableKind::Url => url::Url::parse(raw).ok().map(|url| url.to_string()),
        ObservableKind::User => Some(raw.to_lowercase()),
        ObservableKind::Process => Some(raw.to_owned()),
        ObservableKind::Ticket => {
            let ok = raw.chars().count() <= 200 && !raw.chars().any(char::is_control);
            ok.then(|| raw.split_whitespace().collect::<Vec<_>>().join(" "))
        }
    }
}

/// An address in any spelling, IPv4 hidden in IPv6 unwrapped (RFC 4291 §2.5.5; NAT64 RFC 6052).
#[must_use]
pub fn address(raw: &str) -> Option<IpAddr> {
    let bare = raw.strip_prefix('[').and_then(|r| r.strip_suffix(']')).unwrap_or(raw);
    let bare = bare.split_once('%').map_or(bare, |(ip, _zone)| ip);
    let ip: IpAddr = bare.parse().ok()?;
    Some(match ip {
        IpAddr::V6(v6) => {
            let segments = v6.segments();
            let nat64 = segments.starts_with(&[0x64, 0xff9b, 0, 0, 0, 0]);
            let compatible = segments.iter().take(6).all(|s| *s == 0) && v6.to_bits() > 0xffff;
            if let Some(v4) = v6.to_ipv4_mapped() {
                IpAddr::V4(v4)
            } else if nat64 || compatible {
                let low = u32::try_from(v6.to_bits() & 0xffff_ffff).unwrap_or_default();
                IpAddr::V4(low.into())
            } else {
                IpAddr::V6(v6)
            }
        }
        IpAddr::V4(_) => ip,
    })
}

fn domain(raw: &str) -> Option<String> {
    let host = url::Host::parse(raw.trim_end_matches('.')).ok()?;
    match host {
        url::Host::Domain(name) if name.contains('.') => Some(name),
        url::Host::Domain(_) | url::Host::Ipv4(_) | url::Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: ObservableKind, raw: &str, expect: Option<&str>) {
        assert_eq!(canonical(kind, raw).as_deref(), expect, "{kind} {raw}");
    }

    #[test]
    fn one_spelling_per_value() {
        use ObservableKind::{Domain, EmailAddress, FileHash, Host, Ip};
        check(Ip, "::ffff:8.8.8.8", Some("8.8.8.8"));
        check(Ip, "::ffff:808:808", Some("8.8.8.8"));
        check(Ip, "64:ff9b::808:808", Some("8.8.8.8"));
        check(Ip, "::8.8.8.8", Some("8.8.8.8"));
        check(Ip, "::1", Some("::1"));
        check(Ip, "[2001:DB8:0:0::1]", Some("2001:db8::1"));
        check(Ip, "fe80::1%eth0", Some("fe80::1"));
        check(Ip, "0.0.0.0/0", None);
        check(Ip, "8.8.8.8 ", Some("8.8.8.8"));
        check(Ip, "8.8.8.8\n", Some("8.8.8.8"));
        check(Ip, "010.0.0.1", None);
        check(Domain, "EVIL.Test.", Some("evil.test"));
        check(Domain, "bücher.example", Some("xn--bcher-kva.example"));
        check(Domain, "1.2.3.4", None);
        check(Host, "WS-01.Corp.Test.", Some("ws-01.corp.test"));
        check(Host, "a b", None);
        check(FileHash, "ABCDEF", None);
        check(FileHash, &"AB".repeat(32), Some(&"ab".repeat(32)));
        check(EmailAddress, "Alice@Corp.Test", Some("alice@corp.test"));
    }
}
