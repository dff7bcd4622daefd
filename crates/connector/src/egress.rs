//! Where the hands may reach: the instance's own host, and no inside address unless it was said.

use std::{
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
};

use futures::future::BoxFuture;
use ipnet::IpNet;
use stanch_model::observable;

/// Whether a range may ever be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// Only where the instance says `allow_private: true`.
    Inside,
    /// Never: no target is there.
    Never,
}

/// IANA special-purpose registries (RFC 6890 and successors), and the addresses at which clouds
/// hand credentials to whoever asks. The first match counts.
const RANGES: [(&str, Range, &str); 30] = [
    ("169.254.169.254/32", Range::Never, "a cloud metadata address"),
    ("fd00:ec2::254/128", Range::Never, "a cloud metadata address"),
    ("0.0.0.0/8", Range::Never, "an unspecified address"),
    ("224.0.0.0/4", Range::Never, "a multicast address"),
    ("240.0.0.0/4", Range::Never, "a reserved address"),
    ("::/128", Range::Never, "an unspecified address"),
    ("ff00::/8", Range::Never, "a multicast address"),
    ("127.0.0.0/8", Range::Inside, "a loopback address"),
    ("10.0.0.0/8", Range::Inside, "a private address"),
    ("172.16.0.0/12", Range::Inside, "a private address"),
    ("192.168.0.0/16", Range::Inside, "a private address"),
    ("100.64.0.0/10", Range::Inside, "a carrier-grade NAT address"),
    ("169.254.0.0/16", Range::Inside, "a link-local address"),
    ("192.0.0.0/24", Range::Inside, "a protocol assignment address"),
    ("192.0.2.0/24", Range::Inside, "a documentation address"),
    ("198.51.100.0/24", Range::Inside, "a documentation address"),
    ("203.0.113.0/24", Range::Inside, "a documentation address"),
    ("198.18.0.0/15", Range::Inside, "a benchmarking address"),
    ("192.88.99.0/24", Range::Inside, "a relay anycast address"),
    ("::1/128", Range::Inside, "a loopback address"),
    ("fc00::/7", Range::Inside, "a unique local address"),
    ("fe80::/10", Range::Inside, "a link-local address"),
    ("fec0::/10", Range::Inside, "a site-local address"),
    ("64:ff9b:1::/48", Range::Inside, "a local translation address"),
    ("100::/64", Range::Inside, "a discard address"),
    ("2001:db8::/32", Range::Inside, "a documentation address"),
    ("3fff::/20", Range::Inside, "a documentation address"),
    ("2001::/23", Range::Inside, "a protocol assignment address"),
    ("2002::/16", Range::Inside, "a 6to4 address"),
    ("5f00::/16", Range::Inside, "a segment routing address"),
];

static NETWORKS: LazyLock<Vec<(IpNet, Range, &str)>> = LazyLock::new(|| {
    RANGES
        .iter()
        .map(|(net, range, name)| {
            (net.parse().expect("invariant: the table holds networks"), *range, *name)
        })
        .collect()
});

/// Why a target was not reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// An inside address, and the instance does not say that it may be reached.
    #[error(
        "{host} is {what} ({ip}): set `allow_private: true` on the instance if its target is inside"
    )]
    Inside {
        /// As the instance names it.
        host: String,
        /// The kind of address.
        what: &'static str,
        /// Where the name led.
        ip: IpAddr,
    },
    /// An address that is never a target.
    #[error("{host} is {what} ({ip}), which is never a target")]
    Never {
        /// As the instance names it.
        host: String,
        /// The kind of address.
        what: &'static str,
        /// Where the name led.
        ip: IpAddr,
    },
    /// The name leads nowhere now.
    #[error("the name {host} cannot be resolved: {why}")]
    Unresolved {
        /// The name.
        host: String,
        /// The resolver's words.
        why: String,
    },
}

impl EgressError {
    /// Whether a later call may succeed.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unresolved { .. })
    }
}

/// Whether `ip` is inside: private, loopback, link-local and the like, however it is spelt.
#[must_use]
pub fn is_inside(ip: IpAddr) -> bool {
    special(ip).is_some_and(|(range, _)| range == Range::Inside)
}

