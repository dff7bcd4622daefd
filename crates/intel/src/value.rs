//! One value as an indicator names it: of what kind, and in its one spelling.
//!
//! People share values defanged (`hxxp://evil[.]test`), in mixed case, with names in their own script. All
//! spellings of a value come out as one, and reading that one again changes nothing.

use std::{borrow::Cow, fmt, net::IpAddr, str::FromStr};

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use stanch_model::{
    Observable, ObservableKind,
    observable::{VALUE_BYTES_MAX, address},
};

/// What kind of value an indicator names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One address, of IPv4 or IPv6.
    Ip,
    /// A network: every address in it.
    Cidr,
    /// A domain: itself and those below it.
    Domain,
    /// A URL, without its fragment, which no server sees.
    Url,
    /// A file, by its MD5.
    Md5,
    /// A file, by its SHA-1.
    Sha1,
    /// A file, by its SHA-256.
    Sha256,
    /// A mail address.
    EmailAddress,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Ip,
        Self::Cidr,
        Self::Domain,
        Self::Url,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::EmailAddress,
    ];

    /// The word used on every surface.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Cidr => "cidr",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::EmailAddress => "email_address",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A value in its one spelling.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(Inner);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Inner {
    /// A single address is the network of full length.
    Network(IpNet),
    Text(Kind, Box<str>),
}

/// Why a text is no value, and how to write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub(crate) &'static str);

impl Value {
    /// Reads a value of whatever kind, defanged or not.
    ///
    /// # Errors
    /// What is wrong with the text; the sentence goes on after the text itself: `evil` *is no address, …*
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let text = refang(text.trim());
        let value = parse(text.as_ref().trim()).map_err(Unreadable)?;
        match &value.0 {
            Inner::Text(_, text) if text.len() > VALUE_BYTES_MAX => {
                Err(Unreadable("is too long to be kept"))
            }
            Inner::Text(..) | Inner::Network(_) => Ok(value),
        }
    }

    /// What kind of value it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match &self.0 {
            Inner::Network(net) if net.prefix_len() == net.max_prefix_len() => Kind::Ip,
            Inner::Network(_) => Kind::Cidr,
            Inner::Text(kind, _) => *kind,
        }
    }

    /// The network, or the address as a network of full length; nothing of any other kind.
    #[must_use]
    pub const fn network(&self) -> Option<IpNet> {
        match &self.0 {
            Inner::Network(net) => Some(*net),
            Inner::Text(..) => None,
        }
    }

    /// The text, of what is neither address nor network.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.0 {
            Inner::Network(_) => None,
            Inner::Text(_, text) => Some(text),
        }
    }

    /// The network as a value.
    pub(crate) const fn of_network(net: IpNet) -> Self {
        Self(Inner::Network(net))
    }

    /// A text that is known to be in its one spelling.
    pub(crate) fn of_text(kind: Kind, text: &str) -> Self {
        Self(Inner::Text(kind, text.into()))
    }

    /// The value as something that can be seen; nothing for a network, which nobody sees as such.
    #[must_use]
    pub fn observable(&self) -> Option<Observable> {
        let kind = match self.kind() {
            Kind::Cidr => return None,
            Kind::Ip => ObservableKind::Ip,
            Kind::Domain => ObservableKind::Domain,
            Kind::Url => ObservableKind::Url,
            Kind::Md5 | Kind::Sha1 | Kind::Sha256 => ObservableKind::FileHash,
            Kind::EmailAddress => ObservableKind::EmailAddress,
        };
        Observable::new(kind, &self.to_string())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Network(net) if net.prefix_len() == net.max_prefix_len() => {
                fmt::Display::fmt(&net.addr(), f)
            }
            Inner::Network(net) => fmt::Display::fmt(net, f),
            Inner::Text(_, text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{self}", self.kind())
    }
}

impl FromStr for Value {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        Self::read(text)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::read(&text).map_err(|why| serde::de::Error::custom(format!("`{text}` {why}")))
    }
}

/// Finds out what kind of observable a text is: address, URL, hash, mail address or domain, also defanged
/// (`hxxp://evil[.]test`). None if it is none of them.
#[must_use]
pub fn observable(text: &str) -> Option<Observable> {
    Value::read(text).ok()?.observable()
}

