//! An instance's own lines read: where its target is, and whether they can work at all.

use stanch_model::manifest::{Instance, Manifest, Transport};
use url::Url;

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
        Transport::Builtin => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(base_url: &str) -> Instance {
        Instance {
            name: "i".to_owned(),
            connector: "c".to_owned(),
            base_url: base_url.to_owned(),
            allow_private: false,
            credential: None,
            host_key: None,
            config: std::collections::BTreeMap::new(),
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
}
