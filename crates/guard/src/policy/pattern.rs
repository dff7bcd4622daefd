//! How an asset is named in a policy: exactly, by network, or by domain suffix.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;
use stanch_model::{ObservableKind, observable::canonical};

use crate::subject::{account, address_in};

/// What a policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A network; a single address is one of full length.
    Network(IpNet),
    /// A host or domain name. A name without dots is that host in any domain.
    Name(String),
    /// Every name below a domain, and the domain itself: `*.corp.test`.
    Below(String),
    /// An account, with or without its domain.
    Account(String),
    /// Any other value, in canonical form.
    Exact(String),
}

/// A value that names nothing of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` names no {kind}: write {expected}")]
pub struct PatternError {
    kind: ObservableKind,
    value: String,
    expected: &'static str,
}

impl Pattern {
    /// Reads `value` as a pattern for observables of `kind`.
    ///
    /// # Errors
    /// A value that no observable of that kind could match, which would protect nothing.
    pub fn new(kind: ObservableKind, value: &str) -> Result<Self, PatternError> {
        use ObservableKind::{
            Domain, EmailAddress, FileHash, Host, Ip, Process, Ticket, Url, User,
        };
        let (found, expected) = match kind {
            Ip => (network(value), "an address or a network, as in 10.0.0.0/24"),
            Host | Domain => (name(kind, value), "a name, or *.domain for all below it"),
            User => (canonical(User, value).map(Self::Account), "an account name"),
            EmailAddress => (canonical(kind, value).map(Self::Account), "an e-mail address"),
            Url => (canonical(kind, value).map(Self::Exact), "a URL"),
            FileHash => (canonical(kind, value).map(Self::Exact), "an MD5, SHA-1 or SHA-256"),
            Process => (canonical(kind, value).map(Self::Exact), "an image path"),
            Ticket => (canonical(kind, value).map(Self::Exact), "a ticket's number or title"),
        };
        found.ok_or_else(|| PatternError { kind, value: value.to_owned(), expected })
    }

    pub(crate) fn has_address(&self, ip: IpAddr) -> bool {
        matches!(self, Self::Network(network) if network.contains(&ip))
    }

    /// Whether a name is meant. Where one of the two has no domain, the host part decides: rather
    /// one host too many protected than a short name that slips through.
    pub(crate) fn has_name(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => {
                let (host, domain) = own.split_once('.').unwrap_or((own, ""));
                let (other, other_domain) = name.split_once('.').unwrap_or((name, ""));
                let is_short = domain.is_empty() || other_domain.is_empty();
                own == name || (is_short && host == other)
            }
            Self::Below(domain) => name
                .strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
            Self::Network(_) | Self::Account(_) | Self::Exact(_) => false,
        }
    }

    /// Whether an account is meant: `CORP\alice`, `alice@corp.test` and `alice` are one.
    pub(crate) fn has_account(&self, name: &str) -> bool {
        matches!(self, Self::Account(own) if account(own) == account(name))
    }

    pub(crate) fn has_value(&self, value: &str) -> bool {
        matches!(self, Self::Exact(own) if own == value)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) if network.prefix_len() == network.max_prefix_len() => {
                write!(f, "{}", network.addr())
            }
            Self::Network(network) => write!(f, "{network}"),
            Self::Below(domain) => write!(f, "*.{domain}"),
            Self::Name(text) | Self::Account(text) | Self::Exact(text) => f.write_str(text),
        }
    }
}

fn network(value: &str) -> Option<Pattern> {
    let network = match value.trim().parse::<IpNet>() {
        Ok(network) => network.trunc(),
        Err(_) => IpNet::from(address_in(value)?),
    };
    Some(Pattern::Network(network))
}

fn name(kind: ObservableKind, value: &str) -> Option<Pattern> {
    let canonical = |text| canonical(kind, text).or_else(|| canonical(ObservableKind::Host, text));
    match value.trim().strip_prefix("*.") {
        Some(domain) => canonical(domain).map(Pattern::Below),
        None => canonical(value).map(Pattern::Name),
    }
}
