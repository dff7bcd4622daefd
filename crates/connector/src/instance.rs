//! An instance's own lines read: where its target is, and whether they can work at all.

use stanch_model::manifest::{Instance, Manifest, Transport};
use url::Url;

use crate::stream::Security;

/// What is wrong with an instance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("instance `{instance}`: {why}")]
pub struct InstanceError {
    /// The instance.
    pub instance: String,
    /// In plain words, with the way to mend it.
    pub why: String,
}

/// Checks what can be checked without the network: address form, credentials, host key.
///
/// # Errors
/// The first line that cannot work.
pub fn check(instance: &Instance, manifest: &Manifest) -> Result<(), InstanceError> {
    unused(instance, manifest.transport)?;
    match manifest.transport {
        Transport::Http => http_base(instance).map(drop),
        Transport::Ssh => ssh_address(instance).map(drop).and_then(|()| {
            crate::ssh::host_key(instance).map(drop)?;
            match instance.credential {
                Some(_) => Ok(()),
                None => Err(error(
                    instance,
                    "SSH needs a private key: add `credential: file:PATH` or `credential: env:NAME`",
                )),
            }
        }),
        Transport::Ldap => place(instance, &LDAP).and_then(|_| signs_in(instance)),
        Transport::Imap => place(instance, &IMAP).and_then(|_| signs_in(instance)),
        // A relay may know us by our address.
        Transport::Smtp if instance.user.is_none() => place(instance, &SMTP).map(drop),
        Transport::Smtp => place(instance, &SMTP).and_then(|_| signs_in(instance)),
        Transport::Syslog => collector(instance).map(drop),
        Transport::Script if !instance.base_url.is_empty() => Err(error(
            instance,
            "a script has no base_url: remove it, and put what the script needs into `config`",
        )),
        Transport::Script | Transport::Builtin => Ok(()),
    }
}

/// A key that the transport does not look at would be skipped in silence.
fn unused(instance: &Instance, transport: Transport) -> Result<(), InstanceError> {
    use Transport::{Imap, Ldap, Smtp, Syslog};
    let keys = [
        ("user", instance.user.is_some(), matches!(transport, Ldap | Imap | Smtp)),
        ("ca_file", instance.ca_file.is_some(), matches!(transport, Ldap | Imap | Smtp | Syslog)),
        ("plaintext", instance.plaintext, matches!(transport, Ldap | Imap | Smtp)),
    ];
    match keys.iter().find(|(_, is_there, is_read)| *is_there && !is_read) {
        Some((key, _, _)) => Err(error(
            instance,
            format!("`{key}` says nothing to this kind of connector: remove it"),
        )),
        None => Ok(()),
    }
}

/// Protocols that sign in with name and password need both; no name is anonymous, and no password
/// passes for one at servers that take it for an anonymous sign-in (RFC 4513 §5.1.2).
fn signs_in(instance: &Instance) -> Result<(), InstanceError> {
    if instance.user.as_deref().is_none_or(|user| user.trim().is_empty()) {
        return Err(error(instance, "nobody signs in: add `user: NAME`"));
    }
    if instance.credential.is_none() {
        let help = "add `credential: file:PATH` or `credential: env:NAME` with the password";
        return Err(error(instance, format!("`{}` has no password: {help}", user(instance))));
    }
    Ok(())
}

/// Who signs in.
pub(crate) fn user(instance: &Instance) -> &str {
    instance.user.as_deref().unwrap_or_default().trim()
}

pub(crate) fn error(instance: &Instance, why: impl Into<String>) -> InstanceError {
    InstanceError { instance: instance.name.clone(), why: why.into() }
}

