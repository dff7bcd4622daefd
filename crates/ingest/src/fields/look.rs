//! Reading flat fields: text, addresses, ports, hashes, in the forms that products write.

use std::net::IpAddr;

use serde_json::Value;
use stanch_model::{
    Time,
    observable::{self, ObservableKind},
};

use super::Fields;
use crate::moment;

impl Fields {
    /// The value as it stands.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.map().get(name)
    }

    /// The first text under the name; the placeholders `-`, `?` and empty text are nothing.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.texts(name).next()
    }

    /// The text of the first of `names` that has one.
    pub(crate) fn text_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.text(name))
    }

    /// All texts under the name.
    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = match self.value(name) {
            Some(Value::Array(list)) => list.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        values.iter().filter_map(Value::as_str).map(str::trim).filter(|text| is_said(text))
    }

    /// A whole number, also where it is written as text.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        match self.value(name)? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            Value::Array(list) => list.first().and_then(Value::as_u64),
            Value::Null | Value::Bool(_) | Value::Object(_) => None,
        }
    }

    /// The first of `names` that holds an address.
    pub(crate) fn ip_of(&self, names: &[&str]) -> Option<IpAddr> {
        names.iter().find_map(|name| self.texts(name).find_map(observable::address))
    }

    /// The first of `names` that holds a port.
    pub(crate) fn port_of(&self, names: &[&str]) -> Option<u16> {
        let number = names.iter().find_map(|name| self.number(name))?;
        u16::try_from(number).ok()
    }

    /// The first of `names` that holds a domain name, canonical. Addresses and bare host names
    /// are no domains.
    pub(crate) fn domain_of(&self, names: &[&str]) -> Option<String> {
        self.canonical_of(ObservableKind::Domain, names)
    }

    /// The first of `names` that holds a SHA-256, lower case.
    pub(crate) fn sha256_of(&self, names: &[&str]) -> Option<String> {
        let is_sha256 = |hash: &String| hash.len() == 64;
        names.iter().find_map(|name| {
            let canonical = |text| observable::canonical(ObservableKind::FileHash, text);
            self.texts(name).filter_map(canonical).find(is_sha256)
        })
    }

    /// The moment in the first of `names` that holds one; see [`moment`] for the forms.
    pub(crate) fn moment_of(&self, names: &[&str]) -> Option<Time> {
        names.iter().find_map(|name| moment::of_value(self.value(name)?))
    }

    fn canonical_of(&self, kind: ObservableKind, names: &[&str]) -> Option<String> {
        names
            .iter()
            .find_map(|name| self.texts(name).find_map(|text| observable::canonical(kind, text)))
    }
}

fn is_said(text: &str) -> bool {
    !matches!(text, "" | "-" | "?" | "(null)")
}

/// An account without its domain: `CORP\alice` and `alice@corp.test` are `alice`.
pub(crate) fn bare_account(account: &str) -> Option<String> {
    let name = account.rsplit_once('\\').map_or(account, |(_domain, name)| name);
    let name = match name.split_once('@') {
        Some((local, _domain)) if !local.is_empty() => local,
        _ => name,
    };
    is_said(name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_are_nothing_and_lists_are_looked_through() {
        let value = json!({"a": "-", "b": ["", "x"], "p": "443", "q": 70000,
            "ip": ["fe80::1%eth0"], "h": ["AB", "Ab".repeat(32)]});
        let fields = Fields::of(value.as_object().unwrap().clone());
        assert_eq!(fields.text("a"), None);
        assert_eq!(fields.text_of(&["a", "b"]), Some("x"));
        assert_eq!(fields.port_of(&["p"]), Some(443));
        assert_eq!(fields.port_of(&["q"]), None);
        assert_eq!(fields.ip_of(&["a", "ip"]), "fe80::1".parse().ok());
        assert_eq!(fields.sha256_of(&["h"]), Some("ab".repeat(32)));
    }

    #[test]
    fn accounts_lose_their_domain() {
        let check = |account, expect: Option<&str>| {
            assert_eq!(bare_account(account).as_deref(), expect, "{account}");
        };
        check("CORP\\alice", Some("alice"));
        check("alice@corp.test", Some("alice"));
        check("NT AUTHORITY\\SYSTEM", Some("SYSTEM"));
        check("@odd", Some("@odd"));
        check("CORP\\-", None);
    }
}