fn parse(text: &str) -> Result<Value, &'static str> {
    if text.contains("://") {
        return url(text).map(|url| Value::of_text(Kind::Url, &url)).ok_or("is no URL");
    }
    if text.contains('/') {
        return network(text).map(Value::of_network);
    }
    if let Some(ip) = address(text) {
        return Ok(Value::of_network(ip.into()));
    }
    if text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        let kind = match text.len() {
            32 => Kind::Md5,
            40 => Kind::Sha1,
            64 => Kind::Sha256,
            _ => return Err("is no MD5, SHA-1 or SHA-256"),
        };
        return Ok(Value::of_text(kind, &text.to_ascii_lowercase()));
    }
    if text.contains('@') {
        let mail = mail(text).ok_or("is no e-mail address")?;
        return Ok(Value::of_text(Kind::EmailAddress, &mail));
    }
    let name = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
    if name.contains('*') || name.contains(char::is_whitespace) {
        return Err("is no single value; write one address, domain, URL or hash per line");
    }
    match domain(name) {
        Some(domain) => Ok(Value::of_text(Kind::Domain, &domain)),
        None if name.contains('.') => Err("is neither address nor domain"),
        None => Err("is no address, domain, URL or hash"),
    }
}

/// A URL without its fragment, which is never sent.
pub(crate) fn url(text: &str) -> Option<String> {
    let url = Observable::new(ObservableKind::Url, text)?.value;
    Some(url.split_once('#').map_or(url.as_str(), |(url, _)| url).to_owned())
}

fn network(text: &str) -> Result<IpNet, &'static str> {
    let Ok(net) = text.parse::<IpNet>() else {
        let ip = text.split_once('/').map_or(text, |(ip, _)| ip);
        return Err(match address(ip) {
            Some(_) => "is no network; write 192.0.2.0/24",
            None => "has a path but no scheme; write http:// or https:// before it",
        });
    };
    if net.addr() != net.network() {
        return Err("has bits beyond its prefix; write the network's own address");
    }
    let net = unmapped(net);
    if net.prefix_len() == 0 { Err("covers every address") } else { Ok(net) }
}

/// A network of IPv4 that is written as one of IPv6.
fn unmapped(net: IpNet) -> IpNet {
    let length = net.prefix_len().checked_sub(96);
    match (net, address(&net.addr().to_string()), length) {
        (IpNet::V6(_), Some(IpAddr::V4(v4)), Some(length)) => {
            Ipv4Net::new(v4, length).map_or(net, IpNet::V4)
        }
        _ => net,
    }
}

fn mail(text: &str) -> Option<String> {
    let mail = Observable::new(ObservableKind::EmailAddress, text)?.value;
    let (local, host) = mail.rsplit_once('@')?;
    let sound = !local.contains(char::is_whitespace) && is_name(host);
    sound.then_some(mail)
}

fn domain(name: &str) -> Option<String> {
    Some(Observable::new(ObservableKind::Domain, name)?.value).filter(|name| is_name(name))
}

/// Whether a name in ASCII has labels that a resolver would take (RFC 1035 §2.3.4).
fn is_name(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// What people write instead of what they mean, so that nobody clicks on it.
const FANGS: [(&str, &str); 10] = [
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("[:]", ":"),
    ("[://]", "://"),
    ("[@]", "@"),
    ("[at]", "@"),
    ("[/]", "/"),
];

/// Takes that back, until nothing is left to take back.
fn refang(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    while text.contains(['[', '(', '{']) {
        // The same length in bytes: only ASCII letters change.
        let lower = text.to_ascii_lowercase();
        let found = FANGS
            .iter()
            .find_map(|(defanged, fang)| Some((lower.find(defanged)?, defanged.len(), *fang)));
        let Some((at, length, fang)) = found else { break };
        let (before, rest) = text.split_at(at);
        let (_, after) = rest.split_at(length);
        text = Cow::Owned(format!("{before}{fang}{after}"));
    }
    let scheme = text.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    match scheme {
        Some((scheme, rest)) if matches!(scheme.as_str(), "hxxp" | "hxxps" | "fxp") => {
            let scheme = scheme.replace("xx", "tt").replace("fxp", "ftp");
            Cow::Owned(format!("{scheme}://{rest}"))
        }
        _ => text,
    }
}
