//! Which of millions of values is meant: compact tables, one for each kind of value.
//!
//! An index holds values and for each the number that its maker gave it, and nothing else; what is known of a
//! value stands where that number leads. Addresses and networks are sorted numbers, one table for each length of
//! prefix ([`prefixes`]). Everything else is bytes, sorted by a digest, with a directory over its first bits
//! ([`exact`]): a look-up reads one directory entry, a few neighbours and one key. Nothing is hashed with a
//! secret, and nothing has to be: equal digests are told apart by binary search over the keys, so no choice of
//! values makes a look-up slow.
//!
//! Bytes for each value, measured by `bench intel`: the key itself (4 for an address of IPv4, 16 to 32 for a hash, the text
//! of a domain or URL), 4 for its number, 4 for the digest, 4 for the end of a text, and 1 to 2 for the directory.

mod digest;
mod event;
mod exact;
mod prefixes;

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use stanch_model::{Event, observable::address};

pub use self::event::{Match, seen_in};
use self::{
    digest::{of_bytes, of_name, suffixes},
    exact::{Exact, Keys},
    prefixes::{Prefixes, Unsorted},
};
use crate::{Kind, Value, value};

/// Values and their numbers, ready to be looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    v4: Prefixes<u32>,
    v6: Prefixes<u128>,
    /// Domains that also mean those below them.
    domains: Exact,
    /// Domains that mean only themselves.
    names: Exact,
    urls: Exact,
    md5: Exact,
    sha1: Exact,
    sha256: Exact,
    mails: Exact,
}