/// Says whether `host`, which leads to `ip`, may be reached.
///
/// # Errors
/// Special-purpose addresses; with `allow_private` only those that are never a target.
pub fn check(host: &str, ip: IpAddr, allow_private: bool) -> Result<(), EgressError> {
    match special(ip) {
        Some((Range::Never, what)) => Err(EgressError::Never { host: host.to_owned(), what, ip }),
        Some((Range::Inside, what)) if !allow_private => {
            Err(EgressError::Inside { host: host.to_owned(), what, ip })
        }
        Some((Range::Inside, _)) | None => Ok(()),
    }
}

/// The range of `ip`, IPv4 hidden in IPv6 unwrapped (mapped, compatible, NAT64).
fn special(ip: IpAddr) -> Option<(Range, &'static str)> {
    let bare = observable::address(&ip.to_string()).unwrap_or(ip);
    NETWORKS.iter().find(|(net, _, _)| net.contains(&bare)).map(|(_, range, what)| (*range, *what))
}

/// Turns a name and a port into addresses.
pub trait Resolve: Send + Sync {
    /// All addresses of `host`.
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, std::io::Result<Vec<SocketAddr>>>;
}

/// The system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, std::io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

/// Resolves `host` once and checks every address; the connection is made to these and no others,
/// so that a name cannot lead elsewhere between check and call.
///
/// # Errors
/// A name that leads nowhere, or to any address that [`check`] refuses.
pub async fn pin(
    resolver: &dyn Resolve,
    host: &str,
    port: u16,
    allow_private: bool,
) -> Result<Vec<SocketAddr>, EgressError> {
    let unresolved = |why: String| EgressError::Unresolved { host: host.to_owned(), why };
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = match literal.parse::<IpAddr>() {
        Ok(ip) => vec![SocketAddr::new(ip, port)],
        Err(_) => resolver
            .resolve(host, port)
            .await
            .map_err(|error| unresolved(crate::outside::chain(&error)))?,
    };
    if addresses.is_empty() {
        return Err(unresolved("it has no address".to_owned()));
    }
    for address in &addresses {
        check(host, address.ip(), allow_private)?;
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn verdict(ip: &str) -> &'static str {
        let ip: IpAddr = ip.parse().unwrap();
        match (check("h", ip, false).is_ok(), check("h", ip, true).is_ok()) {
            (true, true) => "outside",
            (false, true) => "inside",
            (false, false) => "never",
            (true, false) => unreachable!("allow_private only widens"),
        }
    }

    #[test]
    fn inside_is_inside_in_every_spelling() {
        for ip in [
            "127.0.0.1",
            "127.255.0.9",
            "10.1.2.3",
            "172.31.255.1",
            "192.168.0.1",
            "100.64.0.1",
            "169.254.1.1",
            "::1",
            "fe80::1",
            "fd12::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "198.18.0.1",
        ] {
            assert_eq!(verdict(ip), "inside", "{ip}");
        }
        for ip in [
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fd00:ec2::254",
            "::ffff:0.0.0.0",
        ] {
            assert_eq!(verdict(ip), "never", "{ip}");
        }
        for ip in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert_eq!(verdict(ip), "outside", "{ip}");
        }
    }

    struct Fixed(Vec<SocketAddr>);
    impl Resolve for Fixed {
        fn resolve<'a>(
            &'a self,
            _: &'a str,
            _: u16,
        ) -> BoxFuture<'a, std::io::Result<Vec<SocketAddr>>> {
            Box::pin(async { Ok(self.0.clone()) })
        }
    }

    #[tokio::test]
    async fn one_inside_address_spoils_the_name() {
        let mixed =
            Fixed(vec!["8.8.8.8:1".parse().unwrap(), "[::ffff:10.0.0.5]:1".parse().unwrap()]);
        let error = pin(&mixed, "rebind.test", 1, false).await.unwrap_err();
        assert!(matches!(error, EgressError::Inside { .. }) && !error.is_temporary(), "{error}");
        assert_eq!(pin(&mixed, "rebind.test", 1, true).await.unwrap().len(), 2);
        let nothing = pin(&Fixed(Vec::new()), "empty.test", 1, true).await.unwrap_err();
        assert!(nothing.is_temporary());
        assert!(pin(&mixed, "[::ffff:127.0.0.1]", 1, false).await.is_err(), "literals as well");
    }
}
