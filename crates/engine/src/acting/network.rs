//! What this host depends on and must never block: its addresses, gateways and resolvers.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
};

/// What this host depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Its own addresses.
    pub addresses: Vec<IpAddr>,
    /// Next hops of its routes.
    pub gateways: Vec<IpAddr>,
    /// The resolvers that it asks.
    pub resolvers: Vec<IpAddr>,
    /// Its host name.
    pub names: Vec<String>,
    /// What could not be read; the guard refuses then.
    pub unreadable: Vec<String>,
}

impl Network {
    /// Reads it from the kernel (`/proc`) and `/etc/resolv.conf`.
    #[must_use]
    pub fn of_this_host() -> Self {
        Self::under(Path::new("/"))
    }

    /// As [`Self::of_this_host`], from a root folder of a test's own.
    #[must_use]
    pub fn under(root: &Path) -> Self {
        let mut network = Self::default();
        let mut read = |path: &str| match std::fs::read_to_string(root.join(path)) {
            Ok(text) => text,
            Err(error) => {
                network.unreadable.push(format!("/{path}: {error}"));
                String::new()
            }
        };
        let trie = read("proc/net/fib_trie");
        let routes = read("proc/net/route");
        let resolv = read("etc/resolv.conf");
        let name = read("proc/sys/kernel/hostname");
        // A host without IPv6 has neither file; that is no failure.
        let six = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
        network.addresses = local_four(&trie);
        network.addresses.extend(six("proc/net/if_inet6").lines().filter_map(hex_six));
        network.gateways = gateways_four(&routes);
        network.gateways.extend(gateways_six(&six("proc/net/ipv6_route")));
        network.resolvers = resolvers(&resolv);
        network.names = name.split_whitespace().map(str::to_lowercase).collect();
        for list in [&mut network.addresses, &mut network.gateways, &mut network.resolvers] {
            list.sort_unstable();
            list.dedup();
        }
        network
    }
}

/// `|-- 10.0.0.5` followed by `/32 host LOCAL`.
fn local_four(trie: &str) -> Vec<IpAddr> {
    let mut found = Vec::new();
    let mut last: Option<IpAddr> = None;
    for line in trie.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address.parse().ok();
        } else if line == "/32 host LOCAL" {
            found.extend(last);
        }
    }
    found
}

/// The third column, little-endian hexadecimal; zero where there is no gateway.
fn gateways_four(routes: &str) -> Vec<IpAddr> {
    let gateway = |line: &str| {
        let hex = line.split_whitespace().nth(2)?;
        let number = u32::from_str_radix(hex, 16).ok().filter(|number| *number != 0)?;
        Some(IpAddr::V4(Ipv4Addr::from(number.swap_bytes())))
    };
    routes.lines().skip(1).filter_map(gateway).collect()
}

fn gateways_six(routes: &str) -> Vec<IpAddr> {
    let gateway = |line: &str| hex_six(line.split_whitespace().nth(4)?);
    routes.lines().filter_map(gateway).filter(|ip| !ip.is_unspecified()).collect()
}

/// 32 hexadecimal digits, then anything.
fn hex_six(line: &str) -> Option<IpAddr> {
    let hex = line.split_whitespace().next().filter(|hex| hex.len() == 32)?;
    u128::from_str_radix(hex, 16).ok().map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)))
}

fn resolvers(resolv: &str) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for line in resolv.lines() {
        let mut words = line.split_whitespace();
        if words.next() == Some("nameserver") {
            found.extend(words.next().and_then(stanch_model::observable::address));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_says() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            "proc/net/fib_trie",
            "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.20.0.5\n        /32 host LOCAL\n     |-- 10.20.0.0\n        /24 link UNICAST\n",
        );
        write(
            "proc/net/route",
            "Iface\tDestination\tGateway\neth0\t00000000\t0100140A\neth0\t0000140A\t00000000\n",
        );
        write("etc/resolv.conf", "# by hand\nnameserver 10.20.0.53\nsearch corp.test\n");
        write("proc/sys/kernel/hostname", "Guard-01\n");
        write("proc/net/if_inet6", "fd000000000000000000000000000005 02 40 00 80 eth0\n");
        let network = Network::under(root.path());
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(network.addresses, [ip("10.20.0.5"), ip("fd00::5")]);
        assert_eq!(network.gateways, [ip("10.20.0.1")]);
        assert_eq!(network.resolvers, [ip("10.20.0.53")]);
        assert_eq!(network.names, ["guard-01"]);
        assert!(network.unreadable.is_empty());
        let nothing = Network::under(&root.path().join("absent"));
        assert_eq!(nothing.unreadable.len(), 4);
    }
}