/// `base_url` of an HTTP instance: scheme, host, port and perhaps a path prefix, nothing else.
pub(crate) fn http_base(instance: &Instance) -> Result<Url, InstanceError> {
    let url = Url::parse(&instance.base_url).map_err(|cause| {
        error(instance, format!("base_url is no URL ({cause}): write https://HOST[:PORT][/PREFIX]"))
    })?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(error(
            instance,
            "base_url must begin with https:// (or http:// for a target inside)",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(error(
            instance,
            "base_url holds credentials: move them to `credential: env:NAME`",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(error(instance, "base_url must end with its path: drop `?…` and `#…`"));
    }
    Ok(url)
}

/// Where an SSH instance is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SshAddress {
    pub(crate) user: String,
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// `base_url` of an SSH instance.
pub(crate) fn ssh_address(instance: &Instance) -> Result<SshAddress, InstanceError> {
    let form = || error(instance, "base_url must be ssh://USER@HOST[:PORT]");
    let url = Url::parse(&instance.base_url).ok().ok_or_else(form)?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if url.scheme() != "ssh" || url.username().is_empty() || url.password().is_some() || !bare {
        return Err(form());
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(form)?;
    Ok(SshAddress {
        user: url.username().to_owned(),
        host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
        port: url.port().unwrap_or(22),
    })
}

/// A protocol's two schemes: TLS from the start, and TLS after it was asked for; each with its port.
#[derive(Debug)]
pub(crate) struct Schemes {
    tls: (&'static str, u16),
    upgrade: (&'static str, u16),
}

/// LDAP (RFC 4516).
pub(crate) const LDAP: Schemes = Schemes { tls: ("ldaps", 636), upgrade: ("ldap", 389) };

/// IMAP (RFC 9051 §11.1).
pub(crate) const IMAP: Schemes = Schemes { tls: ("imaps", 993), upgrade: ("imap", 143) };

/// SMTP; the first is submission over TLS (RFC 8314 §3.3).
pub(crate) const SMTP: Schemes = Schemes { tls: ("smtps", 465), upgrade: ("smtp", 25) };

/// What carries log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Udp,
    Tcp,
    Tls,
}

/// Where log lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Collector {
    pub(crate) carrier: Carrier,
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// `base_url` of a syslog instance.
pub(crate) fn collector(instance: &Instance) -> Result<Collector, InstanceError> {
    let form = || {
        let why = "base_url must be syslog+tls://HOST[:PORT], syslog+tcp://HOST[:PORT], or \
                   syslog://HOST[:PORT] for UDP";
        error(instance, why)
    };
    let url = Url::parse(&instance.base_url).ok().ok_or_else(form)?;
    let (carrier, default_port) = match url.scheme() {
        "syslog" => (Carrier::Udp, 514),
        "syslog+tcp" => (Carrier::Tcp, 601),
        "syslog+tls" => (Carrier::Tls, 6514),
        _ => return Err(form()),
    };
    if carrier != Carrier::Tls && !instance.allow_private {
        let why = "without TLS only collectors inside are spoken to: add `allow_private: true`, or \
                   use syslog+tls://";
        return Err(error(instance, why));
    }
    let host = bare_host(&url).ok_or_else(form)?;
    Ok(Collector { carrier, host, port: url.port().unwrap_or(default_port) })
}

/// The host of an address that holds nothing but host and port.
fn bare_host(url: &Url) -> Option<String> {
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let bare = bare && url.username().is_empty() && url.password().is_none();
    bare.then(|| host.trim_start_matches('[').trim_end_matches(']').to_owned())
}

/// Where an instance of these protocols is, and how the line to it is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
}

/// `base_url` of such an instance: scheme, host, port, nothing else.
pub(crate) fn place(instance: &Instance, schemes: &Schemes) -> Result<Place, InstanceError> {
    let Schemes { tls, upgrade } = schemes;
    let form = || {
        let why = format!(
            "base_url must be {}://HOST[:PORT], or {}://HOST[:PORT] for STARTTLS",
            tls.0, upgrade.0
        );
        error(instance, why)
    };
    let url = Url::parse(&instance.base_url).ok().ok_or_else(form)?;
    let host = bare_host(&url).ok_or_else(form)?;
    let (security, default_port) = match url.scheme() {
        scheme if scheme == tls.0 => (Security::Tls, tls.1),
        scheme if scheme == upgrade.0 && instance.plaintext => (Security::Plain, upgrade.1),
        scheme if scheme == upgrade.0 => (Security::Upgrade, upgrade.1),
        _ => return Err(form()),
    };
    if security == Security::Tls && instance.plaintext {
        let why = format!("`plaintext: true` does not go with {}://: remove one of the two", tls.0);
        return Err(error(instance, why));
    }
    if security == Security::Plain && !instance.allow_private {
        let why = "`plaintext: true` is for servers inside alone: add `allow_private: true`, or \
                   remove it";
        return Err(error(instance, why));
    }
    Ok(Place { host, port: url.port().unwrap_or(default_port), security })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(base_url: &str) -> Instance {
        Instance {
            name: "i".to_owned(),
            connector: "c".to_owned(),
            base_url: base_url.to_owned(),
            ..Instance::default()
        }
    }

    #[test]
    fn a_base_url_is_a_place_and_nothing_else() {
        for (base, ok) in [
            ("https://edr.example/api", true),
            ("http://127.0.0.1:8080", true),
            ("https://user:secret@edr.example", false),
            ("https://edr.example?x=1", false),
            ("ftp://edr.example", false),
            ("edr.example", false),
            ("", false),
        ] {
            assert_eq!(http_base(&instance(base)).is_ok(), ok, "{base}");
        }
        let address = ssh_address(&instance("ssh://stanch@[fd00::1]:2222")).unwrap();
        assert_eq!(
            (address.user.as_str(), address.host.as_str(), address.port),
            ("stanch", "fd00::1", 2222)
        );
        for base in
            ["ssh://host", "ssh://u:p@host", "ssh://u@host/path", "https://u@host", "ssh://u@"]
        {
            assert!(ssh_address(&instance(base)).is_err(), "{base}");
        }
    }

    #[test]
    fn plaintext_is_said_aloud_and_stays_inside() {
        let of = |base_url: &str, allow_private, plaintext| {
            let instance = Instance { allow_private, plaintext, ..instance(base_url) };
            place(&instance, &LDAP).map(|place| (place.host, place.port, place.security)).ok()
        };
        let at = |host: &str, port, security| Some((host.to_owned(), port, security));
        for (base, allow_private, plaintext, expect) in [
            ("ldaps://dc.example", false, false, at("dc.example", 636, Security::Tls)),
            ("ldap://dc.example", false, false, at("dc.example", 389, Security::Upgrade)),
            ("ldap://[fd00::1]:3389/", true, true, at("fd00::1", 3389, Security::Plain)),
            ("ldap://dc.example", false, true, None),
            ("ldaps://dc.example", true, true, None),
            ("ldap://cn=x@dc.example", false, false, None),
            ("ldap://dc.example/dc=example", false, false, None),
            ("ldapi:///", true, false, None),
            ("https://dc.example", false, false, None),
            ("", false, false, None),
        ] {
            assert_eq!(of(base, allow_private, plaintext), expect, "{base}");
        }
    }

    #[test]
    fn a_key_that_nobody_reads_is_refused() {
        let (user, ca_file) = (Some("x".to_owned()), Some("/x".to_owned()));
        let base = instance("");
        for (instance, read_by) in [
            (Instance { user, ..base.clone() }, "ldap imap smtp"),
            (Instance { ca_file, ..base.clone() }, "ldap imap smtp syslog"),
            (Instance { plaintext: true, ..base }, "ldap imap smtp"),
        ] {
            for (transport, word) in [
                (Transport::Http, "http"),
                (Transport::Ssh, "ssh"),
                (Transport::Ldap, "ldap"),
                (Transport::Imap, "imap"),
                (Transport::Smtp, "smtp"),
                (Transport::Syslog, "syslog"),
                (Transport::Builtin, "builtin"),
            ] {
                let is_read = read_by.split(' ').any(|by| by == word);
                assert_eq!(unused(&instance, transport).is_ok(), is_read, "{word} {instance:?}");
            }
        }
    }

    #[test]
    fn nobody_signs_in_without_a_password() {
        let full = Instance {
            user: Some("cn=stanch".to_owned()),
            credential: Some("env:X".to_owned()),
            ..instance("ldaps://dc.example")
        };
        assert!(signs_in(&full).is_ok());
        assert!(signs_in(&Instance { user: None, ..full.clone() }).is_err());
        assert!(signs_in(&Instance { user: Some(" ".to_owned()), ..full.clone() }).is_err());
        assert!(signs_in(&Instance { credential: None, ..full }).is_err());
    }
}