/// Something that was seen and is to be looked up, as it stands in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<'a> {
    /// An address.
    Address(IpAddr),
    /// A domain or the name of a host.
    Domain(&'a str),
    /// A URL.
    Url(&'a str),
    /// An MD5, SHA-1 or SHA-256 in hexadecimal.
    Hash(&'a str),
    /// A mail address.
    EmailAddress(&'a str),
}

/// A value that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The number of the entry.
    pub entry: u32,
    /// What the entry is, if it is not what was looked up.
    pub via: Via<'a>,
}

/// How an entry means what was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via<'a> {
    /// It is the same.
    Itself,
    /// It is the address that a URL leads to.
    Address(IpAddr),
    /// It is a network that the address is in.
    Network(IpNet),
    /// It is the domain above, or that of a URL or mail address.
    Domain(Cow<'a, str>),
}

/// Collects values for an index.
#[derive(Debug, Default)]
pub struct Builder {
    v4: Unsorted<u32>,
    v6: Unsorted<u128>,
    domains: Keys,
    names: Keys,
    urls: Keys,
    md5: Keys,
    sha1: Keys,
    sha256: Keys,
    mails: Keys,
}

impl Builder {
    /// Adds a value under a number. A value that is there already gets the later number.
    pub fn push(&mut self, value: &Value, entry: u32) {
        match (value.network(), value.text()) {
            (Some(IpNet::V4(net)), _) => {
                self.v4.push(net.prefix_len(), net.network().to_bits(), entry);
            }
            (Some(IpNet::V6(net)), _) => {
                self.v6.push(net.prefix_len(), net.network().to_bits(), entry);
            }
            (None, Some(text)) => self.push_text(value.kind(), text, entry),
            (None, None) => {}
        }
    }

    /// Adds a domain that does not mean those below it; any other value as [`Self::push`] does.
    pub fn push_exact(&mut self, value: &Value, entry: u32) {
        match value.text() {
            Some(name) if value.kind() == Kind::Domain => self.names.push(name.as_bytes(), entry),
            Some(_) | None => self.push(value, entry),
        }
    }

    fn push_text(&mut self, kind: Kind, text: &str, entry: u32) {
        let keys = match kind {
            Kind::Domain => &mut self.domains,
            Kind::Url => &mut self.urls,
            Kind::EmailAddress => &mut self.mails,
            Kind::Md5 => &mut self.md5,
            Kind::Sha1 => &mut self.sha1,
            Kind::Sha256 => &mut self.sha256,
            Kind::Ip | Kind::Cidr => return,
        };
        match kind {
            Kind::Md5 | Kind::Sha1 | Kind::Sha256 => {
                if let Some((bytes, length)) = hex(text) {
                    keys.push(bytes.get(..length).unwrap_or_default(), entry);
                }
            }
            Kind::Domain | Kind::Url | Kind::EmailAddress | Kind::Ip | Kind::Cidr => {
                keys.push(text.as_bytes(), entry);
            }
        }
    }

    /// Sorts everything.
    #[must_use]
    pub fn build(self) -> Index {
        Index {
            v4: self.v4.sort(|length| u32::MAX.checked_shl(32 - length).unwrap_or(0), top_of_v4),
            v6: self.v6.sort(|length| u128::MAX.checked_shl(128 - length).unwrap_or(0), top_of_v6),
            domains: self.domains.sort(of_name),
            names: self.names.sort(of_name),
            urls: self.urls.sort(of_bytes),
            md5: self.md5.sort(of_bytes),
            sha1: self.sha1.sort(of_bytes),
            sha256: self.sha256.sort(of_bytes),
            mails: self.mails.sort(of_bytes),
        }
    }
}

fn top_of_v4(bits: u32) -> usize {
    usize::try_from(bits >> 16).unwrap_or_default()
}

fn top_of_v6(bits: u128) -> usize {
    usize::try_from(bits >> 112).unwrap_or_default()
}

impl Index {
    /// An index of values, numbered in their order.
    #[must_use]
    pub fn of<'a>(values: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut builder = Builder::default();
        for (value, entry) in values.into_iter().zip(0..) {
            builder.push(value, entry);
        }
        builder.build()
    }

    /// How many values it has.
    #[must_use]
    pub fn len(&self) -> usize {
        let exact = self.exact().map(|(_, table)| table.len());
        exact.chain([self.v4.len(), self.v6.len()]).sum()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let exact = self.exact().map(|(_, table)| table.bytes());
        exact.chain([self.v4.bytes(), self.v6.bytes()]).sum()
    }

    fn exact(&self) -> impl Iterator<Item = (Kind, &Exact)> {
        [
            (Kind::Domain, &self.domains),
            (Kind::Domain, &self.names),
            (Kind::Url, &self.urls),
            (Kind::Md5, &self.md5),
            (Kind::Sha1, &self.sha1),
            (Kind::Sha256, &self.sha256),
            (Kind::EmailAddress, &self.mails),
        ]
        .into_iter()
    }

    /// All values with their numbers, by kind.
    pub fn values(&self) -> impl Iterator<Item = (Value, u32)> {
        let text = |kind: Kind, key: &[u8]| match kind {
            Kind::Md5 | Kind::Sha1 | Kind::Sha256 => {
                let digits = key.iter().map(|byte| format!("{byte:02x}"));
                Value::of_text(kind, &digits.collect::<String>())
            }
            Kind::Ip | Kind::Cidr | Kind::Domain | Kind::Url | Kind::EmailAddress => {
                Value::of_text(kind, &String::from_utf8_lossy(key))
            }
        };
        let texts = self
            .exact()
            .flat_map(move |(kind, table)| table.iter().map(move |(key, n)| (text(kind, key), n)));
        let v4 = self.v4.iter().filter_map(|(bits, length, entry)| {
            Some((Ipv4Net::new(Ipv4Addr::from_bits(bits), length).ok()?.into(), entry))
        });
        let v6 = self.v6.iter().filter_map(|(bits, length, entry)| {
            Some((Ipv6Net::new(Ipv6Addr::from_bits(bits), length).ok()?.into(), entry))
        });
        v4.chain(v6).map(|(net, entry)| (Value::of_network(net), entry)).chain(texts)
    }

    /// Finds what was seen, or what contains it: the narrowest network of an address, the nearest domain above,
    /// the host of a URL, the domain of a mail address. Other spellings of a value are found as well.
    #[must_use]
    pub fn find<'a>(&self, seen: Seen<'a>) -> Option<Found<'a>> {
        match seen {
            Seen::Address(ip) => self.find_address(ip),
            Seen::Domain(name) => self.find_name(name),
            Seen::Hash(text) => self.find_hash(text),
            Seen::Url(text) => self.find_url(text),
            Seen::EmailAddress(text) => self.find_mail(text),
        }
    }

    fn find_address<'a>(&self, ip: IpAddr) -> Option<Found<'a>> {
        let (entry, length, ip) = match canonical(ip) {
            IpAddr::V4(v4) => {
                let (entry, length) = self.v4.find(v4.to_bits())?;
                (entry, length, IpAddr::V4(v4))
            }
            IpAddr::V6(v6) => {
                let (entry, length) = self.v6.find(v6.to_bits())?;
                (entry, length, IpAddr::V6(v6))
            }
        };
        let net = IpNet::new(ip, length).ok()?.trunc();
        let is_whole = net.prefix_len() == net.max_prefix_len();
        Some(Found { entry, via: if is_whole { Via::Itself } else { Via::Network(net) } })
    }

    fn find_name<'a>(&self, name: &'a str) -> Option<Found<'a>> {
        if is_plain(name) {
            return self.find_domain(name);
        }
        // Another spelling: capitals, a final dot, a script of its own; or an address.
        let value = Value::read(name).ok()?;
        if let Some(net) = value.network() {
            let found = self.find_address(net.addr())?;
            return (value.kind() == Kind::Ip).then_some(found);
        }
        let name = value.text().filter(|_| value.kind() == Kind::Domain)?;
        Some(owned(self.find_domain(name)?))
    }

    /// Finds a domain in its one spelling.
    fn find_domain<'a>(&self, name: &'a str) -> Option<Found<'a>> {
        if let Some(entry) = self.names.get(of_name(name.as_bytes()), name.as_bytes()) {
            return Some(Found { entry, via: Via::Itself });
        }
        if self.domains.len() == 0 {
            return None;
        }
        let mut found = None;
        // From the shortest; the last that is there is the nearest.
        suffixes(name.as_bytes(), |digest, at| {
            let key = name.as_bytes().get(at..).unwrap_or_default();
            if let Some(entry) = self.domains.get(digest, key) {
                found = Some((entry, at));
            }
        });
        let (entry, at) = found?;
        let via = match at {
            0 => Via::Itself,
            _ => Via::Domain(Cow::Borrowed(name.get(at..)?)),
        };
        Some(Found { entry, via })
    }

    fn find_hash<'a>(&self, text: &str) -> Option<Found<'a>> {
        let (bytes, length) = hex(text.trim())?;
        let table = match length {
            16 => &self.md5,
            20 => &self.sha1,
            _ => &self.sha256,
        };
        let key = bytes.get(..length)?;
        let entry = table.get(of_bytes(key), key)?;
        Some(Found { entry, via: Via::Itself })
    }

    fn find_url<'a>(&self, text: &str) -> Option<Found<'a>> {
        let url = value::url(text)?;
        if let Some(entry) = self.urls.get(of_bytes(url.as_bytes()), url.as_bytes()) {
            return Some(Found { entry, via: Via::Itself });
        }
        let host = host_of(&url)?;
        if let Some(ip) = address(host) {
            let found = self.find_address(ip)?;
            let via =
                if found.via == Via::Itself { Via::Address(canonical(ip)) } else { found.via };
            return Some(Found { entry: found.entry, via });
        }
        Some(through(self.find_name(host)?, host))
    }

    fn find_mail<'a>(&self, text: &str) -> Option<Found<'a>> {
        let value = Value::read(text).ok().filter(|value| value.kind() == Kind::EmailAddress)?;
        let mail = value.text()?;
        if let Some(entry) = self.mails.get(of_bytes(mail.as_bytes()), mail.as_bytes()) {
            return Some(Found { entry, via: Via::Itself });
        }
        let (_, domain) = mail.rsplit_once('@')?;
        Some(through(self.find_domain(domain)?, domain))
    }

    /// The domains, as they are kept.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.domains.iter().chain(self.names.iter()).map(|(name, _)| name)
    }

    /// The numbers of all domains above a name.
    pub(crate) fn above(&self, name: &[u8], mut each: impl FnMut(u32)) {
        suffixes(name, |digest, at| {
            let key = name.get(at..).unwrap_or_default();
            let found = self.domains.get(digest, key).filter(|_| at > 0);
            found.into_iter().for_each(&mut each);
        });
    }

    /// What an event holds that is meant by an entry, by the field in which it stands.
    #[must_use]
    pub fn matches<'a>(&self, event: &'a Event) -> Vec<Match<'a>> {
        let found = seen_in(event)
            .filter_map(|(field, seen)| Some(Match { field, seen, found: self.find(seen)? }));
        found.collect()
    }

    /// Whether a network has an address in common with an address or network here.
    #[must_use]
    pub fn overlaps(&self, net: IpNet) -> bool {
        match net {
            IpNet::V4(net) => self.v4.overlaps(net.network().to_bits(), net.broadcast().to_bits()),
            IpNet::V6(net) => self.v6.overlaps(net.network().to_bits(), net.broadcast().to_bits()),
        }
    }
}

