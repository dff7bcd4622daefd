//! The target itself: present, in canonical form, and of a kind that can be contained.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::RangeInclusive,
};

use stanch_model::{Observable, ObservableKind};

use super::{Case, Finding};
use crate::subject::Subject;

/// Refuses what is no single target. IANA special-purpose registries, RFC 6890 and RFC 8190.
pub(super) fn target(case: &Case<'_>) -> Option<Finding> {
    if !case.is_act() {
        return None;
    }
    let Some(target) = &case.action.target else {
        return Some(Finding::refuse("an act without a target cannot be guarded"));
    };
    let shown = &target.value;
    let canonical = Observable::new(target.kind, shown);
    if canonical.as_ref() != Some(target) {
        return Some(Finding::refuse(match canonical {
            Some(canonical) => {
                format!("`{shown}` is another spelling of `{}`", canonical.value)
            }
            None => format!("`{shown}` is no single {}", target.kind),
        }));
    }
    let why = match target.kind {
        ObservableKind::User | ObservableKind::EmailAddress => not_one_account(shown),
        ObservableKind::Host => not_one_host(shown),
        ObservableKind::Domain => shown.contains('*').then_some("names more than one domain"),
        ObservableKind::Ip
        | ObservableKind::Url
        | ObservableKind::FileHash
        | ObservableKind::Process
        | ObservableKind::Ticket => None,
    };
    let why = why.or_else(|| case.subjects.iter().find_map(uncontainable));
    why.map(|why| Finding::refuse(format!("`{shown}` {why}")))
}

fn not_one_account(name: &str) -> Option<&'static str> {
    if name.contains(['*', '?', '%', ',', ';', '|', '<', '>', '"', '=']) {
        return Some("names more than one account");
    }
    let folded = |c: char| FOLDED.iter().any(|range| range.contains(&c));
    name.contains(folded).then_some("has characters that a directory reads as others")
}

/// Characters that name preparation (RFC 4518 §2.2 and §2.3, NFKC) drops or turns into ASCII, so that an
/// account has spellings which look different here and are one there.
const FOLDED: &[RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2070}'..='\u{209c}',
    '\u{2100}'..='\u{214f}',
    '\u{2460}'..='\u{24ff}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{ffef}',
    '\u{1d400}'..='\u{1d7ff}',
];

/// `134744072`, `0x8080808`, `010.8.8.8` and full-width digits are addresses to some systems and names
/// to others.
fn not_one_host(host: &str) -> Option<&'static str> {
    if !host.is_ascii() {
        return Some("is not in ASCII; write its xn-- form");
    }
    if host.parse::<Ipv4Addr>().is_ok() {
        return None;
    }
    let last = host.rsplit('.').next().unwrap_or(host);
    let is_number = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    let is_hex =
        last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    (is_number || is_hex).then_some("may be read as an address")
}

fn uncontainable(subject: &Subject) -> Option<&'static str> {
    match subject {
        Subject::Address(IpAddr::V4(ip)) => uncontainable_v4(*ip),
        Subject::Address(IpAddr::V6(ip)) => uncontainable_v6(*ip),
        Subject::Name(name) if name == "localhost" || name.ends_with(".localhost") => {
            Some("is this host")
        }
        Subject::Name(_) | Subject::Account(_) | Subject::Value(_) => None,
    }
}

fn uncontainable_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let [first, ..] = ip.octets();
    match first {
        0 => Some("means any address"),
        127 => Some("is a loopback address"),
        _ if ip.is_link_local() => Some("is a link-local address"),
        _ if ip.is_broadcast() => Some("is the broadcast address"),
        224..=239 => Some("is a multicast address"),
        240.. => Some("is a reserved address"),
        _ => None,
    }
}

fn uncontainable_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let [first, second, third, ..] = ip.segments();
    match first {
        _ if ip.is_unspecified() => Some("means any address"),
        _ if ip.is_loopback() => Some("is a loopback address"),
        0xfe80..=0xfebf => Some("is a link-local address"),
        0xff00.. => Some("is a multicast address"),
        // 6to4, Teredo, local-use NAT64: they carry an IPv4 address that other rules would not see.
        0x2002 => Some("hides an IPv4 address (6to4); name that one"),
        0x2001 if second == 0 => Some("hides an IPv4 address (Teredo); name that one"),
        0x64 if second == 0xff9b && third == 1 => {
            Some("hides an IPv4 address (NAT64); name that one")
        }
        0 => Some("is a reserved address"),
        _ => None,
    }
}
