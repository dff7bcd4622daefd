//! A list in memory, ordered so that a look-up costs a few map reads however long it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use ipnet::IpNet;
use stanch_model::{Observable, ObservableKind, observable::address};

use crate::read::Value;

/// The values of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndicatorSet {
    /// What the list is called where it is named as a source.
    pub name: String,
    /// Networks, single addresses as such of full length; with the line's comment.
    networks: BTreeMap<IpNet, Option<Box<str>>>,
    /// Which prefix lengths occur, so that a look-up tries only those.
    lengths: BTreeSet<(bool, u8)>,
    /// Everything else, by canonical value.
    values: BTreeMap<Observable, Option<Box<str>>>,
    /// Whether a domain also means those below it.
    exact_domains: bool,
}

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit<'a> {
    /// The entry as the list has it, if it is not the value itself.
    pub(crate) entry: Option<String>,
    pub(crate) comment: Option<&'a str>,
}

impl IndicatorSet {
    /// An empty list.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    pub(crate) fn with_exact_domains(self) -> Self {
        Self { exact_domains: true, ..self }
    }

    /// How many values it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.networks.len() + self.values.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a value; false if it was there already.
    pub(crate) fn insert(&mut self, value: Value, comment: Option<&str>) -> bool {
        let comment = comment.map(Into::into);
        match value {
            Value::Network(network) => self.insert_network(network, comment),
            Value::One(Observable { kind: ObservableKind::Ip, value }) => {
                address(&value).is_some_and(|ip| self.insert_network(ip.into(), comment))
            }
            Value::One(observable) => self.values.insert(observable, comment).is_none(),
        }
    }

    fn insert_network(&mut self, network: IpNet, comment: Option<Box<str>>) -> bool {
        self.lengths.insert((network.addr().is_ipv4(), network.prefix_len()));
        self.networks.insert(network, comment).is_none()
    }

    /// Finds a value, or what contains it: the network of an address, a domain above, the host of a URL, the
    /// domain of an e-mail address.
    pub(crate) fn find(&self, observable: &Observable) -> Option<Hit<'_>> {
        use ObservableKind::{
            Domain, EmailAddress, FileHash, Host, Ip, Process, Ticket, Url, User,
        };
        if let Some(comment) = self.values.get(observable) {
            return Some(Hit { entry: None, comment: comment.as_deref() });
        }
        let value = observable.value.as_str();
        match observable.kind {
            Ip => self.find_address(address(value)?),
            Domain => self.find_domain(value),
            Host => {
                address(value).map_or_else(|| self.find_domain(value), |ip| self.find_address(ip))
            }
            Url => {
                let host = Observable::new(Domain, host_of(value)?)
                    .or_else(|| Observable::new(Ip, host_of(value)?))?;
                let entry = Some(host.value.clone());
                self.find(&host).map(|hit| Hit { entry: hit.entry.or(entry), ..hit })
            }
            EmailAddress => {
                let (_, domain) = value.rsplit_once('@')?;
                let hit = self.find_domain(domain)?;
                Some(Hit { entry: hit.entry.or_else(|| Some(domain.to_owned())), ..hit })
            }
            User | FileHash | Process | Ticket => None,
        }
    }

    fn find_address(&self, ip: IpAddr) -> Option<Hit<'_>> {
        // From the longest prefix, so that the narrowest entry is named.
        self.lengths.iter().rev().filter(|(v4, _)| *v4 == ip.is_ipv4()).find_map(|(_, length)| {
            let network = IpNet::new(ip, *length).ok()?.trunc();
            let comment = self.networks.get(&network)?.as_deref();
            let is_whole = network.prefix_len() == network.max_prefix_len();
            Some(Hit { entry: (!is_whole).then(|| network.to_string()), comment })
        })
    }

    fn find_domain(&self, name: &str) -> Option<Hit<'_>> {
        let mut above = Some(name);
        while let Some(domain) = above.filter(|domain| domain.contains('.')) {
            let key = Observable { kind: ObservableKind::Domain, value: domain.to_owned() };
            if let Some(comment) = self.values.get(&key) {
                let entry = (domain != name).then(|| domain.to_owned());
                return Some(Hit { entry, comment: comment.as_deref() });
            }
            above = domain.split_once('.').map(|(_, rest)| rest).filter(|_| !self.exact_domains);
        }
        None
    }
}

/// The host of a canonical URL, without user, password and port.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(v6) => v6.split_once(']').map(|(ip, _)| ip),
        None => Some(host.split_once(':').map_or(host, |(host, _)| host)),
    }
}