/// What was found for the domain of something.
fn through<'a>(found: Found<'_>, domain: &str) -> Found<'a> {
    let found = owned(found);
    match found.via {
        Via::Itself => Found { via: Via::Domain(Cow::Owned(domain.to_owned())), ..found },
        Via::Address(_) | Via::Network(_) | Via::Domain(_) => found,
    }
}

fn owned<'a>(found: Found<'_>) -> Found<'a> {
    let via = match found.via {
        Via::Itself => Via::Itself,
        Via::Address(ip) => Via::Address(ip),
        Via::Network(net) => Via::Network(net),
        Via::Domain(name) => Via::Domain(Cow::Owned(name.into_owned())),
    };
    Found { entry: found.entry, via }
}

/// IPv4 that is written as IPv6, as IPv4.
fn canonical(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) if matches!(v6.segments(), [0 | 0x64, ..]) => {
            address(&v6.to_string()).unwrap_or(ip)
        }
        IpAddr::V4(_) | IpAddr::V6(_) => ip,
    }
}

/// Whether a name is in its one spelling beyond doubt: labels of lower-case letters, digits, hyphens and
/// underscores, the last one no number.
fn is_plain(name: &str) -> bool {
    let is_plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    let last = name.rsplit('.').next().unwrap_or_default();
    name.bytes().all(is_plain)
        && last.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.contains("xn--")
}

/// The bytes of 32, 40 or 64 hexadecimal digits, and how many they are.
fn hex(text: &str) -> Option<([u8; 32], usize)> {
    if !matches!(text.len(), 32 | 40 | 64) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some((bytes, text.len() / 2))
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
