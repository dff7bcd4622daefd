//! Values: hexadecimal text, numbers, arguments, socket addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use stanch_model::observable;

use super::pairs::Raw;
use crate::fields::Fields;

/// Fields whose value is text that the kernel or a daemon writes in hexadecimal, without quotes,
/// when it holds a quote, a space, or a byte outside of printable ASCII.
const ENCODED: &[&str] = &[
    "acct",
    "cmd",
    "comm",
    "cwd",
    "data",
    "dir",
    "exe",
    "file",
    "grp",
    "key",
    "name",
    "new-disk",
    "ocomm",
    "old-disk",
    "path",
    "proctitle",
    "root_dir",
    "sw",
    "watch",
];

/// Adds one pair of a record of type `kind`.
pub(super) fn add(fields: &mut Fields, kind: &str, name: &str, raw: Raw<'_>) {
    // Long arguments come in pieces, `a1[0]=…`; their lengths (`a1_len`) say nothing more.
    let piece = name.split_once('[').filter(|_| kind == "EXECVE").map(|(whole, _)| whole);
    let name = piece.unwrap_or(name);
    let is_argument = is_argument(name);
    let is_text = ENCODED.contains(&name) || (is_argument && kind == "EXECVE");
    let text = match hex_text(raw.text).filter(|_| is_text && !raw.is_quoted) {
        // The arguments of a process stand one after the other, each ended by a zero byte.
        Some(text) => text.trim_end_matches('\0').replace('\0', " "),
        None => raw.text.to_owned(),
    };
    if piece.is_some() {
        fields.append(name, &text);
    } else if raw.is_quoted || is_argument {
        fields.flatten(name, text.into());
    } else if let Some(number) = decimal(&text).filter(|_| !is_text) {
        fields.flatten(name, number.into());
    } else {
        fields.flatten(name, text.into());
    }
    if kind == "SOCKADDR" && name == "saddr" {
        add_address(fields, raw.text);
    }
}

/// `CommandLine` of the records that hold arguments.
pub(super) fn join_arguments(fields: &mut Fields, kind: &str) {
    if kind == "PROCTITLE" {
        fields.alias("proctitle", "CommandLine");
    }
    if kind != "EXECVE" {
        return;
    }
    let names = (0_usize..).map(|index| format!("a{index}"));
    let arguments = names.map_while(|name| fields.value(&name)?.as_str().map(str::to_owned));
    let arguments: Vec<_> = arguments.collect();
    if !arguments.is_empty() {
        fields.set("CommandLine", arguments.join(" "));
    }
}

fn is_argument(name: &str) -> bool {
    let number = name.strip_prefix('a');
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// A decimal number as the kernel prints one; `007` and `+1` are text.
fn decimal(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn hex_text(text: &str) -> Option<String> {
    let bytes = hex_bytes(text)?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Bytes of upper-case hexadecimal, which is what the kernel writes.
fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte.saturating_sub(b'0')),
        b'A'..=b'F' => Some(byte.saturating_sub(b'A').saturating_add(10)),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? << 4) | digit(*low)?);
    pairs.iter().map(byte).collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty())
}

/// A `struct sockaddr` in hexadecimal, as the kernel of a little-endian machine lays it out.
fn add_address(fields: &mut Fields, saddr: &str) {
    let Some(bytes) = hex_bytes(saddr) else { return };
    let (ip, port) = match bytes.as_slice() {
        // sockaddr_in: family 2, port, four bytes of address.
        [2, 0, p1, p0, a, b, c, d, ..] => {
            (Ipv4Addr::new(*a, *b, *c, *d).to_string(), u16::from_be_bytes([*p1, *p0]))
        }
        // sockaddr_in6: family 10, port, four bytes of flow, sixteen of address.
        [10, 0, p1, p0, _, _, _, _, address @ ..] => {
            let Some(address) = address.first_chunk::<16>() else { return };
            (Ipv6Addr::from(*address).to_string(), u16::from_be_bytes([*p1, *p0]))
        }
        _ => return,
    };
    fields.set_some("saddr_ip", observable::address(&ip).map(|ip| ip.to_string()));
    fields.set("saddr_port", port);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(kind: &str, pairs: &[(&str, &str)], expect: &Value) {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            let raw = Raw { text: quoted.unwrap_or(value), is_quoted: quoted.is_some() };
            add(&mut fields, kind, name, raw);
        }
        join_arguments(&mut fields, kind);
        assert_eq!(&Value::Object(fields.finish()), expect);
    }

    #[test]
    fn text_is_decoded_and_numbers_are_numbers() {
        check(
            "EXECVE",
            &[("argc", "3"), ("a0", "\"sh\""), ("a1", "\"2D63\""), ("a2", "6120622263")],
            &json!({"argc": 3, "a0": "sh", "a1": "2D63", "a2": "a b\"c",
                "CommandLine": "sh 2D63 a b\"c"}),
        );
        check("SYSCALL", &[("a0", "4"), ("euid", "33")], &json!({"a0": "4", "euid": 33}));
        check(
            "PROCTITLE",
            &[("proctitle", "6C73002D6C00")],
            &json!({"proctitle": "ls -l", "CommandLine": "ls -l"}),
        );
        check("USER_AUTH", &[("acct", "726F6F7420")], &json!({"acct": "root "}));
        check(
            "CWD",
            &[("cwd", "\"/ABCD\""), ("mode", "0100644")],
            &json!({"cwd": "/ABCD", "mode": "0100644"}),
        );
        check("CWD", &[("cwd", "ABC")], &json!({"cwd": "ABC"}));
    }

    #[test]
    fn long_arguments_are_put_together() {
        check(
            "EXECVE",
            &[("a0", "\"x\""), ("a1_len", "4"), ("a1[0]", "6162"), ("a1[1]", "\"cd\"")],
            &json!({"a0": "x", "a1_len": 4, "a1": "abcd", "CommandLine": "x abcd"}),
        );
    }

    #[test]
    fn socket_addresses_are_read() {
        let v4 = "02000050CB0071090000000000000000";
        check(
            "SOCKADDR",
            &[("saddr", v4)],
            &json!({"saddr": v4, "saddr_ip": "203.0.113.9", "saddr_port": 80}),
        );
        let v6 = "0A0001BB0000000020010DB800000000000000000000000900000000";
        check(
            "SOCKADDR",
            &[("saddr", v6)],
            &json!({"saddr": v6, "saddr_ip": "2001:db8::9", "saddr_port": 443}),
        );
        check("SOCKADDR", &[("saddr", "0A0001BB")], &json!({"saddr": "0A0001BB"}));
    }
}
