//! What an action acts on, taken apart into what rules compare: addresses, names, accounts.

use std::net::IpAddr;

use stanch_model::{Observable, ObservableKind, observable::address};

use crate::policy::Pattern;

/// One thing that would be hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// An address, whatever it was written as.
    Address(IpAddr),
    /// A host or domain, lower case.
    Name(String),
    /// A user or mailbox, lower case.
    Account(String),
    /// Any other value.
    Value(String),
}

impl Subject {
    /// Everything that an observable names: a URL also its host, a host name that is an address that address.
    pub(crate) fn all(observable: &Observable) -> Vec<Self> {
        use ObservableKind::{
            Domain, EmailAddress, FileHash, Host, Ip, Process, Ticket, Url, User,
        };
        let value = observable.value.as_str();
        match observable.kind {
            Ip => address_in(value).map(Self::Address).into_iter().collect(),
            Host | Domain => vec![Self::host(value)],
            Url => vec![Self::Value(value.to_owned())]
                .into_iter()
                .chain(host_of_url(value).map(Self::host))
                .collect(),
            User | EmailAddress => vec![Self::Account(value.to_lowercase())],
            FileHash | Process | Ticket => vec![Self::Value(value.to_owned())],
        }
    }

    fn host(value: &str) -> Self {
        address_in(value)
            .map_or_else(|| Self::Name(value.trim_end_matches('.').to_lowercase()), Self::Address)
    }

    pub(crate) fn matches(&self, pattern: &Pattern) -> bool {
        match self {
            Self::Address(ip) => pattern.has_address(*ip),
            Self::Name(name) => pattern.has_name(name),
            Self::Account(name) => pattern.has_account(name),
            Self::Value(value) => pattern.has_value(value),
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(ip) => write!(f, "{ip}"),
            Self::Name(text) | Self::Account(text) | Self::Value(text) => f.write_str(text),
        }
    }
}

/// An address in any spelling that hides none: IPv4 inside IPv6 is unwrapped.
pub(crate) fn address_in(text: &str) -> Option<IpAddr> {
    address(text.trim())
}

/// The bare account: without `DOMAIN\` before and `@domain` behind it.
pub(crate) fn account(name: &str) -> &str {
    let name = name.rsplit_once('\\').map_or(name, |(_, account)| account);
    name.split_once('@').map_or(name, |(account, _)| account)
}

/// The host of a canonical URL, without user, password and port.
fn host_of_url(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(v6) = host.strip_prefix('[') {
        return v6.split_once(']').map(|(ip, _)| ip);
    }
    Some(host.split_once(':').map_or(host, |(host, _)| host))
}
