//! Finding the peer that sshd wrote into a line, beside text that the peer chose.
//!
//! sshd writes `ADDRESS port N`. Where nothing of the peer's follows it, the end of the line is
//! the anchor; where nothing of the peer's precedes it, the start is. Where the peer's text may
//! stand on both sides, all places are compared, and if they differ there is no answer.

use std::net::IpAddr;

use stanch_model::observable;

/// One side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) ip: IpAddr,
    pub(super) port: Option<u16>,
}

/// What is known of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// The text before the peer, and the peer.
    One(&'a str, Endpoint),
    /// Several places name different peers.
    Ambiguous,
    /// No place names one.
    Nothing,
}

/// `… ADDRESS port N` or `… ADDRESS` at the end of `text`, with an optional ` ssh2`.
pub(super) fn at_end(text: &str) -> Option<(&str, Endpoint)> {
    let text = text.strip_suffix(" ssh2").unwrap_or(text);
    let (before, last) = text.rsplit_once(' ').unwrap_or(("", text));
    if let Some(port) = port(last)
        && let Some(before) = before.strip_suffix(" port")
    {
        let (before, address) = before.rsplit_once(' ').unwrap_or(("", before));
        let ip = observable::address(address)?;
        return Some((before, Endpoint { ip, port: Some(port) }));
    }
    observable::address(last).map(|ip| (before, Endpoint { ip, port: None }))
}

/// `ADDRESS port N…` or `ADDRESS: …` at the start of `text`, and what follows.
pub(super) fn at_start(text: &str) -> Option<(Endpoint, &str)> {
    let (address, rest) = text.split_once(' ').unwrap_or((text, ""));
    if let Some(ip) = observable::address(address) {
        let with_port = rest.strip_prefix("port ").and_then(|rest| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = rest.split_at_checked(digits)?;
            Some((Endpoint { ip, port: Some(port(number)?) }, rest))
        });
        return with_port.or(Some((Endpoint { ip, port: None }, rest)));
    }
    let ip = observable::address(address.strip_suffix(':')?)?;
    Some((Endpoint { ip, port: None }, rest))
}

/// The peer in `USER<separator>ADDRESS port N[ ssh2][: DETAIL]`, where user and detail are the
/// peer's text. At the end of the line it is sshd's own; elsewhere all places have to agree.
pub(super) fn between<'a>(text: &'a str, separator: &str) -> Found<'a> {
    if let Some((before, endpoint)) = at_end(text)
        && let Some(user) = strip_separator(before, separator)
    {
        return Found::One(user, endpoint);
    }
    let places = text.match_indices(separator).filter_map(|(at, _)| {
        let (user, after) = text.split_at_checked(at)?;
        let (endpoint, rest) = at_start(after.strip_prefix(separator)?)?;
        endpoint.port?;
        rest.strip_prefix(" ssh2").unwrap_or(rest).starts_with(':').then_some((user, endpoint))
    });
    let mut found = Found::Nothing;
    for (user, endpoint) in places {
        match found {
            Found::One(_, first) if first.ip != endpoint.ip => return Found::Ambiguous,
            _ => found = Found::One(user, endpoint),
        }
    }
    found
}

/// `before` without the separator, whose last space [`at_end`] took.
fn strip_separator<'a>(before: &'a str, separator: &str) -> Option<&'a str> {
    let separator = separator.trim_end();
    // `Invalid user  from …`: the user is empty, and so is the text before the separator.
    before.strip_suffix(separator).or_else(|| (before == separator.trim_start()).then_some(""))
}

fn port(text: &str) -> Option<u16> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let found = match between(text, " from ") {
            Found::One(user, Endpoint { ip, port }) => {
                format!("{user:?} {ip} {}", port.unwrap_or_default())
            }
            Found::Ambiguous => "ambiguous".to_owned(),
            Found::Nothing => "nothing".to_owned(),
        };
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn the_peer_is_the_one_that_sshd_wrote() {
        check("root from 203.0.113.9 port 4 ssh2", r#""root" 203.0.113.9 4"#);
        check("root from 2001:db8::9 port 4 ssh2", r#""root" 2001:db8::9 4"#);
        check("root from 203.0.113.9", r#""root" 203.0.113.9 0"#);
        check(" from 203.0.113.9 port 4", r#""" 203.0.113.9 4"#);
        check("from 203.0.113.9 port 4", r#""" 203.0.113.9 4"#);
        check(
            "x from 192.0.2.1 port 1 ssh2 from 203.0.113.9 port 4 ssh2",
            r#""x from 192.0.2.1 port 1 ssh2" 203.0.113.9 4"#,
        );
        check("x from 192.0.2.1 from 203.0.113.9", r#""x from 192.0.2.1" 203.0.113.9 0"#);
        check("a from 203.0.113.9 port 4 ssh2: RSA SHA256:q", r#""a" 203.0.113.9 4"#);
        check(
            "x from 192.0.2.1 port 1 ssh2: y from 203.0.113.9 port 4 ssh2: RSA SHA256:q",
            "ambiguous",
        );
        check(
            "a from 203.0.113.9 port 4 ssh2: RSA-CERT ID b from 192.0.2.1 port 1 ssh2: (serial 0)",
            "ambiguous",
        );
        check("root from host.example port 4 ssh2", "nothing");
        check("root from 203.0.113.9 port 70000 ssh2", "nothing");
        check("", "nothing");
    }
}
