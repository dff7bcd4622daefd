//! Reading one value as people share it: defanged, of any kind.

use std::borrow::Cow;

use ipnet::IpNet;
use stanch_model::{Observable, ObservableKind, observable::address};

/// What a line of a list names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Network(IpNet),
    One(Observable),
}

/// Finds out what kind of observable a text is: address, URL, hash, e-mail address or domain, also defanged
/// (`hxxp://evil[.]test`). None if it is none of them.
#[must_use]
pub fn observable(text: &str) -> Option<Observable> {
    match value(text) {
        Ok(Value::One(observable)) => Some(observable),
        Ok(Value::Network(_)) | Err(_) => None,
    }
}

/// Reads one value, or says what is wrong and how to write it.
pub(crate) fn value(text: &str) -> Result<Value, &'static str> {
    use ObservableKind::{Domain, EmailAddress, FileHash, Ip, Url};
    let text = refang(text.trim());
    let text = text.as_ref();
    let one = |kind, why| Observable::new(kind, text).map(Value::One).ok_or(why);
    if text.contains("://") {
        return one(Url, "is no URL");
    }
    if let Some((ip, _)) = text.split_once('/') {
        return match text.parse::<IpNet>() {
            Ok(net) if net.prefix_len() == 0 => Err("covers every address"),
            Ok(net) if net.addr() != net.network() => {
                Err("has bits beyond its prefix; write the network's own address")
            }
            Ok(net) => Ok(Value::Network(net)),
            Err(_) if address(ip).is_some() => Err("is no network; write 192.0.2.0/24"),
            Err(_) => Err("has a path but no scheme; write http:// or https:// before it"),
        };
    }
    if address(text).is_some() {
        return one(Ip, "is no address");
    }
    if text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return one(FileHash, "is no MD5, SHA-1 or SHA-256");
    }
    if text.contains('@') {
        return one(EmailAddress, "is no e-mail address");
    }
    let name = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
    if name.contains('*') || name.contains(char::is_whitespace) {
        return Err("is no single value; write one address, domain, URL or hash per line");
    }
    match Observable::new(Domain, name) {
        Some(domain) => Ok(Value::One(domain)),
        None if name.contains('.') => Err("is neither address nor domain"),
        None => Err("is no address, domain, URL or hash"),
    }
}

/// Takes back what people do to a value so that nobody clicks on it.
fn refang(text: &str) -> Cow<'_, str> {
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
    let mut text = Cow::Borrowed(text);
    for (defanged, fang) in FANGS {
        if text.contains(defanged) {
            text = Cow::Owned(text.replace(defanged, fang));
        }
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
